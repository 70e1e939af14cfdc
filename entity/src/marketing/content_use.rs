//! When content was used, and by whom.

use crate::{
    id::{ContentAssetId, OpportunityId, UserId},
    row::row,
    words,
};

words! {
    /// What was done with content.
    pub enum ContentEvent as "ContentEvent" {
        /// Somebody of us looked at it.
        Viewed = "VIEWED",
        /// Somebody of us took it.
        Downloaded = "DOWNLOADED",
        /// Somebody of us sent or showed it to a buyer.
        Shared = "SHARED",
        /// A buyer opened it.
        OpenedByBuyer = "OPENED_BY_BUYER",
    }
}

row! {
    /// A use of content.
    "content_use", ContentUseId {
        /// The content.
        pub content_asset_id: ContentAssetId,
        /// Who of us used it.
        pub user_id: UserId,
        /// For which sale.
        pub opportunity_id: Option<OpportunityId>,
        /// What was done.
        pub event: ContentEvent,
        /// When.
        pub at: DateTimeUtc,
    }
}
