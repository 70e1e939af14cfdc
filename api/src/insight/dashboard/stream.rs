//! Tells whoever looks at a dashboard that it may show something else by now: when it was changed, when records that its
//! figures rest on were, and when the organisation's day turns. It waits for the organisation's log to move, looks once
//! whether that concerns the dashboard, and then rests: however much is written, it asks few statements in a while.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::time::Duration;

use async_graphql::{Context, ID, Object, Subscription};
use chrono::{Days, TimeDelta};
use entity::{
    dashboard::{Entity, Model},
    id::RowId,
    words,
};
use futures_util::{Stream, stream};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};
use uuid::Uuid;

use super::{
    data::{DashboardData, parse, seen},
    news::tables,
    show::layout,
};
use crate::{
    crm::home::Home,
    error::{Error, Result},
    graph::{
        Node,
        derived::{Term, Tried},
        scalar::DateTime,
    },
    store::{Access, Head},
};

/// After it told something.
const REST: Duration = Duration::from_secs(5);
/// After it looked and there was nothing to tell.
const PAUSE: Duration = Duration::from_secs(1);
/// So many look at once, however many wait for the same change.
static LOOKS: Semaphore = Semaphore::const_new(8);

words! {
    /// Why a dashboard may show something else.
    pub enum What as "DashboardChangeKind" {
        /// It was changed itself: its name, with whom it is shared, its widgets.
        Dashboard = "DASHBOARD",
        /// Records were changed that its figures rest on, also such as the caller does not see.
        Figures = "FIGURES",
        /// A new day began where the organisation is: relative periods have moved.
        Day = "DAY",
    }
}

/// A dashboard may show something else.
pub struct DashboardChange {
    access: Access,
    row: Model,
    what: What,
}

/// A dashboard may show something else.
#[Object]
impl DashboardChange {
    /// When that was noticed.
    async fn at(&self) -> DateTime {
        DateTime(self.access.now())
    }

    /// Why.
    async fn what(&self) -> Term<What> {
        Term(self.what)
    }

    /// The dashboard.
    async fn dashboard(&self) -> Node<Entity> {
        Some(self.row.id.uuid()).into()
    }

    /// All that it shows now: as `dashboardData` answers it. Computed only when it is selected.
    async fn data(&self) -> Tried<DashboardData> {
        Tried(Ok(Some(DashboardData::pushed(&self.access, self.row.clone()))))
    }
}

#[derive(Default)]
pub struct DashboardStream;

/// How dashboards go on.
#[Subscription(name = "DashboardSubscription")]
impl DashboardStream {
    /// Tells that a dashboard may show something else, so that it can be asked again, or answers it at once in `data`: within a
    /// second of the change, then at most every five seconds however much changes; where many boards listen they take turns. `data`
    /// of each event is charged like a query's. It keeps nothing: after a lost connection
    /// ask `dashboardData` and subscribe anew. Completes when the caller may not see the dashboard any more, at once if they do
    /// not now. Errors: BAD_USER_INPUT for what is no id of a dashboard. Requires DASHBOARD_READ and METRIC_READ.
    async fn dashboard_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dashboard: an id that begins with `dashboard_`.")] id: ID,
    ) -> Result<impl Stream<Item = Result<DashboardChange>> + use<>> {
        let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?;
        let watch = Watch::begin(access, parse(&id)?).await?;
        Ok(stream::unfold(watch, |watch| async move {
            let mut watch = watch?;
            match watch.next().await {
                Ok(Some(change)) => Some((Ok(change), Some(watch))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        }))
    }
}

struct Watch {
    access: Access,
    id: Uuid,
    head: Head,
    /// Everything up to this event has been looked at.
    seq: i64,
    /// The version that was told last; none when the caller does not see it.
    version: Option<i32>,
    rest: Duration,
}

impl Watch {
    async fn begin(access: &Access, id: Uuid) -> Result<Option<Self>> {
        let head = access.store().head(access.actor().organization);
        let seq = access.log(&[], 0, 1).await?.head;
        let version = seen(access, id).await?.map(|row| row.version);
        Ok(version.map(|_| Self { access: access.clone(), id, head, seq, version, rest: Duration::ZERO }))
    }

    async fn next(&mut self) -> Result<Option<DashboardChange>> {
        loop {
            sleep(self.rest).await;
            let turned = self.moved().await?;
            let _turn = LOOKS.acquire().await.map_err(Error::internal)?;
            let access = self.access.next();
            let Some(row) = seen(&access, self.id).await? else { return Ok(None) };
            let tables: Vec<&str> = tables(&layout(&row)?).into_iter().collect();
            let window = access.log(&tables, self.seq, 1).await?;
            self.seq = window.head.max(self.seq);
            let other = self.version != Some(row.version);
            self.version = Some(row.version);
            let what = match (other, window.events.is_empty(), turned) {
                (true, ..) => What::Dashboard,
                (_, false, _) => What::Figures,
                (.., true) => What::Day,
                _ => {
                    self.rest = PAUSE;
                    continue;
                }
            };
            self.rest = REST;
            return Ok(Some(DashboardChange { access, row, what }));
        }
    }

    /// Until the log has moved, or the organisation's day has turned: whether that was it.
    async fn moved(&mut self) -> Result<bool> {
        let now = self.access.next();
        let home = Home::seen(&now).await?;
        let next = home.begins(home.day(now.now()) + Days::new(1)) - now.now() + TimeDelta::milliseconds(1);
        let left = next.to_std().unwrap_or(REST);
        Ok(timeout(left, self.head.past(self.seq)).await.is_err())
    }
}
