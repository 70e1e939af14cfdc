//! The reading side of a record in the schema: object, connection, filter, order, aggregate, lookup.

use async_graphql::registry::{MetaField, MetaInputValue, Registry};

use super::{Inputs, base, given, input, object, out, type_of, words};
use crate::graph::{
    field::{Field, Kind, Shape},
    record::{MeasureKind, Meta},
};

pub(super) fn member(field: &Field) -> MetaField {
    let mark = if field.null { "" } else { "!" };
    match field.shape {
        Shape::Column(_, kind) => out(&field.name, format!("{}{mark}", type_of(kind)), field.about),
        Shape::Money(..) => out(&field.name, format!("Money{mark}"), field.about),
        Shape::One(_, to) | Shape::Found(_, to) => out(&field.name, to().name, field.about),
        Shape::Any(..) => out(&field.name, format!("ID{mark}"), field.about),
        Shape::Reckoned(_, kind) => out(&field.name, type_of(kind), field.about),
        Shape::Ratio(..) => out(&field.name, "Ratio", field.about),
        Shape::Many(_, to) => {
            let mut many = out(&field.name, format!("{}Connection!", to().name), field.about);
            many.args = list_args(to());
            many
        }
        Shape::Can => out(&field.name, "RecordAccess!", field.about),
    }
}

pub(super) fn register(registry: &mut Registry, meta: &Meta) {
    connection(registry, meta);
    filter(registry, meta);
    order(registry, meta);
    aggregate(registry, meta);
    lookup(registry, meta);
}

fn connection(registry: &mut Registry, meta: &Meta) {
    let (name, plural) = (meta.name, meta.plural);
    let edge = vec![
        out("node", format!("{name}!"), "The record on this edge."),
        out("cursor", "String!", "Where it stands in this list; opaque."),
    ];
    object(registry, &format!("{name}Edge"), &format!("A place in a list of {plural}."), edge);
    let list = vec![
        out("nodes", format!("[{name}!]!"), "The records of this page."),
        out("edges", format!("[{name}Edge!]!"), "The records of this page with their cursors."),
        out("pageInfo", "PageInfo!", "Whether there is more, and where to go on."),
        out(
            "totalCount",
            "Int!",
            "How many the caller may see in all pages together. Counted only when asked for; costs 10 points.",
        ),
    ];
    object(registry, &format!("{name}Connection"), &format!("A page of {plural}."), list);
}

pub(super) fn list_args(meta: &Meta) -> Inputs {
    let name = meta.name;
    let mut args = vec![given("filter", format!("{name}Filter"), "Only records that meet this.")];
    if meta.searchable() {
        args.push(given("search", "String", "Only records whose texts hold this, in any case; at least 3 characters."));
    }
    let order = given("orderBy", format!("[{name}Order!]"), "Their order: up to 4 fields; the id decides the rest.");
    args.push(MetaInputValue { default_value: Some("[{field: CREATED_AT, direction: DESC}]".into()), ..order });
    args.extend([
        given("first", "Int", "How many from the start of the list, 1 to 100; 25 unless given."),
        given("after", "String", "Only what comes after this cursor."),
        given("last", "Int", "How many from the end of the list, 1 to 100."),
        given("before", "String", "Only what comes before this cursor."),
    ]);
    named(args)
}

pub(super) fn named(args: Vec<MetaInputValue>) -> Inputs {
    args.into_iter().map(|a| (a.name.clone(), a)).collect()
}

fn filter_type(kind: Kind) -> String {
    match kind {
        Kind::Id(_) => "IdFilter".into(),
        Kind::Text | Kind::Email | Kind::Currency | Kind::Json | Kind::Form(_) | Kind::List(_) => "StringFilter".into(),
        Kind::Integer | Kind::Amount => "IntFilter".into(),
        Kind::Decimal(_) => "DecimalFilter".into(),
        Kind::Boolean => "BooleanFilter".into(),
        Kind::Time => "DateTimeFilter".into(),
        Kind::Date => "DateFilter".into(),
        Kind::Word(name, ..) => format!("{name}Filter"),
    }
}

fn filter(registry: &mut Registry, meta: &Meta) {
    let name = format!("{}Filter", meta.name);
    let mut fields = vec![
        given("and", format!("[{name}!]"), "All of these hold."),
        given("or", format!("[{name}!]"), "At least one of these holds."),
        given("not", &name, "This does not hold: every record that it does not match."),
    ];
    for field in meta.fields.iter().filter(|f| f.filter && f.via.is_none()) {
        match field.shape {
            Shape::Column(_, kind) | Shape::Reckoned(_, kind) => {
                fields.push(given(&field.name, filter_type(kind), field.about));
            }
            Shape::Money(..) => fields.push(given(&field.name, "MoneyFilter", field.about)),
            Shape::One(_, to) => {
                fields.push(given(&field.name, format!("{}Filter", to().name), field.about));
                fields.push(given(field.input_name(), "IdFilter", format!("By id. {}", field.about)));
            }
            Shape::Many(_, to) => {
                let list = format!("{}ListFilter", to().name);
                quantifiers(registry, &list, to().name);
                fields.push(given(&field.name, list, field.about));
            }
            Shape::Any(..) => fields.push(given(&field.name, "IdFilter", field.about)),
            Shape::Found(..) | Shape::Ratio(..) | Shape::Can => {}
        }
    }
    if meta.fields.iter().any(|f| f.name == "customFields") {
        fields.push(given("customField", "CustomValueFilter", "By a custom field."));
    }
    let about =
        format!("Which {} are meant. All members given must hold; at most 5 levels and 50 comparisons.", meta.plural);
    input(registry, &name, &about, fields, false);
}

