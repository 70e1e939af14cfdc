//! Goals follow their agreements: whatever happens to a version is seen on the goal in the same commit, and one that lacks
//! what a shared goal needs is not put up for signature.

use chrono::Days;
use entity::{
    agreement::Kind,
    agreement_version::{self as versions, Status},
    goal::{ActiveModel, Column as C, Entity, GoalStatus, Model},
    id::{AgreementId, GoalId, RowId},
    money::Currency,
    user::{self, Side},
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition,
};
use uuid::Uuid;

use super::{
    body::{GoalBody, exact, kept},
    daily, event,
    versions::{Versions, of_agreement},
};
use crate::{
    alignment::agreement::{
        Active,
        body::{decode, kind_of},
    },
    crm::home::Home,
    error::{Error, Fault, FaultCode, Result},
    store::{Guarded, Listener, News, Scoped, Tx},
};

pub const LISTENER: Listener = Listener { table: versions::Entity::NAME, hear };

/// A goal is at most so many goals below the topmost one.
const DEEPEST: usize = 10;

fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let mut ids: Vec<Uuid> = news.iter().map(|one| one.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let changed =
            |id: Uuid, column: &str| news.iter().any(|one| one.id == id && one.changed.iter().any(|c| c == column));
        let rows = tx.read(Scoped::<versions::Entity>::read(tx.access()).ids(&ids)).await?;
        let mut agreements = Vec::new();
        for row in rows.into_iter().filter(|row| kind_of(&row.body) == Some(Kind::Goal)) {
            let (agreement, proposed) = (row.agreement_id, row.status == Status::Proposed);
            let signing = proposed || changed(row.id.uuid(), "ratified_at");
            agreements.push(agreement);
            if signing {
                let said: Active<GoalBody> = decode(row)?;
                ready(tx, agreement, &said.body).await?;
            }
        }
        agreements.sort_unstable();
        agreements.dedup();
        for agreement in agreements {
            follow(tx, agreement).await?;
        }
        Ok(())
    })
}

/// The goal shows the version that counts.
async fn follow(tx: &mut Tx, agreement: AgreementId) -> Result<()> {
    // the goal first: whoever comes second sees what the first has written
    let before = tx.lock_where::<Entity>(Condition::all().add(C::AgreementId.eq(agreement.uuid()))).await?.pop();
    let rows = tx.read(Scoped::<versions::Entity>::read(tx.access()).filter(of_agreement(agreement))).await?;
    let versions = Versions::new(rows);
    let Some(shown) = versions.shown(agreement).cloned() else { return Ok(()) };
    let version = shown.status;
    let said: Active<GoalBody> = decode(shown)?;
    let status = status(version, &said, before.as_ref());
    let home = Home::of(tx).await?;
    // the currency in which a version was signed stays, whatever the organisation's is later
    let same = before.as_ref().filter(|goal| goal.agreement_version_id == said.version);
    let currency = said.body.currency.map(|code| code.0).or(same.and_then(|goal| goal.currency)).or(home.currency);
    let row = ActiveModel { currency: Set(currency), ..row(agreement, &said, status) };
    match before {
        None => _ = tx.insert::<Entity>(row).await?,
        Some(goal) => {
            tx.update::<Entity>(ActiveModel { id: Unchanged(goal.id), ..row }).await?;
            if let Some(kind) = event(goal.status, status) {
                tx.emit(kind);
            }
        }
    }
    if status == GoalStatus::Active {
        let today = home.day(tx.access().now());
        tx.enqueue(daily::job(home, today + Days::new(1))).await?;
    }
    Ok(())
}

/// What was decided stays so until another version takes its place.
fn status(version: Status, said: &Active<GoalBody>, before: Option<&Model>) -> GoalStatus {
    match version {
        Status::Active if said.body.is_cancelled() => GoalStatus::Cancelled,
        Status::Active => {
            let decided = before.filter(|goal| goal.agreement_version_id == said.version && goal.decided_at.is_some());
            decided.map_or(GoalStatus::Active, |goal| goal.status)
        }
        Status::Draft => GoalStatus::Draft,
        Status::Proposed | Status::Ratified => GoalStatus::Proposed,
        Status::Superseded | Status::Rejected | Status::Withdrawn => GoalStatus::Cancelled,
    }
}

