//! Records made one: what won, what was taken from the others, and whether it was undone.

use crate::row::row;

row! {
    /// Records made one.
    "merge", MergeId {
        /// Their table.
        pub entity: String,
        /// The record that stayed.
        pub winner_id: Uuid,
        /// The others: a list of objects with `id`, and what they were.
        pub losers: Json,
        /// Object from the winner's columns that changed to their values before and after.
        pub taken: Json,
        /// Object from table to how many of its rows went to the winner.
        pub moved: Json,
        /// When it was undone.
        pub undone_at: Option<DateTimeUtc>,
    }
}
