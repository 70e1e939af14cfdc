//! What spoke for a lead when it was offered, kept with the offer: what it is judged by later must not change.

use std::collections::HashMap;

use entity::{
    activity::{self, Column as A},
    id::{LeadId, RowId},
    lead::Model as Lead,
};
use sea_orm::sea_query::{Expr, Func};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    crm::all_rows,
    error::Result,
    store::{Scoped, Tx, within_ids},
};

/// How many activities there were with each lead.
pub type Counts = HashMap<LeadId, i64>;

/// One statement, however many leads.
pub async fn counts(tx: &Tx, leads: impl Iterator<Item = LeadId>) -> Result<Counts> {
    let column = |c: A| Expr::col(("activity", c));
    let ids: Vec<Uuid> = leads.map(RowId::uuid).collect();
    let theirs = within_ids(("activity", "lead_id"), &ids, tx.access().store().backend());
    let counted = Scoped::<activity::Entity>::read(&all_rows(tx)).filter(theirs).shape(|q| {
        q.expr(column(A::LeadId)).expr(Func::count(column(A::Id))).group_by_col(("activity", A::LeadId));
    });
    let mut counts = Counts::new();
    for row in tx.cells(counted).await? {
        counts.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    }
    Ok(counts)
}

pub fn of(lead: &Lead, counts: &Counts) -> Value {
    json!({
        "score": lead.score,
        "qualifiedAt": lead.status_changed_at,
        "qualifiedBecause": lead.status_reason,
        "agreementVersion": lead.agreement_version_id.map(|id| format!("agreement_version_{}", id.simple())),
        "activities": counts.get(&lead.id).copied().unwrap_or(0),
        "title": lead.title,
        "companyName": lead.company_name,
        "country": lead.country,
    })
}
