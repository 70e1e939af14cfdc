//! Random filters answer the rows that a plain evaluation in Rust finds, with SQL's third truth value: what is unknown
//! matches nothing, and `not` is everything else.

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*};
use serde_json::Value;

use super::some;
use crate::harness::{Person, json, on_both};

const NAMES: [&str; 5] = ["Bolt", "Bolts and nuts", "bolt", "Élan", "Zz_%'\""];
const DATES: [&str; 3] = ["2026-01-31", "2026-02-28", "2027-01-01"];
const ACCOUNTS: [Option<&str>; 3] = [Some("retail"), Some("metal"), None];
const KINDS: [&str; 3] = ["CALL", "NOTE", "MAIL"];

/// An opportunity as it was made.
#[derive(Clone, Debug)]
struct Row {
    name: &'static str,
    amount: Option<i64>,
    date: Option<&'static str>,
    probability: Option<i64>,
    account: Option<usize>,
    activities: Vec<&'static str>,
}

fn row() -> impl Strategy<Value = Row> {
    let date = option::of(prop::sample::select(DATES.to_vec()));
    let kinds = vec(prop::sample::select(KINDS.to_vec()), 0..3);
    (
        prop::sample::select(NAMES.to_vec()),
        option::of(0..4_i64),
        date,
        option::of(0..3_i64),
        option::of(0..3_usize),
        kinds,
    )
        .prop_map(|(name, amount, date, probability, account, activities)| Row {
            name,
            amount,
            date,
            probability,
            account,
            activities,
        })
}

/// A comparison with something that may be unknown.
#[derive(Clone, Debug)]
enum Is<T> {
    Op(&'static str, T),
    In(bool, Vec<T>),
    Null(bool),
}

impl<T: PartialOrd> Is<T> {
    fn holds(&self, value: Option<&T>) -> Option<bool> {
        match (self, value) {
            (Self::Null(null), value) => Some(value.is_none() == *null),
            (_, None) => None,
            (Self::In(inside, list), Some(v)) => Some(list.contains(v) == *inside),
            (Self::Op(op, wanted), Some(v)) => Some(match *op {
                "eq" => v == wanted,
                "ne" => v != wanted,
                "lt" => v < wanted,
                "lte" => v <= wanted,
                "gt" => v > wanted,
                _ => v >= wanted,
            }),
        }
    }

