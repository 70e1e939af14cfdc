//! New customers as touches earned them: parts of first sales by an ATTRIBUTION agreement, as conditions over its credit.

use entity::{
    agreement_version::{Column as V, Entity as Version, Status},
    attribution::Anchor,
    attribution_credit::{Column as C, Entity as Credit},
    opportunity_state::{Column as S, Entity as Stood},
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use super::{Metric, ask::Ask, customers, grain::Grain};
use crate::{error::Result, graph::value, insight::attribution::agreed, store::Guarded};

fn col(c: C) -> SimpleExpr {
    Expr::col((Credit::NAME, c))
}

/// Credit is kept by the agreement that is asked for.
pub async fn check(ask: &Ask, metric: &Metric) -> Result<()> {
    let counted = metric.parts.iter().any(|part| part.grain == Grain::AttributionCredit);
    if let Some(id) = ask.options.model.as_ref().filter(|_| counted) {
        agreed(&ask.access, std::slice::from_ref(id), &[Anchor::Won]).await?;
    }
    Ok(())
}

/// The version that is asked for, or the one in force of the agreement that is.
fn version(ask: &Ask) -> SelectStatement {
    let id = ask.options.model.as_deref();
    let of = |table: &'static str| id.and_then(|id| value::id(table, id)).unwrap_or_default();
    let version = |c: V| Expr::col((Version::NAME, c));
    let in_force = version(V::AgreementId).eq(of("agreement")).and(version(V::Status).eq(Status::Active));
    Query::select()
        .column((Version::NAME, V::Id))
        .from(Version::NAME)
        .and_where(version(V::OrganizationId).eq(ask.access.actor().organization))
        .and_where(version(V::Id).eq(of("agreement_version")).or(in_force))
        .take()
}

/// Credit for first sales that were won in the period.
fn of_first_sales(ask: &Ask) -> Condition {
    let sales = Query::select()
        .column((Stood::NAME, S::OpportunityId))
        .from(Stood::NAME)
        .and_where(Expr::col((Stood::NAME, S::OrganizationId)).eq(ask.access.actor().organization))
        .and_where(Expr::col((Stood::NAME, S::DeletedAt)).is_null())
        .cond_where(customers::first_sales(ask))
        .take();
    Condition::all()
        .add(col(C::AgreementVersionId).in_subquery(version(ask)))
        .add(col(C::Anchor).eq(Anchor::Won))
        .add(col(C::WeightE12).ne(0))
        .add(col(C::OpportunityId).in_subquery(sales))
}

/// What touches earned of them.
pub fn earned(ask: &Ask) -> Condition {
    of_first_sales(ask).add(col(C::TouchpointId).is_not_null())
}

/// What no touch did.
pub fn unearned(ask: &Ask) -> Condition {
    of_first_sales(ask).add(col(C::TouchpointId).is_null())
}
