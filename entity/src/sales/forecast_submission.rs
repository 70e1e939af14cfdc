//! What people said their sales would come to: each word stays, a later one follows it.

use crate::{id::UserId, money::Currency, row::row, stage::ForecastCategory};

row! {
    /// Somebody's forecast of a period.
    "forecast_submission", ForecastSubmissionId {
        /// Whose sales.
        pub owner_id: UserId,
        /// The first day of the period.
        pub starts_on: Date,
        /// The first day after it.
        pub ends_on: Date,
        /// How sure they were.
        pub category: ForecastCategory,
        /// What they would come to, in minor units.
        pub amount_minor: i64,
        /// Currency of that.
        pub currency: Currency,
        /// What they said to it.
        pub comment: Option<String>,
    }
}
