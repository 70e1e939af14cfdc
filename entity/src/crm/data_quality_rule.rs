//! What ought to be known of records, and which side sees to it.

use crate::{row::row, user::Side, words};

words! {
    /// Records whose data is judged.
    pub enum Subject as "DataQualityEntity" {
        /// Accounts.
        Account = "ACCOUNT",
        /// Contacts.
        Contact = "CONTACT",
        /// Leads that may still become something.
        Lead = "LEAD",
        /// Open opportunities.
        Opportunity = "OPPORTUNITY",
    }

    /// What is asked of a record's data.
    pub enum Check as "DataQualityCheck" {
        /// All of the fields are filled in.
        Complete = "COMPLETE",
        /// Those of the fields that are filled in make sense.
        Valid = "VALID",
        /// It was changed within `maxAgeDays`; an opportunity, came to its stage within them.
        Fresh = "FRESH",
        /// Nobody suspects that it is there twice: it is in no open pair of duplicates.
        Unique = "UNIQUE",
    }
}

row! {
    /// A rule.
    "data_quality_rule", DataQualityRuleId {
        /// What people call it.
        pub name: String,
        /// Whose data.
        pub entity: Subject,
        /// What is asked.
        pub kind: Check,
        /// Of which fields: a list of their names in the schema.
        pub fields: Json,
        /// How old it may be.
        pub max_age_days: Option<i32>,
        /// Which side sees to it.
        pub owner_side: Side,
        /// How much it counts beside the others.
        pub weight: i32,
    }
}
