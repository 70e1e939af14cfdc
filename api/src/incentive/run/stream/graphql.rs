//! How a run is calculated, as it goes on.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, SimpleObject, Subscription};
use entity::{
    id::RowId,
    incentive_run::{Entity, RunStatus},
};
use futures_util::{Stream, StreamExt};

use crate::{
    error::{Error, Result},
    graph::{Node, derived::Term, scalar::DateTime, value},
    integration::changes,
    store::{Access, Guarded, Scoped},
};

/// Where a run stands.
#[derive(SimpleObject)]
pub struct IncentiveRunNews {
    /// Where it stands in the change feed, for `after`; opaque.
    cursor: String,
    /// When it was so.
    at: DateTime,
    /// Where the run stands now.
    status: Term<RunStatus>,
    /// The number of the calculation that goes on; null when none does any more.
    calculating: Option<i32>,
    /// How many records it has looked at.
    looked_at: i32,
    /// Why it came to nothing; null when it did not.
    failure: Option<String>,
    /// The run.
    run: Node<Entity>,
}

#[derive(Default)]
pub struct RunStream;

/// How runs go on.
#[Subscription(name = "IncentiveSubscription")]
impl RunStream {
    /// How a run is calculated, and every other step of it, within seconds: one for each page of records that was looked at.
    /// Keep the cursor of the last one to go on after a lost connection without gap; one may come twice. Ends with
    /// CURSOR_EXPIRED like `changes`. Errors: BAD_USER_INPUT for what is no id of a run. Requires INCENTIVE_RUN_READ; without
    /// it nothing comes.
    async fn incentive_run_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which run: an id that begins with `incentive_run_`.")] id: ID,
        #[graphql(desc = "Only what comes after this cursor; only new ones unless given.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<IncentiveRunNews>> + use<>> {
        let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?;
        let wrong = || Error::BadInput("id: not an id of incentive_run".into());
        let run = value::id(Entity::NAME, &id).ok_or_else(wrong)?;
        let feed = changes::follow(access, Some(&["IncentiveRun".to_owned()]), after, true).await?;
        let access = access.clone();
        Ok(feed.filter_map(move |change| {
            let access = access.next();
            async move {
                let change = match change {
                    Ok(change) if change.event.entity_id == run => change,
                    Ok(_) => return None,
                    Err(error) => return Some(Err(error)),
                };
                match Scoped::<Entity>::read(&access).ids(&[run]).one().await {
                    Ok(None) => None,
                    Ok(Some(row)) => Some(Ok(IncentiveRunNews {
                        cursor: change.cursor,
                        at: DateTime(change.event.at),
                        status: Term(row.status),
                        calculating: row.calculating,
                        looked_at: row.looked_at,
                        failure: row.failure,
                        run: Some(row.id.uuid()).into(),
                    })),
                    Err(error) => Some(Err(error)),
                }
            }
        }))
    }
}
