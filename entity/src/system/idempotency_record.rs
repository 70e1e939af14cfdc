//! Calls that were answered, so that the same call again gets the same answer and no second
//! effect. Written in the same commit as the effect.

use crate::{id::OrganizationId, row::table};

table! {
    /// A call that was answered.
    "idempotency_record" {
        /// The organisation it was made in.
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: OrganizationId,
        /// Who made it: a user or a key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub caller: String,
        /// The name they gave it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// SHA-256 of what was asked, in hexadecimal: another call may not use the same name.
        pub request_hash: String,
        /// Ids of what came of it.
        pub result: Json,
        /// The answer as it was sent; none once it has grown old.
        pub body: Option<Vec<u8>>,
        /// When it was answered.
        pub created_at: DateTimeUtc,
    }
}
