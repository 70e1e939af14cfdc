//! Writes every record into the schema: object, connection, filter, order, inputs, payloads, each described from
//! the same declaration that enforces it.

use async_graphql::{
    Value,
    registry::{EnumBuilder, InputObjectBuilder, MetaDirectiveInvocation, MetaEnumValue, MetaField, MetaInputValue, MetaType, ObjectBuilder, Registry},
};
use entity::word::Word;
use indexmap::IndexMap;

use super::{
    field::{Field, Kind, Shape, Write},
    record::{Meta, MeasureKind},
    root::catalog,
    scalar::SCALARS,
    upsert::match_keys,
};
use crate::{actor::Permission, error::FaultCode};

type Inputs = IndexMap<String, MetaInputValue>;
type Outputs = IndexMap<String, MetaField>;

/// Registers the types of every record, once.
pub fn register(registry: &mut Registry) {
    if registry.types.contains_key("Node") {
        return;
    }
    super::sdl_base::register(registry);
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
pub fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Id(_) => "ID",
        Kind::Text => "String",
        Kind::Email => "EmailAddress",
        Kind::Integer | Kind::Amount => "Int",
        Kind::Boolean => "Boolean",
        Kind::Time => "DateTime",
        Kind::Date => "Date",
        Kind::Currency => "CurrencyCode",
        Kind::Word(name, ..) => name,
        Kind::Json => "JSON",
    }
}

fn record(registry: &mut Registry, meta: &'static Meta) {
    for field in &meta.fields {
        if let Shape::Column(_, Kind::Word(name, about, values)) = field.shape {
            words(registry, name, about, values.iter().map(|(w, a)| ((*w).to_owned(), (*a).to_owned())));
            comparisons(registry, &format!("{name}Filter"), name, &["eq", "ne", "in", "notIn", "isNull"]);
        }
    }
    let fields = meta.fields.iter().filter(|f| f.via.is_none()).map(member).collect();
    object(registry, meta.name, meta.about, fields);
    registry.add_implements(meta.name, "Node");
    if let Some(MetaType::Interface { possible_types, .. }) = registry.types.get_mut("Node") {
        possible_types.insert(meta.name.into());
    }
    connection(registry, meta);
    filter(registry, meta);
    order(registry, meta);
    aggregate(registry, meta);
    lookup(registry, meta);
    writes(registry, meta);
}

fn member(field: &Field) -> MetaField {
    let mark = if field.null { "" } else { "!" };
    match field.shape {
        Shape::Column(_, kind) => out(&field.name, format!("{}{mark}", type_of(kind)), field.about),
        Shape::Money(..) => out(&field.name, format!("Money{mark}"), field.about),
        Shape::One(_, to) => out(&field.name, to().name, field.about),
        Shape::Many(_, to) => {
            let mut many = out(&field.name, format!("{}Connection!", to().name), field.about);
            many.args = list_args(to());
            many
        }
        Shape::Can => out(&field.name, "RecordAccess!", field.about),
    }
}

fn connection(registry: &mut Registry, meta: &Meta) {
    let (name, plural) = (meta.name, meta.plural);
    let edge = vec![
        out("node", format!("{name}!"), "The record."),
        out("cursor", "String!", "Where it stands in this list; opaque."),
    ];
    object(registry, &format!("{name}Edge"), &format!("A place in a list of {plural}."), edge);
    let list = vec![
        out("nodes", format!("[{name}!]!"), "The records of this page."),
        out("edges", format!("[{name}Edge!]!"), "The records of this page with their cursors."),
        out("pageInfo", "PageInfo!", "Whether there is more, and where to go on."),
        out("totalCount", "Int!", "How many the caller may see in all pages together. Counted only when asked for; costs 10 points."),
    ];
    object(registry, &format!("{name}Connection"), &format!("A page of {plural}."), list);
}

