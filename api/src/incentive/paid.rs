//! Who sees whose pay: the person, those above in the tree, whoever holds the right for everybody, and for a while whom
//! somebody of finance has let look. One predicate for every table that says what people are paid.

use entity::{
    id::RowId,
    incentive_access_grant::{Column as G, Entity as Grants},
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Alias, Expr, IntoIden, Query, SelectStatement},
};

use crate::{
    actor::{Actor, Permission, Via},
    store::Guarded,
};

/// Rows whose payee the permission reaches. To read also those at which the actor may look for now.
pub fn paid(actor: &Actor, permission: Permission, payee: (&'static str, impl IntoIden + Copy)) -> Condition {
    let own = actor.below(permission, payee);
    if permission != Permission::IncentiveRead || own.is_empty() || !matches!(actor.via, Via::Session(_)) {
        return own;
    }
    let Some(me) = actor.user else { return own };
    let shown = Expr::col((payee.0, payee.1.into_iden())).in_subquery(shown(actor, me.uuid()));
    Condition::any().add(own).add(shown)
}

/// At whose pay somebody may look now. The databases' own clocks decide, so that nothing has to run when an hour is over.
fn shown(actor: &Actor, me: uuid::Uuid) -> SelectStatement {
    let column = |c: G| Expr::col((Grants::NAME, c));
    Query::select()
        .column((Grants::NAME, G::SubjectId))
        .from(Grants::NAME)
        .and_where(column(G::OrganizationId).eq(actor.organization.uuid()))
        .and_where(column(G::UserId).eq(me))
        .and_where(column(G::DeletedAt).is_null())
        .and_where(column(G::RevokedAt).is_null())
        .and_where(column(G::ExpiresText).gt(Expr::current_timestamp().cast_as(Alias::new("text"))))
        .take()
}

/// An instant as `CURRENT_TIMESTAMP` reads as text on both databases, to the second.
pub fn as_text(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}
