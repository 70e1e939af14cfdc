//! Accounts that were written before names had keys get theirs: a job that a migration puts down for each organisation
//! that has some. It goes on where it was stopped and finds nothing the next time.

use entity::{account, id::RowId};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};
use uuid::Uuid;

use super::name;
use crate::{
    actor::Permission,
    error::Result,
    store::{Access, Guarded, Scoped, Store, Tx, jobs::Job, unkeyed, within_ids},
};

/// The kind of job; `m0013_keys` of the migrations says it too.
pub const JOB: &str = "account.keys";
/// Accounts that get their keys in one commit.
const BATCH: u64 = 500;

pub async fn work(store: Store, job: Job) -> Result<()> {
    let done = index_all(&job.access(&store)?).await?;
    tracing::info!(done, "accounts got their keys");
    Ok(())
}

async fn index_all(access: &Access) -> Result<usize> {
    let (mut after, mut done) = (Uuid::nil(), 0);
    loop {
        let mut tx = access.next().begin(Permission::AccountUpdate).await?;
        let ids = page(&tx, after).await?;
        let Some(last) = ids.last().copied() else { return Ok(done) };
        let these = within_ids((account::Entity::NAME, "id"), &ids, tx.access().store().backend());
        // locked, so that a name which changes at the same time has the last word
        let rows = tx.lock_followers::<account::Entity>(these).await?;
        let keys: Vec<_> = rows.iter().map(|row| (row.id.uuid(), name::keys(&name::company(&row.name)))).collect();
        tx.rekey::<account::Entity>(&keys, true).await?;
        tx.commit(serde_json::Value::Null).await?;
        (after, done) = (last, done + ids.len());
    }
}

/// The next accounts without keys, deleted ones too: they may be restored.
async fn page(tx: &Tx, after: Uuid) -> Result<Vec<Uuid>> {
    let next = Condition::all()
        .add(Expr::col((account::Entity::NAME, "id")).gt(after))
        .add(unkeyed::<account::Entity>(tx.access()));
    let ids = Scoped::<account::Entity>::with_deleted(tx.access(), account::Entity::READ).filter(next).shape(|q| {
        let id = (account::Entity::NAME, "id");
        q.column(id).order_by(id, sea_orm::Order::Asc).limit(BATCH);
    });
    Ok(tx.cells(ids).await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}
