//! A rule as a condition over the table `lead`, for both databases. Each part is true, false or unknown; `not` takes
//! unknown for false, so that the answer is the one `holds` gives.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    Condition, DbBackend, ExprTrait, Value,
    sea_query::{BinOper, Expr, Func, Query, SelectStatement, SimpleExpr},
};

use super::{
    Activities, Literal, Rule, Touches, bounds,
    field::{self, Place},
    holds::date,
};
use crate::graph::filter::{self, Custom};

const LEAD: &str = "lead";

impl Rule {
    /// The leads for which it holds at this instant.
    pub fn condition(&self, now: DateTime<Utc>, backend: DbBackend) -> Condition {
        let compile = Compile { now, backend };
        Condition::all().add(compile.rule(self))
    }
}

#[derive(Clone, Copy)]
struct Compile {
    now: DateTime<Utc>,
    backend: DbBackend,
}

fn never() -> SimpleExpr {
    SimpleExpr::val(1).eq(0)
}

/// Everything else: leads for which it is false or unknown.
fn not(rule: SimpleExpr) -> SimpleExpr {
    SimpleExpr::FunctionCall(Func::coalesce([rule, SimpleExpr::val(false)])).not()
}

impl Compile {
    fn rule(self, rule: &Rule) -> SimpleExpr {
        match rule {
            Rule::And(rules) => rules.iter().fold(Condition::all(), |all, rule| all.add(self.rule(rule))).into(),
            Rule::Or(rules) => rules.iter().fold(Condition::any(), |any, rule| any.add(self.rule(rule))).into(),
            Rule::Not(rule) => not(self.rule(rule)),
            Rule::Eq(it) => self.compare(&it.field, BinOper::Equal, &it.value),
            Rule::Ne(it) => self.compare(&it.field, BinOper::NotEqual, &it.value),
            Rule::Lt(it) => self.compare(&it.field, BinOper::SmallerThan, &it.value),
            Rule::Lte(it) => self.compare(&it.field, BinOper::SmallerThanOrEqual, &it.value),
            Rule::Gt(it) => self.compare(&it.field, BinOper::GreaterThan, &it.value),
            Rule::Gte(it) => self.compare(&it.field, BinOper::GreaterThanOrEqual, &it.value),
            Rule::In(it) => {
                let each = it.values.iter().map(|value| self.compare(&it.field, BinOper::Equal, value));
                each.fold(Condition::any(), Condition::add).into()
            }
            Rule::Contains(it) => self.contains(&it.field, &it.text),
            Rule::Exists(name) => self.exists(name),
            Rule::Touchpoints(it) => counted(self.touches(it), it.at_least, it.at_most),
            Rule::Activities(it) => counted(self.activities(it), it.at_least, it.at_most),
        }
    }

    fn compare(self, name: &str, op: BinOper, literal: &Literal) -> SimpleExpr {
        match field::find(name) {
            Some(Place::Column(column, kind)) => match field::operand(kind, literal, self.now) {
                Ok(value) => col(column).binary(op, Expr::val(value)),
                Err(_) => never(),
            },
            Some(Place::Money(amount, code)) => match field::amount(literal) {
                Ok((minor, currency)) => col(amount).binary(op, Expr::val(minor)).and(col(code).eq(currency.code())),
                Err(_) => never(),
            },
            Some(Place::Custom(key)) => self.custom(&key, op, literal),
            None => never(),
        }
    }

    fn custom(self, key: &str, op: BinOper, literal: &Literal) -> SimpleExpr {
        let (have, want) = match literal {
            Literal::Text(text) => (self.custom_value(key, Custom::Text), Expr::val(text.as_str())),
            Literal::Number(n) => (self.custom_value(key, Custom::Number), self.number(&n.to_string())),
            Literal::Boolean(b) => (self.custom_value(key, Custom::Boolean), Expr::val(*b)),
            Literal::Date(_) | Literal::Days(_) => match date(literal, self.now) {
                Some(day) => (self.custom_value(key, Custom::Text), Expr::val(day.to_string())),
                None => return never(),
            },
            Literal::Time(_) | Literal::Money(_) => return never(),
        };
        have.binary(op, want)
    }

