//! People we know by name, at the companies we sell to.

use crate::{
    contact_consent::State,
    id::{AccountId, UserId},
    row::row,
};

row! {
    /// A person at a company.
    "contact", ContactId {
        /// Given name.
        pub first_name: Option<String>,
        /// Family name.
        pub last_name: String,
        /// Main mail address, lower case; unique in the organisation.
        pub email: Option<String>,
        /// Telephone number, E.164.
        pub phone: Option<String>,
        /// Job title, as they write it.
        pub title: Option<String>,
        /// Part they play in buying, in the organisation's own words.
        pub persona: Option<String>,
        /// Where they work, ISO 3166-1 alpha-2.
        pub country: Option<String>,
        /// Who looks after them.
        pub owner_id: Option<UserId>,
        /// Their main company; others are in `contact_account`.
        pub account_id: Option<AccountId>,
        /// What else there is to say, in plain text.
        pub description: Option<String>,
        /// The organisation's own fields: an object from key to value.
        pub custom: Json,
        /// What they said last about mails.
        pub email_consent: Option<State>,
        /// What they said last about telephone calls.
        pub phone_consent: Option<State>,
        /// What they said last about short messages.
        pub sms_consent: Option<State>,
        /// What they said last about letters.
        pub post_consent: Option<State>,
        /// Lower-case names and, unless mails are not wanted, mail address, for search.
        pub search_text: String,
    }
}
