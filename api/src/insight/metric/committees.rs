//! Whom opportunities should know at the buyer, and whom they do: roles of buying committees, over the history of
//! opportunities. Roles and people count by when they were entered and taken out.

use entity::{
    committee_member::{Column as M, Entity as Member},
    committee_requirement::{Column as R, Entity as Requirement},
    opportunity_state::{Column as S, Entity as Stood},
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use super::{ask::Ask, past, population};
use crate::store::Guarded;

fn stood(c: S) -> SimpleExpr {
    Expr::col((Stood::NAME, c))
}

/// Rows that were there at the instant that is meant.
fn there(ask: &Ask, table: &'static str) -> SelectStatement {
    Query::select()
        .from(table)
        .and_where(Expr::col((table, "organization_id")).eq(ask.access.actor().organization))
        .cond_where(past::there(ask, table))
        .take()
}

/// Roles that the opportunity's pipeline asks for.
fn wanted(ask: &Ask) -> SelectStatement {
    there(ask, Requirement::NAME)
        .and_where(Expr::col((Requirement::NAME, R::PipelineId)).eq(stood(S::PipelineId)))
        .take()
}

/// That role is played by somebody of the opportunity's, or of its account's, who sit at every table there.
fn played(ask: &Ask) -> Condition {
    let roles = |key: M, own: S| {
        there(ask, Member::NAME)
            .column((Member::NAME, M::Role))
            .and_where(Expr::col((Member::NAME, key)).eq(stood(own)))
            .take()
    };
    let role = || Expr::col((Requirement::NAME, R::Role));
    // two lists, each found by its own index
    Condition::any()
        .add(role().in_subquery(roles(M::OpportunityId, S::OpportunityId)))
        .add(role().in_subquery(roles(M::AccountId, S::AccountId)))
}

fn number(mut query: SelectStatement) -> SimpleExpr {
    SimpleExpr::from(query.expr(Expr::cust("COUNT(*)")).take()).cast_as("bigint")
}

/// How many roles an opportunity should know somebody for.
pub fn required(ask: &Ask) -> SimpleExpr {
    number(wanted(ask))
}

/// For how many of them it does.
pub fn filled(ask: &Ask) -> SimpleExpr {
    number(wanted(ask).cond_where(played(ask)).take())
}

fn asks(ask: &Ask) -> SimpleExpr {
    Expr::exists(wanted(ask).expr(Expr::val(1)).take())
}

/// Open, in a pipeline that asks for roles.
pub fn open(ask: &Ask) -> Condition {
    population::open_at(ask.at).add(asks(ask))
}

/// Open, in one that asks for none.
pub fn unasked(ask: &Ask) -> Condition {
    population::open_at(ask.at).add(asks(ask).not())
}
