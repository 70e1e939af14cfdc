//! Rates of exchange. The rate of a day is the latest on or before it.

use crate::{money::Currency, row::row};

row! {
    /// The price of a currency in another, from a day on.
    "exchange_rate", ExchangeRateId {
        /// The currency priced.
        pub base: Currency,
        /// The currency it is priced in.
        pub quote: Currency,
        /// The day from which it holds; unique by base and quote in the organisation.
        pub date: Date,
        /// Units of quote for one of base, times 10^10.
        pub rate_e10: i64,
    }
}
