//! Companies, people, leads and what was said to them.

use crate::table::{Table, bare_id, big, boolean, child, id, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![account(), contact(), contact_account(), lead(), activity(), external_ref(), custom_field()]
}

fn account() -> Table {
    Table::row(
        "account",
        [
            text("name").indexed(),
            text("domain").null().indexed(),
            text("industry").null().indexed(),
            text("employee_band").null().indexed(),
            big("annual_revenue_minor").null().indexed(),
            text("annual_revenue_currency").null(),
            text("country").null().indexed(),
            text("phone").null(),
            text("website").null(),
            text("lifecycle").indexed(),
            id("owner_id").null(),
            child("parent_id", "account").null(),
            text("icp_fit").null().indexed(),
            text("description").null(),
            json("custom"),
        ],
    )
    .searched()
    .unique(&["domain"])
}

fn contact() -> Table {
    Table::row(
        "contact",
        [
            text("first_name").null(),
            text("last_name").indexed(),
            text("email").null().indexed(),
            text("phone").null(),
            text("title").null(),
            text("persona").null().indexed(),
            text("country").null(),
            id("owner_id").null(),
            child("account_id", "account").null(),
            text("description").null(),
            json("custom"),
        ],
    )
    .searched()
    .unique(&["email"])
}

fn contact_account() -> Table {
    Table::row(
        "contact_account",
        [child("contact_id", "contact"), child("account_id", "account"), text("role").null(), boolean("primary")],
    )
    .unique(&["contact_id", "account_id"])
    .unique_if(&["contact_id"], Some("\"primary\""))
}

fn lead() -> Table {
    Table::row(
        "lead",
        [
            text("first_name").null(),
            text("last_name").null().indexed(),
            text("email").null().indexed(),
            text("phone").null(),
            text("company_name").null().indexed(),
            text("title").null(),
            text("country").null(),
            text("source").null().indexed(),
            text("channel").null().indexed(),
            id("campaign_id").null(),
            text("status").indexed(),
            time("status_changed_at").indexed(),
            id("owner_id").null(),
            integer("cycle_no"),
            integer("score").indexed(),
            id("matched_account_id").null(),
            time("converted_at").null().indexed(),
            id("converted_account_id").null(),
            id("converted_contact_id").null(),
            id("converted_opportunity_id").null(),
            text("disqualify_category").null().indexed(),
            text("disqualify_reason").null(),
            id("merged_into_id").null(),
            text("description").null(),
            json("custom"),
        ],
    )
    .searched()
}

fn activity() -> Table {
    Table::row(
        "activity",
        [
            text("kind").indexed(),
            text("subject"),
            text("body").null(),
            text("direction").null(),
            time("happened_at").null().indexed(),
            time("due_at").null().indexed(),
            time("done_at").null().indexed(),
            id("owner_id").null(),
            id("lead_id").null(),
            id("contact_id").null(),
            id("account_id").null(),
            id("opportunity_id").null(),
            id("campaign_id").null(),
        ],
    )
    .searched()
}

fn external_ref() -> Table {
    Table::row(
        "external_ref",
        [text("system"), text("external_id"), text("entity_type"), bare_id("entity_id"), time("last_synced_at").null()],
    )
    .unique(&["system", "entity_type", "external_id"])
    .index("entity_id", &["organization_id", "entity_type", "entity_id", "id"], Some("deleted_at IS NULL"))
}

fn custom_field() -> Table {
    Table::row(
        "custom_field",
        [
            text("entity"),
            text("key"),
            text("label"),
            text("kind"),
            json("options"),
            boolean("required"),
            boolean("is_unique"),
            text("help").null(),
        ],
    )
    .unique(&["entity", "key"])
}
