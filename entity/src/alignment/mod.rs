//! What both sides have agreed on, and what follows from it.

pub mod agreement;
pub mod agreement_approval;
pub mod agreement_version;
pub mod goal;
pub mod goal_snapshot;
pub mod initiative;
pub mod recognition;
pub mod revenue_report_snapshot;
pub mod sla_clock;
pub mod target_entry;
pub mod target_list;
pub mod target_vote;
