//! Answers to surveys that name a company and nobody there. Those of before are their contacts' companies'.

use sea_orm_migration::prelude::sea_orm::DbBackend;

use crate::table::{Table, child};

pub fn survey_response() -> Table {
    let mut table = crate::m0015_past::survey_response();
    for column in table.columns.iter_mut().filter(|column| column.name == "contact_id") {
        *column = column.null();
    }
    table.columns.push(child("account_id", "account").null());
    table
}

pub fn up(_: DbBackend) -> &'static str {
    "UPDATE survey_response SET account_id = (SELECT account_id FROM contact WHERE contact.id = survey_response.contact_id)
     WHERE account_id IS NULL AND contact_id IS NOT NULL"
}

/// The column goes with the step before.
pub fn down(_: DbBackend) -> &'static str {
    "SELECT 1"
}
