//! Which companies both sides go for in a period.

use crate::{row::row, words};

words! {
    /// How much is done for a target account.
    pub enum TargetTier as "TargetTier" {
        /// Each treated as a market of its own.
        Tier1 = "TIER_1",
        /// Treated in small groups.
        Tier2 = "TIER_2",
        /// Treated alike.
        Tier3 = "TIER_3",
    }
}

words! {
    /// How far a list of target accounts can still be changed.
    pub enum TargetListState as "TargetListState" {
        /// Its period has not begun: either side may still take an account off.
        Open = "OPEN",
        /// Its period runs: every change needs both sides.
        Locked = "LOCKED",
        /// Its period is over: nothing changes any more.
        Closed = "CLOSED",
    }
}

row! {
    /// The companies both sides go for in a period.
    "target_list", TargetListId {
        /// Unique in the organisation.
        pub name: String,
        /// The first day.
        pub period_start: Date,
        /// The first day after it.
        pub period_end: Date,
        /// When the first day begins in the organisation's time zone.
        pub locks_at: DateTimeUtc,
        /// When the last day is over.
        pub closes_at: DateTimeUtc,
        /// Most agreed accounts of the first tier.
        pub tier1_cap: Option<i32>,
        /// Most agreed accounts of the second tier.
        pub tier2_cap: Option<i32>,
        /// Most agreed accounts of the third tier.
        pub tier3_cap: Option<i32>,
    }
}
