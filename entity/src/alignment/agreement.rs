//! Agreements between marketing and sales. What they say is in their versions.

use crate::{row::row, words};

words! {
    /// What an agreement is about.
    pub enum Kind as "AgreementKind" {
        /// What makes a lead qualified for a stage.
        Qualification = "QUALIFICATION",
        /// How leads are scored.
        Scoring = "SCORING",
        /// How soon leads are answered.
        Sla = "SLA",
        /// Who gets which lead.
        Routing = "ROUTING",
        /// Who gets credit for what was won.
        Attribution = "ATTRIBUTION",
        /// A goal both sides answer for.
        Goal = "GOAL",
        /// What is paid for what is reached. Needs the FINANCE key too.
        IncentivePlan = "INCENTIVE_PLAN",
        /// What a word means.
        Glossary = "GLOSSARY",
        /// Which side answers for which stage.
        StageOwnership = "STAGE_OWNERSHIP",
        /// What both sides are here for.
        Charter = "CHARTER",
        /// How the alignment of both sides is measured.
        AlignmentIndex = "ALIGNMENT_INDEX",
    }
}

row! {
    /// An agreement.
    "agreement", AgreementId {
        /// What it is about.
        pub kind: Kind,
        /// Its name for programs; unique in the organisation among those of its kind.
        pub key: String,
        /// The name people see.
        pub title: String,
        /// What else there is to say, in plain text.
        pub description: Option<String>,
        /// Lower-case key and title, for search.
        pub search_text: String,
    }
}
