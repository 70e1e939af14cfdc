//! What a period is forecast to bring: what was won, and what is open by the part of the forecast it counts in, each with
//! its worth and its chances.

pub mod graphql;

use std::collections::BTreeMap;

use entity::{stage::ForecastCategory, word::Word};

use super::{
    metric::{
        Figure, Fx, Part,
        amount::{Unconverted, convert},
        ask::Ask,
        dimension::Dimension,
        exact::Exact,
        grain::{Door, Grain},
        population,
        query::{Cell, Key},
        tally::{Tallies, Tally, count, tally},
    },
    small::{is_few, sees_all},
};
use crate::error::Result;

/// Parts of the forecast, the surest first.
pub const CATEGORIES: [ForecastCategory; 4] =
    [ForecastCategory::Commit, ForecastCategory::BestCase, ForecastCategory::Pipeline, ForecastCategory::Omitted];

const OPEN: Part = Part {
    name: "open",
    about: "Open, and expected to close in the period.",
    grain: Grain::Opportunity,
    of: Figure::Amount(Fx::Now),
    which: |ask| population::open_for(ask, ask.days()),
};

const WEIGHTED: Part = Part { of: Figure::Weighted(Fx::Now), ..OPEN };

const WON: Part = Part {
    name: "won",
    about: "Won in the period.",
    grain: Grain::Opportunity,
    of: Figure::Amount(Fx::Closing),
    which: |ask| population::won(ask, ask.days()),
};

/// What a part of the forecast holds. None where it is too little for the caller to be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    pub count: i64,
    pub amount: Exact,
    pub weighted: Exact,
}

pub struct Forecast {
    pub won: Option<Held>,
    pub categories: BTreeMap<ForecastCategory, Option<Held>>,
    pub unconverted: Vec<(entity::money::Currency, Unconverted)>,
}

impl Forecast {
    pub async fn of(ask: &Ask) -> Result<Self> {
        let by = Ask { by: vec![Dimension::ForecastCategory], ..ask.clone() };
        let all = ask.ungrouped();
        let mut open = [(&OPEN, tally(&by, &OPEN, Door::Shared).await?), (&WEIGHTED, tally(&by, &WEIGHTED, Door::Shared).await?)];
        convert(&by, &mut open).await?;
        let mut won = [(&WON, tally(&all, &WON, Door::Shared).await?)];
        convert(&all, &mut won).await?;
        let [(_, amounts), (_, weighted)] = open;
        let [(_, won)] = won;
        let mut left: BTreeMap<entity::money::Currency, Unconverted> = BTreeMap::new();
        for (currency, more) in amounts.values().chain(won.values()).flat_map(|tally| &tally.amounts.unconverted) {
            let sum = left.entry(*currency).or_default();
            sum.count += more.count;
            sum.amount_minor = sum.amount_minor.saturating_add(more.amount_minor);
        }
        let closed = won.get(&Key::new()).map(|tally| held(tally, tally)).unwrap_or_default();
        let key = |category: ForecastCategory| vec![Cell::Word(Some(category.word().to_owned()))];
        let of = |category| {
            let (amount, chance) = (amounts.get(&key(category)), weighted.get(&key(category)));
            amount.zip(chance).map(|(amount, chance)| held(amount, chance)).unwrap_or_default()
        };
        let mut held: Vec<(Option<ForecastCategory>, Held)> = CATEGORIES.iter().map(|c| (Some(*c), of(*c))).collect();
        held.push((None, closed));
        let hidden = hidden(ask, &by, &held, key).await?;
        let told = |category| held.iter().find(|(c, _)| *c == category && !hidden.contains(&category)).map(|(_, held)| *held);
        let categories = CATEGORIES.iter().map(|category| (*category, told(Some(*category)))).collect();
        Ok(Self { won: told(None), categories, unconverted: left.into_iter().collect() })
    }
}

fn held(amount: &Tally, weighted: &Tally) -> Held {
    let value = |tally: &Tally| tally.value.unwrap_or(Exact::ZERO);
    Held { count: amount.count, amount: value(amount), weighted: value(weighted) }
}

/// What is withheld: what is too little, and where that is one thing alone, the next smallest.
async fn hidden(
    ask: &Ask,
    by: &Ask,
    held: &[(Option<ForecastCategory>, Held)],
    key: impl Fn(ForecastCategory) -> Key,
) -> Result<Vec<Option<ForecastCategory>>> {
    let small: Vec<_> = held.iter().filter(|(_, held)| is_few(held.count)).collect();
    if small.is_empty() || sees_all(ask, Grain::Opportunity) {
        return Ok(vec![]);
    }
    let open: Tallies = count(by, &OPEN, Door::Own).await?;
    let won: Tallies = count(&ask.ungrouped(), &WON, Door::Own).await?;
    let seen = |category: Option<ForecastCategory>| {
        let found = category.map_or_else(|| won.get(&Key::new()), |category| open.get(&key(category)));
        found.map_or(0, |tally| tally.count)
    };
    let mut hidden: Vec<_> =
        small.iter().filter(|(category, held)| seen(*category) != held.count).map(|(category, _)| *category).collect();
    if hidden.len() == 1 {
        let others = held.iter().filter(|(category, held)| !hidden.contains(category) && held.count > 0);
        hidden.extend(others.min_by_key(|(_, held)| held.count).map(|(category, _)| *category));
    }
    Ok(hidden)
}
