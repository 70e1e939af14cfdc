//! What exactly an opportunity would sell, line by line.

use crate::{
    id::{OpportunityId, ProductId},
    money::Currency,
    row::row,
};

row! {
    /// A product on an opportunity.
    "opportunity_line", OpportunityLineId {
        /// The opportunity.
        pub opportunity_id: OpportunityId,
        /// The product.
        pub product_id: ProductId,
        /// How many, in thousandths; none for a lump sum.
        pub quantity_e3: Option<i64>,
        /// Price of one, in minor units.
        pub unit_price_minor: i64,
        /// Currency of both amounts.
        pub currency: Currency,
        /// Price of the line, in minor units.
        pub amount_minor: i64,
    }
}
