//! The schema as its readers find it: current, described to the last argument, every mutation with its permission.

use apollo_compiler::{
    Schema,
    schema::{ExtendedType, FieldDefinition},
};

fn schema() -> Schema {
    Schema::parse(api::schema::sdl(), "schema.graphql").expect("the schema parses")
}

#[test]
fn the_committed_schema_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == api::schema::sdl(), "run: cargo run -q -p accord-api -- schema > schema.graphql");
}

#[test]
fn the_schema_is_valid() {
    schema().validate().map_err(|e| e.to_string()).expect("valid");
}

fn fields(of: &str, name: &str, field: &FieldDefinition, silent: &mut Vec<String>) {
    let mut check = |place: String, text: Option<&str>| {
        if text.is_none_or(|t| t.trim().len() < 4) {
            silent.push(place);
        }
    };
    check(format!("{of}.{name}"), field.description.as_deref());
    for argument in &field.arguments {
        check(format!("{of}.{name}({}:)", argument.name), argument.description.as_deref());
    }
}

#[test]
fn everything_is_described() {
    let mut silent = Vec::new();
    for (name, of) in schema().types.iter().filter(|(name, of)| !name.starts_with("__") && !of.is_built_in()) {
        if of.description().is_none_or(|d| d.trim().is_empty()) {
            silent.push(name.to_string());
        }
        match of {
            ExtendedType::Object(o) => o.fields.iter().for_each(|(f, d)| fields(name, f, d, &mut silent)),
            ExtendedType::Interface(o) => o.fields.iter().for_each(|(f, d)| fields(name, f, d, &mut silent)),
            ExtendedType::Enum(e) => {
                let mute = e.values.iter().filter(|(_, v)| v.description.is_none());
                silent.extend(mute.map(|(v, _)| format!("{name}.{v}")));
            }
            ExtendedType::InputObject(i) => {
                let mute = i.fields.iter().filter(|(_, v)| v.description.is_none());
                silent.extend(mute.map(|(v, _)| format!("{name}.{v}")));
            }
            _ => {}
        }
    }
    assert!(silent.is_empty(), "without a description: {silent:#?}");
}

/// What one may do without a permission: come in, go out, look after one's own credentials.
pub const OWN: [&str; 8] = [
    "sessionCreate",
    "sessionRefresh",
    "sessionRevoke",
    "sessionRevokeOthers",
    "passwordChange",
    "userActivate",
    "passwordReset",
    "apiKeyRevoke",
];

#[test]
fn every_mutation_names_its_permission() {
    let schema = schema();
    let Some(ExtendedType::Object(mutation)) = schema.types.get("Mutation") else { panic!("no mutations") };
    let silent: Vec<_> = mutation
        .fields
        .iter()
        .filter(|(name, f)| {
            !OWN.contains(&name.as_str()) && !f.description.as_deref().unwrap_or("").contains("equires")
        })
        .map(|(name, _)| name.to_string())
        .collect();
    assert!(silent.is_empty(), "without a permission: {silent:?}");
}
