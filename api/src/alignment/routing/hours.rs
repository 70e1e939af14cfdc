//! Who is at work at an instant. Whoever has no calendar always is.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::id::UserId;

use crate::{error::Result, store::Tx};

pub async fn at_work(_tx: &Tx, users: &HashSet<UserId>, _at: DateTime<Utc>) -> Result<HashSet<UserId>> {
    Ok(users.clone())
}
