//! Teams: they group people and have no hierarchy; who reports to whom is the users' own matter.

use crate::{row::row, words};

words! {
    /// What sort of people a team groups.
    pub enum Kind as "TeamKind" {
        /// Marketing people.
        Marketing = "MARKETING",
        /// Sales people.
        Sales = "SALES",
        /// Customer success people.
        Cs = "CS",
        /// People of both sides, working on one thing.
        Cross = "CROSS",
    }
}

row! {
    /// A team of users.
    "team", TeamId {
        /// Unique in the organisation.
        pub name: String,
        /// What sort of people it groups.
        pub kind: Kind,
        /// What it is for, in plain text.
        pub description: Option<String>,
    }
}