fn quantifiers(registry: &mut Registry, name: &str, of: &str) {
    let ty = format!("{of}Filter");
    let fields = vec![
        given("some", &ty, "At least one visible record meets this."),
        given("none", &ty, "No visible record meets this."),
        given("every", &ty, "Every visible record meets this; true when there is none."),
    ];
    input(registry, name, &format!("A condition on the {of} records that belong to this one."), fields, false);
}

fn order(registry: &mut Registry, meta: &Meta) {
    let name = meta.name;
    let own = meta.fields.iter().filter(|f| f.order).map(|f| (f.enum_name(), format!("By `{}`.", f.name)));
    let through = meta.fields.iter().flat_map(|f| f.orders().map(|(word, through)| (word, f.order_about(through))));
    let values = own.chain(through);
    words(registry, &format!("{name}OrderField"), &format!("What {} can be ordered by.", meta.plural), values);
    let fields = vec![
        given("field", format!("{name}OrderField!"), "By which field."),
        MetaInputValue {
            default_value: Some("ASC".into()),
            ..given("direction", "OrderDirection!", "ASC from the least on, DESC from the greatest.")
        },
        given(
            "nulls",
            "NullsOrder",
            "Where records without a value go; last when ascending, first when descending, unless given.",
        ),
    ];
    input(registry, &format!("{name}Order"), &format!("One field of an order of {}.", meta.plural), fields, false);
}

fn aggregate(registry: &mut Registry, meta: &Meta) {
    let name = meta.name;
    let groups: Vec<&Field> = meta.fields.iter().filter(|f| f.group).collect();
    let word = |f: &&Field| (f.enum_name(), f.about.to_owned());
    words(
        registry,
        &format!("{name}GroupField"),
        &format!("What {} can be grouped by.", meta.plural),
        groups.iter().map(word),
    );
    let by = vec![
        given("field", format!("{name}GroupField!"), "By which field."),
        given(
            "grain",
            "DateGrain",
            "For dates and instants: the length of a group's period. Instants fall into days of the organisation's time zone, and a group's key is the instant at which its period begins there. DAY unless given.",
        ),
    ];
    input(registry, &format!("{name}Group"), &format!("One field by which {} are grouped.", meta.plural), by, false);
    let keys = groups.iter().map(|f| MetaField { ty: base::nullable(&member(f).ty), ..member(f) }).collect();
    object(
        registry,
        &format!("{name}GroupKey"),
        "The values that the records of a group share; null for fields not grouped by.",
        keys,
    );
    let mut fields = vec![
        out("key", format!("{name}GroupKey!"), "What the group has in common."),
        out("count", "Int!", "How many records."),
    ];
    for field in meta.fields.iter().filter(|f| f.via.is_none()) {
        match field.shape {
            Shape::Money(..) => {
                fields.push(out(&field.name, "[MoneyAggregate!]!", format!("For each currency. {}", field.about)));
            }
            Shape::Column(c, Kind::Integer) if c != "version" => {
                fields.push(out(&field.name, "IntAggregate!", field.about));
            }
            _ => {}
        }
    }
    fields.extend(meta.measures.iter().map(|m| match m.kind {
        MeasureKind::Count => out(m.name, "Int!", m.about),
        MeasureKind::Share(_) => out(m.name, "Ratio!", m.about),
        MeasureKind::Sum(..) => out(m.name, "[Money!]!", m.about),
    }));
    object(
        registry,
        &format!("{name}Aggregate"),
        &format!("A group of {} and its figures, over the records that the caller may see.", meta.plural),
        fields,
    );
}

fn lookup(registry: &mut Registry, meta: &Meta) {
    let mut keys = vec![
        given("id", "ID", "By the id that Accord gave it."),
        given("externalRef", "ExternalRefKey", "By its id in another system."),
    ];
    for field in meta.fields.iter().filter(|f| f.unique) {
        if let Shape::Column(_, kind) = field.shape {
            keys.push(given(&field.name, type_of(kind), field.about));
        }
    }
    input(
        registry,
        &format!("{}By", meta.name),
        &format!("Exactly one key of a record of type {}.", meta.name),
        keys,
        true,
    );
}
