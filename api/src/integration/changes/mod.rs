//! The change feed: every change to records in the order of its commits, as a list to page through and as a
//! subscription. It shows what the reader's present rights show and holds no state of its own.

mod cursor;
mod feed;
mod image;
mod schema;
mod shape;
mod sight;
mod stream;

use async_graphql::{Context, Object, Subscription};
use futures_util::Stream;

pub use feed::{Batch, Change, Feed, From};

use crate::{
    error::{Error, Result},
    store::Access,
};

/// Root fields to read the feed.
#[derive(Default)]
pub struct Changes;

/// The change feed.
#[Object(name = "ChangesQuery")]
impl Changes {
    /// Changes to records in the order in which they were committed, each once: to keep a copy up to date. To begin,
    /// take `latestCursor`, read the lists, then go on after that cursor. One change of a record never comes before an
    /// earlier one of the same record.
    ///
    /// Only what the caller may read now is shown. A record that another owner took out of the caller's view comes as
    /// DELETED with the reason VISIBILITY; changes of reach that no event on the record tells, such as those of its
    /// parent, do not come at all: the caller's own change of rights, teams or place in the tree ends the cursor.
    ///
    /// Fails with `BAD_USER_INPUT` for a cursor of another organisation, and with `CURSOR_EXPIRED` when the cursor cannot
    /// be continued: it is older than the events kept (90 days unless configured otherwise), or the caller's rights
    /// have changed since. Then read the records again and go on after `extensions.resyncFrom`. Needs no permission of
    /// its own: each record's read permission decides.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what comes after this cursor; from the oldest event that is kept unless given.")]
        after: Option<String>,
        #[graphql(desc = "Only changes to records of these types, e.g. [\"Lead\"].")] types: Option<Vec<String>>,
        #[graphql(
            default = 25,
            desc = "At most this many, 1 to 100. A page may hold fewer, even none, while `pageInfo.hasNextPage` is true."
        )]
        first: i32,
    ) -> shape::Connection {
        shape::Connection(page(ctx, after, types, first).await)
    }
}

async fn page(ctx: &Context<'_>, after: Option<String>, types: Option<Vec<String>>, first: i32) -> Result<Batch> {
    let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?;
    let first = usize::try_from(first).ok().filter(|n| (1..=100).contains(n));
    let first = first.ok_or_else(|| Error::BadInput("first must be between 1 and 100".into()))?;
    let feed = Feed::open(access, types.as_deref())?;
    feed.read(after.map_or(From::Oldest, From::Cursor), first).await
}

/// Root fields to follow the feed.
#[derive(Default)]
pub struct ChangesStream;

/// What can be followed.
#[Subscription(name = "ChangesSubscription")]
impl ChangesStream {
    /// The query `changes` as it goes on: what came after the cursor, then each change within a second of its commit.
    /// Keep the cursor of the last change to go on after a lost connection without gap; a change may come twice, then
    /// with the same id. Ends with `CURSOR_EXPIRED` like the query, also when the caller's teams or tree change
    /// meanwhile.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what comes after this cursor; only new changes unless given.")] after: Option<String>,
        #[graphql(desc = "Only changes to records of these types, e.g. [\"Lead\"].")] types: Option<Vec<String>>,
    ) -> Result<impl Stream<Item = Result<Change>> + use<>> {
        let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?;
        let feed = Feed::open(access, types.as_deref())?;
        let head = access.store().head(access.actor().organization);
        let from = match after {
            Some(cursor) => From::Cursor(cursor),
            None => feed.newest().await?,
        };
        Ok(stream::follow(feed, head, from))
    }
}
