//! The revenue report in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::sync::LazyLock;

use async_graphql::{Context, InputObject, Object, Result as Answer, SimpleObject};
use entity::{
    id::RowId,
    lead,
    revenue_report_snapshot::{self, Column as S},
    user::Side,
};
use serde::Serialize;

use super::{Commitment, CommitmentKind, Report, content::RevenueFigures, owed::owes, snapshot};
use crate::{
    actor::Permission,
    alignment::sla::VolumePeriod,
    error::{Error, Result},
    graph::{
        self, Kind, Meta, Node, Rules,
        derived::{Period, Term, Tried, UserError, outcome},
        form::Form,
        root::access,
        scalar::{CurrencyCode, DateTime, Decimal},
        value::text as said,
    },
    insight::{
        forecast::graphql::PipelineForecast,
        funnel::graphql::Funnel,
        goal::{measure::Progress, progress::GoalProgress},
        metric::{
            Metric, catalog,
            exact::Exact,
            graphql::{
                inputs::{Asked, MetricFilter, MissingRate},
                result::MetricResult,
            },
            unit::Unit,
        },
        waterfall::graphql::PipelineWaterfall,
    },
    store::Access,
};

#[derive(Default)]
pub struct ReportReads;

/// A period as both sides see it.
pub struct RevenueReport(pub Report);

#[Object]
impl ReportReads {
    /// A period as marketing, sales and the board see it, in one call: the funnel from both ends, how the pipeline moved, the
    /// forecast, what covers the target, goals, answers to leads, and what each side owes the other. Every figure is the one
    /// that its own query answers for the same period, instant and currency, with the same rules on small numbers; only what
    /// is selected is computed. A part that cannot be computed is null with an error entry, the others stand. Nothing in it
    /// tells what anything costs or what anybody is paid. `revenueReportSnapshot` freezes it. Null without the permission.
    /// Errors: BAD_USER_INPUT as for `metric`. Requires METRIC_READ.
    async fn revenue_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period. Days belong to it that begin in it where the organisation is.")] period: Period,
        #[graphql(desc = "As it was at this instant; now unless given, at most now.")] as_of: Option<DateTime>,
        #[graphql(desc = "The currency of money; the organisation's unless given.")] currency: Option<CurrencyCode>,
        #[graphql(
            desc = "What is to be earned in the period, in whole units of the currency, for `coverage`; unless given the target of the goal of the metric REVENUE for exactly this period, over all records, that is no part of another."
        )]
        target: Option<Decimal>,
        #[graphql(desc = "What to do with money that cannot be converted; REFUSE unless given.")]
        on_missing_rate: Option<Term<MissingRate>>,
    ) -> Answer<Tried<RevenueReport>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        let asked = Asked {
            period,
            filter: None::<MetricFilter>,
            as_of,
            by: vec![],
            currency: currency.map(|code| code.0),
            options: None,
            missing: on_missing_rate.map_or(MissingRate::Refuse, |term| term.0),
        };
        Ok(Tried(Box::pin(asked_for(access, asked, target.as_ref())).await.map(|report| Some(RevenueReport(report)))))
    }
}

async fn asked_for(access: &Access, asked: Asked, target: Option<&Decimal>) -> Result<Report> {
    let wrong = || Error::BadInput("target: not a number that can be reckoned with".into());
    let target = target.map(|target| Exact::parse(&target.to_string()).ok_or_else(wrong)).transpose()?;
    Ok(Report { ask: asked.ask(access, None).await?, target })
}

/// Figures are asked for in futures of their own: a report has many, and all of them in one would be large.
impl RevenueReport {
    async fn metric(&self, metric: &'static Metric) -> Answer<Tried<MetricResult>> {
        Ok(Tried(Box::pin(MetricResult::of(self.0.plain(), metric)).await.map(Some)))
    }

