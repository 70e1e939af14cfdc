//! Saved dashboards, and with whom they are shared.

use crate::table::{Table, child, id, json, text};

pub fn tables() -> Vec<Table> {
    vec![dashboard(), share()]
}

fn dashboard() -> Table {
    let own =
        [text("name").indexed(), text("description").null(), id("owner_id"), text("sharing").indexed(), json("layout")];
    Table::row("dashboard", own)
}

fn share() -> Table {
    let own = [child("dashboard_id", "dashboard"), id("role_id").null(), id("team_id").null()];
    Table::row("dashboard_share", own).unique(&["dashboard_id", "role_id"]).unique(&["dashboard_id", "team_id"])
}
