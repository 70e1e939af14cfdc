//! Fields that an organisation adds to a table. Definitions are records; their values live in each table's `custom`
//! column and are checked here before they are written. Stored values are not checked again when definitions change, but for
//! those of a field that becomes unique.

mod unique;
mod validate;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    custom_field::{ActiveModel, Column as C, Entity, Kind, Model},
    id::CustomFieldId,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{self, Set},
    ColumnTrait, Condition, ExprTrait, ModelTrait, Value,
    sea_query::Expr,
};

pub use validate::{ENTITIES, Values};

use super::all_rows;
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Field, Item, Meta, Record, Rules},
    store::{Guarded, Op, Scoped, Tx, column, set},
};

impl Guarded for Entity {
    type Id = CustomFieldId;
    const NAME: &'static str = "custom_field";
    const READ: Permission = Permission::CustomFieldRead;
    /// Values of a unique field are written down before it is.
    const NAMED: bool = true;

    /// The whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel {
            options: Set(serde_json::json!([])),
            required: Set(false),
            unique: Set(false),
            ..Default::default()
        }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut() {
                let entity = change.row.entity.try_as_ref().map_or("", String::as_str);
                let kind = change.row.kind.try_as_ref().copied().unwrap_or(Kind::Text);
                let options = change.row.options.try_as_ref().cloned().unwrap_or_default();
                let unique = change.row.unique.try_as_ref().copied().unwrap_or_default();
                change.faults.extend(validate::definition(entity, (kind, unique), &options));
            }
            unique::check(tx, changes).await
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(unique::after(tx, written))
    }

    fn leave<'a>(tx: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(unique::leave(tx, row, op))
    }
}

/// What a record with own fields may answer for a unique one.
pub const REFUSES: (&[&str], &[FaultCode]) = (&["Create", "Update", "Upsert", "Restore"], &[FaultCode::Duplicate]);

const UNIQUE: &str = "Whether a value may be there only once among the records of the type: a second is refused as DUPLICATE with \
                      the field's path, whoever sees the first. Text is compared without case and without blanks around it, \
                      numbers by what they are worth, choices and days as they are; no value, blank text and deleted records are \
                      in nobody's way. Not for a BOOLEAN. Becoming unique is refused as DUPLICATE while records share a value, \
                      and until it is done others wait who write values of the type's fields.";

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::CustomFieldRead,
            create: Some(Permission::CustomFieldCreate),
            update: Some(Permission::CustomFieldUpdate),
            delete: Some(Permission::CustomFieldDelete),
            assign: None,
        };
        let about =
            "A field that the organisation added to a record type; its values are in that type's `customFields`.";
        Meta::new::<Entity>("CustomField", "customFields", about, rules, vec![
            graph::text(C::Entity, "The record type it belongs to: account, contact, lead, campaign or opportunity.")
                .max(20)
                .required()
                .once()
                .filter()
                .order()
                .group(),
            graph::text(C::Key, "Its name in `customFields`: letters, digits and underscores, a letter first. Unique for the record type.")
                .max(63)
                .normal(validate::key)
                .required()
                .once()
                .filter()
                .order(),
            graph::text(C::Label, "The name people see.").max(100).required().write(),
            graph::word::<Kind, _>(C::Kind, "What it holds: TEXT and CHOICE as text, NUMBER as a number, BOOLEAN as true or false, DATE as \"2026-08-07\".")
                .required()
                .once()
                .group(),
            graph::list(C::Options, Item::Text, "For a CHOICE the words to choose from, up to 200; empty otherwise.").write(),
            graph::boolean(C::Required, "Whether new records must have a value.").write(),
            graph::boolean(C::Unique, UNIQUE).write(),
            graph::text(C::Help, "What to fill in, in plain text.").max(1000).write(),
        ])
    });
    &META
}

/// The field `customFields` of a record.
pub fn field<K: ColumnTrait>(custom: K) -> Field {
    let about = "The organisation's own fields: an object from key to value, as `customFields` (the root field) defines \
                 them. In inputs, keys given replace, null removes, other keys stay; of a unique field, a value that another \
                 record has is DUPLICATE.";
    graph::json(custom, about).named("customFields").write()
}

/// Of one record's own fields those that other record types define with the same key and whose values fit there. One
/// statement, none if there are no values.
pub async fn shared(
    tx: &Tx,
    values: &serde_json::Value,
    entities: &[&'static str],
) -> Result<std::collections::BTreeMap<String, Values>> {
    let mut all: std::collections::BTreeMap<String, Values> = std::collections::BTreeMap::new();
    if is_empty(values) {
        return Ok(all);
    }
    let theirs = Condition::all().add(Expr::col((Entity::NAME, C::Entity)).is_in(entities.iter().copied()));
    for definition in tx.read(Scoped::<Entity>::read(&all_rows(tx)).filter(theirs)).await? {
        let value = values.get(&definition.key).filter(|value| validate::fits(&definition, value).is_ok());
        if let Some(value) = value {
            all.entry(definition.entity.clone()).or_default().insert(definition.key.clone(), value.clone());
        }
    }
    Ok(all)
}

/// Checks and merges what the changes give as custom fields. One statement for all of them, none if none is given. That a
/// unique value is not another's is seen where the rows are written.
pub async fn check<E: Record>(tx: &mut Tx, changes: &mut [Change<E>]) -> Result<()> {
    if !changes.iter().any(|change| change.before.is_none() || given::<E>(change).is_some()) {
        return Ok(());
    }
    let definitions = tx.own_fields(E::NAME).await?;
    for change in changes.iter_mut() {
        let given = given::<E>(change);
        if change.before.is_some() && given.is_none() {
            continue;
        }
        let old = change.before.as_ref().map(|row| column::<E>("custom").map(|c| row.get(c))).transpose()?;
        let old = if let Some(Value::Json(Some(json))) = old { *json } else { serde_json::json!({}) };
        match validate::merge(&definitions, &old, given.as_ref(), change.before.is_none()) {
            Ok(merged) => set::<E>(&mut change.row, "custom", merged.into())?,
            Err(faults) => change.faults.extend(faults.into_iter().map(located)),
        }
    }
    Ok(())
}

fn located((key, message): (String, String)) -> Fault {
    let mut fault = Fault::new(FaultCode::Validation, "customFields", message);
    if !key.is_empty() {
        fault.field.push(key);
    }
    fault
}

/// What the client gives; none when it gives nothing.
fn given<E: Record>(change: &Change<E>) -> Option<serde_json::Value> {
    match change.row.get(column::<E>("custom").ok()?) {
        ActiveValue::Set(Value::Json(Some(json))) if !is_empty(&json) || change.before.is_some() => Some(*json),
        _ => None,
    }
}

fn is_empty(json: &serde_json::Value) -> bool {
    json.as_object().is_some_and(serde_json::Map::is_empty)
}
