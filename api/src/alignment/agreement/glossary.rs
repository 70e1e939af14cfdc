//! GLOSSARY: what a word means to both sides. The word is the agreement's key.

use async_graphql::{ID, InputObject, SimpleObject};
use entity::{agreement::Kind, user::Side};
use serde::{Deserialize, Serialize};

use super::{Body, text};
use crate::{
    error::{Fault, FaultCode},
    graph::{derived::Term, value},
};

/// What a word means to both sides. The word is the agreement's key.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "GlossaryBodyInput")]
pub struct GlossaryBody {
    /// What it means, in plain text. At most 4000 characters.
    pub definition: String,
    /// Cases that it covers and cases that it does not, in plain text, each at most 500 characters, at most 20.
    pub examples: Option<Vec<String>>,
    /// The side that looks after the word; null for both.
    pub owner_side: Option<Term<Side>>,
    /// The agreement that makes it exact, e.g. the qualification for "MQL": an id that begins with `agreement_`.
    pub agreement_id: Option<ID>,
}

impl Body for GlossaryBody {
    const KIND: Kind = Kind::Glossary;

    fn check(&self) -> Vec<Fault> {
        let mut faults = text::required("definition", &self.definition, 4000);
        faults.extend(text::list("examples", self.examples.as_deref().unwrap_or_default(), 20, 500));
        if self.agreement_id.as_ref().is_some_and(|id| value::id("agreement", id).is_none()) {
            faults.push(Fault::new(FaultCode::Validation, "agreementId", "not an id of agreement"));
        }
        faults
    }
}
