//! Groups of people who take leads in turn.

use crate::row::row;

row! {
    /// People who take leads in turn.
    "pool", PoolId {
        /// Its name.
        pub name: String,
        /// Is given leads at present.
        pub active: bool,
    }
}
