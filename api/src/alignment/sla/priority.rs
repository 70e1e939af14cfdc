//! How much leads hurry: by the first rule of the agreement that holds when the clock is started. Three statements,
//! however many leads; none where nothing is to be decided.

use std::collections::HashMap;

use entity::{
    id::{LeadId, RowId},
    lead,
    sla_clock::Priority,
};
use uuid::Uuid;

use super::{policy::SlaBody, steps::Wanted};
use crate::{
    alignment::rule::History,
    crm::{Reader, all_rows},
    error::Result,
    store::{Scoped, Tx},
};

/// Of those for which nobody has said so.
pub(super) async fn decided(tx: &Tx, body: &SlaBody, wanted: &[Wanted]) -> Result<HashMap<LeadId, Priority>> {
    let open: Vec<LeadId> = wanted.iter().map(|w| &w.begin).filter(|b| b.priority.is_none()).map(|b| b.lead).collect();
    if open.is_empty() || body.priorities.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = open.iter().map(|id| id.uuid()).collect();
    let rows = tx.read(Scoped::<lead::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
    let history = History::of(Reader::Tx(tx), &open).await?;
    let now = tx.access().now();
    let first = |row: &lead::Model| {
        let facts = history.facts(row, now);
        body.priorities.iter().find(|rule| rule.when.holds(&facts)).map(|rule| (row.id, rule.priority.0))
    };
    Ok(rows.iter().filter_map(first).collect())
}
