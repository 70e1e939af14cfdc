//! The words of the trade: rows, ids, enums, money. It refuses to hold queries, rules or
//! resolvers; those live in `api`.

pub mod id;
pub mod money;
mod row;
pub mod unique;
pub mod word;

mod access;
mod crm;
mod marketing;
mod sales;
mod system;

pub use access::{
    api_key, credential, invitation, membership, organization, password_reset, reporting_line, role, role_grant,
    session, team, user,
};
pub use crm::{
    account, activity, contact, contact_account, custom_field, duplicate_pair, duplicate_scan, external_ref, lead,
    lead_status_change, merge, merge_move,
};
pub use marketing::{campaign, campaign_cost, campaign_member};
pub use sales::{exchange_rate, opportunity, opportunity_line, pipeline, product, stage, stage_change};
pub use system::{event, event_head, event_personal, idempotency_record, import_error, import_job, job};
