//! What may exist only once: every unique index whose violation a caller can cause. `PostgreSQL`
//! reports the name of the index, `SQLite` its columns; `field` is the input to blame.

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
}

macro_rules! unique {
    ($($name:literal $table:ident [$($column:ident),+] $field:literal,)+) => {
        &[$(Unique {
            name: $name,
            table: stringify!($table),
            columns: &[$(stringify!($column)),+],
            field: $field,
        }),+]
    };
}

/// Name, table, columns, field to blame. Secrets and an organisation's slug are unique on the
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
    "uq_role_grant_user_id_role_id"          role_grant      [organization_id, user_id, role_id]                     "roleId",
    "uq_role_grant_user_id_role_id_team_id"  role_grant      [organization_id, user_id, role_id, team_id]            "teamId",
    "uq_session_refresh_hash"                session         [refresh_hash]                                          "token",
    "uq_api_key_hash"                        api_key         [hash]                                                  "token",
    "uq_account_domain"                      account         [organization_id, domain]                               "domain",
    "uq_contact_email"                       contact         [organization_id, email]                                "email",
    "uq_contact_account_contact_id_account_id" contact_account [organization_id, contact_id, account_id]             "accountId",
    "uq_contact_account_contact_id"          contact_account [organization_id, contact_id]                           "primary",
    "uq_custom_field_entity_key"             custom_field    [organization_id, entity, key]                          "key",
    "uq_external_ref_system_entity_type_external_id" external_ref [organization_id, system, entity_type, external_id] "externalId",
    "uq_duplicate_pair_first_id_second_id"   duplicate_pair  [organization_id, first_id, second_id]                  "secondId",
    "uq_campaign_member_campaign_id_contact_id" campaign_member [organization_id, campaign_id, contact_id]           "contactId",
    "uq_campaign_member_campaign_id_lead_id" campaign_member [organization_id, campaign_id, lead_id]                 "leadId",
    "uq_pipeline_name"                       pipeline        [organization_id, name]                                 "name",
    "uq_stage_pipeline_id_name"              stage           [organization_id, pipeline_id, name]                    "name",
    "uq_product_sku"                         product         [organization_id, sku]                                  "sku",
    "uq_exchange_rate_base_quote_date"       exchange_rate   [organization_id, base, quote, date]                    "date",
};
