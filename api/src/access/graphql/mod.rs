//! What stands beside the records of this theme: the caller, explanations of rights, and the steps with rules of
//! their own. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

mod inputs;
mod mutation;
mod payloads;
mod viewer;

use async_graphql::Context;

use super::{identity::Gate, session::Client};
use crate::{
    error::{Error, Result},
    store::Access,
};

pub use mutation::Mutation;
pub use viewer::Query;

fn access<'a>(ctx: &Context<'a>) -> Result<&'a Access> {
    ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)
}

fn gate<'a>(ctx: &Context<'a>) -> Result<&'a Gate> {
    ctx.data_opt::<Gate>().ok_or_else(|| Error::internal("the schema was built without a gate"))
}

fn client(ctx: &Context<'_>) -> Client {
    ctx.data_opt::<Client>().cloned().unwrap_or_default()
}
