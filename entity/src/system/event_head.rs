//! How far the sequencer has numbered each organisation's feed.

use crate::{id::OrganizationId, row::table};

table! {
    /// The end of an organisation's feed.
    "event_head" {
        /// The organisation.
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: OrganizationId,
        /// The last number given; 0 before the first.
        pub seq: i64,
    }
}
