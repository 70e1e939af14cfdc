//! How opportunities stood in the past and how far leads came, kept so that reports need not reckon it from every move.

use sea_orm_migration::prelude::sea_orm::DbBackend;

use crate::table::{Column, Table, big, boolean, child, date, id, integer, text, time};

pub fn tables() -> Vec<Table> {
    vec![opportunity_state(), lead_cycle()]
}

fn opportunity_state() -> Table {
    let own = [
        child("opportunity_id", "opportunity"),
        time("at").indexed(),
        time("until").null(),
        boolean("initial"),
        id("pipeline_id"),
        id("stage_id"),
        text("stage_type"),
        time("stage_changed_at"),
        text("opp_type"),
        big("amount_minor").null(),
        text("currency").null(),
        date("close_date").null(),
        integer("probability").null(),
        text("forecast_category"),
        text("loss_reason").null(),
        text("competitor").null(),
        id("owner_id").null(),
        id("account_id").null(),
        id("source_lead_id").null(),
        id("source_campaign_id").null(),
        id("product_id").null(),
        time("opened_at"),
        time("closed_at").null(),
        big("cycle_micros").null(),
        big("fx_rate_at_close_e10").null(),
    ];
    Table::row("opportunity_state", own)
        .unique_if(&["opportunity_id"], Some("until IS NULL"))
        .index("present", &["organization_id", "stage_type", "close_date"], Some("until IS NULL"))
        .index("close_date", &["organization_id", "stage_type", "close_date", "at"], None)
        .index("until", &["organization_id", "stage_type", "until"], None)
        .index("opened_at", &["organization_id", "opened_at"], Some("initial"))
}

fn lead_cycle() -> Table {
    let own = [
        child("lead_id", "lead"),
        integer("cycle_no"),
        time("began_at").indexed(),
        time("mql_at").null(),
        time("sal_at").null(),
        time("sql_at").null(),
        time("converted_at").null(),
        time("ended_at").null(),
    ];
    let steps = ["mql_at", "sal_at", "sql_at", "converted_at"];
    let table = Table::row("lead_cycle", own).unique(&["lead_id", "cycle_no"]);
    steps
        .into_iter()
        .fold(table, |table, step| table.index(step, &["organization_id", step], Some(&format!("{step} IS NOT NULL"))))
}

/// Who else wanted to sell.
pub fn columns() -> Vec<(&'static str, Column)> {
    vec![("opportunity", text("competitor").null().indexed())]
}

/// What is known of the time before: a state for each move, and each round of each lead.
pub fn fill(backend: DbBackend) -> Vec<String> {
    let (new_id, micros) = match backend {
        DbBackend::Postgres => {
            ("gen_random_uuid()", "(EXTRACT(EPOCH FROM (o.closed_at - o.opened_at)) * 1000000)::bigint")
        }
        _ => ("randomblob(16)", "(strftime('%s', o.closed_at) - strftime('%s', o.opened_at)) * 1000000"),
    };
    vec![beginnings(new_id), moves(micros), rounds(new_id)]
}

const STATE: &str = "INSERT INTO opportunity_state (id, organization_id, created_at, created_by, updated_at, updated_by, \
    version, opportunity_id, at, until, initial, pipeline_id, stage_id, stage_type, stage_changed_at, opp_type, \
    amount_minor, currency, close_date, probability, forecast_category, loss_reason, owner_id, account_id, \
    source_lead_id, source_campaign_id, product_id, opened_at, closed_at, cycle_micros, fx_rate_at_close_e10)";

