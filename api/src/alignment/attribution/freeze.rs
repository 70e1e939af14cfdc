//! Freezes: periods whose credit stays as it is, for pay and for reports that were read aloud. Whoever freezes waits for
//! those who write credit, and they for them.

use chrono::TimeDelta;
use entity::{
    agreement::{self, Column as A, Kind},
    attribution_freeze::{Column as C, Entity, Model},
    id::AttributionFreezeId,
};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, Condition, ExprTrait, sea_query::Expr};

use super::{BUILD, FOLLOW, REBUILD, graphql};
use crate::{
    actor::{Actor, Permission},
    alignment::agreement::ACTIVATE,
    crm::all_rows,
    error::{Error, Fault, FaultCode, Result},
    graph::{Change, Meta, Record, Refusals},
    marketing::visitor,
    store::{Guarded, Scoped, Tx},
};

impl Guarded for Entity {
    type Id = AttributionFreezeId;
    const NAME: &'static str = "attribution_freeze";
    const READ: Permission = Permission::MetricRead;

    /// The whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Create"], &[FaultCode::Conflict, FaultCode::Duplicate])];

    fn meta() -> &'static Meta {
        graphql::freeze()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            alone(tx).await?;
            settled(tx).await?;
            let mut spans: Vec<_> = vec![];
            for change in changes.iter_mut() {
                let (Some(start), Some(end)) =
                    (change.row.start.try_as_ref().copied(), change.row.end.try_as_ref().copied())
                else {
                    continue;
                };
                let mut fault = |code, field: &str, what: &str| change.faults.push(Fault::new(code, field, what));
                if end <= start {
                    fault(FaultCode::Validation, "end", "this must lie after the start");
                } else if end > tx.access().now() {
                    fault(FaultCode::Validation, "end", "only what is over can be frozen");
                } else if spans.iter().any(|(s, e)| start < *e && *s < end) || overlaps(tx, start, end).await? {
                    fault(FaultCode::Duplicate, "start", "a part of this period is frozen already");
                }
                spans.push((start, end));
            }
            Ok(())
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if written.iter().any(|(before, _)| before.is_none()) {
                tx.emit("attribution.frozen");
            }
            Ok(())
        })
    }
}

/// A step: nobody writes credit, and nobody freezes, until this work ends.
pub async fn alone(tx: &mut Tx) -> Result<()> {
    tx.lock_followers::<agreement::Entity>(Condition::all().add(A::Kind.eq(Kind::Attribution))).await.map(|_| ())
}

/// Work that was put down longer ahead than this is not work on credit.
pub const AHEAD: TimeDelta = TimeDelta::days(36_500);

/// Refuses while credit does not rest on every change that was committed: what is frozen would be wrong.
async fn settled(tx: &Tx) -> Result<()> {
    let now = tx.access().store().now();
    if tx.waits(&[FOLLOW, BUILD, REBUILD], now + AHEAD).await? || tx.waits(&[ACTIVATE, visitor::FOLLOW], now).await? {
        let message = "credit is still being computed after the latest changes; freeze it in a moment";
        return Err(Error::refused(FaultCode::Conflict, "", message));
    }
    Ok(())
}

async fn overlaps(tx: &Tx, start: chrono::DateTime<chrono::Utc>, end: chrono::DateTime<chrono::Utc>) -> Result<bool> {
    let col = |c: C| Expr::col((Entity::NAME, c));
    let meeting = Condition::all().add(col(C::Start).lt(end)).add(col(C::End).gt(start));
    let found = Scoped::<Entity>::read(&all_rows(tx)).filter(meeting).shape(|q| _ = q.expr(Expr::val(1)).limit(1));
    Ok(!tx.cells(found).await?.is_empty())
}
