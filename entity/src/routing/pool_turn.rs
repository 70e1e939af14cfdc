//! How many leads each member of a pool was given in a month: what keeps the shares true.

use crate::{
    id::{PoolId, PoolMemberId},
    row::row,
};

row! {
    /// A member's count in a month.
    "pool_turn", PoolTurnId {
        /// The pool.
        pub pool_id: PoolId,
        /// The member.
        pub pool_member_id: PoolMemberId,
        /// The first day of the month, in the organisation's time zone.
        pub month: Date,
        /// Leads given, and those counted as given when they came back.
        pub assigned: i32,
        /// Could be given the last lead.
        pub eligible: bool,
    }
}
