//! What both sides do together, as conditions: accounts that both want, goals that both own, content that is used. At a past
//! instant what was made, decided or used later had not been, and what was deleted later was still there.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    agreement_version::{Column as V, Entity as Version},
    content_asset::{Column as A, Entity as Asset, Status},
    content_use::{Column as U, Entity as Use},
    goal::{Column as G, Entity as Goal, GoalStatus},
    target_entry::{Column as E, Entity as Entry, TargetEntryState},
    target_list::{Column as L, Entity as List},
    target_vote::{Column as W, Entity as Vote, TargetChoice, TargetQuestion},
    user::{Column as P, Entity as Person, Side},
};
use sea_orm::{
    Condition, DbBackend, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use super::{ask::Ask, past};
use crate::{
    alignment::agreement::body::{has_come, newest},
    store::Guarded,
};

/// Content counts as used for so long.
pub const CONTENT_DAYS: i64 = 90;

fn entry(table: &'static str, c: E) -> SimpleExpr {
    Expr::col((table, c))
}

/// Accounts that either side proposed for a list whose period overlaps this one; who was taken off and proposed again counts
/// once.
pub fn proposed(ask: &Ask) -> Condition {
    let (start, end) = ask.days();
    let lists = Query::select()
        .column((List::NAME, L::Id))
        .from(List::NAME)
        .and_where(Expr::col((List::NAME, L::OrganizationId)).eq(ask.access.actor().organization))
        .cond_where(past::there(ask, List::NAME))
        .and_where(Expr::col((List::NAME, L::PeriodStart)).lt(end))
        .and_where(Expr::col((List::NAME, L::PeriodEnd)).gt(start))
        .take();
    let again = Query::select()
        .expr(Expr::val(1))
        .from_as(Entry::NAME, "again_")
        .and_where(entry("again_", E::OrganizationId).eq(ask.access.actor().organization))
        .cond_where(past::there(ask, "again_"))
        .and_where(entry("again_", E::TargetListId).equals((Entry::NAME, E::TargetListId)))
        .and_where(entry("again_", E::AccountId).equals((Entry::NAME, E::AccountId)))
        .and_where(entry("again_", E::Id).gt(entry(Entry::NAME, E::Id)))
        .take();
    past::made(ask, Entry::NAME)
        .add(entry(Entry::NAME, E::TargetListId).in_subquery(lists))
        .add(Expr::exists(again).not())
}

/// Of these, those that both sides want.
pub fn agreed(ask: &Ask) -> Condition {
    let state = |state| entry(Entry::NAME, E::State).eq(state);
    let Some(at) = ask.at else { return proposed(ask).add(state(TargetEntryState::Agreed)) };
    let decided = entry(Entry::NAME, E::DecidedAt).lt(at);
    let removed = || entry(Entry::NAME, E::RemovedAt);
    // what was taken off since had been agreed or declined: by the votes, which stay as they were
    let since = Condition::all()
        .add(state(TargetEntryState::Removed))
        .add(wanted(ask, Side::Marketing))
        .add(wanted(ask, Side::Sales));
    proposed(ask)
        .add(decided)
        .add(removed().is_null().or(removed().gte(at)))
        .add(Condition::any().add(state(TargetEntryState::Agreed)).add(since))
}

/// A side said that it wants the account.
fn wanted(ask: &Ask, side: Side) -> SimpleExpr {
    let vote = |c: W| Expr::col((Vote::NAME, c));
    let yes = Query::select()
        .expr(Expr::val(1))
        .from(Vote::NAME)
        .and_where(vote(W::OrganizationId).eq(ask.access.actor().organization))
        .and_where(vote(W::TargetEntryId).equals((Entry::NAME, E::Id)))
        .and_where(vote(W::Question).eq(TargetQuestion::Add))
        .and_where(vote(W::Side).eq(side))
        .and_where(vote(W::Choice).eq(TargetChoice::Yes))
        .take();
    Expr::exists(yes)
}

/// Goals that are, or were, worked for and whose period overlaps this one.
pub fn goals(ask: &Ask) -> Condition {
    let ((start, end), goal) = (ask.days(), |c: G| Expr::col((Goal::NAME, c)));
    if ask.at.is_none() {
        return Condition::all()
            .add(goal(G::Status).is_in([GoalStatus::Active, GoalStatus::Achieved, GoalStatus::Missed]))
            .add(goal(G::PeriodStart).lt(end))
            .add(goal(G::PeriodEnd).gt(start));
    }
    let (given_up, from, until) = match ask.access.store().backend() {
        DbBackend::Postgres => (
            "COALESCE(\"said_\".\"body\" #>> '{goal,cancelled}', 'false') = 'true'",
            "(\"said_\".\"body\" #>> '{goal,periodStart}')::date",
            "(\"said_\".\"body\" #>> '{goal,periodEnd}')::date",
        ),
        _ => (
            "COALESCE(json_extract(\"said_\".\"body\", '$.goal.cancelled'), 0) = 1",
            "json_extract(\"said_\".\"body\", '$.goal.periodStart')",
            "json_extract(\"said_\".\"body\", '$.goal.periodEnd')",
        ),
    };
    let said = said(ask)
        .expr(Expr::val(1))
        .and_where(Expr::cust(given_up).not())
        .and_where(Expr::cust(from).lt(end))
        .and_where(Expr::cust(until).gt(start))
        .take();
    Condition::all().add(Expr::exists(said))
}

/// What a goal says: the version that it shows, or the one that was in force at the instant; none before the first was.
pub fn said(ask: &Ask) -> SelectStatement {
    let said = |c: V| Expr::col(("said_", c));
    Query::select()
        .from_as(Version::NAME, "said_")
        .and_where(said(V::OrganizationId).eq(ask.access.actor().organization))
        .and_where(
            said(V::Id).eq(ask.at.map_or(Expr::col((Goal::NAME, G::AgreementVersionId)), |at| in_force(ask, at))),
        )
        .take()
}

/// As `goal::versions` finds it: the latest that was signed and in force before the instant.
fn in_force(ask: &Ask, at: DateTime<Utc>) -> SimpleExpr {
    let version = |c: V| Expr::col((Version::NAME, c));
    let mut found = Query::select();
    found
        .column((Version::NAME, V::Id))
        .from(Version::NAME)
        .and_where(version(V::OrganizationId).eq(ask.access.actor().organization))
        .and_where(version(V::AgreementId).equals((Goal::NAME, G::AgreementId)))
        .cond_where(has_come(at))
        .and_where(version(V::EffectiveFrom).lt(at))
        .and_where(version(V::RatifiedAt).lt(at))
        .limit(1);
    newest(&mut found);
    SimpleExpr::SubQuery(None, Box::new(found.into()))
}

/// Of these, those that name somebody on each side who is still there and on that side.
pub fn owned(ask: &Ask) -> Condition {
    goals(ask).add(names(ask, Side::Marketing, "marketingOwnerIds")).add(names(ask, Side::Sales, "salesOwnerIds"))
}

fn names(ask: &Ask, side: Side, member: &str) -> SimpleExpr {
    let owner = |c: P| Expr::col(("owner_", c));
    let (id, list) = match ask.access.store().backend() {
        DbBackend::Postgres => {
            ("replace(\"owner_\".\"id\"::text, '-', '')", format!("(\"said_\".\"body\" #> '{{goal,{member}}}')::text"))
        }
        _ => ("lower(hex(\"owner_\".\"id\"))", format!("json_extract(\"said_\".\"body\", '$.goal.{member}')")),
    };
    let found = said(ask)
        .expr(Expr::val(1))
        .from_as(Person::NAME, "owner_")
        .and_where(owner(P::OrganizationId).eq(ask.access.actor().organization))
        .cond_where(past::stays(ask, "owner_"))
        .and_where(owner(P::Active).eq(true))
        .and_where(owner(P::Side).eq(side))
        .and_where(Expr::cust(format!("{list} LIKE '%user_' || {id} || '\"%'")))
        .take();
    Expr::exists(found)
}

/// Content that is to be used.
pub fn active(ask: &Ask) -> Condition {
    past::made(ask, Asset::NAME).add(Expr::col((Asset::NAME, A::Status)).eq(Status::Active))
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
        .cond_where(past::there(ask, Use::NAME))
        .and_where(col(U::ContentAssetId).equals((Asset::NAME, A::Id)))
        .and_where(col(U::At).gte(until - TimeDelta::days(CONTENT_DAYS)))
        .and_where(col(U::At).lte(until))
        .cond_where(Condition::all().add_option(ask.at.map(|at| col(U::At).lt(at))))
        .and_where(col(U::UserId).in_subquery(sales))
        .take();
    Expr::exists(uses)
}
