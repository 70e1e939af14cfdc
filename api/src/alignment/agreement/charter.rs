//! CHARTER: what both sides are here for, in words.

use async_graphql::{InputObject, SimpleObject};
use entity::agreement::Kind;
use serde::{Deserialize, Serialize};

use super::{Body, text};
use crate::error::Fault;

/// What both sides are here for.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "CharterBodyInput")]
pub struct CharterBody {
    /// Where the organisation wants to be, in plain text. At most 4000 characters.
    pub vision: String,
    /// What both sides do every day to get there, in plain text. At most 4000 characters.
    pub mission: Option<String>,
    /// What holds between the two sides, one sentence each: at most 20 of at most 500 characters.
    pub principles: Option<Vec<String>>,
}

impl Body for CharterBody {
    const KIND: Kind = Kind::Charter;

    fn check(&self) -> Vec<Fault> {
        let mut faults = text::required("vision", &self.vision, 4000);
        faults.extend(text::optional("mission", self.mission.as_deref(), 4000));
        faults.extend(text::list("principles", self.principles.as_deref().unwrap_or_default(), 20, 500));
        faults
    }
}
