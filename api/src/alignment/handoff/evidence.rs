//! What spoke for a lead when it was offered, kept with the offer: what it is judged by later must not change.

use entity::{
    activity::{self, Column as A},
    lead::Model as Lead,
};
use sea_orm::{
    ExprTrait,
    sea_query::{Expr, Func},
};
use serde_json::{Value, json};

use crate::{
    crm::all_rows,
    error::Result,
    store::{Scoped, Tx},
};

pub async fn of(tx: &Tx, lead: &Lead) -> Result<Value> {
    let column = |c: A| Expr::col(("activity", c));
    let theirs = Scoped::<activity::Entity>::read(&all_rows(tx)).filter(column(A::LeadId).eq(lead.id)).shape(|q| {
        q.expr(Func::count(column(A::Id)));
    });
    let cells = tx.cells(theirs).await?;
    let count: i64 = cells.first().map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(json!({
        "score": lead.score,
        "qualifiedAt": lead.status_changed_at,
        "qualifiedBecause": lead.status_reason,
        "agreementVersion": lead.agreement_version_id.map(|id| format!("agreement_version_{}", id.simple())),
        "activities": count,
        "title": lead.title,
        "companyName": lead.company_name,
        "country": lead.country,
    }))
}
