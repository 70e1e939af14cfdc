//! Counts what a document would be once its fragments are expanded, without expanding it: each fragment is weighed
//! once. It runs before validation, so that no walk behind it can be exponential; it does not know the schema.

use std::collections::HashMap;

use apollo_compiler::{
    Node,
    ast::{Definition, Directive, Document, Field, FragmentDefinition, Selection},
};

use crate::http::{
    fault::{Code, Fault},
    limits::Limits,
};

/// Nesting of any kind along one path; far above what `depth` allows, far below what a stack can take.
const LEVELS: u64 = 150;

#[derive(Clone, Copy, Default)]
struct Weight {
    fields: u64,
    aliases: u64,
    directives: u64,
    depth: u64,
    /// Nesting of any kind: fields, inline fragments, spreads.
    levels: u64,
}

impl Weight {
    fn add(&mut self, other: Self) {
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.depth = self.depth.max(other.depth);
        self.levels = self.levels.max(other.levels);
    }

    fn with_directives(mut self, directives: &[Node<Directive>]) -> Self {
        self.directives = self.directives.saturating_add(directives.len() as u64);
        self
    }
}

impl Weight {
    /// An unknown fragment weighs a field too: spreading it a million times is work.
    fn as_fragment(mut self, directives: &[Node<Directive>]) -> Self {
        self.fields = self.fields.max(1);
        self.levels += 1;
        self.with_directives(directives)
    }
}

struct Scale<'a> {
    fragments: HashMap<&'a str, &'a FragmentDefinition>,
    /// `None` while a fragment is being weighed: meeting it again is a cycle.
    known: HashMap<&'a str, Option<Weight>>,
}

/// Refuses a document that is too large in any of the counted ways, or whose fragments form a cycle.
pub fn check(document: &Document, limits: &Limits) -> Result<(), Fault> {
    let (mut fragments, mut operations) = (HashMap::new(), Vec::new());
    for definition in &document.definitions {
        match definition {
            Definition::FragmentDefinition(f) => drop(fragments.insert(f.name.as_str(), &**f)),
            Definition::OperationDefinition(o) => operations.push(o),
            _ => {}
        }
    }
    most("fragments", fragments.len() as u64, limits.fragments as u64)?;
    most("operations", operations.len() as u64, limits.operations as u64)?;
    let known = HashMap::with_capacity(fragments.len());
    let names: Vec<&str> = fragments.keys().copied().collect();
    let mut scale = Scale { fragments, known };
    for operation in operations {
        let variables = operation.variables.iter().map(|v| v.directives.len());
        let declared = variables.sum::<usize>() as u64;
        let weight = scale.set(&operation.selection_set, 0)?;
        let mut weight = weight.with_directives(&operation.directives);
        weight.directives = weight.directives.saturating_add(declared);
        within(weight, limits)?;
    }
    // fragments that no operation reaches are walked by validation too
    for name in names {
        within(scale.fragment(name, 0)?, limits)?;
    }
    Ok(())
}

fn within(weight: Weight, limits: &Limits) -> Result<(), Fault> {
    most("nested selections", weight.levels, LEVELS)?;
    most("nested fields", weight.depth, limits.depth)?;
    most("fields", weight.fields, limits.fields)?;
    most("aliases", weight.aliases, limits.aliases)?;
    most("directives", weight.directives, limits.directives)
}

fn most(what: &str, count: u64, limit: u64) -> Result<(), Fault> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("the document has more than {limit} {what}");
    Err(Fault::new(Code::QueryTooLarge, message))
}

impl<'a> Scale<'a> {
    fn set(&mut self, set: &'a [Selection], level: u64) -> Result<Weight, Fault> {
        most("nested selections", level, LEVELS)?;
        if set.is_empty() {
            // the grammar of September 2026 has it, the clients of today do not
            let message = "a selection set must not be empty";
            return Err(Fault::new(Code::ParseFailed, message));
        }
        let mut total = Weight::default();
        for selection in set {
            total.add(match selection {
                Selection::Field(field) => self.field(field, level)?,
                Selection::InlineFragment(inline) => {
                    self.set(&inline.selection_set, level + 1)?.as_fragment(&inline.directives)
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.fragment_name, level + 1)?.as_fragment(&spread.directives)
                }
            });
        }
        Ok(total)
    }

    fn field(&mut self, field: &'a Field, level: u64) -> Result<Weight, Fault> {
        let mut weight = match &field.selection_set {
            Some(below) => self.set(below, level + 1)?,
            None => Weight::default(),
        };
        weight.add(Weight { fields: 1, aliases: u64::from(field.alias.is_some()), ..Weight::default() });
        weight.depth += 1;
        weight.levels += 1;
        Ok(weight.with_directives(&field.directives))
    }

    fn fragment(&mut self, name: &'a str, level: u64) -> Result<Weight, Fault> {
        match self.known.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => {
                let message = format!("fragment \"{name}\" includes itself");
                return Err(Fault::new(Code::ValidationFailed, message));
            }
            None => {}
        }
        // an unknown fragment is for validation to name
        let Some(&definition) = self.fragments.get(name) else {
            return Ok(Weight::default());
        };
        self.known.insert(name, None);
        let weight = self.set(&definition.selection_set, level)?;
        let weight = weight.with_directives(&definition.directives);
        self.known.insert(name, Some(weight));
        Ok(weight)
    }
}
