//! Where business sticks, in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{
    Context, Object, Result as Answer, SimpleObject,
    registry::{MetaField, Registry},
};
use entity::{
    lead::{self, Status},
    opportunity,
    word::Word,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};
use serde_json::Value;
use uuid::Uuid;

use super::{Aged, Aging, BUSINESS, LEADS, aging, stuck};
use crate::{
    actor::Permission,
    crm::stage,
    error::{Error, Result},
    graph::{
        derived::{Period, Term, Tried, whole},
        listed::Listed,
        root::access,
        said::{Said, Sayings},
        scalar::{DateTime, Decimal},
        sdl::out,
    },
    insight::metric::{
        ask::Ask,
        exact::Exact,
        graphql::inputs::{Asked, MetricFilter, MetricOptionsInput, MissingRate},
        query::Cell,
        unit::Unit,
    },
    store::Access,
};

#[derive(Default)]
pub struct AgingReads;

/// A stage, and how business stands in it.
pub struct StageAging {
    stage: Uuid,
    aging: Aging,
}

impl Said for StageAging {
    const NAME: &'static str = "StageAging";
    const ABOUT: &'static str = "A stage, and how business stands in it. What rests on fewer than five opportunities is null \
                                 for who does not see all of them, and all of it where the filter names people of whom the \
                                 caller does not reach each.";
    const RECORD: &'static str = "stage";

    fn fields(_: &mut Registry) -> Vec<MetaField> {
        vec![
            out("stage", "Stage!", "The stage."),
            out("open", "Int", "How many opportunities stand in it."),
            out("medianDays", "Decimal", "The median days for which they have stood in it."),
            out("p90Days", "Decimal", "The days within which nine of ten of them lie."),
            out("stays", "Int", "How many left it in the window."),
            out("medianStayDays", "Decimal", "The median days for which those had stayed."),
            out(
                "p90StayDays",
                "Decimal",
                "Nine of ten of those had stayed no longer, in days: who stands longer is stuck.",
            ),
        ]
    }

    fn id(&self) -> Uuid {
        self.stage
    }

    fn say(&self, field: &str) -> Value {
        let days = |value| days(value).map_or(Value::Null, Value::from);
        match field {
            "open" => self.aging.standing.into(),
            "medianDays" => days(self.aging.age[0]),
            "p90Days" => days(self.aging.age[1]),
            "stays" => self.aging.stays.into(),
            "medianStayDays" => days(self.aging.stay[0]),
            "p90StayDays" => days(self.aging.stay[1]),
            _ => Value::Null,
        }
    }
}

/// Where leads stand, and how. What rests on fewer than five leads is null for who does not see all of them, and all of it
/// where the filter names people of whom the caller does not reach each.
#[derive(SimpleObject)]
pub struct LeadAging {
    /// Where they stand.
    status: Term<Status>,
    /// How many stand there.
    standing: Option<i32>,
    /// The median days for which they have stood there.
    median_days: Option<Decimal>,
    /// The days within which nine of ten of them lie.
    p90_days: Option<Decimal>,
    /// How many left in the window.
    stays: Option<i32>,
    /// The median days for which those had stayed.
    median_stay_days: Option<Decimal>,
    /// Nine of ten of those had stayed no longer, in days: who stands longer is stuck.
    p90_stay_days: Option<Decimal>,
}

const YEAR: i32 = 365;

