//! The root fields of every record, each with the sentence and the directive that say which permission it needs.

use async_graphql::{
    Value,
    registry::{MetaDirectiveInvocation, MetaField},
};
use entity::{unique::UNIQUE, word::Word};

use super::{
    Inputs, Outputs, base, given, out,
    read::{list_args, named},
};
use crate::{
    actor::Permission,
    error::FaultCode,
    graph::{
        field::{Field, Shape, Write},
        record::Meta,
        root::catalog,
    },
};

/// The sentence and the directive that say which permission a field needs; both from the rule that enforces it.
pub fn guarded(mut field: MetaField, permission: Permission) -> MetaField {
    let about = field.description.unwrap_or_default();
    field.description = Some(format!("{about} Requires {}.", permission.word()));
    field.directive_invocations.push(needing(&[permission]));
    field
}

/// The directive that names these.
pub(super) fn needing(permissions: &[Permission]) -> MetaDirectiveInvocation {
    let words = permissions.iter().map(|p| Value::Enum(async_graphql::Name::new(p.word())));
    let args = [("anyOf".to_owned(), Value::List(words.collect()))].into_iter().collect();
    MetaDirectiveInvocation { name: "permission".into(), args }
}

pub fn query_fields() -> Outputs {
    let mut fields = vec![base::node(), base::nodes()];
    for meta in catalog().iter().flat_map(|c| &c.records) {
        let (name, lower, read) = (meta.name, meta.lower(), meta.rules.read);
        let mut one = out(
            &lower,
            name,
            format!("The record of type {name} with this key; null when there is none or the caller may not see it."),
        );
        one.args = named(vec![given("by", format!("{name}By!"), "Exactly one of the keys that a record has.")]);
        let mut list =
            out(meta.plural, format!("{name}Connection!"), format!("The {} that the caller may see.", meta.plural));
        list.args = list_args(meta);
        let mut sums = out(
            format!("{lower}Aggregate"),
            format!("[{name}Aggregate!]!"),
            format!(
                "Figures over the {} that the caller may see: one group for each combination of values, or one for all.",
                meta.plural
            ),
        );
        sums.args = aggregate_args(meta);
        fields.extend([one, list, sums].map(|f| guarded(f, read)));
    }
    fields.into_iter().map(|f| (f.name.clone(), f)).collect()
}

fn aggregate_args(meta: &Meta) -> Inputs {
    let name = meta.name;
    let mut args = list_args(meta);
    args.retain(|arg, _| matches!(arg.as_str(), "filter" | "search"));
    args.insert(
        "groupBy".into(),
        given("groupBy", format!("[{name}Group!]"), "Up to 4 fields; without any there is one group."),
    );
    args.insert("first".into(), given("first", "Int", "At most this many groups, 1 to 1000; 100 unless given."));
    args
}

fn input_about(suffix: &str) -> &'static str {
    match suffix {
        "Create" => "The new record's values.",
        "Update" => "Which record, and the values that change.",
        "Delete" | "Restore" => "Which record.",
        "Upsert" => "The rows, and by which key they find records that exist.",
        _ => "Which record, and what the step needs.",
    }
}

/// What a verb may answer as user errors: what its declaration implies, and what the record's rules say beside.
fn codes(meta: &Meta, suffix: &str) -> String {
    let (fresh, bulk) = (suffix == "Create", suffix == "Upsert");
    let leads = |field: &Field| matches!(field.shape, Shape::One(..) | Shape::Any(..)) && field.write != Write::Never;
    let unique = UNIQUE.iter().any(|unique| unique.table == meta.table);
    let implied = [
        (FaultCode::Validation, !matches!(suffix, "Delete" | "Restore")),
        (FaultCode::NotFound, !fresh || meta.fields.iter().any(leads)),
        (FaultCode::Forbidden, bulk),
        (FaultCode::Conflict, !fresh),
        (FaultCode::Duplicate, unique && suffix != "Delete"),
        (FaultCode::InvalidTransition, meta.steps.iter().any(|step| step.name == suffix)),
    ];
    let implied = implied.into_iter().filter_map(|(code, may)| may.then_some(code));
    let told = meta.refuses.iter().filter(|(verbs, _)| verbs.is_empty() || verbs.contains(&suffix));
    let told = told.flat_map(|(_, codes)| codes.iter().copied());
    let mut all: Vec<FaultCode> = implied.chain(told).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(Word::word).collect::<Vec<_>>().join(", ")
}

pub fn mutation_fields() -> Outputs {
    let mut fields = Vec::new();
    for meta in catalog().iter().flat_map(|c| &c.records) {
        let (name, lower, rules) = (meta.name, meta.lower(), meta.rules);
        let mut verb = |permission: Option<Permission>, suffix: &str, payload: &str, about: String| {
            if let Some(permission) = permission {
                let codes = codes(meta, suffix);
                let about = format!("{about} User errors: {codes}. Takes an idempotency key; writes an event.");
                let mut field = out(format!("{lower}{suffix}"), format!("{name}{payload}"), about);
                field.args = named(vec![given("input", format!("{name}{suffix}Input!"), input_about(suffix))]);
                fields.push(guarded(field, permission));
            }
        };
        verb(rules.create, "Create", "Payload", format!("Creates a record of type {name}."));
        verb(
            rules.update,
            "Update",
            "Payload",
            format!("Changes a record of type {name}: what is left out stays, null clears."),
        );
        verb(rules.delete, "Delete", "Payload", format!("Deletes a record of type {name}; it can be restored."));
        verb(rules.delete, "Restore", "Payload", format!("Brings a deleted record of type {name} back."));
        verb(
            rules.update.filter(|_| rules.create.is_some()),
            "Upsert",
            "UpsertPayload",
            format!("Creates or changes up to 1000 records of type {name}, each row with its own result."),
        );
        for step in &meta.steps {
            verb(Some(step.permission), step.name, "Payload", step.about.to_owned());
        }
    }
    fields.into_iter().map(|f| (f.name.clone(), f)).collect()
}
