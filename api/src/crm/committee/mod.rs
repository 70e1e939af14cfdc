//! Buying committees: who at the buyer has a say. A member belongs to one opportunity or to one account, and is seen and
//! changed by who sees and changes that.

mod figures;
mod graphql;
pub mod requirement;

use chrono::{DateTime, Utc};
use entity::{
    account,
    committee_member::{ActiveModel, Column as C, CommitteeStance, Entity},
    id::CommitteeMemberId,
    opportunity,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{self, Set},
    Condition, Value,
};

pub use figures::fields;
pub use graphql::meta;

use crate::{
    actor::{Actor, Permission},
    error::{Error, Fault, FaultCode, Result},
    graph::{Change, Meta, Record},
    store::{Guarded, Scoped, Tx, below},
};

impl Guarded for Entity {
    type Id = CommitteeMemberId;
    const NAME: &'static str = "committee_member";
    const READ: Permission = Permission::CommitteeMemberRead;
    const PERSONAL: &'static [&'static str] = &["note"];

    /// As far as the opportunity or account is read or changed; a narrower grant of this permission narrows it.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        let parents = if permission == Self::READ {
            [Permission::OpportunityRead, Permission::AccountRead]
        } else {
            [Permission::OpportunityUpdate, Permission::AccountUpdate]
        };
        let key = |c: C| (Self::NAME, c);
        Condition::any()
            .add(below::<opportunity::Entity>(actor, permission, parents[0], key(C::OpportunityId)))
            .add(below::<account::Entity>(actor, permission, parents[1], key(C::AccountId)))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { stance: Set(CommitteeStance::Unknown), influence: Set(3), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            changes.iter_mut().for_each(sound);
            under::<opportunity::Entity>(tx, changes, Permission::OpportunityUpdate, C::OpportunityId).await?;
            under::<account::Entity>(tx, changes, Permission::AccountUpdate, C::AccountId).await
        })
    }
}

/// A new member needs a parent that the caller may change: reading it is not enough. One statement.
async fn under<E: Guarded>(tx: &Tx, changes: &mut [Change<Entity>], needed: Permission, key: C) -> Result<()> {
    let parent = |c: &Change<Entity>| match c.row.get(key) {
        ActiveValue::Set(Value::Uuid(id)) if c.before.is_none() => id,
        _ => None,
    };
    let ids: Vec<_> = changes.iter().filter_map(parent).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let within = tx.share(Scoped::<E>::new(tx.access(), needed).erased(), E::NAME, &ids).await?;
    let beyond = |c: &Change<Entity>| c.faults.is_empty() && parent(c).is_some_and(|id| !within.contains(&id));
    match (changes.len(), changes.iter().any(beyond)) {
        (1, true) => return Err(Error::Forbidden(needed)),
        (_, true) => {}
        _ => return Ok(()),
    }
    for change in changes.iter_mut().filter(|c| beyond(c)) {
        change.faults.extend(Error::Forbidden(needed).into_faults()?);
    }
    Ok(())
}

/// Exactly one of opportunity and account, and an influence of the scale.
fn sound(change: &mut Change<Entity>) {
    let row = &change.row;
    let opportunity = row.opportunity_id.try_as_ref().copied().flatten().is_some();
    let account = row.account_id.try_as_ref().copied().flatten().is_some();
    if opportunity == account {
        let message = "give either an opportunity or an account";
        change.faults.push(Fault::new(FaultCode::Validation, "opportunityId", message));
    }
    if change.row.influence.try_as_ref().is_some_and(|n| !(1..=5).contains(n)) {
        change.faults.push(Fault::new(FaultCode::Validation, "influence", "this must be between 1 and 5"));
    }
}
