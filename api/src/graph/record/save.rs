//! Steps that write rows by their table's rules.

use indexmap::IndexMap;
use sea_orm::{IdenStatic, ModelTrait};

use super::{Change, Record};
use crate::{
    error::{Error, Result},
    graph::{link, patch::Patch, repoint::lay},
    store::{Op, Tx, Values, differing, set},
};

/// A step: checks one row by its table's rules and writes it.
pub async fn save<E: Record>(tx: &mut Tx, before: Option<E::Model>, patch: Patch) -> Result<E::Model> {
    let mut changes = vec![patch.apply::<E>(before, tx.access().now())];
    link::check::<E>(tx, &mut changes).await?;
    let change = changes.pop().ok_or_else(|| Error::internal("a change without its row"))?;
    if !change.faults.is_empty() {
        return Err(Error::Refused(change.faults));
    }
    let row = match &change.before {
        None => tx.insert::<E>(change.row).await?,
        Some(_) => update::<E>(tx, change.row, change.before.as_ref()).await?,
    };
    let written = [(change.before, row)];
    E::after(tx, &written).await?;
    let [(_, row)] = written;
    Ok(row)
}

/// `save` for many rows that exist, their rules asked once for all; those that change alike are written in one statement
/// if the caller may change any of the table.
pub async fn save_all<E: Record>(tx: &mut Tx, rows: Vec<(E::Model, Patch)>) -> Result<Vec<E::Model>> {
    let now = tx.access().now();
    let mut changes: Vec<_> = rows.into_iter().map(|(before, patch)| patch.apply::<E>(Some(before), now)).collect();
    link::check::<E>(tx, &mut changes).await?;
    let faults: Vec<_> = changes.iter_mut().flat_map(|change| std::mem::take(&mut change.faults)).collect();
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    let written = if E::every(tx.access().actor(), tx.permission()) {
        write_alike::<E>(tx, changes).await?
    } else {
        let mut written = Vec::with_capacity(changes.len());
        for change in changes {
            let row = update::<E>(tx, change.row, change.before.as_ref()).await?;
            written.push((change.before, row));
        }
        written
    };
    E::after(tx, &written).await?;
    Ok(written.into_iter().map(|(_, row)| row).collect())
}

/// One statement for all rows that get the same values.
async fn write_alike<E: Record>(tx: &mut Tx, changes: Vec<Change<E>>) -> Result<Vec<(Option<E::Model>, E::Model)>> {
    let mut groups: IndexMap<String, (Values, Vec<E::Model>)> = IndexMap::new();
    for Change { before, mut row, .. } in changes {
        let Some(before) = before else { continue };
        if let Some(text) = E::search_text(&row) {
            set::<E>(&mut row, "search_text", text.into())?;
        }
        let cells = differing::<E>(&before, &row).into_iter();
        let values: Values = cells.map(|(column, value)| (column.as_str(), value)).collect();
        groups.entry(format!("{values:?}")).or_insert_with(|| (values, vec![])).1.push(before);
    }
    let mut written = Vec::new();
    for (values, rows) in groups.into_values() {
        if values.iter().all(|(name, _)| E::QUIET.contains(name)) {
            for row in rows {
                let after = tx.update::<E>(lay::<E>(row.clone(), values.clone())?).await?;
                written.push((Some(row), after));
            }
            continue;
        }
        let after = tx.set_all_named::<E>(&rows, &values, Op::Updated, E::event).await?;
        written.extend(rows.into_iter().map(Some).zip(after));
    }
    Ok(written)
}

/// Writes a changed row; the event gets the name the record has for such a change.
pub(in crate::graph) async fn update<E: Record>(
    tx: &mut Tx,
    row: E::ActiveModel,
    before: Option<&E::Model>,
) -> Result<E::Model> {
    let after = tx.update::<E>(row).await?;
    let version = crate::store::column::<E>("version")?;
    let changed = before.filter(|before| before.get(version) != after.get(version));
    if let Some(kind) = changed.and_then(|before| E::event(before, &after)) {
        tx.emit(kind);
    }
    Ok(after)
}