#[Object]
impl AgingReads {
    /// How long open opportunities have stood in their stages, and how long others stayed there that left in the days
    /// before: over all opportunities of the organisation, one row for each stage. Null without the permission. Errors:
    /// BAD_USER_INPUT as for `metric`. Requires METRIC_READ.
    async fn stage_aging(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these opportunities.")] filter: Option<MetricFilter>,
        #[graphql(desc = "As it was at this instant; now unless given, at most now.")] as_of: Option<DateTime>,
        #[graphql(desc = "In how many days before they left, 1 to 3660; 365 unless given.")] window_days: Option<i32>,
    ) -> Answer<Tried<Sayings<StageAging>>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        Ok(Tried(stages(access, filter, as_of, window_days).await.map(Some)))
    }

    /// How long leads that may still become something have stood where they stand, and how long others stayed there that
    /// left in the days before: over all leads of the organisation, one row for each status, from NEW on. Null without the
    /// permission. Errors: BAD_USER_INPUT as for `metric`. Requires METRIC_READ.
    async fn lead_aging(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these leads.")] filter: Option<MetricFilter>,
        #[graphql(desc = "In how many days before they left, 1 to 3660; 365 unless given.")] window_days: Option<i32>,
    ) -> Answer<Tried<Vec<LeadAging>>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        Ok(Tried(statuses(access, filter, window_days).await.map(Some)))
    }

    /// Open opportunities that have stood in their stage for longer than nine of ten of those that left it in the days
    /// before, or for so many times longer. Only those that the caller may see. Requires METRIC_READ; without it the list
    /// is empty.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field of the schema")]
    async fn stuck_opportunities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many times longer, 0.1 to 100; 1 unless given.")] times: Option<Decimal>,
        #[graphql(desc = "In how many days before the others left, 1 to 3660; 365 unless given.")] window_days: Option<
            i32,
        >,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Listed<opportunity::Entity>> {
        let _ = (first, after, last, before);
        Ok(Listed::of(ctx, stuck_among(access(ctx)?, &BUSINESS, times, window_days).await?))
    }

    /// Leads that may still become something and have stood where they stand for longer than nine of ten of those that left
    /// in the days before, or for so many times longer: those that nobody touches. Only those that the caller may see.
    /// Requires METRIC_READ; without it the list is empty.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field of the schema")]
    async fn stuck_leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many times longer, 0.1 to 100; 1 unless given.")] times: Option<Decimal>,
        #[graphql(desc = "In how many days before the others left, 1 to 3660; 365 unless given.")] window_days: Option<
            i32,
        >,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Listed<lead::Entity>> {
        let _ = (first, after, last, before);
        Ok(Listed::of(ctx, stuck_among(access(ctx)?, &LEADS, times, window_days).await?))
    }
}

async fn stuck_among(
    access: &Access,
    of: &Aged,
    times: Option<Decimal>,
    window_days: Option<i32>,
) -> Result<Condition> {
    if !access.actor().may(Permission::MetricRead) {
        return Ok(Condition::all().add(Expr::val(1).eq(0)));
    }
    let times = times_of(times)?;
    stuck(&asked(access, None, None, window_days).await?, of, times).await
}

fn days(value: Option<Exact>) -> Option<String> {
    Unit::Days.text(value?, 0)
}

fn times_of(times: Option<Decimal>) -> Result<Exact> {
    let wrong = || Error::BadInput("times: give between 0.1 and 100".into());
    let times = times.map_or_else(|| "1".to_owned(), |times| times.to_string());
    let times = Exact::parse(&times).ok_or_else(wrong)?;
    let tenths = times.scaled(1).filter(|tenths| (1..=1000).contains(tenths));
    tenths.map(|_| times).ok_or_else(wrong)
}

async fn stages(
    access: &Access,
    filter: Option<MetricFilter>,
    as_of: Option<DateTime>,
    window_days: Option<i32>,
) -> Result<Sayings<StageAging>> {
    let found = aging(&asked(access, filter, as_of, window_days).await?, &BUSINESS).await?;
    let row = |(place, aging)| {
        if let Cell::Id(Some(stage)) = place { Some(StageAging { stage, aging }) } else { None }
    };
    Ok(Sayings::new(stage::meta(), found.into_iter().filter_map(row).collect()))
}

async fn statuses(access: &Access, filter: Option<MetricFilter>, window_days: Option<i32>) -> Result<Vec<LeadAging>> {
    let found = aging(&asked(access, filter, None, window_days).await?, &LEADS).await?;
    let row = |(place, aging): (Cell, Aging)| {
        let Cell::Word(Some(word)) = place else { return None };
        let decimal = |value| days(value).and_then(|text| text.parse().ok());
        Some(LeadAging {
            status: Term(Status::parse(&word)?),
            standing: aging.standing.map(whole),
            median_days: decimal(aging.age[0]),
            p90_days: decimal(aging.age[1]),
            stays: aging.stays.map(whole),
            median_stay_days: decimal(aging.stay[0]),
            p90_stay_days: decimal(aging.stay[1]),
        })
    };
    let mut rows: Vec<LeadAging> = found.into_iter().filter_map(row).collect();
    rows.sort_by_key(|row| row.status.0);
    Ok(rows)
}

async fn asked(
    access: &Access,
    filter: Option<MetricFilter>,
    as_of: Option<DateTime>,
    window_days: Option<i32>,
) -> Result<Ask> {
    // no period: what is open is open
    let now = access.now();
    let period = Period { start: DateTime(now - chrono::TimeDelta::days(1)), end: DateTime(now) };
    let options = Some(MetricOptionsInput::window(window_days.unwrap_or(YEAR)));
    let missing = MissingRate::Bucket;
    Asked { period, filter, as_of, by: vec![], currency: None, options, missing }.ask(access, None).await
}
