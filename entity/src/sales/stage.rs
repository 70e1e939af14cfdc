//! Stages: the steps of a pipeline, open ones first, then the ways it can end.

use crate::{id::PipelineId, row::row, words};

words! {
    /// Whether a stage is on the way or an end of it.
    pub enum StageType as "StageType" {
        /// On the way.
        Open = "OPEN",
        /// Sold.
        Won = "WON",
        /// Not sold.
        Lost = "LOST",
    }
}

words! {
    /// Which part of a forecast an opportunity counts in.
    pub enum ForecastCategory as "ForecastCategory" {
        /// In none.
        Omitted = "OMITTED",
        /// May come.
        Pipeline = "PIPELINE",
        /// Comes if things go well.
        BestCase = "BEST_CASE",
        /// The owner stands by it.
        Commit = "COMMIT",
        /// Has come.
        Closed = "CLOSED",
    }
}

row! {
    /// A step of a pipeline.
    "stage", StageId {
        /// The pipeline.
        pub pipeline_id: PipelineId,
        /// Unique in the pipeline.
        pub name: String,
        /// Place in the pipeline, from 0.
        pub position: i32,
        /// On the way, or an end of it.
        pub stage_type: StageType,
        /// Chance of winning from here, 0 to 100 percent.
        pub probability: i32,
        /// Where opportunities in it count, unless they say otherwise.
        pub forecast_category: ForecastCategory,
        /// What the buyer has done by then, in plain text.
        pub buyer_milestone: Option<String>,
        /// Days after which an opportunity has been here too long.
        pub max_days: Option<i32>,
    }
}
