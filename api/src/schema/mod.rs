//! The API on one page: every record and what stands beside them.

use async_graphql::{MergedObject, MergedSubscription, Schema, ValidationMode};

use crate::{
    access::user,
    crm::lead,
    graph::{
        Meta,
        root::{Reads, Writes, install},
    },
    integration::changes::{Changes, ChangesStream},
};

/// Every record of the schema.
pub fn records() -> Vec<&'static Meta> {
    vec![user::meta(), lead::meta()]
}

/// Everything that can be read.
#[derive(MergedObject)]
#[graphql(name = "Query")]
pub struct Query(Reads, Changes);

/// Everything that can be changed.
#[derive(MergedObject)]
#[graphql(name = "Mutation")]
pub struct Mutation(Writes);

/// Everything that can be followed.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct Subscription(ChangesStream);

pub type AppSchema = Schema<Query, Mutation, Subscription>;

pub fn build() -> AppSchema {
    install(records);
    // the front door has validated and bounded every document before it comes here
    Schema::build(Query(Reads, Changes), Mutation(Writes), Subscription::default())
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(200)
        .disable_suggestions()
        .finish()
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
