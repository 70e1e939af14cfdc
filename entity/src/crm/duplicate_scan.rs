//! A search of all records of one type for duplicates.

use crate::{row::row, words};

words! {
    /// How far a scan is.
    pub enum Status as "DuplicateScanStatus" {
        /// Waits for a runner.
        Queued = "QUEUED",
        /// Goes on.
        Running = "RUNNING",
        /// Has ended.
        Done = "DONE",
    }
}

words! {
    /// Records of which there may be duplicates.
    pub enum Of as "DuplicateScanOf" {
        /// Leads.
        Lead = "LEAD",
        /// Contacts.
        Contact = "CONTACT",
        /// Accounts.
        Account = "ACCOUNT",
    }
}

row! {
    /// A search for duplicates.
    "duplicate_scan", DuplicateScanId {
        /// What is searched.
        pub entity: Of,
        /// How far it is.
        pub status: Status,
        /// How many records it read.
        pub records: i32,
        /// How many pairs it found.
        pub found: i32,
        /// How many of them were new.
        pub opened: i32,
        /// When it began.
        pub started_at: Option<DateTimeUtc>,
        /// When it ended.
        pub ended_at: Option<DateTimeUtc>,
    }
}
