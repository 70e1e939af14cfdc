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
mod incentive;
mod insight;
mod marketing;
mod routing;
mod sales;
mod system;

pub use access::{
    api_key, business_calendar, credential, invitation, membership, notification, organization, password_reset,
    reporting_line, role, role_grant, session, team, user, user_absence,
};
pub use alignment::{
    agreement, agreement_approval, agreement_version, goal, goal_snapshot, initiative, recognition,
    revenue_report_snapshot, sla_clock, target_entry, target_list, target_vote,
};
pub use crm::{
    account, activity, contact, contact_account, contact_address, contact_consent, custom_field, data_quality_rule,
    duplicate_pair, duplicate_scan, external_ref, lead, lead_cycle, lead_status_change, merge, merge_move,
    survey_response,
};
pub use incentive::{
    incentive_access_grant, incentive_adjustment, incentive_assignment, incentive_dispute, incentive_run,
    incentive_source, incentive_statement, incentive_statement_line,
};
pub use insight::{dashboard, dashboard_share, metric_day};
pub use marketing::{
    attribution, attribution_credit, attribution_day, attribution_freeze, campaign, campaign_cost, campaign_delivery,
    campaign_member, campaign_member_change, content_asset, content_use, touchpoint, visitor,
};
pub use routing::{dispute, feedback_item, handoff, pool, pool_member, pool_turn, rejection_reason, routing_decision};
pub use sales::{
    buyer_confirmation, committee_member, committee_requirement, customer_contract, exchange_rate, forecast_submission,
    opportunity, opportunity_line, opportunity_split, opportunity_state, overridden_criterion, pipeline, product,
    stage, stage_change, stage_criterion,
};
pub use system::{event, event_head, event_personal, idempotency_record, import_error, import_job, job};
