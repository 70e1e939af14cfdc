//! Upserts that somebody else on another node is a moment ahead of: what they wrote is found and changed, and rows
//! beside it are written all the same. On SQLite there is one writer, so that nobody is overtaken there.

use serde_json::Value;

use crate::harness::{App, Database, Person, json, on_both};

/// Calls while somebody else has written this and is about to commit it.
async fn while_written(app: &App, who: &Person<'_>, sql: String, upsert: &str) -> Value {
    let mut other = app.hold(sql).await;
    let (answer, ()) = tokio::join!(who.ask(upsert, json!({})), async {
        other.awaited().await;
        other.commit().await;
    });
    answer.data()["accountUpsert"]["results"].clone()
}

/// A copy of the only row of a table, with other values.
fn copy(table: &str, values: &str) -> String {
    let other = format!("jsonb_build_object('id', gen_random_uuid(), {values})");
    format!("INSERT INTO {table} SELECT (jsonb_populate_record(t, {other})).* FROM {table} t")
}

fn upsert(by: &str, rows: &str) -> String {
    format!(
        "mutation {{ accountUpsert(input: {{ matchOn: {by}, rows: [{rows}] }}) {{
         results {{ status account {{ name version }} userErrors {{ code field }} }} }} }}"
    )
}

fn done(status: &str, name: &str, version: i32) -> Value {
    json!({ "status": status, "account": { "name": name, "version": version }, "userErrors": [] })
}

on_both! {
    async fn a_row_that_has_just_been_made_is_updated(app) {
        let ann = app.admin();
        if app.database == Database::Sqlite {
            return;
        }
        ann.has("account", json!({ "name": "First", "domain": "first.example" })).await;
        let rows = r#"{ domain: "new.example", name: "New" }, { domain: "more.example", name: "More" }"#;
        let results = while_written(&app, &ann, copy("account", "'domain', 'new.example'"), &upsert("DOMAIN", rows)).await;
        assert_eq!(results, json!([done("UPDATED", "New", 2), done("CREATED", "More", 1)]));
    }
}

on_both! {
    async fn a_reference_that_has_just_been_given_leads_to_its_record(app) {
        let ann = app.admin();
        if app.database == Database::Sqlite {
            return;
        }
        let first = upsert("EXTERNAL_REF", r#"{ externalRef: { system: "crm", externalId: "1" }, name: "First" }"#);
        assert_eq!(ann.ask(&first, json!({})).await.data()["accountUpsert"]["results"], json!([done("CREATED", "First", 1)]));
        let rows: Vec<_> = (7..47)
            .map(|n| format!(r#"{{ externalRef: {{ system: "crm", externalId: "{n}" }}, name: "N{n}" }}"#))
            .collect();
        let taken = copy("external_ref", "'external_id', '7'");
        let results = while_written(&app, &ann, taken, &upsert("EXTERNAL_REF", &rows.join(", "))).await;
        assert_eq!(results[0], done("UPDATED", "N7", 2));
        for (at, result) in results.as_array().unwrap().iter().enumerate().skip(1) {
            assert_eq!(*result, done("CREATED", &format!("N{}", at + 7), 1));
        }
        let all = ann.ask("{ accounts { totalCount } externalRefs { totalCount } }", json!({})).await;
        assert_eq!(all.data(), &json!({ "accounts": { "totalCount": 40 }, "externalRefs": { "totalCount": 41 } }));
    }
}
