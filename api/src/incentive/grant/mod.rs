//! A look at somebody's pay: finance lets somebody see one person's pay for at most an hour, for a reason. Whoever was looked
//! at, and administrators, see that it was so.

pub mod graphql;

use chrono::TimeDelta;
use entity::{
    id::IncentiveAccessGrantId,
    incentive_access_grant::{Column as C, Entity, Model},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};

pub use graphql::meta;

use super::paid::as_text;
use crate::{
    actor::{Actor, Permission, Via},
    error::{Error, Fault, FaultCode, Result},
    graph::{Change, Meta, Patch, Record, Refusals},
    store::{Guarded, Tx},
};

/// The longest look.
const LONGEST: TimeDelta = TimeDelta::hours(1);

impl Guarded for Entity {
    type Id = IncentiveAccessGrantId;
    const NAME: &'static str = "incentive_access_grant";
    const READ: Permission = Permission::IncentiveGrantRead;

    /// All of them, or those that one gave and in which one looks or is looked at.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        if actor.reaches_all(permission) {
            return Condition::all();
        }
        let me = actor.user.map(entity::id::RowId::uuid);
        let is_me = |c: C| Expr::col((Self::NAME, c)).eq(me);
        Condition::any().add(is_me(C::UserId)).add(is_me(C::SubjectId)).add(is_me(C::CreatedBy))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&[], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let actor = tx.access().actor();
            if !matches!(actor.via, Via::Session(_) | Via::System) {
                return Err(Error::Forbidden(Permission::IncentiveGrant));
            }
            let (me, now) = (actor.user, tx.access().now());
            for change in changes.iter_mut().filter(|change| change.before.is_none()) {
                let until = change.row.expires_at.try_as_ref().copied().unwrap_or(now + LONGEST);
                if !(now..=now + LONGEST).contains(&until) {
                    let message = "this must be within the next hour";
                    change.faults.push(Fault::new(FaultCode::Validation, "expiresAt", message));
                }
                (change.row.expires_at, change.row.expires_text) = (Set(until), Set(as_text(until)));
                if me.is_some() && change.row.user_id.try_as_ref().copied() == me {
                    let message = "nobody lets themselves look: ask somebody else of finance";
                    change.faults.push(Fault::new(FaultCode::Locked, "userId", message));
                }
            }
            Ok(())
        })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        (before.revoked_at.is_none() && after.revoked_at.is_some()).then_some("incentive_access_grant.revoked")
    }
}

/// Takes a look back.
pub fn revoke<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let now = before.revoked_at.unwrap_or(tx.access().now());
        Ok(told.with("revoked_at", now))
    })
}
