//! Where business and leads stick: how long those that may still go on have stood where they stand, how long others stayed
//! there before they left, and which stand longer than that.

mod business;
pub mod graphql;
mod leads;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

pub use self::{business::BUSINESS, leads::LEADS};
use super::{
    metric::{
        Metric, answer,
        ask::Ask,
        dimension::Dimension,
        exact::Exact,
        grain::Grain,
        options::Options,
        query::Cell,
        tally::{Tally, around, between_neighbours},
    },
    reaches::reaches,
    small::{is_few, none_alone, sees_all},
};
use crate::{error::Result, store::Scoped};

/// What ages, and where that is known.
pub struct Aged {
    grain: Grain,
    /// Where it stands.
    by: Dimension,
    /// The median and the ninth decile of how long it has.
    ages: [&'static Metric; 2],
    /// How long each that left in the window had stayed: where, and microseconds, as `k0` and `v_`.
    stays: fn(&Ask) -> Result<Scoped>,
    /// What stands at one of these places since before an instant.
    since: fn(Vec<(Cell, DateTime<Utc>)>) -> Condition,
}

/// How long things stand at a place. Times are in days; none where they rest on too few for the caller to be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Aging {
    pub standing: Option<i64>,
    pub age: [Option<Exact>; 2],
    pub stays: Option<i64>,
    pub stay: [Option<Exact>; 2],
}

const PERCENTS: [u64; 2] = [50, 90];
const DAY_MICROS: i128 = 86_400_000_000;

/// By where they stand.
pub async fn aging(ask: &Ask, of: &Aged) -> Result<BTreeMap<Cell, Aging>> {
    let options = Options { given: vec![], ..ask.options.clone() };
    let by = Ask { by: vec![of.by], options, ..ask.clone() };
    let mut all: BTreeMap<Cell, Aging> = BTreeMap::new();
    if !reaches(ask, [of.grain]).await? {
        // the places that there are whoever is meant
        let only = by.only.iter().filter(|only| !only.dimension.names_people()).cloned().collect();
        let found = answer::groups(&Ask { only, ..by }, of.ages[0]).await?;
        return Ok(found.into_keys().flatten().map(|place| (place, Aging::default())).collect());
    }
    for (at, metric) in of.ages.into_iter().enumerate() {
        for (place, figures) in answer::groups(&by, metric).await? {
            for place in place {
                let aging = all.entry(place).or_default();
                if !figures.withheld {
                    (aging.standing, aging.age[at]) = (Some(figures.n), figures.worked.value);
                }
            }
        }
    }
    for (place, (stays, days)) in stays(&by, of).await? {
        let aging = all.entry(place).or_default();
        (aging.stays, aging.stay) = (stays, days);
    }
    Ok(all)
}

/// How many left a place in the window, and how long they had stayed.
type Stays = BTreeMap<Cell, (Option<i64>, [Option<Exact>; 2])>;

/// By place. Who left for a moment and came back stays anew.
async fn stays(by: &Ask, of: &Aged) -> Result<Stays> {
    let rows = around((of.stays)(by)?, 1, &PERCENTS).rows().await?;
    let days = |micros: i64| Exact::over(micros.into(), DAY_MICROS);
    let [middle, most] = PERCENTS.map(|percent| between_neighbours(&by.by, &rows, percent, days));
    let (middle, most) = (middle?, most?);
    let counts = || middle.iter().map(|(key, tally)| (key.clone(), tally.count));
    let few = counts().filter(|(_, count)| is_few(*count) && !sees_all(by, of.grain));
    let hidden = none_alone(few.map(|(key, _)| key).collect(), counts());
    let told = |(key, tally): (&Vec<Cell>, &Tally)| {
        let stay = [tally.value, most.get(key).and_then(|tally| tally.value)];
        let told = if hidden.contains(key) { (None, [None; 2]) } else { (Some(tally.count), stay) };
        Some((key.first()?.clone(), told))
    };
    Ok(middle.iter().filter_map(told).collect())
}

/// What has stood where it stands for longer than so many times what nine of ten stayed there. Places that nobody left in
/// the window have none.
pub async fn stuck(ask: &Ask, of: &Aged, times: Exact) -> Result<Condition> {
    let by = Ask { by: vec![of.by], ..ask.clone() };
    let limits = stays(&by, of).await?.into_iter().filter_map(|(place, (_, stay))| {
        let since = stay[1].and_then(|days| days.times(times)).and_then(|days| since(ask.now(), days))?;
        Some((place, since))
    });
    Ok((of.since)(limits.collect()))
}

/// One of these; nothing where there are none.
fn any(of: impl Iterator<Item = Condition>) -> Condition {
    of.fold(Condition::any().add(Expr::val(1).eq(0)), Condition::add)
}

/// So many days before.
fn since(now: DateTime<Utc>, days: Exact) -> Option<DateTime<Utc>> {
    let micros = days.times(Exact::over(DAY_MICROS, 1)?)?.scaled(0)?;
    now.checked_sub_signed(TimeDelta::microseconds(i64::try_from(micros).ok()?))
}
