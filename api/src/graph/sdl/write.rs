//! The writing side of a record in the schema: inputs of its verbs, and what they answer.

use async_graphql::registry::{MetaField, MetaInputValue, Registry};

use super::{base, given, input, input_type_of, object, out, words};
use crate::graph::{
    field::{Field, Kind, Shape, Write},
    record::Meta,
    upsert::match_keys,
};

fn writable(meta: &Meta, new: bool) -> Vec<MetaInputValue> {
    let wanted = |f: &&Field| f.write == Write::Always || (new && f.write == Write::Once);
    let one = |f: &Field| {
        let mark = if new && f.required { "!" } else { "" };
        let ty = input_type_of(f);
        let keep = if new || f.required { "" } else { " Null clears it, leaving it out keeps it." };
        given(f.input_name(), format!("{ty}{mark}"), format!("{}{}{keep}", f.about, limit(f)))
    };
    meta.fields.iter().filter(wanted).map(one).collect()
}

pub fn limit(field: &Field) -> String {
    match field.shape {
        Shape::Column(_, Kind::Text | Kind::Email) => format!(" At most {} characters.", field.max),
        Shape::Column(_, Kind::Integer) => format!(" Between 0 and {}.", field.max),
        _ => String::new(),
    }
}

pub fn id_of(meta: &Meta) -> MetaInputValue {
    given("id", "ID!", format!("Which record: an id that begins with `{}_`.", meta.table))
}

pub fn version() -> MetaInputValue {
    given("expectedVersion", "Int", "Refuse with CONFLICT unless the record still has this version.")
}

/// The input type of a record's values, all of them optional.
pub fn values_type(registry: &mut Registry, meta: &Meta) {
    let name = format!("{}Values", meta.name);
    if registry.types.contains_key(&name) {
        return;
    }
    let fields = writable(meta, true).into_iter().map(|f| MetaInputValue { ty: base::nullable(&f.ty), ..f });
    let about = format!("Values of a record of type {}; what is left out comes from elsewhere.", meta.name);
    input(registry, &name, &about, fields.collect(), false);
}

pub(super) fn register(registry: &mut Registry, meta: &Meta) {
    let (name, rules) = (meta.name, meta.rules);
    let id = || id_of(meta);
    if rules.create.is_some() {
        input(
            registry,
            &format!("{name}CreateInput"),
            &format!("A new record of type {name}."),
            writable(meta, true),
            false,
        );
    }
    if rules.update.is_some() {
        let mut fields = vec![id(), version()];
        fields.extend(writable(meta, false));
        input(registry, &format!("{name}UpdateInput"), &format!("Changes to a record of type {name}."), fields, false);
    }
    if rules.delete.is_some() {
        input(registry, &format!("{name}DeleteInput"), "Which record to delete.", vec![id(), version()], false);
        input(
            registry,
            &format!("{name}RestoreInput"),
            "Which deleted record to bring back.",
            vec![id(), version()],
            false,
        );
    }
    let errors = || out("userErrors", "[UserError!]!", "What was wrong with the input; empty when it was done.");
    let payload = vec![out(meta.lower(), name, "The record as it now is; null when refused."), errors()];
    object(
        registry,
        &format!("{name}Payload"),
        &format!("The answer of a mutation on a record of type {name}."),
        payload,
    );
    crate::graph::step::register(registry, meta);
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
    ];
    if crate::graph::external::fits(meta) {
        row.push(given(
            "externalRef",
            "ExternalRefKey",
            "Its id in another system, when matching by EXTERNAL_REF; a new record is named by it. Needs \
             EXTERNAL_REF_READ, for new records EXTERNAL_REF_CREATE too.",
        ));
    }
    row.extend(writable(meta, true).into_iter().map(|f| MetaInputValue { ty: base::nullable(&f.ty), ..f }));
    input(registry, &format!("{name}UpsertRow"), &format!("A record of type {name} to create or change."), row, false);
    let whole = vec![
        given("rows", format!("[{name}UpsertRow!]!"), "Up to 1000 rows."),
        given("matchOn", format!("{name}MatchKey"), "How a row finds its record; without it every row is new."),
        MetaInputValue {
            default_value: Some("UPDATE".into()),
            ..given("onConflict", "OnConflict!", "What to do with a record that exists.")
        },
        MetaInputValue { default_value: Some("false".into()), ..given("atomic", "Boolean!", "All rows or none.") },
        MetaInputValue {
            default_value: Some("false".into()),
            ..given("dryRun", "Boolean!", "Check everything, write nothing.")
        },
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
    let payload =
        vec![out("results", format!("[{name}UpsertResult!]!"), "One for each row, in the order of the input.")];
    object(registry, &format!("{name}UpsertPayload"), "The answer of a bulk call.", payload);
}
