//! What customers answer when they are asked how content they are.

use crate::{id::ContactId, row::row, words};

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
        /// Who answered.
        pub contact_id: ContactId,
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
