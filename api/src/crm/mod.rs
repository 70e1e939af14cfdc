//! Customers and work with them: accounts, contacts, leads, opportunities, activities. No campaigns, no goals.

pub mod lead;
pub mod external_ref;
