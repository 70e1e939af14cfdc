//! Random upserts against a plain model: absent keeps, null clears, and a batch that comes again changes nothing.

use std::collections::BTreeMap;

use proptest::{collection::btree_map, option, prelude::*};
use serde_json::Value;

use super::some;
use crate::harness::{json, on_both};

const UPSERT: &str = "mutation($rows: [AccountUpsertRow!]!) { accountUpsert(input: { rows: $rows, matchOn: DOMAIN }) {
    results { status account { version } userErrors { code message } } } }";

/// By domain: name, and industry, perhaps absent; 0 is null, others are words.
type Batch = BTreeMap<u8, (u8, Option<u8>)>;

fn batch() -> impl Strategy<Value = Batch> {
    btree_map(0..12_u8, (0..4_u8, option::of(0..4_u8)), 1..8)
}

fn rows(batch: &Batch) -> Vec<Value> {
    let row = |(domain, (name, industry)): (&u8, &(u8, Option<u8>))| {
        let mut row = json!({ "domain": format!("d{domain}.example"), "name": format!("N{name}") });
        if let Some(industry) = industry {
            row["industry"] = word(*industry);
        }
        row
    };
    batch.iter().map(row).collect()
}

fn word(industry: u8) -> Value {
    if industry == 0 { Value::Null } else { json!(format!("I{industry}")) }
}

on_both! {
    async fn an_upsert_is_done_once(app) {
        let ann = app.admin();
        let mut model: BTreeMap<u8, (u8, u8, i64)> = BTreeMap::new();
        for batch in some(40, &batch()) {
            let mut wanted = vec![];
            for (domain, (name, industry)) in &batch {
                let before = model.get(domain).copied();
                let industry = industry.unwrap_or(before.map_or(0, |(_, industry, _)| industry));
                let version = before.map_or(1, |(n, i, v)| if (n, i) == (*name, industry) { v } else { v + 1 });
                let status = before.map_or("CREATED", |(.., v)| if v == version { "UNCHANGED" } else { "UPDATED" });
                model.insert(*domain, (*name, industry, version));
                wanted.push((status, version));
            }
            for round in 0..2 {
                let answer = ann.ask(UPSERT, json!({ "rows": rows(&batch) })).await;
                let results = answer.data()["accountUpsert"]["results"].as_array().unwrap().clone();
                for (result, (status, version)) in results.iter().zip(&wanted) {
                    let status = if round == 0 { status } else { "UNCHANGED" };
                    assert_eq!((&result["status"], &result["account"]["version"]), (&json!(status), &json!(version)), "{result}");
                }
            }
        }
        let all = ann.ask("{ accounts(first: 100) { nodes { domain name industry version } } }", json!({})).await;
        let found = all.data()["accounts"]["nodes"].as_array().unwrap();
        assert_eq!(found.len(), model.len());
        for (domain, (name, industry, version)) in model {
            let row = json!({ "domain": format!("d{domain}.example"), "name": format!("N{name}"), "industry": word(industry), "version": version });
            assert!(found.contains(&row), "{row}");
        }
    }
}
