//! A step of a mapping made ready for a file: every field known to its record, every column found in the header.
//! It knows the schema's records and no rows of the database.

use std::collections::HashMap;

use super::{
    cell,
    mapping::{Conflict, Empty, Key as Named, Mapping, Spec, Step as Told},
    sheet::Row,
    template::Template,
};
use crate::{
    error::{Error, Fault, FaultCode, Result},
    graph::{
        Field, Meta, external,
        field::{Kind, Shape, Write},
        root::catalog,
        upsert::{OnConflict, match_keys},
    },
};

pub struct Step {
    pub meta: &'static Meta,
    /// Rows are people: they are invited, not upserted.
    pub people: bool,
    pub key: Option<Key>,
    pub on_conflict: OnConflict,
    pub targets: Vec<Target>,
    /// Rows that are not in the file.
    pub rows: Vec<Row>,
    columns: HashMap<String, usize>,
}

pub enum Key {
    /// The input's member and the match column.
    Field(String, &'static str),
    ExternalRef(String, Template),
}

impl Key {
    pub fn column(&self) -> &'static str {
        match self {
            Self::Field(_, column) => column,
            Self::ExternalRef(..) => external::MATCH,
        }
    }
}

/// One member of the input that a row becomes.
pub struct Target {
    pub name: String,
    pub what: What,
    pub spec: Spec,
}

pub enum What {
    Scalar(Kind),
    Money,
    Relation(Relation),
}

/// How a related record is found.
pub struct Relation {
    pub to: &'static Meta,
    pub by: By,
}

pub enum By {
    Field(&'static Field, &'static str),
    ExternalRef(String),
}

/// Members of users that an invitation may set.
const OF_PEOPLE: [&str; 5] = ["email", "name", "region", "reportsToId", "side"];

/// The steps, bound to the columns of a file; with `None` only checked against the records.
pub fn steps(mapping: &Mapping, header: Option<&[String]>) -> Result<Vec<Step>> {
    let step = |(at, told)| Step::new(mapping, told, header).map_err(|e| placed(e, at));
    mapping.steps.iter().enumerate().map(step).collect()
}

/// Says which step of the mapping is meant.
fn placed(error: Error, at: usize) -> Error {
    let Error::Refused(faults) = error else { return error };
    let at = at + 1;
    Error::Refused(faults.into_iter().map(|f| Fault { message: format!("step {at}: {}", f.message), ..f }).collect())
}

fn wrong(what: impl Into<String>) -> Error {
    Error::invalid("mapping", what)
}

impl Step {
    fn new(mapping: &Mapping, told: &Told, header: Option<&[String]>) -> Result<Self> {
        let meta = catalog().and_then(|c| c.by_table(&told.entity));
        let meta = meta.ok_or_else(|| wrong(format!("there is no record named {}", told.entity)))?;
        let people = meta.table == "user";
        let writable = meta.rules.create.is_some() && meta.rules.update.is_some();
        if !people && !writable {
            return Err(wrong(format!("{} cannot be imported", told.entity)));
        }
        let target = |(name, column): (&String, &super::mapping::Column)| {
            let mut spec = column.spec();
            if meta.fields.iter().any(|f| f.input_name() == *name && !f.null) {
                spec.empty = Empty::Keep; // it cannot be cleared
            }
            Ok(Target { what: what(mapping, meta, people, name, &spec)?, name: name.clone(), spec })
        };
        let targets = told.fields.iter().map(target).collect::<Result<Vec<_>>>()?;
        let key = told.key.as_ref().map(|key| key_of(mapping, meta, &targets, key)).transpose()?;
        if people && !matches!(key, Some(Key::Field(_, "email"))) {
            return Err(wrong("users are matched by email"));
        }
        let mut step = Self {
            meta,
            people,
            key,
            on_conflict: conflict(told.on_conflict),
            targets,
            rows: vec![],
            columns: HashMap::new(),
        };
        step.bind(told, header)?;
        Ok(step)
    }

    fn bind(&mut self, told: &Told, header: Option<&[String]>) -> Result<()> {
        let mut own: Vec<String> = told.rows.iter().flat_map(|row| row.keys().cloned()).collect();
        own.sort_unstable();
        own.dedup();
        let header = if told.rows.is_empty() { header } else { Some(own.as_slice()) };
        let Some(header) = header else { return Ok(()) };
        self.columns = header.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect();
        let key = if let Some(Key::ExternalRef(_, template)) = &self.key { Some(template) } else { None };
        let wanted =
            self.targets.iter().flat_map(|t| t.spec.columns()).chain(key.into_iter().flat_map(Template::columns));
        if let Some(name) = wanted.into_iter().find(|name| !self.columns.contains_key(*name)) {
            return Err(wrong(format!("the file has no column named {name}; it has {}", header.join(", "))));
        }
        let cells = |row: &std::collections::BTreeMap<String, String>| {
            own.iter().map(|name| row.get(name).cloned().unwrap_or_default()).collect()
        };
        self.rows =
            (0..).zip(&told.rows).map(|(number, row)| Row { number, cells: cells(row), faults: vec![] }).collect();
        Ok(())
    }

