//! People in incentive plans: the terms that are signed with the plan's version.

use crate::{
    id::{AgreementVersionId, UserId},
    money::Currency,
    row::row,
    user::Side,
};

row! {
    /// Somebody's terms in a version of an incentive plan. Amounts are minor units, for the plan's whole period.
    "incentive_assignment", IncentiveAssignmentId {
        /// The version of the plan.
        pub agreement_version_id: AgreementVersionId,
        /// Whose terms.
        pub user_id: UserId,
        /// On which side they are paid.
        pub side: Side,
        /// What is paid when every goal is reached exactly.
        pub target_bonus_minor: i64,
        /// Currency of that; the plan's, as that of every amount.
        pub currency: Currency,
        /// What commissions are measured by.
        pub quota_minor: Option<i64>,
        /// Currency of that.
        pub quota_currency: Option<Currency>,
        /// The first day in the plan; the plan's unless set.
        pub starts_on: Option<Date>,
        /// The first day no longer in it.
        pub ends_on: Option<Date>,
        /// At least this is paid.
        pub guarantee_minor: Option<i64>,
        /// Currency of that.
        pub guarantee_currency: Option<Currency>,
        /// Paid in advance.
        pub draw_minor: Option<i64>,
        /// Currency of that.
        pub draw_currency: Option<Currency>,
        /// What of the draw was not earned is kept from later pay.
        pub draw_recoverable: bool,
        /// Their weight in pools that are shared by weight.
        pub pool_weight: i32,
    }
}
