//! What people said about being written to and called: each saying stays, the latest of a channel holds.

use crate::{id::ContactId, row::row, words};

words! {
    /// By what somebody is reached.
    pub enum Channel as "ConsentChannel" {
        /// Mails.
        Email = "EMAIL",
        /// Telephone calls.
        Phone = "PHONE",
        /// Short messages to a telephone.
        Sms = "SMS",
        /// Letters.
        Post = "POST",
    }
}

words! {
    /// Whether somebody may be reached by a channel.
    pub enum State as "ConsentState" {
        /// They may.
        Granted = "GRANTED",
        /// They may not, or not any more.
        Withdrawn = "WITHDRAWN",
    }
}

words! {
    /// What allows to reach somebody, or did.
    pub enum Basis as "ConsentBasis" {
        /// They agreed to it.
        Consent = "CONSENT",
        /// A contract with them, or one that they asked to be prepared.
        Contract = "CONTRACT",
        /// An interest of the organisation's that outweighs theirs.
        LegitimateInterest = "LEGITIMATE_INTEREST",
    }
}

row! {
    /// What a contact said of one channel.
    "contact_consent", ContactConsentId {
        /// Who said it.
        pub contact_id: ContactId,
        /// Of what.
        pub channel: Channel,
        /// What they said.
        pub state: State,
        /// What allows it.
        pub basis: Option<Basis>,
        /// Where they said it.
        pub source: Option<String>,
        /// When they said it.
        pub said_at: DateTimeUtc,
        /// What else there is to say, in plain text.
        pub note: Option<String>,
    }
}
