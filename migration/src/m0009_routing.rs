//! Offers of leads and their answers, pools that take turns, decisions, disputes.

use crate::table::{Column, Table, bare_id, boolean, child, date, id, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![
        pool(),
        pool_member(),
        pool_turn(),
        rejection_reason(),
        routing_decision(),
        handoff(),
        dispute(),
        feedback_item(),
    ]
}

/// What a lead that went back to marketing waits for.
pub fn columns() -> Vec<(&'static str, Column)> {
    vec![("lead", time("recycle_until").null().indexed()), ("lead", text("nurture_track").null().indexed())]
}

fn pool() -> Table {
    Table::row("pool", [text("name").indexed(), boolean("active")]).unique(&["name"])
}

fn pool_member() -> Table {
    let own = [
        child("pool_id", "pool"),
        id("user_id"),
        integer("weight"),
        integer("capacity").null(),
        json("skills"),
        boolean("ignore_hours"),
        time("absent_from").null(),
        time("absent_until").null(),
    ];
    Table::row("pool_member", own).unique(&["pool_id", "user_id"])
}

fn pool_turn() -> Table {
    let own = [
        child("pool_id", "pool"),
        child("pool_member_id", "pool_member"),
        date("month"),
        integer("assigned"),
        boolean("eligible"),
    ];
    Table::row("pool_turn", own).unique(&["pool_id", "pool_member_id", "month"])
}

fn rejection_reason() -> Table {
    let own = [
        text("name").indexed(),
        text("category").indexed(),
        boolean("requires_note"),
        integer("recycle_delay_days"),
        boolean("active"),
    ];
    Table::row("rejection_reason", own).unique(&["name"])
}

fn routing_decision() -> Table {
    let own = [
        child("lead_id", "lead"),
        time("at").indexed(),
        text("rule").null(),
        text("action").null().indexed(),
        id("chosen_user_id").null(),
        id("pool_id").null(),
        boolean("failed"),
        json("trace"),
        json("pool_state"),
        bare_id("agreement_version_id").null(),
    ];
    Table::row("routing_decision", own)
}

fn handoff() -> Table {
    let own = [
        child("lead_id", "lead"),
        integer("cycle_no"),
        integer("attempt"),
        text("state").indexed(),
        time("offered_at").indexed(),
        id("offered_user_id").null(),
        id("offered_pool_id").null(),
        id("offered_team_id").null(),
        bare_id("previous_owner_id").null(),
        time("expires_at").null().indexed(),
        time("decided_at").null().indexed(),
        id("decided_by").null(),
        id("rejection_reason_id").null(),
        text("rejection_category").null().indexed(),
        text("note").null(),
        text("suggested_fix").null(),
        boolean("overturned"),
        text("source").null().indexed(),
        text("channel").null().indexed(),
        id("campaign_id").null(),
        integer("score"),
        json("evidence"),
        id("agreement_version_id").null(),
        bare_id("routing_decision_id").null(),
    ];
    Table::row("handoff", own).unique_if(&["lead_id"], Some("state = 'PENDING'")).index(
        "waiting",
        &["organization_id", "offered_user_id", "lead_id"],
        Some("state = 'PENDING'"),
    )
}

pub fn dispute() -> Table {
    let own = [
        text("kind").indexed(),
        child("handoff_id", "handoff"),
        text("claim"),
        json("evidence"),
        text("status").indexed(),
        text("marketing_verdict").null(),
        bare_id("marketing_by").null(),
        text("sales_verdict").null(),
        bare_id("sales_by").null(),
        text("verdict").null().indexed(),
        text("resolution").null(),
        bare_id("resolved_by").null(),
        time("resolved_at").null().indexed(),
        bare_id("agreement_version_id").null(),
    ];
    Table::row("dispute", own).unique_if(&["handoff_id"], Some("status <> 'WITHDRAWN'"))
}

fn feedback_item() -> Table {
    let own = [
        child("handoff_id", "handoff"),
        id("campaign_id").null(),
        text("body"),
        text("outcome").null(),
        time("resolved_at").null().indexed(),
    ];
    Table::row("feedback_item", own)
}
