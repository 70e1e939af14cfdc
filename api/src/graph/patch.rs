//! A patch: what a client wants a row to be. Reads the input by the record's fields, collects every fault at once,
//! and lays the values over the row. Absent keeps, null clears.

use async_graphql::Value as ConstValue;
use chrono::{DateTime, Utc};
use entity::money::Money;
use sea_orm::{IntoActiveModel, Value};

use super::{
    args::{member, members, string},
    field::{Field, Kind, Shape, Write},
    record::{Change, Meta, Record},
    value,
};
use crate::{
    error::{Fault, FaultCode, Result},
    store::column,
};

/// Values by column, and what was wrong with the others.
#[derive(Default, Clone)]
pub struct Patch {
    pub values: Vec<(&'static str, Value)>,
    pub faults: Vec<Fault>,
}

impl Patch {
    /// Reads the members of an input object; `new` is a create, which must bring what is required.
    pub fn read(meta: &'static Meta, input: &ConstValue, new: bool) -> Self {
        let mut patch = Self::default();
        for field in meta.fields.iter().filter(|f| f.write == Write::Always || (new && f.write == Write::Once)) {
            let name = field.input_name();
            let given = members(input).find(|(member, _)| *member == name).map(|(_, v)| v);
            match given {
                None if new && field.required => patch.fault(&name, "this is required"),
                None => {}
                Some(ConstValue::Null) if field.required || !field.null => patch.fault(&name, "this cannot be null"),
                Some(v) => patch.take(field, &name, v),
            }
        }
        patch
    }

    /// Reads what is given of a new row: what is missing comes from elsewhere.
    pub fn some(meta: &'static Meta, input: &ConstValue) -> Self {
        let mut patch = Self::default();
        for field in meta.fields.iter().filter(|f| f.write != Write::Never) {
            let name = field.input_name();
            match member(input, &name) {
                None => {}
                Some(v) => patch.take(field, &name, v),
            }
        }
        patch
    }

    /// Reads what a step is told: null is as good as absent.
    pub fn told(fields: &'static [Field], input: &ConstValue) -> Self {
        let mut patch = Self::default();
        for field in fields {
            let name = field.input_name();
            match member(input, &name) {
                None if field.required => patch.fault(&name, "this is required"),
                None => {}
                Some(v) => patch.take(field, &name, v),
            }
        }
        patch
    }

    /// A value that no column holds, or that goes elsewhere: taken out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.values.iter().position(|(column, _)| *column == name)?;
        Some(self.values.swap_remove(at).1)
    }

    #[must_use]
    pub fn with(mut self, column: &'static str, v: impl Into<Value>) -> Self {
        self.remove(column);
        self.values.push((column, v.into()));
        self
    }

    fn take(&mut self, field: &Field, name: &str, given: &ConstValue) {
        let null = *given == ConstValue::Null;
        match field.shape {
            Shape::Column(column, kind) if null => self.values.push((column, value::null(kind))),
            Shape::One(column, _) if null => self.values.push((column, Value::Uuid(None))),
            Shape::Column(column, Kind::Form(form)) => match form.read(given) {
                Ok(json) => self.values.push((column, json.into())),
                Err(faults) => self.faults.extend(faults.into_iter().map(|f| f.under(name))),
            },
            Shape::Column(column, Kind::List(item)) => match item.read(given) {
                Ok(json) => self.values.push((column, json.into())),
                Err(faults) => self.faults.extend(faults.into_iter().map(|f| f.under(name))),
            },
            Shape::Column(column, kind) => match scalar(field, kind, given) {
                Ok(v) => self.values.push((column, v)),
                Err(what) => self.fault(name, what),
            },
            Shape::One(column, to) => match value::read(Kind::Id(to().table), given) {
                Ok(v) => self.values.push((column, v)),
                Err(what) => self.fault(name, what),
            },
            Shape::Money(amount, currency) if null => {
                self.values.push((amount, Value::BigInt(None)));
                self.values.push((currency, Value::String(None)));
            }
            Shape::Money(amount, currency) => match money(given, field.signed) {
                Ok(m) => {
                    self.values.push((amount, m.amount_minor.into()));
                    self.values.push((currency, m.currency.to_string().into()));
                }
                Err(what) => self.fault(name, what),
            },
            Shape::Any(table, id) => match string(given).as_deref().and_then(value::any_id) {
                Some((of, uuid)) => {
                    self.values.push((table, of.into()));
                    self.values.push((id, uuid.into()));
                }
                None => self.fault(name, "not an id"),
            },
            Shape::Found(..) | Shape::Many(..) | Shape::Reckoned(..) | Shape::Ratio(..) | Shape::Can => {}
        }
    }

