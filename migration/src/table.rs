//! What a table is made of, said once for both databases. How it is said to each is in `sql`.

/// A table, its columns and its indexes.
pub struct Table {
    pub name: &'static str,
    /// Begins with the base set; indexes then begin with the organisation and leave out what is
    /// deleted.
    pub of_tenant: bool,
    /// Has `search_text`, to be found by any part of it.
    pub searched: bool,
    pub columns: Vec<Column>,
    pub indexes: Vec<Index>,
}

/// A column.
#[derive(Clone, Copy)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub null: bool,
    /// Part of the primary key.
    pub key: bool,
    /// People filter or order by it.
    pub indexed: bool,
    /// The table whose `id` it must be.
    pub parent: Option<&'static str>,
    /// For a column that an existing table gets: what its rows then have, in SQL. Without it the column may be null.
    pub filled: Option<&'static str>,
}

/// What a column holds.
#[derive(Clone, Copy)]
pub enum Kind {
    Id,
    Text,
    Integer,
    Big,
    Boolean,
    Time,
    Date,
    Json,
    Bytes,
    /// A number the database gives, larger with each row.
    Position,
}

/// An index: name, columns, and the condition under which a row is in it.
pub struct Index {
    pub unique: bool,
    pub name: String,
    pub columns: Vec<&'static str>,
    pub condition: Option<String>,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, null: false, key: false, indexed: false, parent: None, filled: None }
}

macro_rules! columns {
    ($($function:ident $kind:ident,)+) => {
        $(pub const fn $function(name: &'static str) -> Column {
            column(name, Kind::$kind)
        })+
    };
}

columns! {
    text Text, integer Integer, big Big, boolean Boolean, time Time, date Date, json Json,
    bytes Bytes, position Position, bare_id Id,
}

/// Another row's id without a constraint, for rows that many others name: on `PostgreSQL` a
/// constraint would lock that row at each insert.
pub const fn id(name: &'static str) -> Column {
    bare_id(name).indexed()
}

/// The id of a row of `parent`, which the database checks.
pub const fn child(name: &'static str, parent: &'static str) -> Column {
    Column { parent: Some(parent), ..id(name) }
}

impl Column {
    pub const fn null(self) -> Self {
        Self { null: true, ..self }
    }

    pub const fn key(self) -> Self {
        Self { key: true, ..self }
    }

    pub const fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }

    pub const fn filled(self, with: &'static str) -> Self {
        Self { filled: Some(with), ..self }
    }
}

/// The columns every tenant's table begins with.
const BASE: [Column; 8] = [
    bare_id("id").key(),
    bare_id("organization_id"),
    time("created_at").indexed(),
    bare_id("created_by").null(),
    time("updated_at").indexed(),
    bare_id("updated_by").null(),
    integer("version"),
    time("deleted_at").null(),
];

impl Table {
    /// A tenant's table: the base set, then these columns.
    pub fn row(name: &'static str, own: impl IntoIterator<Item = Column>) -> Self {
        let columns = BASE.into_iter().chain(own).collect();
        Self { name, of_tenant: true, searched: false, columns, indexes: Vec::new() }
    }

    /// A table of exactly these columns.
    pub fn plain(name: &'static str, columns: impl IntoIterator<Item = Column>) -> Self {
        let columns = columns.into_iter().collect();
        Self { name, of_tenant: false, searched: false, columns, indexes: Vec::new() }
    }

    /// Found by any part of its `search_text`.
    pub fn searched(mut self) -> Self {
        self.columns.push(text("search_text"));
        self.searched = true;
        self
    }

    /// Only one living row of an organisation may have these values; empty ones never collide.
    pub fn unique(self, columns: &[&'static str]) -> Self {
        self.unique_if(columns, None)
    }

    /// The same for the rows that meet a condition.
    pub fn unique_if(self, columns: &[&'static str], condition: Option<&str>) -> Self {
        let name = format!("uq_{}_{}", self.name, columns.join("_"));
        let columns = [&["organization_id"], columns].concat();
        self.unique_index(name, columns, condition)
    }

    /// Only one living row of the whole server may have this value.
    pub fn unique_on_server(self, column: &'static str) -> Self {
        let name = format!("uq_{}_{column}", self.name);
        self.unique_index(name, vec![column], None)
    }

    fn unique_index(mut self, name: String, columns: Vec<&'static str>, condition: Option<&str>) -> Self {
        let empty = self.columns.iter().filter(|column| column.null && columns.contains(&column.name));
        let filled = empty.map(|column| format!("\"{}\" IS NOT NULL", column.name));
        let alive = self.of_tenant.then(|| "deleted_at IS NULL".to_owned());
        let all: Vec<_> = alive.into_iter().chain(filled).chain(condition.map(str::to_owned)).collect();
        let condition = (!all.is_empty()).then(|| all.join(" AND "));
        self.indexes.push(Index { unique: true, name, columns, condition });
        self
    }

    /// An index of exactly this shape, named after its first column.
    pub fn index(mut self, name: &str, columns: &[&'static str], condition: Option<&str>) -> Self {
        let name = format!("ix_{}_{name}", self.name);
        let condition = condition.map(str::to_owned);
        self.indexes.push(Index { unique: false, name, columns: columns.to_vec(), condition });
        self
    }
}
