//! Inputs made from the schema: for every root field what it needs, every text filled in, so that new fields are tried
//! as soon as they exist. What the schema does not say is in one table, `needs`.

mod needs;
mod whole;

use std::{
    collections::BTreeMap,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use api::{actor::Permission, graph::Meta};
use apollo_compiler::{
    Schema,
    ast::Type,
    schema::{ExtendedType, FieldDefinition, InputValueDefinition},
};
use entity::word::Word;
use serde_json::{Map, Value, json};

/// Ids of records by their name in root fields; `id` is the one that an input is about.
pub type Known = BTreeMap<String, String>;

pub const NOBODY: &str = "00000000000070008000000000000000";

static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::parse(api::schema::sdl(), "schema.graphql").expect("the schema parses"));

static ROOTS: LazyLock<[BTreeMap<String, &'static FieldDefinition>; 3]> = LazyLock::new(|| {
    ["Query", "Mutation", "Subscription"].map(|root| match SCHEMA.types.get(root) {
        Some(ExtendedType::Object(object)) => object.fields.iter().map(|(name, f)| (name.to_string(), &**f)).collect(),
        _ => BTreeMap::new(),
    })
});

/// The records of the schema by their names in root fields.
static RECORDS: LazyLock<Vec<String>> = LazyLock::new(|| api::schema::records().into_iter().map(Meta::lower).collect());

pub struct Sample {
    /// What every free text begins with: lower-case letters and digits.
    pub mark: String,
    count: AtomicUsize,
}

impl Sample {
    pub fn new(mark: &str) -> Self {
        Self { mark: mark.to_owned(), count: AtomicUsize::new(1) }
    }

    /// The fields of a root type by their names.
    pub fn roots(root: &str) -> &'static BTreeMap<String, &'static FieldDefinition> {
        &ROOTS[["Query", "Mutation", "Subscription"].iter().position(|known| *known == root).expect("a root")]
    }

