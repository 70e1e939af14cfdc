//! The job that calculates a run: freezes its inputs page by page, each in a commit of its own, then works out the statements
//! and puts them in the place of the last ones in one commit. Killed, it goes on where it was; whoever reads the run sees the
//! last complete calculation meanwhile.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    agreement_version as versions,
    id::{IncentiveRunId, RowId, UserId},
    incentive_assignment::{Column as A, Entity as Assignments},
    incentive_run::{ActiveModel, Entity, Model},
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition,
};
use serde_json::{Value, json};

use super::{
    done, freeze,
    frozen::{Frozen, Stage},
    of,
};
use crate::{
    actor::Permission,
    alignment::agreement::body::decode,
    crm::home::Home,
    error::{Error, Result},
    incentive::{
        IncentivePlanBody,
        assignment::participant,
        pay::plan::{Participant, Plan},
    },
    store::{
        Access, Scoped,
        jobs::{Job, NewJob},
    },
};

/// The kind of job that calculates a run.
pub const CALCULATE: &str = "incentive.calculate";

pub fn job(run: IncentiveRunId, attempt: i32) -> NewJob {
    let payload = json!({ "run": run.uuid(), "attempt": attempt });
    NewJob::new(CALCULATE, payload).once(format!("{CALCULATE}/{}/{attempt}", run.uuid().simple()))
}

/// A run as it is calculated.
pub struct Task {
    pub access: Access,
    pub run: Model,
    pub attempt: i32,
    pub body: IncentivePlanBody,
    pub plan: Plan,
    pub people: Vec<Participant>,
    /// Their places in that list.
    pub places: HashMap<UserId, usize>,
    pub home: Home,
    pub version: versions::Model,
    /// Only what this person did is looked at; what everybody did unless given.
    pub only: Option<UserId>,
}

/// What the job runner does.
pub async fn work(access: &Access, job: &Job) -> Result<()> {
    let id = job.payload["run"].as_str().and_then(|id| id.parse().ok()).map(IncentiveRunId::from_uuid);
    let attempt = job.payload["attempt"].as_i64().and_then(|n| i32::try_from(n).ok());
    let (id, attempt) = id.zip(attempt).ok_or_else(|| Error::internal("a calculation of no run"))?;
    match through(access, id, attempt, Some(job)).await {
        // what only people can mend is told to them; all else is tried again
        Err(Error::Refused(faults)) => {
            let why = faults.first().map_or_else(String::new, |fault| fault.message.clone());
            fail(access, id, attempt, why).await
        }
        Err(Error::BadInput(why)) => fail(access, id, attempt, why).await,
        Err(error) if job.is_last_try() => {
            fail(access, id, attempt, "something broke on our side: calculate it again".into()).await?;
            Err(error)
        }
        done => done,
    }
}

/// Calculates a run for the first time without waiting for the job, at the instant of the caller: for what is written down
/// afterwards.
pub async fn calculate_now(access: &Access, id: IncentiveRunId) -> Result<()> {
    let mut tx = access.begin(Permission::IncentiveRun).await?;
    let run = tx.lock::<Entity>(id).await?;
    let attempt = run.attempts + 1;
    let begun = ActiveModel {
        attempts: Set(attempt),
        calculating: Set(Some(attempt)),
        looked_at: Set(0),
        ..Default::default()
    };
    tx.update::<Entity>(ActiveModel { id: Unchanged(id), ..begun }).await?;
    tx.commit(Value::Null).await?;
    through(access, id, attempt, None).await
}

async fn through(access: &Access, id: IncentiveRunId, attempt: i32, job: Option<&Job>) -> Result<()> {
    // each page at its own instant, unless the caller says when it is
    let now = || if job.is_some() { access.next() } else { access.clone() };
    let Some(mut task) = Task::read(&now(), id, attempt).await? else { return Ok(()) };
    let mut frozen = if task.run.looked_at == 0 { Frozen::begun(task.home) } else { Frozen::of(&task.run)? };
    task.home = frozen.home(task.home);
    while frozen.stage != Stage::Frozen {
        task.access = now();
        let page = freeze::page(&task, &frozen).await?;
        match keep(&task, page).await? {
            Some((run, next)) => (task.run, frozen) = (run, next),
            None => return Ok(()), // another calculation has taken its place
        }
    }
    task.access = now();
    done::complete(&task, &frozen, job).await
}