fn list_args(meta: &Meta) -> Inputs {
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

fn named(args: Vec<MetaInputValue>) -> Inputs {
    args.into_iter().map(|a| (a.name.clone(), a)).collect()
}

/// The comparisons a kind's filter offers.
pub fn comparisons(registry: &mut Registry, name: &str, ty: &str, ops: &[&str]) {
    let fields = ops.iter().map(|op| match *op {
        "in" | "notIn" => given(*op, format!("[{ty}!]"), if *op == "in" { "One of these, at most 100." } else { "None of these, at most 100; null does not match." }),
        "isNull" => given(*op, "Boolean", "True: has no value. False: has one."),
        op => given(op, ty, super::sdl_base::comparison(op)),
    });
    let about = format!("Compares a value of type {ty}. All comparisons given must hold.");
    let fields = fields.collect();
    input(registry, name, &about, fields, false);
}

fn filter_type(kind: Kind) -> String {
    match kind {
        Kind::Id(_) => "IdFilter".into(),
        Kind::Text | Kind::Email | Kind::Currency | Kind::Json => "StringFilter".into(),
        Kind::Integer | Kind::Amount => "IntFilter".into(),
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
            Shape::Column(_, kind) => fields.push(given(&field.name, filter_type(kind), field.about)),
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
            Shape::Can => {}
        }
    }
    if meta.fields.iter().any(|f| f.name == "customFields") {
        fields.push(given("customField", "CustomFieldFilter", "By a custom field."));
    }
    let about = format!("Which {} are meant. All members given must hold; at most 5 levels and 50 comparisons.", meta.plural);
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
    let values = meta.fields.iter().filter(|f| f.order).map(|f| (f.enum_name(), format!("By `{}`.", f.name)));
    words(registry, &format!("{name}OrderField"), &format!("What {} can be ordered by.", meta.plural), values);
    let fields = vec![
        given("field", format!("{name}OrderField!"), "The field."),
        MetaInputValue { default_value: Some("ASC".into()), ..given("direction", "OrderDirection!", "The direction.") },
        given("nulls", "NullsOrder", "Where records without a value go; last when ascending, first when descending, unless given."),
    ];
    input(registry, &format!("{name}Order"), &format!("One field of an order of {}.", meta.plural), fields, false);
}

fn aggregate(registry: &mut Registry, meta: &Meta) {
    let name = meta.name;
    let groups: Vec<&Field> = meta.fields.iter().filter(|f| f.group).collect();
    let word = |f: &&Field| (f.enum_name(), f.about.to_owned());
    words(registry, &format!("{name}GroupField"), &format!("What {} can be grouped by.", meta.plural), groups.iter().map(word));
    let by = vec![
        given("field", format!("{name}GroupField!"), "The field."),
        given("grain", "DateGrain", "For dates and instants: the length of a group's period, in UTC. DAY unless given."),
    ];
    input(registry, &format!("{name}Group"), &format!("One field by which {} are grouped.", meta.plural), by, false);
    let keys = groups.iter().map(|f| MetaField { ty: super::sdl_base::nullable(&member(f).ty), ..member(f) }).collect();
    object(registry, &format!("{name}GroupKey"), "The values that the records of a group share; null for fields not grouped by.", keys);
    let mut fields = vec![
        out("key", format!("{name}GroupKey!"), "What the group has in common."),
        out("count", "Int!", "How many records."),
    ];
    for field in meta.fields.iter().filter(|f| f.via.is_none()) {
        match field.shape {
            Shape::Money(..) => fields.push(out(&field.name, "[MoneyAggregate!]!", format!("For each currency. {}", field.about))),
            Shape::Column(c, Kind::Integer) if c != "version" => fields.push(out(&field.name, "IntAggregate!", field.about)),
            _ => {}
        }
    }
    fields.extend(meta.measures.iter().map(|m| match m.kind {
        MeasureKind::Count => out(m.name, "Int!", m.about),
        MeasureKind::Share(_) => out(m.name, "Ratio!", m.about),
        MeasureKind::Sum(..) => out(m.name, "[Money!]!", m.about),
    }));
    object(registry, &format!("{name}Aggregate"), &format!("A group of {} and its figures, over the records that the caller may see.", meta.plural), fields);
}

fn lookup(registry: &mut Registry, meta: &Meta) {
    let mut keys = vec![
        given("id", "ID", "Its id."),
        given("externalRef", "ExternalRefKey", "Its id in another system."),
    ];
    for field in meta.fields.iter().filter(|f| f.unique) {
        if let Shape::Column(_, kind) = field.shape {
            keys.push(given(&field.name, type_of(kind), field.about));
        }
    }
    input(registry, &format!("{}By", meta.name), &format!("Exactly one key of a record of type {}.", meta.name), keys, true);
}

