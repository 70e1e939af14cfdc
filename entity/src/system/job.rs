//! Work to be done later, by whichever node takes it first. A crash loses none of it.

use crate::{
    id::{JobId, OrganizationId},
    row::table,
};

table! {
    /// Work to be done later.
    "job" {
        /// Which job this is.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: JobId,
        /// The organisation it is for; none for the server's own.
        pub organization_id: Option<OrganizationId>,
        /// What sort of work, such as `webhook.deliver`.
        pub kind: String,
        /// What that work needs to know.
        pub payload: Json,
        /// Not before then.
        pub run_at: DateTimeUtc,
        /// Times it was begun.
        pub attempts: i32,
        /// Times it may be begun.
        pub max_attempts: i32,
        /// Until when a node has it for itself.
        pub locked_until: Option<DateTimeUtc>,
        /// Which node.
        pub locked_by: Option<String>,
        /// Raised each time it is taken: a node with an older number has lost it.
        pub fence: i64,
        /// When it was done.
        pub done_at: Option<DateTimeUtc>,
        /// When it was given up.
        pub failed_at: Option<DateTimeUtc>,
        /// What went wrong the last time.
        pub last_error: Option<String>,
        /// Names its effect, so that the same work is not put down twice.
        pub effect_key: Option<String>,
        /// When it was put down.
        pub created_at: DateTimeUtc,
    }
}
