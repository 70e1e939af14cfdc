//! How sales answers what it is offered, in tables: promises of response times, how long answers took, what became of
//! offers. They are the metrics `SLA_ATTAINMENT`, `LEAD_ACCEPTANCE` and `LEAD_REJECTIONS` by one thing, and withheld as these are.

pub mod graphql;
pub mod offers;
pub mod sla;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    metric::{
        Metric,
        answer::{self, Figures},
        ask::Ask,
        grain::Door,
        query::{Cell, Key},
        tally::{Tallies, count},
    },
    small::{is_few, none_alone},
};
use crate::error::Result;

/// What a group has in common; none over all.
pub type Group = Option<Cell>;

/// The figures of one group.
struct Row {
    group: Group,
    figures: Figures,
    /// Parts that are too few for the caller to be told.
    hidden: BTreeSet<&'static str>,
}

impl Row {
    /// A number that the caller is told.
    fn told(&self, name: &'static str) -> Option<i64> {
        if self.figures.withheld || self.hidden.contains(name) { None } else { Some(self.figures.facts.records(name)) }
    }

    /// On how many records all of it rests.
    fn total(&self, metric: &Metric) -> i64 {
        metric.parts.iter().map(|part| self.figures.facts.records(part.name)).sum()
    }
}

/// The figures of a metric in all or, where the question has a dimension, group by group. Nothing of which there is nothing.
async fn rows(ask: &Ask, metric: &'static Metric) -> Result<Vec<Row>> {
    let row = |(group, figures)| Row { group, figures, hidden: BTreeSet::new() };
    let mut rows: Vec<Row> = if ask.by.is_empty() {
        let whole = row((None, Box::pin(answer::whole(ask, metric)).await?));
        let some = whole.figures.withheld || whole.total(metric) > 0;
        if some { vec![whole] } else { vec![] }
    } else {
        let groups = Box::pin(answer::groups(ask, metric)).await?;
        groups.into_iter().map(|(key, figures)| row((key.into_iter().next(), figures))).collect()
    };
    if metric.parts.iter().all(|part| part.is_seen_by(ask.access.actor())) {
        return Ok(rows);
    }
    let mut own = BTreeMap::new();
    for part in metric.parts.iter().filter(|part| part.is_open_to(ask.access.actor())) {
        own.insert(part.name, count(ask, part, Door::Own).await?);
    }
    hide(metric, &mut rows, &own);
    Ok(rows)
}

/// A row tells more than the metric's value rests on: one of few in all is withheld, and so are single numbers of few that
/// the value does not rest on, each with one more that would tell it. What the caller sees all of is told.
fn hide(metric: &Metric, rows: &mut [Row], own: &BTreeMap<&str, Tallies>) {
    let unseen = |row: &Row, name: &str| {
        let key: Key = row.group.iter().cloned().collect();
        own.get(name).is_none_or(|seen| seen.get(&key).map_or(0, |t| t.count) != row.figures.facts.records(name))
    };
    let places = |rows: &[Row], few: &dyn Fn(&Row) -> bool| -> BTreeSet<usize> {
        rows.iter().enumerate().filter(|(_, row)| few(row)).map(|(at, _)| at).collect()
    };
    let small = places(rows, &|row| {
        row.figures.withheld || (is_few(row.total(metric)) && metric.parts.iter().any(|part| unseen(row, part.name)))
    });
    let totals: Vec<i64> = rows.iter().map(|row| row.total(metric)).collect();
    for at in none_alone(small, totals.into_iter().enumerate()) {
        rows[at].figures.withheld = true;
    }
    for part in metric.parts.iter().filter(|part| !metric.counted.contains(&part.name)) {
        let counts: Vec<i64> = rows.iter().map(|row| row.figures.facts.records(part.name)).collect();
        let small = places(rows, &|row| is_few(row.figures.facts.records(part.name)) && unseen(row, part.name));
        for at in none_alone(small, counts.into_iter().enumerate()) {
            rows[at].hidden.insert(part.name);
        }
    }
}