fn row(agreement: AgreementId, said: &Active<GoalBody>, status: GoalStatus) -> ActiveModel {
    let body = &said.body;
    let (start, end) = body.days();
    let way = body.way();
    let row = ActiveModel {
        agreement_id: Set(agreement),
        agreement_version_id: Set(said.version),
        metric_key: Set(body.measures().key.to_owned()),
        period_start: Set(start),
        period_end: Set(end),
        baseline: Set(kept(way.baseline).unwrap_or_default()),
        target: Set(kept(way.target).unwrap_or_default()),
        stretch: Set(body.stretch.as_ref().and_then(|stretch| kept(exact(stretch)))),
        parent_id: Set(body.parent()),
        status: Set(status),
        ..Default::default()
    };
    if matches!(status, GoalStatus::Achieved | GoalStatus::Missed) {
        return row;
    }
    ActiveModel { decided_at: Set(None), ..row }
}

/// Both sides answer for it, and it fits into the goal that it is a part of.
async fn ready(tx: &Tx, agreement: AgreementId, body: &GoalBody) -> Result<()> {
    let mut faults = owners(tx, body).await?;
    let currency = match body.currency {
        Some(code) => Some(code.0),
        None => Home::of(tx).await?.currency,
    };
    if let Some(parent) = body.parent() {
        faults.extend(part_of(tx, agreement, (body, currency), parent).await?);
    }
    faults.extend(whole_of(tx, agreement, (body, currency)).await?);
    if faults.is_empty() { Ok(()) } else { Err(Error::Refused(faults)) }
}

fn unmet(message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::CriteriaUnmet, "id", message)
}

async fn owners(tx: &Tx, body: &GoalBody) -> Result<Vec<Fault>> {
    let owners = body.owners();
    let ids: Vec<Uuid> = owners.iter().map(|(_, id)| id.uuid()).collect();
    let known = tx.read(Scoped::<user::Entity>::read(tx.access()).ids(&ids)).await?;
    let mut faults = Vec::new();
    for side in [Side::Marketing, Side::Sales] {
        let theirs: Vec<_> = owners.iter().filter(|(of, _)| *of == side).map(|(_, id)| *id).collect();
        let is = |id| known.iter().any(|user| user.id == id && user.active && user.side == Some(side));
        if theirs.is_empty() {
            faults.push(unmet(format!("a shared goal has an owner on each side: {} has none", side.word())));
        } else if let Some(id) = theirs.into_iter().find(|id| !is(*id)) {
            faults.push(unmet(format!("{id} is nobody of {}", side.word())));
        }
    }
    Ok(faults)
}

/// Its parts fit into it still.
async fn whole_of(tx: &Tx, agreement: AgreementId, of: (&GoalBody, Option<Currency>)) -> Result<Option<Fault>> {
    let (body, currency) = of;
    let own = Scoped::<Entity>::read(tx.access()).filter(C::AgreementId.eq(agreement.uuid()));
    let Some(own) = tx.read(own).await?.pop() else { return Ok(None) };
    let parts = Condition::all()
        .add(C::ParentId.eq(own.id.uuid()))
        .add(C::Status.is_in([GoalStatus::Proposed, GoalStatus::Active]));
    let parts = tx.read(Scoped::<Entity>::read(tx.access()).filter(parts)).await?;
    let (start, end) = body.days();
    let fits = |part: &Model| {
        let same = part.metric_key == body.measures().key && part.currency == currency;
        same && start <= part.period_start && part.period_end <= end
    };
    let other = parts.into_iter().find(|part| !body.is_cancelled() && !fits(part));
    Ok(other.map(|part| unmet(format!("{} is a part of this goal and would not fit into it any more", part.id))))
}

async fn part_of(
    tx: &Tx,
    agreement: AgreementId,
    (body, currency): (&GoalBody, Option<Currency>),
    parent: GoalId,
) -> Result<Option<Fault>> {
    let Some(found) = goal(tx, parent).await? else { return Ok(Some(unmet("parentId: there is no such goal"))) };
    let (start, end) = body.days();
    if found.metric_key != body.measures().key || found.currency != currency {
        return Ok(Some(unmet("parentId: that goal has another metric or currency")));
    }
    if start < found.period_start || found.period_end < end {
        return Ok(Some(unmet("parentId: the period must lie within that goal's")));
    }
    let mut above = found;
    for _ in 0..DEEPEST {
        if above.agreement_id == agreement {
            return Ok(Some(unmet("parentId: a goal is no part of itself")));
        }
        let Some(next) = above.parent_id else { return Ok(None) };
        let Some(row) = goal(tx, next).await? else { return Ok(None) };
        above = row;
    }
    Ok(Some(unmet(format!("parentId: goals are parts of goals at most {DEEPEST} deep"))))
}

async fn goal(tx: &Tx, id: GoalId) -> Result<Option<Model>> {
    Ok(tx.read(Scoped::<Entity>::read(tx.access()).ids(&[id.uuid()])).await?.pop())
}
