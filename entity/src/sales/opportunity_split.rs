//! Who has a share in a sale, and how large it is: what pay for sales is credited by.

use crate::{
    id::{OpportunityId, UserId},
    row::row,
    words,
};

words! {
    /// For what somebody has a share in a sale. The shares of all but OVERLAY are 100 percent together.
    pub enum SplitRole as "SplitRole" {
        /// Sold it.
        Owner = "OWNER",
        /// Found and qualified it.
        Sdr = "SDR",
        /// Showed that it works.
        Se = "SE",
        /// Brought it in.
        Marketing = "MARKETING",
        /// Helped; is credited beside the 100 percent.
        Overlay = "OVERLAY",
    }
}

row! {
    /// Somebody's share in a sale.
    "opportunity_split", OpportunitySplitId {
        /// The sale.
        pub opportunity_id: OpportunityId,
        /// Whose share.
        pub user_id: UserId,
        /// What for.
        pub role: SplitRole,
        /// How much, in hundredths of a percent.
        pub percent_e2: i64,
    }
}
