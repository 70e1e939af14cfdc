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
use uuid::Uuid;

use super::{QualificationBody, Stage, verdict};
use crate::{
    actor::Permission,
    alignment::{
        agreement::{Active, active_in},
        rule::History,
        scoring::renew,
    },
    crm::Reader,
    error::{Error, FaultCode, Result},
    graph::{Patch, record::save_all},
    store::{Access, Guarded, Scoped, Tx, within_ids},
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
    /// The last of them, if there may be more.
    pub last: Option<LeadId>,
}

/// Judges leads that the caller may change, in the order of their ids and from after one on. A few statements, however
/// many they are.
pub async fn requalify(access: &Access, policy: Policy, after: Option<LeadId>) -> Result<Requalified> {
    let mut tx = access.begin(Permission::LeadQualifyOverride).await?;
    let Some(agreed) = active_in::<QualificationBody>(&tx, Stage::Mql.key()).await? else {
        let message = "no QUALIFICATION agreement MQL is in force";
        return Err(Error::refused(FaultCode::AgreementRequired, "policy", message));
    };
    let ids = outdated(&tx, policy, agreed.version.uuid(), after).await?;
    let last = ids.last().filter(|_| ids.len() as u64 == MOST);
    let mut done =
        Requalified { outdated: ids.len(), last: last.map(|id| LeadId::from_uuid(*id)), ..Default::default() };
    if policy != Policy::Keep {
        let (met, unmet) = judge(&mut tx, &agreed.body, &ids).await?;
        (done.met, done.unmet) = (met.len(), unmet.len());
        restamp(&mut tx, met, agreed.version.uuid()).await?;
        done.returned = send_back(&mut tx, unmet, &agreed).await?;
    }
    tx.commit(serde_json::json!({ "outdated": done.outdated })).await?;
    Ok(done)
}

/// The leads, locked: those that meet the definition, and the others.
async fn judge(tx: &mut Tx, body: &QualificationBody, ids: &[Uuid]) -> Result<(Vec<Model>, Vec<Model>)> {
    let these = within_ids((lead::Entity::NAME, "id"), ids, tx.access().store().backend());
    renew(tx, &ids.iter().copied().map(LeadId::from_uuid).collect::<Vec<_>>()).await?;
    let leads = tx.lock_where::<lead::Entity>(these).await?;
    let of: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
    let history = History::of(Reader::Tx(tx), &of).await?;
    let now = tx.access().now();
    Ok(leads.into_iter().partition(|lead| verdict(body, &history.facts(lead, now)).met))
}

/// Leads that do not meet the version in force go back, those that marketing still holds.
async fn send_back(tx: &mut Tx, leads: Vec<Model>, agreed: &Active<QualificationBody>) -> Result<usize> {
    let reason = format!("does not meet version {} of the definition", agreed.number);
    let told = Patch::default()
        .with("status", Status::Nurturing)
        .with("status_reason", reason)
        .with("agreement_version_id", agreed.version.uuid());
    let back = leads.into_iter().filter(|lead| lead.status == Status::Mql).map(|lead| (lead, told.clone()));
    Ok(save_all::<lead::Entity>(tx, back.collect()).await?.len())
}

/// Leads that meet the version in force are from now on qualified under it: a move from where they stand to where they
/// stand in their history.
async fn restamp(tx: &mut Tx, leads: Vec<Model>, version: Uuid) -> Result<()> {
    if leads.is_empty() {
        return Ok(());
    }
    let (now, by) = (tx.access().now(), tx.access().actor().user);
    let row = |lead: &Model| moves::ActiveModel {
        lead_id: Set(lead.id),
        cycle_no: Set(lead.cycle_no),
        from_status: Set(Some(lead.status)),
        to_status: Set(lead.status),
        at: Set(now),
        by: Set(by),
        reason: Set(Some("meets the version in force".to_owned())),
        agreement_version_id: Set(Some(version)),
        ..Default::default()
    };
    tx.insert_many::<moves::Entity>(leads.iter().map(row).collect()).await?;
    // what a lead says is how it came to where it stands
    let mqls: Vec<_> = leads.into_iter().filter(|lead| lead.status == Status::Mql).collect();
    tx.update_all::<lead::Entity>(&mqls, &[("agreement_version_id", version.into())], "lead.requalified").await?;
    Ok(())
}

/// The leads whose last stamp is another version.
async fn outdated(tx: &Tx, policy: Policy, version: Uuid, after: Option<LeadId>) -> Result<Vec<Uuid>> {
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
        .add(col(lead::Column::Id).not_in_subquery(stamped))
        .add_option(after.map(|id| col(lead::Column::Id).gt(id.uuid())));
    let ids = Scoped::<lead::Entity>::new(tx.access(), tx.permission()).filter(old).shape(|q| {
        let id = (lead::Entity::NAME, "id");
        q.column(id).order_by(id, sea_orm::Order::Asc).limit(MOST);
    });
    let rows = tx.cells(ids).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}