    fn json(&self, put: impl Fn(&T) -> Value) -> Value {
        match self {
            Self::Op(op, v) => json!({ *op: put(v) }),
            Self::In(true, list) => json!({ "in": list.iter().map(put).collect::<Vec<_>>() }),
            Self::In(false, list) => json!({ "notIn": list.iter().map(put).collect::<Vec<_>>() }),
            Self::Null(absent) => json!({ "isNull": absent }),
        }
    }
}

fn is<T: Clone + std::fmt::Debug + 'static>(values: Vec<T>, ops: &'static [&'static str]) -> BoxedStrategy<Is<T>> {
    let one = prop::sample::select(values.clone());
    prop_oneof![
        4 => (prop::sample::select(ops), one.clone()).prop_map(|(op, v)| Is::Op(op, v)),
        1 => (any::<bool>(), vec(one, 1..3)).prop_map(|(inside, list)| Is::In(inside, list)),
        1 => any::<bool>().prop_map(Is::Null),
    ]
    .boxed()
}

const EVERY: &[&str] = &["eq", "ne", "lt", "lte", "gt", "gte"];
const SAME: &[&str] = &["eq", "ne"];

#[derive(Clone, Debug)]
enum Filter {
    Name(Is<&'static str>),
    Contains(&'static str),
    Starts(&'static str),
    Amount(Is<i64>),
    Date(Is<&'static str>),
    Probability(Is<i64>),
    Industry(Is<&'static str>),
    /// `some`, `none` or `every` of the activities.
    Activities(&'static str, Is<&'static str>),
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
}

fn filter() -> impl Strategy<Value = Filter> {
    let never_null =
        |values: Vec<&'static str>| is(values, SAME).prop_filter("not nullable", |is| !matches!(is, Is::Null(_)));
    let leaf = prop_oneof![
        never_null(NAMES.to_vec()).prop_map(Filter::Name),
        prop::sample::select(vec!["olt", "Bolt", "nuts", "_%'"]).prop_map(Filter::Contains),
        prop::sample::select(vec!["B", "Bolts", "É", "z", "Zz_%"]).prop_map(Filter::Starts),
        is((0..4).collect(), EVERY)
            .prop_filter("money has no list", |is| !matches!(is, Is::In(..)))
            .prop_map(Filter::Amount),
        is(DATES.to_vec(), EVERY).prop_map(Filter::Date),
        is((0..3).collect(), EVERY).prop_map(Filter::Probability),
        is(vec!["retail", "metal"], SAME).prop_map(Filter::Industry),
        (prop::sample::select(vec!["some", "none", "every"]), never_null(KINDS.to_vec()))
            .prop_map(|(q, is)| Filter::Activities(q, is)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Filter::And),
            vec(inner.clone(), 1..3).prop_map(Filter::Or),
            inner.prop_map(|f| Filter::Not(f.into())),
        ]
    })
}

impl Filter {
    fn json(&self) -> Value {
        let list = |parts: &[Self]| parts.iter().map(Self::json).collect::<Vec<_>>();
        match self {
            Self::Name(is) => json!({ "name": is.json(|v| json!(v)) }),
            Self::Contains(part) => json!({ "name": { "contains": part } }),
            Self::Starts(part) => json!({ "name": { "startsWith": part } }),
            Self::Amount(is) => {
                let mut amount = is.json(|v| json!(format!("{v}.00")));
                amount["currency"] = json!("EUR");
                json!({ "amount": amount })
            }
            Self::Date(is) => json!({ "closeDate": is.json(|v| json!(v)) }),
            Self::Probability(is) => json!({ "probability": is.json(|v| json!(v)) }),
            Self::Industry(is) => json!({ "account": { "industry": is.json(|v| json!(v)) } }),
            Self::Activities(quantifier, is) => {
                json!({ "activities": { *quantifier: { "kind": is.json(|v| json!(v)) } } })
            }
            Self::And(parts) => json!({ "and": list(parts) }),
            Self::Or(parts) => json!({ "or": list(parts) }),
            Self::Not(part) => json!({ "not": part.json() }),
        }
    }

    fn holds(&self, row: &Row) -> Option<bool> {
        match self {
            Self::Name(is) => is.holds(Some(&row.name)),
            Self::Contains(part) => Some(row.name.contains(part)),
            Self::Starts(part) => Some(row.name.starts_with(part)),
            // an amount of no row is compared with its currency: both are unknown together
            Self::Amount(is @ Is::Null(_)) => and([is.holds(row.amount.as_ref()), row.amount.map(|_| true)]),
            Self::Amount(is) => is.holds(row.amount.as_ref()),
            Self::Date(is) => is.holds(row.date.as_ref()),
            Self::Probability(is) => is.holds(row.probability.as_ref()),
            Self::Industry(is) => row.account.map(|at| is.holds(ACCOUNTS[at].as_ref()) == Some(true)),
            Self::Activities(quantifier, is) => {
                let mut met = row.activities.iter().map(|kind| is.holds(Some(kind)) == Some(true));
                Some(match *quantifier {
                    "some" => met.any(|met| met),
                    "none" => !met.any(|met| met),
                    _ => met.all(|met| met),
                })
            }
            Self::And(parts) => and(parts.iter().map(|part| part.holds(row))),
            Self::Or(parts) => and(parts.iter().map(|part| part.holds(row).map(|met| !met))).map(|none| !none),
            Self::Not(part) => Some(part.holds(row) != Some(true)),
        }
    }
}

/// False if any is, else unknown if any is.
fn and(parts: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for part in parts {
        all = match (all, part) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (None, _) | (_, None) => None,
            _ => Some(true),
        };
    }
    all
}

async fn fill(ann: &Person<'_>) -> BTreeMap<String, Row> {
    ann.sells().await;
    let mut accounts = vec![];
    for (n, industry) in ACCOUNTS.iter().enumerate() {
        accounts.push(ann.has("account", json!({ "name": format!("a{n}"), "industry": industry })).await);
    }
    let mut rows = BTreeMap::new();
    for row in some(40, &row()) {
        let amount = row.amount.map(|n| json!({ "amount": n.to_string(), "currency": "EUR" }));
        let input = json!({ "name": row.name, "amount": amount, "closeDate": row.date, "probability": row.probability,
            "accountId": row.account.map(|at| &accounts[at]) });
        let id = ann.has("opportunity", input).await;
        for kind in &row.activities {
            ann.has("activity", json!({ "kind": kind, "subject": "x", "opportunityId": id })).await;
        }
        rows.insert(id.as_str().unwrap().to_owned(), row);
    }
    rows
}

on_both! {
    async fn a_filter_means_what_it_says(app) {
        let ann = app.admin();
        let rows = fill(&ann).await;
        let query = "query($f: OpportunityFilter) { opportunities(first: 100, filter: $f) { totalCount nodes { id } } }";
        let mut hits = 0;
        for filter in some(250, &filter()) {
            let wanted: Vec<&String> = rows.iter().filter(|(_, row)| filter.holds(row) == Some(true)).map(|(id, _)| id).collect();
            let answer = ann.ask(query, json!({ "f": filter.json() })).await;
            let list = &answer.data()["opportunities"];
            let mut found: Vec<&str> = list["nodes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap()).collect();
            found.sort_unstable();
            assert_eq!(found, wanted, "{}", filter.json());
            assert_eq!(list["totalCount"], wanted.len(), "{}", filter.json());
            hits += usize::from(!wanted.is_empty() && wanted.len() < rows.len());
        }
        assert!(hits > 100, "{hits} of the filters tell rows apart");
    }
}
