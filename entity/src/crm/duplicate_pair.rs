//! Two records of one type that may be the same.

use crate::{row::row, words};

words! {
    /// What was decided about two records that may be the same.
    pub enum State as "DuplicatePairState" {
        /// Nobody has looked.
        Open = "OPEN",
        /// Somebody says they are not the same; later scans leave it at that.
        Dismissed = "DISMISSED",
        /// They were made one.
        Merged = "MERGED",
    }
}

row! {
    /// Two records that may be the same.
    "duplicate_pair", DuplicatePairId {
        /// Their table.
        pub entity: String,
        /// The one with the smaller id, which is the older.
        pub first_id: Uuid,
        /// The other.
        pub second_id: Uuid,
        /// How likely they are the same, from 0 to 100.
        pub score: i32,
        /// What speaks for it: a list of words.
        pub rules: Json,
        /// What was decided.
        pub state: State,
    }
}
