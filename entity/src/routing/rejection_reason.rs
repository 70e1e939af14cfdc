//! The reasons for which sales may reject a lead, in the organisation's own words.

use crate::{handoff::Category, row::row};

row! {
    /// A reason to reject a lead.
    "rejection_reason", RejectionReasonId {
        /// Its name.
        pub name: String,
        /// What kind of reason it is.
        pub category: Category,
        /// Whether a rejection for it must say more.
        pub requires_note: bool,
        /// Days until a lead rejected for it goes back to marketing.
        pub recycle_delay_days: i32,
        /// May be given at present.
        pub active: bool,
    }
}
