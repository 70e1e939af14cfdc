//! People who sign in. Names and teams are open to everybody signed in; who reports to whom is changed only by those
//! who may change everybody, and never in a circle.

use std::sync::LazyLock;

use entity::{
    id::UserId,
    membership, organization, role_grant,
    user::{self, ActiveModel, Column as C, Entity, Model},
    user_absence,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue, ActiveValue::Set, Condition};

use super::{absence, calendar::record::meta as business_calendar, role::grant, team};
use crate::{
    actor::{Actor, Permission, Scope},
    error::{Error, FaultCode, Result},
    graph::{
        self, Meta, Record, Refusals, Rules,
        record::{Change, link},
    },
    store::{Guarded, Tx},
};

impl Guarded for Entity {
    type Id = UserId;
    const NAME: &'static str = "user";
    const READ: Permission = Permission::UserRead;
    const PERSONAL: &'static [&'static str] = &["email", "name"];
    const RIGHTS: bool = true;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        match permission {
            Permission::UserCreate | Permission::UserUpdate => actor.reach(permission, (Self::NAME, C::Id)),
            _ => Condition::all(),
        }
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        let (ActiveValue::Set(name) | ActiveValue::Unchanged(name)) = &row.name else { return None };
        let (ActiveValue::Set(email) | ActiveValue::Unchanged(email)) = &row.email else { return None };
        Some(graph::text::search_text([Some(name.as_str()), Some(email.as_str())]))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Update", "Upsert"], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes {
                if let (Some(before), Set(manager)) = (&change.before, &change.row.reports_to_id)
                    && before.reports_to_id != *manager
                    && let Err(error) = may_report(tx, before.id, *manager).await
                {
                    change.faults.extend(error.into_faults()?);
                }
            }
            Ok(())
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for (before, user) in written {
                follow(tx, before.as_ref(), user).await?;
            }
            Ok(())
        })
    }
}

/// A manager sees what is below them: who could move people could see everything.
async fn may_report(tx: &mut Tx, user: UserId, manager: Option<UserId>) -> Result<()> {
    let actor = tx.access().actor().clone();
    if !actor.reaches_all(tx.permission()) {
        let message = "moving people needs the permission for everybody: scope ALL";
        return Err(Error::refused(FaultCode::Forbidden, "reportsToId", message));
    }
    // one move at a time: two that are right alone could make a circle together
    tx.lock_as::<organization::Entity>(Permission::OrganizationRead, actor.organization).await?;
    if let Some((me, manager)) = actor.user.zip(manager)
        && sees_pay_below(&actor)
        && tx.is_above(me, manager).await?
        && !tx.is_above(me, user).await?
    {
        let message = "nobody puts people below themselves, as they would see their pay: ask somebody else";
        return Err(Error::refused(FaultCode::Locked, "reportsToId", message));
    }
    match manager {
        Some(manager) if tx.is_above(user, manager).await? => {
            Err(Error::invalid("reportsToId", "they report to this user already, directly or through others"))
        }
        _ => Ok(()),
    }
}

/// Whether somebody sees what those below them are paid: they would choose whose pay that is.
fn sees_pay_below(actor: &Actor) -> bool {
    let read = Permission::IncentiveRead;
    let below = |scope: Scope| matches!(scope, Scope::Team | Scope::Subtree);
    actor.rights.reach(read).is_some_and(|reach| below(reach.scope))
        || actor.rights.in_teams(read).any(|(_, reach)| below(reach.scope))
}

/// A step: keeps the reporting lines of a user as written.
pub async fn follow(tx: &mut Tx, before: Option<&Model>, user: &Model) -> Result<()> {
    if before.is_none() {
        tx.add_line(user.id).await?;
    }
    if before.and_then(|row| row.reports_to_id) != user.reports_to_id {
        tx.move_below(user.id, user.reports_to_id).await?;
    }
    Ok(())
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::UserRead,
            create: None,
            update: Some(Permission::UserUpdate),
            delete: None,
            assign: None,
        };
        Meta::new::<Entity>(
            "User",
            "users",
            "A person who signs in, or a program that comes with keys.",
            rules,
            vec![
                graph::email(C::Email, "Where to reach them; they sign in with it. Unique in the organisation.")
                    .unique()
                    .filter()
                    .order()
                    .search(),
                graph::text(C::Name, "Their name.").max(100).write().required().filter().order().search(),
                graph::word::<user::Side, _>(
                    C::Side,
                    "Which side of the agreement they stand for; null for those on neither.",
                )
                .write()
                .filter()
                .group(),
                graph::text(C::Region, "Their region or office.").max(100).write().filter().order().group(),
                graph::boolean(C::Active, "Whether they may sign in and be given work.").filter().group(),
                graph::time(C::InvitedAt, "When they were asked to join.").filter().order(),
                graph::time(C::ActivatedAt, "When they first chose a password.").filter().order(),
                link(
                    C::ReportsToId,
                    meta,
                    "Whom they report to. Managers see what is below them where a role says SUBTREE.",
                ),
                link(C::CalendarId, business_calendar, "Their business hours; the organisation's unless set."),
                graph::many("absences", user_absence::Column::UserId, absence::meta, "When they are away."),
                graph::many("reports", C::ReportsToId, meta, "Who reports to them directly."),
                graph::many("memberships", membership::Column::UserId, team::memberships, "The teams they are in."),
                graph::many("role_grants", role_grant::Column::UserId, grant::meta, "The roles they hold."),
            ],
        )
    });
    &META
}
