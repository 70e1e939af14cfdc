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
    if std::env::var_os("ACCORD_TEST_BLESS").is_some() {
        std::fs::write(path, api::schema::sdl()).expect("schema.graphql is written");
    }
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
fn every_mutation_names_its_permission_in_words_and_for_programs() {
    let schema = schema();
    let Some(ExtendedType::Object(mutation)) = schema.types.get("Mutation") else { panic!("no mutations") };
    let silent = |field: &FieldDefinition| {
        let list = field.directives.get("permission").and_then(|d| d.specified_argument_by_name("anyOf"));
        let words: Vec<_> = list.and_then(|v| v.as_list()).unwrap_or(&[]).iter().filter_map(|v| v.as_enum()).collect();
        let sentence = field.description.as_deref().and_then(|d| d.split("Requires ").nth(1)).unwrap_or_default();
        words.is_empty() || !words.iter().all(|word| sentence.contains(word.as_str()))
    };
    let fields = mutation.fields.iter().filter(|(name, f)| !OWN.contains(&name.as_str()) && silent(f));
    let silent: Vec<_> = fields.map(|(name, _)| name.to_string()).collect();
    assert!(silent.is_empty(), "without a permission: {silent:?}");
}
