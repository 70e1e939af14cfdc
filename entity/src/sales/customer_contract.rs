//! What customers pay again and again, from a day to another: what retention is reckoned from.

use crate::{
    id::{AccountId, OpportunityId, ProductId},
    money::Currency,
    row::row,
};

row! {
    /// A contract with a customer.
    "customer_contract", CustomerContractId {
        /// The customer.
        pub account_id: AccountId,
        /// What it is for.
        pub product_id: Option<ProductId>,
        /// The sale that it was made by.
        pub opportunity_id: Option<OpportunityId>,
        /// Its first day.
        pub starts_on: Date,
        /// The first day after it; none while it goes on.
        pub ends_on: Option<Date>,
        /// What it brings in a month, in minor units.
        pub monthly_minor: i64,
        /// Currency of that.
        pub currency: Currency,
        /// Why the customer left, in somebody's words.
        pub churn_reason: Option<String>,
        /// When it was cancelled.
        pub cancelled_at: Option<DateTimeUtc>,
        /// What was paid back to the customer, in minor units.
        pub refunded_minor: Option<i64>,
    }
}
