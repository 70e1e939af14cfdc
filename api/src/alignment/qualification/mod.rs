//! What makes a lead qualified for a stage, by the QUALIFICATION agreements `MQL`, `SAL` and `SQL`; the step that moves a
//! lead to MQL by them; and what a definition would have meant in the past. A lead that was qualified under a version
//! keeps it until somebody asks for more.

mod body;
pub mod graphql;
mod qualify;
mod requalify;
mod simulate;
mod verdict;

use entity::{
    agreement, agreement_version,
    id::{AgreementVersionId, LeadId, RowId},
    lead, lead_status_change as moves,
};
use sea_orm::{ExprTrait, sea_query::Expr};

pub use self::{
    body::{QualificationBody, Stage},
    qualify::{judged, meets, qualify},
    verdict::{Verdict, verdict},
};
use super::{
    agreement::{Active, active, body::decode},
    rule::History,
};
use crate::{
    crm::{self, Reader},
    error::Result,
    store::{Access, Guarded, Scoped},
};

/// What a definition says of one lead.
pub struct Judged {
    pub agreed: Active<QualificationBody>,
    pub verdict: Verdict,
    /// Whether it is the version that the lead was qualified under.
    pub kept: bool,
    pub in_force: Option<AgreementVersionId>,
}

/// By which version of its stage's definition a lead is judged.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// The one it was qualified under; without one that in force.
    Kept,
    InForce,
    /// Any, e.g. a draft.
    Version(AgreementVersionId),
}

/// What a definition says of a lead that the caller may read. None without such a lead or version.
pub async fn of(access: &Access, lead: LeadId, stage: Stage, by: By) -> Result<Option<Judged>> {
    let Some(row) = Scoped::<lead::Entity>::read(access).ids(&[lead.uuid()]).one().await? else { return Ok(None) };
    let in_force = active::<QualificationBody>(access, stage.key()).await?;
    let current = in_force.as_ref().map(|agreed| agreed.version);
    let stamp = if matches!(by, By::InForce) { None } else { stamped(access, lead, stage).await? };
    let agreed = match by {
        By::InForce => in_force,
        By::Kept => match stamp {
            Some(stamp) => version(access, stamp, stage).await?.or(in_force),
            None => in_force,
        },
        By::Version(id) => version(access, id, stage).await?,
    };
    let Some(agreed) = agreed else { return Ok(None) };
    let history = History::of(Reader::Access(access), &[lead]).await?;
    let verdict = verdict(&agreed.body, &history.facts(&row, access.now()));
    Ok(Some(Judged { verdict, kept: stamp == Some(agreed.version), in_force: current, agreed }))
}

/// The version of this stage's definition by which the lead came to it last.
async fn stamped(access: &Access, lead: LeadId, stage: Stage) -> Result<Option<AgreementVersionId>> {
    let all = crm::whole(access);
    let col = |c| Expr::col((moves::Entity::NAME, c));
    let last = Scoped::<moves::Entity>::read(&all)
        .filter(col(moves::Column::LeadId).eq(lead.uuid()))
        .filter(col(moves::Column::ToStatus).eq(stage.status()))
        .filter(col(moves::Column::AgreementVersionId).is_not_null())
        .shape(|q| {
            q.order_by((moves::Entity::NAME, "at"), sea_orm::Order::Desc)
                .order_by((moves::Entity::NAME, "id"), sea_orm::Order::Desc);
        })
        .one()
        .await?;
    Ok(last.and_then(|row| row.agreement_version_id).map(AgreementVersionId::from_uuid))
}

/// A version of this stage's definition.
async fn version(access: &Access, id: AgreementVersionId, stage: Stage) -> Result<Option<Active<QualificationBody>>> {
    let all = crm::whole(access);
    let Some(row) = Scoped::<agreement_version::Entity>::read(&all).ids(&[id.uuid()]).one().await? else {
        return Ok(None);
    };
    let of = Scoped::<agreement::Entity>::read(&all).ids(&[row.agreement_id.uuid()]).one().await?;
    let fits = of.is_some_and(|of| of.kind == agreement::Kind::Qualification && of.key == stage.key());
    if fits { decode(row).map(Some) } else { Ok(None) }
}
