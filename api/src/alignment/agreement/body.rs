//! What an agreement of a kind says, as a Rust type, and the version in force at an instant. Stored is an object of one
//! member, which names the kind: `{"glossary": {…}}`.

use async_graphql::{InputType, OutputType};
use chrono::{DateTime, Utc};
use entity::{
    agreement::{self, Kind},
    agreement_version::{Column as C, Entity, Model, Status},
    id::{AgreementVersionId, RowId},
    word::Word,
};
use sea_orm::{
    ColumnTrait, Condition, Order,
    sea_query::{Expr, ExprTrait, NullOrdering, Query, SelectStatement, SimpleExpr},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::{
    crm,
    error::{Error, Fault, Result},
    graph::{field::camel, form::Part},
    store::{Access, Guarded, Scoped, Tx},
};

/// A kind's body: a struct that is its input, its output and what is stored (see `graph::form`).
pub trait Body: OutputType + InputType + Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: Kind;

    /// What is wrong with it, as faults with paths below it.
    fn check(&self) -> Vec<Fault> {
        vec![]
    }
}

/// The version in force.
#[derive(Clone, Debug)]
pub struct Active<B> {
    pub version: AgreementVersionId,
    pub number: i32,
    pub solo: bool,
    pub body: B,
}

/// The version of an agreement in force at this request's instant, whoever asks. One statement.
pub async fn active<B: Body>(access: &Access, key: &str) -> Result<Option<Active<B>>> {
    let all = crm::whole(access);
    let found = in_force(Scoped::read(&all), B::KIND, key, access.now()).one().await?;
    found.map(decode).transpose()
}

/// The same as a unit of work sees it.
pub async fn active_in<B: Body>(tx: &Tx, key: &str) -> Result<Option<Active<B>>> {
    let all = crm::all_rows(tx);
    let found = tx.read(in_force(Scoped::read(&all), B::KIND, key, tx.access().now())).await?;
    found.into_iter().next().map(decode).transpose()
}

/// Every version of an agreement that is or was in force, whoever asks, with the instant from which on it was, in that
/// order. One statement.
pub async fn ratified<B: Body>(access: &Access, key: &str) -> Result<Vec<(DateTime<Utc>, Active<B>)>> {
    let all = crm::whole(access);
    let mut rows = ripe(Scoped::read(&all), B::KIND, key, access.now()).models().await?;
    rows.sort_by_key(|row| (row.effective_from, row.ratified_at, row.number));
    let since = |row: Model| Ok((row.effective_from.unwrap_or_default(), decode(row)?));
    rows.into_iter().map(since).collect()
}

/// A version as what it says, e.g. one that a record is stamped with.
pub fn decode<B: Body>(row: Model) -> Result<Active<B>> {
    let Model { id, number, solo, mut body, .. } = row;
    let body = body.get_mut(member(B::KIND)).map(Json::take).unwrap_or_default();
    let body = serde_json::from_value(body).map_err(|e| Error::internal(format!("{id}: {e}")))?;
    Ok(Active { version: id, number, solo, body })
}

/// Of the versions ratified for an instant that has come the latest, whether or not a job has marked it already.
pub fn in_force(versions: Scoped<Entity>, kind: Kind, key: &str, at: DateTime<Utc>) -> Scoped<Entity> {
    ripe(versions, kind, key, at).shape(latest)
}

/// The id of the version in force of the agreement of the outer query, at the request's instant.
pub fn in_force_of_row(access: &Access) -> SimpleExpr {
    let column = |name: &'static str| Expr::col((Entity::NAME, name));
    let mut of = Query::select();
    of.column((Entity::NAME, "id"))
        .from(Entity::NAME)
        .and_where(column("organization_id").eq(access.actor().organization.uuid()))
        .and_where(column("deleted_at").is_null())
        .and_where(column("agreement_id").equals((agreement::Entity::NAME, "id")))
        .cond_where(has_come(access.now()));
    latest(&mut of);
    SimpleExpr::SubQuery(None, Box::new(of.into()))
}

fn latest(query: &mut SelectStatement) {
    newest(query);
    query.limit(1);
}

/// Of several versions whose instant has come the one in force first.
pub fn newest(query: &mut SelectStatement) {
    for column in ["effective_from", "ratified_at", "number"] {
        query.order_by_with_nulls((Entity::NAME, column), Order::Desc, NullOrdering::Last);
    }
}

/// Ratified for an instant that has come.
pub fn has_come(at: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(C::RatifiedAt.is_not_null())
        .add(C::Status.is_in([Status::Ratified, Status::Active, Status::Superseded]))
        .add(C::EffectiveFrom.lte(at))
}

fn ripe(versions: Scoped<Entity>, kind: Kind, key: &str, at: DateTime<Utc>) -> Scoped<Entity> {
    const TABLE: &str = agreement::Entity::NAME;
    let of = Query::select()
        .column((TABLE, "id"))
        .from(TABLE)
        .and_where(Expr::col((TABLE, "organization_id")).eq(versions.access().actor().organization.uuid()))
        .and_where(Expr::col((TABLE, "kind")).eq(kind.word()))
        .and_where(Expr::col((TABLE, "key")).eq(key))
        .and_where(Expr::col((TABLE, "deleted_at")).is_null())
        .take();
    versions.filter(has_come(at).add(C::AgreementId.in_subquery(of)))
}

/// The member that a kind's bodies are stored under: `STAGE_OWNERSHIP`'s is `stageOwnership`.
pub fn member(kind: Kind) -> String {
    camel(&kind.word().to_lowercase())
}

/// The kind of a stored body.
pub fn kind_of(body: &Json) -> Option<Kind> {
    let (name, _) = body.as_object()?.iter().next()?;
    Kind::VALUES.iter().filter_map(|(word, _)| Kind::parse(word)).find(|kind| member(*kind) == *name)
}

/// A kind's line in the union of all bodies.
pub fn part<B: Body>(about: &'static str) -> Part {
    Part::of(member(B::KIND), about, B::check)
}
