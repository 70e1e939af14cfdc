//! Saved dashboards: which figures somebody looks at and how they are drawn, for oneself, for named roles and teams, or for
//! the organisation. It computes nothing of its own: every figure is what its single query answers to whoever looks.

pub mod data;
pub mod graphql;
mod layout;
mod news;
mod show;
mod span;
pub mod stream;
mod widget;

use entity::{
    dashboard::{ActiveModel, Column as C, Entity, Sharing},
    dashboard_share::{self as share, Column as S},
    id::{DashboardId, DashboardShareId, RowId},
    membership, role_grant,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use crate::{
    actor::{Actor, Permission, Via},
    error::{Error, Fault, FaultCode, Result},
    graph::{
        Change, Meta, Record, Refusals,
        link::{Named, named_in, unseen_in},
    },
    store::{Guarded, Tx, belonging},
};

/// Widgets of a dashboard, at most.
pub const MOST_WIDGETS: usize = 24;

fn column(c: C) -> Expr {
    Expr::col((Entity::NAME, c))
}

impl Guarded for Entity {
    type Id = DashboardId;
    const NAME: &'static str = "dashboard";
    const READ: Permission = Permission::DashboardRead;

    /// One's own; of others' what is shared with one. A private one is out of everybody else's reach, however far that goes.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        if actor.via == Via::System {
            return Condition::all();
        }
        let Some(me) = actor.user else { return Condition::all().add(SimpleExpr::val(1).eq(0)) };
        let open = column(C::Sharing).ne(Sharing::Private);
        let reached = Condition::all().add(open).add(actor.reach(permission, (Self::NAME, C::OwnerId)));
        let any = Condition::any().add(column(C::OwnerId).eq(me.uuid())).add(reached);
        if permission != Self::READ {
            return any;
        }
        let named = column(C::Sharing).eq(Sharing::Named).and(column(C::Id).in_subquery(named_for(actor)));
        any.add(column(C::Sharing).eq(Sharing::Organization)).add(named)
    }
}

/// Dashboards that are shared with a role or a team of the actor.
fn named_for(actor: &Actor) -> SelectStatement {
    let me = actor.user.map(RowId::uuid);
    let ours = |table: &'static str| {
        let here = Expr::col((table, "organization_id")).eq(actor.organization.uuid());
        here.and(Expr::col((table, "deleted_at")).is_null())
    };
    let mine = |table: &'static str, held: &'static str| {
        Query::select()
            .column((table, held))
            .from(table)
            .and_where(ours(table))
            .and_where(Expr::col((table, "user_id")).eq(me))
            .take()
    };
    let share = |c: S| Expr::col((share::Entity::NAME, c));
    let role = share(S::RoleId).in_subquery(mine(role_grant::Entity::NAME, "role_id"));
    let team = share(S::TeamId).in_subquery(mine(membership::Entity::NAME, "team_id"));
    Query::select()
        .column((share::Entity::NAME, S::DashboardId))
        .from(share::Entity::NAME)
        .and_where(ours(share::Entity::NAME))
        .and_where(role.or(team))
        .take()
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Create", "Update", "Upsert"], &[FaultCode::NotFound])];

    fn meta() -> &'static Meta {
        graphql::meta()
    }

    fn blank(_: chrono::DateTime<chrono::Utc>) -> ActiveModel {
        ActiveModel { sharing: Set(Sharing::Private), ..Default::default() }
    }

    /// Whoever saves it owns it, and names only records that they see: nobody learns of others by saving.
    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let nobody = || Error::internal("a dashboard is somebody's");
            for change in changes.iter_mut().filter(|change| change.before.is_none()) {
                change.row.owner_id = Set(tx.access().actor().user.ok_or_else(nobody)?);
            }
            let named = changes.iter().enumerate().flat_map(|(at, change)| named(at, change)).collect();
            for mut fault in unseen_in(tx, named).await? {
                let at: usize = fault.field.remove(0).parse().map_err(Error::internal)?;
                changes[at].faults.push(fault);
            }
            Ok(())
        })
    }
}

/// The records that a new layout names: the place of the change, then the path in its input.
fn named(at: usize, change: &Change<Entity>) -> Vec<Named> {
    let mut found = vec![];
    if let Set(layout) = &change.row.layout
        && change.before.as_ref().is_none_or(|before| before.layout != *layout)
    {
        named_in(layout, &mut vec![at.to_string(), "layout".to_owned()], true, &mut found);
    }
    found
}

impl Guarded for share::Entity {
    type Id = DashboardShareId;
    const NAME: &'static str = "dashboard_share";
    const READ: Permission = Permission::DashboardRead;

    /// With its dashboard.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<Entity>(actor, permission, (Self::NAME, S::DashboardId))
    }
}

impl Record for share::Entity {
    const REFUSES: Refusals = &[(&["Create"], &[FaultCode::Validation])];

    fn meta() -> &'static Meta {
        graphql::shares()
    }

    fn check<'a>(_: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes {
                let role = change.row.role_id.try_as_ref().is_some_and(Option::is_some);
                let team = change.row.team_id.try_as_ref().is_some_and(Option::is_some);
                if role == team {
                    let message = "give a role or a team, one of them";
                    change.faults.push(Fault::new(FaultCode::Validation, "roleId", message));
                }
            }
            Ok(())
        })
    }
}
