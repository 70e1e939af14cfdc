//! Rows of a file that could not be brought in, and why.

use crate::{id::ImportJobId, row::row};

row! {
    /// A row of a file that could not be brought in.
    "import_error", ImportErrorId {
        /// The import.
        pub import_id: ImportJobId,
        /// The row, from 1, not counting the header.
        pub row_number: i64,
        /// What is wrong, as one of the error codes.
        pub code: String,
        /// The field that is wrong; none when it is the whole row.
        pub field: Option<String>,
        /// What is wrong, in words.
        pub message: String,
        /// The row as it was read.
        pub row: Json,
    }
}
