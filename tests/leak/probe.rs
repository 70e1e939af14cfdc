//! Every way that leads to a row by its id, made from what the schema declares.

use api::graph::{
    Field, Meta,
    field::{Shape, Write},
};
use serde_json::Value;

use super::{Known, Sample, json};

pub struct Probe {
    pub name: String,
    pub query: String,
    variables: Value,
    /// Where the id goes.
    place: String,
}

impl Probe {
    fn read(name: String, selection: &str) -> Self {
        Self { name, query: format!("query($id: ID!) {{ {selection} }}"), variables: json!({}), place: "/id".into() }
    }

    pub fn about(&self, id: &str) -> Value {
        let mut variables = self.variables.clone();
        let (parent, member) = self.place.rsplit_once('/').unwrap();
        variables.pointer_mut(parent).unwrap()[member] = json!(id);
        variables
    }
}

/// The record that a mutation is about.
pub fn record_of(mutation: &str) -> String {
    let records = api::schema::records().into_iter().map(Meta::lower);
    records.filter(|record| mutation.starts_with(record.as_str())).max_by_key(String::len).unwrap_or_default()
}

pub fn probes(meta: &Meta, sample: &Sample, known: &Known) -> Vec<Probe> {
    let mut probes = reads(meta);
    probes.extend(relations(meta));
    probes.extend(changes(meta, sample, known));
    probes.extend(links(meta, sample, known));
    probes
}

pub fn reads(meta: &Meta) -> Vec<Probe> {
    let (one, many, name) = (meta.lower(), meta.plural, meta.name);
    let read = |what: &str, selection: String| Probe::read(format!("{one} by {what}"), &selection);
    vec![
        read("node", "node(id: $id) { __typename id } ".into()),
        read("nodes", "nodes(ids: [$id]) { __typename id }".into()),
        read("key", format!("{one}(by: {{ id: $id }}) {{ __typename id }}")),
        read("filter", format!("{many}(filter: {{ id: {{ eq: $id }} }}) {{ totalCount nodes {{ id }} }}")),
        read("not", format!("{many}(filter: {{ not: {{ id: {{ ne: $id }} }} }}) {{ totalCount }}")),
        read("aggregate", format!("{one}Aggregate(filter: {{ id: {{ in: [$id] }} }}) {{ count }}")),
        read("type", format!("node(id: $id) {{ ... on {name} {{ id }} }}")),
    ]
}

/// Filters of other records that go through this one.
fn relations(meta: &Meta) -> Vec<Probe> {
    let mut probes = vec![];
    for other in api::schema::records() {
        let list = |how: &str| format!("{}(filter: {{ {how} }}) {{ totalCount }}", other.plural);
        for field in other.fields.iter().filter(|f| f.filter && f.via.is_none()) {
            let (name, key) = (&field.name, field.input_name());
            let hows = match field.shape {
                Shape::One(_, to) if to().table == meta.table => {
                    vec![format!("{name}: {{ id: {{ eq: $id }} }}"), format!("{key}: {{ eq: $id }}")]
                }
                Shape::Many(_, to) if to().table == meta.table => {
                    vec![
                        format!("{name}: {{ some: {{ id: {{ eq: $id }} }} }}"),
                        format!("{name}: {{ none: {{ id: {{ eq: $id }} }} }}"),
                    ]
                }
                Shape::Any(..) => vec![format!("{name}: {{ eq: $id }}")],
                _ => vec![],
            };
            probes.extend(hows.iter().map(|how| Probe::read(format!("{} with {how}", other.plural), &list(how))));
        }
    }
    probes
}

/// Mutations of the row itself.
fn changes(meta: &Meta, sample: &Sample, known: &Known) -> Vec<Probe> {
    let mut probes = vec![];
    let roots = sample.roots("Mutation");
    for (name, field) in roots.iter().filter(|(name, _)| record_of(name) == meta.lower()) {
        if crate::schema::OWN.contains(&name.as_str()) {
            continue;
        }
        let (query, mut variables) = sample.operation("mutation", name, field, known);
        if name.ends_with("Upsert") {
            variables["input"]["matchOn"] = json!("ID");
            variables["input"]["dryRun"] = json!(true);
            let place = "/input/rows/0/id".to_owned();
            probes.push(Probe { name: name.clone(), query: query.clone(), variables, place });
        } else if variables["input"].get("id").is_some() {
            probes.push(Probe { name: name.clone(), query, variables, place: "/input/id".into() });
        }
    }
    probes
}

/// Creates of other records that would point to it.
fn links(meta: &Meta, sample: &Sample, known: &Known) -> Vec<Probe> {
    let mut probes = vec![];
    let roots = sample.roots("Mutation");
    for other in api::schema::records() {
        let create = format!("{}Create", other.lower());
        let Some((name, field)) = roots.iter().find(|(name, _)| *name == create) else { continue };
        let leads =
            |f: &&Field| f.write != Write::Never && matches!(f.shape, Shape::One(_, to) if to().table == meta.table);
        for link in other.fields.iter().filter(leads) {
            let (query, variables) = sample.operation("mutation", name, field, known);
            let place = format!("/input/{}", link.input_name());
            probes.push(Probe { name: format!("{name} with {}", link.input_name()), query, variables, place });
        }
    }
    probes
}

/// Lists in every order, groups and search: they name no row.
pub fn blind(meta: &Meta) -> Vec<String> {
    let (one, many) = (meta.lower(), meta.plural);
    let mut queries =
        vec![format!("{{ {many} {{ totalCount nodes {{ id }} }} }}"), format!("{{ {one}Aggregate {{ count }} }}")];
    let named = |keep: fn(&Field) -> bool| meta.fields.iter().filter(move |f| keep(f)).map(Field::enum_name);
    queries.extend(
        named(|f| f.order).map(|by| format!("{{ {many}(orderBy: [{{ field: {by} }}]) {{ nodes {{ id }} }} }}")),
    );
    queries
        .extend(named(|f| f.group).map(|by| format!("{{ {one}Aggregate(groupBy: [{{ field: {by} }}]) {{ count }} }}")));
    if meta.fields.iter().any(|f| f.search) {
        queries.push(format!("{{ {many}(search: \"sample\") {{ totalCount nodes {{ id }} }} }}"));
    }
    queries
}
