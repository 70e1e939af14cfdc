//! A plan on trial: what it would come to by what has happened, without anything being written. For back-tests and what-ifs.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::{
    agreement_version as versions,
    id::{IncentiveRunId, OpportunityId, RowId, UserId},
    incentive_run::{Model as Run, RunStatus},
    incentive_source::{ActiveModel, SourceKind},
    opportunity_split::SplitRole,
};
use sea_orm::ActiveValue;
use uuid::Uuid;

use super::{
    IncentivePlanBody,
    pay::{
        input::{Credit, Event, Sums},
        plan::{Participant, Plan, Rule},
    },
    plan::read::role,
    run::{
        calculate::Task,
        freeze,
        frozen::{Frozen, Stage},
    },
};
use crate::{
    alignment::agreement::{Active, body::decode},
    crm::{home::Home, whole},
    error::{Error, Result},
    graph::scalar::Date,
    store::Access,
};

/// A first day, and the first day behind the last.
pub type Days = (NaiveDate, NaiveDate);

/// What somebody is credited with, gathered.
#[derive(Default)]
pub struct Gathered {
    pub sums: Sums,
    /// Those of sales that were asked for, counted in the sums too.
    pub credits: Vec<Credit>,
    pub events: Vec<Event>,
}

/// A plan's version as if its period were these days, for these people. Everything of the organisation is read; nothing read this
/// way is shown but what it comes to.
pub async fn task(
    access: &Access,
    version: &versions::Model,
    days: Days,
    people: Vec<Participant>,
    only: Option<UserId>,
) -> Result<Task> {
    let access = whole(access);
    let said: Active<IncentivePlanBody> = decode(version.clone())?;
    let mut body = said.body;
    (body.period_start, body.period_end) = (Date(days.0), Date(days.1));
    let plan = body.plan().map_err(Error::Refused)?;
    let home = Home::seen(&access).await?;
    let run = no_run(version, days, plan.currency);
    let places = people.iter().enumerate().map(|(at, person)| (person.user, at)).collect();
    Ok(Task { access, run, attempt: 0, body, plan, people, places, home, version: version.clone(), only })
}

/// What hangs on others too is left out: pools, and the plan's cap for all.
pub fn alone(plan: &mut Plan) {
    plan.plan_cap = None;
    for component in &mut plan.components {
        if let Rule::Pool { amount, .. } = &mut component.rule {
            *amount = 0;
        }
    }
}

/// A run that is not there.
fn no_run(version: &versions::Model, (start, end): (NaiveDate, NaiveDate), currency: entity::money::Currency) -> Run {
    Run {
        id: IncentiveRunId::from_uuid(Uuid::nil()),
        organization_id: version.organization_id,
        created_at: version.created_at,
        created_by: None,
        updated_at: version.created_at,
        updated_by: None,
        version: 1,
        deleted_at: None,
        agreement_version_id: version.id,
        period_start: start,
        period_end: end,
        currency,
        status: RunStatus::Draft,
        revision: 0,
        inputs_hash: None,
        attempts: 0,
        salt: String::new(),
        calculating: None,
        looked_at: 0,
        frozen: None,
        totals: None,
        failure: None,
        calculated_at: None,
        submitted_at: None,
        submitted_by: None,
        approved_at: None,
        approved_by: None,
        locked_at: None,
        locked_by: None,
        paid_at: None,
        paid_by: None,
        reversed_at: None,
        reversed_by: None,
        reversal_reason: None,
    }
}

/// Everything that was done, page by page; goals are the caller's to measure.
pub async fn gather(task: &Task, asked: &BTreeSet<OpportunityId>) -> Result<Gathered> {
    let mut all = Gathered::default();
    let mut frozen = Frozen::default();
    while !matches!(frozen.stage, Stage::Goals | Stage::Frozen) {
        let page = freeze::page(task, &frozen).await?;
        for row in &page.sources {
            take(task, row, asked, &mut all);
        }
        frozen = page.frozen;
    }
    Ok(all)
}

fn value<V: Clone + Into<sea_orm::Value>>(value: &ActiveValue<V>) -> Option<V> {
    value.try_as_ref().cloned()
}

/// Adds what a source says to pay.
pub fn take(task: &Task, row: &ActiveModel, asked: &BTreeSet<OpportunityId>, all: &mut Gathered) {
    let (Some(user), Some(key), Some(at)) = (value(&row.user_id), value(&row.component), value(&row.happened_at))
    else {
        return;
    };
    let Some(component) = task.plan.components.iter().position(|component| component.key == key) else { return };
    let deal = value(&row.opportunity_id).flatten();
    let wanted = deal.is_some_and(|deal| asked.contains(&deal));
    match value(&row.kind) {
        Some(SourceKind::Deal) => {
            let Some(deal) = deal else { return };
            let role = role(value(&row.role).flatten().unwrap_or(SplitRole::Owner));
            let credit = Credit { component, user, deal, role, base: value(&row.base_minor).flatten().unwrap_or(0) };
            all.sums.credit(&credit);
            all.credits.extend(wanted.then_some(credit));
        }
        Some(SourceKind::Event) => {
            let event = Event { user, component, at, record: value(&row.record_id).unwrap_or_default(), deal };
            all.sums.event(&event);
            all.events.extend(wanted.then_some(event));
        }
        Some(SourceKind::Goal) | None => {}
    }
}
