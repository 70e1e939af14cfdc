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

/// How many rounds of leads came to a step. None where they, or the whole cohort, are too few for the caller to be told.
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

/// The funnel of a question, from its step `from` on: a statement for each number, and one more where it is small.
pub async fn funnel(ask: &Ask) -> Result<Vec<StepCount>> {
    let first = ask.options.from;
    let mut steps = Vec::new();
    let mut cohort = None;
    for step in STEPS {
        let entries = entries(ask, step).await?;
        let (mut reached, mut open) = (None, None);
        if step == first {
            cohort = entries;
            (reached, open) = (cohort, cohort.map(|_| 0));
        } else if step > first && cohort.is_some() {
            reached =
                Some(count(ask, cycles::came(ask, first).add(cycles::reached(ask, first, step)), Door::Shared).await?);
            open = Some(count(ask, cycles::open(ask, first, step), Door::Shared).await?);
        }
        steps.push(StepCount { step, reached, open, entries });
    }
    Ok(steps)
}

/// Those that came to a step in the period; none where they are too few for the caller to be told.
async fn entries(ask: &Ask, step: Step) -> Result<Option<i64>> {
    let all = count(ask, cycles::came(ask, step), Door::Shared).await?;
    if !is_few(all) || sees_all(ask, Grain::LeadCycle) {
        return Ok(Some(all));
    }
    let seen = count(ask, cycles::came(ask, step), Door::Own).await?;
    Ok(Some(all).filter(|all| *all == seen))
}

async fn count(ask: &Ask, which: Condition, door: Door) -> Result<i64> {
    query::filtered(ask, Grain::LeadCycle, which, door)?.count().await
}
