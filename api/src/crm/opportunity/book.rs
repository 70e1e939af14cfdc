//! What the rules of an opportunity need to know of its organisation: every pipeline and stage, zone and currency.

use entity::{
    id::{PipelineId, StageId},
    pipeline,
    stage::{self, StageType},
};

use crate::{
    crm::{all_rows, home::Home},
    error::Result,
    store::{Scoped, Tx},
};

/// Pipelines and stages in their order.
pub struct Book {
    pipelines: Vec<pipeline::Model>,
    stages: Vec<stage::Model>,
    pub home: Home,
}

impl Book {
    /// Three statements, however many opportunities.
    pub async fn load(tx: &Tx) -> Result<Self> {
        let everything = all_rows(tx);
        let mut pipelines = tx.read(Scoped::<pipeline::Entity>::read(&everything)).await?;
        let mut stages = tx.read(Scoped::<stage::Entity>::read(&everything)).await?;
        pipelines.sort_by_key(|p| (p.position, p.id));
        stages.sort_by_key(|s| (s.position, s.id));
        Ok(Self { pipelines, stages, home: Home::of(tx).await? })
    }

    pub fn stages(&self) -> &[stage::Model] {
        &self.stages
    }

    pub fn stage(&self, id: StageId) -> Option<&stage::Model> {
        self.stages.iter().find(|s| s.id == id)
    }

    pub fn first(&self, pipeline: PipelineId, stage_type: StageType) -> Option<&stage::Model> {
        self.stages.iter().find(|s| s.pipeline_id == pipeline && s.stage_type == stage_type)
    }

    pub fn active(&self, id: PipelineId) -> bool {
        self.pipelines.iter().any(|p| p.id == id && p.active)
    }

    /// Where a new opportunity goes that does not say: the first active pipeline.
    pub fn default_pipeline(&self) -> Option<PipelineId> {
        self.pipelines.iter().find(|p| p.active).map(|p| p.id)
    }
}
