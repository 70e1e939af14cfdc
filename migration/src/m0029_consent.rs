//! Further addresses and numbers of contacts, and what they said about being written to and called.

use crate::table::{Column, Table, child, text, time};

pub fn tables() -> Vec<Table> {
    let addresses = Table::row(
        "contact_address",
        [child("contact_id", "contact"), text("kind").indexed(), text("label"), text("value").indexed()],
    );
    let consents = Table::row(
        "contact_consent",
        [
            child("contact_id", "contact"),
            text("channel").indexed(),
            text("state").indexed(),
            text("basis").null(),
            text("source").null(),
            time("said_at").indexed(),
            text("note").null(),
        ],
    );
    vec![addresses.unique(&["contact_id", "kind", "value"]), consents]
}

/// As things stand.
pub fn columns() -> Vec<(&'static str, Column)> {
    ["email_consent", "phone_consent", "sms_consent", "post_consent"]
        .map(|name| ("contact", text(name).null().indexed()))
        .into()
}
