//! Further addresses and numbers of people: beside the main ones, which the contact itself has.

use crate::{id::ContactId, row::row, words};

words! {
    /// What kind of address it is.
    pub enum Kind as "ContactAddressKind" {
        /// A mail address.
        Email = "EMAIL",
        /// A telephone number.
        Phone = "PHONE",
    }
}

words! {
    /// Where an address leads.
    pub enum Label as "ContactAddressLabel" {
        /// To their place of work.
        Work = "WORK",
        /// To them in private.
        Private = "PRIVATE",
        /// To a telephone that they carry.
        Mobile = "MOBILE",
        /// To somebody who works for them.
        Assistant = "ASSISTANT",
        /// Elsewhere, or nobody knows.
        Other = "OTHER",
    }
}

row! {
    /// One more address or number of a contact.
    "contact_address", ContactAddressId {
        /// Whose it is.
        pub contact_id: ContactId,
        /// What kind it is.
        pub kind: Kind,
        /// Where it leads.
        pub label: Label,
        /// The address, in the one form in which it is compared.
        pub value: String,
    }
}
