//! Trusted documents: texts that the operator has put into a manifest and that clients name by id.
//! Nothing a client sends is ever added to it.

use std::{collections::HashMap, sync::Arc};

use serde::Deserialize;

use crate::http::fault::{Code, Fault};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Ids are not understood.
    #[default]
    Off,
    /// A text or an id.
    Allow,
    /// Only ids of the manifest.
    Only,
}

#[derive(Default)]
pub struct Trusted {
    mode: Mode,
    texts: HashMap<String, Arc<str>>,
}

impl Trusted {
    /// Reads the manifest: one JSON object, id to text. With `Off` it is not needed.
    pub fn new(mode: Mode, manifest: &str) -> Result<Self, serde_json::Error> {
        let texts = match mode {
            Mode::Off => HashMap::new(),
            Mode::Allow | Mode::Only => serde_json::from_str(manifest)?,
        };
        Ok(Self { mode, texts })
    }

    /// The text to run: the one that was sent, or the one that the id names.
    pub fn text(&self, text: Option<String>, id: Option<&str>) -> Result<Arc<str>, Fault> {
        let refuse = |message: &str| Err(Fault::new(Code::BadUserInput, message));
        match (self.mode, text, id) {
            (_, Some(_), Some(_)) => refuse("send query or documentId, not both"),
            (_, None, None) => refuse("query is missing"),
            (Mode::Off, None, Some(_)) => refuse("trusted documents are switched off"),
            (Mode::Only, Some(_), None) => refuse("only trusted documents are accepted"),
            (_, Some(text), None) => Ok(text.into()),
            (_, None, Some(id)) => match self.texts.get(id) {
                Some(text) => Ok(text.clone()),
                None => refuse("no trusted document has this id"),
            },
        }
    }
}
