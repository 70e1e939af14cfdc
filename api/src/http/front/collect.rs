//! Which fields a selection set means for one parent type: conditions resolved, fragments opened, equal response
//! keys grouped, in query order. This is `CollectFields` of the specification on static types; it executes nothing.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::{DirectiveList, Value},
    collections::HashMap as ApolloMap,
    executable::{Field, Selection, SelectionSet},
    schema::{ExtendedType, Implementers},
    validation::Valid,
};

/// The fields that share one response key; validation has made sure that they agree.
pub struct Group<'a> {
    pub key: &'a str,
    pub fields: Vec<&'a Node<Field>>,
}

/// What is left of a selection set: groups of fields, and fragments whose condition only execution can decide.
pub enum Part<'a> {
    Group(Group<'a>),
    Case { on: &'a Name, set: &'a SelectionSet },
}

pub struct Collector<'a> {
    pub schema: &'a Valid<Schema>,
    pub implementers: &'a ApolloMap<Name, Implementers>,
    pub document: &'a ExecutableDocument,
    /// The values of the variables that `@skip` and `@include` read.
    pub switches: &'a HashMap<&'a str, bool>,
}

impl<'a> Collector<'a> {
    pub fn parts(&self, sets: &[&'a SelectionSet], parent: &str) -> Vec<Part<'a>> {
        let (mut parts, mut places) = (Vec::new(), HashMap::new());
        for set in sets {
            self.add(set, parent, &mut parts, &mut places);
        }
        parts
    }

    fn add(
        &self,
        set: &'a SelectionSet,
        parent: &str,
        parts: &mut Vec<Part<'a>>,
        places: &mut HashMap<&'a str, usize>,
    ) {
        for selection in &set.selections {
            if self.skipped(selection.directives()) {
                continue;
            }
            let (on, below) = match selection {
                Selection::Field(field) => {
                    group(field, parts, places);
                    continue;
                }
                Selection::InlineFragment(inline) => (&inline.selection_set.ty, &inline.selection_set),
                Selection::FragmentSpread(spread) => match spread.fragment_def(self.document) {
                    Some(def) => (def.type_condition(), &def.selection_set),
                    None => continue,
                },
            };
            if on == parent || self.schema.is_subtype(on, parent) {
                self.add(below, parent, parts, places);
            } else if self.is_abstract(parent) {
                parts.push(Part::Case { on, set: below });
            }
        }
    }

    fn skipped(&self, directives: &DirectiveList) -> bool {
        let says = |name: &str| {
            let condition = directives.get(name)?.specified_argument_by_name("if")?;
            match &**condition {
                Value::Boolean(yes) => Some(*yes),
                Value::Variable(name) => self.switches.get(name.as_str()).copied(),
                _ => None,
            }
        };
        says("skip") == Some(true) || says("include") == Some(false)
    }

    pub fn is_abstract(&self, type_name: &str) -> bool {
        let known = self.schema.types.get(type_name);
        known.is_some_and(|t| t.is_interface() || t.is_union())
    }

    /// The object types that a type can be at run time.
    pub fn possible(&self, type_name: &'a Name) -> Vec<&'a Name> {
        match self.schema.types.get(type_name) {
            Some(ExtendedType::Union(union)) => union.members.iter().map(|m| &**m).collect(),
            Some(ExtendedType::Interface(_)) => {
                self.implementers.get(type_name).map(|found| found.objects.iter().collect()).unwrap_or_default()
            }
            _ => vec![type_name],
        }
    }

    /// True if some object could meet the same response key in two parts: the engine would then run it twice.
    pub fn overlap(&self, parts: &[Part<'a>]) -> bool {
        let mut seen: HashMap<&str, HashSet<&str>> = HashMap::new();
        let groups = parts.iter().filter_map(|part| match part {
            Part::Group(group) => Some(group.key),
            Part::Case { .. } => None,
        });
        let plain: HashSet<&str> = groups.collect();
        for part in parts {
            let Part::Case { on, set } = part else {
                continue;
            };
            let mut keys = HashSet::new();
            self.keys(set, &mut keys);
            for key in keys {
                let types = seen.entry(key).or_default();
                let fresh = self.possible(on).into_iter().all(|t| types.insert(t));
                if !fresh || plain.contains(key) {
                    return true;
                }
            }
        }
        false
    }

    fn keys(&self, set: &'a SelectionSet, keys: &mut HashSet<&'a str>) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => drop(keys.insert(field.response_name().as_str())),
                Selection::InlineFragment(inline) => self.keys(&inline.selection_set, keys),
                Selection::FragmentSpread(spread) => {
                    if let Some(def) = spread.fragment_def(self.document) {
                        self.keys(&def.selection_set, keys);
                    }
                }
            }
        }
    }
}

fn group<'a>(field: &'a Node<Field>, parts: &mut Vec<Part<'a>>, places: &mut HashMap<&'a str, usize>) {
    let key = field.response_name().as_str();
    let place = *places.entry(key).or_insert_with(|| {
        let fields = Vec::new();
        parts.push(Part::Group(Group { key, fields }));
        parts.len() - 1
    });
    if let Some(Part::Group(group)) = parts.get_mut(place) {
        group.fields.push(field);
    }
}
