//! Writes every record into the schema: object, connection, filter, order, inputs, payloads, each described from
//! the same declaration that enforces it.

mod base;
mod needs;
mod read;
mod roots;
mod write;

use std::borrow::Cow;

use async_graphql::registry::{
    EnumBuilder, InputObjectBuilder, MetaEnumValue, MetaField, MetaInputValue, MetaType, ObjectBuilder, Registry,
};
use entity::word::Word;
use indexmap::IndexMap;

pub use self::{
    needs::Needing,
    roots::{guarded, mutation_fields, query_fields},
    write::{id_of, limit, values_type, version},
};
use super::{
    field::{Field, Kind, Shape},
    record::Meta,
    root::catalog,
    scalar::SCALARS,
};
use crate::error::FaultCode;

type Inputs = IndexMap<String, MetaInputValue>;

type Outputs = IndexMap<String, MetaField>;

/// Registers the types of every record, once.
pub fn register(registry: &mut Registry) {
    if registry.types.contains_key("Node") {
        return;
    }
    base::register(registry);
    for (name, about, url) in SCALARS {
        registry.types.entry(name.into()).or_insert_with(|| scalar(name, about, url));
    }
    for meta in catalog().iter().flat_map(|c| &c.records) {
        record(registry, meta);
    }
}

fn scalar(name: &str, about: &str, url: &str) -> MetaType {
    MetaType::Scalar {
        name: name.into(),
        description: Some(about.into()),
        is_valid: None,
        visible: None,
        inaccessible: false,
        tags: vec![],
        specified_by_url: Some(url.into()),
        directive_invocations: vec![],
        requires_scopes: vec![],
    }
}

pub fn object(registry: &mut Registry, name: &str, about: &str, fields: Vec<MetaField>) {
    let fields = fields.into_iter().map(|f| (f.name.clone(), f)).collect();
    let built = ObjectBuilder::new(name, fields).description(Some(about.into())).build();
    registry.types.insert(name.into(), built);
}

pub fn input(registry: &mut Registry, name: &str, about: &str, fields: Vec<MetaInputValue>, oneof: bool) {
    let fields = fields.into_iter().map(|f| (f.name.clone(), f)).collect();
    let built = InputObjectBuilder::new(name, fields).description(Some(about.into())).oneof(oneof).build();
    registry.types.insert(name.into(), built);
}

pub fn words(registry: &mut Registry, name: &str, about: &str, values: impl IntoIterator<Item = (String, String)>) {
    let value = |(word, about): (String, String)| {
        let value = MetaEnumValue { description: Some(about), ..MetaEnumValue::new(word.clone()) };
        (word, value)
    };
    let values = values.into_iter().map(value).collect();
    let built = EnumBuilder::new(name, values).description(Some(about.into())).build();
    registry.types.insert(name.into(), built);
}

pub fn out(name: impl Into<String>, ty: impl Into<String>, about: impl Into<String>) -> MetaField {
    MetaField { description: Some(about.into()), ..MetaField::new(name, ty) }
}

pub fn given(name: impl Into<String>, ty: impl Into<String>, about: impl Into<String>) -> MetaInputValue {
    MetaInputValue { description: Some(about.into()), ..MetaInputValue::new(name, ty) }
}

/// The schema's name for a kind's values.
pub fn type_of(kind: Kind) -> Cow<'static, str> {
    let name = match kind {
        Kind::Id(_) => "ID",
        Kind::Text => "String",
        Kind::Email => "EmailAddress",
        Kind::Integer | Kind::Amount => "Int",
        Kind::Decimal(_) => "Decimal",
        Kind::Boolean => "Boolean",
        Kind::Time => "DateTime",
        Kind::Date => "Date",
        Kind::Currency => "CurrencyCode",
        Kind::Word(name, ..) => name,
        Kind::Json => "JSON",
        Kind::Form(form) => form.name,
        Kind::List(item) => return item.type_of().into(),
    };
    name.into()
}

/// The same in inputs.
pub fn input_type_of(field: &Field) -> String {
    match field.shape {
        Shape::Column(_, Kind::Form(form)) => format!("{}Input", form.name),
        Shape::Column(_, Kind::List(item)) => item.input_type_of(),
        Shape::Column(_, kind) => type_of(kind).into_owned(),
        Shape::Money(..) => "MoneyInput".to_owned(),
        _ => "ID".to_owned(),
    }
}

fn record(registry: &mut Registry, meta: &'static Meta) {
    for field in &meta.fields {
        if let Shape::Column(_, Kind::Word(name, about, values)) | Shape::Reckoned(_, Kind::Word(name, about, values)) =
            field.shape
        {
            words(registry, name, about, values.iter().map(|(w, a)| ((*w).to_owned(), (*a).to_owned())));
            comparisons(registry, &format!("{name}Filter"), name, &["eq", "ne", "in", "notIn", "isNull"]);
        }
        if let Shape::Column(_, Kind::Form(form)) | Shape::Reckoned(_, Kind::Form(form)) = field.shape {
            form.register(registry);
        }
        if let Shape::Column(_, Kind::List(item)) | Shape::Reckoned(_, Kind::List(item)) = field.shape {
            item.register(registry);
        }
    }
    let fields = meta.fields.iter().filter(|f| f.via.is_none()).map(read::member).collect();
    object(registry, meta.name, meta.about, fields);
    registry.add_implements(meta.name, "Node");
    if let Some(MetaType::Interface { possible_types, .. }) = registry.types.get_mut("Node") {
        possible_types.insert(meta.name.into());
    }
    read::register(registry, meta);
    write::register(registry, meta);
}

/// The comparisons a kind's filter offers.
pub fn comparisons(registry: &mut Registry, name: &str, ty: &str, ops: &[&str]) {
    let fields = ops.iter().map(|op| match *op {
        "in" | "notIn" => given(
            *op,
            format!("[{ty}!]"),
            if *op == "in" { "One of these, at most 100." } else { "None of these, at most 100; null does not match." },
        ),
        "isNull" => given(*op, "Boolean", "True: has no value. False: has one."),
        op => given(op, ty, base::comparison(op)),
    });
    let about = format!("Compares a value of type {ty}. All comparisons given must hold.");
    let fields = fields.collect();
    input(registry, name, &about, fields, false);
}

/// Every value of a closed list, for enums that are not on a record.
pub fn word_type<W: Word>(registry: &mut Registry) {
    words(registry, W::NAME, W::ABOUT, W::VALUES.iter().map(|(w, a)| ((*w).to_owned(), (*a).to_owned())));
}

/// The codes of user errors.
pub fn fault_codes(registry: &mut Registry) {
    word_type::<FaultCode>(registry);
}
