//! People who sign in. Their passwords are kept apart, in `credential`.

use crate::{
    id::{BusinessCalendarId, UserId},
    row::row,
    words,
};

words! {
    /// Which side of the house a person or a promise belongs to.
    pub enum Side as "Side" {
        /// Finds and warms people.
        Marketing = "MARKETING",
        /// Talks to them and closes.
        Sales = "SALES",
    }
}

row! {
    /// A person who signs in.
    "user", UserId {
        /// Lower case; unique in the organisation.
        pub email: String,
        /// The name people see.
        pub name: String,
        /// None for those on neither side: finance, operations, administrators.
        pub side: Option<Side>,
        /// Where they work, in the organisation's own words.
        pub region: Option<String>,
        /// May sign in and be given work.
        pub active: bool,
        /// When they were asked to join.
        pub invited_at: Option<DateTimeUtc>,
        /// When they first chose a password.
        pub activated_at: Option<DateTimeUtc>,
        /// Their manager.
        pub reports_to_id: Option<UserId>,
        /// Their business hours; the organisation's unless set.
        pub calendar_id: Option<BusinessCalendarId>,
        /// Lower-case name and mail address, for search.
        pub search_text: String,
    }
}
