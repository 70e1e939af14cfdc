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
    Bulk, OnConflict, Outcome, Status, key_of,
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

/// Somebody else told the same at the same time and was first: it is known by now.
pub(super) async fn overtaken<E: Record>(tx: &mut Tx, bulk: &Bulk, outcomes: &mut [Option<Outcome>]) -> Result<()> {
    let meta = E::meta();
    let Some((with, name)) = bulk.match_on.and_then(|name| Some((self::with(meta, name)?, name))) else {
        return Ok(());
    };
    let refused = |outcome: &Option<Outcome>| {
        // the same twice in one call has no field to blame, and stays refused
        let by_database = |fault: &Fault| fault.code == FaultCode::Duplicate && !fault.field.is_empty();
        outcome.as_ref().is_some_and(|o| !o.faults.is_empty() && o.faults.iter().all(by_database))
    };
    let places: Vec<usize> = (0..outcomes.len()).filter(|at| refused(&outcomes[*at])).collect();
    let keys: Vec<(usize, String)> =
        places.into_iter().filter_map(|at| Some((at, key_of(meta, name, &bulk.rows[at])?))).collect();
    if keys.is_empty() || bulk.on_conflict == OnConflict::Refuse {
        return Ok(());
    }
    let wanted: Vec<String> = keys.iter().map(|(_, key)| key.clone()).collect();
    let known = existing::<E>(tx, (with, name), &wanted).await?;
    for (at, key) in keys {
        if let Some(id) = known.get(&key) {
            outcomes[at] = Some(again(bulk.on_conflict, *id));
        }
    }
    Ok(())
}
