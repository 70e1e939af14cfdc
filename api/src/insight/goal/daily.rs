//! Keeps how goals stood at the end of each day, and decides at the end of their period whether they were reached. A day is
//! kept once, whatever node does it and how often: its goal is locked, and a day is added only behind the last that is there.
//! What a node did not do while it was down is done later, with the figures of then.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use entity::{
    agreement_version::Model as Version,
    goal::{ActiveModel, Column as C, Entity, GoalStatus, Model},
    goal_snapshot::{self as snapshots, Column as S},
    id::{GoalId, RowId},
    money::Currency,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    Condition, ExprTrait, Order,
    sea_query::{Alias, Expr},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    body::{GoalBody, kept},
    event,
    measure::House,
    versions::Versions,
};
use crate::{
    actor::Permission,
    alignment::agreement::{Active, body::decode},
    crm::home::Home,
    error::{Error, Result},
    insight::metric::{answer, exact::Exact},
    store::{Access, Guarded, Scoped, Tx, jobs::NewJob, within_ids},
};

/// The kind of job that keeps an organisation's goals up to date.
pub const KEEP: &str = "goal.keep";
/// Goals looked at together.
const BATCH: u64 = 100;
/// Days of a goal that are written in one commit.
const MOST_DAYS: usize = 100;
/// A day that cannot be measured, e.g. for want of a rate of exchange, is waited for so long, then left out: it holds up the
/// later ones no longer.
const PATIENCE: Days = Days::new(7);

/// The job for the beginning of a day: it keeps the days before.
pub fn job(home: Home, day: NaiveDate) -> NewJob {
    NewJob::new(KEEP, json!({})).at(home.begins(day)).once(format!("{KEEP}/{day}"))
}

/// Puts down the work for today, if nobody has, and for the end of today.
pub async fn put_down(access: &Access) -> Result<()> {
    let active = Scoped::<Entity>::read(access).filter(Expr::col((Entity::NAME, C::Status)).eq(GoalStatus::Active));
    if active.one().await?.is_none() {
        return Ok(());
    }
    let home = Home::seen(access).await?;
    let today = home.day(access.now());
    let mut tx = access.begin(Permission::AgreementUpdate).await?;
    tx.enqueue_many(vec![job(home, today), job(home, today + Days::new(1))]).await?;
    tx.commit(Value::Null).await
}

/// Keeps all days that are over, of every goal that is worked for; how many were added.
pub async fn keep(access: &Access) -> Result<usize> {
    let (mut after, mut added) = (Uuid::nil(), 0);
    loop {
        let id = || Expr::col((Entity::NAME, "id"));
        let next =
            Condition::all().add(Expr::col((Entity::NAME, C::Status)).eq(GoalStatus::Active)).add(id().gt(after));
        let page = Scoped::<Entity>::read(access).filter(next);
        let page = page.shape(|q| _ = q.order_by((Entity::NAME, "id"), Order::Asc).limit(BATCH)).models().await?;
        let Some(last) = page.last() else { return Ok(added) };
        after = last.id.uuid();
        added += keep_all(access, page).await?;
    }
}

/// A goal that cannot be measured, e.g. for want of a rate of exchange, holds up no other; it is tried again tomorrow. When
/// something broke, the job is tried again soon.
async fn keep_all(access: &Access, goals: Vec<Model>) -> Result<usize> {
    let agreements: Vec<_> = goals.iter().map(|goal| goal.agreement_id).collect();
    let versions = Versions::of(access, &agreements).await?;
    let house = House::of(access, true).await?;
    let ids: Vec<Uuid> = goals.iter().map(|goal| goal.id.uuid()).collect();
    let kept = last_days(access, &ids).await?;
    let (mut added, mut broken) = (0, None);
    for goal in goals {
        let keeper = Keeper { access, house: &house, versions: &versions, goal: &goal };
        match keeper.keep(kept.get(&goal.id).copied()).await {
            Ok(days) => added += days,
            Err(error) => {
                tracing::warn!(%error, goal = %goal.id, "this goal could not be measured");
                let asked = matches!(error, Error::BadInput(_) | Error::Refused(_));
                broken = broken.or((!asked).then_some(error));
            }
        }
    }
    broken.map_or(Ok(added), Err)
}

async fn last_days(access: &Access, ids: &[Uuid]) -> Result<HashMap<GoalId, NaiveDate>> {
    let col = |c: S| Expr::col((snapshots::Entity::NAME, c));
    let these = within_ids((snapshots::Entity::NAME, "goal_id"), ids, access.store().backend());
    let last = Scoped::<snapshots::Entity>::read(access).filter(these).shape(|q| {
        q.expr(col(S::GoalId))
            .expr_as(col(S::Day).max(), Alias::new("last_"))
            .group_by_col((snapshots::Entity::NAME, S::GoalId));
    });
    last.rows().await?.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

struct Keeper<'a> {
    access: &'a Access,
    house: &'a House,
    versions: &'a Versions,
    goal: &'a Model,
}

