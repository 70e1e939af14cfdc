//! Records that are part of one another: nothing may become its own ancestor, also when two changes at once would
//! close the ring.

use std::collections::HashMap;

use sea_orm::{ModelTrait, Value};
use uuid::Uuid;

use super::all_rows;
use crate::{
    error::{Fault, FaultCode, Result},
    graph::{Change, Record},
    store::{Scoped, Tx, column, id_of},
};

/// How far up a parent is looked for; deeper trees are refused.
const DEEPEST: usize = 30;

/// Refuses changes of `parent_id` that would close a ring. One pair of statements per level, however many rows.
pub async fn check<E: Record>(tx: &mut Tx, changes: &mut [Change<E>]) -> Result<()> {
    let mut parents = HashMap::new();
    for change in changes.iter() {
        if let (Some(id), Some(parent)) = moved(change)? {
            parents.insert(id, parent);
        }
    }
    if parents.is_empty() {
        return Ok(());
    }
    climb::<E>(tx, &mut parents).await?;
    for change in changes.iter_mut() {
        if let (Some(id), Some(_)) = moved(change)?
            && circular(id, &parents)
        {
            let message = "this would make the record its own ancestor, or the tree too deep";
            change.faults.push(Fault::new(FaultCode::Validation, "parentId", message));
        }
    }
    Ok(())
}

/// Everything above a record, locked so that nobody moves it meanwhile.
pub async fn ancestors<E: Record>(tx: &mut Tx, id: Uuid) -> Result<Vec<Uuid>> {
    let mut parents = HashMap::from([(Uuid::max(), id)]);
    climb::<E>(tx, &mut parents).await?;
    let mut above = Vec::new();
    let mut at = id;
    while let Some(parent) = parents.get(&at).filter(|p| !p.is_nil() && !above.contains(*p)) {
        above.push(*parent);
        at = *parent;
    }
    Ok(above)
}

/// The row's id and its new parent, if it exists already and gets one.
fn moved<E: Record>(change: &Change<E>) -> Result<(Option<Uuid>, Option<Uuid>)> {
    use sea_orm::ActiveModelTrait;
    let Some(before) = &change.before else { return Ok((None, None)) };
    let parent = match change.row.get(column::<E>("parent_id")?) {
        sea_orm::ActiveValue::Set(Value::Uuid(parent)) => parent,
        _ => None,
    };
    Ok((Some(id_of::<E>(before)?), parent))
}

/// Adds the parents of all ancestors; they stay locked, so that nobody moves them meanwhile.
async fn climb<E: Record>(tx: &mut Tx, parents: &mut HashMap<Uuid, Uuid>) -> Result<()> {
    let everything = all_rows(tx);
    for _ in 0..DEEPEST {
        let mut next: Vec<Uuid> = parents.values().filter(|p| !parents.contains_key(p)).copied().collect();
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            break;
        }
        tx.share(Scoped::<E>::read(&everything).erased(), E::NAME, &next).await?;
        for row in tx.read(Scoped::<E>::read(&everything).ids(&next)).await? {
            if let Value::Uuid(Some(parent)) = row.get(column::<E>("parent_id")?) {
                parents.insert(id_of::<E>(&row)?, parent);
            }
        }
        for id in next {
            parents.entry(id).or_insert(Uuid::nil());
        }
    }
    Ok(())
}

fn circular(id: Uuid, parents: &HashMap<Uuid, Uuid>) -> bool {
    let mut at = id;
    for _ in 0..=DEEPEST {
        match parents.get(&at) {
            Some(parent) if *parent == id => return true,
            Some(parent) if !parent.is_nil() => at = *parent,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(pairs: &[(u128, u128)]) -> HashMap<Uuid, Uuid> {
        pairs.iter().map(|(id, parent)| (Uuid::from_u128(*id), Uuid::from_u128(*parent))).collect()
    }

    #[test]
    fn a_ring_of_any_length_is_found_and_a_long_branch_is_not_one() {
        assert!(circular(Uuid::from_u128(1), &tree(&[(1, 1)])));
        assert!(circular(Uuid::from_u128(1), &tree(&[(1, 2), (2, 3), (3, 1)])));
        assert!(!circular(Uuid::from_u128(1), &tree(&[(1, 2), (2, 3), (3, 0)])));
    }
}
