//! The way from a lead to a sale, from both ends: of those who came to a step how many reached each later one (the
//! cohort), and how many came to each step at all (the flow). The two are never mixed.

pub mod graphql;

use sea_orm::{
    Condition, ExprTrait,
    sea_query::{CaseStatement, SimpleExpr},
};

use super::{
    metric::{
        ask::Ask,
        cycles,
        grain::{Door, Grain},
        options::Step,
        query,
    },
    reaches::reaches,
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

/// What was counted of all, whoever asks.
#[derive(Debug, Default)]
struct Counted {
    /// Of each step.
    entries: [i64; 6],
    /// Of each step after the first of the cohort: how many reached it, and how many still may.
    cohort: Vec<(i64, i64)>,
}

impl Counted {
    /// A statement for the entries of each step, and one for the whole cohort.
    async fn of(ask: &Ask) -> Result<Self> {
        let mut counted = Self::default();
        for (step, entries) in STEPS.into_iter().zip(&mut counted.entries) {
            *entries = count(ask, cycles::came(ask, step), Door::Shared).await?;
        }
        if counted.entries != [0; 6] {
            counted.cohort = cohort(ask, ask.options.from).await?;
        }
        Ok(counted)
    }
}

/// The funnel of a question, from its step `from` on: one more statement for each step of which few are counted.
pub async fn funnel(ask: &Ask) -> Result<Vec<StepCount>> {
    let first = ask.options.from;
    let all = Counted::of(ask).await?;
    let mut steps: Vec<StepCount> =
        STEPS.map(|step| StepCount { step, reached: None, open: None, entries: None }).to_vec();
    if !reaches(ask, [Grain::LeadCycle]).await? {
        return Ok(steps);
    }
    for (step, entries) in steps.iter_mut().zip(all.entries) {
        step.entries = told(ask, step.step, entries).await?;
    }
    let Some(start) = steps.iter().position(|step| step.step == first) else { return Ok(steps) };
    let Some(whole) = steps[start].entries else { return Ok(steps) };
    (steps[start].reached, steps[start].open) = (Some(whole), Some(0));
    let cohort = all.cohort.into_iter().chain(std::iter::repeat((0, 0)));
    for (step, (reached, open)) in steps[start + 1..].iter_mut().zip(cohort) {
        (step.reached, step.open) = (Some(reached), Some(open));
    }
    Ok(steps)
}

/// Of those that came to the first step in the period: how many reached each later one, and how many still may.
async fn cohort(ask: &Ask, first: Step) -> Result<Vec<(i64, i64)>> {
    let how_many = |which: Condition| {
        let one: SimpleExpr = CaseStatement::new().case(which, 1).into();
        one.count()
    };
    let later: Vec<Step> = STEPS.into_iter().filter(|step| *step > first).collect();
    let rows = query::filtered(ask, Grain::LeadCycle, cycles::came(ask, first), Door::Shared)?.shape(|q| {
        for step in &later {
            q.expr(how_many(cycles::reached(ask, first, *step)));
            q.expr(how_many(cycles::may_still(ask, first, *step)));
        }
    });
    let rows = if later.is_empty() { vec![] } else { rows.rows().await? };
    let Some(row) = rows.first() else { return Ok(vec![]) };
    let pair = |at: usize| Ok((row.try_get_by_index(2 * at)?, row.try_get_by_index(2 * at + 1)?));
    (0..later.len()).map(pair).collect()
}

/// Those that came to a step in the period; none where they are too few for the caller to be told.
async fn told(ask: &Ask, step: Step, all: i64) -> Result<Option<i64>> {
    if !is_few(all) || sees_all(ask, Grain::LeadCycle) {
        return Ok(Some(all));
    }
    let seen = count(ask, cycles::came(ask, step), Door::Own).await?;
    Ok(Some(all).filter(|all| *all == seen))
}

async fn count(ask: &Ask, which: Condition, door: Door) -> Result<i64> {
    query::filtered(ask, Grain::LeadCycle, which, door)?.count().await
}
