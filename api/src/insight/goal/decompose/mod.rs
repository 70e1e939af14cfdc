//! What a sum of revenue needs: deals, opportunities, qualified leads of both sides, by the rates of the past. Nothing is
//! divided by zero: where there is no rate there is no answer from there on.

pub mod graphql;

use entity::{lead_cycle::Column as L, money::Currency, words};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, SimpleExpr},
};

use crate::{
    error::Result,
    insight::metric::{
        Figure, Fx, Part,
        amount::convert,
        ask::Ask,
        exact::Exact,
        grain::{Door, Grain},
        population,
        tally::tally,
    },
};

words! {
    /// What a sum of revenue is made of, from the deals back to the leads.
    pub enum Step as "GoalNeedStep" {
        /// Deals won: the sum by the mean deal.
        Deals = "DEALS",
        /// Opportunities: deals by the win rate.
        Opportunities = "OPPORTUNITIES",
        /// Leads that sales confirmed: opportunities by the share of SQL that are converted.
        Sql = "SQL",
        /// Leads that marketing qualified: SQL by the share of MQL that become SQL.
        Mql = "MQL",
    }
}

words! {
    /// Why there is no rate.
    pub enum NoRate as "GoalNoRate" {
        /// Nothing in the window to take it from.
        NoHistory = "NO_HISTORY",
        /// None of them got on: no number of them would do.
        Zero = "ZERO",
        /// It rests on too few records for the caller to be told.
        Withheld = "WITHHELD",
    }
}

const STEPS: [Step; 4] = [Step::Deals, Step::Opportunities, Step::Sql, Step::Mql];

/// A rate of the past: one through the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub numerator: Exact,
    pub denominator: Exact,
    pub withheld: bool,
}

/// How many are needed, and by which rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    pub step: Step,
    pub rate: Rate,
    pub missing: Option<NoRate>,
    /// Unrounded.
    pub needed: Option<Exact>,
}

impl Rate {
    fn value(self) -> Option<Exact> {
        self.numerator.by(self.denominator)
    }

    fn missing(self) -> Option<NoRate> {
        if self.withheld {
            return Some(NoRate::Withheld);
        }
        match self.value() {
            None => Some(NoRate::NoHistory),
            Some(value) => (!value.is_positive()).then_some(NoRate::Zero),
        }
    }
}

/// Each step by the one before it. Nothing is rounded.
pub fn needs(amount: Exact, rates: [Rate; 4]) -> [Need; 4] {
    let mut wanted = Some(amount);
    let mut step = STEPS.into_iter();
    rates.map(|rate| {
        let missing = rate.missing();
        wanted = wanted.filter(|_| missing.is_none()).and_then(|wanted| wanted.by(rate.value()?));
        Need { step: step.next().unwrap_or(Step::Mql), rate, missing, needed: wanted }
    })
}

fn cycle(c: L) -> Expr {
    Expr::col((Grain::LeadCycle.table(), c))
}

/// Came to the step in the window.
fn came(ask: &Ask, step: L) -> Condition {
    let (from, until) = ask.window();
    let (from, until) = (ask.home.begins(from), ask.home.begins(until));
    Condition::all().add(cycle(step).gte(from)).add(cycle(step).lt(until))
}

fn went_on(ask: &Ask, step: L, to: L) -> Condition {
    let there: SimpleExpr = cycle(to).is_not_null();
    came(ask, step).add(there)
}

const fn rounds(name: &'static str, which: fn(&Ask) -> Condition) -> Part {
    Part { name, about: "Rounds of leads.", grain: Grain::LeadCycle, of: Figure::Count, which }
}

static WON: Part = Part {
    name: "won",
    about: "Won in the window.",
    grain: Grain::Opportunity,
    of: Figure::Amount(Fx::Closing),
    which: |ask| population::won(ask, ask.window()),
};
static LOST: Part = Part {
    name: "lost",
    about: "Lost in the window.",
    grain: Grain::Opportunity,
    of: Figure::Count,
    which: |ask| population::lost(ask, ask.window()),
};
static SQL: Part = rounds("sql", |ask| came(ask, L::SqlAt));
static CONVERTED: Part = rounds("converted", |ask| went_on(ask, L::SqlAt, L::ConvertedAt));
static MQL: Part = rounds("mql", |ask| came(ask, L::MqlAt));
static BECAME_SQL: Part = rounds("became_sql", |ask| went_on(ask, L::MqlAt, L::SqlAt));

