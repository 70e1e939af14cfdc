//! The tenant: everything else belongs to one. Its `organization_id` is its own id, so that the
//! tenant rule has no exception.

use crate::{id::BusinessCalendarId, money::Currency, row::row};

row! {
    /// An organisation.
    "organization", OrganizationId {
        /// The name people see.
        pub name: String,
        /// The name in addresses: lower case, digits and hyphens; unique on the server.
        pub slug: String,
        /// IANA time zone in which its days, months and quarters begin.
        pub time_zone: String,
        /// Totals are converted into this currency.
        pub base_currency: Currency,
        /// Since when; none: it has always been so.
        pub base_currency_since: Option<DateTimeUtc>,
        /// Month in which its year begins, 1 to 12.
        pub fiscal_year_start_month: i32,
        /// Its business hours, for those without hours of their own.
        pub business_calendar_id: Option<BusinessCalendarId>,
        /// Its only administrator may turn every key of an agreement.
        pub solo_mode: bool,
        /// Executives may decide where one side has turned its key to an agreement and the other has not.
        pub agreement_tie_break: bool,
        /// How many days old a rate of exchange may be when something is converted by it.
        pub rate_max_age_days: i32,
    }
}
