//! Conditions for leaving a stage, what buyers confirmed, and what was passed over.

use crate::table::{Table, big, child, id, integer, text, time};

pub fn tables() -> Vec<Table> {
    vec![
        Table::row(
            "stage_criterion",
            [
                child("stage_id", "stage"),
                integer("position").indexed(),
                text("label"),
                text("kind").indexed(),
                text("field").null(),
                big("minimum_e4").null(),
                text("activity_kind").null(),
                text("committee_role").null(),
            ],
        ),
        Table::row(
            "buyer_confirmation",
            [
                child("opportunity_id", "opportunity"),
                child("stage_criterion_id", "stage_criterion"),
                child("contact_id", "contact"),
                text("statement"),
                time("confirmed_at").indexed(),
                text("url").null(),
            ],
        ),
        Table::row(
            "overridden_criterion",
            [
                child("stage_change_id", "stage_change"),
                id("stage_criterion_id"),
                text("label"),
                text("expected"),
                text("actual"),
            ],
        ),
    ]
}
