//! Fields of which a value may be there only once: what it means for the records that there are when a field becomes unique, or
//! is so no longer. Which records have which value is kept by the store.

use entity::{
    custom_field::{Entity, Kind, Model},
    id::{CustomFieldId, RowId},
};

use super::validate::{self, ENTITIES};
use crate::{
    error::{Error, Fault, FaultCode, Result},
    graph::Change,
    store::{Op, OwnField, Tx, named},
};

/// Fields that become unique: none of their values may be shared by then. Others wait for this work before they write one.
pub(super) async fn check(tx: &mut Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    for change in changes {
        let was = change.before.as_ref().is_some_and(|before| before.unique);
        if was || !change.faults.is_empty() || change.row.unique.try_as_ref() != Some(&true) {
            continue;
        }
        let id = match &change.before {
            Some(before) => before.id,
            None => CustomFieldId::from_uuid(named::<Entity>(&mut change.row)?),
        };
        let entity = change.row.entity.try_as_ref().map_or("", String::as_str);
        let key = change.row.key.try_as_ref().map_or("", String::as_str);
        let kind = change.row.kind.try_as_ref().copied().unwrap_or(Kind::Text);
        let Some(field) = field(id, entity, key, kind) else { continue };
        let shared = tx.gather_own(field, change.before.is_none()).await?;
        change.faults.extend(refusal(shared));
    }
    Ok(())
}

pub(super) async fn after(tx: &mut Tx, written: &[(Option<Model>, Model)]) -> Result<()> {
    for (before, now) in written {
        if before.as_ref().is_some_and(|before| before.unique) && !now.unique {
            tx.drop_own(now.id).await?;
        }
    }
    Ok(())
}

/// With a field its values go and come; it does not come back while several records share one.
pub(super) async fn leave(tx: &mut Tx, row: &Model, op: Op) -> Result<()> {
    let Some(field) = field(row.id, &row.entity, &row.key, row.kind).filter(|_| row.unique) else { return Ok(()) };
    if op != Op::Restored {
        return tx.drop_own(row.id).await;
    }
    let shared = tx.gather_own(field, true).await?;
    refusal(shared).map_or(Ok(()), |fault| Err(Error::Refused(vec![fault])))
}

fn field<'a>(id: CustomFieldId, entity: &str, key: &'a str, kind: Kind) -> Option<OwnField<'a>> {
    let table = ENTITIES.into_iter().find(|table| *table == entity)?;
    // it becomes part of statements
    let key = validate::key(key).is_ok().then_some(key)?;
    Some(OwnField { id, table, key, kind })
}

fn refusal(shared: usize) -> Option<Fault> {
    let message = match shared {
        0 => return None,
        1 => "1 value is shared by several records: change it first".to_owned(),
        n => format!("{n} values are shared by several records: change them first"),
    };
    Some(Fault::new(FaultCode::Duplicate, "unique", message))
}
