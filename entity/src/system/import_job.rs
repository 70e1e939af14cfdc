//! Files brought in, and how far each has come.

use crate::{row::row, words};

words! {
    /// How far an import has come.
    pub enum Status as "ImportStatus" {
        /// Set up; nothing of the file was read yet.
        Waiting = "WAITING",
        /// Being read and written, part by part.
        Running = "RUNNING",
        /// Read to the end; every row was brought in.
        Completed = "COMPLETED",
        /// Read to the end; some rows could not be brought in.
        CompletedWithErrors = "COMPLETED_WITH_ERRORS",
        /// Somebody stopped it, or the command line broke off; what it wrote until then stays.
        Cancelled = "CANCELLED",
    }
}

row! {
    /// A file being brought in.
    "import_job", ImportJobId {
        /// Table it is brought into; that of the last step where there are several.
        pub entity: String,
        /// The file's name, as it was uploaded.
        pub file_name: Option<String>,
        /// The steps of the mapping that this file goes through.
        pub mapping: Json,
        /// What the file's first row said: `{delimiter, columns}`; none until it was read.
        pub header: Option<Json>,
        /// How far the file was read, in bytes: the start of the next row.
        pub bytes_read: i64,
        /// How far it has come.
        pub status: Status,
        /// Only read through, write nothing.
        pub dry_run: bool,
        /// Rows in the file, once known.
        pub rows_total: Option<i64>,
        /// Rows read so far.
        pub rows_read: i64,
        /// Records created.
        pub rows_created: i64,
        /// Records changed.
        pub rows_updated: i64,
        /// Records that already were as the row says.
        pub rows_unchanged: i64,
        /// Rows that could not be brought in.
        pub rows_failed: i64,
        /// When writing began.
        pub started_at: Option<DateTimeUtc>,
        /// When it ended, however it ended.
        pub finished_at: Option<DateTimeUtc>,
    }
}
