//! Opportunities in their stages.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    opportunity::{Column as O, Entity as Opportunity},
    opportunity_state::{Column as S, Entity as State},
    stage::StageType,
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Alias, CaseStatement, Expr, Func, SimpleExpr},
};

use super::{Aged, any};
use crate::{
    error::Result,
    insight::metric::{
        ask::Ask,
        catalog::{stage_age, stage_age_p90},
        dimension::Dimension,
        grain::{Door, Grain},
        query::{self, Cell, named},
        tally::micros,
    },
    store::{Guarded, Scoped},
};

pub const BUSINESS: Aged = Aged {
    grain: Grain::Opportunity,
    by: Dimension::Stage,
    ages: [&stage_age::METRIC, &stage_age_p90::METRIC],
    stays,
    since,
};

/// A stay is over when no state of it holds.
fn stays(by: &Ask) -> Result<Scoped> {
    let state = |c: S| Expr::col((State::NAME, c));
    let since = by.now() - TimeDelta::days(by.options.window_days);
    let was_open = Condition::all()
        .add(state(S::StageType).eq(StageType::Open))
        .add(state(S::At).lt(by.now()))
        .add(state(S::Until).is_null().or(state(S::Until).gte(since)));
    let backend = by.access.store().backend();
    let left = CaseStatement::new().case(state(S::Until).lt(by.now()), Expr::cust("1")).finally(Expr::cust("NULL"));
    let ended: SimpleExpr = Func::max(micros(State::NAME, "until", backend)).into();
    let stay = ended.sub(micros(State::NAME, "stage_changed_at", backend));
    Ok(query::filtered(by, Grain::Opportunity, was_open, Door::Shared)?.shape(|q| {
        q.expr_as(state(S::StageId), named(0))
            .expr_as(stay, Alias::new("v_"))
            .group_by_columns([S::OpportunityId, S::StageId, S::StageChangedAt].map(|c| (State::NAME, c)))
            .and_having(Expr::cust("COUNT(*)").eq(Func::count(left)));
    }))
}

fn since(limits: Vec<(Cell, DateTime<Utc>)>) -> Condition {
    let of = |c: O| Expr::col((Opportunity::NAME, c));
    let stuck = limits.into_iter().filter_map(|(stage, since)| {
        let Cell::Id(Some(stage)) = stage else { return None };
        Some(Condition::all().add(of(O::StageId).eq(stage)).add(of(O::StageChangedAt).lt(since)))
    });
    Condition::all().add(of(O::StageType).eq(StageType::Open)).add(any(stuck))
}
