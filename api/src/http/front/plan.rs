//! One operation, normalised for the engine: conditions resolved, fragments opened, each field once and in query order.
//! This is correctness, not speed: the engine runs a field once per occurrence, so a mutation written twice would act
//! twice. It knows nothing of the caller.

use std::{collections::BTreeSet, sync::Arc};

use apollo_compiler::{
    Name, Node,
    ast::{Directive, OperationType as Kind, Value},
    executable::{Field, Operation, SelectionSet},
    parser::SourceMap,
};
use async_graphql::{
    Positioned,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field as OurField, InlineFragment, OperationDefinition, OperationType,
        Selection, SelectionSet as OurSet, TypeCondition,
    },
};

use super::{
    collect::{Collector, Group, Part},
    convert,
    cost::{self, Cost, Times},
};
use crate::http::{
    fault::{Code, Fault},
    limits::Limits,
};

/// Fields after opening abstract types, as a multiple of the fields a client may write.
const GROWTH: u64 = 10;

const KEY_PLACE: &str = "@idempotent belongs on the only root field of a mutation";

pub struct Plan {
    pub parsed: ExecutableDocument,
    pub kind: OperationType,
    pub name: Option<String>,
    /// Names of the root fields, in order.
    pub root: Vec<String>,
    pub cost: Cost,
    /// The keys in the answer under which total counts stand.
    pub totals: Arc<BTreeSet<String>>,
    pub key: Option<Key>,
    pub fields: u64,
}

/// The argument of `@idempotent`.
pub enum Key {
    Given(String),
    Variable(String),
}

struct Planner<'a> {
    collector: Collector<'a>,
    limits: &'a Limits,
    root: &'a Name,
    left: u64,
    totals: BTreeSet<String>,
}

type Planned = Result<(OurSet, Cost), Fault>;

pub fn of<'a>(collector: Collector<'a>, operation: &'a Operation, limits: &'a Limits) -> Result<Plan, Fault> {
    let sources = &collector.document.sources;
    let variables = operation.variables.iter();
    let variable_definitions = variables.filter_map(|v| convert::variable(v, sources)).collect();
    let top = collector.parts(&[&operation.selection_set], operation.object_type());
    let (root, key) = roots(&top, operation)?;
    let kind = kind_of(operation.operation_type);
    let most = limits.fields.saturating_mul(GROWTH);
    let mut planner = Planner { collector, limits, root: operation.object_type(), left: most, totals: BTreeSet::new() };
    let (items, cost) = planner.parts(top, operation.object_type(), None)?;
    let definition = OperationDefinition {
        ty: kind,
        variable_definitions,
        directives: Vec::new(),
        selection_set: Positioned::new(items, async_graphql::Pos::default()),
    };
    Ok(Plan {
        parsed: alone(definition),
        kind,
        name: operation.name.as_ref().map(ToString::to_string),
        root,
        cost,
        totals: Arc::new(planner.totals),
        key,
        fields: most - planner.left,
    })
}

fn kind_of(kind: Kind) -> OperationType {
    match kind {
        Kind::Query => OperationType::Query,
        Kind::Mutation => OperationType::Mutation,
        Kind::Subscription => OperationType::Subscription,
    }
}

fn alone(operation: OperationDefinition) -> ExecutableDocument {
    let operation = Positioned::new(operation, async_graphql::Pos::default());
    ExecutableDocument {
        operations: DocumentOperations::Single(operation),
        fragments: std::collections::HashMap::new(),
    }
}

