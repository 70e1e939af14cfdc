//! Match keys of two columns: a value that is unique only together with another, such as an event's id with the system
//! that gave it. What is known by such a key is told once: sent again it changes nothing, whatever has become of it.

use std::collections::HashMap;

use sea_orm::{
    Condition,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    super::record::{Meta, Record},
    OnConflict, Outcome, Status,
};
use crate::{
    error::{Fault, FaultCode, Result},
    store::Tx,
};

/// The column that a match key is unique with.
pub(super) fn with(meta: &Meta, column: &str) -> Option<&'static str> {
    meta.fields.iter().find(|f| f.key() == Some(column))?.unique_with
}

/// One key of two values.
pub(super) fn joined(with: &str, key: &str) -> String {
    format!("{with}\u{1f}{key}")
}

/// The rows of such keys, whoever sees them and deleted ones too: one statement.
pub(super) async fn existing<E: Record>(
    tx: &mut Tx,
    (with, name): (&'static str, &'static str),
    keys: &[String],
) -> Result<HashMap<String, Uuid>> {
    let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
    for (of, key) in keys.iter().filter_map(|key| key.split_once('\u{1f}')) {
        groups.entry(of).or_default().push(key);
    }
    let col = |c| Expr::col((E::NAME, c));
    let any = groups.into_iter().fold(Condition::any(), |any, (of, keys)| {
        any.add(Condition::all().add(col(with).eq(of)).add(col(name).is_in(keys)))
    });
    let mut found = HashMap::new();
    for ([of, key], id) in tx.told::<E>([with, name], any).await? {
        // the living one comes first
        found.entry(joined(&of, &key)).or_insert(id);
    }
    Ok(found)
}

/// What is told again of something that is known.
pub(super) fn again(on_conflict: OnConflict, id: Uuid) -> Outcome {
    let status = match on_conflict {
        OnConflict::Update | OnConflict::FillEmpty => Status::Unchanged,
        OnConflict::Skip => Status::Skipped,
        OnConflict::Refuse => {
            return Outcome::failed(vec![Fault::new(FaultCode::Duplicate, "", "a record with this key exists")]);
        }
    };
    Outcome { status, id: Some(id), faults: vec![] }
}
