//! Which opportunities began with marketing, or were touched by it before they were opened, as conditions over their history.

use entity::{
    campaign::Channel,
    opportunity_state::{Column as S, Entity as Stood},
    touchpoint::{Column as T, Entity as Touch},
};
use sea_orm::{
    Condition, DbBackend, ExprTrait, IdenStatic,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use super::{ask::Ask, population};
use crate::store::Guarded;

const TOUCH: &str = Touch::NAME;
/// Touches count for so long.
const LOOK_BACK_DAYS: i64 = 365;

fn stood(c: S) -> SimpleExpr {
    Expr::col((Stood::NAME, c))
}

fn col(table: &'static str, c: T) -> SimpleExpr {
    Expr::col((table, c))
}

/// A column of other rows of the organisation.
fn of(ask: &Ask, table: &'static str, column: &'static str) -> SelectStatement {
    Query::select()
        .column((table, column))
        .from(table)
        .and_where(Expr::col((table, "organization_id")).eq(ask.access.actor().organization))
        .and_where(Expr::col((table, "deleted_at")).is_null())
        .and_where(Expr::col((table, column)).is_not_null())
        .take()
}

/// The main contact, and whom the lead it began with became.
fn creators(ask: &Ask) -> [SelectStatement; 2] {
    let mut main = of(ask, "opportunity", "primary_contact_id");
    main.and_where(Expr::col(("opportunity", "id")).equals((Stood::NAME, S::OpportunityId)));
    let mut became = of(ask, "lead", "converted_contact_id");
    became.and_where(Expr::col(("lead", "id")).equals((Stood::NAME, S::SourceLeadId)));
    [main, became]
}

/// Of whoever the opportunity began with.
fn by_creator(ask: &Ask, table: &'static str) -> Condition {
    let [main, became] = creators(ask);
    Condition::any()
        .add(col(table, T::LeadId).eq(stood(S::SourceLeadId)))
        .add(col(table, T::ContactId).in_subquery(main))
        .add(col(table, T::ContactId).in_subquery(became))
}

/// Of them, or of somebody of the committee.
fn by_member(ask: &Ask, table: &'static str) -> Condition {
    let member = |key: &'static str, own: S| {
        let mut of = of(ask, "committee_member", "contact_id");
        of.and_where(Expr::col(("committee_member", key)).eq(stood(own)));
        col(table, T::ContactId).in_subquery(of)
    };
    by_creator(ask, table).add(member("opportunity_id", S::OpportunityId)).add(member("account_id", S::AccountId))
}

/// In the days before the opportunity was opened.
fn before(ask: &Ask, table: &'static str) -> Condition {
    let at = || col(table, T::OccurredAt);
    let opened = format!("\"{}\".\"{}\"", Stood::NAME, S::OpenedAt.as_str());
    let since = Expr::cust(match ask.access.store().backend() {
        DbBackend::Postgres => format!("{opened} - interval '{LOOK_BACK_DAYS} days'"),
        _ => format!("strftime('%Y-%m-%dT%H:%M:%f', {opened}, '-{LOOK_BACK_DAYS} days')"),
    });
    Condition::all()
        .add(col(table, T::OrganizationId).eq(ask.access.actor().organization))
        .add(col(table, T::DeletedAt).is_null())
        .add(at().lte(stood(S::OpenedAt)))
        .add(at().gte(since))
}

fn touches(table: &'static str) -> SelectStatement {
    Query::select().expr(Expr::val(1)).from_as(TOUCH, table).take()
}

fn is_marketing(table: &'static str) -> SimpleExpr {
    col(table, T::Channel).ne(Channel::Outbound).and(col(table, T::NotMarketing).eq(false))
}

/// Opened in the period by somebody whose first touch was marketing's.
pub fn sourced(ask: &Ask) -> Condition {
    let other = "sooner_";
    let sooner = col(other, T::OccurredAt)
        .lt(col("touch_", T::OccurredAt))
        .or(col(other, T::OccurredAt).eq(col("touch_", T::OccurredAt)).and(col(other, T::Id).lt(col("touch_", T::Id))));
    let first =
        touches(other).cond_where(before(ask, other)).cond_where(by_creator(ask, other)).and_where(sooner).take();
    let touched = touches("touch_")
        .cond_where(before(ask, "touch_"))
        .cond_where(by_creator(ask, "touch_"))
        .and_where(is_marketing("touch_"))
        .and_where(Expr::exists(first).not())
        .take();
    population::opened(ask).add(Expr::exists(touched))
}

/// Opened in the period after marketing touched somebody of them.
pub fn influenced(ask: &Ask) -> Condition {
    let touched = touches("touch_")
        .cond_where(before(ask, "touch_"))
        .cond_where(by_member(ask, "touch_"))
        .and_where(is_marketing("touch_"))
        .take();
    population::opened(ask).add(Expr::exists(touched))
}
