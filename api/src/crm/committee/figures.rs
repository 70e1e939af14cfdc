//! What a committee says of its opportunity, reckoned by the database while it reads the row: coverage of the roles
//! that the pipeline asks for, and how many people there talk to us. Who may not see committees gets null.

use chrono::Duration;
use entity::{
    activity::{Column as A, Direction, Kind as ActivityKind},
    committee_member::{Column as M, Entity as Member},
    committee_requirement::Column as R,
    id::RowId,
    opportunity::Column as O,
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, Func, Query, SelectStatement, SimpleExpr},
};

use crate::{
    actor::Permission,
    graph::{Field, Kind, Reckoned, ratio, reckoned},
    store::{Access, condition_of},
};

/// Whoever has not met or answered us for so long is not engaged any more.
const ENGAGED_DAYS: i64 = 90;
/// With fewer engaged people an opportunity hangs by one thread.
const THREADS: i32 = 2;

/// The fields of an opportunity.
pub fn fields() -> Vec<Field> {
    vec![
        ratio(
            "committee_coverage",
            [Reckoned { name: "roles_filled", sql: filled }, Reckoned { name: "roles_required", sql: required }],
            "Roles that its pipeline requires and its committee has somebody for, out of those required; `value` is null where none is. Null without COMMITTEE_MEMBER_READ.",
        ),
        reckoned("roles_missing", Kind::Integer, missing, "How many of the roles that its pipeline requires its committee has nobody for. Null without COMMITTEE_MEMBER_READ.")
            .filter(),
        reckoned("engaged_contacts", Kind::Integer, engaged, "How many people of its committee met or answered us within the last 90 days, whoever of us it was. Null without COMMITTEE_MEMBER_READ.")
            .filter(),
        reckoned("single_threaded", Kind::Boolean, single, "Whether fewer than two people of its committee are engaged: if one leaves, nobody is left. Null without COMMITTEE_MEMBER_READ.")
            .filter(),
    ]
}

fn number(query: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(query.into())).cast_as("integer")
}

/// The value, or a null of this type for who sees no committees.
fn known(access: &Access, ty: &'static str, value: impl FnOnce() -> SimpleExpr) -> SimpleExpr {
    if access.actor().may(Permission::CommitteeMemberRead) { value() } else { Expr::cust("NULL").cast_as(ty) }
}

fn of_tenant(access: &Access, table: &'static str) -> SelectStatement {
    Query::select()
        .from(table)
        .and_where(Expr::col((table, "organization_id")).eq(access.actor().organization.uuid()))
        .and_where(Expr::col((table, "deleted_at")).is_null())
        .take()
}

/// The opportunity's own members and those of its account, who sit at every table there, that the caller may see: with
/// the whole reach all of them, since they see the row.
fn members(access: &Access) -> SelectStatement {
    let mut members = of_tenant(access, "committee_member");
    let member = |c: M| Expr::col(("committee_member", c));
    let theirs = Condition::any()
        .add(member(M::OpportunityId).equals(("opportunity", O::Id)))
        .add(member(M::AccountId).equals(("opportunity", O::AccountId)));
    members.cond_where(theirs);
    if !access.actor().reaches_all(Permission::CommitteeMemberRead) {
        members.cond_where(condition_of::<Member>(access.actor(), Permission::CommitteeMemberRead));
    }
    members
}

fn requirements(access: &Access) -> SelectStatement {
    let mut wanted = of_tenant(access, "committee_requirement");
    wanted.and_where(Expr::col(("committee_requirement", R::PipelineId)).equals(("opportunity", O::PipelineId)));
    wanted
}

fn count(mut query: SelectStatement) -> SimpleExpr {
    number(query.expr(Expr::cust("COUNT(*)")).take())
}

fn required(access: &Access) -> SimpleExpr {
    count(requirements(access))
}

fn roles(access: &Access) -> SelectStatement {
    members(access).column(("committee_member", M::Role)).take()
}

fn filled(access: &Access) -> SimpleExpr {
    known(access, "integer", || {
        let role = Expr::col(("committee_requirement", R::Role));
        count(requirements(access).and_where(role.in_subquery(roles(access))).take())
    })
}

fn missing(access: &Access) -> SimpleExpr {
    known(access, "integer", || {
        let role = Expr::col(("committee_requirement", R::Role));
        count(requirements(access).and_where(role.not_in_subquery(roles(access))).take())
    })
}

/// Activities of a member's contact in which they met or answered us. Not narrowed to what the caller may read: that
/// somebody talked with us says nothing of what was said, and a risk must be the same for everybody.
fn talks(access: &Access) -> SelectStatement {
    let column = |c: A| Expr::col(("activity", c));
    of_tenant(access, "activity")
        .and_where(column(A::ContactId).equals(("committee_member", M::ContactId)))
        .and_where(column(A::HappenedAt).is_not_null())
        .cond_where(
            Condition::any()
                .add(column(A::Kind).eq(ActivityKind::Meeting))
                .add(column(A::Direction).eq(Direction::Inbound)),
        )
        .take()
}

/// Of a committee member: when they last met or answered us.
pub fn engaged_at(access: &Access) -> SimpleExpr {
    let last = Func::max(Expr::col(("activity", A::HappenedAt)));
    SimpleExpr::SubQuery(None, Box::new(talks(access).expr(last).take().into()))
}

fn engaged(access: &Access) -> SimpleExpr {
    known(access, "integer", || {
        let since = access.now() - Duration::days(ENGAGED_DAYS);
        let recent = Expr::col(("activity", A::HappenedAt)).gte(since);
        let talked = Expr::exists(talks(access).expr(Expr::val(1)).and_where(recent).take());
        let people = Func::count_distinct(Expr::col(("committee_member", M::ContactId)));
        number(members(access).expr(people).and_where(talked).take())
    })
}

fn single(access: &Access) -> SimpleExpr {
    known(access, "boolean", || engaged(access).lt(THREADS))
}
