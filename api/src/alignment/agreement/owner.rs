//! Which side answers for a lead or an opportunity where it stands, by the `STAGE_OWNERSHIP` in force.

use entity::{
    id::{AgreementVersionId, LeadId, OpportunityId, RowId},
    lead, opportunity,
};

use super::{
    active,
    stage_ownership::{OwnedStage, StageOwnershipBody},
};
use crate::{
    error::Result,
    store::{Access, Scoped},
};

/// The key of the agreement that says so.
pub const KEY: &str = "PIPELINE";

/// A stage with its side, and the version that says so.
pub struct Owned {
    pub version: AgreementVersionId,
    pub stage: OwnedStage,
}

/// None when the caller sees no such lead or opportunity, or nothing is agreed for its stage. Two statements.
pub async fn of(access: &Access, id: &str) -> Result<Option<Owned>> {
    let Some(standing) = standing(access, id).await? else { return Ok(None) };
    let Some(agreed) = active::<StageOwnershipBody>(access, KEY).await? else { return Ok(None) };
    let here = |stage: &OwnedStage| match &standing {
        Standing::Lead(status) => stage.lead_status.is_some_and(|term| term.0 == *status),
        Standing::Opportunity(id) => stage.stage_id.as_ref().is_some_and(|stage| stage.as_str() == *id),
    };
    let version = agreed.version;
    Ok(agreed.body.stages.into_iter().find(here).map(|stage| Owned { version, stage }))
}

enum Standing {
    Lead(lead::Status),
    Opportunity(String),
}

async fn standing(access: &Access, id: &str) -> Result<Option<Standing>> {
    if let Ok(id) = id.parse::<LeadId>() {
        let found = Scoped::<lead::Entity>::read(access).ids(&[id.uuid()]).one().await?;
        return Ok(found.map(|row| Standing::Lead(row.status)));
    }
    let Ok(id) = id.parse::<OpportunityId>() else { return Ok(None) };
    let found = Scoped::<opportunity::Entity>::read(access).ids(&[id.uuid()]).one().await?;
    Ok(found.map(|row| Standing::Opportunity(row.stage_id.to_string())))
}
