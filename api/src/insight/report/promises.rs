//! What both sides promised each other in a period, and what came of it: the volumes of the SLA agreement, and the shares
//! that the alignment index asks for.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::word::Word;

use super::{
    Report,
    owed::{Commitment, CommitmentKind, Done, Promised},
};
use crate::{
    actor::Permission,
    alignment::sla::volume::volumes,
    error::Result,
    insight::{
        alignment_index::{agreed, body::ATTEMPT_DAYS, told},
        metric::{
            Metric,
            answer::whole,
            ask::Ask,
            catalog::{follow_up_depth, lead_acceptance, sla_attainment},
            exact::Exact,
            options::Options,
        },
        small::FEW,
    },
};

/// Volumes first, then quality, speed and depth.
pub async fn kept(report: &Report) -> Result<Vec<Commitment>> {
    let mut all = brought(report).await?;
    let said = agreed(&report.ask.access, report.ask.now()).await?;
    let targets = said.as_ref().map(|active| active.body.weighed()).unwrap_or_default().targets;
    let plain = told(Options::default(), said.as_ref().map(|active| &active.body));
    let ask = Ask { options: plain, ..report.ask.clone() };
    // what was accepted since may still be tried
    let days = said.map_or(ATTEMPT_DAYS, |active| active.body.time_to_try());
    let over = Ask { end: ask.end.min(ask.now() - TimeDelta::days(days)), ..ask.clone() };
    for (ask, kind, metric, share) in [
        (&ask, CommitmentKind::Quality, &lead_acceptance::METRIC, targets[0]),
        (&ask, CommitmentKind::Speed, &sla_attainment::METRIC, targets[1]),
        (&over, CommitmentKind::Depth, &follow_up_depth::METRIC, Exact::whole(1)),
    ] {
        all.push(measured(ask, kind, metric, share).await?);
    }
    Ok(all)
}

async fn measured(ask: &Ask, kind: CommitmentKind, metric: &'static Metric, share: Exact) -> Result<Commitment> {
    let figures = Box::pin(whole(ask, metric)).await?;
    let worked = figures.worked;
    let done = worked.numerator.zip(worked.denominator).filter(|_| !figures.withheld);
    let done = done.map(|(kept, of)| Done { kept, of });
    Ok(Commitment { kind, volume: None, share, done, withheld: figures.withheld })
}

/// Promised and brought leads of the spans of the period, added up by status and sort of span. The sum is withheld where one
/// of them would be: it could be told from the others.
async fn brought(report: &Report) -> Result<Vec<Commitment>> {
    let access = &report.ask.access;
    if ![Permission::LeadRead, Permission::AgreementRead].iter().all(|p| access.actor().may(*p)) {
        return Ok(vec![]);
    }
    let all = volumes(&access.at(report.ask.now()), (report.ask.start, report.ask.end)).await?;
    let everything = access.actor().reaches_all(Permission::LeadRead);
    let mut sums: BTreeMap<(&str, &str), Sum> = BTreeMap::new();
    for volume in &all {
        let (status, span) = (volume.status, volume.period);
        let none = Sum { of: Promised { status, span, leads: 0 }, due: 0, brought: 0, withheld: false };
        let sum = sums.entry((status.word(), span.word())).or_insert(none);
        sum.of.leads += i64::from(volume.promised);
        sum.due += volume.due(report.ask.today());
        sum.brought += volume.brought;
        sum.withheld |= volume.brought < FEW && !everything;
    }
    Ok(sums.into_values().map(Sum::told).collect())
}

/// What was promised in one way, what of it is due by now, and what was brought.
struct Sum {
    of: Promised,
    due: i64,
    brought: i64,
    withheld: bool,
}

impl Sum {
    fn told(self) -> Commitment {
        let done = Done { kept: Exact::whole(self.brought), of: Exact::whole(self.due) };
        Commitment {
            kind: CommitmentKind::Volume,
            volume: Some(self.of),
            share: Exact::whole(1),
            done: (!self.withheld).then_some(done),
            withheld: self.withheld,
        }
    }
}
