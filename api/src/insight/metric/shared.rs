//! What both sides do together, as conditions: accounts that both want, goals that both own, content that is used.

use chrono::TimeDelta;
use entity::{
    content_asset::{Column as A, Entity as Asset, Status},
    content_use::{Column as U, Entity as Use},
    goal::{Column as G, Entity as Goal, GoalStatus},
    target_entry::{Column as E, Entity as Entry, TargetEntryState},
    target_list::{Column as L, Entity as List},
    user::{Column as P, Entity as Person, Side},
    word::Word,
};
use sea_orm::{
    Condition, DbBackend, ExprTrait,
    sea_query::{Expr, Query, SimpleExpr},
};

use super::ask::Ask;
use crate::store::Guarded;

/// Content counts as used for so long.
pub const CONTENT_DAYS: i64 = 90;

/// Accounts that either side proposed for a list whose period overlaps this one; who was taken off and proposed again counts
/// once.
pub fn proposed(ask: &Ask) -> Condition {
    let (start, end) = ask.days();
    let entry = |table: &'static str, c: E| Expr::col((table, c));
    let lists = Query::select()
        .column((List::NAME, L::Id))
        .from(List::NAME)
        .and_where(Expr::col((List::NAME, L::OrganizationId)).eq(ask.access.actor().organization))
        .and_where(Expr::col((List::NAME, L::DeletedAt)).is_null())
        .and_where(Expr::col((List::NAME, L::PeriodStart)).lt(end))
        .and_where(Expr::col((List::NAME, L::PeriodEnd)).gt(start))
        .take();
    let again = Query::select()
        .expr(Expr::val(1))
        .from_as(Entry::NAME, "again_")
        .and_where(entry("again_", E::OrganizationId).eq(ask.access.actor().organization))
        .and_where(entry("again_", E::DeletedAt).is_null())
        .and_where(entry("again_", E::TargetListId).equals((Entry::NAME, E::TargetListId)))
        .and_where(entry("again_", E::AccountId).equals((Entry::NAME, E::AccountId)))
        .and_where(entry("again_", E::Id).gt(entry(Entry::NAME, E::Id)))
        .take();
    Condition::all().add(entry(Entry::NAME, E::TargetListId).in_subquery(lists)).add(Expr::exists(again).not())
}

/// Of these, those that both sides want.
pub fn agreed(ask: &Ask) -> Condition {
    proposed(ask).add(Expr::col((Entry::NAME, E::State)).eq(TargetEntryState::Agreed))
}

/// Goals that are, or were, worked for and whose period overlaps this one.
pub fn goals(ask: &Ask) -> Condition {
    let ((start, end), goal) = (ask.days(), |c: G| Expr::col((Goal::NAME, c)));
    Condition::all()
        .add(goal(G::Status).is_in([GoalStatus::Active, GoalStatus::Achieved, GoalStatus::Missed]))
        .add(goal(G::PeriodStart).lt(end))
        .add(goal(G::PeriodEnd).gt(start))
}

/// Of these, those that name somebody on each side who is still there and on that side.
pub fn owned(ask: &Ask) -> Condition {
    let backend = ask.access.store().backend();
    let of = |side: Side, member: &str| {
        let (id, list) = match backend {
            DbBackend::Postgres => {
                ("replace(owner_.id::text, '-', '')", format!("(said_.body #> '{{goal,{member}}}')::text"))
            }
            _ => ("lower(hex(owner_.id))", format!("json_extract(said_.body, '$.goal.{member}')")),
        };
        Expr::cust(format!(
            "EXISTS (SELECT 1 FROM \"user\" AS owner_ JOIN agreement_version AS said_ ON said_.id = \"goal\".\"agreement_version_id\" \
             WHERE owner_.organization_id = \"goal\".\"organization_id\" AND owner_.deleted_at IS NULL AND owner_.active \
             AND owner_.side = '{}' AND {list} LIKE '%user_' || {id} || '\"%')",
            side.word()
        ))
    };
    goals(ask).add(of(Side::Marketing, "marketingOwnerIds")).add(of(Side::Sales, "salesOwnerIds"))
}

/// Content that is to be used.
pub fn active(_: &Ask) -> Condition {
    Condition::all().add(Expr::col((Asset::NAME, A::Status)).eq(Status::Active))
}

/// Of it, what sales used in the days before the period ends, or before now.
pub fn used(ask: &Ask) -> Condition {
    active(ask).add(by_sales(ask))
}

/// Of it, what sales did not.
pub fn unused(ask: &Ask) -> Condition {
    active(ask).add(by_sales(ask).not())
}

fn by_sales(ask: &Ask) -> SimpleExpr {
    let until = ask.until().unwrap_or(ask.now());
    let col = |c: U| Expr::col((Use::NAME, c));
    let sales = Query::select()
        .column((Person::NAME, P::Id))
        .from(Person::NAME)
        .and_where(Expr::col((Person::NAME, P::OrganizationId)).eq(ask.access.actor().organization))
        .and_where(Expr::col((Person::NAME, P::Side)).eq(Side::Sales))
        .take();
    let uses = Query::select()
        .expr(Expr::val(1))
        .from(Use::NAME)
        .and_where(col(U::OrganizationId).eq(ask.access.actor().organization))
        .and_where(col(U::DeletedAt).is_null())
        .and_where(col(U::ContentAssetId).equals((Asset::NAME, A::Id)))
        .and_where(col(U::At).gte(until - TimeDelta::days(CONTENT_DAYS)))
        .and_where(col(U::At).lte(until))
        .and_where(col(U::UserId).in_subquery(sales))
        .take();
    Expr::exists(uses)
}
