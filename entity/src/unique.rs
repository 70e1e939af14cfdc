//! What may exist only once: every unique index whose violation a caller can cause. `PostgreSQL`
//! reports the name of the index, `SQLite` its columns; `field` is the input to blame.

/// Which rows a unique index holds beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// All.
    Every,
    /// Those that have this column empty.
    Empty(&'static str),
    /// Those for which this column is true.
    True(&'static str),
    /// Those with one of these words.
    Is(&'static str, &'static [&'static str]),
    /// Those with another word than this.
    Not(&'static str, &'static str),
}

/// A unique index over the rows that are not deleted and have all of its columns filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unique {
    /// Name of the index.
    pub name: &'static str,
    /// Its table.
    pub table: &'static str,
    /// Its columns, in order.
    pub columns: &'static [&'static str],
    /// The input field to blame.
    pub field: &'static str,
    /// The rows that it holds.
    pub only: Only,
}

macro_rules! unique {
    ($($name:literal $table:ident [$($column:ident),+] $field:literal $(if $only:expr)?,)+) => {
        &[$(Unique {
            name: $name,
            table: stringify!($table),
            columns: &[$(stringify!($column)),+],
            field: $field,
            only: unique!(@ $($only)?),
        }),+]
    };
    (@ $only:expr) => { $only };
    (@) => { Only::Every };
}

/// Name, table, columns, field to blame, and which rows it is about. Secrets and an organisation's slug are unique on the
/// whole server: they are looked up before the organisation is known.
#[rustfmt::skip]
pub const UNIQUE: &[Unique] = unique! {
    "uq_organization_slug"                   organization    [slug]                                                  "slug",
    "uq_user_email"                          user            [organization_id, email]                                "email",
    "uq_invitation_token_hash"               invitation      [token_hash]                                            "token",
    "uq_password_reset_token_hash"           password_reset  [token_hash]                                            "token",
    "uq_team_name"                           team            [organization_id, name]                                 "name",
    "uq_membership_team_id_user_id"          membership      [organization_id, team_id, user_id]                     "userId",
    "uq_role_key"                            role            [organization_id, key]                                  "key",
    "uq_role_name"                           role            [organization_id, name]                                 "name",
    "uq_role_grant_user_id_role_id"          role_grant      [organization_id, user_id, role_id]                     "roleId" if Only::Empty("team_id"),
    "uq_role_grant_user_id_role_id_team_id"  role_grant      [organization_id, user_id, role_id, team_id]            "teamId",
    "uq_session_refresh_hash"                session         [refresh_hash]                                          "token",
    "uq_api_key_hash"                        api_key         [hash]                                                  "token",
    "uq_business_calendar_name"              business_calendar [organization_id, name]                               "name",
    "uq_sla_clock_lead_id_kind"              sla_clock       [organization_id, lead_id, kind]                         "leadId" if Only::Is("status", &["PENDING", "PAUSED"]),
    "uq_account_domain"                      account         [organization_id, domain]                               "domain",
    "uq_contact_email"                       contact         [organization_id, email]                                "email",
    "uq_contact_account_contact_id_account_id" contact_account [organization_id, contact_id, account_id]             "accountId",
    "uq_contact_account_contact_id"          contact_account [organization_id, contact_id]                           "primary" if Only::True("primary"),
    "uq_contact_address_contact_id_kind_value" contact_address [organization_id, contact_id, kind, value]            "value",
    "uq_custom_field_entity_key"             custom_field    [organization_id, entity, key]                          "key",
    "uq_external_ref_system_entity_type_external_id" external_ref [organization_id, system, entity_type, external_id] "externalId",
    "uq_duplicate_pair_first_id_second_id"   duplicate_pair  [organization_id, first_id, second_id]                  "secondId",
    "uq_campaign_member_campaign_id_contact_id" campaign_member [organization_id, campaign_id, contact_id]           "contactId",
    "uq_campaign_member_campaign_id_lead_id" campaign_member [organization_id, campaign_id, lead_id]                 "leadId",
    "uq_handoff_lead_id"                     handoff         [organization_id, lead_id]                              "id" if Only::Is("state", &["PENDING"]),
    "uq_lead_cycle_lead_id_cycle_no"         lead_cycle      [organization_id, lead_id, cycle_no]                    "id",
    "uq_opportunity_state_opportunity_id"    opportunity_state [organization_id, opportunity_id]                     "id" if Only::Empty("until"),
    "uq_pool_name"                           pool            [organization_id, name]                                 "name",
    "uq_pool_member_pool_id_user_id"         pool_member     [organization_id, pool_id, user_id]                     "userId",
    "uq_pool_turn_pool_id_pool_member_id_month" pool_turn    [organization_id, pool_id, pool_member_id, month]       "poolId",
    "uq_rejection_reason_name"               rejection_reason [organization_id, name]                                "name",
    "uq_dispute_handoff_id"                  dispute         [organization_id, handoff_id]                           "id" if Only::Not("status", "WITHDRAWN"),
    "uq_dispute_touchpoint_id_attribution_claim" dispute     [organization_id, touchpoint_id, attribution_claim]     "touchpointId" if Only::Not("status", "WITHDRAWN"),
    "uq_dispute_opportunity_id"              dispute         [organization_id, opportunity_id]                       "opportunityId" if Only::Is("attribution_claim", &["MISSING_TOUCH"]),
    "uq_visitor_key"                         visitor         [organization_id, key]                                  "key",
    "uq_touchpoint_system_external_event_id" touchpoint      [organization_id, system, external_event_id]            "externalEventId",
    "uq_pipeline_name"                       pipeline        [organization_id, name]                                 "name",
    "uq_stage_pipeline_id_name"              stage           [organization_id, pipeline_id, name]                    "name",
    "uq_opportunity_split_opportunity_id_user_id_role" opportunity_split [organization_id, opportunity_id, user_id, role] "splits",
    "uq_committee_member_opportunity_id_contact_id_role" committee_member [organization_id, opportunity_id, contact_id, role] "role",
    "uq_committee_member_account_id_contact_id_role" committee_member [organization_id, account_id, contact_id, role] "role",
    "uq_committee_requirement_pipeline_id_role" committee_requirement [organization_id, pipeline_id, role]   "role",
    "uq_goal_agreement_id"                   goal            [organization_id, agreement_id]                         "agreementId",
    "uq_goal_snapshot_goal_id_day"           goal_snapshot   [organization_id, goal_id, day]                         "day",
    "uq_dashboard_share_dashboard_id_role_id" dashboard_share [organization_id, dashboard_id, role_id]               "roleId",
    "uq_dashboard_share_dashboard_id_team_id" dashboard_share [organization_id, dashboard_id, team_id]               "teamId",
    "uq_incentive_assignment_agreement_version_id_user_id" incentive_assignment [organization_id, agreement_version_id, user_id] "userId",
    "uq_incentive_run_agreement_version_id_period_start" incentive_run [organization_id, agreement_version_id, period_start] "periodStart" if Only::Not("status", "REVERSED"),
    "uq_incentive_statement_run_id_revision_user_id" incentive_statement [organization_id, run_id, revision, user_id] "id",
    "uq_incentive_statement_line_statement_id_position" incentive_statement_line [organization_id, statement_id, position] "id",
    "uq_incentive_source_run_id_revision_position" incentive_source [organization_id, run_id, revision, position]    "id",
    "uq_incentive_dispute_statement_id_position" incentive_dispute [organization_id, statement_id, position]        "statementLineId" if Only::Not("status", "WITHDRAWN"),
    "uq_target_list_name"                    target_list     [organization_id, name]                                 "name",
    "uq_target_entry_target_list_id_account_id" target_entry [organization_id, target_list_id, account_id]           "accountId" if Only::Not("state", "REMOVED"),
    "uq_target_vote_target_entry_id_question_side" target_vote [organization_id, target_entry_id, question, side]    "side",
    "uq_product_sku"                         product         [organization_id, sku]                                  "sku",
    "uq_agreement_kind_key"                  agreement       [organization_id, kind, key]                            "key",
    "uq_agreement_version_agreement_id_number" agreement_version [organization_id, agreement_id, number]             "agreementId",
    "uq_agreement_version_agreement_id"      agreement_version [organization_id, agreement_id]                       "id" if Only::Is("status", &["ACTIVE"]),
    "uq_agreement_approval_agreement_version_id_user_id_side" agreement_approval [organization_id, agreement_version_id, user_id, side]  "side" if Only::Empty("cleared_at"),
    "uq_exchange_rate_base_quote_date"       exchange_rate   [organization_id, base, quote, date]                    "date",
};
