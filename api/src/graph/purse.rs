//! What a caller is charged beyond the price that is known before an operation runs, e.g. for the questions of a dashboard.
//! It keeps no purse itself: the edge does, where there is one.

use std::sync::Arc;

use async_graphql::Context;

use crate::error::{Error, Result};

/// What a question costs that looks at many records: as much as a total count.
pub const QUESTION: u64 = 10;

/// Takes points, or says in how many seconds there are enough.
type Take = dyn Fn(u64) -> Result<(), u64> + Send + Sync;

/// The caller's way to pay, put into the request's data by the edge.
#[derive(Clone)]
pub struct Purse(Arc<Take>);

impl Purse {
    pub fn new(take: impl Fn(u64) -> Result<(), u64> + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }
}

/// Charges the caller, where somebody keeps their purse; refused where too little is left.
pub fn charge(ctx: &Context<'_>, points: u64) -> Result<()> {
    ctx.data_opt::<Purse>().map_or(Ok(()), |purse| (purse.0)(points).map_err(Error::RateLimited))
}
