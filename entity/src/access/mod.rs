//! Who there is and what they may do. Nothing here says what a permission means.

pub mod organization;
pub mod user;
