//! Selections of everything that a root field tells, and not only of whether it answers.

use apollo_compiler::schema::{ExtendedType, FieldDefinition};
use serde_json::Value;

use super::{SCHEMA, Sample, call};

impl Sample {
    /// A query of one root field for all that it tells: every value, of lists their records with their values, and of pay what
    /// records lead to.
    pub fn whole(name: &str, arguments: &Value) -> (String, Value) {
        let of = Self::root("Query", name).ty.inner_named_type().to_string();
        call("Query", &[(name, arguments)], |_| told(&of, 1, &mut vec![]))
    }
}

fn told(of: &str, deep: usize, trail: &mut Vec<String>) -> String {
    let object = match SCHEMA.types.get(of) {
        Some(ExtendedType::Object(object)) => object,
        Some(ExtendedType::Interface(_) | ExtendedType::Union(_)) => return " { __typename }".to_owned(),
        _ => return String::new(),
    };
    let mut parts = vec!["__typename".to_owned()];
    trail.push(of.to_owned());
    for (name, field) in object.fields.iter().filter(|(_, field)| free(field)) {
        let inner = field.ty.inner_named_type().to_string();
        if name == "edges" || trail.contains(&inner) {
            continue;
        }
        let deeper = match SCHEMA.types.get(inner.as_str()) {
            Some(ExtendedType::Object(o)) if o.fields.contains_key("id") && deep == 0 => " { id }".to_owned(),
            Some(ExtendedType::Object(o)) if o.fields.contains_key("id") => told(&inner, deep - 1, trail),
            Some(ExtendedType::Object(o)) if o.fields.contains_key("nodes") && deep == 0 => {
                if !inner.starts_with("Incentive") {
                    continue;
                }
                " { totalCount nodes { id } }".to_owned()
            }
            Some(_) => told(&inner, deep, trail),
            None => String::new(),
        };
        parts.push(format!("{name}{deeper}"));
    }
    trail.pop();
    format!(" {{ {} }}", parts.join(" "))
}

/// Without arguments that must be given.
fn free(field: &FieldDefinition) -> bool {
    !field.arguments.iter().any(|argument| argument.is_required())
}