impl Keeper<'_> {
    /// Adds the days behind the last one, those of grace too, then decides if it is time.
    async fn keep(&self, last: Option<NaiveDate>) -> Result<usize> {
        let Some(said) = self.in_force(self.access.now())? else { return Ok(0) };
        let closes = self.goal.period_end + Days::new(said.body.grace());
        let today = self.house.home.day(self.access.now());
        let first = last.map_or(self.goal.period_start, |day| day + Days::new(1));
        let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day < Ord::min(today, closes)).collect();
        let mut added = 0;
        for days in days.chunks(MOST_DAYS) {
            let mut rows = Vec::new();
            let mut failed = None;
            for day in days {
                match self.snapshot(*day).await {
                    Ok(row) => rows.extend(row),
                    Err(Error::BadInput(_) | Error::Refused(_)) if *day + PATIENCE < today => {}
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            }
            added += self.add(rows).await?;
            if let Some(error) = failed {
                return Err(error);
            }
        }
        if closes <= today && said.version == self.goal.agreement_version_id {
            self.decide(&said, closes).await?;
        }
        Ok(added)
    }

    fn in_force(&self, at: chrono::DateTime<chrono::Utc>) -> Result<Option<Active<GoalBody>>> {
        let found: Option<&Version> = self.versions.in_force(self.goal.agreement_id, at);
        found.cloned().map(decode).transpose()
    }

    /// The currency in which the version was signed, where it is the one that the goal shows.
    fn signed(&self, said: &Active<GoalBody>) -> Option<Currency> {
        self.goal.currency.filter(|_| self.goal.agreement_version_id == said.version)
    }

    /// How it stood at the end of a day; nothing before it was signed.
    async fn snapshot(&self, day: NaiveDate) -> Result<Option<snapshots::ActiveModel>> {
        let at = self.house.home.begins(day + Days::new(1));
        let Some(said) = self.in_force(at)? else { return Ok(None) };
        let ask = self.house.ask(self.access, (&said.body, self.signed(&said)), at)?;
        let metric = said.body.measures();
        let figures = answer::whole(&ask, metric).await?;
        let pace = said.body.way().pace(&self.house.span(&said.body, day), figures.worked.value);
        let in_full = |value: Option<Exact>| Set(value.and_then(kept));
        Ok(Some(snapshots::ActiveModel {
            goal_id: Set(self.goal.id),
            agreement_version_id: Set(said.version),
            day: Set(day),
            at: Set(at),
            formula_version: Set(metric.version),
            records: Set(i32::try_from(figures.n).unwrap_or(i32::MAX)),
            // whoever may not see what campaigns cost, or committees, does not read it off a goal either
            few: Set(figures.is_small(metric)
                || ask.names_people()
                || metric.parts.iter().any(|part| !part.is_shared_with_all())),
            actual: in_full(figures.worked.value),
            expected: in_full(pace.expected),
            progress: in_full(pace.progress),
            pace_ratio: in_full(pace.ratio),
            projected: in_full(pace.projected),
            required_per_day: in_full(pace.required_per_day),
            status: Set(pace.status),
            ..Default::default()
        }))
    }

    async fn add(&self, mut rows: Vec<snapshots::ActiveModel>) -> Result<usize> {
        if rows.is_empty() {
            return Ok(0);
        }
        let mut tx = self.access.begin(Permission::AgreementUpdate).await?;
        tx.lock::<Entity>(self.goal.id).await?;
        let last = self.last(&tx).await?;
        rows.retain(|row| row.day.try_as_ref().copied() > last);
        let added = rows.len();
        if !rows.is_empty() {
            tx.insert_many::<snapshots::Entity>(rows).await?;
        }
        tx.commit(Value::Null).await?;
        Ok(added)
    }

    /// The last day that is kept, as whoever holds the goal sees it.
    async fn last(&self, tx: &Tx) -> Result<Option<NaiveDate>> {
        let col = |c: S| Expr::col((snapshots::Entity::NAME, c));
        let of = Scoped::<snapshots::Entity>::read(tx.access()).filter(col(S::GoalId).eq(self.goal.id));
        let of = of.shape(|q| _ = q.order_by((snapshots::Entity::NAME, S::Day), Order::Desc).limit(1));
        Ok(tx.read(of).await?.pop().map(|row| row.day))
    }

    /// Reached or missed, by what there was when the days of grace were over.
    async fn decide(&self, said: &Active<GoalBody>, closes: NaiveDate) -> Result<()> {
        let at = self.house.home.begins(closes);
        let ask = self.house.ask(self.access, (&said.body, self.signed(said)), at)?;
        let figures = answer::whole(&ask, said.body.measures()).await?;
        // what is to be covered may have been won already: then there is no coverage, and nothing is missing
        let reached = figures.worked.target_met == Some(true)
            || figures.worked.value.is_some_and(|actual| said.body.way().reached(actual));
        let status = if reached { GoalStatus::Achieved } else { GoalStatus::Missed };
        let mut tx = self.access.begin(Permission::AgreementUpdate).await?;
        let goal = tx.lock::<Entity>(self.goal.id).await?;
        if goal.status == GoalStatus::Active && goal.agreement_version_id == said.version {
            let decided_at = Set(Some(self.access.now()));
            let id = Unchanged(goal.id);
            tx.update::<Entity>(ActiveModel { id, status: Set(status), decided_at, ..Default::default() }).await?;
            if let Some(kind) = event(goal.status, status) {
                tx.emit(kind);
            }
        }
        tx.commit(Value::Null).await
    }
}
