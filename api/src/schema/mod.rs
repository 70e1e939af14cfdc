//! The API on one page: every record and what stands beside them.

use async_graphql::{EmptySubscription, MergedObject, Schema};

use crate::{
    access::user,
    crm::lead,
    integration::import::{
        graphql::{ImportReads, ImportWrites},
        record as import,
    },
    graph::{
        Meta,
        root::{Reads, Writes, install},
    },
};

/// Every record of the schema.
pub fn records() -> Vec<&'static Meta> {
    vec![user::meta(), lead::meta(), import::meta(), import::errors()]
}

/// Everything that can be read.
#[derive(MergedObject)]
#[graphql(name = "Query")]
pub struct Query(Reads, ImportReads);

/// Everything that can be changed.
#[derive(MergedObject)]
#[graphql(name = "Mutation")]
pub struct Mutation(Writes, ImportWrites);

pub type AppSchema = Schema<Query, Mutation, EmptySubscription>;

pub fn build() -> AppSchema {
    install(records);
    Schema::build(Query(Reads, ImportReads), Mutation(Writes, ImportWrites), EmptySubscription).finish()
}
