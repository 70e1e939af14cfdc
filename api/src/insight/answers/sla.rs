//! How promises of response times were kept, and how long answers took.

use entity::{sla_clock::Kind, word::Word, words};

use super::{Group, Row, rows};
use crate::{
    error::Result,
    graph::derived::Ratio,
    insight::metric::{
        Metric, Part,
        ask::{Ask, Only},
        catalog::{
            response_time_p50::{METRIC as RESPONSES, UNANSWERED, answered},
            sla_attainment,
        },
        cycles,
        dimension::Dimension,
        exact::Exact,
        query::Cell,
    },
};

words! {
    /// What clocks can be grouped by.
    pub enum GroupBy as "SlaGroupField" {
        /// What they waited for.
        Kind = "KIND",
        /// How much they hurried.
        Priority = "PRIORITY",
        /// Who was to act.
        User = "USER",
        /// The source of the lead.
        Source = "SOURCE",
        /// The channel of the lead.
        Channel = "CHANNEL",
        /// The campaign of the lead.
        Campaign = "CAMPAIGN",
    }
}

impl GroupBy {
    pub fn dimension(self) -> Dimension {
        match self {
            Self::Kind => Dimension::SlaKind,
            Self::Priority => Dimension::Priority,
            Self::User => Dimension::Owner,
            Self::Source => Dimension::Source,
            Self::Channel => Dimension::Channel,
            Self::Campaign => Dimension::Campaign,
        }
    }
}

/// The clocks of one group. Numbers are none where they are withheld.
#[derive(Clone, Debug)]
pub struct Tally {
    pub group: Group,
    pub met: Option<i64>,
    pub breached: Option<i64>,
    pub open: Option<i64>,
}

impl Tally {
    /// Met of met and breached.
    pub fn attainment(&self) -> Option<Ratio> {
        self.met.zip(self.breached).map(|(met, breached)| Ratio::of(met, met + breached))
    }

    pub fn withheld(&self) -> bool {
        self.met.is_none()
    }
}

/// Only clocks of one kind.
fn of_kind(ask: &Ask, kind: Option<Kind>) -> Ask {
    let mut ask = ask.clone();
    ask.only.extend(kind.map(|kind| Only { dimension: Dimension::SlaKind, any: vec![kind.word().into()] }));
    ask
}

/// How clocks stood, those without what they are grouped by last.
pub async fn attainment(ask: &Ask, kind: Option<Kind>) -> Result<Vec<Tally>> {
    let rows = rows(&of_kind(ask, kind), &sla_attainment::METRIC).await?;
    let tally = |row: Row| {
        let [met, breached, open] = ["met", "breached", "notDue"].map(|name| row.told(name));
        Tally { met, breached, open, group: row.group }
    };
    let mut tallies: Vec<Tally> = rows.into_iter().map(tally).collect();
    tallies.sort_by_key(|tally| matches!(tally.group, Some(Cell::Word(None) | Cell::Id(None))));
    Ok(tallies)
}

/// How long clocks of any kind ran, at a percentile.
const fn times_at(parts: &'static [Part]) -> Metric {
    Metric { parts, ..RESPONSES }
}

const WAITING: Part = Part { which: cycles::waiting, ..UNANSWERED };
static P50: Metric = times_at(&[Part { which: cycles::ended, ..answered(50) }, WAITING]);
static P90: Metric = times_at(&[Part { which: cycles::ended, ..answered(90) }, WAITING]);

/// How long answers took, in business seconds. Numbers are none where they are withheld.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    pub answered: Option<i64>,
    pub unanswered: Option<i64>,
    pub p50: Option<Exact>,
    pub p90: Option<Exact>,
    pub withheld: bool,
}

/// Of offers made in the period: an offer that went on to somebody else, because its clock ran out, counts once, from the
/// beginning. With `censored`, those that nobody has answered count as later than all others.
pub async fn times(ask: &Ask, kind: Kind) -> Result<Times> {
    let ask = of_kind(ask, Some(kind));
    let mut times = Times { answered: Some(0), unanswered: Some(0), ..Times::default() };
    for (metric, slot) in [(&P50, 0), (&P90, 1)] {
        for row in rows(&ask, metric).await? {
            times.withheld |= row.figures.withheld;
            let value = row.figures.worked.value.filter(|_| !row.figures.withheld);
            *(if slot == 0 { &mut times.p50 } else { &mut times.p90 }) = value;
            let (all, waiting) = (row.told("answered"), row.told("unanswered"));
            times.unanswered = waiting;
            // with `censored` those who wait are among them
            let answered = all.zip(waiting).map(|(all, waiting)| all - waiting);
            times.answered = if ask.options.censored { answered } else { all };
        }
    }
    Ok(times)
}