/// What was created as closed was open before, in the first stage of its pipeline.
fn beginnings(new_id: &str) -> String {
    format!(
        "{STATE} SELECT {new_id}, o.organization_id, o.created_at, o.created_by, o.created_at, o.created_by, 1, o.id, \
         o.opened_at, c.at, TRUE, o.pipeline_id, s.id, s.stage_type, o.opened_at, o.opp_type, c.amount_after_minor, \
         c.currency, c.close_date_after, s.probability, s.forecast_category, NULL, o.owner_id, o.account_id, \
         o.source_lead_id, o.source_campaign_id, o.product_id, o.opened_at, NULL, NULL, NULL \
         FROM opportunity o \
         JOIN stage_change c ON c.opportunity_id = o.id AND c.from_stage_id IS NULL \
         JOIN stage reached ON reached.id = c.to_stage_id AND reached.stage_type <> 'OPEN' \
         JOIN stage s ON s.id = (SELECT f.id FROM stage f WHERE f.pipeline_id = o.pipeline_id \
             AND f.stage_type = 'OPEN' AND f.deleted_at IS NULL ORDER BY f.position, f.id LIMIT 1) \
         WHERE o.opened_at < c.at"
    )
}

fn moves(micros: &str) -> String {
    format!(
        "{STATE} SELECT c.id, c.organization_id, c.created_at, c.created_by, c.created_at, c.created_by, 1, \
         c.opportunity_id, c.at, COALESCE(c.next_at, o.deleted_at), \
         c.from_stage_id IS NULL AND NOT EXISTS (SELECT 1 FROM opportunity_state b WHERE b.opportunity_id = o.id), \
         o.pipeline_id, c.to_stage_id, s.stage_type, c.at, o.opp_type, c.amount_after_minor, c.currency, \
         c.close_date_after, CASE WHEN c.next_at IS NULL THEN o.probability ELSE s.probability END, c.category_after, \
         CASE WHEN s.stage_type = 'LOST' THEN o.loss_reason END, o.owner_id, o.account_id, o.source_lead_id, \
         o.source_campaign_id, o.product_id, o.opened_at, \
         CASE WHEN s.stage_type <> 'OPEN' THEN COALESCE(o.closed_at, c.at) END, \
         CASE WHEN s.stage_type <> 'OPEN' THEN {micros} END, \
         CASE WHEN s.stage_type <> 'OPEN' THEN o.fx_rate_at_close_e10 END \
         FROM (SELECT m.*, LEAD(m.at) OVER (PARTITION BY m.opportunity_id ORDER BY m.at, m.id) AS next_at \
             FROM stage_change m) c \
         JOIN opportunity o ON o.id = c.opportunity_id JOIN stage s ON s.id = c.to_stage_id"
    )
}

fn rounds(new_id: &str) -> String {
    let first = |words: &str| format!("MIN(CASE WHEN m.to_status IN ({words}) THEN m.at END)");
    let (converted, sql) = (first("'CONVERTED'"), first("'SQL', 'CONVERTED'"));
    let sal = first("'ACCEPTED', 'WORKING', 'SQL', 'CONVERTED'");
    let mql = first("'MQL', 'OFFERED', 'ACCEPTED', 'WORKING', 'SQL', 'CONVERTED'");
    let over = "m.to_status IN ('CONVERTED', 'REJECTED', 'DISQUALIFIED', 'RECYCLED', 'MERGED')";
    format!(
        "INSERT INTO lead_cycle (id, organization_id, created_at, updated_at, version, lead_id, cycle_no, began_at, \
         mql_at, sal_at, sql_at, converted_at, ended_at) \
         SELECT {new_id}, m.organization_id, MIN(m.at), MAX(m.at), 1, m.lead_id, m.cycle_no, MIN(m.at), \
         {mql}, {sal}, {sql}, {converted}, \
         MIN(CASE WHEN {over} AND (m.last_at IS NULL OR m.at >= m.last_at) THEN m.at END) \
         FROM (SELECT m.*, MAX(CASE WHEN {over} THEN NULL ELSE m.at END) \
             OVER (PARTITION BY m.lead_id, m.cycle_no) AS last_at FROM lead_status_change m) m \
         GROUP BY m.organization_id, m.lead_id, m.cycle_no"
    )
}
