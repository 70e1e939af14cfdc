//! Credit added up by days: what a report adds. Kept in step with the credit by whoever writes that, and made anew from it.

use crate::{attribution::Anchor, id::AgreementVersionId, row::row};

row! {
    /// Credit of a day.
    "attribution_day", AttributionDayId {
        /// The version of the agreement by which it is given.
        pub agreement_version_id: AgreementVersionId,
        /// What it is given for.
        pub anchor: Anchor,
        /// By what it is added up: a word of `Group`, or ALL.
        pub grouping: String,
        /// On which day it counts.
        pub day: Date,
        /// Of which part: `:` and its value, nothing for touches without one, `!` where no touch counted.
        pub part: String,
        /// Corrections of what was frozen, apart from the rest.
        pub adjusts: bool,
        /// Of what currency the money is; empty for sales without an amount.
        pub currency: String,
        /// It is the organisation's; else the sale's own, which could not be converted.
        pub converted: bool,
        /// Credit, in minor units.
        pub amount: i64,
        /// Parts of sales, in units of 10^-12.
        pub weight_e12: i64,
        /// Sales that have credit here.
        pub sales: i64,
        /// Sales of which that is more than nothing.
        pub earning: i64,
        /// Sales before which a touch counted.
        pub influenced: i64,
        /// What these are worth.
        pub influenced_amount: i64,
        /// Sales that began with a touch.
        pub sourced: i64,
        /// What these are worth.
        pub sourced_amount: i64,
    }
}
