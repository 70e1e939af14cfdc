//! Counts and sums the parts of a metric, group by group: a statement for each part, however many records.

use std::collections::BTreeMap;

use entity::{attribution_credit::Column as Credit, opportunity_state::Column as S, sla_clock::Column as K, stage};
use sea_orm::{
    DbBackend, ExprTrait, QueryResult,
    sea_query::{Alias, CaseStatement, Expr, Func, Query, SelectStatement, SimpleExpr},
};

use super::{
    Figure, Measure, Part,
    amount::{self, Amounts},
    ask::Ask,
    dimension::Dimension,
    exact::Exact,
    grain::{Door, Grain},
    middle::{between, place},
    query::{self, Key, MOST_GROUPS, named},
};
use crate::{
    error::{Error, Result},
    store::{Guarded, Scoped},
};

/// What a part comes to in one group.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub count: i64,
    pub value: Option<Exact>,
    /// Money that has still to be converted.
    pub amounts: Amounts,
}

pub type Tallies = BTreeMap<Key, Tally>;

pub async fn tally(ask: &Ask, part: &Part, door: Door) -> Result<Tallies> {
    let tallies = match part.of {
        Figure::Count => count(ask, part, door).await?,
        Figure::Total(measure) => total(ask, part, measure, door).await?,
        Figure::Percentile(measure, percent) => {
            middle(ask, part, &value(ask, part.grain, measure), percent, door).await?
        }
        _ => amount::sums(ask, part, door).await?,
    };
    if tallies.len() > MOST_GROUPS {
        return Err(too_many());
    }
    Ok(tallies)
}

pub fn too_many() -> Error {
    Error::BadInput(format!("groupBy: there are more than {MOST_GROUPS} groups; ask for fewer"))
}

fn grouped(query: &mut SelectStatement, groups: usize) {
    query.group_by_columns((0..groups).map(named));
}

/// How many records have a value. Shares of one sale say something of that sale alone.
fn records(grain: Grain, of: SimpleExpr) -> SimpleExpr {
    match grain {
        Grain::AttributionCredit => Func::count_distinct(Expr::col((grain.table(), Credit::OpportunityId))).into(),
        _ => Func::count(of).into(),
    }
}

/// How many records there are in each group.
pub async fn count(ask: &Ask, part: &Part, door: Door) -> Result<Tallies> {
    let counted = query::rows(ask, part, door)?.shape(|q| {
        q.expr_as(records(part.grain, Expr::cust("1")), Alias::new("n_")).limit(MOST_GROUPS as u64 + 1);
        grouped(q, ask.by.len());
    });
    each(ask, &counted.rows().await?, |row, at| {
        let count = row.try_get_by_index(at)?;
        Ok(Tally { count, value: Some(Exact::whole(count)), ..Tally::default() })
    })
}

async fn total(ask: &Ask, part: &Part, measure: Measure, door: Door) -> Result<Tallies> {
    let of = value(ask, part.grain, measure);
    let summed = query::rows(ask, part, door)?.shape(|q| {
        q.expr_as(records(part.grain, of.clone()), Alias::new("n_"))
            .expr_as(of.sum().cast_as("bigint"), Alias::new("sum_"))
            .limit(MOST_GROUPS as u64 + 1);
        grouped(q, ask.by.len());
    });
    each(ask, &summed.rows().await?, |row, at| {
        let sum: Option<i64> = row.try_get_by_index(at + 1)?;
        let value = sum.and_then(|sum| measure.exact(sum));
        Ok(Tally { count: row.try_get_by_index(at)?, value, ..Tally::default() })
    })
}

/// The two neighbours of a percentile in each group, found by the database.
async fn middle(ask: &Ask, part: &Part, of: &SimpleExpr, percent: u64, door: Door) -> Result<Tallies> {
    let rows = neighbours(ask, part, of, percent, door).await?;
    let Figure::Percentile(measure, _) = part.of else { return Err(Error::internal("a percentile of nothing")) };
    between_neighbours(&ask.by, &rows, percent, |n| measure.exact(n))
}

/// Rows of group, how many there are, place, value.
pub async fn neighbours(ask: &Ask, part: &Part, of: &SimpleExpr, percent: u64, door: Door) -> Result<Vec<QueryResult>> {
    let valued = query::rows(ask, part, door)?.shape(|q| {
        q.expr_as(of.clone(), Alias::new("v_"));
        if !ask.options.censored {
            q.and_where(of.clone().is_not_null());
        }
    });
    around(valued, ask.by.len(), &[percent]).rows().await
}

