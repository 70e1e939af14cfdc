//! Periods that records are grouped by: days, weeks, months, quarters and years as they begin in a time zone. Pure. The
//! database answers the period's first day; when that day begins is known here, the same for both databases.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use sea_orm::{DbBackend, sea_query::Expr, sea_query::SimpleExpr};

use crate::{graph::field::Kind, store::Reckoning};

/// The first day of the period that a column falls in. Grain and zone are of closed lists: their text never comes from
/// outside.
pub(super) fn period(table: &str, column: &str, kind: Kind, grain: &str, of: (Reckoning, DbBackend)) -> SimpleExpr {
    let (Reckoning { zone, first_month }, backend) = of;
    let column = format!("\"{table}\".\"{column}\"");
    let instant = matches!(kind, Kind::Time);
    let ahead = first_month - 1;
    if backend == DbBackend::Postgres {
        let local = if instant { format!("({column} AT TIME ZONE '{}')", zone.name()) } else { column };
        let unit = unit(grain);
        return Expr::cust(match unit {
            "quarter" | "year" if ahead > 0 => {
                format!("(date_trunc('{unit}', {local} - interval '{ahead} months') + interval '{ahead} months')::date")
            }
            _ => format!("date_trunc('{unit}', {local})::date"),
        });
    }
    let local = if instant { format!("datetime({column}, {})", shift(&column, offsets(zone))) } else { column };
    let months = |length: u32| {
        let into = format!("(CAST(strftime('%m', {local}) AS INTEGER) + {}) % {length}", 11 - ahead);
        format!("date({local}, 'start of month', '-' || ({into}) || ' months')")
    };
    Expr::cust(match grain {
        "WEEK" => format!("date({local}, 'weekday 0', '-6 days')"),
        "MONTH" => format!("date({local}, 'start of month')"),
        "QUARTER" => months(3),
        "YEAR" => months(12),
        _ => format!("date({local})"),
    })
}

fn unit(grain: &str) -> &'static str {
    match grain {
        "WEEK" => "week",
        "MONTH" => "month",
        "QUARTER" => "quarter",
        "YEAR" => "year",
        _ => "day",
    }
}

/// When a day begins; where clocks jump over midnight, when they land.
pub(super) fn begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let mut quarters = (0..=8).map(|n| midnight + TimeDelta::minutes(15 * n));
    let first = quarters.find_map(|at| zone.from_local_datetime(&at).earliest());
    first.map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
}

/// From an instant on, in seconds east of UTC. The first has no beginning.
type Offsets = &'static [(DateTime<Utc>, i32)];

/// SQLite knows no zones: the difference from UTC as a tree of comparisons. Instants are compared as text, which orders
/// them, with or without a fraction of the second.
fn shift(column: &str, offsets: &[(DateTime<Utc>, i32)]) -> String {
    match offsets {
        [] => "'+0 seconds'".to_owned(),
        [(_, seconds)] => format!("'{seconds:+} seconds'"),
        _ => {
            let (earlier, later) = offsets.split_at(offsets.len() / 2);
            let from = later[0].0.format("%Y-%m-%dT%H:%M:%S");
            format!("CASE WHEN {column} < '{from}' THEN {} ELSE {} END", shift(column, earlier), shift(column, later))
        }
    }
}

/// How a zone's clocks stood from 1970 to 2049, looked up once.
fn offsets(zone: Tz) -> Offsets {
    static KNOWN: LazyLock<Mutex<HashMap<Tz, Offsets>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(zone).or_insert_with(|| Box::leak(reckon(zone).into_boxed_slice()))
}

fn reckon(zone: Tz) -> Vec<(DateTime<Utc>, i32)> {
    let at = |time: DateTime<Utc>| zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc();
    let mut day = DateTime::UNIX_EPOCH;
    let mut all = vec![(day, at(day))];
    while let Some(next) = day.checked_add_days(Days::new(1)).filter(|next| next.timestamp() < 2_524_608_000) {
        if at(next) != at(day) {
            // the second in which the clocks are changed
            let (mut before, mut after) = (day, next);
            while after - before > TimeDelta::seconds(1) {
                let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
                if at(middle) == at(day) { before = middle } else { after = middle }
            }
            all.push((after, at(next)));
        }
        day = next;
    }
    all
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::Sao_Paulo, Asia::Kolkata, Europe::Berlin};

    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn clocks_change_to_the_second() {
        let berlin = reckon(Berlin);
        assert!(berlin.contains(&(instant("2026-03-29T01:00:00Z"), 7200)));
        assert!(berlin.contains(&(instant("2026-10-25T01:00:00Z"), 3600)));
        assert_eq!(reckon(Tz::UTC), [(DateTime::UNIX_EPOCH, 0)]);
        assert_eq!(reckon(Kolkata), [(DateTime::UNIX_EPOCH, 19_800)]);
    }

    #[test]
    fn days_begin_where_people_are() {
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(begins(day("2026-03-29"), Berlin), instant("2026-03-28T23:00:00Z"));
        assert_eq!(begins(day("2026-03-30"), Berlin), instant("2026-03-29T22:00:00Z"));
        assert_eq!(begins(day("2018-11-04"), Sao_Paulo), instant("2018-11-04T03:00:00Z"), "midnight was left out");
    }

    #[test]
    fn a_tree_of_comparisons() {
        let list = [(instant("1970-01-01T00:00:00Z"), 0), (instant("2026-03-29T01:00:00Z"), 3600)];
        assert_eq!(
            shift("at", &list),
            "CASE WHEN at < '2026-03-29T01:00:00' THEN '+0 seconds' ELSE '+3600 seconds' END"
        );
    }
}
