//! The API on one page: every record and what stands beside them.

use async_graphql::{EmptySubscription, MergedObject, Schema};

use crate::{
    access::user,
    crm::lead,
    graph::{
        Meta,
        root::{Reads, Writes, install},
    },
};

/// Every record of the schema.
pub fn records() -> Vec<&'static Meta> {
    vec![user::meta(), lead::meta()]
}

/// Everything that can be read.
#[derive(MergedObject)]
#[graphql(name = "Query")]
pub struct Query(Reads);

/// Everything that can be changed.
#[derive(MergedObject)]
#[graphql(name = "Mutation")]
pub struct Mutation(Writes);

pub type AppSchema = Schema<Query, Mutation, EmptySubscription>;

pub fn build() -> AppSchema {
    install(records);
    Schema::build(Query(Reads), Mutation(Writes), EmptySubscription).finish()
}

/// The schema as text: what `schema.graphql` holds and the front door reads.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    let _ = options;
    build().sdl()
}
