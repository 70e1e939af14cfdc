//! Every way that leads to a row by its id, made from what the schema declares.

use api::graph::{Field, Meta, field::Shape};
use serde_json::{Map, Value};

use super::{Sample, World, json, record_of};
use crate::harness::{Known, Place};

/// One root field that is asked about an id.
pub struct Probe {
    pub name: String,
    root: &'static str,
    /// The field with its selection: `$id` stands for the id, `$in` for the input.
    field: String,
    /// The input's type, what else is in it, and where the id goes.
    input: Option<(String, Value, String)>,
}

impl Probe {
    fn read(name: String, field: String) -> Self {
        Self { name, root: "query", field, input: None }
    }

    fn write(name: String, mutation: &str, input: Value, place: &str) -> Self {
        let (of, selection) = Sample::shape(mutation);
        let field = format!("{mutation}(input: $in){selection}");
        Self { name, root: "mutation", field, input: Some((of, input, place.to_owned())) }
    }

    /// All of them as one operation about this id, answered by their places.
    pub fn operation(probes: &[&Self], id: &str) -> (String, Value) {
        let (mut declared, mut fields, mut variables) = (vec![], vec![], Map::new());
        for (at, probe) in probes.iter().enumerate() {
            fields.push(format!("a{at}: {}", probe.field.replace("$in", &format!("$in{at}"))));
            if let Some((of, input, place)) = &probe.input {
                declared.push(format!("$in{at}: {of}"));
                let mut input = input.clone();
                *input.pointer_mut(place).unwrap_or_else(|| panic!("no place in {}", probe.name)) = json!(id);
                variables.insert(format!("in{at}"), input);
            }
        }
        let root = probes[0].root;
        if root == "query" {
            declared.push("$id: ID!".into());
            variables.insert("id".into(), json!(id));
        }
        (format!("{root}({}) {{ {} }}", declared.join(", "), fields.join(" ")), variables.into())
    }
}

/// As many as one operation takes.
pub fn together(probes: &[Probe]) -> Vec<Vec<&Probe>> {
    let of = |root: &'static str| probes.iter().filter(move |probe| probe.root == root).collect::<Vec<_>>();
    let (reads, writes) = (of("query"), of("mutation"));
    reads.chunks(25).chain(writes.chunks(10)).map(<[_]>::to_vec).collect()
}

/// What an operation said at one place: its data and its errors.
pub fn said(answer: &Value, at: usize) -> String {
    let call = format!("a{at}");
    let errors = answer["errors"].as_array().into_iter().flatten();
    let errors = errors.filter(|error| error["path"][0] == json!(call) || error["path"].is_null());
    errors.map(ToString::to_string).fold(answer["data"][&call].to_string(), |all, error| all + &error)
}

/// All of them about rows of this record.
pub fn probes(meta: &Meta, around: &Around<'_>) -> Vec<Probe> {
    let mut probes = reads(meta);
    probes.extend(relations(meta));
    probes.extend(changes(meta, around));
    probes
}

pub fn reads(meta: &Meta) -> Vec<Probe> {
    let (one, many, name) = (meta.lower(), meta.plural, meta.name);
    let read = |what: &str, field: String| Probe::read(format!("{one} by {what}"), field);
    vec![
        read("node", "node(id: $id) { __typename id }".into()),
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
            probes.extend(hows.iter().map(|how| Probe::read(format!("{} with {how}", other.plural), list(how))));
        }
    }
    probes
}

/// Mutations told this id wherever they take one of such a record, with good input around it. Not within the body of an
/// agreement: that is a text which both sides sign, and what it names is looked up when it is used.
fn changes(meta: &Meta, around: &Around<'_>) -> Vec<Probe> {
    let mut probes = vec![];
    for Ready { name, have, places } in &around.ready {
        for (_, Place { route, pointer }) in places.iter().filter(|(record, _)| *record == meta.lower()) {
            let sample = &around.world.sample;
            let row = |verb: &str, route: &[String]| {
                let of = record_of(name);
                let of = of[..1].to_uppercase() + &of[1..];
                sample.input_to(&format!("{of}{verb}Input"), have, route)
            };
            let input = match (name.ends_with("Upsert"), pointer.as_str()) {
                (false, _) => sample.input_to(Sample::shape(name).0.trim_end_matches('!'), have, route),
                (true, "/rows/0/id") => json!({ "rows": [row("Update", &[])], "matchOn": "ID", "dryRun": true }),
                (true, _) => json!({ "rows": [row("Create", &route[1..])], "dryRun": true }),
            };
            probes.push(Probe::write(format!("{name} with {pointer}"), name, input, pointer));
        }
    }
    probes
}

/// Good input for every mutation.
pub struct Around<'a> {
    world: &'a World<'a>,
    ready: Vec<Ready>,
}

/// A mutation, the ids of rows on which it may act, and where it takes ids.
struct Ready {
    name: &'static str,
    have: Known,
    places: Vec<(String, Place)>,
}

impl<'a> Around<'a> {
    pub async fn of(world: &'a World<'a>) -> Self {
        let mut ready = vec![];
        for name in Sample::roots("Mutation").keys().filter(|name| super::asked(name)) {
            let mut have = world.ready(name, "").await;
            if name.ends_with("Upsert") {
                have.extend(world.ready(&name.replace("Upsert", "Create"), "").await);
            }
            let mut places = Sample::places(name, &record_of(name));
            places.retain(|(_, place)| place.route[0] != "body");
            ready.push(Ready { name, have, places });
        }
        Self { world, ready }
    }
}

/// These root fields in one query, answered by their places.
pub fn together_read(fields: &[String]) -> String {
    let fields: Vec<_> = fields.iter().enumerate().map(|(at, field)| format!("a{at}: {field}")).collect();
    format!("{{ {} }}", fields.join(" "))
}

/// Lists in every order, groups and search: they name no row.
pub fn blind(meta: &Meta) -> Vec<String> {
    let (one, many) = (meta.lower(), meta.plural);
    let mut fields = vec![format!("{many} {{ totalCount nodes {{ id }} }}"), format!("{one}Aggregate {{ count }}")];
    let named = |keep: fn(&Field) -> bool| meta.fields.iter().filter(move |f| keep(f)).map(Field::enum_name);
    fields.extend(named(|f| f.order).map(|by| format!("{many}(orderBy: [{{ field: {by} }}]) {{ nodes {{ id }} }}")));
    fields.extend(named(|f| f.group).map(|by| format!("{one}Aggregate(groupBy: [{{ field: {by} }}]) {{ count }}")));
    if meta.fields.iter().any(|f| f.search) {
        fields.push(format!("{many}(search: \"canary\") {{ totalCount nodes {{ id }} }}"));
    }
    fields.chunks(25).map(together_read).collect()
}