    async fn covered(&self, metric: &'static Metric) -> Answer<Tried<MetricResult>> {
        let covered = async {
            let Some(ask) = self.0.covered().await? else { return Ok(None) };
            Box::pin(MetricResult::of(ask, metric)).await.map(Some)
        };
        Ok(Tried(Box::pin(covered).await))
    }
}

/// A period as both sides see it. Its figures are computed when they are selected.
#[Object]
impl RevenueReport {
    /// The first instant of the period.
    async fn start(&self) -> DateTime {
        DateTime(self.0.ask.start)
    }

    /// The first instant after the period.
    async fn end(&self) -> DateTime {
        DateTime(self.0.ask.end)
    }

    /// The instant for which it was computed.
    async fn as_of(&self) -> DateTime {
        DateTime(self.0.ask.now())
    }

    /// The currency of all amounts.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.ask.currency)
    }

    /// The way from a lead to a sale, from LEAD on: as `funnel` answers.
    async fn funnel(&self) -> Answer<Tried<Funnel>> {
        Ok(Tried(Box::pin(Funnel::over(self.0.cohort())).await.map(Some)))
    }

    /// How the pipeline of the period moved from its start up to its end, or to the instant of the report where that comes
    /// first: as `pipelineWaterfall` answers. Null before it began.
    async fn waterfall(&self) -> Answer<Tried<PipelineWaterfall>> {
        let Some((ask, since)) = self.0.moved() else { return Ok(Tried(Ok(None))) };
        Ok(Tried(Box::pin(PipelineWaterfall::over(ask, since)).await.map(Some)))
    }

    /// What the period is forecast to bring: as `pipelineForecast` answers.
    async fn forecast(&self) -> Answer<Tried<PipelineForecast>> {
        Ok(Tried(Box::pin(PipelineForecast::over(self.0.plain())).await.map(Some)))
    }

    /// What was won: the metric REVENUE.
    async fn revenue(&self) -> Answer<Tried<MetricResult>> {
        self.metric(&catalog::revenue::METRIC).await
    }

    /// The metric REVENUE_GROWTH, against as many days before.
    async fn revenue_growth(&self) -> Answer<Tried<MetricResult>> {
        self.metric(&catalog::revenue_growth::METRIC).await
    }

    /// The metric WIN_RATE.
    async fn win_rate(&self) -> Answer<Tried<MetricResult>> {
        self.metric(&catalog::win_rate::METRIC).await
    }

    /// What came into the pipeline: the metric PIPELINE_CREATED.
    async fn pipeline_created(&self) -> Answer<Tried<MetricResult>> {
        self.metric(&catalog::pipeline_created::METRIC).await
    }

    /// What is open for the period, as a multiple of what is missing to the target: the metric PIPELINE_COVERAGE. Null
    /// without a target.
    async fn coverage(&self) -> Answer<Tried<MetricResult>> {
        self.covered(&catalog::pipeline_coverage::METRIC).await
    }

    /// The same, each amount times its chance: the metric PIPELINE_COVERAGE_WEIGHTED. Null without a target.
    async fn weighted_coverage(&self) -> Answer<Tried<MetricResult>> {
        self.covered(&catalog::pipeline_coverage_weighted::METRIC).await
    }

    /// The metric PIPELINE_VELOCITY, by the 180 days before the instant.
    async fn velocity(&self) -> Answer<Tried<MetricResult>> {
        self.metric(&catalog::pipeline_velocity::METRIC).await
    }

    /// The metric SLA_ATTAINMENT.
    async fn sla_attainment(&self) -> Answer<Tried<MetricResult>> {
        self.metric(&catalog::sla_attainment::METRIC).await
    }

    /// The median time to the first answer: the metric RESPONSE_TIME_P50.
    async fn response_time_p50(&self) -> Answer<Tried<MetricResult>> {
        self.metric(&catalog::response_time_p50::METRIC).await
    }

    /// Nine of ten first answers took no longer: the metric RESPONSE_TIME_P90.
    async fn response_time_p90(&self) -> Answer<Tried<MetricResult>> {
        self.metric(&catalog::response_time_p90::METRIC).await
    }

    /// Goals that both sides work or worked for whose period overlaps this one, as `goalProgress` answers; those that end
    /// first first, at most 25. Null in the place of one that cannot be measured, with an error entry. Empty without
    /// AGREEMENT_READ.
    async fn goals(&self) -> Result<Vec<Tried<GoalProgress>>> {
        let ids = self.0.goals().await?;
        let all = Box::pin(Progress::of(&self.0.ask.access, &ids, self.0.ask.now())).await?;
        Ok(all.into_iter().map(|one| Tried(one.transpose().map(|one| one.map(GoalProgress)))).collect())
    }

    /// What marketing and sales promised each other, what came of it, and who owes whom: MARKETING, then SALES.
    async fn sides(&self) -> Result<Vec<RevenueSide>> {
        let all = Box::pin(self.0.commitments()).await?;
        Ok(RevenueSide::both(&all))
    }
}

