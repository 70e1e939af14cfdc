//! Every move of an opportunity, and what it was worth before and after. Rows are only added;
//! each begins where the one before it ended.

use crate::{
    id::{OpportunityId, StageId, UserId},
    money::Currency,
    row::row,
    stage::ForecastCategory,
};

row! {
    /// A move of an opportunity from stage to stage.
    "stage_change", StageChangeId {
        /// The opportunity.
        pub opportunity_id: OpportunityId,
        /// The stage it left; none when it was created.
        pub from_stage_id: Option<StageId>,
        /// The stage it came to.
        pub to_stage_id: StageId,
        /// When.
        pub at: DateTimeUtc,
        /// Who moved it; none when the system did.
        pub by: Option<UserId>,
        /// Why, in somebody's words.
        pub reason: Option<String>,
        /// Worth before, in minor units.
        pub amount_before_minor: Option<i64>,
        /// Worth after, in minor units.
        pub amount_after_minor: Option<i64>,
        /// Currency of both.
        pub currency: Option<Currency>,
        /// Close date before.
        pub close_date_before: Option<Date>,
        /// Close date after.
        pub close_date_after: Option<Date>,
        /// Forecast category before.
        pub category_before: Option<ForecastCategory>,
        /// Forecast category after.
        pub category_after: ForecastCategory,
        /// It went back to an earlier stage.
        pub regressed: bool,
    }
}
