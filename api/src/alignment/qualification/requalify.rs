//! Judging qualified leads again by the version in force, when somebody asks for it: never by itself.

use entity::{
    id::{LeadId, RowId},
    lead::{self, Model, Status},
    lead_status_change as moves, words,
};
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait,
    sea_query::{Expr, Query},
};

use super::{QualificationBody, Stage, verdict};
use crate::{
    actor::Permission,
    alignment::{agreement::active_in, rule::History},
    crm::{self, Reader},
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::{Access, Guarded, Scoped, Tx},
};

words! {
    /// Which leads to judge again by a definition that came into force after they were qualified.
    pub enum Policy as "RequalifyPolicy" {
        /// None: each keeps the version it was qualified under. Only says how many there are.
        Keep = "NONE",
        /// Those that marketing still holds: MQL. Who does not meet it goes back to NURTURING.
        OpenOnly = "OPEN_ONLY",
        /// Also those that sales holds: OFFERED, ACCEPTED, WORKING, SQL. They stay where they are and are only counted.
        All = "ALL",
    }
}

/// Leads judged in one call.
pub const MOST: u64 = 500;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requalified {
    /// Qualified under another version than the one in force.
    pub outdated: usize,
    pub met: usize,
    pub unmet: usize,
    /// Of the unmet ones, sent back to NURTURING.
    pub returned: usize,
    /// There may be more of them: call again.
    pub more: bool,
}

/// Judges leads that the caller may change, the least recently moved first.
pub async fn requalify(access: &Access, policy: Policy) -> Result<Requalified> {
    let mut tx = access.begin(Permission::LeadQualifyOverride).await?;
    let Some(agreed) = active_in::<QualificationBody>(&tx, Stage::Mql.key()).await? else {
        let message = "no QUALIFICATION agreement MQL is in force";
        return Err(Error::refused(FaultCode::AgreementRequired, "policy", message));
    };
    let leads = outdated(&mut tx, policy, agreed.version.uuid()).await?;
    let mut done = Requalified { outdated: leads.len(), more: leads.len() as u64 == MOST, ..Default::default() };
    if policy != Policy::Keep {
        let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        let history = History::of(Reader::Tx(&tx), &ids).await?;
        let now = tx.access().now();
        for lead in leads {
            let verdict = verdict(&agreed.body, &history.facts(&lead, now));
            if verdict.met {
                done.met += 1;
                restamp(&mut tx, lead, agreed.version.uuid()).await?;
                continue;
            }
            done.unmet += 1;
            if lead.status == Status::Mql {
                done.returned += 1;
                let reason = format!("does not meet version {} of the definition", agreed.number);
                let told =
                    Patch::default().with("status_reason", reason).with("agreement_version_id", agreed.version.uuid());
                crm::lead::advance(&mut tx, lead, Status::Nurturing, told).await?;
            }
        }
    }
    tx.commit(serde_json::json!({ "outdated": done.outdated })).await?;
    Ok(done)
}

/// A lead that meets the version in force is from now on qualified under it: a move from MQL to MQL in its history.
async fn restamp(tx: &mut Tx, lead: Model, version: uuid::Uuid) -> Result<()> {
    let now = tx.access().now();
    let row = moves::ActiveModel {
        lead_id: Set(lead.id),
        cycle_no: Set(lead.cycle_no),
        from_status: Set(Some(lead.status)),
        to_status: Set(lead.status),
        at: Set(now),
        by: Set(tx.access().actor().user),
        reason: Set(Some("meets the version in force".to_owned())),
        agreement_version_id: Set(Some(version)),
        ..Default::default()
    };
    tx.insert::<moves::Entity>(row).await?;
    Ok(())
}

/// The leads whose last stamp is another version, locked.
async fn outdated(tx: &mut Tx, policy: Policy, version: uuid::Uuid) -> Result<Vec<Model>> {
    let col = |c| Expr::col((lead::Entity::NAME, c));
    let statuses: &[Status] = match policy {
        Policy::All => &[Status::Mql, Status::Offered, Status::Accepted, Status::Working, Status::Sql],
        _ => &[Status::Mql],
    };
    let mut stamped = Query::select();
    stamped
        .column(("stamp", "lead_id"))
        .from_as(moves::Entity::NAME, "stamp")
        .and_where(Expr::col(("stamp", "organization_id")).eq(tx.access().actor().organization.uuid()))
        .and_where(Expr::col(("stamp", "agreement_version_id")).eq(version));
    let old = Condition::all()
        .add(col(lead::Column::Status).is_in(statuses.iter().copied()))
        .add(col(lead::Column::Id).not_in_subquery(stamped));
    let ids = Scoped::<lead::Entity>::new(tx.access(), tx.permission()).filter(old).shape(|q| {
        q.column((lead::Entity::NAME, "id"))
            .order_by((lead::Entity::NAME, "status_changed_at"), sea_orm::Order::Asc)
            .order_by((lead::Entity::NAME, "id"), sea_orm::Order::Asc)
            .limit(MOST);
    });
    let rows = tx.cells(ids).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<uuid::Uuid>, _>>()?;
    let backend = tx.access().store().backend();
    tx.lock_where::<lead::Entity>(crate::store::within_ids((lead::Entity::NAME, "id"), &ids, backend)).await
}