/// What a side promised the other.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct RevenueSide {
    /// Who promised.
    side: Term<Side>,
    /// Whether this side owes the other something; null where that depends on what is withheld.
    owes: Option<bool>,
    /// Marketing owes volume and quality, sales speed and depth.
    commitments: Vec<RevenueCommitment>,
}

/// A promise, and what came of it.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct RevenueCommitment {
    /// What was promised.
    kind: Term<CommitmentKind>,
    /// Of a VOLUME: how far the leads were to come; else null.
    lead_status: Option<Term<lead::Status>>,
    /// Of a VOLUME: whether it is promised for each week, month or quarter; else null. Those that overlap the period and have
    /// begun are added up.
    span: Option<Term<VolumePeriod>>,
    /// Of a VOLUME: how many leads were promised for these spans in all, also for those that still run; else null, and in reports
    /// frozen before this was kept.
    promised: Option<i32>,
    /// Which share of `outOf` is to be reached, e.g. 0.85; 1 for VOLUME and DEPTH.
    promised_share: Option<Decimal>,
    /// How many there were: leads brought or accepted, clocks met, attempts. Null where there was nothing to do, and when
    /// withheld.
    kept: Option<i32>,
    /// Out of how many: leads due by now of those promised, leads answered, clocks due, attempts asked for leads whose time is
    /// over. Null where `kept` is.
    out_of: Option<i32>,
    /// `kept` of `outOf`; null where there was nothing to do, and when withheld.
    share: Option<Decimal>,
    /// How many more would have kept the promise: 0 when it is kept; null where `kept` is.
    owed: Option<i32>,
    /// Whether it rests on too few records for the caller to be told.
    withheld: bool,
}

impl RevenueSide {
    /// Marketing, then sales.
    pub fn both(all: &[Commitment]) -> Vec<Self> {
        let of = |side: Side| {
            let own: Vec<&Commitment> = all.iter().filter(|one| one.kind.side() == side).collect();
            Self {
                side: Term(side),
                owes: owes(&own),
                commitments: own.into_iter().map(RevenueCommitment::of).collect(),
            }
        };
        [Side::Marketing, Side::Sales].map(of).into()
    }
}

impl RevenueCommitment {
    fn of(one: &Commitment) -> Self {
        let share = |value: Option<Exact>| Unit::Ratio.text(value?, 0)?.parse().ok().map(Decimal);
        let whole = |n: Option<i64>| n.map(|n| i32::try_from(n).unwrap_or(i32::MAX));
        Self {
            kind: Term(one.kind),
            lead_status: one.volume.map(|promised| Term(promised.status)),
            span: one.volume.map(|promised| Term(promised.span)),
            promised: whole(one.volume.map(|promised| promised.leads)),
            promised_share: share(Some(one.share)),
            kept: whole(one.done.and_then(|done| done.kept.ceil())),
            out_of: whole(one.done.and_then(|done| done.of.ceil())),
            share: share(one.reached()),
            owed: whole(one.owed()),
            withheld: one.withheld,
        }
    }
}

