//! What a goal needs, in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, Object, Result as Answer, SimpleObject};
use entity::{goal, money::Currency};

use super::{Decomposition, Need, NoRate, Step, needs, rates};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        derived::{Term, Tried},
        root::access,
        scalar::{CurrencyCode, Date, Decimal},
        value,
    },
    insight::{
        goal::{
            body::exact,
            measure::{House, Progress},
        },
        metric::{
            ask::Ask,
            exact::Exact,
            graphql::result::text,
            options::{Opt, Options},
            prior::prior,
            unit::Unit,
        },
    },
    store::{Access, Guarded},
};

/// The metric whose goals can be taken apart.
const REVENUE: &str = "REVENUE";
const MOST_DAYS: i32 = 3660;

/// How many are needed at a step on the way to the revenue.
#[derive(SimpleObject)]
pub struct GoalNeed {
    /// The step.
    step: Term<Step>,
    /// How many are needed, parts counted as one more; null where a rate is missing here or at a step before.
    needed: Option<i32>,
    /// What the rate was made of: money won for DEALS, else how many got on. Null when withheld.
    numerator: Option<Decimal>,
    /// Out of how many. Null when withheld.
    denominator: Option<Decimal>,
    /// Numerator through denominator: for DEALS the mean deal, else a share of one; null where there is none.
    rate: Option<Decimal>,
    /// Why there is no rate; null where there is one.
    missing: Option<Term<NoRate>>,
}

/// What a sum of revenue needs.
#[derive(SimpleObject)]
pub struct GoalDecomposition {
    /// The sum, in whole units of the currency.
    amount: Decimal,
    /// Its currency.
    currency: CurrencyCode,
    /// The first day of the window of the rates.
    from: Date,
    /// The first day after it.
    until: Date,
    /// Deals, opportunities, SQL, MQL, each by the one before it.
    needs: Vec<GoalNeed>,
}

impl GoalNeed {
    fn of(need: &Need, currency: Currency) -> Self {
        let money = need.step == Step::Deals;
        let told =
            |value: Exact, money: bool| text(if money { Unit::Money } else { Unit::Ratio }, Some(value), currency);
        let rate = Some(need.rate).filter(|rate| !rate.withheld);
        Self {
            step: Term(need.step),
            needed: need.needed.and_then(Exact::ceil).and_then(|n| i32::try_from(n).ok()),
            numerator: rate.and_then(|rate| told(rate.numerator, money)),
            denominator: rate.and_then(|rate| told(rate.denominator, false)),
            rate: rate.and_then(|rate| told(rate.value()?, money)),
            missing: need.missing.map(Term),
        }
    }
}

impl From<Decomposition> for GoalDecomposition {
    fn from(found: Decomposition) -> Self {
        let Decomposition { amount, currency, ask, needs } = found;
        let (from, until) = ask.window();
        Self {
            amount: text(Unit::Money, Some(amount), currency).unwrap_or(Decimal(rust_decimal::Decimal::ZERO)),
            currency: CurrencyCode(currency),
            from: Date(from),
            until: Date(until),
            needs: needs.iter().map(|need| GoalNeed::of(need, currency)).collect(),
        }
    }
}

#[derive(Default)]
pub struct GoalNeedReads;

#[Object]
impl GoalNeedReads {
    /// What a sum of revenue needs by the rates of the past: deals (by the mean deal won), opportunities (by the win rate),
    /// SQL (by the share of SQL that were converted) and MQL (by the share of MQL that became SQL), each rate with what it
    /// was made of. Rates are those of the days before now, over all records of the organisation; with `goalId` over the
    /// goal's scope, of which leads know campaign, channel, source, country and people. Who came to a step late in the window
    /// may still get on: a rate of leads is at least this. Nothing is rounded before the end, then up. Null without the
    /// permission, and for a goal that the caller does not see. Errors: BAD_USER_INPUT unless there is either `goalId` of a
    /// goal of REVENUE or an `amount` above 0, and for money without a rate of exchange, as for `metric`. Requires
    /// METRIC_READ.
    async fn goal_decomposition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Takes the target of this goal apart: an id that begins with `goal_`.")] goal_id: Option<ID>,
        #[graphql(desc = "Takes this sum apart, in whole units of the currency.")] amount: Option<Decimal>,
        #[graphql(desc = "The currency of the amount; the organisation's unless given. Not with a goal.")]
        currency: Option<CurrencyCode>,
        #[graphql(default = 180, desc = "Of how many days before now the rates are taken: 1 to 3660.")]
        window_days: i32,
    ) -> Answer<Tried<GoalDecomposition>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        let found = match (goal_id, amount) {
            (Some(id), None) if currency.is_none() => of_goal(access, &id, window_days).await,
            (None, Some(amount)) => of_amount(access, amount, currency, window_days).await.map(Some),
            _ => Err(Error::BadInput("give either goalId or amount; a goal has its own currency".into())),
        };
        Ok(Tried(found.map(|found| found.map(Into::into))))
    }
}

fn window(days: i32) -> Result<Options> {
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::BadInput(format!("windowDays: give between 1 and {MOST_DAYS}")));
    }
    Ok(Options { window_days: days.into(), given: vec![Opt::WindowDays], ..Options::default() })
}

async fn of_goal(access: &Access, id: &ID, days: i32) -> Result<Option<Decomposition>> {
    let options = window(days)?;
    let Some(id) = value::id(goal::Entity::NAME, id) else { return Ok(None) };
    let Some((goal, said)) = Progress::said(access, &[id], access.now()).await?.pop() else { return Ok(None) };
    if said.body.measures().key != REVENUE {
        return Err(Error::BadInput(format!("goalId: only a goal of {REVENUE} can be taken apart")));
    }
    let house = House::of(access, false).await?;
    let ask = Ask { options, ..house.ask(access, (&said.body, goal.currency), access.now())? };
    let target = exact(&said.body.target);
    worked(ask, target).await.map(Some)
}

async fn of_amount(
    access: &Access,
    amount: Decimal,
    currency: Option<CurrencyCode>,
    days: i32,
) -> Result<Decomposition> {
    let (options, house) = (window(days)?, House::of(access, false).await?);
    let needs = || Error::BadInput("currency: the organisation has none, so give one".into());
    let currency = currency.map(|code| code.0).or(house.home.currency).ok_or_else(needs)?;
    let now = access.now();
    let today = house.home.days(now - chrono::TimeDelta::days(1), now);
    let ask = Ask {
        access: access.clone(),
        home: house.home,
        start: now - chrono::TimeDelta::days(1),
        end: now,
        at: None,
        only: vec![],
        by: vec![],
        currency,
        prior: prior(today, options.prior).unwrap_or(today),
        bucket: false,
        without: vec![],
        options,
        rules: [].into(),
        day: None,
        known: false,
    };
    worked(ask, exact(&amount)).await
}

async fn worked(ask: Ask, amount: Exact) -> Result<Decomposition> {
    if !amount.is_positive() {
        return Err(Error::BadInput("amount: this must be above 0".into()));
    }
    let needs = needs(amount, rates(&ask).await?);
    Ok(Decomposition { amount, currency: ask.currency, ask, needs })
}
