//! Who there is and what they may do. Nothing here says what a permission means.

pub mod api_key;
pub mod credential;
pub mod invitation;
pub mod membership;
pub mod organization;
pub mod password_reset;
pub mod reporting_line;
pub mod role;
pub mod role_grant;
pub mod session;
pub mod team;
pub mod user;