/// The root fields and the key of `@idempotent`, which means something on the only field of a mutation.
fn roots(parts: &[Part<'_>], operation: &Operation) -> Result<(Vec<String>, Option<Key>), Fault> {
    let (mut names, mut key) = (Vec::new(), None);
    for part in parts {
        let Part::Group(group) = part else { continue };
        for field in &group.fields {
            key = key.or(field.directives.get("idempotent").and_then(key_of));
        }
        names.push(group.fields.first().map_or_else(String::new, |f| f.name.to_string()));
    }
    if key.is_some() && !(operation.is_mutation() && names.len() == 1) {
        return Err(Fault::new(Code::BadUserInput, KEY_PLACE));
    }
    Ok((names, key))
}

fn key_of(directive: &Node<Directive>) -> Option<Key> {
    match &**directive.specified_argument_by_name("key")? {
        Value::String(key) => Some(Key::Given(key.clone())),
        Value::Variable(name) => Some(Key::Variable(name.to_string())),
        _ => None,
    }
}

impl<'a> Planner<'a> {
    fn set(&mut self, sets: &[&'a SelectionSet], parent: &'a Name, page: Option<&Times>) -> Planned {
        let parts = self.collector.parts(sets, parent);
        if self.collector.is_abstract(parent) && self.collector.overlap(&parts) {
            return self.opened(sets, parent);
        }
        self.parts(parts, parent, page)
    }

    fn parts(&mut self, parts: Vec<Part<'a>>, parent: &'a Name, page: Option<&Times>) -> Planned {
        let (mut items, mut sum, mut cases) = (Vec::new(), Cost::Fixed(0), Vec::new());
        for part in parts {
            match part {
                Part::Group(group) => {
                    let (item, cost) = self.field(&group, parent, page)?;
                    items.extend(item);
                    sum = sum.plus(cost);
                }
                Part::Case { on, set } => {
                    let (below, cost) = self.set(&[set], on, None)?;
                    items.push(case(on, below));
                    if self.collector.is_abstract(on) {
                        sum = sum.plus(cost);
                    } else {
                        cases.push(cost);
                    }
                }
            }
        }
        if !cases.is_empty() {
            sum = sum.plus(Cost::Dearest(cases));
        }
        Ok((OurSet { items }, sum))
    }

    /// One case for each type the object can be: the only form in which no type meets a field twice.
    fn opened(&mut self, sets: &[&'a SelectionSet], parent: &'a Name) -> Planned {
        let (mut items, mut costs) = (Vec::new(), Vec::new());
        for on in self.collector.possible(parent) {
            let (below, cost) = self.set(sets, on, None)?;
            if !below.items.is_empty() {
                items.push(case(on, below));
                costs.push(cost);
            }
        }
        Ok((OurSet { items }, Cost::Dearest(costs)))
    }

    fn field(
        &mut self,
        group: &Group<'a>,
        parent: &'a Name,
        page: Option<&Times>,
    ) -> Result<(Option<Positioned<Selection>>, Cost), Fault> {
        let Some(first) = group.fields.first() else {
            return Ok((None, Cost::Fixed(0)));
        };
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let message = "the document selects too much on interfaces and unions";
            Fault::new(Code::QueryTooLarge, message)
        })?;
        if parent != self.root && group.fields.iter().any(|f| f.directives.has("idempotent")) {
            return Err(Fault::new(Code::BadUserInput, KEY_PLACE));
        }
        let found = self.collector.schema.type_field(parent, &first.name);
        let definition = found.unwrap_or(&first.definition);
        let on = definition.ty.inner_named_type();
        let below = group.fields.iter().filter_map(|f| f.selection_set.as_ref());
        let below: Vec<_> = below.collect();
        if cost::is_total(parent, &first.name) {
            self.totals.insert(first.response_name().to_string());
        }
        let (selection_set, cost) = if below.is_empty() {
            (OurSet::default(), cost::leaf(parent, &first.name))
        } else {
            let connection = cost::is_connection(on);
            let asked = cost::page(definition, &first.arguments, connection, self.limits);
            let inner = asked.as_ref().filter(|_| connection);
            let (set, cost) = self.set(&below, on, inner)?;
            let repeated = match page {
                Some(page) if first.name != "pageInfo" => Some(page.clone()),
                _ => asked.filter(|_| !connection),
            };
            (set, Cost::object(repeated, cost))
        };
        let item = written(first, selection_set, &self.collector.document.sources);
        Ok((Some(item), cost))
    }
}

/// The field as the engine reads it, at its place in the client's text.
fn written(field: &Field, below: OurSet, sources: &SourceMap) -> Positioned<Selection> {
    let alias = field.alias.as_ref().map(|a| convert::name(a, sources));
    let name = convert::name(&field.name, sources);
    let pos = alias.as_ref().map_or(name.pos, |a| a.pos);
    let arguments = field.arguments.iter().map(|argument| {
        let name = convert::name(&argument.name, sources);
        let pos = name.pos;
        (name, Positioned::new(convert::value(&argument.value), pos))
    });
    let field = OurField {
        alias,
        arguments: arguments.collect(),
        directives: Vec::new(),
        selection_set: Positioned::new(below, pos),
        name,
    };
    Positioned::new(Selection::Field(Positioned::new(field, pos)), pos)
}

fn case(on: &Name, below: OurSet) -> Positioned<Selection> {
    let pos = async_graphql::Pos::default();
    let on = Positioned::new(async_graphql::Name::new(on), pos);
    let fragment = InlineFragment {
        type_condition: Some(Positioned::new(TypeCondition { on }, pos)),
        directives: Vec::new(),
        selection_set: Positioned::new(below, pos),
    };
    Positioned::new(Selection::InlineFragment(Positioned::new(fragment, pos)), pos)
}
