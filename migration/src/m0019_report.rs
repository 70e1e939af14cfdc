//! What the revenue report and the alignment index rest on: rules of data quality, content and its uses, thanks; and reports
//! that stay as they were.

use sea_orm_migration::prelude::sea_orm::DbBackend;

use crate::table::{Table, boolean, child, id, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![rule(), content(), used(), recognition(), snapshot()]
}

fn rule() -> Table {
    let own = [
        text("name"),
        text("entity").indexed(),
        text("kind").indexed(),
        json("fields"),
        integer("max_age_days").null(),
        text("owner_side").indexed(),
        integer("weight"),
    ];
    Table::row("data_quality_rule", own)
}

fn content() -> Table {
    let own = [
        text("title").indexed(),
        text("kind").indexed(),
        text("status").indexed(),
        text("owner_side").indexed(),
        text("persona").null().indexed(),
        text("stage").null().indexed(),
        text("url").null(),
    ];
    Table::row("content_asset", own).searched()
}

fn used() -> Table {
    let own = [
        child("content_asset_id", "content_asset"),
        id("user_id"),
        id("opportunity_id").null(),
        text("event").indexed(),
        time("at").indexed(),
    ];
    let latest = ["organization_id", "content_asset_id", "at"];
    Table::row("content_use", own).index("latest", &latest, Some("deleted_at IS NULL"))
}

fn recognition() -> Table {
    let own =
        [id("from_user_id"), json("recipients"), id("goal_id").null(), text("reason"), boolean("joint").indexed()];
    Table::row("recognition", own)
}

fn snapshot() -> Table {
    let own = [
        text("title").null(),
        time("starts_at").indexed(),
        time("ends_at").indexed(),
        time("as_of").indexed(),
        text("currency"),
        json("whole"),
        json("shared"),
    ];
    Table::row("revenue_report_snapshot", own)
}

/// Organisations that were there before have the rules by which `DATA_HEALTH` was reckoned until now.
pub fn up(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres {
        "INSERT INTO data_quality_rule
            (id, organization_id, created_at, updated_at, version, name, entity, kind, fields, owner_side, weight)
         SELECT gen_random_uuid(), organization.id, now(), now(), 1, rule.name, rule.entity, rule.kind, rule.fields::jsonb, rule.side, 1
         FROM organization, (VALUES
            ('Accounts have domain, industry and country', 'ACCOUNT', 'COMPLETE', '[\"domain\",\"industry\",\"country\"]', 'SALES'),
            ('Accounts are there once', 'ACCOUNT', 'UNIQUE', '[]', 'SALES'),
            ('Contacts can be reached and have an account', 'CONTACT', 'COMPLETE', '[\"emailOrPhone\",\"account\"]', 'SALES'),
            ('Leads have email, company and source', 'LEAD', 'COMPLETE', '[\"email\",\"companyName\",\"source\"]', 'MARKETING'),
            ('Opportunities have amount and close date', 'OPPORTUNITY', 'COMPLETE', '[\"amount\",\"closeDate\"]', 'SALES'),
            ('Close dates have not passed', 'OPPORTUNITY', 'VALID', '[\"closeDate\"]', 'SALES')
         ) AS rule (name, entity, kind, fields, side)
         WHERE organization.deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM data_quality_rule AS known WHERE known.organization_id = organization.id)"
    } else {
        "INSERT INTO data_quality_rule
            (id, organization_id, created_at, updated_at, version, name, entity, kind, fields, owner_side, weight)
         SELECT randomblob(16), organization.id, strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'),
                strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'), 1, rule.column1, rule.column2, rule.column3, rule.column4, rule.column5, 1
         FROM organization, (VALUES
            ('Accounts have domain, industry and country', 'ACCOUNT', 'COMPLETE', '[\"domain\",\"industry\",\"country\"]', 'SALES'),
            ('Accounts are there once', 'ACCOUNT', 'UNIQUE', '[]', 'SALES'),
            ('Contacts can be reached and have an account', 'CONTACT', 'COMPLETE', '[\"emailOrPhone\",\"account\"]', 'SALES'),
            ('Leads have email, company and source', 'LEAD', 'COMPLETE', '[\"email\",\"companyName\",\"source\"]', 'MARKETING'),
            ('Opportunities have amount and close date', 'OPPORTUNITY', 'COMPLETE', '[\"amount\",\"closeDate\"]', 'SALES'),
            ('Close dates have not passed', 'OPPORTUNITY', 'VALID', '[\"closeDate\"]', 'SALES')
         ) AS rule
         WHERE organization.deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM data_quality_rule AS known WHERE known.organization_id = organization.id)"
    }
}

pub fn down(_: DbBackend) -> &'static str {
    "DELETE FROM data_quality_rule"
}
