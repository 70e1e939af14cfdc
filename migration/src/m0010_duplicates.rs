//! What finds a record by what it says, pairs of records that may be the same, and what became of merged ones.

use crate::table::{Table, bare_id, child, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![match_key(), duplicate_pair(), duplicate_scan(), merge(), merge_move(), merged_record()]
}

/// Telephone numbers are looked up when duplicates are looked for.
pub fn indexes() -> Vec<Table> {
    let phone = |table| {
        let filled = Some("deleted_at IS NULL AND phone IS NOT NULL");
        Table::plain(table, []).index("phone", &["organization_id", "phone", "id"], filled)
    };
    vec![phone("lead"), phone("contact"), phone("account")]
}

fn match_key() -> Table {
    let keys = [bare_id("organization_id").key(), text("entity").key(), text("key").key(), bare_id("record_id").key()];
    Table::plain("match_key", keys).index("record_id", &["record_id"], None)
}

fn duplicate_pair() -> Table {
    Table::row(
        "duplicate_pair",
        [
            text("entity").indexed(),
            bare_id("first_id").indexed(),
            bare_id("second_id").indexed(),
            integer("score").indexed(),
            json("rules"),
            text("state").indexed(),
        ],
    )
    .unique(&["first_id", "second_id"])
}

fn duplicate_scan() -> Table {
    Table::row(
        "duplicate_scan",
        [
            text("entity").indexed(),
            text("status").indexed(),
            integer("records"),
            integer("found"),
            integer("opened"),
            time("started_at").null(),
            time("ended_at").null(),
        ],
    )
}

fn merge() -> Table {
    Table::row(
        "merge",
        [
            text("entity").indexed(),
            bare_id("winner_id").indexed(),
            json("losers"),
            json("taken"),
            json("moved"),
            time("undone_at").null().indexed(),
        ],
    )
}

/// Which rows a merge gave to the winner, so that it can be undone: some hundred in each of its rows.
fn merge_move() -> Table {
    Table::row("merge_move", [child("merge_id", "merge"), text("entity"), text("field"), text("kind"), json("rows")])
}

/// Where the id of a merged record leads.
fn merged_record() -> Table {
    Table::plain(
        "merged_record",
        [
            bare_id("loser_id").key(),
            bare_id("organization_id"),
            text("entity"),
            bare_id("winner_id"),
            bare_id("merge_id"),
        ],
    )
    .index("merge_id", &["merge_id"], None)
}
