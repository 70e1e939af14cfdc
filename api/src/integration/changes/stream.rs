//! Follows the feed: reads a page, hands out its changes one by one, waits until the organisation's log has moved, reads
//! the next. It holds one page at most, and none of it longer than a second: by then the reader's rights may be others.
//! While nothing happens in the organisation it asks nothing: rights and teams do not change without an event either.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use futures_util::{Stream, stream};
use tokio::time::sleep;

use super::{Change, Feed, From, cursor::Reader};
use crate::{error::Result, store::Head};

const PAGE: usize = 100;
/// How long the decision on a page holds.
const FRESH: Duration = Duration::from_secs(1);
/// A replica that does not know yet what the log's head says is asked again after this.
const LAG: Duration = Duration::from_millis(50);

struct Follower {
    feed: Feed,
    head: Head,
    /// Behind the last change that was handed out.
    from: From,
    page: VecDeque<Change>,
    read_at: Instant,
    /// What the page was read up to, and by whom.
    end: Option<(i64, Reader)>,
    more: bool,
    over: bool,
}

pub fn follow(feed: Feed, head: Head, from: From) -> impl Stream<Item = Result<Change>> {
    let (page, read_at) = (VecDeque::new(), Instant::now());
    let follower = Follower { feed, head, from, page, read_at, end: None, more: true, over: false };
    stream::unfold(follower, |mut follower| async move {
        let next = follower.next().await?;
        follower.over = next.is_err();
        Some((next, follower))
    })
}

impl Follower {
    async fn next(&mut self) -> Option<Result<Change>> {
        while !self.over {
            if self.read_at.elapsed() < FRESH
                && let (Some((_, reader)), Some(change)) = (self.end, self.page.pop_front())
            {
                self.from = From::Seen(change.event.seq, reader);
                return Some(Ok(change));
            }
            if let Err(error) = self.read().await {
                return Some(Err(error));
            }
        }
        None
    }

    /// Reads the next page; one that has grown old, again from its first change that was not handed out.
    async fn read(&mut self) -> Result<()> {
        if let (true, Some((end, reader))) = (self.page.is_empty(), self.end) {
            self.from = From::Seen(end, reader);
            if !self.more {
                self.head.past(end).await;
            }
        }
        let batch = self.feed.read(self.from.clone(), PAGE).await?;
        if self.end.is_some_and(|(end, _)| end == batch.end) && batch.changes.is_empty() {
            sleep(LAG).await;
        }
        self.from = From::Seen(batch.start, batch.reader);
        self.end = Some((batch.end, batch.reader));
        (self.page, self.read_at, self.more) = (batch.changes.into(), Instant::now(), batch.more);
        Ok(())
    }
}