/// Of values `v_` in groups the two around each percentile: group, how many there are, place, value. Without a value is
/// later than all others.
pub fn around<E>(valued: Scoped<E>, groups: usize, percents: &[u64]) -> Scoped<E> {
    let keys: Vec<String> = (0..groups).map(|at| format!("\"k{at}\"")).collect();
    let keys = keys.join(", ");
    let (partition, first) = if keys.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("PARTITION BY {keys} "), format!("{keys}, "))
    };
    let number = format!("ROW_NUMBER() OVER ({partition}ORDER BY (\"v_\" IS NULL), \"v_\") - 1");
    let among = format!("COUNT(*) OVER ({partition})");
    let places = percents.iter().flat_map(|percent| {
        let place = format!("(\"n_\" - 1) * {percent} / 100");
        [place.clone(), format!("{place} + 1")]
    });
    let here = format!("\"i_\" IN ({})", places.collect::<Vec<_>>().join(", "));
    valued.wrap(|valued| {
        let numbered = Query::select()
            .expr(Expr::cust(format!("{first}\"v_\"")))
            .expr_as(Expr::cust(among), Alias::new("n_"))
            .expr_as(Expr::cust(number), Alias::new("i_"))
            .from_subquery(valued, "valued")
            .take();
        Query::select()
            .expr(Expr::cust(format!("{first}\"n_\", \"i_\", \"v_\"")))
            .from_subquery(numbered, "numbered")
            .and_where(Expr::cust(here))
            .take()
    })
}

pub fn between_neighbours(
    by: &[Dimension],
    rows: &[QueryResult],
    percent: u64,
    exact: impl Fn(i64) -> Option<Exact>,
) -> Result<Tallies> {
    let at = by.len();
    let mut found: BTreeMap<Key, (i64, BTreeMap<i64, Option<Exact>>)> = BTreeMap::new();
    for row in rows {
        let value: Option<i64> = row.try_get_by_index(at + 2)?;
        let (n, places) = found.entry(query::key(by, row)?).or_default();
        *n = row.try_get_by_index(at)?;
        places.insert(row.try_get_by_index(at + 1)?, value.and_then(&exact));
    }
    let middle = |(key, (count, places)): (Key, (i64, BTreeMap<i64, Option<Exact>>))| {
        let of = |place: u64| places.get(&i64::try_from(place).ok()?).copied().flatten();
        let n = u64::try_from(count).unwrap_or_default();
        let value = place(n, percent).and_then(|(low, rest)| between(of(low), of(low + 1), rest));
        (key, Tally { count, value, ..Tally::default() })
    };
    Ok(found.into_iter().map(middle).collect())
}

fn each(ask: &Ask, rows: &[QueryResult], read: impl Fn(&QueryResult, usize) -> Result<Tally>) -> Result<Tallies> {
    rows.iter().map(|row| Ok((query::key(&ask.by, row)?, read(row, ask.by.len())?))).collect()
}

/// What is measured of a record; none where it is not known.
fn value(ask: &Ask, grain: Grain, measure: Measure) -> SimpleExpr {
    match measure {
        Measure::CycleDays => Expr::col((grain.table(), S::CycleMicros)),
        Measure::BusinessSeconds => {
            let met = Expr::col((grain.table(), K::MetAt)).lt(ask.now());
            CaseStatement::new()
                .case(met, Expr::col((grain.table(), K::BusinessSeconds)))
                .finally(Expr::cust("NULL"))
                .into()
        }
        Measure::Attempts => super::cycles::attempts(ask),
        Measure::Kept => super::health::kept(ask, grain),
        Measure::Weighed => super::health::weighed(ask, grain),
        Measure::Credit => Expr::col((grain.table(), Credit::WeightE12)),
        Measure::RolesFilled => super::committees::filled(ask),
        Measure::RolesRequired => super::committees::required(ask),
        Measure::StageDays => {
            let since = if grain == Grain::Lead { "status_changed_at" } else { "stage_changed_at" };
            let since = micros(grain.table(), since, ask.access.store().backend());
            Expr::val(ask.now().timestamp_micros()).sub(since)
        }
    }
}

/// An instant in microseconds.
pub fn micros(table: &str, column: &str, backend: DbBackend) -> SimpleExpr {
    let column = format!("\"{table}\".\"{column}\"");
    Expr::cust(match backend {
        DbBackend::Postgres => format!("(EXTRACT(EPOCH FROM {column}) * 1000000)::bigint"),
        // what stands after the seconds is a fraction of them, or nothing
        _ => format!(
            "(CAST(strftime('%s', {column}) AS INTEGER) * 1000000 \
             + CAST(ROUND(CAST('0' || substr({column}, 20) AS REAL) * 1000000) AS INTEGER))"
        ),
    })
}

/// How likely an opportunity was won, in percent: its own chance, else its stage's.
pub fn chance() -> SimpleExpr {
    let own = Expr::col((Grain::Opportunity.table(), S::Probability));
    let of_stage = Query::select()
        .column((stage::Entity::NAME, stage::Column::Probability))
        .from(stage::Entity::NAME)
        .and_where(Expr::col((stage::Entity::NAME, stage::Column::Id)).equals((Grain::Opportunity.table(), S::StageId)))
        .take();
    Func::coalesce([own, SimpleExpr::from(of_stage)]).into()
}
