//! What happened to whom: the audit trail, the change feed and the outbox in one table, written
//! in the same commit as the change itself.

use crate::{
    id::{ApiKeyId, EventId, OrganizationId, UserId},
    row::table,
    words,
};

words! {
    /// What was done to a record.
    pub enum Op as "EventOp" {
        /// It came into being.
        Created = "CREATED",
        /// Some of its fields changed.
        Updated = "UPDATED",
        /// It was deleted, and can be restored.
        Deleted = "DELETED",
        /// It was brought back.
        Restored = "RESTORED",
        /// It was merged into another record.
        Merged = "MERGED",
    }
}

table! {
    /// Something that happened to a record.
    "event" {
        /// Order of insertion, given by the database; may have gaps and commit out of order.
        #[sea_orm(primary_key)]
        pub pos: i64,
        /// Place in the organisation's feed, from 1 without gaps; none until the sequencer saw it.
        pub seq: Option<i64>,
        /// Which event this is.
        pub id: EventId,
        /// The organisation it happened in.
        pub organization_id: OrganizationId,
        /// Table of the record.
        pub entity: String,
        /// The record.
        pub entity_id: Uuid,
        /// What was done.
        pub op: Op,
        /// What it meant, such as `lead.created`.
        pub kind: String,
        /// Version of the record after it.
        pub version: i32,
        /// Who did it; none when the system did.
        pub actor_id: Option<UserId>,
        /// The key used, when a program did it.
        pub api_key_id: Option<ApiKeyId>,
        /// The permission it was done with.
        pub permission: String,
        /// When.
        pub at: DateTimeUtc,
        /// The request it came with.
        pub request_id: Option<String>,
        /// Object from column to its value before and after; hashes where the column is personal.
        pub changed: Json,
    }
}
