//! The front door: every operation of every transport is read, bounded, validated, coerced and normalised here before
//! the engine sees it. It holds no rule of the trade and asks no database.

mod collect;
mod convert;
mod cost;
mod document;
mod guard;
mod nul;
mod plan;
mod rules;
mod trusted;
mod weigh;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use apollo_compiler::{
    Name, Schema,
    collections::HashMap as ApolloMap,
    executable::Operation,
    introspection,
    request::{RequestError, coerce_variable_values},
    response::JsonMap,
    schema::Implementers,
    validation::Valid,
};
use async_graphql::{Request, parser::types::OperationType};
use quick_cache::{Weighter, sync::Cache};
use sha2::{Digest, Sha256};

use self::{collect::Collector, document::Document, plan::Plan};
pub use self::{
    cost::TOTAL_COUNT,
    trusted::{Mode, Trusted},
};
use super::{
    fault::{Code, Fault, cut},
    limits::Limits,
};

/// What a client asks for, whatever the transport.
#[derive(Default)]
pub struct Asked {
    pub text: Option<String>,
    pub document_id: Option<String>,
    pub operation: Option<String>,
    pub variables: JsonMap,
}

/// An operation that may run.
pub struct Admitted {
    pub request: Request,
    pub kind: OperationType,
    pub name: Option<String>,
    pub cost: u64,
    /// The keys in the answer under which total counts stand.
    pub totals: Arc<BTreeSet<String>>,
    /// Exactly one root field of a mutation: what an idempotency key can stand for.
    pub single_mutation: bool,
    /// The answer holds a secret and is kept nowhere.
    pub secret: bool,
    /// The key given by `@idempotent`.
    pub key: Option<String>,
    document: Arc<Verdict>,
}

impl Admitted {
    /// The same for two requests that mean the same: text without layout, operation, coerced variables.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        if let Ok(document) = &*self.document {
            let text = document.valid.serialize().no_indent().to_string();
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.update(self.name.as_deref().unwrap_or_default());
        hash.update([0]);
        hash.update(serde_json::to_vec(&self.request.variables).unwrap_or_default());
        hash.finalize().into()
    }
}

type Verdict = Result<Document, Fault>;
type Outcome = Result<Plan, Fault>;
/// The document, the operation's name, the values of its switches.
type PlanKey = (u64, Option<String>, Vec<bool>);

/// Bytes per byte of text, and per planned field, that the trees behind them take; measured, rounded up.
#[derive(Clone)]
struct Bytes;

impl Weighter<Arc<str>, Arc<Verdict>> for Bytes {
    fn weight(&self, text: &Arc<str>, _: &Arc<Verdict>) -> u64 {
        1_000 + 40 * text.len() as u64
    }
}

impl Weighter<PlanKey, Arc<Outcome>> for Bytes {
    fn weight(&self, _: &PlanKey, outcome: &Arc<Outcome>) -> u64 {
        1_000 + 600 * outcome.as_ref().as_ref().map_or(0, |plan| plan.fields)
    }
}

pub struct Front {
    schema: Valid<Schema>,
    implementers: ApolloMap<Name, Implementers>,
    trusted: Trusted,
    limits: Arc<Limits>,
    documents: Cache<Arc<str>, Arc<Verdict>, Bytes>,
    plans: Cache<PlanKey, Arc<Outcome>, Bytes>,
    serial: AtomicU64,
}

impl Front {
    /// Fails with the schema's faults if the engine's own text of it is not valid by the specification.
    pub fn new(sdl: &str, trusted: Trusted, limits: Arc<Limits>) -> Result<Self, String> {
        let schema = Schema::parse_and_validate(complete(sdl), "schema.graphql");
        let schema = schema.map_err(|e| e.errors.to_string())?;
        Ok(Self {
            implementers: schema.implementers_map(),
            schema,
            trusted,
            documents: Cache::with_weighter(1_000, limits.document_cache_bytes, Bytes),
            plans: Cache::with_weighter(1_000, limits.plan_cache_bytes, Bytes),
            limits,
            serial: AtomicU64::new(0),
        })
    }

