//! Before and after of personal columns and of pay. Apart from `event`, so that erasure can
//! delete them and leave the trail whole.

use crate::{id::EventId, row::table};

table! {
    /// The part of an event that may be forgotten.
    "event_personal" {
        /// The event it belongs to.
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: EventId,
        /// Object from column to its value before and after.
        pub changed: Json,
    }
}
