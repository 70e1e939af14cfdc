//! Text to a valid document: parse, weigh, validate. It decides nothing about operations, variables or callers,
//! so that its verdict can be kept by text alone.

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::{Directive, Value},
    executable::{Selection, SelectionSet},
    parser::Parser,
    validation::{DiagnosticList, Valid},
};

use super::{guard, nul, weigh};
use crate::http::{
    fault::{Code, Fault, Problem, cut},
    limits::Limits,
};

pub struct Document {
    pub id: u64,
    pub valid: Valid<ExecutableDocument>,
    /// The variables that `@skip` and `@include` read: their values decide what the plan looks like.
    pub switches: Vec<Name>,
}

/// Refuses in the order size, grammar, weight, rules: each step makes the next one safe to run.
pub fn read(schema: &Valid<Schema>, text: &str, id: u64, limits: &Limits) -> Result<Document, Fault> {
    guard::check(text, limits)?;
    let refuse = |code, errors: &DiagnosticList| Err(refusal(code, errors, limits));
    let mut parser = Parser::new().recursion_limit(200).token_limit(limits.tokens);
    let parsed = parser.parse_ast(text, "document");
    if parser.tokens_reached() > limits.tokens {
        let message = format!("the document has more than {} tokens", limits.tokens);
        return Err(Fault::new(Code::QueryTooLarge, message));
    }
    let ast = match parsed {
        Ok(ast) => ast,
        Err(e) => return refuse(Code::ParseFailed, &e.errors),
    };
    weigh::check(&ast, limits)?;
    nul::check_document(&ast)?;
    match ast.to_executable_validate(schema) {
        Ok(valid) => Ok(Document { id, switches: switches(&valid), valid }),
        Err(e) => refuse(Code::ValidationFailed, &e.errors),
    }
}

fn refusal(code: Code, errors: &DiagnosticList, limits: &Limits) -> Fault {
    let shown = errors.iter().take(limits.validation_errors);
    let problems = shown.map(|e| {
        let message = e.error.to_string();
        // a suggestion tells a stranger what exists
        let plain = message.split(" Did you mean").next().unwrap_or_default();
        let start = e.line_column_range().map(|range| range.start);
        Problem { message: cut(plain.to_owned(), limits.message_chars), location: start.map(|at| (at.line, at.column)) }
    });
    Fault { problems: problems.collect(), ..Fault::new(code, "") }
}

fn switches(document: &ExecutableDocument) -> Vec<Name> {
    let mut found = Vec::new();
    for operation in document.operations.iter() {
        find(&operation.selection_set, &mut found);
    }
    for fragment in document.fragments.values() {
        find(&fragment.selection_set, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn find(set: &SelectionSet, found: &mut Vec<Name>) {
    for selection in &set.selections {
        found.extend(selection.directives().iter().filter_map(switch));
        match selection {
            Selection::Field(field) => {
                if let Some(below) = &field.selection_set {
                    find(below, found);
                }
            }
            Selection::InlineFragment(inline) => find(&inline.selection_set, found),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn switch(directive: &Node<Directive>) -> Option<Name> {
    let condition = directive.specified_argument_by_name("if")?;
    match &**condition {
        Value::Variable(name) if matches!(directive.name.as_str(), "skip" | "include") => Some(name.clone()),
        _ => None,
    }
}
