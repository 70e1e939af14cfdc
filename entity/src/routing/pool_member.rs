//! Who is in a pool, and how much they take.

use crate::{
    id::{PoolId, UserId},
    row::row,
};

row! {
    /// A user's place in a pool.
    "pool_member", PoolMemberId {
        /// The pool.
        pub pool_id: PoolId,
        /// The user.
        pub user_id: UserId,
        /// Their share of the leads, relative to the others'.
        pub weight: i32,
        /// Most open leads they may have; none: any number.
        pub capacity: Option<i32>,
        /// What they can: a list of words.
        pub skills: Json,
        /// Takes leads outside working hours, too.
        pub ignore_hours: bool,
        /// Away from then on.
        pub absent_from: Option<DateTimeUtc>,
        /// Back from then on.
        pub absent_until: Option<DateTimeUtc>,
    }
}
