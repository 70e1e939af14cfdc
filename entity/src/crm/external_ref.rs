//! What a record is called in other systems, so that their next message finds it again.

use crate::row::row;

row! {
    /// A record's id in another system.
    "external_ref", ExternalRefId {
        /// The other system, such as `salesforce`.
        pub system: String,
        /// The id over there; unique by system and entity type in the organisation.
        pub external_id: String,
        /// Table of the record over here.
        pub entity_type: String,
        /// The record over here.
        pub entity_id: Uuid,
        /// When the two were last known to agree.
        pub last_synced_at: Option<DateTimeUtc>,
    }
}
