//! Whom we sell to, what was said to them, and what else an organisation notes about them.

pub mod account;
pub mod activity;
pub mod contact;
pub mod contact_account;
pub mod contact_address;
pub mod contact_consent;
pub mod custom_field;
pub mod data_quality_rule;
pub mod duplicate_pair;
pub mod duplicate_scan;
pub mod external_ref;
pub mod lead;
pub mod lead_cycle;
pub mod lead_status_change;
pub mod merge;
pub mod merge_move;
pub mod survey_response;