const FEW: i64 = 5;

/// The rates of the window: six statements, and one for rates of exchange. Of leads the scope keeps what leads have.
pub async fn rates(ask: &Ask) -> Result<[Rate; 4]> {
    let mut of_leads = ask.clone();
    of_leads.only.retain(|only| only.dimension.spot(Grain::LeadCycle).is_some());
    let mut parts = vec![(&WON, tally(ask, &WON, Door::Shared).await?)];
    convert(ask, &mut parts).await?;
    let won = parts.pop().and_then(|(_, tallies)| tallies.into_values().next()).unwrap_or_default();
    let sold = Counted { ask, grain: Grain::Opportunity };
    let lost = sold.count(&LOST).await?;
    let leads = Counted { ask: &of_leads, grain: Grain::LeadCycle };
    let (sql, converted) = (leads.count(&SQL).await?, leads.count(&CONVERTED).await?);
    let (mql, became) = (leads.count(&MQL).await?, leads.count(&BECAME_SQL).await?);
    Ok([
        sold.rate(won.value.unwrap_or(Exact::ZERO), won.count),
        sold.rate(Exact::whole(won.count), won.count + lost),
        leads.rate(Exact::whole(converted), sql),
        leads.rate(Exact::whole(became), mql),
    ])
}

struct Counted<'a> {
    ask: &'a Ask,
    grain: Grain,
}

impl Counted<'_> {
    async fn count(&self, part: &'static Part) -> Result<i64> {
        Ok(tally(self.ask, part, Door::Shared).await?.values().map(|tally| tally.count).sum())
    }

    fn rate(&self, numerator: Exact, records: i64) -> Rate {
        let few = (1..FEW).contains(&records) || self.ask.names_people();
        let withheld = few && !self.grain.is_seen_by(self.ask.access.actor());
        Rate { numerator, denominator: Exact::whole(records), withheld }
    }
}

/// What was decomposed.
pub struct Decomposition {
    pub amount: Exact,
    pub currency: Currency,
    pub ask: Ask,
    pub needs: [Need; 4],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(numerator: i64, denominator: i64) -> Rate {
        Rate { numerator: Exact::whole(numerator), denominator: Exact::whole(denominator), withheld: false }
    }

    fn counts(needs: &[Need; 4]) -> [Option<i64>; 4] {
        needs.map(|need| need.needed.and_then(Exact::ceil))
    }

    #[test]
    fn half_a_million_needs_300_mql() {
        let rates = [rate(2_000_000, 100), rate(25, 100), rate(2, 3), rate(1, 2)];
        assert_eq!(counts(&needs(Exact::whole(500_000), rates)), [25, 100, 150, 300].map(Some));
    }

    #[test]
    fn parts_are_rounded_up_only_at_the_end() {
        let rates = [rate(30_000, 1), rate(1, 3), rate(1, 2), rate(1, 2)];
        // 3.33 deals need 10 opportunities, not 12
        assert_eq!(counts(&needs(Exact::whole(100_000), rates)), [4, 10, 20, 40].map(Some));
    }

    #[test]
    fn where_there_is_no_rate_there_is_no_answer_from_there_on() {
        let missing = |rates: &[Rate; 4]| {
            let all = needs(Exact::whole(100), *rates);
            (counts(&all), all.map(|need| need.missing))
        };
        let some = rate(1, 2);
        assert_eq!(
            missing(&[rate(10, 1), rate(0, 0), some, some]),
            ([Some(10), None, None, None], [None, Some(NoRate::NoHistory), None, None])
        );
        assert_eq!(
            missing(&[rate(10, 1), some, rate(0, 5), some]),
            ([Some(10), Some(20), None, None], [None, None, Some(NoRate::Zero), None])
        );
        let hidden = Rate { withheld: true, ..some };
        assert_eq!(missing(&[hidden, some, some, some]).0, [None; 4]);
    }
}
