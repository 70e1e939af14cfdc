//! The forecast in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, Object, Result as Answer, SimpleObject};
use entity::{money::Money as Amount, stage::ForecastCategory};
use serde::Serialize;

use super::{CATEGORIES, Forecast, Held};
use crate::{
    actor::Permission,
    error::Result,
    graph::{
        derived::{Money, Period, Term, Tried},
        root::access,
        scalar::{CurrencyCode, DateTime},
    },
    insight::metric::{
        ask::Ask,
        exact::Exact,
        graphql::inputs::{Asked, MetricFilter, MissingRate},
        graphql::result::UnconvertedMoney,
    },
    store::Access,
};

#[derive(Default)]
pub struct ForecastReads;

/// What a period is forecast to bring.
pub struct PipelineForecast {
    ask: Ask,
    found: Forecast,
}

#[Object]
impl ForecastReads {
    /// What a period is forecast to bring, over all opportunities of the organisation: what was won in it, and what is open
    /// and expected to close in it, by the part of the forecast. Open amounts are converted at the rate of the day asked
    /// for, won ones at that of their closing. A part of fewer than five opportunities is withheld from who does not see
    /// all of them, and so is all of it where the filter names people of whom the caller does not reach each. Null without the permission. Errors: BAD_USER_INPUT as for `metric`. Requires METRIC_READ.
    async fn pipeline_forecast(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period.")] period: Period,
        #[graphql(desc = "Only these opportunities.")] filter: Option<MetricFilter>,
        #[graphql(desc = "As it was at this instant; now unless given, at most now.")] as_of: Option<DateTime>,
        #[graphql(desc = "The currency of amounts; the organisation's unless given.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "What to do with amounts that cannot be converted; REFUSE unless given.")]
        on_missing_rate: Option<Term<MissingRate>>,
    ) -> Answer<Tried<PipelineForecast>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        let missing = on_missing_rate.map_or(MissingRate::Refuse, |term| term.0);
        let currency = currency.map(|code| code.0);
        let asked = Asked { period, filter, as_of, by: vec![], currency, options: None, missing };
        Ok(Tried(PipelineForecast::of(access, asked).await.map(Some)))
    }
}

impl PipelineForecast {
    pub async fn of(access: &Access, asked: Asked) -> Result<Self> {
        Self::over(asked.ask(access, None).await?).await
    }

    pub(in crate::insight) async fn over(ask: Ask) -> Result<Self> {
        let found = Forecast::of(&ask).await?;
        Ok(Self { ask, found })
    }

    fn money(&self, value: Option<Exact>) -> Option<Money> {
        let minor = i64::try_from(value?.scaled(self.ask.currency.exponent())?).ok()?;
        Some(Money(Amount::new(minor, self.ask.currency)))
    }

    pub(in crate::insight) fn told_won(&self) -> Option<Money> {
        self.money(self.found.won.map(|held| held.amount))
    }

    pub(in crate::insight) fn told_count(&self) -> Option<i32> {
        self.found.won.map(|held| i32::try_from(held.count).unwrap_or(i32::MAX))
    }

    pub(in crate::insight) fn told_weighted(&self) -> Option<Money> {
        let parts = CATEGORIES.iter().filter(|category| **category != ForecastCategory::Omitted);
        let sum = parts.copied().try_fold(self.found.won?.amount, |sum, category| {
            let held: Held = (*self.found.categories.get(&category)?)?;
            sum.plus(held.weighted)
        });
        self.money(sum)
    }

    pub(in crate::insight) fn told_parts(&self) -> Vec<ForecastPart> {
        let part = |category: ForecastCategory| {
            let held = self.found.categories.get(&category).copied().flatten();
            ForecastPart {
                category: Term(category),
                count: held.map(|held| i32::try_from(held.count).unwrap_or(i32::MAX)),
                amount: self.money(held.map(|held| held.amount)),
                weighted: self.money(held.map(|held| held.weighted)),
                submitted: self.money(self.found.submitted.get(&category).copied()),
                cumulative: self.money(self.up_to(category)),
            }
        };
        CATEGORIES.into_iter().map(part).collect()
    }

    /// What was won, and all parts down to this one.
    fn up_to(&self, category: ForecastCategory) -> Option<Exact> {
        let mut sum = self.found.won?.amount;
        for part in CATEGORIES {
            if part == ForecastCategory::Omitted {
                return None;
            }
            sum = sum.plus((*self.found.categories.get(&part)?)?.amount)?;
            if part == category {
                break;
            }
        }
        Some(sum)
    }
}

/// A part of the forecast.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct ForecastPart {
    /// Which part.
    category: Term<ForecastCategory>,
    /// How many opportunities are open in it; null when withheld.
    count: Option<i32>,
    /// What they are worth; null when withheld.
    amount: Option<Money>,
    /// Each amount times its chance; null when withheld.
    weighted: Option<Money>,
    /// What people said of exactly this period, won ones among them: the latest word of each, summed. Null where nobody said
    /// anything, where the filter asks for more than owners, and when withheld.
    submitted: Option<Money>,
    /// What the period brings if this part and the surer ones come: with what was won. Null for OMITTED, and when one of them
    /// is withheld.
    cumulative: Option<Money>,
}

/// What a period is forecast to bring.
#[Object]
impl PipelineForecast {
    /// The instant for which it was computed.
    async fn as_of(&self) -> DateTime {
        DateTime(self.ask.now())
    }

    /// The currency of all amounts.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.ask.currency)
    }

    /// What was won in the period; null when withheld.
    async fn won(&self) -> Option<Money> {
        self.told_won()
    }

    /// How many were won in the period; null when withheld.
    async fn won_count(&self) -> Option<i32> {
        self.told_count()
    }

    /// What was won and what is open times its chances, OMITTED left out: the metric FORECAST_WEIGHTED. Null when a part of
    /// it is withheld.
    async fn weighted(&self) -> Option<Money> {
        self.told_weighted()
    }

    /// The parts of the forecast, the surest first.
    async fn parts(&self) -> Vec<ForecastPart> {
        self.told_parts()
    }

    /// What was left out for want of a rate of exchange, by currency; only with `onMissingRate: BUCKET`.
    async fn unconverted(&self) -> Vec<UnconvertedMoney> {
        self.found.unconverted.iter().map(|(currency, left)| UnconvertedMoney::of(*currency, *left)).collect()
    }
}
