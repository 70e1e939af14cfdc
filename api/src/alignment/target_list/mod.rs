//! Target accounts: the companies both sides go for in a period. A company is on the list once both sides want it; from
//! the first day of the period on, whatever changes needs both too.

pub mod ballot;
pub mod entry;
pub mod graphql;
mod propose;
mod vote;

use chrono::{DateTime, Utc};
use entity::{
    id::{RowId, TargetListId},
    target_entry::{Column as E, Entity as Entries, TargetEntryState},
    target_list::{Entity, Model, TargetListState, TargetTier},
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};

pub use propose::{Wanted, propose};
pub use vote::{Said, permission, vote};

use crate::{
    actor::{Actor, Permission},
    crm::{home::Home, whole},
    error::{Error, Fault, FaultCode, Result},
    graph::{Change, Meta, Record, Refusals},
    store::{Guarded, Scoped, Tx},
};

impl Guarded for Entity {
    type Id = TargetListId;
    const NAME: &'static str = "target_list";
    const READ: Permission = Permission::TargetListRead;

    /// The whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&[], &[FaultCode::CriteriaUnmet, FaultCode::Locked])];

    fn meta() -> &'static Meta {
        graphql::meta()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let (home, now) = (Home::of(tx).await?, tx.access().now());
            let ids: Vec<_> = changes.iter().filter_map(|c| Some(c.before.as_ref()?.id)).collect();
            let agreed = agreed(tx, &ids).await?;
            for change in changes {
                settle(change, home);
                let faults = kept(change, now).into_iter().chain(room(change, &agreed));
                change.faults.extend(faults.collect::<Vec<_>>());
            }
            Ok(())
        })
    }
}

/// When a list with these times can still be changed how far.
pub fn state(list: &Model, now: DateTime<Utc>) -> TargetListState {
    if now < list.locks_at {
        TargetListState::Open
    } else if now < list.closes_at {
        TargetListState::Locked
    } else {
        TargetListState::Closed
    }
}

/// The most accounts that may be agreed for a tier.
pub fn cap(list: &Model, tier: TargetTier) -> Option<i32> {
    match tier {
        TargetTier::Tier1 => list.tier1_cap,
        TargetTier::Tier2 => list.tier2_cap,
        TargetTier::Tier3 => list.tier3_cap,
    }
}

fn refuse(change: &mut Change<Entity>, field: &str, message: &str) {
    change.faults.push(Fault::new(FaultCode::Validation, field, message));
}

/// Instants follow days.
fn settle(change: &mut Change<Entity>, home: Home) {
    let row = &mut change.row;
    let (Some(start), Some(end)) = (row.period_start.try_as_ref().copied(), row.period_end.try_as_ref().copied())
    else {
        return;
    };
    row.locks_at = Set(home.begins(start));
    row.closes_at = Set(home.begins(end));
    if end <= start {
        refuse(change, "periodEnd", "a period ends after its first day");
    }
}

/// What cannot be changed once the period has begun.
fn kept(change: &Change<Entity>, now: DateTime<Utc>) -> Vec<Fault> {
    let Some(before) = change.before.as_ref().filter(|list| state(list, now) != TargetListState::Open) else {
        return vec![];
    };
    let row = &change.row;
    let same = [
        ("periodStart", row.period_start.try_as_ref() == Some(&before.period_start)),
        ("periodEnd", row.period_end.try_as_ref() == Some(&before.period_end)),
        ("tier1Cap", row.tier1_cap.try_as_ref() == Some(&before.tier1_cap)),
        ("tier2Cap", row.tier2_cap.try_as_ref() == Some(&before.tier2_cap)),
        ("tier3Cap", row.tier3_cap.try_as_ref() == Some(&before.tier3_cap)),
    ];
    let message = "the list is locked since its period began";
    let changed = same.into_iter().filter(|(_, same)| !same);
    changed.map(|(field, _)| Fault::new(FaultCode::Locked, field, message)).collect()
}

/// No cap below what is agreed already.
fn room(change: &Change<Entity>, agreed: &[(TargetListId, TargetTier, i64)]) -> Vec<Fault> {
    let Some(before) = &change.before else { return vec![] };
    let row = &change.row;
    let caps = [
        ("tier1Cap", TargetTier::Tier1, row.tier1_cap.try_as_ref()),
        ("tier2Cap", TargetTier::Tier2, row.tier2_cap.try_as_ref()),
        ("tier3Cap", TargetTier::Tier3, row.tier3_cap.try_as_ref()),
    ];
    let mut faults = vec![];
    for (field, tier, cap) in caps {
        let used = agreed.iter().find(|(list, of, _)| *list == before.id && *of == tier).map_or(0, |(.., n)| *n);
        if cap.copied().flatten().is_some_and(|cap| i64::from(cap) < used) {
            let message = format!("{used} accounts of {} are agreed already", tier.word());
            faults.push(Fault::new(FaultCode::CriteriaUnmet, field, message));
        }
    }
    faults
}

/// How many accounts are agreed, by list and tier, whoever may see them. One statement.
async fn agreed(tx: &Tx, lists: &[TargetListId]) -> Result<Vec<(TargetListId, TargetTier, i64)>> {
    if lists.is_empty() {
        return Ok(vec![]);
    }
    let column = |c: E| Expr::col((Entries::NAME, c));
    let theirs = Condition::all()
        .add(column(E::TargetListId).is_in(lists.iter().map(|id| id.uuid())))
        .add(column(E::State).eq(TargetEntryState::Agreed));
    let counted = Scoped::<Entries>::read(&whole(tx.access())).filter(theirs).shape(|q| {
        for c in [E::TargetListId, E::Tier] {
            q.column((Entries::NAME, c)).group_by_col((Entries::NAME, c));
        }
        q.expr(Expr::cust("COUNT(*)"));
    });
    let one = |row: &sea_orm::QueryResult| {
        let tier = TargetTier::parse(&row.try_get_by_index::<String>(1)?);
        let tier = tier.ok_or_else(|| Error::internal("an unknown tier"))?;
        Ok((TargetListId::from_uuid(row.try_get_by_index(0)?), tier, row.try_get_by_index(2)?))
    };
    tx.cells(counted).await?.iter().map(one).collect()
}