    pub fn root(root: &str, name: &str) -> &'static FieldDefinition {
        Self::roots(root).get(name).unwrap_or_else(|| panic!("no {name} in {root}"))
    }

    /// The permissions that a root field names.
    pub fn permissions(field: &FieldDefinition) -> Vec<Permission> {
        let list = field.directives.get("permission").and_then(|d| d.specified_argument_by_name("anyOf"));
        let words = list.and_then(|v| v.as_list()).unwrap_or(&[]).iter().filter_map(|v| v.as_enum());
        words.map(|word| Permission::parse(word.as_str()).expect("a permission")).collect()
    }

    /// An operation that calls these root fields with their arguments, answered by their places: `a0`, `a1`.
    pub fn operation(root: &str, calls: &[(&str, &Value)]) -> (String, Value) {
        call(root, calls, selection)
    }

    /// Where a mutation's input takes the id of a record, and of which; `own` is the one that its `id` is about.
    pub fn places(mutation: &str, own: &str) -> Vec<(String, Place)> {
        let mut places = vec![];
        for argument in &Self::root("Mutation", mutation).arguments {
            ids(argument.ty.inner_named_type(), &Place::default(), &mut |place, name, about| {
                let itself = ["id", "winnerId", "loserIds", "fromId"].contains(&name);
                let to = if itself { own.to_owned() } else { leads_to(name, about) };
                places.push((to, place));
            });
        }
        places
    }

    /// The type of a mutation's input, and what to ask of its payload.
    pub fn shape(mutation: &str) -> (String, String) {
        let field = Self::root("Mutation", mutation);
        (field.arguments[0].ty.to_string(), selection(field.ty.inner_named_type()))
    }

    /// What a root field is told: all that it needs, and every text that it takes.
    pub fn arguments(&self, root: &str, name: &str, known: &Known) -> Value {
        let required = Self::root(root, name).arguments.iter().filter(|a| a.is_required());
        let mut all: Map<String, Value> =
            required.map(|a| (a.name.to_string(), self.value(&a.name, said(a), &a.ty, known, &[]))).collect();
        self.amend(&mut all, name, known);
        all.into()
    }

    /// A value of an input type.
    pub fn input(&self, ty: &str, known: &Known) -> Value {
        self.input_to(ty, known, &[])
    }

    /// The same with whatever holds the place at the end of this route.
    pub fn input_to(&self, ty: &str, known: &Known, route: &[String]) -> Value {
        let Some(ExtendedType::InputObject(object)) = SCHEMA.types.get(ty) else { panic!("no input {ty}") };
        let oneof = object.directives.get("oneOf").is_some();
        let creates = ty.ends_with("CreateInput");
        let first = object.fields.values().next().map(|field| field.name.as_str());
        let next = route.first().map(String::as_str);
        let wanted = |field: &InputValueDefinition| {
            let name = Some(field.name.as_str());
            if oneof {
                return name == next.or(first);
            }
            let text = ["String", "EmailAddress"].contains(&field.ty.to_string().as_str());
            field.is_required() || text || name == next || (creates && field.name == "ownerId")
        };
        let mut all = Map::new();
        for field in object.fields.values().filter(|field| wanted(field)) {
            let onward = if next == Some(field.name.as_str()) { &route[1..] } else { &[] };
            all.insert(field.name.to_string(), self.value(&field.name, said(field), &field.ty, known, onward));
        }
        let there = next.and_then(|name| Some((name, all.get(name)?.clone())));
        self.amend(&mut all, ty, known);
        if let Some((name, value)) = there.filter(|_| route.len() > 1 || !all.contains_key(route[0].as_str())) {
            all.insert(name.to_owned(), value);
        }
        all.into()
    }

    fn value(&self, name: &str, about: &str, ty: &Type, known: &Known, route: &[String]) -> Value {
        if ty.is_list() {
            return json!([self.value(name, about, ty.item_type(), known, route)]);
        }
        let ty = ty.inner_named_type().as_str();
        match SCHEMA.types.get(ty) {
            Some(ExtendedType::InputObject(_)) => self.input_to(ty, known, route),
            Some(ExtendedType::Enum(e)) => json!(e.values.keys().next().map(ToString::to_string)),
            _ => self.scalar(name, about, ty, known),
        }
    }

    fn scalar(&self, name: &str, about: &str, ty: &str, known: &Known) -> Value {
        match ty {
            "ID" => json!(id(&leads_to(name, about), known)),
            "Int" => json!(1),
            "Float" => json!(1.0),
            "Boolean" => json!(true),
            "DateTime" => json!("2026-01-02T03:04:05Z"),
            "Date" => json!("2026-01-02"),
            "Decimal" => json!("12.50"),
            "CurrencyCode" => json!("EUR"),
            "JSON" => json!({}),
            _ => self.filled(&json!(needs::form(name)), known),
        }
    }

    /// A number that no other row has.
    pub fn number(&self) -> u64 {
        self.next() as u64
    }

    fn next(&self) -> usize {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// Lays what the table says of an input or root field over it; null takes a member out.
    fn amend(&self, all: &mut Map<String, Value>, place: &str, known: &Known) {
        for patch in needs::of(place) {
            for (name, value) in patch.as_object().expect("an object") {
                if value.is_null() {
                    all.remove(name);
                } else {
                    all.insert(name.clone(), self.filled(value, known));
                }
            }
        }
    }

    /// `$lead` becomes the id of that record; `MARK`, `N` and `DAY` the mark, a new number and a new date.
    fn filled(&self, value: &Value, known: &Known) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix('$') {
                Some(record) => json!(id(record, known)),
                None => json!(self.text(text)),
            },
            Value::Array(list) => list.iter().map(|value| self.filled(value, known)).collect(),
            Value::Object(all) => all.iter().map(|(name, v)| (name.clone(), self.filled(v, known))).collect(),
            other => other.clone(),
        }
    }

    fn text(&self, pattern: &str) -> String {
        let n = self.next();
        let day = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + chrono::Days::new(n as u64);
        let words = pattern.replace("MARK", &self.mark).replace("UPPER", &self.mark.to_uppercase());
        words.replace("DAY", &day.to_string()).replace("#", &n.to_string())
    }
}

/// An operation that calls these root fields, and what it asks of the type that each answers.
fn call(root: &str, calls: &[(&str, &Value)], selection: impl Fn(&str) -> String) -> (String, Value) {
    let (mut declared, mut fields, mut variables) = (vec![], vec![], Map::new());
    for (at, (name, arguments)) in calls.iter().enumerate() {
        let field = Sample::root(root, name);
        let given: Vec<_> = field.arguments.iter().filter(|a| arguments.get(a.name.as_str()).is_some()).collect();
        declared.extend(given.iter().map(|a| format!("$a{at}{}: {}", a.name, a.ty)));
        variables.extend(given.iter().map(|a| (format!("a{at}{}", a.name), arguments[a.name.as_str()].clone())));
        let passed: Vec<_> = given.iter().map(|a| format!("{0}: $a{at}{0}", a.name)).collect();
        fields.push(format!("a{at}: {name}{}{}", listed(&passed), selection(field.ty.inner_named_type())));
    }
    let kind = root.to_lowercase();
    (format!("{kind}{} {{ {} }}", listed(&declared), fields.join(" ")), variables.into())
}

