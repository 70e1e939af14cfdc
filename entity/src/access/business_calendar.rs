//! When people work: open hours of each weekday, and days off.

use crate::row::row;

row! {
    /// A calendar of business time.
    "business_calendar", BusinessCalendarId {
        /// The name people see.
        pub name: String,
        /// IANA time zone in which its hours and days are meant.
        pub time_zone: String,
        /// Hours of the week and holidays.
        pub schedule: Json,
    }
}
