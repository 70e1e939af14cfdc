//! Pipelines, opportunities, products and rates of exchange.

use crate::table::{Table, bare_id, big, boolean, child, date, id, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![pipeline(), stage(), product(), opportunity(), stage_change(), opportunity_line(), exchange_rate()]
}

fn pipeline() -> Table {
    Table::row("pipeline", [text("name"), integer("position").indexed(), boolean("active")]).unique(&["name"])
}

fn stage() -> Table {
    Table::row(
        "stage",
        [
            child("pipeline_id", "pipeline"),
            text("name"),
            integer("position").indexed(),
            text("stage_type"),
            integer("probability"),
            text("forecast_category"),
            text("buyer_milestone").null(),
            integer("max_days").null(),
        ],
    )
    .unique(&["pipeline_id", "name"])
}

fn product() -> Table {
    Table::row(
        "product",
        [
            text("name").indexed(),
            text("sku").null().indexed(),
            text("family").null().indexed(),
            big("list_price_minor").null().indexed(),
            text("list_price_currency").null(),
            boolean("active"),
            text("description").null(),
        ],
    )
    .searched()
    .unique(&["sku"])
}

fn opportunity() -> Table {
    Table::row(
        "opportunity",
        [
            text("name").indexed(),
            child("account_id", "account").null(),
            child("primary_contact_id", "contact").null(),
            id("pipeline_id"),
            id("stage_id"),
            text("stage_type").indexed(),
            time("stage_changed_at").indexed(),
            text("opp_type").indexed(),
            big("amount_minor").null().indexed(),
            text("currency").null(),
            date("close_date").null().indexed(),
            integer("probability").null().indexed(),
            text("forecast_category").indexed(),
            id("owner_id").null(),
            id("source_lead_id").null(),
            id("source_campaign_id").null(),
            id("product_id").null(),
            text("next_step").null(),
            text("loss_reason").null().indexed(),
            text("loss_note").null(),
            time("opened_at").indexed(),
            time("closed_at").null().indexed(),
            big("fx_rate_at_close_e10").null(),
            text("description").null(),
            json("custom"),
        ],
    )
    .searched()
}

fn stage_change() -> Table {
    Table::row(
        "stage_change",
        [
            child("opportunity_id", "opportunity"),
            id("from_stage_id").null(),
            id("to_stage_id"),
            time("at").indexed(),
            bare_id("by").null(),
            text("reason").null(),
            big("amount_before_minor").null(),
            big("amount_after_minor").null(),
            text("currency").null(),
            date("close_date_before").null(),
            date("close_date_after").null(),
            text("category_before").null(),
            text("category_after"),
            boolean("regressed"),
        ],
    )
}

fn opportunity_line() -> Table {
    Table::row(
        "opportunity_line",
        [
            child("opportunity_id", "opportunity"),
            child("product_id", "product"),
            big("quantity_e3").null(),
            big("unit_price_minor"),
            text("currency"),
            big("amount_minor"),
        ],
    )
}

fn exchange_rate() -> Table {
    Table::row("exchange_rate", [text("base"), text("quote"), date("date").indexed(), big("rate_e10")])
        .unique(&["base", "quote", "date"])
}
