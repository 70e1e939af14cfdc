//! Tables in the words of each database. Every statement may be run twice.

use sea_orm_migration::prelude::sea_orm::DbBackend;

use crate::table::{Column, Index, Kind, Table};

/// What a database needs before the first table. `down` leaves the extension: it may have been
/// there before us.
pub fn prepare(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        _ => "",
    }
}

/// The table with its indexes.
pub fn create(table: &Table, backend: DbBackend) -> String {
    let name = table.name;
    let mut lines: Vec<String> = table.columns.iter().map(|it| column(table, it, backend)).collect();
    if numbered(table, backend) {
        lines.insert(0, "row_no integer PRIMARY KEY".to_owned());
    }
    let key: Vec<&str> = table.columns.iter().filter(|it| it.key).map(|it| it.name).collect();
    if !key.is_empty() && !numbered(table, backend) {
        lines.push(format!("PRIMARY KEY ({})", quoted(&key)));
    }
    let mut script = format!("CREATE TABLE IF NOT EXISTS \"{name}\" (\n  {}\n);\n", lines.join(",\n  "));
    for it in ordinary(table).iter().chain(&table.indexes) {
        script += &index(name, it);
    }
    if table.searched {
        script += &search(name, backend);
    }
    script
}

/// Away with the table and all that hangs on it.
pub fn drop(table: &Table, backend: DbBackend) -> String {
    let search = if numbered(table, backend) {
        format!("DROP TABLE IF EXISTS \"{}_search\";\n", table.name)
    } else {
        String::new()
    };
    format!("{search}DROP TABLE IF EXISTS \"{}\";", table.name)
}

/// A column more, with its index.
pub fn add(table: &str, column: &Column, backend: DbBackend) -> String {
    let (name, kind) = (column.name, kind(column.kind, backend));
    let parent = column.parent.map(|it| format!(" REFERENCES \"{it}\" (\"id\")")).unwrap_or_default();
    let filled = column.filled.map(|it| format!(" NOT NULL DEFAULT {it}")).unwrap_or_default();
    let added = format!("ALTER TABLE \"{table}\" ADD COLUMN \"{name}\" {kind}{filled}{parent};\n");
    if column.indexed { added + &index(table, &ordered(table, name)) } else { added }
}

/// Away with it again.
pub fn take_away(table: &str, column: &Column) -> String {
    let (name, index) = (column.name, ordered(table, column.name).name);
    format!("DROP INDEX IF EXISTS \"{index}\";\nALTER TABLE \"{table}\" DROP COLUMN \"{name}\";")
}

/// The indexes alone: their table is there.
pub fn create_indexes(table: &Table) -> Vec<String> {
    table.indexes.iter().map(|it| index(table.name, it)).collect()
}

pub fn drop_indexes(table: &Table) -> Vec<String> {
    table.indexes.iter().map(|it| format!("DROP INDEX IF EXISTS \"{}\";", it.name)).collect()
}

/// Away with every index of a table, those of its columns too.
pub fn drop_indexes_of(table: &Table) -> Vec<String> {
    let of_columns = ordinary(table).into_iter().map(|it| it.name);
    let names = of_columns.chain(table.indexes.iter().map(|it| it.name.clone()));
    names.map(|name| format!("DROP INDEX IF EXISTS \"{name}\";")).collect()
}

/// On `SQLite` a searched table has a number of its own for each row: the full-text index knows
/// rows by it, and a bare rowid would not survive VACUUM.
fn numbered(table: &Table, backend: DbBackend) -> bool {
    table.searched && backend == DbBackend::Sqlite
}

fn column(table: &Table, column: &Column, backend: DbBackend) -> String {
    let null = if column.null { "" } else { " NOT NULL" };
    let unique = if column.key && numbered(table, backend) { " UNIQUE" } else { "" };
    let parent = column.parent.map(|it| format!(" REFERENCES \"{it}\" (\"id\")")).unwrap_or_default();
    format!("\"{}\" {}{null}{unique}{parent}", column.name, kind(column.kind, backend))
}

fn kind(kind: Kind, backend: DbBackend) -> &'static str {
    let postgres = backend == DbBackend::Postgres;
    match kind {
        Kind::Id if postgres => "uuid",
        Kind::Text if postgres => "text COLLATE \"C\"",
        Kind::Time if postgres => "timestamptz",
        Kind::Date if postgres => "date",
        Kind::Json if postgres => "jsonb",
        Kind::Bytes if postgres => "bytea",
        Kind::Position if postgres => "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        Kind::Position => "integer PRIMARY KEY AUTOINCREMENT",
        Kind::Id | Kind::Bytes => "blob",
        Kind::Text | Kind::Time | Kind::Date | Kind::Json => "text",
        Kind::Integer => "integer",
        Kind::Big => "bigint",
        Kind::Boolean => "boolean",
    }
}

fn ordinary(table: &Table) -> Vec<Index> {
    let of_tenant = table.columns.iter().filter(|it| table.of_tenant && it.indexed);
    of_tenant.map(|it| ordered(table.name, it.name)).collect()
}

/// Lists are read by organisation, in the order of a column and then of the id.
fn ordered(table: &str, column: &'static str) -> Index {
    Index {
        unique: false,
        name: format!("ix_{table}_{column}"),
        columns: vec!["organization_id", column, "id"],
        condition: Some("deleted_at IS NULL".to_owned()),
    }
}

fn index(table: &str, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let condition = index.condition.as_ref().map(|it| format!(" WHERE {it}")).unwrap_or_default();
    let (name, columns) = (&index.name, quoted(&index.columns));
    format!("CREATE {unique}INDEX IF NOT EXISTS \"{name}\" ON \"{table}\" ({columns}){condition};\n")
}

fn quoted(columns: &[&str]) -> String {
    let quoted: Vec<String> = columns.iter().map(|it| format!("\"{it}\"")).collect();
    quoted.join(", ")
}

/// Any part of `search_text`, three characters or more. It is lower case already, so neither
/// index folds case.
fn search(table: &str, backend: DbBackend) -> String {
    if backend == DbBackend::Postgres {
        return format!(
            "CREATE INDEX IF NOT EXISTS \"ix_{table}_search_text\" ON \"{table}\" \
             USING gin (search_text gin_trgm_ops) WHERE deleted_at IS NULL;\n"
        );
    }
    let index = format!("\"{table}_search\"");
    let when = |what: &str, event: &str| {
        format!("CREATE TRIGGER IF NOT EXISTS \"{table}_search_{what}\" AFTER {event} ON \"{table}\"")
    };
    let (insert, delete) = (when("insert", "INSERT"), when("delete", "DELETE"));
    let update = when("update", "UPDATE OF search_text");
    format!(
        "CREATE VIRTUAL TABLE IF NOT EXISTS {index} USING fts5(text, tokenize = 'trigram case_sensitive 1');
{insert} BEGIN
  INSERT INTO {index} (rowid, text) VALUES (new.row_no, new.search_text);
END;
{update} WHEN new.search_text <> old.search_text BEGIN
  UPDATE {index} SET text = new.search_text WHERE rowid = new.row_no;
END;
{delete} BEGIN
  DELETE FROM {index} WHERE rowid = old.row_no;
END;
"
    )
}
