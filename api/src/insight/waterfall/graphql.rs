//! The waterfall in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, Object, Result as Answer};
use chrono::Utc;
use entity::opportunity;
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::{Waterfall, flows::Flows, ledger::Bucket};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        derived::{Money, Period, Term, Tried},
        listed::Listed,
        root::access,
        scalar::{CurrencyCode, DateTime},
    },
    insight::metric::{
        ask::Ask,
        grain::Door,
        graphql::{
            inputs::{Asked, MetricFilter, MissingRate},
            result::UnconvertedMoney,
        },
    },
    store::{Access, Guarded},
};

#[derive(Default)]
pub struct WaterfallReads;

/// How the pipeline moved.
pub struct PipelineWaterfall {
    ask: Ask,
    since: chrono::DateTime<Utc>,
    found: Waterfall,
}

#[Object]
impl WaterfallReads {
    /// How the pipeline of a period moved between two instants: of all opportunities of the organisation that were open
    /// and expected to close in the period at some time in between. END is START and what came, less what went, to the
    /// minor unit. What left and came back in between is netted. Who or what changed so that an opportunity left the
    /// filter, or came under it, pushed it out or pulled it in. All amounts are converted at the rate of the day asked
    /// for; those without an amount count as 0. A bucket of fewer than five opportunities is withheld from who does not
    /// see all of them, and so is every bucket where the filter names people of whom the caller does not reach each. Null without the permission. Errors: BAD_USER_INPUT as for `metric`. Requires METRIC_READ.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field of the schema")]
    async fn pipeline_waterfall(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period in which they are expected to close.")] period: Period,
        #[graphql(desc = "From which instant; the period's start unless given.")] from: Option<DateTime>,
        #[graphql(desc = "Up to which instant; the period's end unless given, at most now.")] to: Option<DateTime>,
        #[graphql(desc = "Only these opportunities.")] filter: Option<MetricFilter>,
        #[graphql(desc = "The currency of amounts; the organisation's unless given.")] currency: Option<CurrencyCode>,
        #[graphql(
            desc = "What to do with amounts that cannot be converted; REFUSE unless given. BUCKET leaves their opportunities out and says so in `unconverted`."
        )]
        on_missing_rate: Option<Term<MissingRate>>,
    ) -> Answer<Tried<PipelineWaterfall>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        let asked = Asked {
            period,
            filter,
            as_of: Some(to.unwrap_or(period.end)),
            by: vec![],
            currency: currency.map(|code| code.0),
            options: None,
            missing: on_missing_rate.map_or(MissingRate::Refuse, |term| term.0),
        };
        let since = from.unwrap_or(period.start).0;
        Ok(Tried(PipelineWaterfall::of(access, asked, since).await.map(Some)))
    }
}

impl PipelineWaterfall {
    pub async fn of(access: &Access, asked: Asked, since: chrono::DateTime<Utc>) -> Result<Self> {
        Self::over(asked.ask(access, None).await?, since).await
    }

    pub(in crate::insight) async fn over(ask: Ask, since: chrono::DateTime<Utc>) -> Result<Self> {
        if since >= ask.now() {
            return Err(Error::BadInput("from: this must be before `to`".into()));
        }
        let found = Waterfall::of(&ask, since).await?;
        Ok(Self { ask, since, found })
    }
}

/// How the pipeline moved between two instants.
#[Object]
impl PipelineWaterfall {
    /// The instant since which.
    async fn from(&self) -> DateTime {
        DateTime(self.since)
    }

    /// The instant up to which.
    async fn to(&self) -> DateTime {
        DateTime(self.ask.now())
    }

    /// The currency of all amounts.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.ask.currency)
    }

    /// All buckets, from START to END.
    async fn buckets(&self) -> Vec<WaterfallBucket<'_>> {
        Bucket::ALL.into_iter().map(|bucket| WaterfallBucket { whole: self, bucket }).collect()
    }

    /// What was left out for want of a rate of exchange, by currency; only with `onMissingRate: BUCKET`. Each opportunity
    /// once, by what it was worth when it went, or at the end; where that has a rate, by what it was worth when it came. A
    /// currency of fewer than five opportunities is told to who sees all of them.
    async fn unconverted(&self) -> Vec<UnconvertedMoney> {
        self.found.unconverted.iter().map(|(currency, left)| UnconvertedMoney::of(*currency, *left)).collect()
    }
}

pub struct WaterfallBucket<'a> {
    whole: &'a PipelineWaterfall,
    bucket: Bucket,
}

/// What moved the pipeline in one way.
#[Object]
impl WaterfallBucket<'_> {
    /// In which way.
    async fn key(&self) -> Term<Bucket> {
        Term(self.bucket)
    }

    /// 1 if it adds to what was there at the start, -1 if it takes from it, 0 for START and END themselves.
    async fn sign(&self) -> i32 {
        i32::try_from(self.bucket.sign()).unwrap_or_default()
    }

    /// What they come to: at the start, when they came, when they went, at the end; of INCREASED and DECREASED by how much.
    /// Null when withheld.
    async fn amount(&self) -> Option<Money> {
        let sum = self.whole.found.get(self.bucket)?;
        let minor = i64::try_from(sum.amount).ok()?;
        Some(Money(entity::money::Money::new(minor, self.whole.ask.currency)))
    }

    /// How many opportunities; null when withheld.
    async fn count(&self) -> Option<i32> {
        Some(i32::try_from(self.whole.found.get(self.bucket)?.count).unwrap_or(i32::MAX))
    }

    /// Whether it rests on too few opportunities for the caller to be told.
    async fn withheld(&self) -> bool {
        self.whole.found.get(self.bucket).is_none()
    }

    /// The opportunities, as they are now and as far as the caller may see them; deleted ones are not among them. Of
    /// INCREASED and DECREASED those that kept their currency.
    async fn opportunities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Listed<opportunity::Entity>> {
        let _ = (first, after, last, before);
        let flows = Flows { ask: &self.whole.ask, since: self.whole.since, door: Door::Own };
        let through = Expr::col((opportunity::Entity::NAME, "id")).in_subquery(flows.through(self.bucket)?);
        Ok(Listed::of(ctx, Condition::all().add(through)))
    }
}
