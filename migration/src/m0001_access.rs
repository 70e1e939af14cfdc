//! People and their rights.

use crate::table::{Table, bare_id, boolean, child, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    let mut tables = people();
    tables.extend(rights());
    tables
}

fn people() -> Vec<Table> {
    vec![
        Table::row(
            "organization",
            [text("name"), text("slug"), text("time_zone"), text("base_currency"), integer("fiscal_year_start_month")],
        )
        .unique_on_server("slug"),
        Table::row(
            "user",
            [
                text("email"),
                text("name").indexed(),
                text("side").null().indexed(),
                text("region").null().indexed(),
                boolean("active"),
                time("invited_at").null(),
                time("activated_at").null(),
                child("reports_to_id", "user").null(),
            ],
        )
        .searched()
        .unique(&["email"])
        // sign-in knows the address before it knows the organisation
        .index("email", &["email"], Some("deleted_at IS NULL")),
        Table::plain(
            "credential",
            [
                child("user_id", "user").key(),
                bare_id("organization_id"),
                text("password_hash"),
                integer("failed_count"),
                time("last_failed_at").null(),
                time("changed_at"),
            ],
        ),
        Table::row(
            "invitation",
            [
                child("user_id", "user"),
                text("token_hash"),
                time("expires_at"),
                time("accepted_at").null(),
                time("revoked_at").null(),
            ],
        )
        .unique_on_server("token_hash"),
        Table::row("team", [text("name"), text("kind").indexed(), text("description").null()]).unique(&["name"]),
        Table::row("membership", [child("team_id", "team"), child("user_id", "user")]).unique(&["team_id", "user_id"]),
        Table::plain(
            "reporting_line",
            [
                child("above_id", "user").key(),
                child("below_id", "user").key(),
                bare_id("organization_id"),
                integer("depth"),
            ],
        )
        .index("below_id", &["organization_id", "below_id", "above_id"], None),
    ]
}

fn rights() -> Vec<Table> {
    vec![
        Table::row(
            "role",
            [text("key"), text("name"), text("description").null(), boolean("built_in"), json("permissions")],
        )
        .unique(&["key"])
        .unique(&["name"]),
        Table::row("role_grant", [child("user_id", "user"), child("role_id", "role"), child("team_id", "team").null()])
            .unique_if(&["user_id", "role_id"], Some("team_id IS NULL"))
            .unique(&["user_id", "role_id", "team_id"]),
        Table::row(
            "session",
            [
                child("user_id", "user"),
                bare_id("family"),
                text("refresh_hash"),
                text("previous_hash").null(),
                time("rotated_at").null(),
                time("expires_at"),
                time("idle_expires_at"),
                time("revoked_at").null(),
                text("user_agent").null(),
                text("ip").null(),
                time("last_used_at"),
            ],
        )
        .unique_on_server("refresh_hash")
        .index("previous_hash", &["previous_hash"], Some("previous_hash IS NOT NULL"))
        .index("family", &["family"], None),
        Table::row(
            "api_key",
            [
                text("name").indexed(),
                text("hash"),
                json("scopes"),
                child("user_id", "user"),
                time("expires_at"),
                time("revoked_at").null(),
                time("last_used_at").null(),
            ],
        )
        .unique_on_server("hash"),
    ]
}
