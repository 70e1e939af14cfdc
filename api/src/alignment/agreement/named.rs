//! The records that an agreement's text names by their ids.

use entity::agreement_version::Entity;
use sea_orm::ActiveValue::Set;

use crate::graph::{
    Change,
    link::{Named, named_in},
};

/// The records that a new text names, and where.
pub fn new(change: &Change<Entity>) -> Vec<Named> {
    let mut found = vec![];
    if let Set(text) = &change.row.body
        && change.before.as_ref().is_none_or(|before| before.body != *text)
    {
        named_in(text, &mut vec!["body".to_owned()], false, &mut found);
    }
    found
}
