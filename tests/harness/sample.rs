//! Inputs made from the schema alone: for every mutation the least that it takes, so that new ones are tried as soon
//! as they exist.

use std::collections::BTreeMap;

use api::actor::Permission;
use apollo_compiler::{
    Schema,
    ast::Type,
    schema::{ExtendedType, FieldDefinition, InputValueDefinition},
};
use entity::word::Word;
use serde_json::{Value, json};

pub struct Sample {
    pub schema: Schema,
}

impl Sample {
    pub fn new() -> Self {
        Self { schema: Schema::parse(api::schema::sdl(), "schema.graphql").expect("the schema parses") }
    }

    pub fn roots(&self, root: &str) -> Vec<(String, &FieldDefinition)> {
        let Some(ExtendedType::Object(object)) = self.schema.types.get(root) else { return vec![] };
        let mut fields: Vec<_> = object.fields.iter().map(|(name, f)| (name.to_string(), &**f)).collect();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        fields
    }

    /// The permissions that a root field names: in its directive, or in the sentence of its description.
    pub fn permissions(field: &FieldDefinition) -> Vec<String> {
        let list = field.directives.get("permission").and_then(|d| d.specified_argument_by_name("anyOf"));
        let words = list.and_then(|v| v.as_list()).unwrap_or(&[]);
        if !words.is_empty() {
            return words.iter().filter_map(|v| v.as_enum().map(ToString::to_string)).collect();
        }
        let about = field.description.as_deref().unwrap_or_default().replace('\n', " ");
        let sentence = about.split("equires ").nth(1).unwrap_or_default();
        let words = sentence.split(|c: char| !c.is_ascii_uppercase() && c != '_');
        words.filter(|w| Permission::parse(w).is_some()).take(1).map(str::to_owned).collect()
    }

    /// An operation that calls one root field with the least it takes; `known` are ids of records by their type.
    pub fn operation(
        &self,
        kind: &str,
        name: &str,
        field: &FieldDefinition,
        known: &BTreeMap<String, String>,
    ) -> (String, Value) {
        let mut declared = Vec::new();
        let mut passed = Vec::new();
        let mut variables = serde_json::Map::new();
        for argument in field.arguments.iter().filter(|a| a.is_required()) {
            declared.push(format!("${}: {}", argument.name, argument.ty));
            passed.push(format!("{0}: ${0}", argument.name));
            variables.insert(argument.name.to_string(), self.value(argument, known));
        }
        let wrap = |list: &[String]| if list.is_empty() { String::new() } else { format!("({})", list.join(", ")) };
        let selection = self.selection(field.ty.inner_named_type());
        (format!("{kind}{} {{ {name}{}{selection} }}", wrap(&declared), wrap(&passed)), variables.into())
    }

    fn selection(&self, of: &str) -> String {
        match self.schema.types.get(of) {
            Some(ExtendedType::Object(o)) if o.fields.contains_key("nodes") => " { nodes { __typename } }".into(),
            Some(ExtendedType::Object(o)) if o.fields.contains_key("userErrors") => {
                " { userErrors { code message field } }".into()
            }
            Some(ExtendedType::Object(o)) if o.fields.contains_key("results") => {
                " { results { status userErrors { code } } }".into()
            }
            Some(ExtendedType::Object(o)) if o.fields.contains_key("count") => " { count }".into(),
            Some(ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_)) => {
                " { __typename }".into()
            }
            _ => String::new(),
        }
    }

    fn value(&self, input: &InputValueDefinition, known: &BTreeMap<String, String>) -> Value {
        let about = input.description.as_deref().unwrap_or("");
        self.of_type(&input.name, about, &input.ty, known)
    }

    fn of_type(&self, name: &str, about: &str, ty: &Type, known: &BTreeMap<String, String>) -> Value {
        if ty.is_list() {
            return json!([self.of_type(name, about, ty.item_type(), known)]);
        }
        match self.schema.types.get(ty.inner_named_type().as_str()) {
            Some(ExtendedType::InputObject(object)) => {
                let oneof = object.directives.get("oneOf").is_some();
                let wanted = object.fields.values().filter(|f| f.is_required());
                let wanted = wanted.chain(object.fields.values().filter(|_| oneof).take(1));
                wanted.map(|f| (f.name.to_string(), self.value(f, known))).collect::<serde_json::Map<_, _>>().into()
            }
            Some(ExtendedType::Enum(e)) => json!(e.values.keys().next().map(ToString::to_string)),
            _ => scalar(name, about, ty.inner_named_type().as_str(), known),
        }
    }
}

fn scalar(name: &str, about: &str, ty: &str, known: &BTreeMap<String, String>) -> Value {
    match ty {
        "ID" => {
            let record = name.trim_end_matches("Id");
            let prefix = about.split("begins with `").nth(1).and_then(|rest| rest.split('`').next());
            let nobody = format!("{}00000000000070008000000000000000", prefix.unwrap_or("lead_"));
            json!(known.get(record).cloned().unwrap_or(nobody))
        }
        "Int" => json!(1),
        "Float" => json!(1.0),
        "Boolean" => json!(true),
        "DateTime" => json!("2026-01-02T03:04:05Z"),
        "Date" => json!("2026-01-02"),
        "Decimal" => json!("12.50"),
        "CurrencyCode" => json!("EUR"),
        "EmailAddress" => json!("sample@example.com"),
        "JSON" => json!({}),
        _ => json!("sample"),
    }
}
