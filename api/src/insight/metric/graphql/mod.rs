//! Metrics in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

mod definition;
mod explain;
pub(in crate::insight) mod inputs;
pub(in crate::insight) mod result;

use async_graphql::{Context, Object, Result as Answer};
use entity::money::Currency;

use self::{
    definition::{MetricDefinition, MetricSelfTest},
    inputs::{Asked, MetricFilter, MetricOptionsInput, MissingRate},
    result::MetricResult,
};
use super::{METRICS, dimension::Dimension, key::Key};
use crate::{
    actor::Permission,
    graph::{
        derived::{Period, Term, Tried},
        root::access,
        scalar::{CurrencyCode, DateTime},
    },
    insight::self_test,
};

#[derive(Default)]
pub struct MetricReads;

#[Object]
impl MetricReads {
    /// The metrics there are, each defined once for both sides. For every signed-in caller.
    async fn metrics(&self, ctx: &Context<'_>) -> Answer<Vec<MetricDefinition>> {
        access(ctx)?;
        Ok(METRICS.iter().filter_map(|metric| MetricDefinition::of(metric)).collect())
    }

    /// A metric, computed over all records of the organisation: the value is the same for whoever may read metrics, also
    /// where they see few of the records. What lies behind it is in `explain`, as far as the caller sees it. A figure
    /// that rests on fewer than five records is withheld from who does not see all of them, and one over costs from who has no
    /// CAMPAIGN_COST_READ. Owners, managers, teams and
    /// regions name people: without a reach of ALL over what is counted, only people within reach are shown, and of
    /// managers, teams and regions those of whom everybody is. Pay is in no metric. Null without the permission. Errors:
    /// BAD_USER_INPUT for a dimension or an option that the metric does not have, for a filter or period that cannot be
    /// read, and for money in currencies without a rate that is young enough: `userErrorCode` is FX_RATE_MISSING then and
    /// the message names the pairs. Requires METRIC_READ.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field of the schema")]
    async fn metric(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which metric.")] key: Term<Key>,
        #[graphql(desc = "The period. Days belong to it that begin in it where the organisation is.")] period: Period,
        #[graphql(desc = "Only these records.")] filter: Option<MetricFilter>,
        #[graphql(
            desc = "As it was at this instant; now unless given, at most now. What happened at the instant itself had not happened yet. Owners of leads, what accounts and campaigns say, and which clocks were declared void are known only as they are now. DATA_HEALTH, and what ALIGNMENT_INDEX takes from it, are what was kept last before the instant (`knownAt`): BAD_USER_INPUT where nothing was, and with a filter. CAC_ATTRIBUTED is known only as it is now: BAD_USER_INPUT."
        )]
        as_of: Option<DateTime>,
        #[graphql(desc = "Groups by these, at most 4 and at most 1000 groups.")] group_by: Option<Vec<Term<Dimension>>>,
        #[graphql(desc = "The currency of money; the organisation's unless given.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "What this metric can be told beside.")] options: Option<MetricOptionsInput>,
        #[graphql(desc = "What to do with money that cannot be converted; REFUSE unless given.")]
        on_missing_rate: Option<Term<MissingRate>>,
    ) -> Answer<Tried<MetricResult>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        let by = group_by.unwrap_or_default().into_iter().map(|term| term.0).collect();
        let currency: Option<Currency> = currency.map(|code| code.0);
        let missing = on_missing_rate.map_or(MissingRate::Refuse, |term| term.0);
        let asked = Asked { period, filter, as_of, by, currency, options, missing };
        Ok(Tried(Box::pin(MetricResult::asked(access, key.0.metric(), asked)).await.map(Some)))
    }

    /// Works out again, in this running service, every worked number that the formulas of metrics were proven with, and those of
    /// percentiles, of a waterfall, of the score of a lead and of credit for a sale, each by what computes them for callers.
    /// For every signed-in caller.
    async fn metric_self_test(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these metrics; all, and what else is worked out, unless given.")] keys: Option<
            Vec<Term<Key>>,
        >,
    ) -> Answer<Vec<MetricSelfTest>> {
        let access = access(ctx)?;
        let wanted = |key: Key| keys.as_ref().is_none_or(|keys| keys.contains(&Term(key)));
        let of = |metric: &&'static super::Metric| Key::of(metric).is_some_and(wanted);
        let tried = METRICS.iter().copied().filter(of);
        let mut all: Vec<_> =
            tried.flat_map(|metric| metric.golden.iter().filter_map(|g| MetricSelfTest::of(metric, g))).collect();
        if keys.is_none() {
            all.extend(self_test::beside(access).await?.into_iter().map(MetricSelfTest::from));
        }
        Ok(all)
    }
}
