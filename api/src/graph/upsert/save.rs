//! Writes what an upsert came to: new rows in few statements together with the references that name them; if the database
//! refuses one, row by row, so that only that one fails.

use super::{
    super::{
        external,
        record::{Change, Record, update},
    },
    Outcome, Status,
};
use crate::{
    error::{Error, Fault, Result},
    store::{Tx, differing, id_of},
};

/// A row to insert: its place, and what another system calls it.
type New<E> = (usize, Option<String>, <E as sea_orm::EntityTrait>::ActiveModel);
type Model<E> = <E as sea_orm::EntityTrait>::Model;
type Written<E> = Vec<(Option<Model<E>>, Model<E>)>;
type Updated<E> = Result<Model<E>, Vec<Fault>>;

/// Writes the faultless changes; `names` are the references that new rows get.
pub(super) async fn save_all<E: Record>(
    tx: &mut Tx,
    changes: Vec<Change<E>>,
    names: Vec<Option<String>>,
) -> Result<Vec<Outcome>> {
    let mut outcomes = vec![Outcome::failed(vec![]); changes.len()];
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for (at, (change, name)) in changes.into_iter().zip(names).enumerate() {
        if !change.faults.is_empty() {
            outcomes[at].faults = change.faults;
        } else if change.before.is_none() {
            new.push((at, name, change.row));
        } else {
            old.push((at, change));
        }
    }
    if new.iter().any(|(_, name, _)| name.is_some()) {
        external::may_name(tx)?;
    }
    let mut written = Vec::new();
    insert_all::<E>(tx, new, &mut outcomes, &mut written).await?;
    update_all::<E>(tx, old, &mut outcomes, &mut written).await?;
    E::after(tx, &written).await?;
    Ok(outcomes)
}

/// Writes changed rows. What they have of unique own fields is settled for all of them at once; where one is refused for that,
/// row by row.
async fn update_all<E: Record>(
    tx: &mut Tx,
    old: Vec<(usize, Change<E>)>,
    outcomes: &mut [Outcome],
    written: &mut Written<E>,
) -> Result<()> {
    let mut done = None;
    if old.len() > 1 && tx.hold_own(E::NAME) {
        let step = tx.savepoint().await?;
        let all = update_each::<E>(tx, &old).await?;
        match tx.settle_own().await {
            Ok(()) => {
                tx.release().await?;
                done = Some(all);
            }
            Err(Error::Refused(_)) => tx.undo(step).await?,
            Err(error) => return Err(error),
        }
    }
    let done = match done {
        Some(done) => done,
        None => update_each::<E>(tx, &old).await?,
    };
    for ((at, change), done) in old.into_iter().zip(done) {
        let Some(before) = change.before else { continue };
        match done {
            None => {
                outcomes[at] = Outcome { status: Status::Unchanged, id: Some(id_of::<E>(&before)?), faults: vec![] };
            }
            Some(Ok(row)) => {
                outcomes[at] = Outcome { status: Status::Updated, id: Some(id_of::<E>(&row)?), faults: vec![] };
                written.push((Some(before), row));
            }
            Some(Err(faults)) => outcomes[at].faults = faults,
        }
    }
    Ok(())
}

/// Each row behind a savepoint of its own: as it is now, or why it was refused; none where nothing differs.
async fn update_each<E: Record>(tx: &mut Tx, old: &[(usize, Change<E>)]) -> Result<Vec<Option<Updated<E>>>> {
    let mut all = Vec::with_capacity(old.len());
    for (_, change) in old {
        let Some(before) = change.before.clone().filter(|row| !differing::<E>(row, &change.row).is_empty()) else {
            all.push(None);
            continue;
        };
        let row = change.row.clone();
        let done = tx.attempt(|tx| Box::pin(async move { update::<E>(tx, row, Some(&before)).await })).await?;
        all.push(Some(done));
    }
    Ok(all)
}

async fn insert_all<E: Record>(
    tx: &mut Tx,
    mut rows: Vec<New<E>>,
    outcomes: &mut [Outcome],
    written: &mut Written<E>,
) -> Result<()> {
    let most = 30_000 / <E::Column as sea_orm::Iterable>::iter().count();
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(most.min(250)));
        let batch = std::mem::replace(&mut rows, rest);
        let mut done = insert::<E>(tx, batch.clone()).await?;
        if done.is_err() {
            let mut each = Vec::new();
            for row in batch {
                let at = row.0;
                match insert::<E>(tx, vec![row]).await? {
                    Ok(one) => each.extend(one),
                    Err(faults) => outcomes[at].faults = faults,
                }
            }
            done = Ok(each);
        }
        for (at, row) in done.into_iter().flatten() {
            outcomes[at] = Outcome { status: Status::Created, id: Some(id_of::<E>(&row)?), faults: vec![] };
            written.push((None, row));
        }
    }
    Ok(())
}

/// Rows with their references: all of them, or none and why.
async fn insert<E: Record>(tx: &mut Tx, batch: Vec<New<E>>) -> Result<Result<Vec<(usize, Model<E>)>, Vec<Fault>>> {
    tx.attempt(|tx| {
        Box::pin(async move {
            let (mut places, mut rows) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
            for (at, name, row) in batch {
                places.push((at, name));
                rows.push(row);
            }
            let rows = tx.insert_many::<E>(rows).await?;
            let mut named = Vec::new();
            for ((_, name), row) in places.iter_mut().zip(&rows) {
                if let Some(name) = name.take() {
                    named.push((name, id_of::<E>(row)?));
                }
            }
            external::name(tx, E::NAME, &named).await?;
            Ok(places.into_iter().map(|(at, _)| at).zip(rows).collect())
        })
    })
    .await
}
