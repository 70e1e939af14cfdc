//! Who has a share in a sale. What people are paid by incentive plans, what it was calculated from, and who may look at it.

use crate::table::{Column, Table, bare_id, big, boolean, child, date, id, integer, json, text, time};

pub fn splits() -> Vec<Table> {
    let own =
        [child("opportunity_id", "opportunity"), id("user_id"), text("role").indexed(), big("percent_e2").indexed()];
    vec![Table::row("opportunity_split", own).unique(&["opportunity_id", "user_id", "role"])]
}

pub fn tables() -> Vec<Table> {
    vec![assignment(), run(), statement(), line(), source(), adjustment(), access_grant()]
}

fn assignment() -> Table {
    let own = [
        child("agreement_version_id", "agreement_version"),
        id("user_id"),
        text("side").indexed(),
        big("target_bonus_minor"),
        text("currency"),
        big("quota_minor").null(),
        text("quota_currency").null(),
        date("starts_on").null(),
        date("ends_on").null(),
        big("guarantee_minor").null(),
        text("guarantee_currency").null(),
        big("draw_minor").null(),
        text("draw_currency").null(),
        boolean("draw_recoverable"),
        integer("pool_weight"),
    ];
    Table::row("incentive_assignment", own).unique(&["agreement_version_id", "user_id"])
}

fn run() -> Table {
    let by = |name| bare_id(name).null();
    let at = |name: &'static str| -> Column { time(name).null() };
    let own = [
        child("agreement_version_id", "agreement_version"),
        date("period_start").indexed(),
        date("period_end").indexed(),
        text("currency"),
        text("status").indexed(),
        integer("revision"),
        text("inputs_hash").null(),
        text("salt"),
        integer("attempts"),
        integer("calculating").null(),
        integer("looked_at"),
        json("frozen").null(),
        json("totals").null(),
        text("failure").null(),
        at("calculated_at"),
        at("submitted_at"),
        by("submitted_by"),
        at("approved_at"),
        by("approved_by"),
        at("locked_at"),
        by("locked_by"),
        at("paid_at"),
        by("paid_by"),
        at("reversed_at"),
        by("reversed_by"),
        text("reversal_reason").null(),
    ];
    Table::row("incentive_run", own).unique_if(&["agreement_version_id", "period_start"], Some("status <> 'REVERSED'"))
}

fn statement() -> Table {
    let own = [
        child("run_id", "incentive_run"),
        id("agreement_version_id"),
        id("user_id"),
        text("side").indexed(),
        integer("revision"),
        boolean("current").indexed(),
        date("period_start").indexed(),
        date("period_end").indexed(),
        text("currency"),
        big("total_minor").indexed(),
        big("owed_minor"),
        big("carried_minor"),
        time("paid_at").null().indexed(),
    ];
    Table::row("incentive_statement", own).unique(&["run_id", "revision", "user_id"])
}

fn line() -> Table {
    let own = [
        child("statement_id", "incentive_statement"),
        id("run_id"),
        integer("revision"),
        id("user_id"),
        integer("position"),
        text("kind").indexed(),
        text("component").null(),
        big("basis_minor").null(),
        integer("events").null(),
        big("attainment_e6").null(),
        big("factor_e6").null(),
        big("uncapped_minor"),
        big("forfeited_minor"),
        big("amount_minor").indexed(),
        text("currency"),
        text("because").null(),
        bare_id("adjustment_id").null(),
    ];
    Table::row("incentive_statement_line", own).unique(&["statement_id", "position"]).index(
        "statement",
        &["organization_id", "statement_id", "position", "id"],
        Some("deleted_at IS NULL"),
    )
}

/// Written by the hundred thousand: no more indexes than are read by.
fn source() -> Table {
    let own = [
        bare_id("run_id"),
        integer("revision"),
        big("position"),
        id("statement_line_id"),
        id("user_id"),
        text("component"),
        text("kind"),
        text("record_type"),
        bare_id("record_id"),
        id("opportunity_id").null(),
        text("role").null(),
        big("percent_e2").null(),
        big("amount_minor").null(),
        big("base_minor").null(),
        text("currency"),
        time("happened_at"),
        text("attained").null(),
    ];
    Table::row("incentive_source", own).unique(&["run_id", "revision", "position"])
}

fn adjustment() -> Table {
    let own = [
        id("user_id"),
        id("run_id"),
        id("agreement_version_id"),
        id("statement_line_id").null(),
        id("opportunity_id").null(),
        text("reason").indexed(),
        big("amount_minor").indexed(),
        text("currency"),
        text("note").null(),
        time("triggered_at").indexed(),
        json("detail").null(),
        id("posted_run_id").null(),
    ];
    Table::row("incentive_adjustment", own)
}

fn access_grant() -> Table {
    let own = [
        id("user_id"),
        id("subject_id"),
        text("reason"),
        time("expires_at").indexed(),
        text("expires_text"),
        time("revoked_at").null(),
    ];
    Table::row("incentive_access_grant", own)
}
