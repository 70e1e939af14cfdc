//! How far each organisation's log has come, for those who wait for more. One statement asks for everybody who waits in
//! this process, after each commit and twice a second, and only those wake whose organisation moved.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use entity::id::{OrganizationId, RowId};
use sea_orm::{
    DbBackend, ExprTrait,
    sea_query::{Expr, Query, SelectStatement},
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use uuid::Uuid;

use super::{Store, within_ids};
use crate::error::Result;

/// How often other nodes' commits are looked for.
const EVERY: Duration = Duration::from_millis(500);
/// Commits that follow each other faster are looked at together.
const PAUSE: Duration = Duration::from_millis(5);
/// What was not looked at for so long is not known.
const OLD: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Heads(Mutex<Watched>);

#[derive(Default)]
struct Watched {
    heads: HashMap<Uuid, watch::Sender<i64>>,
    looked: Option<Instant>,
}

/// The number of one organisation's last event, as it grows.
#[derive(Clone)]
pub struct Head {
    store: Store,
    number: watch::Receiver<i64>,
}

impl Head {
    /// Until there is an event after this number.
    pub async fn past(&mut self, seq: i64) {
        // the sender lives as long as somebody waits
        _ = self.number.wait_for(|head| *head > seq).await;
    }

    /// Nothing has happened in the organisation since this was made, as far as was seen within the last second.
    pub fn still(&self) -> bool {
        let looked = self.store.0.heads.watched().looked;
        looked.is_some_and(|at| at.elapsed() < OLD) && self.number.has_changed().is_ok_and(|changed| !changed)
    }
}

impl Heads {
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Follows an organisation's log; the first to do so sets the watch going, the last to go ends it.
    pub fn head(&self, organization: OrganizationId) -> Head {
        let mut watched = self.0.heads.watched();
        if watched.heads.is_empty() {
            tokio::spawn(self.clone().watch());
        }
        let sender = watched.heads.entry(organization.uuid()).or_insert_with(|| watch::Sender::new(0));
        Head { store: self.clone(), number: sender.subscribe() }
    }

    async fn watch(self) {
        let mut commits = self.commits();
        loop {
            commits.mark_unchanged();
            let Some(wanted) = self.wanted() else { return };
            match self.look(&wanted).await {
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "the heads of the logs will be asked for again"),
            }
            sleep(PAUSE).await;
            _ = timeout(EVERY, commits.changed()).await;
        }
    }

    /// The organisations that somebody follows; none ends the watch.
    fn wanted(&self) -> Option<Vec<Uuid>> {
        let mut watched = self.0.heads.watched();
        watched.heads.retain(|_, sender| sender.receiver_count() > 0);
        if watched.heads.is_empty() {
            watched.looked = None;
            return None;
        }
        Some(watched.heads.keys().copied().collect())
    }

    async fn look(&self, wanted: &[Uuid]) -> Result<()> {
        let begun = Instant::now();
        let heads = Query::select()
            .column(("event_head", "organization_id"))
            .column(("event_head", "seq"))
            .expr(Expr::exists(unnumbered()))
            .from("event_head")
            .cond_where(within_ids(("event_head", "organization_id"), wanted, self.backend()))
            .take();
        // who waits must not be told later than sign-outs are seen: not from a replica
        let rows = self.all(self.backend() == DbBackend::Postgres, &heads).await?;
        let mut watched = self.0.heads.watched();
        let mut behind = false;
        for row in rows {
            let (organization, seq): (Uuid, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            behind |= row.try_get_by_index::<bool>(2)?;
            if let Some(sender) = watched.heads.get(&organization) {
                sender.send_if_modified(|known| std::mem::replace(known, seq) != seq);
            }
        }
        if !behind {
            watched.looked = Some(begun);
        }
        Ok(())
    }
}

/// What is committed and has no number yet: while there is any, nobody can say that nothing has happened.
fn unnumbered() -> SelectStatement {
    Query::select().expr(Expr::val(1)).from("event").and_where(Expr::col(("event", "seq")).is_null()).limit(1).take()
}
