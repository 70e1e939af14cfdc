//! Writes `lead_status_change`: one row for the beginning of a lead and one for each move; and how far it came.

use entity::{
    lead::{Model, Status},
    lead_status_change::{self, ActiveModel},
};
use sea_orm::ActiveValue::Set;

use crate::{crm::lead_cycle, error::Result, store::Tx};

/// One insert for every few hundred rows.
pub async fn write(tx: &mut Tx, written: &[(Option<Model>, Model)]) -> Result<()> {
    let by = tx.access().actor().user;
    let moved = written.iter().filter(|(before, after)| before.as_ref().is_none_or(|b| b.status != after.status));
    let rows: Vec<ActiveModel> = moved
        .map(|(before, after)| ActiveModel {
            lead_id: Set(after.id),
            cycle_no: Set(after.cycle_no),
            from_status: Set(before.as_ref().map(|b| b.status)),
            to_status: Set(after.status),
            at: Set(after.status_changed_at),
            by: Set(by),
            reason: Set(reason(after)),
            agreement_version_id: Set(after.agreement_version_id),
            ..Default::default()
        })
        .collect();
    for batch in rows.chunks(500) {
        tx.insert_many::<lead_status_change::Entity>(batch.to_vec()).await?;
    }
    lead_cycle::follow(tx, written).await
}

fn reason(lead: &Model) -> Option<String> {
    let given_up = (lead.status == Status::Disqualified).then(|| lead.disqualify_reason.clone()).flatten();
    lead.status_reason.clone().or(given_up)
}