impl Task {
    /// Somebody who is in the plan on that day.
    pub fn person(&self, user: UserId, day: NaiveDate) -> Option<&Participant> {
        let who = &self.people[*self.places.get(&user)?];
        let there = who.from.is_none_or(|from| from <= day) && who.until.is_none_or(|until| day < until);
        there.then_some(who)
    }

    /// None when this calculation is not wanted any more.
    async fn read(access: &Access, id: IncentiveRunId, attempt: i32) -> Result<Option<Self>> {
        let found = Scoped::<Entity>::read(access).filter(of(id)).one().await?;
        let Some(run) = found.filter(|run| run.calculating == Some(attempt)) else { return Ok(None) };
        Self::of(access, run, attempt).await.map(Some)
    }

    /// A run with its plan and people, as one of its calculations.
    pub async fn of(access: &Access, run: Model, attempt: i32) -> Result<Self> {
        let version = Scoped::<versions::Entity>::read(access).ids(&[run.agreement_version_id.uuid()]).one().await?;
        let version = version.ok_or_else(|| Error::internal("a run without its plan"))?;
        let body = decode::<IncentivePlanBody>(version.clone())?.body;
        let plan = body.plan().map_err(Error::Refused)?;
        let theirs = Condition::all().add(A::AgreementVersionId.eq(run.agreement_version_id.uuid()));
        let people = Scoped::<Assignments>::read(access).filter(theirs).models().await?;
        let people: Vec<Participant> = people.iter().map(participant).collect();
        let places = people.iter().enumerate().map(|(at, person)| (person.user, at)).collect();
        let home = Home::seen(access).await?;
        Ok(Self { access: access.clone(), run, attempt, body, plan, people, places, home, version, only: None })
    }

    /// Whether this calculation is still wanted, its run being locked. An error where somebody else has changed the run since it
    /// was read: a runner that was taken for lost, whose last commit arrived late. What is tried again goes on from there.
    pub fn goes_on(&self, run: &Model) -> Result<bool> {
        if run.calculating != Some(self.attempt) {
            return Ok(false);
        }
        let same = run.version == self.run.version;
        same.then_some(true).ok_or_else(|| Error::internal("the run was changed while it was calculated"))
    }
}

/// Writes a page, if it is still wanted.
async fn keep(task: &Task, page: freeze::Page) -> Result<Option<(Model, Frozen)>> {
    let mut tx = task.access.begin(Permission::IncentiveRun).await?;
    let run = tx.lock::<Entity>(task.run.id).await?;
    if !task.goes_on(&run)? {
        return Ok(None);
    }
    for rows in page.sources.chunks(500) {
        tx.insert_many::<entity::incentive_source::Entity>(rows.to_vec()).await?;
    }
    let row = ActiveModel {
        id: Unchanged(run.id),
        looked_at: Set(run.looked_at + page.looked_at.max(1)),
        frozen: Set(Some(page.frozen.json()?)),
        ..Default::default()
    };
    let run = tx.update::<Entity>(row).await?;
    tx.emit("incentive_run.progressed");
    tx.commit(Value::Null).await?;
    Ok(Some((run, page.frozen)))
}

/// Says why nothing came of it.
async fn fail(access: &Access, id: IncentiveRunId, attempt: i32, why: String) -> Result<()> {
    let access = access.next();
    let mut tx = access.begin(Permission::IncentiveRun).await?;
    let run = tx.lock::<Entity>(id).await?;
    if run.calculating == Some(attempt) {
        let row =
            ActiveModel { id: Unchanged(id), calculating: Set(None), failure: Set(Some(why)), ..Default::default() };
        tx.update::<Entity>(row).await?;
        tx.emit("incentive_run.failed");
    }
    tx.commit(Value::Null).await
}
