//! Figures that cannot be told of the past, as they were on each day. Rows are only added.

use crate::row::row;

row! {
    /// A metric over the whole organisation on a day. Values count in millionths.
    "metric_day", MetricDayId {
        /// Which metric.
        pub metric_key: String,
        /// The day where the organisation is; one figure for each.
        pub day: Date,
        /// The instant at which it was measured.
        pub at: DateTimeUtc,
        /// The version of the metric's formula.
        pub formula_version: i32,
        /// On how many records it rests.
        pub records: i32,
        /// The value, where it had one.
        pub value: Option<i64>,
        /// What was divided.
        pub numerator: Option<i64>,
        /// By what it was divided.
        pub denominator: Option<i64>,
        /// What it was made of: each rule with its records and those that passed it.
        pub parts: Json,
        /// SHA-256 of the rules that were asked, in hexadecimal.
        pub rules_hash: String,
        /// It says nothing of few records, nor does what changed since the last one that does not either: it may be told to
        /// who does not see all records.
        pub told: bool,
    }
}
