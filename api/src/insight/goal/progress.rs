//! How far goals are, in the schema.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, Object, Result as Answer};
use entity::{goal, goal_snapshot::PaceStatus};
use uuid::Uuid;

use super::{body::exact, measure::Progress};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        derived::{Term, Tried, whole},
        root::access,
        scalar::{CurrencyCode, Date, DateTime, Decimal},
        value,
    },
    insight::metric::{
        exact::Exact,
        graphql::result::{MetricResult, text},
        key::Key,
        unit::Unit,
    },
    store::Guarded,
};

/// Goals in one call.
const MOST: usize = 25;

#[derive(Default)]
pub struct GoalReads;

#[Object]
impl GoalReads {
    /// How far these goals are, as of an instant, in the order of the ids: the metric of each in its period and scope, what is
    /// expected by then, and what follows from that. The value is the same for whoever may read metrics; it is withheld where
    /// it rests on few records or on those of named people whom the caller does not reach. By the version in force then; before
    /// one is, by what is drafted, so that it can be looked at before it is signed. Goals that ask the same cost as one. Null in
    /// the place of a goal that the caller does not see, and of one that cannot be measured, with an error entry: BAD_USER_INPUT
    /// for money in currencies without a rate that is young enough. Empty without AGREEMENT_READ. For lists of goals take
    /// `latest` of each. Errors: BAD_USER_INPUT for more than 25 ids, and for what is no id of a goal. Requires METRIC_READ;
    /// without it the list is empty.
    async fn goal_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which goals: 1 to 25, each an id that begins with `goal_`.")] ids: Vec<ID>,
        #[graphql(
            desc = "As it was at this instant; now unless given, at most now. What happened at the instant itself had not happened yet."
        )]
        as_of: Option<DateTime>,
    ) -> Answer<Vec<Tried<GoalProgress>>> {
        let access = access(ctx)?;
        if ![Permission::MetricRead, Permission::AgreementRead].iter().all(|p| access.actor().may(*p)) {
            return Ok(vec![]);
        }
        if ids.is_empty() || ids.len() > MOST {
            return Err(Error::BadInput(format!("ids: give between 1 and {MOST}")).into());
        }
        let wrong = |id: &ID| Error::BadInput(format!("ids: {} is not an id of goal", id.as_str()));
        let read = |id: &ID| value::id(goal::Entity::NAME, id).ok_or_else(|| wrong(id));
        let ids: Vec<Uuid> = ids.iter().map(read).collect::<Result<_>>()?;
        let at = as_of.map_or(access.now(), |at| at.0.min(access.now()));
        let all = Progress::of(access, &ids, at).await?;
        Ok(all.into_iter().map(|one| Tried(one.transpose().map(|one| one.map(GoalProgress)))).collect())
    }
}

pub struct GoalProgress(pub(in crate::insight) Progress);

impl GoalProgress {
    fn unit(&self) -> Unit {
        self.0.body.measures().unit
    }

    fn told(&self, value: Option<Exact>) -> Option<Decimal> {
        text(self.unit(), value, self.0.ask.currency)
    }

    fn share(&self, value: Option<Exact>) -> Option<Decimal> {
        text(Unit::Ratio, value, self.0.ask.currency)
    }
}

/// How far a goal is. Values are in the metric's unit: money in whole units with the decimals of its currency, all else to six
/// places, rounded half to even only here.
#[Object]
impl GoalProgress {
    /// The goal, for `node` and `goals`.
    async fn goal_id(&self) -> ID {
        ID(self.0.goal.id.to_string())
    }

    /// The version of its agreement by which it is measured.
    async fn agreement_version_id(&self) -> ID {
        ID(self.0.version.to_string())
    }

    /// What is measured.
    async fn metric(&self) -> Term<Key> {
        self.0.body.metric
    }

    /// What its values count.
    #[graphql(name = "unit")]
    async fn counts(&self) -> Term<Unit> {
        Term(self.unit())
    }

    /// The currency of its values where they are money.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.ask.currency)
    }

    /// The instant of the figures.
    async fn as_of(&self) -> DateTime {
        DateTime(self.0.ask.now())
    }

    /// The day of the organisation that this instant lies in or ends: what is expected is expected by its end.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// Days of the period that are over by the end of that day; of business where its curve counts those.
    async fn elapsed_days(&self) -> i32 {
        whole(self.0.span.elapsed)
    }

    /// Days of the period that are left behind that day; of business where its curve counts those.
    async fn days_left(&self) -> i32 {
        whole(self.0.span.left)
    }

    /// Where it begins.
    async fn baseline(&self) -> Option<Decimal> {
        self.told(Some(self.0.body.way().baseline))
    }

    /// What is to be reached.
    async fn target(&self) -> Option<Decimal> {
        self.told(Some(self.0.body.way().target))
    }

    /// What would be better still.
    async fn stretch(&self) -> Option<Decimal> {
        self.told(self.0.body.stretch.as_ref().map(exact))
    }

    /// What is reached; null where the metric has no value, and when it is withheld.
    async fn actual(&self) -> Option<Decimal> {
        self.told(self.0.figures.worked.value.filter(|_| !self.0.figures.withheld))
    }

    /// How much of the way from baseline to target is done: 1 at the target. Null where `actual` is.
    async fn progress(&self) -> Option<Decimal> {
        self.share(self.0.pace.progress)
    }

    /// The share of the goal that is expected by the end of the day, by its curve: 0 to 1.
    async fn expected_fraction(&self) -> Option<Decimal> {
        self.share(Some(self.0.span.fraction))
    }

    /// What is expected by the end of the day.
    async fn expected(&self) -> Option<Decimal> {
        self.told(self.0.pace.expected)
    }

    /// What is done of what is expected: 1 is on time. Null where `actual` is, and while nothing is expected.
    async fn pace_ratio(&self) -> Option<Decimal> {
        self.share(self.0.pace.ratio)
    }

    /// What will be reached at this pace. Null where `actual` is, and while less than 5 percent is expected.
    async fn projected(&self) -> Option<Decimal> {
        self.told(self.0.pace.projected)
    }

    /// What each day left must bring. Null where `actual` is, and when no day is left.
    async fn required_per_day(&self) -> Option<Decimal> {
        self.told(self.0.pace.required_per_day)
    }

    /// What each day so far brought. Null where `actual` is, and before the first day is over.
    async fn current_per_day(&self) -> Option<Decimal> {
        self.told(self.0.pace.per_day)
    }

    /// How it does. Null where `actual` is.
    async fn status(&self) -> Option<Term<PaceStatus>> {
        let known = self.0.figures.worked.value.is_some() && !self.0.figures.withheld;
        self.0.pace.status.filter(|status| known || *status == PaceStatus::NotStarted).map(Term)
    }

    /// Whether it rests on records that the caller may not be told of.
    async fn withheld(&self) -> bool {
        self.0.figures.withheld
    }

    /// The metric behind it, with what it is made of: `explain { inputs { records … } }` are the contributors, as far as the
    /// caller may see them.
    async fn measured(&self) -> MetricResult {
        MetricResult::known(self.0.ask.clone(), self.0.body.measures(), self.0.figures.clone())
    }
}
