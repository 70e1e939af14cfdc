//! Which rows a merge gave to the winner, so that it can be undone.

use crate::{id::MergeId, row::row, words};

words! {
    /// What a merge did with rows of other tables.
    pub enum Kind as "MergeMoveKind" {
        /// They name the winner now.
        Moved = "MOVED",
        /// They were deleted, as the winner had one of the same key.
        Folded = "FOLDED",
        /// They took over what a folded row knew.
        Absorbed = "ABSORBED",
    }
}

row! {
    /// Rows of one table that a merge changed.
    "merge_move", MergeMoveId {
        /// The merge.
        pub merge_id: MergeId,
        /// The rows' table.
        pub entity: String,
        /// The column that named a loser.
        pub field: String,
        /// What was done with them.
        pub kind: Kind,
        /// A list of [row, what the column held, the row's version afterwards].
        pub rows: Json,
    }
}
