//! Indexes that hold all that reports read, so that a report of a million opportunities looks at nothing else. They take
//! the place of narrower ones.

use crate::table::Table;

const PRESENT: Option<&str> = Some("until IS NULL");
const SOLD: Option<&str> = Some("stage_type = 'WON' AND source_lead_id IS NOT NULL");

pub fn wide() -> Vec<Table> {
    let states = Table::plain("opportunity_state", [])
        .index(
            "stands",
            &[
                "organization_id",
                "stage_type",
                "close_date",
                "deleted_at",
                "currency",
                "amount_minor",
                "fx_rate_at_close_e10",
                "loss_reason",
                "cycle_micros",
                "forecast_category",
                "probability",
                "stage_id",
                "opportunity_id",
            ],
            PRESENT,
        )
        .index(
            "stood",
            &[
                "organization_id",
                "stage_type",
                "close_date",
                "at",
                "until",
                "opportunity_id",
                "initial",
                "amount_minor",
                "currency",
                "deleted_at",
            ],
            None,
        )
        .index(
            "course",
            &[
                "organization_id",
                "opportunity_id",
                "at",
                "until",
                "stage_type",
                "initial",
                "amount_minor",
                "currency",
                "source_lead_id",
                "deleted_at",
            ],
            None,
        )
        .index(
            "opened",
            &["organization_id", "opened_at", "opportunity_id", "amount_minor", "currency", "deleted_at"],
            Some("initial"),
        )
        .index("sold", &["organization_id", "source_lead_id", "closed_at", "at", "opportunity_id", "deleted_at"], SOLD)
        .index(
            "sold_at",
            &["organization_id", "closed_at", "source_lead_id", "at", "opportunity_id", "deleted_at"],
            SOLD,
        );
    vec![
        states,
        STEPS.into_iter().fold(Table::plain("lead_cycle", []), |table, (step, name)| {
            table.index(name, &["organization_id", step], Some(&format!("{step} IS NOT NULL AND deleted_at IS NULL")))
        }),
    ]
}

const STEPS: [(&str, &str); 4] =
    [("mql_at", "came_mql"), ("sal_at", "came_sal"), ("sql_at", "came_sql"), ("converted_at", "came_opportunity")];

pub fn narrow() -> Vec<Table> {
    let states = Table::plain("opportunity_state", [])
        .index("present", &["organization_id", "stage_type", "close_date"], PRESENT)
        .index("close_date", &["organization_id", "stage_type", "close_date", "at"], None)
        .index("opened_at", &["organization_id", "opened_at"], Some("initial"));
    vec![
        states,
        STEPS.into_iter().fold(Table::plain("lead_cycle", []), |table, (step, _)| {
            table.index(step, &["organization_id", step], Some(&format!("{step} IS NOT NULL")))
        }),
    ]
}
