//! What helps to sell: case studies, demos, playbooks.

use crate::{row::row, user::Side, words};

words! {
    /// What sort of content.
    pub enum Kind as "ContentKind" {
        /// How a customer did it.
        CaseStudy = "CASE_STUDY",
        /// What it looks like at work.
        Demo = "DEMO",
        /// Slides.
        Presentation = "PRESENTATION",
        /// What it is, on a page or two.
        Datasheet = "DATASHEET",
        /// How to beat somebody else.
        Battlecard = "BATTLECARD",
        /// How to sell, step by step.
        Playbook = "PLAYBOOK",
        /// A text worth reading.
        Article = "ARTICLE",
        /// None of these.
        Other = "OTHER",
    }

    /// Whether content is to be used.
    pub enum Status as "ContentStatus" {
        /// Not ready.
        Draft = "DRAFT",
        /// To be used.
        Active = "ACTIVE",
        /// Not any more.
        Retired = "RETIRED",
    }
}

row! {
    /// Something that helps to sell.
    "content_asset", ContentAssetId {
        /// The name people see.
        pub title: String,
        /// What sort it is.
        pub kind: Kind,
        /// Whether it is to be used.
        pub status: Status,
        /// Which side keeps it.
        pub owner_side: Side,
        /// For whom it is, in the organisation's own words.
        pub persona: Option<String>,
        /// For which of a buyer's steps, in the organisation's own words.
        pub stage: Option<String>,
        /// Where it is.
        pub url: Option<String>,
        /// Lower-case title, for search.
        pub search_text: String,
    }
}
