//! Initiatives on shared goals, scored by both sides.

use crate::table::{Table, big, boolean, child, id, json, text, time};

pub fn tables() -> Vec<Table> {
    let own = [
        child("goal_id", "goal"),
        text("name").indexed(),
        text("description").null(),
        big("impact_share_e2"),
        text("status").indexed(),
        text("drop_reason").null(),
        id("owner_id").null(),
        json("marketing_score").null(),
        id("marketing_scorer_id").null(),
        time("marketing_scored_at").null().indexed(),
        json("sales_score").null(),
        id("sales_scorer_id").null(),
        time("sales_scored_at").null().indexed(),
        big("rank_product_e6").null().indexed(),
        big("rank_mean_e6").null().indexed(),
        json("disagreements"),
        boolean("disagreed").indexed(),
    ];
    vec![Table::row("initiative", own)]
}
