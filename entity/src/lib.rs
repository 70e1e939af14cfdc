//! The words of the trade: rows, ids, enums, money. It refuses to hold queries, rules or
//! resolvers; those live in `api`.

pub mod id;
pub mod money;
mod row;
pub mod unique;
pub mod word;

mod access;
mod alignment;
mod crm;
mod marketing;
mod sales;
mod system;

pub use access::{
    api_key, credential, invitation, membership, organization, password_reset, reporting_line, role, role_grant,
    session, team, user,
};
pub use alignment::{agreement, agreement_approval, agreement_version, target_entry, target_list, target_vote};
pub use crm::{account, activity, contact, contact_account, custom_field, external_ref, lead, lead_status_change};
pub use marketing::{campaign, campaign_cost, campaign_member};
pub use sales::{
    buyer_confirmation, committee_member, committee_requirement, exchange_rate, opportunity, opportunity_line,
    overridden_criterion, pipeline, product, stage, stage_change, stage_criterion,
};
pub use system::{event, event_head, event_personal, idempotency_record, import_error, import_job, job};
