//! Leads on their way: each stands somewhere from one change of its status to the next.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    lead::{Column as L, Entity as Lead},
    lead_status_change::{Column as C, Entity as Change},
};
use sea_orm::{
    Condition, ExprTrait, JoinType,
    sea_query::{Alias, Expr, Func, Query, SimpleExpr},
};

use super::{Aged, any};
use crate::{
    error::Result,
    insight::metric::{
        ask::Ask,
        catalog::{lead_age, lead_age_p90},
        dimension::Dimension,
        grain::{Door, Grain},
        health::OVER,
        query::{self, Cell, named},
        tally::micros,
    },
    store::{Guarded, Scoped},
};

pub const LEADS: Aged = Aged {
    grain: Grain::Lead,
    by: Dimension::LeadStatus,
    ages: [&lead_age::METRIC, &lead_age_p90::METRIC],
    stays,
    since,
};

/// The change before.
const BEFORE: &str = "before";

/// A stay is over with the change that ends it, and began with the one that came to where this one left.
fn stays(by: &Ask) -> Result<Scoped> {
    let change = |c: C| Expr::col((Change::NAME, c));
    let earlier = |c: C| Expr::col((BEFORE, c));
    let since = by.now() - TimeDelta::days(by.options.window_days);
    let backend = by.access.store().backend();
    let began = Query::select()
        .expr(Func::max(micros(BEFORE, "at", backend)))
        .from_as(Change::NAME, BEFORE)
        .and_where(earlier(C::OrganizationId).equals((Change::NAME, C::OrganizationId)))
        .and_where(earlier(C::LeadId).equals((Change::NAME, C::LeadId)))
        .and_where(earlier(C::ToStatus).equals((Change::NAME, C::FromStatus)))
        .and_where(earlier(C::At).lte(change(C::At)))
        .and_where(earlier(C::Id).ne(change(C::Id)))
        .take();
    let began = SimpleExpr::from(began);
    let stay = micros(Change::NAME, "at", backend).sub(began.clone());
    let left = Condition::all()
        .add(change(C::FromStatus).is_not_in(OVER))
        .add(change(C::FromStatus).ne(change(C::ToStatus)))
        .add(change(C::At).gte(since))
        .add(change(C::At).lt(by.now()))
        // of leads from before there was a history nobody knows
        .add(began.is_not_null());
    let same = change(C::LeadId)
        .equals((Lead::NAME, L::Id))
        .and(change(C::OrganizationId).equals((Lead::NAME, L::OrganizationId)));
    Ok(query::filtered(by, Grain::Lead, left, Door::Shared)?.shape(|q| {
        q.join(JoinType::InnerJoin, Change::NAME, same)
            .expr_as(change(C::FromStatus), named(0))
            .expr_as(stay, Alias::new("v_"));
    }))
}

fn since(limits: Vec<(Cell, DateTime<Utc>)>) -> Condition {
    let of = |c: L| Expr::col((Lead::NAME, c));
    let stuck = limits.into_iter().filter_map(|(status, since)| {
        let Cell::Word(Some(status)) = status else { return None };
        Some(Condition::all().add(of(L::Status).eq(status)).add(of(L::StatusChangedAt).lt(since)))
    });
    any(stuck)
}
