//! What is wrong with a rule, each fault with the path to its place. Pure: whether a custom field exists is not asked,
//! as one that does not is never there.

use chrono::{DateTime, Utc};

use super::{Activities, DEPTH, LEAVES, Literal, Rule, Touches, VALUES, field};
use crate::{
    error::{Fault, FaultCode},
    graph::Kind,
};

const MOST_DAYS: i32 = 3650;
const LONGEST: usize = 255;

impl Rule {
    /// What is wrong with it; paths begin below the rule.
    pub fn check(&self) -> Vec<Fault> {
        let mut check = Check { faults: vec![], path: vec![] };
        if leaves(self) > LEAVES {
            check.fault(format!("a rule may hold {LEAVES} comparisons"));
        }
        check.rule(self, 1);
        check.faults
    }
}

fn leaves(rule: &Rule) -> usize {
    let parts = rule.parts();
    if parts.is_empty() { 1 } else { parts.iter().map(leaves).sum() }
}

struct Check {
    faults: Vec<Fault>,
    path: Vec<String>,
}

impl Check {
    fn fault(&mut self, message: impl Into<String>) {
        let fault = Fault { code: FaultCode::Validation, message: message.into(), field: self.path.clone() };
        self.faults.push(fault);
    }

    fn at(&mut self, part: &str, check: impl FnOnce(&mut Self)) {
        self.path.push(part.to_owned());
        check(self);
        self.path.pop();
    }

    fn rule(&mut self, rule: &Rule, depth: usize) {
        if depth > DEPTH {
            return self.fault(format!("a rule may be nested {DEPTH} levels deep"));
        }
        match rule {
            Rule::And(rules) => self.at("and", |c| c.each(rules, depth)),
            Rule::Or(rules) => self.at("or", |c| c.each(rules, depth)),
            Rule::Not(rule) => self.at("not", |c| c.rule(rule, depth + 1)),
            Rule::Eq(it) => self.at("eq", |c| c.compare(&it.field, &it.value, false)),
            Rule::Ne(it) => self.at("ne", |c| c.compare(&it.field, &it.value, false)),
            Rule::Lt(it) => self.at("lt", |c| c.compare(&it.field, &it.value, true)),
            Rule::Lte(it) => self.at("lte", |c| c.compare(&it.field, &it.value, true)),
            Rule::Gt(it) => self.at("gt", |c| c.compare(&it.field, &it.value, true)),
            Rule::Gte(it) => self.at("gte", |c| c.compare(&it.field, &it.value, true)),
            Rule::In(it) => self.at("in", |c| c.choice(&it.field, &it.values)),
            Rule::Contains(it) => self.at("contains", |c| c.part(&it.field, &it.text)),
            Rule::Exists(name) => self.at("exists", |c| _ = c.place(name)),
            Rule::Touchpoints(it) => self.at("touchpoints", |c| c.touches(it)),
            Rule::Activities(it) => self.at("activities", |c| c.activities(it)),
        }
    }

    fn each(&mut self, rules: &[Rule], depth: usize) {
        if rules.is_empty() {
            self.fault("give at least one rule");
        }
        for (n, rule) in rules.iter().enumerate() {
            self.at(&n.to_string(), |c| c.rule(rule, depth + 1));
        }
    }

    fn place(&mut self, name: &str) -> Option<field::Place> {
        let place = field::find(name);
        if place.is_none() {
            self.fault(format!("a lead has no field {name:?} that rules can ask for"));
        }
        place
    }

    fn named(&mut self, name: &str) -> Option<field::Place> {
        let mut place = None;
        self.at("field", |c| place = c.place(name));
        place
    }

    fn compare(&mut self, name: &str, literal: &Literal, ordered: bool) {
        let Some(place) = self.named(name) else { return };
        if ordered && !has_order(&place, literal) {
            self.at("field", |c| c.fault("this has no order: compare it with eq, ne or in"));
        }
        self.at("value", |c| c.literal(&place, literal));
        self.at("value", |c| c.spelled(name, literal));
    }

