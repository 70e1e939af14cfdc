//! What people are paid by incentive plans: their terms, runs, what these came to, and who may look at it.

pub mod incentive_access_grant;
pub mod incentive_adjustment;
pub mod incentive_assignment;
pub mod incentive_dispute;
pub mod incentive_run;
pub mod incentive_source;
pub mod incentive_statement;
pub mod incentive_statement_line;
