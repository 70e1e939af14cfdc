//! Events, jobs, imports and answered calls.

use crate::table::{Table, bare_id, big, boolean, bytes, child, integer, json, position, text, time};

pub fn tables() -> Vec<Table> {
    let mut tables = events();
    tables.extend(work());
    tables
}

fn events() -> Vec<Table> {
    vec![
        Table::plain(
            "event",
            [
                position("pos"),
                big("seq").null(),
                bare_id("id"),
                bare_id("organization_id"),
                text("entity"),
                bare_id("entity_id"),
                text("op"),
                text("kind"),
                integer("version"),
                bare_id("actor_id").null(),
                bare_id("api_key_id").null(),
                text("permission"),
                time("at"),
                text("request_id").null(),
                json("changed"),
            ],
        )
        .unique_on_server("id")
        .unique(&["seq"])
        .index("unnumbered", &["pos"], Some("seq IS NULL"))
        .index("entity", &["organization_id", "entity", "entity_id", "pos"], None)
        .index("actor_id", &["organization_id", "actor_id", "pos"], None),
        Table::plain("event_personal", [bare_id("event_id").key(), json("changed")]),
        Table::plain("event_head", [bare_id("organization_id").key(), big("seq")]),
    ]
}

fn work() -> Vec<Table> {
    vec![
        Table::plain(
            "job",
            [
                bare_id("id").key(),
                bare_id("organization_id").null(),
                text("kind"),
                json("payload"),
                time("run_at"),
                integer("attempts"),
                integer("max_attempts"),
                time("locked_until").null(),
                text("locked_by").null(),
                big("fence"),
                time("done_at").null(),
                time("failed_at").null(),
                text("last_error").null(),
                text("effect_key").null(),
                time("created_at"),
            ],
        )
        .unique_on_server("effect_key")
        .index("run_at", &["run_at"], Some("done_at IS NULL AND failed_at IS NULL")),
        Table::plain(
            "idempotency_record",
            [
                bare_id("organization_id").key(),
                text("caller").key(),
                text("key").key(),
                text("request_hash"),
                json("result"),
                bytes("body").null(),
                time("created_at"),
            ],
        )
        .index("created_at", &["created_at"], None),
        Table::row(
            "import_job",
            [
                text("entity").indexed(),
                text("file_name").null(),
                json("mapping"),
                json("header").null(),
                big("bytes_read"),
                text("status").indexed(),
                boolean("dry_run"),
                big("rows_total").null(),
                big("rows_read"),
                big("rows_created"),
                big("rows_updated"),
                big("rows_unchanged"),
                big("rows_failed"),
                time("started_at").null(),
                time("finished_at").null(),
            ],
        ),
        Table::row(
            "import_error",
            [
                child("import_id", "import_job"),
                big("row_number"),
                text("code"),
                text("field").null(),
                text("message"),
                json("row"),
            ],
        )
        .index("import_id", &["organization_id", "import_id", "row_number", "id"], None),
    ]
}
