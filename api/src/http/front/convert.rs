//! Apollo's syntax tree to async-graphql's: values, types, names and their places in the text the client sent.
//! Values only; which fields stay is `plan`'s decision.

use apollo_compiler::{
    Name, Node,
    ast::{Value, VariableDefinition},
    parser::SourceMap,
    response::JsonMap,
};
use async_graphql::{
    Name as OurName, Pos, Positioned, Value as ConstValue, Variables,
    indexmap::IndexMap,
    parser::types::{Type, VariableDefinition as OurVariable},
};
use async_graphql_value::Value as OurValue;
use serde_json::Number;
use serde_json_bytes::Value as Json;

pub fn name(name: &Name, sources: &SourceMap) -> Positioned<OurName> {
    let at = name.line_column_range(sources).map(|range| range.start);
    let pos = at.map_or_else(Pos::default, |at| Pos { line: at.line, column: at.column });
    Positioned::new(OurName::new(name), pos)
}

/// Defaults are left out: coercion has put them into the values already.
pub fn variable(variable: &Node<VariableDefinition>, sources: &SourceMap) -> Option<Positioned<OurVariable>> {
    let name = name(&variable.name, sources);
    let pos = name.pos;
    let var_type = Positioned::new(Type::new(&variable.ty.to_string())?, pos);
    let definition = OurVariable { name, var_type, directives: Vec::new(), default_value: None };
    Some(Positioned::new(definition, pos))
}

pub fn value(value: &Value) -> OurValue {
    match value {
        Value::Null => OurValue::Null,
        Value::Enum(name) => OurValue::Enum(OurName::new(name)),
        Value::Variable(name) => OurValue::Variable(OurName::new(name)),
        Value::String(text) => OurValue::String(text.clone()),
        Value::Boolean(yes) => OurValue::Boolean(*yes),
        Value::Int(int) => number(int.as_str()),
        Value::Float(float) => number(float.as_str()),
        Value::List(items) => OurValue::List(items.iter().map(|item| self::value(item)).collect()),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(k, v)| (OurName::new(k), self::value(v)));
            OurValue::Object(fields.collect::<IndexMap<_, _>>())
        }
    }
}

/// A literal as written; one that no number type holds becomes null, which validation has refused before.
fn number(literal: &str) -> OurValue {
    serde_json::from_str::<Number>(literal).map_or(OurValue::Null, OurValue::Number)
}

pub fn variables(values: JsonMap) -> Variables {
    match json(Json::Object(values)) {
        ConstValue::Object(map) => Variables::from_value(ConstValue::Object(map)),
        _ => Variables::default(),
    }
}

fn json(value: Json) -> ConstValue {
    match value {
        Json::Null => ConstValue::Null,
        Json::Bool(yes) => ConstValue::Boolean(yes),
        Json::Number(number) => ConstValue::Number(number),
        Json::String(text) => ConstValue::String(text.as_str().to_owned()),
        Json::Array(items) => ConstValue::List(items.into_iter().map(json).collect()),
        Json::Object(fields) => {
            let fields = fields.into_iter();
            ConstValue::Object(fields.map(|(k, v)| (OurName::new(k.as_str()), json(v))).collect())
        }
    }
}