/// A place within an input: the fields that lead to it, and the same with places in lists, as a JSON pointer.
#[derive(Clone, Default)]
pub struct Place {
    pub route: Vec<String>,
    pub pointer: String,
}

/// Every place of an id in an input type.
fn ids(ty: &str, under: &Place, found: &mut dyn FnMut(Place, &str, &str)) {
    let Some(ExtendedType::InputObject(object)) = SCHEMA.types.get(ty) else { return };
    for field in object.fields.values().filter(|_| under.route.len() < 5) {
        let mut place = under.clone();
        place.route.push(field.name.to_string());
        place.pointer += &format!("/{}{}", field.name, if field.ty.is_list() { "/0" } else { "" });
        match field.ty.inner_named_type().as_str() {
            "ID" => found(place, &field.name, said(field)),
            inner => ids(inner, &place, found),
        }
    }
}

fn listed(all: &[String]) -> String {
    if all.is_empty() { String::new() } else { format!("({})", all.join(", ")) }
}

fn said(input: &InputValueDefinition) -> &str {
    input.description.as_deref().unwrap_or("")
}

/// A record's id, or one that nobody has.
fn id(record: &str, known: &Known) -> String {
    let table = record.chars().fold(String::new(), |mut table, c| {
        if c.is_ascii_uppercase() {
            table.push('_');
        }
        table.push(c.to_ascii_lowercase());
        table
    });
    known.get(record).cloned().unwrap_or_else(|| format!("{table}_{NOBODY}"))
}

/// The record to which an input of this name leads.
fn leads_to(name: &str, about: &str) -> String {
    if name == "id" {
        return name.to_owned();
    }
    if let Some(record) = needs::alias(name) {
        return record.to_owned();
    }
    let begins = about.split("begins with `").nth(1).and_then(|rest| rest.split("_`").next());
    if let Some(table) = begins {
        return api::graph::field::camel(table);
    }
    let name = name.trim_end_matches('s').trim_end_matches("Id").to_lowercase();
    let ends = RECORDS.iter().filter(|record| name.ends_with(&record.to_lowercase()));
    ends.max_by_key(|record| record.len()).cloned().unwrap_or(name)
}

/// The record that a mutation is about; none for what is no record's.
pub fn record_of(mutation: &str) -> String {
    if mutation.starts_with("import") {
        return "importJob".to_owned();
    }
    let begins = RECORDS.iter().filter(|record| mutation.starts_with(record.as_str()));
    begins.max_by_key(|record| record.len()).cloned().unwrap_or_default()
}

/// What to ask of an answer: ids of records, whether it was done, how many.
fn selection(of: &str) -> String {
    let Some(ExtendedType::Object(object)) = SCHEMA.types.get(of) else {
        let composite = matches!(SCHEMA.types.get(of), Some(ExtendedType::Interface(_) | ExtendedType::Union(_)));
        return if composite { " { __typename }".into() } else { String::new() };
    };
    let has = |name: &str| object.fields.contains_key(name);
    let answers = has("userErrors") || has("results");
    if has("nodes") {
        return if has("totalCount") { " { totalCount nodes { __typename } }" } else { " { nodes { __typename } }" }
            .into();
    }
    if answers {
        let mut parts = vec![];
        for (name, field) in &object.fields {
            match (name.as_str(), SCHEMA.types.get(field.ty.inner_named_type())) {
                ("userErrors", _) => parts.push("userErrors { code message field }".to_owned()),
                ("results", _) => parts.push(format!("results{}", selection(field.ty.inner_named_type()))),
                ("status", _) => parts.push("status".to_owned()),
                (_, Some(ExtendedType::Object(o))) if o.fields.contains_key("id") => {
                    parts.push(format!("{name} {{ id }}"))
                }
                _ => {}
            }
        }
        return format!(" {{ {} }}", parts.join(" "));
    }
    let numbers = object.fields.iter().filter(|(_, f)| f.arguments.is_empty() && f.ty.to_string() == "Int!");
    let numbers: String = numbers.map(|(name, _)| format!("{name} ")).collect();
    format!(" {{ __typename {numbers}}}")
}