    pub fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.faults.push(Fault::new(FaultCode::Validation, field, message));
    }

    pub fn get(&self, column: &str) -> Option<&Value> {
        self.values.iter().find(|(name, _)| *name == column).map(|(_, v)| v)
    }

    /// Only fills what the row leaves empty; of the organisation's own fields each for itself.
    #[must_use]
    pub fn only_empty<E: Record>(mut self, row: &E::Model) -> Self {
        use sea_orm::ModelTrait;
        self.values.retain_mut(|(name, given)| {
            let Ok(kept) = column::<E>(name).map(|c| row.get(c)) else { return false };
            match (given, &kept) {
                (Value::Json(Some(given)), Value::Json(Some(kept))) if *name == "custom" => {
                    let Some(given) = given.as_object_mut() else { return true };
                    given.retain(|key, _| kept.get(key).is_none_or(serde_json::Value::is_null));
                    !given.is_empty()
                }
                _ => kept == kept.as_null(),
            }
        });
        self
    }

    /// Lays the values over the row, or over an empty one.
    pub fn apply<E: Record>(self, before: Option<E::Model>, now: DateTime<Utc>) -> Change<E> {
        let mut faults = self.faults;
        let mut row = before.clone().map_or_else(|| E::blank(now), IntoActiveModel::into_active_model);
        for (name, v) in self.values {
            if crate::store::set::<E>(&mut row, name, v).is_err() {
                let field = E::meta().fields.iter().find(|f| f.key() == Some(name)).map(Field::input_name);
                let field = field.unwrap_or_else(|| name.to_owned());
                faults.push(Fault::new(FaultCode::Validation, &field, "this cannot be null"));
            }
        }
        Change { before, row, faults }
    }
}

fn scalar(field: &Field, kind: Kind, given: &ConstValue) -> Result<Value, String> {
    let read = value::read(kind, given)?;
    match (&read, kind) {
        (Value::String(Some(text)), Kind::Text | Kind::Email) => text_value(field, text),
        (Value::Int(Some(n)), Kind::Integer) if i64::from(*n) > field.max || *n < 0 => {
            Err(format!("this must be between 0 and {}", field.max))
        }
        (Value::BigInt(Some(n)), Kind::Decimal(_)) if *n < 0 => Err("this cannot be negative".into()),
        (Value::Json(Some(json)), _) if json.to_string().len() > 16_384 => Err("this is larger than 16 KiB".into()),
        _ => Ok(read),
    }
}

fn text_value(field: &Field, text: &str) -> Result<Value, String> {
    if text.is_empty() {
        return if field.null { Ok(Value::String(None)) } else { Err("this cannot be empty".into()) };
    }
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if length > field.max {
        return Err(format!("this is longer than {} characters", field.max));
    }
    match field.normal {
        Some(normal) => Ok(normal(text)?.into()),
        None => Ok(text.into()),
    }
}

fn money(given: &ConstValue, signed: bool) -> Result<Money, String> {
    let text = |name| member(given, name).and_then(string).ok_or_else(|| format!("{name} is missing"));
    let currency = value::currency(&text("currency")?)?;
    let money = Money::parse(&text("amount")?, currency).map_err(|e| e.to_string())?;
    if money.amount_minor < 0 && !signed { Err("this cannot be negative".into()) } else { Ok(money) }
}
