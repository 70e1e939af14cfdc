//! Promised numbers of leads in the schema. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, Object, Result as Answer, SimpleObject};
use entity::{agreement_version, id::RowId, lead::Status};

use super::Volume;
use crate::{
    actor::Permission,
    alignment::sla::policy::VolumePeriod,
    graph::{
        Node,
        derived::{Period, Ratio, Term},
        root::access,
        scalar::Date,
    },
    store::Access,
};

/// Fewer than these are told only to who sees every lead.
const FEW: i64 = 5;

/// Leads that marketing promised for a week, month or quarter, and those it brought.
#[derive(SimpleObject)]
pub struct SlaVolume {
    /// How far the leads were to come.
    status: Term<Status>,
    /// Whether it was promised for a week, a month or a quarter.
    period: Term<VolumePeriod>,
    /// The first day of it.
    start: Date,
    /// The first day after it.
    end: Date,
    /// Whether it is over.
    over: bool,
    /// How many leads were promised.
    promised: i32,
    /// How many came to the status so far, each round of a lead once, by a step such as `leadQualify`. A lead that was
    /// created or imported as standing there without a version of an agreement counts for nothing, nor does one that
    /// comes back from an offer. Null for fewer than five to who does not read every lead.
    brought: Option<i32>,
    /// Brought of promised: its value is more than 1 when more came; null where `brought` is.
    attainment: Option<Ratio>,
    /// The version of the SLA agreement that says so: the one in force when the span began, or the first to come into
    /// force in it.
    agreement_version: Node<agreement_version::Entity>,
}

impl SlaVolume {
    fn of(volume: &Volume, access: &Access) -> Self {
        let told = volume.brought >= FEW || access.actor().reaches_all(Permission::LeadRead);
        Self {
            status: Term(volume.status),
            period: Term(volume.period),
            start: Date(volume.span.first),
            end: Date(volume.span.next),
            over: volume.span.ends <= access.now(),
            promised: volume.promised,
            brought: told.then(|| i32::try_from(volume.brought).unwrap_or(i32::MAX)),
            attainment: told.then(|| volume.attainment()),
            agreement_version: Some(volume.version.uuid()).into(),
        }
    }
}

#[derive(Default)]
pub struct SlaVolumeReads;

#[Object]
impl SlaVolumeReads {
    /// What marketing brought of the leads that it promised in the SLA agreement LEAD_RESPONSE: a row for each promise
    /// and each week (from Monday), month or quarter of the organisation's calendar that overlaps the period and has
    /// begun, weeks first. Counts leads of the whole organisation, also those that the caller does not see. Error:
    /// BAD_USER_INPUT for more than 120 weeks, months or quarters. Empty without AGREEMENT_READ. Requires LEAD_READ;
    /// without it the list is empty.
    async fn sla_volumes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which weeks, months and quarters: those that overlap it.")] period: Period,
    ) -> Answer<Vec<SlaVolume>> {
        let access = access(ctx)?;
        if ![Permission::LeadRead, Permission::AgreementRead].iter().all(|p| access.actor().may(*p)) {
            return Ok(vec![]);
        }
        let volumes = super::volumes(access, period.ends()?).await?;
        Ok(volumes.iter().map(|volume| SlaVolume::of(volume, access)).collect())
    }
}