    fn choice(&mut self, name: &str, values: &[Literal]) {
        let Some(place) = self.named(name) else { return };
        if matches!(place, field::Place::Money(..)) {
            self.at("field", |c| c.fault("amounts are compared with eq, ne, lt, lte, gt and gte"));
        }
        self.at("values", |c| {
            if values.is_empty() || values.len() > VALUES {
                c.fault(format!("give 1 to {VALUES} values"));
            }
            for (n, value) in values.iter().enumerate() {
                c.at(&n.to_string(), |c| c.literal(&place, value));
                c.at(&n.to_string(), |c| c.spelled(name, value));
            }
        });
    }

    fn part(&mut self, name: &str, text: &str) {
        let Some(place) = self.named(name) else { return };
        if !matches!(place, field::Place::Column(_, Kind::Text | Kind::Email) | field::Place::Custom(_)) {
            self.at("field", |c| c.fault("this holds no text"));
        }
        if text.is_empty() || text.chars().count() > LONGEST {
            self.at("text", |c| c.fault(format!("give 1 to {LONGEST} characters")));
        }
    }

    /// What is kept in one spelling is compared in it.
    fn spelled(&mut self, name: &str, literal: &Literal) {
        let (Some(normal), Literal::Text(text)) = (field::normal(name), literal) else { return };
        match normal(text) {
            Ok(kept) if kept == *text => {}
            Ok(kept) => self.fault(format!("this is kept as \"{kept}\": write it so")),
            Err(wrong) => self.fault(wrong),
        }
    }

    fn literal(&mut self, place: &field::Place, literal: &Literal) {
        match literal {
            Literal::Text(text) if text.is_empty() || text.chars().count() > LONGEST => {
                return self.fault(format!("give 1 to {LONGEST} characters"));
            }
            Literal::Days(days) if days.abs() > MOST_DAYS => {
                return self.fault(format!("at most {MOST_DAYS} days"));
            }
            _ => {}
        }
        let wrong = match place {
            field::Place::Column(_, kind) => field::operand(*kind, literal, DateTime::<Utc>::UNIX_EPOCH).err(),
            field::Place::Money(..) => field::amount(literal).err(),
            field::Place::Custom(_) => match literal {
                Literal::Text(_) | Literal::Number(_) | Literal::Boolean(_) | Literal::Date(_) | Literal::Days(_) => {
                    None
                }
                _ => Some("custom fields hold text, numbers, booleans and dates".to_owned()),
            },
        };
        if let Some(wrong) = wrong {
            self.fault(wrong);
        }
    }

    fn touches(&mut self, it: &Touches) {
        self.counted(it.within_days, it.at_least, it.at_most);
        if it.kinds.len() + it.channels.len() > VALUES {
            self.fault(format!("at most {VALUES} kinds and channels"));
        }
    }

    fn activities(&mut self, it: &Activities) {
        self.counted(it.within_days, it.at_least, it.at_most);
        if it.kinds.len() > VALUES {
            self.fault(format!("at most {VALUES} kinds"));
        }
    }

    fn counted(&mut self, days: Option<i32>, at_least: Option<i32>, at_most: Option<i32>) {
        if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
            self.at("withinDays", |c| c.fault(format!("this must be between 1 and {MOST_DAYS}")));
        }
        if at_least.is_some_and(|n| n < 0) {
            self.at("atLeast", |c| c.fault("this cannot be negative"));
        }
        let (least, most) = super::bounds(at_least, at_most);
        if most.is_some_and(|most| most < least) {
            self.at("atMost", |c| c.fault("this is less than `atLeast`"));
        }
    }
}

/// Whether less and greater mean something.
fn has_order(place: &field::Place, literal: &Literal) -> bool {
    match place {
        field::Place::Column(_, kind) => matches!(kind, Kind::Integer | Kind::Time | Kind::Date),
        field::Place::Money(..) => true,
        field::Place::Custom(_) => matches!(literal, Literal::Number(_) | Literal::Date(_) | Literal::Days(_)),
    }
}

#[cfg(test)]
mod tests;
