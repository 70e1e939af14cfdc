//! Rows of a file to inputs of a record: values by their kinds, relations by what they are called.

use std::collections::{HashMap, HashSet};

use async_graphql::{Name, Value};

use super::{
    cell,
    lookup::{Found, Lookups},
    mapping::Empty,
    plan::{Key, Relation, Step, Target, What, fault},
    sheet::Row,
};
use crate::{
    crm::home::Home,
    error::{Fault, FaultCode, Result},
    graph::args::{member, string},
    store::Tx,
};

type Links = HashMap<usize, HashMap<String, Found>>;

/// The input that each row becomes, or what is wrong with it.
pub async fn inputs(
    tx: &Tx,
    lookups: &mut Lookups,
    at: usize,
    step: &Step,
    rows: &[&Row],
) -> Result<Vec<Result<Value, Vec<Fault>>>> {
    let mut links = Links::new();
    for (place, target) in step.targets.iter().enumerate() {
        let What::Relation(relation) = &target.what else { continue };
        let texts: HashSet<String> = rows.iter().map(|row| step.text(target, row)).filter(|t| !t.is_empty()).collect();
        links.insert(place, lookups.find(tx, (at, place), relation, texts).await?);
    }
    let home = Home::of(tx).await?;
    Ok(rows.iter().map(|row| input(step, home, &links, row)).collect())
}

fn input(step: &Step, home: Home, links: &Links, row: &Row) -> Result<Value, Vec<Fault>> {
    let (mut members, mut faults) = (async_graphql::indexmap::IndexMap::new(), Vec::new());
    for (place, target) in step.targets.iter().enumerate() {
        let text = step.text(target, row);
        if text.is_empty() && target.spec.empty == Empty::Keep {
            continue;
        }
        match value((step, home), target, row, text, links.get(&place)) {
            Ok(value) => _ = members.insert(Name::new(&target.name), value),
            Err(what) => faults.push(what),
        }
    }
    if let Some(Key::ExternalRef(system, template)) = &step.key {
        let id = step.fill(template, row);
        let pair = [("system", system.clone()), ("externalId", id)];
        let pair = pair.into_iter().map(|(name, text)| (Name::new(name), Value::String(text))).collect();
        members.insert(Name::new("externalRef"), Value::Object(pair));
    }
    let input = Value::Object(members);
    if faults.is_empty() && step.key.is_some() && key(step, &input).is_none() {
        let name = if let Some(Key::Field(name, _)) = &step.key { name } else { "externalRef" };
        faults.push(Fault::new(FaultCode::Validation, name, "this is what the row is matched by: it cannot be empty"));
    }
    if faults.is_empty() { Ok(input) } else { Err(faults) }
}

fn value(
    (step, home): (&Step, Home),
    target: &Target,
    row: &Row,
    text: String,
    links: Option<&HashMap<String, Found>>,
) -> Result<Value, Fault> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let done = match &target.what {
        What::Relation(relation) => return linked(target, relation, &text, links),
        What::Scalar(kind) => cell::value(*kind, &target.spec, home, text),
        What::Money => {
            let currency = target.spec.currency.as_ref().map(|t| step.fill(t, row)).unwrap_or_default();
            cell::money(&target.spec, &text, currency)
        }
    };
    done.map_err(|what| fault(target, FaultCode::Validation, what))
}

fn linked(
    target: &Target,
    relation: &Relation,
    text: &str,
    links: Option<&HashMap<String, Found>>,
) -> Result<Value, Fault> {
    let to = relation.to.table;
    match links.and_then(|links| links.get(text)) {
        Some(Found::One(id)) => Ok(Value::String(format!("{to}_{}", id.simple()))),
        Some(Found::Many) => Err(fault(
            target,
            FaultCode::Duplicate,
            format!("more than one {to} is named {text}: match by something else"),
        )),
        None => Err(fault(target, FaultCode::NotFound, format!("no {to} is named {text}, or you may not see it"))),
    }
}

/// What tells the record that an input means.
pub fn key(step: &Step, input: &Value) -> Option<String> {
    match step.key.as_ref()? {
        Key::Field(name, _) => {
            let text = member(input, name).and_then(string)?;
            let normal = step.meta.field(name).and_then(|field| field.normal);
            Some(normal.and_then(|normal| normal(&text).ok()).unwrap_or_else(|| text.to_lowercase()))
        }
        Key::ExternalRef(..) => crate::graph::external::key_of(input),
    }
}
