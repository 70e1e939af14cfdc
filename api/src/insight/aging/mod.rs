//! Where business sticks: how long open opportunities have stood in their stages, how long others stayed there before
//! they left, and which stand longer than that.

pub mod graphql;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    opportunity,
    opportunity_state::{Column as S, Entity as State},
    stage::StageType,
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Alias, CaseStatement, Expr, Func},
};
use uuid::Uuid;

use super::{
    metric::{
        Figure, Measure, Part,
        ask::Ask,
        dimension::Dimension,
        exact::Exact,
        grain::{Door, Grain},
        population,
        query::{self, Cell, Key, named},
        tally::{Tallies, around, between_neighbours, count, micros, tally},
    },
    small::{is_few, sees_all},
};
use crate::{error::Result, store::Guarded};

/// How business stands in a stage. Times are in days; none where they rest on too few for the caller to be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Aging {
    pub open: Option<i64>,
    pub age: [Option<Exact>; 2],
    pub stays: Option<i64>,
    pub stay: [Option<Exact>; 2],
}

const PERCENTS: [u64; 2] = [50, 90];
const DAY_MICROS: i128 = 86_400_000_000;

const fn open(percent: u64) -> Part {
    Part {
        name: "open",
        about: "Open, whenever expected to close.",
        grain: Grain::Opportunity,
        of: Figure::Percentile(Measure::StageDays, percent),
        which: |ask| population::open_at(ask.at),
    }
}

const OPEN: [Part; 2] = [open(PERCENTS[0]), open(PERCENTS[1])];

/// By stage.
pub async fn aging(ask: &Ask) -> Result<BTreeMap<Uuid, Aging>> {
    let ask = Ask { by: vec![Dimension::Stage], ..ask.clone() };
    let ages = [tally(&ask, &OPEN[0], Door::Shared).await?, tally(&ask, &OPEN[1], Door::Shared).await?];
    let stays = stays(&ask).await?;
    let seen = if sees_all(&ask, Grain::Opportunity) { None } else { Some(count(&ask, &OPEN[0], Door::Own).await?) };
    let mut all: BTreeMap<Uuid, Aging> = BTreeMap::new();
    for (key, tally) in &ages[0] {
        let Some(stage) = stage(key) else { continue };
        let whole = |seen: &Tallies| seen.get(key).is_some_and(|seen| seen.count == tally.count);
        if !is_few(tally.count) || seen.as_ref().is_none_or(whole) {
            let aging = all.entry(stage).or_default();
            (aging.open, aging.age[0]) = (Some(tally.count), tally.value);
            aging.age[1] = ages[1].get(key).and_then(|tally| tally.value);
        } else {
            all.entry(stage).or_default();
        }
    }
    for (key, tally) in &stays[0] {
        let Some(stage) = stage(key) else { continue };
        let aging = all.entry(stage).or_default();
        if !is_few(tally.count) || seen.is_none() {
            (aging.stays, aging.stay[0]) = (Some(tally.count), tally.value);
            aging.stay[1] = stays[1].get(key).and_then(|tally| tally.value);
        }
    }
    Ok(all)
}

fn stage(key: &Key) -> Option<Uuid> {
    if let [Cell::Id(id)] = key.as_slice() { *id } else { None }
}

/// How long opportunities stayed that left a stage in the window.
async fn stays(ask: &Ask) -> Result<[Tallies; 2]> {
    let state = |c: S| Expr::col((State::NAME, c));
    let since = ask.now() - TimeDelta::days(ask.options.window_days);
    let was_open = Condition::all()
        .add(state(S::StageType).eq(StageType::Open))
        .add(state(S::At).lt(ask.now()))
        .add(state(S::Until).is_null().or(state(S::Until).gte(since)));
    let backend = ask.access.store().backend();
    let left = CaseStatement::new().case(state(S::Until).lt(ask.now()), Expr::cust("1")).finally(Expr::cust("NULL"));
    let stay = Func::max(micros(State::NAME, "until", backend)).into();
    let stay = ExprTrait::sub::<sea_orm::sea_query::SimpleExpr>(stay, micros(State::NAME, "stage_changed_at", backend));
    let spans = query::filtered(ask, Grain::Opportunity, was_open, Door::Shared)?.shape(|q| {
        q.expr_as(state(S::StageId), named(0))
            .expr_as(stay, Alias::new("v_"))
            .group_by_columns([S::OpportunityId, S::StageId, S::StageChangedAt].map(|c| (State::NAME, c)))
            .and_having(Expr::cust("COUNT(*)").eq(Func::count(left)));
    });
    let rows = around(spans, 1, &PERCENTS).rows().await?;
    let days = |micros: i64| Exact::over(micros.into(), DAY_MICROS);
    Ok([between_neighbours(ask, &rows, PERCENTS[0], days)?, between_neighbours(ask, &rows, PERCENTS[1], days)?])
}

/// Open opportunities that have stood in their stage for longer than so many times what nine of ten stayed there. Stages
/// that nobody left in the window have none.
pub async fn stuck(ask: &Ask, times: Exact) -> Result<Condition> {
    let of = |c: opportunity::Column| Expr::col((opportunity::Entity::NAME, c));
    let mut any = Condition::any().add(Expr::val(1).eq(0));
    for (stage, aging) in aging(ask).await? {
        let limit = aging.stay[1].and_then(|days| days.times(times)).and_then(|days| since(ask.now(), days));
        if let Some(since) = limit {
            any = any.add(
                of(opportunity::Column::StageId).eq(stage).and(of(opportunity::Column::StageChangedAt).lt(since)),
            );
        }
    }
    Ok(Condition::all().add(of(opportunity::Column::StageType).eq(StageType::Open)).add(any))
}

/// So many days before.
fn since(now: DateTime<Utc>, days: Exact) -> Option<DateTime<Utc>> {
    let micros = days.times(Exact::over(DAY_MICROS, 1)?)?.scaled(0)?;
    now.checked_sub_signed(TimeDelta::microseconds(i64::try_from(micros).ok()?))
}
