//! The way from a lead to a sale, from both ends: of those who came to a step how many reached each later one (the
//! cohort), and how many came to each step at all (the flow). The two are never mixed.

pub mod graphql;

use sea_orm::Condition;

use super::{
    metric::{
        ask::Ask,
        cycles,
        grain::{Door, Grain},
        options::Step,
        query,
    },
    small::{is_few, sees_all},
};
use crate::error::Result;

/// Every step, in order.
pub const STEPS: [Step; 6] = [Step::Lead, Step::Mql, Step::Sal, Step::Sql, Step::Opportunity, Step::Won];

/// How many rounds of leads came to a step. None where they are too few for the caller to be told.
#[derive(Clone, Copy, Debug)]
pub struct StepCount {
    pub step: Step,
    /// Of those that came to the first step in the period; none for steps before it.
    pub reached: Option<i64>,
    /// Of these, those that have not and still may.
    pub open: Option<i64>,
    /// Whenever they came to the first step.
    pub entries: Option<i64>,
}

/// The funnel of a question, from its step `from` on: a statement for each number, or two where they are few.
pub async fn funnel(ask: &Ask) -> Result<Vec<StepCount>> {
    let first = ask.options.from;
    let mut steps = Vec::new();
    for step in STEPS {
        let entries = count(ask, cycles::came(ask, step)).await?;
        let (mut reached, mut open) = (None, None);
        if step == first {
            (reached, open) = (entries, Some(0));
        } else if step > first {
            reached = count(ask, cycles::came(ask, first).add(cycles::reached(ask, first, step))).await?;
            open = count(ask, cycles::open(ask, first, step)).await?;
        }
        steps.push(StepCount { step, reached, open, entries });
    }
    Ok(steps)
}

async fn count(ask: &Ask, which: Condition) -> Result<Option<i64>> {
    let of = |door| query::filtered(ask, Grain::LeadCycle, which.clone(), door);
    let all = of(Door::Shared)?.count().await?;
    if !is_few(all) || sees_all(ask, Grain::LeadCycle) {
        return Ok(Some(all));
    }
    let seen = of(Door::Own)?.count().await?;
    Ok(Some(all).filter(|all| *all == seen))
}