fn writable(meta: &Meta, new: bool) -> Vec<MetaInputValue> {
    let wanted = |f: &&Field| f.write == Write::Always || (new && f.write == Write::Once);
    let one = |f: &Field| {
        let mark = if new && f.required { "!" } else { "" };
        let ty = match f.shape {
            Shape::Column(_, kind) => type_of(kind),
            Shape::Money(..) => "MoneyInput",
            _ => "ID",
        };
        let keep = if new || f.required { "" } else { " Null clears it, leaving it out keeps it." };
        given(f.input_name(), format!("{ty}{mark}"), format!("{}{}{keep}", f.about, limit(f)))
    };
    meta.fields.iter().filter(wanted).map(one).collect()
}

fn limit(field: &Field) -> String {
    match field.shape {
        Shape::Column(_, Kind::Text | Kind::Email) => format!(" At most {} characters.", field.max),
        Shape::Column(_, Kind::Integer) => format!(" Between 0 and {}.", field.max),
        _ => String::new(),
    }
}

fn writes(registry: &mut Registry, meta: &Meta) {
    let (name, rules) = (meta.name, meta.rules);
    let id = || given("id", "ID!", format!("Which record: an id that begins with `{}_`.", meta.table));
    let version = || given("expectedVersion", "Int", "Refuse with CONFLICT unless the record still has this version.");
    if rules.create.is_some() {
        input(registry, &format!("{name}CreateInput"), &format!("A new record of type {name}."), writable(meta, true), false);
    }
    if rules.update.is_some() {
        let mut fields = vec![id(), version()];
        fields.extend(writable(meta, false));
        input(registry, &format!("{name}UpdateInput"), &format!("Changes to a record of type {name}."), fields, false);
    }
    if rules.delete.is_some() {
        input(registry, &format!("{name}DeleteInput"), "Which record to delete.", vec![id(), version()], false);
        input(registry, &format!("{name}RestoreInput"), "Which deleted record to bring back.", vec![id(), version()], false);
    }
    let errors = || out("userErrors", "[UserError!]!", "What was wrong with the input; empty when it was done.");
    let payload = vec![out(meta.lower(), name, "The record as it now is; null when refused."), errors()];
    object(registry, &format!("{name}Payload"), &format!("The answer of a mutation on a record of type {name}."), payload);
    if rules.create.is_some() && rules.update.is_some() {
        upserts(registry, meta, errors());
    }
}

fn upserts(registry: &mut Registry, meta: &Meta, errors: MetaField) {
    let name = meta.name;
    let keys = match_keys(meta).into_iter().map(|(word, _)| (word.clone(), format!("By `{}`.", word.to_lowercase())));
    words(registry, &format!("{name}MatchKey"), &format!("What tells which record of type {name} a row means."), keys);
    let mut row = vec![
        given("clientRowId", "String", "The caller's own name for the row, given back in its result."),
        given("id", "ID", "The record's id, when matching by ID."),
        given("externalRef", "ExternalRefKey", "Its id in another system, when matching by EXTERNAL_REF: new records are named by it. Needs EXTERNAL_REF_READ, and EXTERNAL_REF_CREATE for new records."),
    ];
    row.extend(writable(meta, true).into_iter().map(|f| MetaInputValue { ty: super::sdl_base::nullable(&f.ty), ..f }));
    input(registry, &format!("{name}UpsertRow"), &format!("A record of type {name} to create or change."), row, false);
    let whole = vec![
        given("rows", format!("[{name}UpsertRow!]!"), "Up to 1000 rows."),
        given("matchOn", format!("{name}MatchKey"), "How a row finds its record; without it every row is new."),
        MetaInputValue { default_value: Some("UPDATE".into()), ..given("onConflict", "OnConflict!", "What to do with a record that exists.") },
        MetaInputValue { default_value: Some("false".into()), ..given("atomic", "Boolean!", "All rows or none.") },
        MetaInputValue { default_value: Some("false".into()), ..given("dryRun", "Boolean!", "Check everything, write nothing.") },
    ];
    input(registry, &format!("{name}UpsertInput"), "Rows to create or change in one call.", whole, false);
    let result = vec![
        out("index", "Int!", "The row's place in the input, from 0."),
        out("clientRowId", "String", "The caller's own name for the row."),
        out("status", "UpsertStatus!", "What became of it."),
        out(meta.lower(), name, "The record; null when it failed."),
        errors,
    ];
    object(registry, &format!("{name}UpsertResult"), "What became of one row.", result);
    let payload = vec![out("results", format!("[{name}UpsertResult!]!"), "One for each row, in the order of the input.")];
    object(registry, &format!("{name}UpsertPayload"), "The answer of a bulk call.", payload);
}