/// Which report to freeze.
#[derive(InputObject)]
pub struct RevenueReportFreezeInput {
    /// What people will call it. At most 200 characters.
    title: Option<String>,
    /// The period.
    period: Period,
    /// As it was at this instant; now unless given, at most now.
    as_of: Option<DateTime>,
    /// The currency of money; the organisation's unless given.
    currency: Option<CurrencyCode>,
    /// What is to be earned in the period; see `revenueReport`.
    target: Option<Decimal>,
}

/// A report that was frozen.
#[derive(SimpleObject)]
pub struct RevenueReportFreezePayload {
    /// It; null when nothing was frozen.
    revenue_report_snapshot: Node<revenue_report_snapshot::Entity>,
    /// What was wrong with the input.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ReportWrites;

#[Object]
impl ReportWrites {
    /// Freezes a revenue report: its figures are kept as they are and never change, whatever is corrected later. Nothing changes
    /// or deletes what is frozen. Kept is what `revenueReport` answers to who sees all records, and what it answers to who sees
    /// none; readers are told the one that is theirs. User errors: VALIDATION for a period or title that cannot be,
    /// FX_RATE_MISSING for money in currencies without a rate that is young enough. Takes an idempotency key; writes an event.
    /// Requires REVENUE_REPORT_SNAPSHOT_CREATE.
    async fn revenue_report_snapshot(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report.")] input: RevenueReportFreezeInput,
    ) -> Answer<Option<RevenueReportFreezePayload>> {
        let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?;
        let (done, user_errors) = outcome(frozen(access, input).await)?;
        Ok(Some(RevenueReportFreezePayload { revenue_report_snapshot: done.map(RowId::uuid).into(), user_errors }))
    }
}

async fn frozen(access: &Access, input: RevenueReportFreezeInput) -> Result<entity::id::RevenueReportSnapshotId> {
    access.require(Permission::RevenueReportSnapshotCreate)?;
    let title = said("title", input.title, 200, false)?;
    let asked = Asked {
        period: input.period,
        filter: None,
        as_of: input.as_of,
        by: vec![],
        currency: input.currency.map(|code| code.0),
        options: None,
        missing: MissingRate::Refuse,
    };
    let report = asked_for(access, asked, input.target.as_ref()).await.map_err(|error| match error {
        Error::BadInput(message) => Error::invalid("period", message),
        other => other,
    })?;
    Box::pin(snapshot::freeze(access, &report, title)).await
}

fn figures() -> &'static Form {
    static FORM: LazyLock<Form> = LazyLock::new(|| Form::told::<RevenueFigures>("RevenueFigures"));
    &FORM
}

pub fn snapshots() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::MetricRead, create: None, update: None, delete: None, assign: None };
        let about = "A revenue report as it was, made by `revenueReportSnapshot`. Nothing changes it. Read by who reads agreements, \
                     too.";
        Meta::new::<revenue_report_snapshot::Entity>(
            "RevenueReportSnapshot",
            "revenueReportSnapshots",
            about,
            rules,
            vec![
                graph::text(S::Title, "What people call it."),
                graph::time(S::StartsAt, "The first instant of its period.").filter().order(),
                graph::time(S::EndsAt, "The first instant after its period.").filter().order(),
                graph::time(S::AsOf, "The instant of its figures.").filter().order(),
                graph::currency(S::Currency, "The currency of its amounts."),
                graph::reckoned(
                    "figures",
                    Kind::Form(figures()),
                    snapshot::told,
                    "Its figures: to who sees all records as they were, to everybody else without those that rest on few records and \
                     without VOLUME, which asks for LEAD_READ.",
                ),
            ],
        )
    });
    &META
}
