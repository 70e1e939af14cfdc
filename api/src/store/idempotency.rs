//! Idempotency keys: the key row commits with the effect, so that a retry finds either both or nothing.
//! Refusals are not remembered: they roll back and take the key with them.

use sea_orm::{
    ConnectionTrait, ExprTrait, QueryResult, Value,
    sea_query::{Expr, OnConflict, Query},
};

use super::{Key, Store, Tx};
use crate::error::{Error, Result};

/// What is known of a key.
#[derive(Debug, PartialEq)]
pub enum Stored {
    /// Never seen, or its request was refused.
    New,
    /// Seen with other parameters.
    Reused,
    /// The answer that was given.
    Body(Vec<u8>),
    /// The effect is there, but the answer was not stored before a crash: render it from these ids.
    Ids(serde_json::Value),
}

const TABLE: &str = "idempotency_record";

/// Takes the key, or says that its effect already happened. Two at once: the second waits for the first to end.
pub(super) async fn claim(tx: &mut Tx, key: &Key) -> Result<()> {
    let organization = tx_organization(tx);
    let values: [Value; 6] = [
        organization.into(),
        key.caller.as_str().into(),
        key.key.as_str().into(),
        key.hash.as_str().into(),
        serde_json::Value::Null.into(),
        tx.access().now().into(),
    ];
    let insert = Query::insert()
        .into_table(TABLE)
        .columns(["organization_id", "caller", "key", "request_hash", "result", "created_at"])
        .values(values.map(Expr::val))
        .map_err(Error::internal)?
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .take();
    if tx.db().execute(&insert).await?.rows_affected() == 1 {
        return Ok(());
    }
    let row = tx.db().query_one(&find(organization, key)).await?;
    Err(match row.map(|row| read(&row, key)).transpose()? {
        Some(Stored::Reused) => Error::KeyReused,
        Some(Stored::Ids(ids)) => Error::Replayed(ids),
        _ => Error::KeyInProgress,
    })
}

/// Writes the ids of the answer beside the effect.
pub(super) async fn finish(tx: &Tx, key: &Key, answer: serde_json::Value) -> Result<()> {
    let update = Query::update().table(TABLE).value("result", answer).cond_where(this(tx_organization(tx), key)).take();
    tx.db().execute(&update).await?;
    Ok(())
}

fn tx_organization(tx: &Tx) -> uuid::Uuid {
    entity::id::RowId::uuid(tx.access().actor().organization)
}

fn this(organization: uuid::Uuid, key: &Key) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(Expr::col("organization_id").eq(organization))
        .add(Expr::col("caller").eq(key.caller.as_str()))
        .add(Expr::col("key").eq(key.key.as_str()))
}

fn find(organization: uuid::Uuid, key: &Key) -> sea_orm::sea_query::SelectStatement {
    let columns = ["request_hash", "result", "body"];
    Query::select().columns(columns).from(TABLE).cond_where(this(organization, key)).take()
}

fn read(row: &QueryResult, key: &Key) -> Result<Stored> {
    if row.try_get_by_index::<String>(0)? != key.hash {
        return Ok(Stored::Reused);
    }
    let ids: Option<serde_json::Value> = row.try_get_by_index(1)?;
    Ok(match row.try_get_by_index::<Option<Vec<u8>>>(2)? {
        Some(body) => Stored::Body(body),
        None => Stored::Ids(ids.unwrap_or_default()),
    })
}

impl Store {
    /// What this key has done so far.
    pub async fn stored(&self, organization: uuid::Uuid, key: &Key) -> Result<Stored> {
        self.count();
        let row = self.0.writer.query_one(&find(organization, key)).await?;
        row.map_or(Ok(Stored::New), |row| read(&row, key))
    }

    /// Keeps the answer, to give it again to the byte. Only for a key whose effect has committed.
    pub async fn remember(&self, organization: uuid::Uuid, key: &Key, body: &[u8]) -> Result<()> {
        self.count();
        let update =
            Query::update().table(TABLE).value("body", body.to_vec()).cond_where(this(organization, key)).take();
        let work = self.begin().await?;
        work.execute(&update).await?;
        Ok(work.commit().await?)
    }
}
