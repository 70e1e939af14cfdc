//! How far goals were reached, and how well records are kept: frozen last, in one page, with a source for each line that
//! hangs on a goal.

use std::collections::HashMap;

use entity::{
    goal::Entity as Goals,
    id::{GoalId, RowId},
    incentive_source::{ActiveModel, SourceKind},
};
use sea_orm::ActiveValue::Set;

use super::{
    calculate::Task,
    freeze::{Page, onward, source},
    frozen::{Frozen, written},
};
use crate::{
    error::{Error, Result},
    insight::{
        goal::{closing, reached},
        metric::standing,
    },
    store::Guarded,
};

pub async fn page(task: &Task, frozen: &Frozen) -> Result<Page> {
    let goals = task.plan.goals();
    let ids: Vec<_> = goals.iter().map(|goal| goal.uuid()).collect();
    let (start, end) = task.body.days();
    let by = task.home.begins(if task.body.reprices() { end } else { start });
    let found = if ids.is_empty() { HashMap::default() } else { reached(&task.access, &ids, by).await? };
    let of = |goal: GoalId| found.get(&goal.uuid()).copied();
    if let Some(gone) = goals.iter().find(|goal| of(**goal).is_none()) {
        return Err(Error::BadInput(format!("{gone} is not there any more")));
    }
    let health = if task.plan.health.is_empty() { None } else { standing(&task.access, "DATA_HEALTH").await? };
    let mut next = onward(task, frozen, None);
    next.closes = closing(&task.access, &ids, by).await?;
    next.goals = goals.iter().filter_map(|goal| Some((goal.to_string(), written(of(*goal)?)))).collect();
    next.health = task.plan.health.iter().map(|_| health.map(written)).collect();
    let mut sources = vec![];
    for who in &task.people {
        for (at, component) in task.plan.components.iter().enumerate().filter(|(_, c)| c.pays(who.side)) {
            let Some(goal) = component.goal() else { continue };
            sources.push(ActiveModel {
                kind: Set(SourceKind::Goal),
                record_type: Set(Goals::NAME.to_owned()),
                record_id: Set(goal.uuid()),
                happened_at: Set(task.access.now()),
                attained: Set(of(goal).map(written)),
                ..source(task, who.user, at)
            });
        }
    }
    let looked_at = i32::try_from(sources.len()).unwrap_or(i32::MAX);
    Ok(Page { sources, looked_at, frozen: next })
}
