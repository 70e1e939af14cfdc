//! Which opportunities began with marketing, or were touched by it before they were opened, as conditions over their history.
//! Each way that leads from an opportunity to somebody is a statement of its own: one with an OR over all of them uses no index.

use entity::{
    campaign::Channel,
    opportunity_state::{Column as S, Entity as Stood},
    touchpoint::{Column as T, Entity as Touch},
};
use sea_orm::{
    Condition, DbBackend, ExprTrait, IdenStatic, Order,
    sea_query::{Expr, JoinType, Query, SelectStatement, SimpleExpr, UnionType},
};

use super::{ask::Ask, population};
use crate::store::Guarded;

const TOUCH: &str = Touch::NAME;
/// Touches count for so long.
const LOOK_BACK_DAYS: i64 = 365;

fn stood(c: S) -> SimpleExpr {
    Expr::col((Stood::NAME, c))
}

fn col(c: T) -> SimpleExpr {
    Expr::col((TOUCH, c))
}

fn is_marketing() -> SimpleExpr {
    col(T::Channel).ne(Channel::Outbound).and(col(T::NotMarketing).eq(false))
}

/// Touches in the days before the opportunity was opened.
fn before(ask: &Ask) -> SelectStatement {
    let at = || col(T::OccurredAt);
    let opened = format!("\"{}\".\"{}\"", Stood::NAME, S::OpenedAt.as_str());
    let since = Expr::cust(match ask.access.store().backend() {
        DbBackend::Postgres => format!("{opened} - interval '{LOOK_BACK_DAYS} days'"),
        _ => format!("strftime('%Y-%m-%dT%H:%M:%f', {opened}, '-{LOOK_BACK_DAYS} days')"),
    });
    Query::select()
        .from(TOUCH)
        .and_where(col(T::OrganizationId).eq(ask.access.actor().organization))
        .and_where(col(T::DeletedAt).is_null())
        .and_where(at().lte(stood(S::OpenedAt)))
        .and_where(at().gte(since))
        .take()
}

/// Of the contact that `table` names in rows whose `key` is the opportunity's.
fn of(ask: &Ask, (table, contact): (&'static str, &'static str), (key, own): (&'static str, S)) -> SelectStatement {
    before(ask)
        .join(JoinType::InnerJoin, table, Expr::col((table, contact)).eq(col(T::ContactId)))
        .and_where(Expr::col((table, "organization_id")).eq(ask.access.actor().organization))
        .and_where(Expr::col((table, "deleted_at")).is_null())
        .and_where(Expr::col((table, key)).eq(stood(own)))
        .take()
}

/// Of whoever the opportunity began with: its lead, whom that became, and the main contact.
fn of_creators(ask: &Ask) -> [SelectStatement; 3] {
    [
        before(ask).and_where(col(T::LeadId).eq(stood(S::SourceLeadId))).take(),
        of(ask, ("lead", "converted_contact_id"), ("id", S::SourceLeadId)),
        of(ask, ("opportunity", "primary_contact_id"), ("id", S::OpportunityId)),
    ]
}

/// Of somebody of the committee.
fn of_members(ask: &Ask) -> [SelectStatement; 2] {
    let member = |key: &'static str, own: S| of(ask, ("committee_member", "contact_id"), (key, own));
    [member("opportunity_id", S::OpportunityId), member("account_id", S::AccountId)]
}

/// Opened in the period by somebody whose first touch was marketing's.
pub fn sourced(ask: &Ask) -> Condition {
    let (at, id, ours) = ("at_", "id_", "ours_");
    let told = of_creators(ask).map(|mut touches| {
        touches.expr_as(col(T::OccurredAt), at).expr_as(col(T::Id), id).expr_as(is_marketing(), ours).take()
    });
    let all = told.into_iter().reduce(|mut all, more| all.union(UnionType::All, more).take()).unwrap_or_default();
    let first = Query::select()
        .column(("all_", ours))
        .from_subquery(all, "all_")
        .order_by(("all_", at), Order::Asc)
        .order_by(("all_", id), Order::Asc)
        .limit(1)
        .take();
    population::opened(ask).add(SimpleExpr::from(first).eq(true))
}

/// Opened in the period after marketing touched somebody of them.
pub fn influenced(ask: &Ask) -> Condition {
    let ways = of_creators(ask).into_iter().chain(of_members(ask));
    let touched = ways.map(|mut touches| Expr::exists(touches.expr(Expr::val(1)).and_where(is_marketing()).take()));
    population::opened(ask).add(touched.fold(Condition::any(), Condition::add))
}
