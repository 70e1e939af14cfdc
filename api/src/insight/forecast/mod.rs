//! What a period is forecast to bring: what was won, and what is open by the part of the forecast it counts in, each with
//! its worth and its chances.

pub mod graphql;

use std::collections::{BTreeMap, BTreeSet};

use entity::{money::Currency, stage::ForecastCategory, word::Word};

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
    reaches::reaches,
    small::{is_few, none_alone, sees_all},
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

const SUBMITTED: Part = Part {
    name: "submitted",
    about: "What each said of the period, last.",
    grain: Grain::ForecastSubmission,
    of: Figure::Amount(Fx::Now),
    which: population::submitted,
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
    /// What people said it would come to; only where somebody did.
    pub submitted: BTreeMap<ForecastCategory, Exact>,
    pub unconverted: Vec<(Currency, Unconverted)>,
}

/// What was counted of all, whoever asks.
#[derive(Debug, Default)]
struct Counted {
    won: Held,
    /// Parts that hold something.
    categories: BTreeMap<ForecastCategory, Held>,
    left: BTreeMap<Currency, Unconverted>,
}

fn key(category: ForecastCategory) -> Key {
    vec![Cell::Word(Some(category.word().to_owned()))]
}

impl Counted {
    async fn of(ask: &Ask) -> Result<Self> {
        let by = Ask { by: vec![Dimension::ForecastCategory], ..ask.clone() };
        let all = ask.ungrouped();
        let mut open =
            [(&OPEN, tally(&by, &OPEN, Door::Shared).await?), (&WEIGHTED, tally(&by, &WEIGHTED, Door::Shared).await?)];
        convert(&by, &mut open).await?;
        let mut won = [(&WON, tally(&all, &WON, Door::Shared).await?)];
        convert(&all, &mut won).await?;
        let [(_, amounts), (_, weighted)] = open;
        let [(_, won)] = won;
        let mut left: BTreeMap<Currency, Unconverted> = BTreeMap::new();
        for (currency, more) in amounts.values().chain(won.values()).flat_map(|tally| &tally.amounts.unconverted) {
            left.entry(*currency).or_default().add(*more);
        }
        let of = |category: ForecastCategory| {
            let (amount, chance) = (amounts.get(&key(category))?, weighted.get(&key(category))?);
            Some((category, held(amount, chance)))
        };
        let categories = CATEGORIES.into_iter().filter_map(of).collect();
        let won = won.get(&Key::new()).map(|tally| held(tally, tally)).unwrap_or_default();
        Ok(Self { won, categories, left })
    }
}

impl Forecast {
    pub async fn of(ask: &Ask) -> Result<Self> {
        let by = Ask { by: vec![Dimension::ForecastCategory], ..ask.clone() };
        let all = Counted::of(ask).await?;
        let whole = sees_all(ask, Grain::Opportunity);
        let submitted = submitted(&by).await?;
        if !reaches(ask, [Grain::Opportunity]).await? {
            let categories = CATEGORIES.into_iter().map(|category| (category, None)).collect();
            return Ok(Self { won: None, categories, submitted, unconverted: vec![] });
        }
        let held: BTreeMap<ForecastCategory, Held> =
            CATEGORIES.iter().map(|c| (*c, all.categories.get(c).copied().unwrap_or_default())).collect();
        let hidden = hidden(&by, &held).await?;
        let closed = all.won;
        let won = if is_few(closed.count) && !seen_whole(&ask.ungrouped(), closed.count).await? {
            None
        } else {
            Some(closed)
        };
        let told = |(category, held): (ForecastCategory, Held)| {
            (category, if hidden.contains(&category) { None } else { Some(held) })
        };
        let categories = held.into_iter().map(told).collect();
        let told = |left: &Unconverted| won.is_some() && hidden.is_empty() && (whole || !is_few(left.count));
        let unconverted = all.left.into_iter().filter(|(_, left)| told(left)).collect();
        Ok(Self { won, categories, submitted, unconverted })
    }
}

/// What people said, part by part. Nothing where it is asked for what no forecast says, where it is the word of few, or of
/// named people of whom the caller does not reach each.
async fn submitted(by: &Ask) -> Result<BTreeMap<ForecastCategory, Exact>> {
    let grain = Grain::ForecastSubmission;
    if by.only.iter().any(|only| only.dimension.spot(grain).is_none()) {
        return Ok(BTreeMap::new());
    }
    let all = said(by).await?;
    if !reaches(by, [grain]).await? {
        return Ok(BTreeMap::new());
    }
    let few = all.values().any(|(count, _)| is_few(*count)) && !sees_all(by, grain);
    let own = if few { Some(count(by, &SUBMITTED, Door::Own).await?) } else { None };
    let told = |category: &ForecastCategory| {
        let (count, value) = *all.get(category)?;
        let seen = || own.as_ref().and_then(|own| own.get(&key(*category))).map_or(0, |tally| tally.count);
        let hidden = own.is_some() && is_few(count) && seen() != count;
        if hidden { None } else { Some((*category, value?)) }
    };
    Ok(CATEGORIES.iter().filter_map(told).collect())
}

/// The word of how many, and what it comes to, of each part of which somebody said something.
async fn said(by: &Ask) -> Result<BTreeMap<ForecastCategory, (i64, Option<Exact>)>> {
    let mut said = [(&SUBMITTED, tally(by, &SUBMITTED, Door::Shared).await?)];
    convert(by, &mut said).await?;
    let [(_, said)] = said;
    let one =
        |category: &ForecastCategory| said.get(&key(*category)).map(|tally| (*category, (tally.count, tally.value)));
    Ok(CATEGORIES.iter().filter_map(one).collect())
}

fn held(amount: &Tally, weighted: &Tally) -> Held {
    let value = |tally: &Tally| tally.value.unwrap_or(Exact::ZERO);
    Held { count: amount.count, amount: value(amount), weighted: value(weighted) }
}

/// The parts that are too small for the caller to be told.
async fn hidden(by: &Ask, held: &BTreeMap<ForecastCategory, Held>) -> Result<BTreeSet<ForecastCategory>> {
    let small: Vec<_> = held.iter().filter(|(_, held)| is_few(held.count)).collect();
    if small.is_empty() || sees_all(by, Grain::Opportunity) {
        return Ok(BTreeSet::new());
    }
    let own: Tallies = count(by, &OPEN, Door::Own).await?;
    let seen = |category| own.get(&key(category)).map_or(0, |tally| tally.count);
    let hidden = small.into_iter().filter(|(category, held)| seen(**category) != held.count);
    Ok(none_alone(hidden.map(|(category, _)| *category).collect(), held.iter().map(|(c, held)| (*c, held.count))))
}

/// The caller sees each of so few that were won.
async fn seen_whole(all: &Ask, won: i64) -> Result<bool> {
    if sees_all(all, Grain::Opportunity) {
        return Ok(true);
    }
    let own: Tallies = count(all, &WON, Door::Own).await?;
    Ok(own.values().map(|tally| tally.count).sum::<i64>() == won)
}
