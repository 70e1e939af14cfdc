//! The one character that no database keeps in a text, U+0000: refused wherever it would become part of a value, however
//! it was written.

use apollo_compiler::{
    Node,
    ast::{Argument, Definition, Directive, Document, Selection, Value},
    response::JsonMap,
};

use crate::http::fault::{Code, Fault};

fn refused(place: &str) -> Fault {
    Fault::new(Code::BadUserInput, format!("{place}: texts must not contain the character U+0000"))
}

pub fn check_variables(variables: &JsonMap) -> Result<(), Fault> {
    let place = variables.iter().find_map(|(name, value)| in_json(name.as_str(), value));
    place.map_or(Ok(()), |place| Err(refused(&place)))
}

/// Where it stands.
fn in_json(place: &str, value: &serde_json_bytes::Value) -> Option<String> {
    match value {
        serde_json_bytes::Value::String(text) => text.as_str().contains('\0').then(|| place.to_owned()),
        serde_json_bytes::Value::Array(all) => {
            all.iter().enumerate().find_map(|(at, value)| in_json(&format!("{place}.{at}"), value))
        }
        serde_json_bytes::Value::Object(all) => all.iter().find_map(|(name, value)| {
            let place = format!("{place}.{}", name.as_str());
            if name.as_str().contains('\0') { Some(place) } else { in_json(&place, value) }
        }),
        _ => None,
    }
}

pub fn check_document(document: &Document) -> Result<(), Fault> {
    let found = document.definitions.iter().any(|definition| match definition {
        Definition::OperationDefinition(operation) => {
            let variables = operation.variables.iter();
            in_directives(&operation.directives)
                || variables.clone().any(|v| in_directives(&v.directives))
                || variables.filter_map(|v| v.default_value.as_ref()).any(|value| in_value(value))
                || in_set(&operation.selection_set)
        }
        Definition::FragmentDefinition(fragment) => {
            in_directives(&fragment.directives) || in_set(&fragment.selection_set)
        }
        _ => false,
    });
    if found { Err(refused("the document")) } else { Ok(()) }
}

fn in_set(set: &[Selection]) -> bool {
    set.iter().any(|selection| match selection {
        Selection::Field(field) => {
            let below = field.selection_set.as_ref();
            in_arguments(&field.arguments) || in_directives(&field.directives) || below.is_some_and(|set| in_set(set))
        }
        Selection::InlineFragment(inline) => in_directives(&inline.directives) || in_set(&inline.selection_set),
        Selection::FragmentSpread(spread) => in_directives(&spread.directives),
    })
}

fn in_directives(directives: &[Node<Directive>]) -> bool {
    directives.iter().any(|directive| in_arguments(&directive.arguments))
}

fn in_arguments(arguments: &[Node<Argument>]) -> bool {
    arguments.iter().any(|argument| in_value(&argument.value))
}

fn in_value(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::List(items) => items.iter().any(|item| in_value(item)),
        Value::Object(members) => members.iter().any(|(_, value)| in_value(value)),
        _ => false,
    }
}
