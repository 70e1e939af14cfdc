//! Lists are read in their order from an index: every declared order has one that begins with it.

use std::collections::BTreeMap;

use api::graph::field::Shape;
use sea_orm::{ConnectionTrait, Statement};

use crate::harness::{App, Database};

/// Orders that are sorted: there are few rows of an organisation, and some of these columns change by mere use.
const SORTED: [&str; 4] = ["organization", "session", "api_key", "import_job"];

/// The columns of every index, by table.
async fn indexes(app: &App) -> BTreeMap<String, Vec<Vec<String>>> {
    let made = "SELECT m.tbl_name, m.name, i.name FROM sqlite_master m, pragma_index_info(m.name) i \
                WHERE m.type = 'index' ORDER BY m.name, i.seqno";
    let rows = app.store.migrator().query_all_raw(Statement::from_string(app.store.backend(), made)).await;
    let mut all: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for row in rows.unwrap() {
        let text = |at: usize| row.try_get_by_index::<Option<String>>(at).unwrap().unwrap_or_default();
        all.entry((text(0), text(1))).or_default().push(text(2));
    }
    let mut tables: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for ((table, _), columns) in all {
        tables.entry(table).or_default().push(columns);
    }
    tables
}

#[tokio::test]
async fn every_order_has_its_index() {
    let app = App::start(Database::Sqlite).await.expect("SQLite starts");
    let indexes = indexes(&app).await;
    let mut missing = vec![];
    for meta in api::schema::records() {
        for field in meta.fields.iter().filter(|field| field.order) {
            let column = match field.shape {
                Shape::Column(column, _) | Shape::One(column, _) | Shape::Money(column, _) => column,
                _ => continue,
            };
            if SORTED.contains(&meta.table) || (meta.table, column) == ("custom_field", "key") {
                continue;
            }
            let leads =
                |columns: &Vec<String>| columns.len() > 1 && columns[0] == "organization_id" && columns[1] == column;
            if !indexes.get(meta.table).is_some_and(|all| all.iter().any(leads)) {
                missing.push(format!("{}.{column}", meta.table));
            }
        }
    }
    assert!(missing.is_empty(), "orders without an index: {missing:#?}");
}
