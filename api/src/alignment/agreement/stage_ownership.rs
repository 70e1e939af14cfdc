//! `STAGE_OWNERSHIP`: which side answers for leads and opportunities at which stage, until what and how long.

use async_graphql::{ID, InputObject, SimpleObject};
use entity::{agreement::Kind, lead::Status, user::Side};
use serde::{Deserialize, Serialize};

use super::{Body, text};
use crate::{
    error::{Fault, FaultCode},
    graph::{derived::Term, value},
};

/// Which side answers for which stage.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "StageOwnershipBodyInput")]
pub struct StageOwnershipBody {
    /// The stages, each once: 1 to 50.
    pub stages: Vec<OwnedStage>,
}

/// A stage, and who answers for what stands there.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "OwnedStageInput")]
pub struct OwnedStage {
    /// Leads of this status; either this or `stageId`.
    pub lead_status: Option<Term<Status>>,
    /// Opportunities at this stage: an id that begins with `stage_`.
    pub stage_id: Option<ID>,
    /// The side that answers for them.
    pub side: Term<Side>,
    /// What must be so before the other side takes over, in plain text. At most 2000 characters.
    pub exit_criteria: Option<String>,
    /// How long they may stay there, in hours: 1 to 8760.
    pub sla_hours: Option<i32>,
}

impl Body for StageOwnershipBody {
    const KIND: Kind = Kind::StageOwnership;

    fn check(&self) -> Vec<Fault> {
        let wrong = |what: &str| Fault::new(FaultCode::Validation, "stages", what);
        if !(1..=50).contains(&self.stages.len()) {
            return vec![wrong("give 1 to 50 stages")];
        }
        let each = self.stages.iter().enumerate();
        let mut faults: Vec<Fault> = each
            .flat_map(|(at, stage)| stage.check().into_iter().map(move |f| f.under(at.to_string()).under("stages")))
            .collect();
        let key = |stage: &OwnedStage| (stage.lead_status, stage.stage_id.clone());
        let twice = (1..self.stages.len()).any(|at| self.stages[..at].iter().any(|s| key(s) == key(&self.stages[at])));
        if twice {
            faults.push(wrong("a stage is named twice"));
        }
        faults
    }
}

impl OwnedStage {
    fn check(&self) -> Vec<Fault> {
        let wrong = |field: &str, what: &str| Fault::new(FaultCode::Validation, field, what);
        let mut faults = text::optional("exitCriteria", self.exit_criteria.as_deref(), 2000);
        if self.lead_status.is_some() == self.stage_id.is_some() {
            faults.push(wrong("leadStatus", "give either leadStatus or stageId"));
        }
        if self.stage_id.as_ref().is_some_and(|id| value::id("stage", id).is_none()) {
            faults.push(wrong("stageId", "not an id of stage"));
        }
        if self.sla_hours.is_some_and(|hours| !(1..=8760).contains(&hours)) {
            faults.push(wrong("slaHours", "this must be between 1 and 8760"));
        }
        faults
    }
}