    /// Admits an operation or says why not.
    pub fn admit(&self, asked: Asked, signed_in: bool) -> Result<Admitted, Fault> {
        let text = self.trusted.text(asked.text, asked.document_id.as_deref())?;
        let verdict = self.verdict(&text);
        let document = verdict.as_ref().as_ref().map_err(Clone::clone)?;
        let operation = document.valid.operations.get(asked.operation.as_deref());
        let operation = operation.map_err(|e| self.refused(Code::OperationResolution, document, &e))?;
        nul::check_variables(&asked.variables)?;
        let coerced = coerce_variable_values(&self.schema, operation, &asked.variables);
        let values = coerced.map_err(|e| self.refused(Code::BadUserInput, document, &e))?;
        let outcome = self.plan(document, operation, &values);
        let plan = outcome.as_ref().as_ref().map_err(Clone::clone)?;
        rules::check(plan, signed_in, &self.limits)?;
        let cost = plan.cost.of(&values);
        if cost > self.limits.cost {
            let message = format!("the operation may cost {cost}, more than {}", self.limits.cost);
            return Err(Fault::new(Code::ComplexityExceeded, message));
        }
        let key = plan.key.as_ref().map(|key| match key {
            plan::Key::Given(key) => key.clone(),
            plan::Key::Variable(name) => text_of(&values, name),
        });
        let mut request = Request::new(String::new());
        request.set_parsed_query(plan.parsed.clone());
        request.variables = convert::variables(values.into_inner());
        Ok(Admitted {
            request,
            kind: plan.kind,
            name: plan.name.clone(),
            cost,
            totals: plan.totals.clone(),
            secret: rules::answers_secret(plan),
            single_mutation: plan.kind == OperationType::Mutation && plan.root.len() == 1,
            key,
            document: verdict.clone(),
        })
    }

    fn verdict(&self, text: &Arc<str>) -> Arc<Verdict> {
        if let Some(verdict) = self.documents.get(text) {
            return verdict;
        }
        let id = self.serial.fetch_add(1, Ordering::Relaxed);
        let verdict = Arc::new(document::read(&self.schema, text, id, &self.limits));
        // a text over the limit is refused at a glance and not worth keeping
        if text.len() <= self.limits.document_bytes {
            self.documents.insert(text.clone(), verdict.clone());
        }
        verdict
    }

    fn plan(&self, document: &Document, operation: &Operation, values: &JsonMap) -> Arc<Outcome> {
        let on = |name: &Name| values.get(name.as_str()).and_then(serde_json_bytes::Value::as_bool);
        let switches: Vec<bool> = document.switches.iter().map(|name| on(name) == Some(true)).collect();
        let name = operation.name.as_ref().map(ToString::to_string);
        let key = (document.id, name, switches);
        if let Some(outcome) = self.plans.get(&key) {
            return outcome;
        }
        let names = document.switches.iter().map(Name::as_str);
        let switches: HashMap<&str, bool> = names.zip(key.2.iter().copied()).collect();
        let collector = Collector {
            schema: &self.schema,
            implementers: &self.implementers,
            document: &document.valid,
            switches: &switches,
        };
        let outcome = introspection::check_max_depth(&document.valid, operation)
            .map_err(|e| self.refused(Code::QueryTooLarge, document, &e))
            .and_then(|()| plan::of(collector, operation, &self.limits));
        let outcome = Arc::new(outcome);
        self.plans.insert(key, outcome.clone());
        outcome
    }

    fn refused(&self, code: Code, document: &Document, error: &RequestError) -> Fault {
        let error = error.to_graphql_error(&document.valid.sources);
        let mut fault = Fault::new(code, cut(error.message, self.limits.message_chars));
        let places = error.locations.first().map(|at| (at.line, at.column));
        fault.problems.iter_mut().for_each(|p| p.location = places);
        fault
    }
}

fn text_of(values: &JsonMap, name: &str) -> String {
    let value = values.get(name).and_then(serde_json_bytes::Value::as_str);
    value.unwrap_or_default().to_owned()
}

/// The engine leaves out definitions that it takes for granted.
fn complete(sdl: &str) -> String {
    let mut text = sdl.to_owned();
    for (name, definition) in [
        ("directive @oneOf", "directive @oneOf on INPUT_OBJECT"),
        ("directive @idempotent", "directive @idempotent(key: String!) on FIELD"),
    ] {
        if !sdl.contains(name) {
            text.push('\n');
            text.push_str(definition);
        }
    }
    text
}
