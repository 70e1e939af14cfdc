//! Which companies a person is tied to, and how.

use crate::{
    id::{AccountId, ContactId},
    row::row,
};

row! {
    /// A contact's tie to a company.
    "contact_account", ContactAccountId {
        /// The person.
        pub contact_id: ContactId,
        /// The company; once for each person.
        pub account_id: AccountId,
        /// What they do there, in the organisation's own words.
        pub role: Option<String>,
        /// It is their main company.
        pub primary: bool,
    }
}
