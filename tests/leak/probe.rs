//! Every way that leads to a row by its id, made from what the schema declares.

use api::graph::{
    Field, Meta,
    field::{Shape, Write},
};
use serde_json::{Map, Value};

use super::{Sample, World, json, record_of};

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
                let (parent, member) = place.rsplit_once('/').unwrap();
                input.pointer_mut(parent).unwrap()[member] = json!(id);
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

/// All of them about rows of this record, with good input from that world around them.
pub fn probes(meta: &Meta, around: &World<'_>) -> Vec<Probe> {
    let mut probes = reads(meta);
    probes.extend(relations(meta));
    probes.extend(changes(meta, around));
    probes.extend(links(meta, around));
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

/// Mutations of the row itself.
fn changes(meta: &Meta, around: &World<'_>) -> Vec<Probe> {
    let mut probes = vec![];
    let own = |name: &&String| record_of(name) == meta.lower() && super::asked(name);
    for name in Sample::roots("Mutation").keys().filter(own) {
        let mut input = around.sample.arguments("Mutation", name, &around.known)["input"].take();
        if name.ends_with("Upsert") {
            let row = around.sample.input(&format!("{}UpdateInput", meta.name), &around.known);
            let input = json!({ "rows": [row], "matchOn": "ID", "dryRun": true });
            probes.push(Probe::write(name.clone(), name, input, "/rows/0/id"));
        } else if input.get("id").is_some() {
            probes.push(Probe::write(name.clone(), name, input, "/id"));
        } else if name.ends_with("Merge") {
            input["loserIds"] = json!([around.known[&meta.lower()]]);
            probes.push(Probe::write(format!("{name} into"), name, input.clone(), "/winnerId"));
            input["winnerId"] = json!(around.known[&meta.lower()]);
            probes.push(Probe::write(format!("{name} of"), name, input, "/loserIds/0"));
        }
    }
    probes
}

/// Creates of other records that would point to it.
fn links(meta: &Meta, around: &World<'_>) -> Vec<Probe> {
    let mut probes = vec![];
    for other in api::schema::records() {
        let create = format!("{}Create", other.lower());
        if !Sample::roots("Mutation").contains_key(&create) {
            continue;
        }
        let leads =
            |f: &&Field| f.write != Write::Never && matches!(f.shape, Shape::One(_, to) if to().table == meta.table);
        for link in other.fields.iter().filter(leads) {
            let input = around.sample.arguments("Mutation", &create, &around.known)["input"].take();
            let place = format!("/{}", link.input_name());
            probes.push(Probe::write(format!("{create} with {}", link.input_name()), &create, input, &place));
        }
    }
    probes
}

/// Lists in every order, groups and search: they name no row.
pub fn blind(meta: &Meta) -> String {
    let (one, many) = (meta.lower(), meta.plural);
    let mut fields = vec![format!("{many} {{ totalCount nodes {{ id }} }}"), format!("{one}Aggregate {{ count }}")];
    let named = |keep: fn(&Field) -> bool| meta.fields.iter().filter(move |f| keep(f)).map(Field::enum_name);
    fields.extend(named(|f| f.order).map(|by| format!("{many}(orderBy: [{{ field: {by} }}]) {{ nodes {{ id }} }}")));
    fields.extend(named(|f| f.group).map(|by| format!("{one}Aggregate(groupBy: [{{ field: {by} }}]) {{ count }}")));
    if meta.fields.iter().any(|f| f.search) {
        fields.push(format!("{many}(search: \"canary\") {{ totalCount nodes {{ id }} }}"));
    }
    let fields: Vec<_> = fields.into_iter().enumerate().map(|(at, field)| format!("b{at}: {field}")).collect();
    format!("{{ {} }}", fields.join(" "))
}
