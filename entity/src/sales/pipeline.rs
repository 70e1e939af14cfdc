//! Pipelines: ways of selling, each a list of stages.

use crate::row::row;

row! {
    /// A way of selling: a list of stages.
    "pipeline", PipelineId {
        /// Unique in the organisation.
        pub name: String,
        /// Place among the pipelines, from 0.
        pub position: i32,
        /// May be given new opportunities.
        pub active: bool,
    }
}
