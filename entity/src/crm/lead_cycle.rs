//! When a lead first came to each step of the funnel in one of its rounds: what funnels read. Kept by the lead's own
//! writes.

use crate::{id::LeadId, row::row};

row! {
    /// A round of a lead.
    "lead_cycle", LeadCycleId {
        /// The lead.
        pub lead_id: LeadId,
        /// Which round, from 1.
        pub cycle_no: i32,
        /// When it began.
        pub began_at: DateTimeUtc,
        /// When the lead first was an MQL or further.
        pub mql_at: Option<DateTimeUtc>,
        /// When sales had first accepted it.
        pub sal_at: Option<DateTimeUtc>,
        /// When it first was an SQL or further.
        pub sql_at: Option<DateTimeUtc>,
        /// When it was converted.
        pub converted_at: Option<DateTimeUtc>,
        /// When it came to where it goes no further; none while it may.
        pub ended_at: Option<DateTimeUtc>,
    }
}
