//! Revenue reports as they were on a day. Rows are only added.

use crate::{money::Currency, row::row};

row! {
    /// A report that stays as it was.
    "revenue_report_snapshot", RevenueReportSnapshotId {
        /// What people call it.
        pub title: Option<String>,
        /// The first instant of its period.
        pub starts_at: DateTimeUtc,
        /// The first instant after it.
        pub ends_at: DateTimeUtc,
        /// The instant of its figures.
        pub as_of: DateTimeUtc,
        /// The currency of its amounts.
        pub currency: Currency,
        /// What it said to who sees all records.
        pub whole: Json,
        /// What it said to who sees none of them.
        pub shared: Json,
    }
}
