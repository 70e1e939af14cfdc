//! Lists walked page by page, forwards and backwards, in several orders, while rows come in: every row that was there
//! at the beginning comes exactly once, and in its place.

use serde_json::Value;

use crate::harness::{Person, json, on_both};

const LIST: &str = "query($o: [OpportunityOrder!], $first: Int, $after: String, $last: Int, $before: String) {
    opportunities(orderBy: $o, first: $first, after: $after, last: $last, before: $before) {
        nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn one(ann: &Person<'_>, n: usize, accounts: &[Value]) -> Value {
    // few values, so that orders have ties, and some without
    let amount = (!n.is_multiple_of(3)).then(|| json!({ "amount": (n % 4).to_string(), "currency": "EUR" }));
    let date = (n % 5 > 1).then(|| format!("2026-0{}-01", 1 + n % 5));
    let account = (!n.is_multiple_of(4)).then(|| &accounts[n % accounts.len()]);
    let input = json!({ "name": format!("N{}", n % 7), "amount": amount, "closeDate": date, "accountId": account });
    ann.has("opportunity", input).await
}

fn ids(list: &Value) -> Vec<String> {
    list["nodes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap().to_owned()).collect()
}

/// All pages in one direction; a row comes in between each two.
async fn walk(ann: &Person<'_>, order: &Value, back: bool, accounts: &[Value]) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), Value::Null);
    for n in 0.. {
        let variables = if back {
            json!({ "o": order, "last": 7, "before": cursor })
        } else {
            json!({ "o": order, "first": 7, "after": cursor })
        };
        let answer = ann.ask(LIST, variables).await;
        let list = &answer.data()["opportunities"];
        let page = ids(list);
        found = if back { [page, found].concat() } else { [found, page].concat() };
        let info = &list["pageInfo"];
        if info[if back { "hasPreviousPage" } else { "hasNextPage" }] == false {
            break;
        }
        cursor = info[if back { "startCursor" } else { "endCursor" }].clone();
        one(ann, n * 3 + 1, accounts).await;
    }
    found
}

fn order(field: &str, direction: &str, nulls: Option<&str>) -> Value {
    let mut order = json!({ "field": field, "direction": direction });
    if let Some(nulls) = nulls {
        order["nulls"] = json!(nulls);
    }
    order
}

on_both! {
    async fn pages_lose_and_repeat_nothing_while_rows_come_in(app) {
        let ann = app.admin();
        ann.sells().await;
        let mut accounts = vec![];
        for name in ["Acme", "Beta", "acme"] {
            accounts.push(ann.has("account", json!({ "name": name })).await);
        }
        let mut old = std::collections::HashSet::new();
        for n in 0..31 {
            old.insert(one(&ann, n, &accounts).await.as_str().unwrap().to_owned());
        }
        let mut orders = vec![json!(null), json!([order("NAME", "DESC", None), order("AMOUNT", "ASC", Some("FIRST"))])];
        for field in ["AMOUNT", "CLOSE_DATE", "NAME", "ACCOUNT_NAME", "STAGE_POSITION"] {
            for (direction, nulls) in [("ASC", None), ("DESC", None), ("ASC", Some("FIRST")), ("DESC", Some("LAST"))] {
                orders.push(json!([order(field, direction, nulls)]));
            }
        }
        for order in orders {
            // as a whole, page of a hundred: those that were there at the beginning
            let whole = ann.ask(LIST, json!({ "o": order, "first": 100 })).await;
            let keep = |ids: Vec<String>| ids.into_iter().filter(|id| old.contains(id)).collect::<Vec<_>>();
            let wanted = keep(ids(&whole.data()["opportunities"]));
            assert!(wanted.len() == old.len() || whole.data()["opportunities"]["pageInfo"]["hasNextPage"] == true);
            for back in [false, true] {
                let found = keep(walk(&ann, &order, back, &accounts).await);
                assert_eq!(found.len(), old.len(), "{order} {back}");
                if wanted.len() == old.len() {
                    assert_eq!(found, wanted, "{order} {back}");
                }
            }
            clear(&ann, &old).await;
        }
    }
}

/// Away with what came in.
async fn clear(ann: &Person<'_>, old: &std::collections::HashSet<String>) {
    let all = ann.ask(LIST, json!({ "first": 100 })).await;
    for id in ids(&all.data()["opportunities"]).into_iter().filter(|id| !old.contains(id)) {
        ann.does("opportunity", "Delete", json!({ "id": id }), "id").await;
    }
}
