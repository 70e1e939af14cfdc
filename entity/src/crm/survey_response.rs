//! What customers answer when they are asked how content they are.

use crate::{
    id::{AccountId, ContactId},
    row::row,
    words,
};

words! {
    /// What customers are asked.
    pub enum Kind as "SurveyKind" {
        /// How likely they would recommend us, 0 to 10.
        Nps = "NPS",
        /// How satisfied they are, 1 to 5.
        Csat = "CSAT",
    }
}

row! {
    /// An answer.
    "survey_response", SurveyResponseId {
        /// Who answered, where that is known.
        pub contact_id: Option<ContactId>,
        /// The company that they answered for.
        pub account_id: Option<AccountId>,
        /// What they were asked.
        pub kind: Kind,
        /// Their answer.
        pub score: i32,
        /// When they gave it.
        pub responded_at: DateTimeUtc,
        /// What they said to it.
        pub comment: Option<String>,
    }
}
