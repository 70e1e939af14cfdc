//! Who may answer an offer of a lead: the user it is made to, the members of the pool or team it is made to, and their
//! managers; nobody else, whatever their rights. Until it is answered they see the lead.

use entity::{
    handoff::{Column as H, State},
    id::RowId,
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use crate::actor::Actor;

/// Offers, whatever their state, that this actor may answer.
pub fn answerable(actor: &Actor) -> Condition {
    let Some(me) = actor.user.map(RowId::uuid) else { return Condition::all().add(SimpleExpr::val(1).eq(0)) };
    let user = || column(H::OfferedUserId);
    let open =
        |key: SimpleExpr, groups: SelectStatement| Condition::all().add(user().is_null()).add(key.in_subquery(groups));
    Condition::any()
        .add(user().eq(me))
        .add(user().in_subquery(below(me)))
        .add(open(column(H::OfferedPoolId), groups("pool_member", "pool_id", actor, me)))
        .add(open(column(H::OfferedTeamId), groups("membership", "team_id", actor, me)))
}

/// The lead is offered, and this actor may answer.
pub fn to_answer(actor: &Actor) -> SimpleExpr {
    let leads = Query::select()
        .column(("handoff", H::LeadId))
        .from("handoff")
        .and_where(Expr::col(("handoff", "organization_id")).eq(actor.organization.uuid()))
        .and_where(Expr::col(("handoff", "deleted_at")).is_null())
        .and_where(column(H::State).eq(State::Pending))
        .cond_where(answerable(actor))
        .take();
    Expr::col(("lead", "id")).in_subquery(leads)
}

fn column(c: H) -> SimpleExpr {
    Expr::col(("handoff", c))
}

/// Everybody whose manager this user is, at any depth.
fn below(me: Uuid) -> SelectStatement {
    let line = |name: &'static str| Expr::col(("reporting_line", name));
    Query::select()
        .column(("reporting_line", "below_id"))
        .from("reporting_line")
        .and_where(line("above_id").eq(me))
        .take()
}

/// The pools or teams that this user, or somebody below them, is in.
fn groups(table: &'static str, group: &'static str, actor: &Actor, me: Uuid) -> SelectStatement {
    let col = |name: &'static str| Expr::col((table, name));
    Query::select()
        .column((table, group))
        .from(table)
        .and_where(col("organization_id").eq(actor.organization.uuid()))
        .and_where(col("deleted_at").is_null())
        .cond_where(Condition::any().add(col("user_id").eq(me)).add(col("user_id").in_subquery(below(me))))
        .take()
}
