//! Who visits us before we know them: what a cookie or a device calls itself, and whose it turned out to be.

use crate::{
    id::{ContactId, LeadId},
    row::row,
};

row! {
    /// A visitor.
    "visitor", VisitorId {
        /// What the tracking calls them; unique in the organisation.
        pub key: String,
        /// The lead it turned out to be.
        pub lead_id: Option<LeadId>,
        /// The contact it turned out to be.
        pub contact_id: Option<ContactId>,
        /// When that was first known.
        pub identified_at: Option<DateTimeUtc>,
    }
}
