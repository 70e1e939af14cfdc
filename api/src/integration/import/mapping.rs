//! A mapping: which column of which file goes to which field, and how a row finds its record. Read from TOML.
//! It says nothing of records or rows; `plan` puts the two together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::template::Template;
use crate::error::{Error, Result};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What it is for, for people.
    #[serde(default)]
    pub about: String,
    /// The system whose ids the external references are.
    pub system: Option<String>,
    /// In the order in which they are done.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One record made of each row of a file, or of each row given here.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The file it belongs to.
    pub file: String,
    /// The record's table, e.g. `account`; `user` invites people who cannot sign in yet.
    pub entity: String,
    /// How a row finds its record; without it every row is a new one.
    #[serde(rename = "match")]
    pub key: Option<Key>,
    #[serde(default)]
    pub on_conflict: Conflict,
    /// Rows that are not in the file: written once, before it.
    #[serde(default)]
    pub rows: Vec<BTreeMap<String, String>>,
    /// Field -> where its value comes from.
    pub fields: BTreeMap<String, Column>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Key {
    /// A unique field, or `id`.
    Field(String),
    /// The record's id in another system.
    ExternalRef(Reference),
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    pub external_ref: Template,
    pub system: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Conflict {
    #[default]
    Update,
    FillEmpty,
    Skip,
    Error,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Column {
    /// A column of the file, taken as it is.
    From(String),
    Spec(Box<Spec>),
}

/// Where a value comes from and what is done to it, in the order of these members.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spec {
    /// A column of the file.
    pub from: Option<String>,
    /// Text with columns in it: `{First name} {Last name}`, `{Name|slug}@example.com`.
    pub template: Option<Template>,
    /// The same for every row.
    pub value: Option<String>,
    /// Text -> text.
    pub map: BTreeMap<String, String>,
    /// What a text that `map` does not have becomes; it stays as it is without this.
    pub otherwise: Option<String>,
    /// Instead of an empty text.
    pub default: Option<String>,
    pub case: Option<Case>,
    /// What an empty text does: `NULL` clears the field, `KEEP` leaves it as it is.
    pub empty: Empty,
    /// The decimal sign of numbers; the other one of `.` and `,` groups thousands.
    pub decimal: Mark,
    /// Numbers are multiplied by this.
    pub scale: Option<i64>,
    /// Upper bounds and what numbers up to them become.
    pub bands: Vec<(i64, String)>,
    /// How dates are written, e.g. `%d.%m.%Y`.
    pub date: Option<String>,
    /// The currency of an amount: a code, or a column in braces.
    pub currency: Option<Template>,
    /// For relations: by what the record is found, a field of it or `externalRef`; its id without this.
    pub find: Option<String>,
    /// For `externalRef`: the system, where it is not the mapping's.
    pub system: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Case {
    Lower,
    Upper,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Empty {
    #[default]
    Null,
    Keep,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Mark {
    #[default]
    #[serde(rename = ".")]
    Point,
    #[serde(rename = ",")]
    Comma,
}

const LONGEST: usize = 64 * 1024;
const MOST_STEPS: usize = 50;

impl Mapping {
    pub fn read(toml: &str) -> Result<Self> {
        if toml.len() > LONGEST {
            return Err(Error::invalid("mapping", "a mapping has at most 64 KiB"));
        }
        let mapping: Self = toml::from_str(toml).map_err(|e| Error::invalid("mapping", e.to_string()))?;
        if mapping.steps.is_empty() || mapping.steps.len() > MOST_STEPS {
            return Err(Error::invalid("mapping", format!("a mapping has 1 to {MOST_STEPS} steps")));
        }
        Ok(mapping)
    }

    /// The files it reads, in order.
    pub fn files(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        self.steps.iter().map(|step| step.file.as_str()).filter(|file| seen.insert(*file)).collect()
    }

    /// Only the steps of one file; a mapping for a single file fits one of any name.
    pub fn of_file(mut self, name: &str) -> Result<Self> {
        let files = self.files();
        if files.len() > 1 {
            let wanted = name.rsplit(['/', '\\']).next().unwrap_or(name);
            if !files.contains(&wanted) {
                let message = format!("the mapping has no step for this file; it knows {}", files.join(", "));
                return Err(Error::invalid("fileName", message));
            }
            let wanted = wanted.to_owned();
            self.steps.retain(|step| step.file == wanted);
        }
        Ok(self)
    }
}

impl Column {
    pub fn spec(&self) -> Spec {
        match self {
            Self::From(name) => Spec { from: Some(name.clone()), ..Spec::default() },
            Self::Spec(spec) => (**spec).clone(),
        }
    }
}

impl Spec {
    /// The columns it reads.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let templates = self.template.iter().chain(&self.currency);
        self.from.as_deref().into_iter().chain(templates.flat_map(Template::columns))
    }
}
