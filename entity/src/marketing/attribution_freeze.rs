//! Periods whose credit stays as it is.

use crate::row::row;

row! {
    /// A period whose credit stays as it is.
    "attribution_freeze", AttributionFreezeId {
        /// Its first instant.
        pub start: DateTimeUtc,
        /// The first instant after it.
        pub end: DateTimeUtc,
        /// What it was frozen for, in plain text.
        pub note: Option<String>,
    }
}
