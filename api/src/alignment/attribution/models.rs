//! The agreements by which credit is given: all that are in force, and one by its id.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    agreement::{self, Column as A, Kind},
    agreement_version::{self as versions, Model, Status},
    id::{AgreementId, AgreementVersionId, RowId},
};
use sea_orm::{ColumnTrait, sea_query::Expr};
use uuid::Uuid;

use super::AttributionBody;
use crate::{
    alignment::agreement::body::{Active, decode, has_come, newest},
    crm::Reader,
    error::Result,
    marketing::attribution::Policy,
    store::{Access, Scoped, within_ids},
};

/// A version of an agreement on credit.
#[derive(Clone, Debug)]
pub struct Agreed {
    pub agreement: AgreementId,
    /// The agreement's name for programs.
    pub key: String,
    pub version: AgreementVersionId,
    pub number: i32,
    /// From when it is in force; what was frozen before does not bind it.
    pub since: Option<DateTime<Utc>>,
    /// Others were, or may be.
    pub in_force: bool,
    /// Both sides have, so that credit is kept by it.
    pub signed: bool,
    pub body: AttributionBody,
    pub policy: Policy,
}

impl Agreed {
    fn of(key: String, row: Model) -> Result<Self> {
        let (agreement, since) = (row.agreement_id, row.effective_from);
        let signed = matches!(row.status, Status::Ratified | Status::Active | Status::Superseded);
        let active = decode::<AttributionBody>(row)?;
        let policy = active.body.policy();
        let Active { version, number, body, .. } = active;
        Ok(Self { agreement, key, version, number, since, in_force: false, signed, body, policy })
    }
}

/// Whether anybody has thought of an agreement on credit, signed or not. One statement.
pub async fn any(reader: Reader<'_>) -> Result<bool> {
    let one = Scoped::<agreement::Entity>::read(&reader.everything())
        .filter(A::Kind.eq(Kind::Attribution))
        .shape(|q| _ = q.expr(Expr::val(1)).limit(1));
    Ok(!reader.cells(one).await?.is_empty())
}

/// Every version that is or was in force, agreement by agreement in the order of their keys, the newest first. One
/// statement where there is none, else two.
pub async fn every(reader: Reader<'_>) -> Result<Vec<Agreed>> {
    let all = reader.everything();
    let agreements =
        reader.models(Scoped::<agreement::Entity>::read(&all).filter(A::Kind.eq(Kind::Attribution))).await?;
    if agreements.is_empty() {
        return Ok(vec![]);
    }
    let ids: Vec<Uuid> = agreements.iter().map(|row| row.id.uuid()).collect();
    let ripe = Scoped::<versions::Entity>::read(&all)
        .filter(has_come(reader.access().now()))
        // of the past only what had been signed then
        .filter(versions::Column::RatifiedAt.lte(reader.access().now()))
        .filter(within_ids(("agreement_version", "agreement_id"), &ids, reader.backend()))
        .shape(newest);
    let keys: HashMap<AgreementId, String> = agreements.into_iter().map(|row| (row.id, row.key)).collect();
    let mut seen = HashSet::new();
    let mut found = vec![];
    for row in reader.models(ripe).await? {
        if let Some(key) = keys.get(&row.agreement_id) {
            let in_force = seen.insert(row.agreement_id);
            found.push(Agreed { in_force, ..Agreed::of(key.clone(), row)? });
        }
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(found)
}

/// Each agreement's version in force, in the order of their keys.
pub async fn in_force(reader: Reader<'_>) -> Result<Vec<Agreed>> {
    Ok(every(reader).await?.into_iter().filter(|one| one.in_force).collect())
}

/// Certain versions, in force or not.
pub async fn versions(reader: Reader<'_>, ids: &[Uuid]) -> Result<Vec<Agreed>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let all = reader.everything();
    let rows = reader.models(Scoped::<versions::Entity>::read(&all).ids(ids)).await?;
    let of: Vec<Uuid> = rows.iter().map(|row| row.agreement_id.uuid()).collect();
    let agreements = Scoped::<agreement::Entity>::read(&all).ids(&of).filter(A::Kind.eq(Kind::Attribution));
    let keys: HashMap<AgreementId, String> =
        reader.models(agreements).await?.into_iter().map(|row| (row.id, row.key)).collect();
    let known = |row: Model| Some(Agreed::of(keys.get(&row.agreement_id)?.clone(), row));
    rows.into_iter().filter_map(known).collect()
}

/// What an id names: an agreement's version in force, or a version, which may be a draft. None without such a one.
pub async fn named(access: &Access, id: &str) -> Result<Option<Agreed>> {
    let reader = Reader::Access(access);
    if let Ok(agreement) = id.parse::<AgreementId>() {
        return Ok(in_force(reader).await?.into_iter().find(|agreed| agreed.agreement == agreement));
    }
    match id.parse::<AgreementVersionId>() {
        Ok(version) => Ok(versions(reader, &[version.uuid()]).await?.pop()),
        Err(_) => Ok(None),
    }
}
