//! Which parts of a buying committee a way of selling wants filled.

use crate::{committee_member::CommitteeRole, id::PipelineId, row::row};

row! {
    /// A role that opportunities of a pipeline should know somebody for.
    "committee_requirement", CommitteeRequirementId {
        /// The pipeline.
        pub pipeline_id: PipelineId,
        /// The role.
        pub role: CommitteeRole,
    }
}
