//! Records named by their id in another system: `matchOn: EXTERNAL_REF`. A reference is written in the same commit
//! as the record it names; it never moves to another record by an upsert.

use std::collections::HashMap;

use async_graphql::Value as ConstValue;
use entity::external_ref::{self, Entity as Ref};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::{
    Meta,
    args::{member, string},
};
use crate::{
    actor::Permission,
    error::{Error, Fault, FaultCode, Result},
    store::{Guarded, Tx},
};

/// Stands among the match columns for the reference.
pub const MATCH: &str = "external_ref";

/// Whether other systems may name this record: then it has `externalRefs`.
pub fn fits(meta: &Meta) -> bool {
    meta.field("externalRefs").is_some()
}

/// The reference that a row gives, as one key.
pub fn key_of(row: &ConstValue) -> Option<String> {
    let given = member(row, "externalRef")?;
    let text = |name| member(given, name).and_then(string).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    Some(format!("{}\u{1f}{}", text("system")?, text("externalId")?))
}

/// What is wrong with a row's reference, if anything.
pub fn fault(row: &ConstValue) -> Option<Fault> {
    let wrong = |what: &str| Some(Fault::new(FaultCode::Validation, "externalRef", what));
    let Some(key) = key_of(row) else { return wrong("matching by EXTERNAL_REF needs a system and an externalId") };
    let long = key.split('\u{1f}').any(|part| part.chars().count() > 255);
    if long {
        return wrong("system and externalId have at most 255 characters");
    }
    if key.chars().any(|c| c.is_control() && c != '\u{1f}') || key.matches('\u{1f}').count() != 1 {
        return wrong("this holds control characters");
    }
    None
}

/// What is wrong with a row that lacks the field it is matched by.
pub fn unnamed(meta: &Meta, column: Option<&'static str>, row: &ConstValue) -> Option<Fault> {
    let field = meta.fields.iter().find(|field| field.name != "id" && column.is_some() && field.key() == column)?;
    let name = field.input_name();
    let message = "this is what the row is matched by: it cannot be empty";
    member(row, &name).is_none().then(|| Fault::new(FaultCode::Validation, &name, message))
}

/// The records that these references name, by key: one statement for each system.
pub async fn named(tx: &Tx, table: &str, keys: &[String]) -> Result<HashMap<String, Uuid>> {
    if !tx.access().actor().may(Ref::READ) {
        return Err(Error::Forbidden(Ref::READ));
    }
    let mut systems: HashMap<&str, Vec<&str>> = HashMap::new();
    for (system, id) in keys.iter().filter_map(|key| key.split_once('\u{1f}')) {
        systems.entry(system).or_default().push(id);
    }
    let mut found = HashMap::new();
    for (system, ids) in systems {
        let named = tx.named(table, system, &ids).await?;
        found.extend(named.into_iter().map(|(id, record)| (format!("{system}\u{1f}{id}"), record)));
    }
    Ok(found)
}

/// Whoever makes records of another system's names them too.
pub fn may_name(tx: &Tx) -> Result<()> {
    let create = Permission::ExternalRefCreate;
    if tx.access().actor().may(create) { Ok(()) } else { Err(Error::Forbidden(create)) }
}

/// A step: names new records by their keys. What is wrong with one is wrong with the reference of its row.
pub async fn name(tx: &mut Tx, table: &'static str, new: &[(String, Uuid)]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let former = tx.under(Permission::ExternalRefCreate)?;
    let now = tx.access().now();
    let row = |(key, id): &(String, Uuid)| {
        let (system, external_id) = key.split_once('\u{1f}').unwrap_or_default();
        external_ref::ActiveModel {
            system: Set(system.to_owned()),
            external_id: Set(external_id.to_owned()),
            entity_type: Set(table.to_owned()),
            entity_id: Set(*id),
            last_synced_at: Set(Some(now)),
            ..Default::default()
        }
    };
    for some in new.chunks(500) {
        let done = tx.insert_many::<Ref>(some.iter().map(row).collect()).await;
        done.map_err(|error| error.within(&[], "externalRef"))?;
    }
    tx.under(former)?;
    Ok(())
}
