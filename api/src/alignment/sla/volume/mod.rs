//! What marketing brought of the leads that it promised, by week, month or quarter of the organisation: the other half
//! of who owes whom, beside how soon sales answered. Over the whole organisation, as the promise is.

pub mod graphql;
mod span;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    id::AgreementVersionId,
    lead,
    lead_status_change::{self as moves, Column as M},
    word::Word,
};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait, JoinType,
    sea_query::{Alias, CaseStatement, Expr, Query, SimpleExpr},
};

use self::span::{Span, spans};
use super::policy::{KEY, SlaBody, VolumePeriod};
use crate::{
    alignment::agreement::{Active, body::ratified},
    crm::{home::Home, whole},
    error::{Error, Result},
    graph::derived::Ratio,
    store::{Access, Guarded, Scoped},
};

/// Weeks, months or quarters of one report.
const MOST_SPANS: usize = 120;

/// A promise for one span, and what came of it.
#[derive(Clone, Debug)]
pub struct Volume {
    pub status: lead::Status,
    pub period: VolumePeriod,
    pub span: Span,
    pub promised: i32,
    pub brought: i64,
    pub version: AgreementVersionId,
}

impl Volume {
    /// Brought of promised.
    pub fn attainment(&self) -> Ratio {
        Ratio::of(self.brought, self.promised.into())
    }

    /// How many whole leads of what was promised are due on a day: as much of it as of the days of the span that are over.
    pub fn due(&self, today: NaiveDate) -> i64 {
        let Span { first, next, .. } = self.span;
        let days = |until: NaiveDate| (until - first).num_days();
        i64::from(self.promised) * days(today.clamp(first, next)) / Ord::max(days(next), 1)
    }
}

/// The spans that have begun and overlap the period, each by what was promised for it: by the version in force when it
/// began, or the first to come into force in it. Three statements, and one for each kind of span.
pub async fn volumes(access: &Access, (start, end): (DateTime<Utc>, DateTime<Utc>)) -> Result<Vec<Volume>> {
    let versions = ratified::<SlaBody>(access, KEY).await?;
    let home = Home::in_zone(access.zone().await?);
    let end = std::cmp::min(end, access.now());
    let mut all = Vec::new();
    for period in [VolumePeriod::Week, VolumePeriod::Month, VolumePeriod::Quarter] {
        let promised = |v: &&(DateTime<Utc>, Active<SlaBody>)| v.1.body.volumes.iter().any(|v| v.period.0 == period);
        if !versions.iter().any(|version| promised(&version)) {
            continue;
        }
        let spans = spans(period, home, (start, end), MOST_SPANS).ok_or_else(|| {
            Error::BadInput(format!("period: it holds more than {MOST_SPANS} {}s", period.word().to_lowercase()))
        })?;
        let mut rows: Vec<Volume> = spans.iter().flat_map(|span| promises(&versions, *span, period)).collect();
        count(access, &spans, &mut rows).await?;
        all.extend(rows);
    }
    Ok(all)
}

/// What was promised for a span.
fn promises(versions: &[(DateTime<Utc>, Active<SlaBody>)], span: Span, period: VolumePeriod) -> Vec<Volume> {
    let before = versions.iter().rev().find(|(from, _)| *from <= span.begins);
    let Some((_, agreed)) = before.or_else(|| versions.iter().find(|(from, _)| *from < span.ends)) else {
        return vec![];
    };
    let these = agreed.body.volumes.iter().filter(|volume| volume.period.0 == period);
    let one = |volume: &super::policy::VolumeCommitment| Volume {
        status: volume.status.0,
        period,
        span,
        promised: volume.leads,
        brought: 0,
        version: agreed.version,
    };
    these.map(one).collect()
}

/// Counts each round of a lead once, in the span in which it first came to the status by a step.
async fn count(access: &Access, spans: &[Span], rows: &mut [Volume]) -> Result<()> {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(()) };
    if rows.is_empty() {
        return Ok(());
    }
    let statuses: Vec<lead::Status> = rows.iter().map(|row| row.status).collect();
    let mut place = CaseStatement::new();
    for (at, span) in spans.iter().enumerate() {
        place = place.case(M::At.lt(span.ends), Expr::cust(at.to_string()));
    }
    let came = Condition::all()
        .add(M::ToStatus.is_in(statuses))
        .add(M::At.gte(first.begins))
        .add(M::At.lt(last.ends))
        .add(M::At.lte(access.now()))
        .add(by_a_step(moves::Entity::NAME))
        .add(Expr::exists(earlier()).not());
    let (status, place_) = (Alias::new("status_"), Alias::new("place_"));
    let counted = Scoped::<moves::Entity>::read(&whole(access)).filter(came).shape(|q| {
        let alive = Condition::all()
            .add(Expr::col(("lead", "id")).equals((moves::Entity::NAME, "lead_id")))
            .add(Expr::col(("lead", "deleted_at")).is_null());
        q.join(JoinType::InnerJoin, "lead", alive)
            .expr_as(col("to_status"), status.clone())
            .expr_as(place, place_.clone())
            .expr(Expr::cust("COUNT(*)"))
            .group_by_columns([status, place_]);
    });
    for row in counted.rows().await? {
        let (status, at, n): (String, i32, i64) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let span = usize::try_from(at).ok().and_then(|at| spans.get(at)).copied();
        for row in rows.iter_mut().filter(|row| row.status.word() == status && Some(row.span) == span) {
            row.brought = n;
        }
    }
    Ok(())
}

fn col(name: &'static str) -> SimpleExpr {
    Expr::col((moves::Entity::NAME, name))
}

/// Nobody brought what was only said to stand there when it was created, unless by a version of an agreement; nor what
/// came back from an offer that nobody answered.
fn by_a_step(table: &'static str) -> Condition {
    let column = |name: &'static str| Expr::col((table, name));
    Condition::any()
        .add(column("from_status").ne(lead::Status::Offered))
        .add(Condition::all().add(column("from_status").is_null()).add(column("agreement_version_id").is_not_null()))
}

/// The same round had come there by a step before.
fn earlier() -> sea_orm::sea_query::SelectStatement {
    let other = |name: &'static str| Expr::col(("earlier", name));
    let mut query = Query::select();
    query.expr(Expr::val(1)).from_as(moves::Entity::NAME, "earlier");
    for same in ["organization_id", "lead_id", "cycle_no", "to_status"] {
        query.and_where(other(same).eq(col(same)));
    }
    let before = Condition::any()
        .add(other("at").lt(col("at")))
        .add(Condition::all().add(other("at").eq(col("at"))).add(other("id").lt(col("id"))));
    query.cond_where(before).cond_where(by_a_step("earlier")).take()
}
