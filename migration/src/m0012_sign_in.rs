//! Limits of sign-in, new passwords for who has lost theirs, and from where keys may be used.

use crate::table::{Column, Table, big, child, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![
        Table::plain("sign_in_limit", [text("name").key(), big("until_ms")]),
        Table::row(
            "password_reset",
            [
                child("user_id", "user"),
                text("token_hash"),
                time("expires_at"),
                time("used_at").null(),
                time("revoked_at").null(),
            ],
        )
        .unique_on_server("token_hash"),
    ]
}

pub fn columns() -> Vec<(&'static str, Column)> {
    vec![("api_key", json("networks").null())]
}
