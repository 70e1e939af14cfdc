//! Answers of sales in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, InputObject, Object, Result as Answer, SimpleObject};
use entity::{campaign, handoff::Category, rejection_reason, sla_clock::Kind, user};
use uuid::Uuid;

use super::{
    offers,
    offers::RejectionGroup,
    sla::{self, GroupBy, Tally},
};
use crate::{
    actor::Permission,
    error::Result,
    graph::{
        Node,
        derived::{Period, Ratio, Term, whole},
        root::access,
        scalar::{DateTime, Decimal},
    },
    insight::metric::{
        ask::Ask,
        dimension::Dimension,
        graphql::{
            inputs::{Asked, MetricOptionsInput, MissingRate},
            result::text,
        },
        query::Cell,
        unit::Unit,
    },
    store::Access,
};

#[derive(Default)]
pub struct AnswerReads;

/// Which clocks are meant.
#[derive(InputObject)]
pub struct SlaReportInput {
    /// The period: of `dueAt` for attainment, of when the lead was offered for response times, whatever instant its clock counts from.
    period: Period,
    /// Only clocks of this kind; all for attainment, FIRST_RESPONSE for response times unless given.
    kind: Option<Term<Kind>>,
    /// As it was at this instant; now unless given, at most now.
    as_of: Option<DateTime>,
}

async fn ask(
    access: &Access,
    (period, as_of): (Period, Option<DateTime>),
    by: Option<Dimension>,
    options: Option<MetricOptionsInput>,
) -> Result<Ask> {
    let by = by.into_iter().collect();
    let asked = Asked { period, filter: None, as_of, by, currency: None, options, missing: MissingRate::Bucket };
    asked.ask(access, None).await
}

/// The record of a group, where it is one.
fn id(group: Option<&Cell>) -> Option<Uuid> {
    if let Some(Cell::Id(id)) = group { *id } else { None }
}

/// The word of a group, where it is one.
fn word(group: Option<&Cell>) -> Option<&str> {
    if let Some(Cell::Word(word)) = group { word.as_deref() } else { None }
}

#[Object]
impl AnswerReads {
    /// How promises were kept: met of met and breached, of the clocks due in a period. Void clocks are in none; one that
    /// stands still is not due. One row in all, or one for each group that has clocks. It is the metric SLA_ATTAINMENT, the
    /// same for whoever may read metrics; a group of fewer than five clocks is withheld from who does not see
    /// all of them, and USER shows only people whom the caller reaches. Errors: BAD_USER_INPUT for more than 1000 groups.
    /// Empty without the permission. Requires METRIC_READ.
    async fn sla_attainment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which clocks.")] input: SlaReportInput,
        #[graphql(desc = "One row for each of these; one row in all unless given.")] group_by: Option<Term<GroupBy>>,
    ) -> Answer<Vec<SlaAttainment>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(vec![]);
        }
        let by = group_by.map(|by| by.0);
        let ask = ask(access, (input.period, input.as_of), by.map(GroupBy::dimension), None).await?;
        let tallies = sla::attainment(&ask, input.kind.map(|kind| kind.0)).await?;
        Ok(tallies.into_iter().map(|tally| SlaAttainment { by, tally }).collect())
    }

    /// How long answers to leads took, in business time and without pauses, of the clocks of offers made in a period.
    /// Percentiles by linear interpolation, exact. Of kind FIRST_RESPONSE these are the metrics RESPONSE_TIME_P50 and
    /// RESPONSE_TIME_P90, the same for whoever may read metrics, and withheld from who does not see all where fewer than five
    /// were answered. Null without the permission. Requires METRIC_READ.
    async fn sla_response_times(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which clocks.")] input: SlaReportInput,
        #[graphql(default, desc = "Count those that nobody has answered as later than all others.")] censored: bool,
    ) -> Answer<Option<SlaResponseTimes>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(None);
        }
        let options = MetricOptionsInput::unanswered_last(censored);
        let ask = ask(access, (input.period, input.as_of), None, Some(options)).await?;
        let times = sla::times(&ask, input.kind.map_or(Kind::FirstResponse, |kind| kind.0)).await?;
        let seconds = |value| text(Unit::Seconds, value, ask.currency);
        Ok(Some(SlaResponseTimes {
            answered: times.answered.map(whole),
            unanswered: times.unanswered.map(whole),
            p50_seconds: seconds(times.p50),
            p90_seconds: seconds(times.p90),
            withheld: times.withheld,
        }))
    }

    /// What became of offers in a period: answered and expired ones by when that was, waiting ones by when they were
    /// offered, in the order of their groups. These are the metrics LEAD_ACCEPTANCE and LEAD_REJECTIONS by one thing, the same
    /// for whoever may read metrics; a group of fewer than five answers is withheld from who does not see all of them, and
    /// REP shows only people whom the caller reaches. Errors: BAD_USER_INPUT for more than 1000 groups, each kind of reason
    /// apart. Empty without the permission. Requires METRIC_READ.
    async fn rejection_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what offers are counted.")] group_by: RejectionGroup,
        #[graphql(desc = "The period.")] period: Period,
    ) -> Answer<Vec<RejectionRow>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(vec![]);
        }
        let ask = ask(access, (period, None), Some(group_by.dimension()), None).await?;
        let tallies = offers::offers(&ask).await?;
        Ok(tallies.into_iter().map(|tally| row(group_by, &tally)).collect())
    }
}

