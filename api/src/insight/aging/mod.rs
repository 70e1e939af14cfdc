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
    sea_query::{Alias, CaseStatement, Expr, Func, SimpleExpr},
};
use uuid::Uuid;

use super::{
    metric::{
        answer,
        ask::Ask,
        catalog::{stage_age, stage_age_p90},
        dimension::Dimension,
        exact::Exact,
        grain::{Door, Grain},
        options::Options,
        query::{self, Cell, Key, named},
        tally::{Tally, around, between_neighbours, micros},
    },
    reaches::reaches,
    small::{is_few, none_alone, sees_all},
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

/// By stage.
pub async fn aging(ask: &Ask) -> Result<BTreeMap<Uuid, Aging>> {
    let options = Options { given: vec![], ..ask.options.clone() };
    let by = Ask { by: vec![Dimension::Stage], options, ..ask.clone() };
    let mut all: BTreeMap<Uuid, Aging> = BTreeMap::new();
    if !reaches(ask, [Grain::Opportunity]).await? {
        // the stages that there are whoever is meant
        let only = by.only.iter().filter(|only| !only.dimension.names_people()).cloned().collect();
        let found = answer::groups(&Ask { only, ..by }, &stage_age::METRIC).await?;
        return Ok(found.keys().filter_map(stage).map(|stage| (stage, Aging::default())).collect());
    }
    for (at, metric) in [&stage_age::METRIC, &stage_age_p90::METRIC].into_iter().enumerate() {
        for (key, figures) in answer::groups(&by, metric).await? {
            let Some(stage) = stage(&key) else { continue };
            let aging = all.entry(stage).or_default();
            if !figures.withheld {
                (aging.open, aging.age[at]) = (Some(figures.n), figures.worked.value);
            }
        }
    }
    for (stage, (stays, days)) in stays(&by).await? {
        let aging = all.entry(stage).or_default();
        (aging.stays, aging.stay) = (stays, days);
    }
    Ok(all)
}

fn stage(key: &Key) -> Option<Uuid> {
    if let [Cell::Id(id)] = key.as_slice() { *id } else { None }
}

/// How many opportunities left a stage in the window, and how long they had stayed.
type Stays = BTreeMap<Uuid, (Option<i64>, [Option<Exact>; 2])>;

/// By stage. A stay is over when no state of it holds; who left for a moment and came back stays anew.
async fn stays(by: &Ask) -> Result<Stays> {
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
    let spans = query::filtered(by, Grain::Opportunity, was_open, Door::Shared)?.shape(|q| {
        q.expr_as(state(S::StageId), named(0))
            .expr_as(stay, Alias::new("v_"))
            .group_by_columns([S::OpportunityId, S::StageId, S::StageChangedAt].map(|c| (State::NAME, c)))
            .and_having(Expr::cust("COUNT(*)").eq(Func::count(left)));
    });
    let rows = around(spans, 1, &PERCENTS).rows().await?;
    let days = |micros: i64| Exact::over(micros.into(), DAY_MICROS);
    let [middle, most] = PERCENTS.map(|percent| between_neighbours(&by.by, &rows, percent, days));
    let (middle, most) = (middle?, most?);
    let counts = || middle.iter().map(|(key, tally)| (key.clone(), tally.count));
    let few = counts().filter(|(_, count)| is_few(*count) && !sees_all(by, Grain::Opportunity));
    let hidden = none_alone(few.map(|(key, _)| key).collect(), counts());
    let told = |(key, tally): (&Key, &Tally)| {
        let stay = [tally.value, most.get(key).and_then(|tally| tally.value)];
        let told = if hidden.contains(key) { (None, [None; 2]) } else { (Some(tally.count), stay) };
        Some((stage(key)?, told))
    };
    Ok(middle.iter().filter_map(told).collect())
}

/// Open opportunities that have stood in their stage for longer than so many times what nine of ten stayed there. Stages
/// that nobody left in the window have none.
pub async fn stuck(ask: &Ask, times: Exact) -> Result<Condition> {
    let of = |c: opportunity::Column| Expr::col((opportunity::Entity::NAME, c));
    let mut any = Condition::any().add(Expr::val(1).eq(0));
    let by = Ask { by: vec![Dimension::Stage], ..ask.clone() };
    for (stage, (_, stay)) in stays(&by).await? {
        let limit = stay[1].and_then(|days| days.times(times)).and_then(|days| since(ask.now(), days));
        if let Some(since) = limit {
            any = any
                .add(of(opportunity::Column::StageId).eq(stage).and(of(opportunity::Column::StageChangedAt).lt(since)));
        }
    }
    Ok(Condition::all().add(of(opportunity::Column::StageType).eq(StageType::Open)).add(any))
}

/// So many days before.
fn since(now: DateTime<Utc>, days: Exact) -> Option<DateTime<Utc>> {
    let micros = days.times(Exact::over(DAY_MICROS, 1)?)?.scaled(0)?;
    now.checked_sub_signed(TimeDelta::microseconds(i64::try_from(micros).ok()?))
}
