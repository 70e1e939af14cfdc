//! Lists that a JSON column holds: what their items are, and so their types in the schema. An answer is the stored JSON,
//! or what a selection picks out of it; no resolver runs.

use async_graphql::{Value as ConstValue, registry::Registry};
use serde_json::Value as Json;

use super::{args::list, field::Kind, form::Form, sdl, value};
use crate::error::{Fault, FaultCode};

/// What a list holds; none of its items is null.
#[derive(Clone, Copy, Debug)]
pub enum Item {
    Text,
    /// The id of a record of any type.
    Id,
    /// A closed list: its schema name, meaning and words.
    Word(&'static str, &'static str, &'static [(&'static str, &'static str)]),
    Form(&'static Form),
}

/// Largest list as JSON text.
const MOST_BYTES: usize = 65_536;

impl Item {
    pub fn of<W: entity::word::Word>() -> Self {
        Self::Word(W::NAME, W::ABOUT, W::VALUES)
    }

    pub fn type_of(self) -> String {
        match self {
            Self::Text => "[String!]".into(),
            Self::Id => "[ID!]".into(),
            Self::Word(name, ..) => format!("[{name}!]"),
            Self::Form(form) => format!("[{}!]", form.name),
        }
    }

    pub fn input_type_of(self) -> String {
        match self {
            Self::Form(form) => format!("[{}Input!]", form.name),
            plain => plain.type_of(),
        }
    }

    /// The types of its items.
    pub fn register(self, registry: &mut Registry) {
        match self {
            Self::Text | Self::Id => {}
            Self::Word(name, about, values) => {
                sdl::words(registry, name, about, values.iter().map(|(w, a)| ((*w).to_owned(), (*a).to_owned())));
            }
            Self::Form(form) => form.register(registry),
        }
    }

    /// The stored JSON of an input, or what is wrong with it, in paths below it.
    pub fn read(self, given: &ConstValue) -> Result<Json, Vec<Fault>> {
        let wrong = |what: String| vec![Fault::new(FaultCode::Validation, "", what)];
        let one = |v: &ConstValue| match self {
            Self::Form(form) => form.read(v),
            Self::Text => text(Kind::Text, v).map_err(wrong),
            Self::Word(name, about, words) => text(Kind::Word(name, about, words), v).map_err(wrong),
            Self::Id => {
                let id = super::args::string(v).filter(|text| value::any_id(text).is_some());
                id.map(Json::from).ok_or_else(|| wrong("not an id".into()))
            }
        };
        let (mut items, mut faults) = (Vec::new(), Vec::new());
        for (at, v) in list(given).into_iter().enumerate() {
            match one(v) {
                Ok(item) => items.push(item),
                Err(some) => faults.extend(some.into_iter().map(|fault| fault.under(at.to_string()))),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let read = Json::Array(items);
        if read.to_string().len() > MOST_BYTES { Err(wrong("this is larger than 64 KiB".into())) } else { Ok(read) }
    }
}

fn text(kind: Kind, given: &ConstValue) -> Result<Json, String> {
    match value::read(kind, given)? {
        sea_orm::Value::String(Some(text)) => Ok(text.into()),
        _ => Err("this must be text".into()),
    }
}
