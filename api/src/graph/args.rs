//! Arguments of planned fields, read as plain values: the front door has checked their types already.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{Context, InputType, InputValueResult, ServerResult, Value as ConstValue, registry::Registry};
use entity::id::RowId;

use sea_orm::Condition;

use super::{record::Record, seal::Seal};
use crate::{
    error::{Error, Result},
    store::Access,
};

/// An argument's value as it came; none when absent or null.
pub struct Raw(pub Option<ConstValue>);

impl InputType for Raw {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        "Raw".into()
    }

    fn create_type_info(_: &mut Registry) -> String {
        "Raw".into()
    }

    fn parse(value: Option<ConstValue>) -> InputValueResult<Self> {
        Ok(Self(value.filter(|v| *v != ConstValue::Null)))
    }

    fn to_value(&self) -> ConstValue {
        self.0.clone().unwrap_or_default()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

pub fn arg(ctx: &Context<'_>, name: &str) -> ServerResult<Option<ConstValue>> {
    Ok(ctx.param_value::<Raw>(name, None)?.1.0)
}

/// How many rows a list answers, put into the request's data by the configuration.
#[derive(Clone, Copy)]
pub struct PageLimit {
    /// At most.
    pub most: u64,
    /// Without `first` and `last`.
    pub usual: u64,
}

impl Default for PageLimit {
    fn default() -> Self {
        Self { most: 100, usual: 25 }
    }
}

/// What a list was asked for.
#[derive(Clone, Default)]
pub struct ListArgs {
    pub filter: Option<ConstValue>,
    pub search: Option<String>,
    pub order: Option<ConstValue>,
    /// How many rows, and from which end.
    pub size: u64,
    pub backwards: bool,
    pub after: Option<String>,
    pub before: Option<String>,
    /// What the list is of, beside what the caller asks for.
    pub only: Option<Condition>,
    /// For the cursors of this caller.
    pub seal: Seal,
}

impl ListArgs {
    /// What was asked of the field that is resolved.
    pub fn asked(ctx: &Context<'_>) -> Result<Self> {
        let given = |name: &str| arg(ctx, name).map_err(|e| Error::internal(e.message));
        let text = |name: &str| Ok::<_, Error>(given(name)?.and_then(|v| string(&v)));
        let page = ctx.data_opt::<PageLimit>().copied().unwrap_or_default();
        let (first, last) = (given("first")?, given("last")?);
        Ok(Self {
            filter: given("filter")?,
            search: text("search")?,
            order: given("orderBy")?,
            size: page_size(first.as_ref(), last.as_ref(), page)?,
            backwards: last.is_some(),
            after: text("after")?,
            before: text("before")?,
            only: None,
            seal: seal(ctx),
        })
    }

    /// The same as an error of the field, where the engine asks for one.
    pub fn read(ctx: &Context<'_>) -> ServerResult<Self> {
        Self::asked(ctx).map_err(|e| ctx.set_error_path(async_graphql::Error::from(e).into_server_error(ctx.item.pos)))
    }
}

/// Cursors are good for the caller who got them.
fn seal(ctx: &Context<'_>) -> Seal {
    let seal = ctx.data_opt::<Seal>().cloned().unwrap_or_default();
    let Some(access) = ctx.data_opt::<Access>() else { return seal };
    let actor = access.actor();
    seal.about(actor.organization.uuid().as_bytes()).about(actor.key().as_bytes())
}

fn page_size(first: Option<&ConstValue>, last: Option<&ConstValue>, page: PageLimit) -> Result<u64> {
    let (name, wanted) = match (first, last) {
        (Some(_), Some(_)) => return Err(Error::BadInput("give first or last, not both".into())),
        (Some(n), None) => ("first", n),
        (None, Some(n)) => ("last", n),
        (None, None) => return Ok(page.usual.min(page.most)),
    };
    let most = page.most;
    match wanted {
        ConstValue::Number(n) => n.as_u64().filter(|n| (1..=most).contains(n)),
        _ => None,
    }
    .ok_or_else(|| Error::BadInput(format!("{name} must be between 1 and {most}")))
}

pub fn string(value: &ConstValue) -> Option<String> {
    match value {
        ConstValue::String(s) => Some(s.clone()),
        ConstValue::Enum(name) => Some(name.to_string()),
        ConstValue::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// A list; a single value stands for a list of one, as the specification says.
pub fn list(value: &ConstValue) -> Vec<&ConstValue> {
    match value {
        ConstValue::List(items) => items.iter().collect(),
        other => vec![other],
    }
}

/// The members of an input object that were given, null ones too.
pub fn members(value: &ConstValue) -> impl Iterator<Item = (&str, &ConstValue)> {
    let object = if let ConstValue::Object(o) = value { Some(o) } else { None };
    object.into_iter().flatten().map(|(name, v)| (name.as_str(), v))
}

pub fn member<'a>(value: &'a ConstValue, name: &str) -> Option<&'a ConstValue> {
    if let ConstValue::Object(o) = value { o.get(name).filter(|v| **v != ConstValue::Null) } else { None }
}

/// The filter of a record's lists as an argument of a field of one's own: its shape alone, it is read with the list.
pub struct FilterOf<E>(PhantomData<fn() -> E>);

/// The order of a record's lists, likewise.
pub struct OrderOf<E>(PhantomData<fn() -> E>);

macro_rules! shape_of_list {
    ($name:ident, $suffix:literal) => {
        impl<E: Record> InputType for $name<E> {
            type RawValueType = Self;

            fn type_name() -> Cow<'static, str> {
                format!("{}{}", E::meta().name, $suffix).into()
            }

            fn create_type_info(_: &mut Registry) -> String {
                format!("{}!", Self::type_name())
            }

            fn parse(_: Option<ConstValue>) -> InputValueResult<Self> {
                Ok(Self(PhantomData))
            }

            fn to_value(&self) -> ConstValue {
                ConstValue::Null
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }
    };
}

shape_of_list!(FilterOf, "Filter");
shape_of_list!(OrderOf, "Order");