    /// A row's text for a target, after the changes that need no record.
    pub fn text(&self, target: &Target, row: &Row) -> String {
        let spec = &target.spec;
        let text = match (&spec.from, &spec.template, &spec.value) {
            (Some(from), ..) => self.cell(row, from).to_owned(),
            (_, Some(template), _) => self.fill(template, row),
            (.., value) => value.clone().unwrap_or_default(),
        };
        cell::change(spec, text)
    }

    pub fn fill(&self, template: &Template, row: &Row) -> String {
        template.fill(|name| self.cell(row, name))
    }

    fn cell<'a>(&self, row: &'a Row, name: &str) -> &'a str {
        self.columns.get(name).and_then(|at| row.cells.get(*at)).map_or("", |text| cell::plain(text))
    }
}

fn conflict(told: Conflict) -> OnConflict {
    match told {
        Conflict::Update => OnConflict::Update,
        Conflict::FillEmpty => OnConflict::FillEmpty,
        Conflict::Skip => OnConflict::Skip,
        Conflict::Error => OnConflict::Refuse,
    }
}

fn what(mapping: &Mapping, meta: &'static Meta, people: bool, name: &str, spec: &Spec) -> Result<What> {
    if [spec.from.is_some(), spec.template.is_some(), spec.value.is_some()].into_iter().filter(|given| *given).count()
        != 1
    {
        return Err(wrong(format!("{name} needs exactly one of from, template and value")));
    }
    if name == "id" {
        return Ok(What::Scalar(Kind::Id(meta.table)));
    }
    let settable = |f: &&Field| if people { OF_PEOPLE.contains(&name) } else { f.write != Write::Never };
    let field = meta.fields.iter().filter(settable).find(|f| f.input_name() == name);
    let field = field.ok_or_else(|| wrong(format!("{} has no field {name} that can be set", meta.table)))?;
    match (&field.shape, &spec.find) {
        (Shape::One(_, to), Some(by)) => {
            Ok(What::Relation(Relation { to: to(), by: found_by(mapping, to(), by, spec)? }))
        }
        (_, Some(_)) => Err(wrong(format!("{name} is no relation: find does not fit it"))),
        (Shape::One(_, to), None) => Ok(What::Scalar(Kind::Id(to().table))),
        (Shape::Column(_, kind), None) => Ok(What::Scalar(*kind)),
        (Shape::Money(..), None) if spec.currency.is_some() => Ok(What::Money),
        (Shape::Money(..), None) => Err(wrong(format!("{name} is an amount: say its currency"))),
        _ => Err(wrong(format!("{name} cannot be imported"))),
    }
}

fn found_by(mapping: &Mapping, to: &'static Meta, by: &str, spec: &Spec) -> Result<By> {
    if by == "externalRef" {
        return Ok(By::ExternalRef(system(mapping, spec.system.as_ref())?));
    }
    let field = to.field(by).filter(|f| f.filter || f.unique);
    match field.map(|f| (f, &f.shape)) {
        Some((field, Shape::Column(column, Kind::Text | Kind::Email))) => Ok(By::Field(field, column)),
        _ => Err(wrong(format!("{} cannot be found by {by}", to.table))),
    }
}

fn system(mapping: &Mapping, own: Option<&String>) -> Result<String> {
    own.or(mapping.system.as_ref()).cloned().ok_or_else(|| wrong("external references need the name of a system"))
}

fn key_of(mapping: &Mapping, meta: &'static Meta, targets: &[Target], key: &Named) -> Result<Key> {
    match key {
        Named::ExternalRef(_) if !external::fits(meta) => {
            Err(wrong(format!("{} has no external references", meta.table)))
        }
        Named::ExternalRef(reference) => {
            Ok(Key::ExternalRef(system(mapping, reference.system.as_ref())?, reference.external_ref.clone()))
        }
        Named::Field(name) => {
            let word = meta.field(name).filter(|f| f.unique || name == "id").map(Field::enum_name);
            let column = match_keys(meta).into_iter().find(|(known, _)| Some(known) == word.as_ref());
            let (_, column) = column.ok_or_else(|| wrong(format!("{} cannot be matched by {name}", meta.table)))?;
            if !targets.iter().any(|t| t.name == *name) {
                return Err(wrong(format!("rows are matched by {name}, which has no column")));
            }
            Ok(Key::Field(name.clone(), column))
        }
    }
}

/// A fault of one target.
pub fn fault(target: &Target, code: FaultCode, message: impl Into<String>) -> Fault {
    Fault::new(code, &target.name, message)
}
