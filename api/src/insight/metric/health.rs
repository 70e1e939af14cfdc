//! What is well kept: of which records rules of data quality ask something, and what those that pass weigh.

use entity::{
    data_quality_rule::{Model, Subject},
    lead::{Column as L, Entity as Lead, Status},
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, SimpleExpr},
};

use super::{ask::Ask, grain::Grain, population};
use crate::{
    crm::quality::judge::{self, Place, doubles, truth},
    store::Guarded,
};

pub fn all(_: &Ask) -> Condition {
    Condition::all()
}

/// Where leads go no further.
pub const OVER: [Status; 3] = [Status::Converted, Status::Disqualified, Status::Merged];

/// Leads that may still become something.
pub fn living_leads(_: &Ask) -> Condition {
    Condition::all().add(Expr::col((Lead::NAME, L::Status)).is_not_in(OVER))
}

/// Open opportunities.
pub fn open_business(ask: &Ask) -> Condition {
    population::open_at(ask.at)
}

/// The records of a type that rules are asked of: as what they are counted, and which.
pub fn judged(subject: Subject) -> (Grain, fn(&Ask) -> Condition) {
    match subject {
        Subject::Account => (Grain::Account, all),
        Subject::Contact => (Grain::Contact, all),
        Subject::Lead => (Grain::Lead, living_leads),
        Subject::Opportunity => (Grain::Opportunity, open_business),
    }
}

/// The same, none of a type that no rule asks anything of: it says nothing of how well records are kept.
fn ruled(ask: &Ask, subject: Subject) -> Condition {
    let (grain, which) = judged(subject);
    let any = rules(ask, grain).next().is_some();
    if any { which(ask) } else { Condition::all().add(Expr::val(1).eq(0)) }
}

pub fn accounts(ask: &Ask) -> Condition {
    ruled(ask, Subject::Account)
}

pub fn contacts(ask: &Ask) -> Condition {
    ruled(ask, Subject::Contact)
}

pub fn leads(ask: &Ask) -> Condition {
    ruled(ask, Subject::Lead)
}

pub fn opportunities(ask: &Ask) -> Condition {
    ruled(ask, Subject::Opportunity)
}

pub const SUBJECTS: [Subject; 4] = [Subject::Account, Subject::Contact, Subject::Lead, Subject::Opportunity];

fn rules(ask: &Ask, grain: Grain) -> impl Iterator<Item = &Model> {
    let subject = SUBJECTS.into_iter().find(|subject| judged(*subject).0 == grain);
    ask.rules.iter().filter(move |rule| Some(rule.entity) == subject)
}

/// Whether a record passes a rule, whoever asks.
pub fn passes(ask: &Ask, rule: &Model) -> SimpleExpr {
    let (grain, _) = judged(rule.entity);
    let id = if grain == Grain::Opportunity { "opportunity_id" } else { "id" };
    let place = Place {
        table: grain.table(),
        today: &|| Expr::val(ask.today()),
        now: ask.now(),
        backend: ask.access.store().backend(),
        doubles: doubles(&ask.access, judge::table(rule.entity), (grain.table(), id), false),
    };
    truth(place.passes(rule))
}

/// The weights of the rules that a record passes.
pub fn kept(ask: &Ask, grain: Grain) -> SimpleExpr {
    let weights = rules(ask, grain).map(|rule| passes(ask, rule).mul(rule.weight));
    weights.reduce(ExprTrait::add).unwrap_or_else(|| Expr::val(0))
}

/// The weights of all rules for it.
pub fn weighed(ask: &Ask, grain: Grain) -> SimpleExpr {
    Expr::val(rules(ask, grain).map(|rule| rule.weight).sum::<i32>())
}