/// The sentence and the directive that say which permission a field needs; both from the rule that enforces it.
pub fn guarded(mut field: MetaField, permission: Permission) -> MetaField {
    let about = field.description.unwrap_or_default();
    field.description = Some(format!("{about} Requires {}.", permission.word()));
    let any = Value::List(vec![Value::Enum(async_graphql::Name::new(permission.word()))]);
    let args = [("anyOf".to_owned(), any)].into_iter().collect();
    field.directive_invocations.push(MetaDirectiveInvocation { name: "permission".into(), args });
    field
}

pub fn query_fields() -> Outputs {
    let mut fields = vec![super::sdl_base::node(), super::sdl_base::nodes()];
    for meta in catalog().iter().flat_map(|c| &c.records) {
        let (name, lower, read) = (meta.name, meta.lower(), meta.rules.read);
        let mut one = out(&lower, name, format!("The record of type {name} with this key; null when there is none or the caller may not see it."));
        one.args = named(vec![given("by", format!("{name}By!"), "The key.")]);
        let mut list = out(meta.plural, format!("{name}Connection!"), format!("The {} that the caller may see.", meta.plural));
        list.args = list_args(meta);
        let mut sums = out(format!("{lower}Aggregate"), format!("[{name}Aggregate!]!"), format!("Figures over the {} that the caller may see: one group for each combination of values, or one for all.", meta.plural));
        sums.args = aggregate_args(meta);
        fields.extend([one, list, sums].map(|f| guarded(f, read)));
    }
    fields.into_iter().map(|f| (f.name.clone(), f)).collect()
}

fn aggregate_args(meta: &Meta) -> Inputs {
    let name = meta.name;
    let mut args = list_args(meta);
    args.retain(|arg, _| matches!(arg.as_str(), "filter" | "search"));
    args.insert("groupBy".into(), given("groupBy", format!("[{name}Group!]"), "Up to 4 fields; without any there is one group."));
    args.insert("first".into(), given("first", "Int", "At most this many groups, 1 to 1000; 100 unless given."));
    args
}

pub fn mutation_fields() -> Outputs {
    let codes = "User errors: VALIDATION, NOT_FOUND, CONFLICT, DUPLICATE. Takes an idempotency key; writes an event.";
    let mut fields = Vec::new();
    for meta in catalog().iter().flat_map(|c| &c.records) {
        let (name, lower, rules) = (meta.name, meta.lower(), meta.rules);
        let mut verb = |permission: Option<Permission>, suffix: &str, payload: &str, about: String| {
            if let Some(permission) = permission {
                let mut field = out(format!("{lower}{suffix}"), format!("{name}{payload}"), format!("{about} {codes}"));
                field.args = named(vec![given("input", format!("{name}{suffix}Input!"), "The input.")]);
                fields.push(guarded(field, permission));
            }
        };
        verb(rules.create, "Create", "Payload", format!("Creates a record of type {name}."));
        verb(rules.update, "Update", "Payload", format!("Changes a record of type {name}: what is left out stays, null clears."));
        verb(rules.delete, "Delete", "Payload", format!("Deletes a record of type {name}; it can be restored."));
        verb(rules.delete, "Restore", "Payload", format!("Brings a deleted record of type {name} back."));
        verb(rules.update.filter(|_| rules.create.is_some()), "Upsert", "UpsertPayload", format!("Creates or changes up to 1000 records of type {name}, each row with its own result."));
    }
    fields.into_iter().map(|f| (f.name.clone(), f)).collect()
}

/// Every value of a closed list, for enums that are not on a record.
pub fn word_type<W: Word>(registry: &mut Registry) {
    words(registry, W::NAME, W::ABOUT, W::VALUES.iter().map(|(w, a)| ((*w).to_owned(), (*a).to_owned())));
}

/// The codes of user errors.
pub fn fault_codes(registry: &mut Registry) {
    word_type::<FaultCode>(registry);
}