/// The clocks of a period that have something in common, and how they stood.
pub struct SlaAttainment {
    by: Option<GroupBy>,
    tally: Tally,
}

/// How promises were kept: of the clocks that are due in a period, or of a group of them.
#[Object]
impl SlaAttainment {
    /// The group's kind, priority, source or channel, by its word; null for other groups, for leads that have none, and for
    /// the source of a group that is withheld.
    async fn word(&self) -> Option<&str> {
        let free = self.by == Some(GroupBy::Source);
        word(self.tally.group.as_ref()).filter(|_| !free || !self.tally.withheld())
    }

    /// The group's user: who was to act.
    async fn user(&self) -> Node<user::Entity> {
        id(self.tally.group.as_ref()).filter(|_| self.by == Some(GroupBy::User)).into()
    }

    /// The group's campaign.
    async fn campaign(&self) -> Node<campaign::Entity> {
        id(self.tally.group.as_ref()).filter(|_| self.by == Some(GroupBy::Campaign)).into()
    }

    /// Answered in time; null when withheld.
    async fn met(&self) -> Option<i32> {
        self.tally.met.map(whole)
    }

    /// Answered late, or not though it was due; null when withheld.
    async fn breached(&self) -> Option<i32> {
        self.tally.breached.map(whole)
    }

    /// Not yet due, or standing still: in neither. Null when withheld.
    async fn not_due(&self) -> Option<i32> {
        self.tally.open.map(whole)
    }

    /// Met of met and breached; null when withheld.
    async fn attainment(&self) -> Option<Ratio> {
        self.tally.attainment()
    }

    /// Whether it rests on too few clocks for the caller to be told.
    async fn withheld(&self) -> bool {
        self.tally.withheld()
    }
}

/// How long the answers to leads took.
#[derive(SimpleObject)]
pub struct SlaResponseTimes {
    /// How many were answered; null when withheld.
    answered: Option<i32>,
    /// How many were not, until the instant asked for; null when withheld.
    unanswered: Option<i32>,
    /// The median, in business seconds; null when there is none, when it lies among the unanswered, and when withheld.
    p50_seconds: Option<Decimal>,
    /// Nine of ten took no longer, in business seconds; null when there is none, when it lies among the unanswered, and when
    /// withheld.
    p90_seconds: Option<Decimal>,
    /// Whether they rest on too few clocks for the caller to be told.
    withheld: bool,
}

/// What became of the offers of one group.
#[derive(SimpleObject)]
pub struct RejectionRow {
    /// Of groups by SOURCE: the source; null where none is known, and when withheld.
    source: Option<String>,
    /// Of groups by CAMPAIGN: the campaign.
    campaign: Node<campaign::Entity>,
    /// Of groups by REASON: the reason.
    reason: Node<rejection_reason::Entity>,
    /// Of groups by REP: the user.
    rep: Node<user::Entity>,
    /// Accepted in the period, overturned rejections among them; null when withheld.
    accepted: Option<i32>,
    /// Rejected in the period and not overturned; null when withheld.
    rejected: Option<i32>,
    /// Offered in the period and waiting for an answer; null when withheld.
    pending: Option<i32>,
    /// Expired in the period; null when withheld.
    expired: Option<i32>,
    /// Accepted among those accepted or rejected; null when withheld.
    acceptance: Option<Ratio>,
    /// Rejections by kind of reason; none when withheld.
    categories: Vec<RejectionShare>,
    /// Whether it rests on too few answers for the caller to be told.
    withheld: bool,
}

/// Rejections of one kind.
#[derive(SimpleObject)]
pub struct RejectionShare {
    /// The kind of reason.
    category: Term<Category>,
    /// How many, overturned ones not among them; null when they are too few for the caller to be told.
    count: Option<i32>,
}

fn row(group: RejectionGroup, tally: &offers::Tally) -> RejectionRow {
    let record = |of: RejectionGroup| id(tally.group.as_ref()).filter(|_| group == of);
    let withheld = tally.withheld();
    let share = |(category, count): &(Category, Option<i64>)| RejectionShare {
        category: Term(*category),
        count: count.map(whole),
    };
    let categories = if withheld { vec![] } else { tally.categories.iter().map(share).collect() };
    RejectionRow {
        source: word(tally.group.as_ref()).filter(|_| !withheld).map(str::to_owned),
        campaign: record(RejectionGroup::Campaign).into(),
        reason: record(RejectionGroup::Reason).into(),
        rep: record(RejectionGroup::Rep).into(),
        accepted: tally.accepted.map(whole),
        rejected: tally.rejected.map(whole),
        pending: tally.pending.map(whole),
        expired: tally.expired.map(whole),
        acceptance: tally.acceptance(),
        categories,
        withheld,
    }
}
