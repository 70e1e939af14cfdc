//! Files brought in, and how far each has come.

use crate::{row::row, words};

words! {
    /// How far an import has come.
    pub enum Status as "ImportStatus" {
        /// The file is here.
        Uploaded = "UPLOADED",
        /// Its columns have been given fields.
        Mapped = "MAPPED",
        /// Read through once without writing.
        Validated = "VALIDATED",
        /// Being written.
        Running = "RUNNING",
        /// Every row was written.
        Completed = "COMPLETED",
        /// Some rows could not be written.
        CompletedWithErrors = "COMPLETED_WITH_ERRORS",
        /// It stopped and nothing more will be written.
        Failed = "FAILED",
        /// Somebody stopped it.
        Cancelled = "CANCELLED",
        /// What it wrote was taken back.
        Reverted = "REVERTED",
    }
}

words! {
    /// By what a row is matched with a record that exists.
    pub enum MatchOn as "MatchOn" {
        /// Its id in another system.
        ExternalId = "EXTERNAL_ID",
        /// Its mail address.
        Email = "EMAIL",
        /// Its internet domain.
        Domain = "DOMAIN",
        /// Its id here.
        Id = "ID",
    }
}

words! {
    /// What to do when a row matches a record that exists.
    pub enum OnConflict as "OnConflict" {
        /// Write the row's values over the record's.
        Update = "UPDATE",
        /// Write only where the record has no value.
        FillEmpty = "FILL_EMPTY",
        /// Leave the record as it is.
        Skip = "SKIP",
        /// Report the row as an error.
        Error = "ERROR",
    }
}

row! {
    /// A file being brought in.
    "import_job", ImportJobId {
        /// Table it is brought into.
        pub entity: String,
        /// The file's name, as it was uploaded.
        pub file_name: Option<String>,
        /// List of `{source, target, transform, default}`.
        pub mapping: Json,
        /// How far it has come.
        pub status: Status,
        /// By what rows are matched; none when each makes a new record.
        pub match_on: Option<MatchOn>,
        /// What to do with rows that match.
        pub on_conflict: OnConflict,
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
