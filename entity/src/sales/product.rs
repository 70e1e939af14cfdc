//! What an organisation sells.

use crate::{money::Currency, row::row};

row! {
    /// Something sold.
    "product", ProductId {
        /// The name people see.
        pub name: String,
        /// Article number; unique in the organisation.
        pub sku: Option<String>,
        /// What it is a kind of, in the organisation's own words.
        pub family: Option<String>,
        /// Price on the list, in minor units.
        pub list_price_minor: Option<i64>,
        /// Currency of that.
        pub list_price_currency: Option<Currency>,
        /// May be put on new opportunities.
        pub active: bool,
        /// What it is, in plain text.
        pub description: Option<String>,
        /// Lower-case name, article number and family, for search.
        pub search_text: String,
    }
}
