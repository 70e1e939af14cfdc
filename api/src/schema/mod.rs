//! The API on one page: every record and what stands beside them.

use async_graphql::{MergedObject, MergedSubscription, Schema, SchemaBuilder, ValidationMode};

use crate::{
    access::{self, api_key, identity::Gate, organization, role, session, team, user},
    crm,
    crm::duplicate::graphql::DuplicateReads,
    crm::lead::convert::graphql::ConvertWrites,
    crm::matching::graphql::MatchReads,
    crm::merge::graphql::MergeWrites,
    graph::{
        Meta,
        root::{Reads, Writes, install},
    },
    integration::{
        changes::{Changes, ChangesStream},
        import::{
            graphql::{ImportReads, ImportWrites},
            record as imports,
        },
    },
    marketing,
    store::{Listener, listen},
};

/// Every record of the schema.
pub fn records() -> Vec<&'static Meta> {
    let access = vec![
        organization::meta(),
        user::meta(),
        team::meta(),
        team::memberships(),
        role::meta(),
        role::grant::meta(),
        session::meta(),
        api_key::meta(),
    ];
    [access, crm::records(), marketing::records(), imports::records()].concat()
}

/// Who follows up on what is written in lower themes, in the same commit.
fn listeners() -> Vec<Listener> {
    vec![marketing::converted::listener()]
}

/// Everything that can be read.
#[derive(MergedObject)]
#[graphql(name = "Query")]
pub struct Query(Reads, Changes, ImportReads, MatchReads, DuplicateReads, access::graphql::Query);

/// Everything that can be changed.
#[derive(MergedObject)]
#[graphql(name = "Mutation")]
pub struct Mutation(Writes, ImportWrites, MergeWrites, ConvertWrites, access::graphql::Mutation);

/// Everything that can be followed.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct Subscription(ChangesStream);

pub type AppSchema = Schema<Query, Mutation, Subscription>;

/// The schema without what signing in needs: for its text, and for tests that bring their own callers.
pub fn build() -> AppSchema {
    builder().finish()
}

/// The schema as it is served.
pub fn with(gate: Gate) -> AppSchema {
    builder().data(gate).finish()
}

/// Names the records for commands that need no schema.
pub fn install_records() {
    install(records);
    listen(listeners);
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    install_records();
    let query = Query(Reads, Changes, ImportReads, MatchReads, DuplicateReads, access::graphql::Query);
    let mutation = Mutation(Writes, ImportWrites, MergeWrites, ConvertWrites, access::graphql::Mutation);
    // the front door has validated and bounded every document before it comes here
    Schema::build(query, mutation, Subscription::default())
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(200)
        .disable_suggestions()
}

/// The schema as text: what `schema.graphql` holds and the front door reads.
pub fn sdl() -> String {
    DIRECTIVES.iter().fold(build().sdl(), |sdl, (plain, described)| sdl.replace(plain, described))
}

/// The engine leaves out what arguments of directives are for.
const DIRECTIVES: [(&str, &str); 2] = [
    (
        "@idempotent(key: String!)",
        "@idempotent(\n\t\"\"\"\n\tAt most 255 visible ASCII characters; kept for 30 days.\n\t\"\"\"\n\tkey: String!\n)",
    ),
    (
        "@permission(anyOf: [Permission!]!)",
        "@permission(\n\t\"\"\"\n\tOne of these is needed.\n\t\"\"\"\n\tanyOf: [Permission!]!\n)",
    ),
];
