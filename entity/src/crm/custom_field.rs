//! Fields an organisation added to a table; their values are in that table's `custom` column.

use crate::{row::row, words};

words! {
    /// What a custom field holds.
    pub enum Kind as "CustomFieldKind" {
        /// Text.
        Text = "TEXT",
        /// A decimal number.
        Number = "NUMBER",
        /// Yes or no.
        Boolean = "BOOLEAN",
        /// A day.
        Date = "DATE",
        /// One of the options.
        Choice = "CHOICE",
    }
}

row! {
    /// A field an organisation added.
    "custom_field", CustomFieldId {
        /// Table it was added to.
        pub entity: String,
        /// Name of its value in `custom`; unique by entity in the organisation.
        pub key: String,
        /// The name people see.
        pub label: String,
        /// What it holds.
        pub kind: Kind,
        /// List of the words to choose from; empty unless it is a choice.
        pub options: Json,
        /// Must be filled in.
        pub required: bool,
        /// Each value may be there only once among the living records of the table.
        pub unique: bool,
        /// What to fill in, in plain text.
        pub help: Option<String>,
    }
}
