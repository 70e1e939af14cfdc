//! Teams and who is in them. They group people and have no hierarchy: that is `reportsTo`.

use std::sync::LazyLock;

use entity::{
    id::{MembershipId, RowId, TeamId, UserId},
    membership, role_grant,
    team::{self, Column as C, Entity},
    user,
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Query, SimpleExpr},
};

use super::user as users;
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{
        self, Kind, Meta, Record, Refusals, Rules,
        record::{Change, link, remembered},
    },
    store::{Access, Guarded, Scoped, Tx, expect_version},
};

impl Guarded for Entity {
    type Id = TeamId;
    const NAME: &'static str = "team";
    const READ: Permission = Permission::TeamRead;

    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

impl Guarded for membership::Entity {
    type Id = MembershipId;
    const NAME: &'static str = "membership";
    const READ: Permission = Permission::TeamRead;
    const RIGHTS: bool = true;

    /// Who may change teams only so far moves only the people they reach.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        match permission {
            Permission::TeamRead | Permission::TeamDelete => Condition::all(),
            // a right within a team would reach whoever is put into it
            _ if actor.rights.reach(permission).is_none() => Condition::all(),
            _ => actor.reach(permission, (Self::NAME, membership::Column::UserId)),
        }
    }
}

impl Record for membership::Entity {
    const REFUSES: Refusals = &[(&[], &[FaultCode::Forbidden])];

    fn meta() -> &'static Meta {
        memberships()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(reached_before(tx, changes))
    }
}

/// Whoever is put into a team of mine is within reach of TEAM as soon as they are in it: they must have been before.
async fn reached_before(tx: &mut Tx, changes: &mut [Change<membership::Entity>]) -> Result<()> {
    let (access, permission) = (tx.access().clone(), tx.permission());
    if access.actor().reaches_all(permission) {
        return Ok(());
    }
    let reach = access.actor().reach(permission, ("user", user::Column::Id));
    let reached = Scoped::<user::Entity>::read(&access).filter(reach).shape(|q| _ = q.column(("user", "id")));
    let rows = tx.cells(reached).await?;
    let reached = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<UserId>, _>>()?;
    for change in changes {
        if change.row.user_id.try_as_ref().is_some_and(|user| !reached.contains(user)) {
            let message = "this needs the permission for them: a wider scope";
            change.faults.push(Fault::new(FaultCode::Forbidden, "userId", message));
        }
    }
    Ok(())
}

/// Deletes a team, takes everybody out of it and takes back the roles that held only in it: who shares no team any
/// more sees less at once.
pub async fn delete(access: &Access, id: TeamId, version: Option<i32>) -> Result<TeamId> {
    let mut tx = access.begin(Permission::TeamDelete).await?;
    let team = tx.lock::<Entity>(id).await?;
    expect_version::<Entity>(&team, version)?;
    let members = Condition::all().add(membership::Column::TeamId.eq(id));
    for member in tx.lock_where::<membership::Entity>(members).await? {
        tx.delete::<membership::Entity>(member).await?;
    }
    let limited = Condition::all().add(role_grant::Column::TeamId.eq(id));
    for grant in tx.lock_where::<role_grant::Entity>(limited).await? {
        tx.delete::<role_grant::Entity>(grant).await?;
    }
    tx.delete::<Entity>(team).await?;
    tx.commit(remembered(id.uuid())).await?;
    Ok(id)
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::TeamRead,
            create: Some(Permission::TeamCreate),
            update: Some(Permission::TeamUpdate),
            delete: None,
            assign: None,
        };
        Meta::new::<Entity>(
            "Team",
            "teams",
            "A group of users. Who shares a team may see each other's records where a role says TEAM.",
            rules,
            vec![
                graph::text(C::Name, "Its name. Unique in the organisation.")
                    .max(100)
                    .write()
                    .required()
                    .filter()
                    .order()
                    .unique(),
                graph::word::<team::Kind, _>(C::Kind, "What sort of people it groups.")
                    .write()
                    .required()
                    .filter()
                    .group(),
                graph::text(C::Description, "What it is for, in plain text.").max(1000).write(),
                graph::reckoned(
                    "active",
                    Kind::Boolean,
                    active,
                    "Whether it can work: a CROSS team needs at least one active user of each side, another team nobody. Null \
                     without USER_READ.",
                )
                .filter(),
                graph::many("memberships", membership::Column::TeamId, memberships, "Who is in it."),
            ],
        )
    });
    &META
}

/// A team of both sides is one only with people of both.
fn active(access: &Access) -> SimpleExpr {
    if !access.actor().may(Permission::UserRead) {
        return Expr::cust("CAST(NULL AS boolean)");
    }
    let with = |side: user::Side| {
        let member = |column: membership::Column| Expr::col((membership::Entity::NAME, column));
        let person = |column: user::Column| Expr::col((user::Entity::NAME, column));
        let found = Query::select()
            .expr(Expr::val(1))
            .from(membership::Entity::NAME)
            .inner_join(user::Entity::NAME, person(user::Column::Id).eq(member(membership::Column::UserId)))
            .and_where(member(membership::Column::TeamId).eq(Expr::col((Entity::NAME, C::Id))))
            .and_where(member(membership::Column::DeletedAt).is_null())
            .and_where(person(user::Column::DeletedAt).is_null())
            .and_where(person(user::Column::Active).eq(true))
            .and_where(person(user::Column::Side).eq(side.word()))
            .take();
        Expr::exists(found)
    };
    let cross = Expr::col((Entity::NAME, C::Kind)).eq(team::Kind::Cross.word());
    cross.not().or(with(user::Side::Marketing).and(with(user::Side::Sales)))
}

pub fn memberships() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::TeamRead,
            create: Some(Permission::TeamUpdate),
            update: None,
            delete: Some(Permission::TeamUpdate),
            assign: None,
        };
        Meta::new::<membership::Entity>(
            "Membership",
            "memberships",
            "A user's place in a team; each user once in each team.",
            rules,
            vec![
                link_once(membership::Column::TeamId, meta, "The team."),
                link_once(membership::Column::UserId, users::meta, "The user."),
            ],
        )
    });
    &META
}

fn link_once<K: ColumnTrait>(key: K, to: fn() -> &'static Meta, about: &'static str) -> graph::Field {
    link(key, to, about).once()
}
