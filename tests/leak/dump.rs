//! All rows of all tables as text, to see whether anything changed. Events must have their numbers before: see
//! `App::numbered`.

use entity::id::{OrganizationId, RowId};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::harness::{App, Database};

pub async fn dump(app: &App) -> String {
    let tables = match app.database {
        Database::Sqlite => {
            "SELECT name, (SELECT group_concat('quote(\"' || name || '\")', '||''|''||') FROM pragma_table_info(m.name)) \
             FROM sqlite_master m WHERE type = 'table' AND name NOT LIKE '%\\_search\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
        }
        Database::Postgres => {
            "SELECT table_name::text, 'x::text' FROM information_schema.tables \
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
        }
    };
    let each = rows(app, tables).await.into_iter().filter(|(name, _)| name != "seaql_migrations");
    let each = each.map(|(name, row)| match app.database {
        Database::Sqlite => format!("SELECT '{name}', group_concat({row}, char(10)) FROM \"{name}\""),
        Database::Postgres => format!("SELECT '{name}', string_agg({row}, chr(10) ORDER BY {row}) FROM \"{name}\" x"),
    });
    let all = each.collect::<Vec<_>>();
    let mut text = String::new();
    for some in all.chunks(50) {
        for (name, rows) in rows(app, &some.join(" UNION ALL ")).await {
            text += &format!("{name}\n{rows}\n");
        }
    }
    text
}

/// The same of one organisation alone.
pub async fn of(app: &App, organization: OrganizationId) -> String {
    let id = organization.uuid().simple().to_string();
    let theirs = |line: &&str| line.replace('-', "").to_lowercase().contains(&id);
    app.numbered().await;
    dump(app).await.lines().filter(theirs).collect::<Vec<_>>().join("\n")
}

async fn rows(app: &App, sql: &str) -> Vec<(String, String)> {
    let backend: DbBackend = app.store.backend();
    let found = app
        .store
        .migrator()
        .query_all_raw(Statement::from_string(backend, sql))
        .await
        .unwrap_or_else(|e| panic!("{e}: {sql:.200}"));
    let text =
        |row: &sea_orm::QueryResult, at| row.try_get_by_index::<Option<String>>(at).expect("text").unwrap_or_default();
    found.iter().map(|row| (text(row, 0), text(row, 1))).collect()
}
