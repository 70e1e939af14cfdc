//! When users are away: routing gives them nothing then. Everybody keeps their own; managers and operations those of
//! others.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    id::{RowId, UserAbsenceId, UserId},
    user_absence::{Column as C, Entity},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue, ColumnTrait, Condition};
use uuid::Uuid;

use super::user;
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{
        self, Meta, Record, Rules,
        record::{Change, link},
    },
    store::{Guarded, Scoped, Tx, within_ids},
};

impl Guarded for Entity {
    type Id = UserAbsenceId;
    const NAME: &'static str = "user_absence";
    const READ: Permission = Permission::UserAbsenceRead;
    const PERSONAL: &'static [&'static str] = &["reason"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, C::UserId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(_: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes {
                let value = |v: &ActiveValue<DateTime<Utc>>| v.try_as_ref().copied();
                if value(&change.row.ends_at) <= value(&change.row.starts_at) {
                    let message = "this must be after startsAt";
                    change.faults.push(Fault::new(FaultCode::Validation, "endsAt", message));
                }
            }
            Ok(())
        })
    }
}

/// A question inside of somebody's work: which of these users are away at this instant. `all` reads every absence.
pub async fn away(tx: &Tx, all: &crate::store::Access, users: &[UserId], at: DateTime<Utc>) -> Result<Vec<UserId>> {
    let ids: Vec<Uuid> = users.iter().map(|id| id.uuid()).collect();
    let now = Condition::all().add(C::StartsAt.lte(at)).add(C::EndsAt.gt(at));
    let theirs = within_ids((Entity::NAME, "user_id"), &ids, all.store().backend());
    let found = tx.read(Scoped::<Entity>::read(all).filter(now).filter(theirs)).await?;
    Ok(found.into_iter().map(|row| row.user_id).collect())
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::UserAbsenceRead,
            create: Some(Permission::UserAbsenceCreate),
            update: Some(Permission::UserAbsenceUpdate),
            delete: Some(Permission::UserAbsenceDelete),
            assign: None,
        };
        let about = "A span in which a user is away: they are offered no leads then.";
        Meta::new::<Entity>(
            "UserAbsence",
            "userAbsences",
            about,
            rules,
            vec![
                link(C::UserId, user::meta, "Who is away.").once(),
                graph::time(C::StartsAt, "From this instant on.").required().write().filter().order().group(),
                graph::time(C::EndsAt, "Up to this instant, which is not part of it; after `startsAt`.")
                    .required()
                    .write()
                    .filter()
                    .order(),
                graph::text(C::Reason, "Why, in their words; seen by those who see the absence.").write(),
            ],
        )
    });
    &META
}
