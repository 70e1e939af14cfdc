//! How far goals would have been reached in another period than their own: for plans that are tried on the past.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{goal::Entity, id::RowId};
use uuid::Uuid;

use super::{measure::House, versions::Versions};
use crate::{
    crm::whole,
    error::Result,
    graph::scalar::Date,
    insight::{
        metric::{answer, exact::Exact},
        small::is_few,
    },
    store::{Access, Scoped},
};

/// How much of each goal the days from `start` up to `end` would have reached, by what the goal says now, unrounded and told
/// to nobody: for what is reckoned from it. Nothing measured is none of it. Goals that are not there are left out.
pub async fn reached_in(
    access: &Access,
    goals: &[Uuid],
    (start, end): (NaiveDate, NaiveDate),
) -> Result<HashMap<Uuid, Exact>> {
    let mut all = HashMap::new();
    for (goal, (value, _)) in measured(access, goals, (start, end)).await? {
        all.insert(goal, value);
    }
    Ok(all)
}

/// The same where enough records count for it to be told: by those who may read metrics.
pub async fn told_in(access: &Access, goals: &[Uuid], days: (NaiveDate, NaiveDate)) -> Result<HashMap<Uuid, Exact>> {
    let all = measured(access, goals, days).await?;
    Ok(all.into_iter().filter(|(_, (_, told))| *told).map(|(goal, (value, _))| (goal, value)).collect())
}

async fn measured(
    access: &Access,
    goals: &[Uuid],
    (start, end): (NaiveDate, NaiveDate),
) -> Result<HashMap<Uuid, (Exact, bool)>> {
    let access = whole(access);
    if goals.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Scoped::<Entity>::read(&access).ids(goals).models().await?;
    let agreements: Vec<_> = rows.iter().map(|goal| goal.agreement_id).collect();
    let versions = Versions::of(&access, &agreements).await?;
    let house = House::of(&access, false).await?;
    let mut all = HashMap::new();
    for goal in rows {
        let Some(mut said) = versions.at(goal.agreement_id, access.now())? else { continue };
        said.body.period_start = Date(start);
        said.body.period_end = Date(end);
        let at = house.home.begins(end).min(access.now());
        let ask = house.ask(&access, (&said.body, goal.currency), at)?;
        let figures = answer::whole(&ask, said.body.measures()).await?;
        let names = ask.names_people();
        let value = figures.worked.value.and_then(|value| said.body.way().done(value)).unwrap_or(Exact::ZERO);
        all.insert(goal.id.uuid(), (value, !names && !figures.few && !is_few(figures.n)));
    }
    Ok(all)
}
