//! What both sides promised each other in a period, and what came of it: the volumes of the SLA agreement, and the shares
//! that the alignment index asks for.

use super::{
    Report,
    owed::{Commitment, CommitmentKind, Done},
};
use crate::{
    actor::Permission,
    alignment::sla::{VolumePeriod, volume::volumes},
    error::Result,
    insight::{
        alignment_index::{agreed, told},
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
use entity::{lead, word::Word};

/// Volumes first, then quality, speed and depth.
pub async fn kept(report: &Report) -> Result<Vec<Commitment>> {
    let mut all = brought(report).await?;
    let said = agreed(&report.ask.access, report.ask.now()).await?;
    let targets = said.as_ref().map(|active| active.body.weighed()).unwrap_or_default().targets;
    let plain = told(Options::default(), said.as_ref().map(|active| &active.body));
    let ask = Ask { options: plain, ..report.ask.clone() };
    for (kind, metric, share) in [
        (CommitmentKind::Quality, &lead_acceptance::METRIC, targets[0]),
        (CommitmentKind::Speed, &sla_attainment::METRIC, targets[1]),
        (CommitmentKind::Depth, &follow_up_depth::METRIC, Exact::whole(1)),
    ] {
        all.push(measured(&ask, kind, metric, share).await?);
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
    let mut sums: Vec<((lead::Status, VolumePeriod), i64, i64, bool)> = Vec::new();
    for volume in &all {
        let key = (volume.status, volume.period);
        if !sums.iter().any(|(known, ..)| *known == key) {
            sums.push((key, 0, 0, false));
        }
        for sum in sums.iter_mut().filter(|(known, ..)| *known == key) {
            sum.1 += i64::from(volume.promised);
            sum.2 += volume.brought;
            sum.3 |= volume.brought < FEW && !everything;
        }
    }
    sums.sort_by_key(|((status, period), ..)| (status.word(), period.word()));
    let one = |(key, promised, brought, withheld): ((lead::Status, VolumePeriod), i64, i64, bool)| {
        let done = Done { kept: Exact::whole(brought), of: Exact::whole(promised) };
        let done = (!withheld).then_some(done);
        Commitment { kind: CommitmentKind::Volume, volume: Some(key), share: Exact::whole(1), done, withheld }
    };
    Ok(sums.into_iter().map(one).collect())
}