    // keys are letters, digits and underscores: `field::find` gives no other
    fn custom_value(self, key: &str, of: Custom) -> Expr {
        filter::custom(LEAD, key, of, self.backend)
    }

    fn number(self, text: &str) -> Expr {
        Expr::val(text).cast_as(if self.backend == DbBackend::Postgres { "numeric" } else { "NUMERIC" })
    }

    fn contains(self, name: &str, part: &str) -> SimpleExpr {
        let text = match field::find(name) {
            Some(Place::Column(column, _)) => col(column),
            Some(Place::Custom(key)) => self.custom_value(&key, Custom::Text),
            _ => return never(),
        };
        let place = if self.backend == DbBackend::Postgres { "strpos" } else { "instr" };
        // both databases fold A to Z only: the columns are collated "C"
        let found = Func::cust(place).arg(Func::lower(text)).arg(part.to_ascii_lowercase());
        SimpleExpr::FunctionCall(found).gt(0)
    }

    fn exists(self, name: &str) -> SimpleExpr {
        match field::find(name) {
            Some(Place::Column(column, _) | Place::Money(column, _)) => col(column).is_not_null(),
            Some(Place::Custom(key)) => self.custom_value(&key, Custom::Any).is_not_null(),
            None => never(),
        }
    }

    fn touches(self, it: &Touches) -> SelectStatement {
        let mut rows = self.theirs("touchpoint", "occurred_at", it.within_days);
        if !it.kinds.is_empty() {
            rows.and_where(self.beside("touchpoint", "kind").is_in(it.kinds.iter().map(|it| Value::from(it.0))));
        }
        if !it.channels.is_empty() {
            rows.and_where(self.beside("touchpoint", "channel").is_in(it.channels.iter().map(|it| Value::from(it.0))));
        }
        rows
    }

    fn activities(self, it: &Activities) -> SelectStatement {
        let mut rows = self.theirs("activity", "happened_at", it.within_days);
        if !it.kinds.is_empty() {
            rows.and_where(self.beside("activity", "kind").is_in(it.kinds.iter().map(|it| Value::from(it.0))));
        }
        if let Some(direction) = it.direction {
            rows.and_where(self.beside("activity", "direction").eq(Value::from(direction.0)));
        }
        rows
    }

    /// How many rows of a table belong to the lead and lie in the window.
    fn theirs(self, table: &'static str, at: &'static str, days: Option<i32>) -> SelectStatement {
        let mut rows = Query::select();
        rows.expr(Expr::cust("COUNT(*)"))
            .from(table)
            .and_where(Expr::col((table, "organization_id")).equals((LEAD, "organization_id")))
            .and_where(Expr::col((table, "lead_id")).equals((LEAD, "id")))
            .and_where(Expr::col((table, "deleted_at")).is_null())
            .and_where(self.beside(table, at).lte(self.now));
        if let Some(days) = days {
            rows.and_where(self.beside(table, at).gte(self.now - TimeDelta::days(days.into())));
        }
        rows
    }
}

impl Compile {
    /// A column that only narrows what was found by the lead. SQLite, which knows no statistics, may otherwise take its
    /// index and look through a whole table for each lead; a plus sign forbids that.
    fn beside(self, table: &'static str, column: &'static str) -> Expr {
        match self.backend {
            DbBackend::Postgres => Expr::col((table, column)),
            _ => Expr::cust(format!("+\"{table}\".\"{column}\"")),
        }
    }
}

fn col(column: &'static str) -> Expr {
    Expr::col((LEAD, column))
}

fn counted(rows: SelectStatement, at_least: Option<i32>, at_most: Option<i32>) -> SimpleExpr {
    let (least, most) = bounds(at_least, at_most);
    let count = Expr::from(rows);
    match most {
        None => count.gte(least),
        Some(most) => count.between(least, most),
    }
}
