//! Steps of a unit of work: under another permission, at another instant, or behind a savepoint that undoes them alone.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sea_orm::ConnectionTrait;

use super::Tx;
use crate::{
    actor::Permission,
    error::{Error, Fault, Result},
};

/// Where a step began.
#[must_use]
pub struct Savepoint {
    events: usize,
    replaced: usize,
    own: usize,
}

impl Tx {
    /// From here on the work stands under this permission, which the actor must hold too; answers the former one.
    pub fn under(&mut self, permission: Permission) -> Result<Permission> {
        if !self.access.actor().may(permission) {
            return Err(Error::Forbidden(permission));
        }
        Ok(std::mem::replace(&mut self.permission, permission))
    }

    /// From here on the work happens at another instant: for what is written down afterwards, such as the demo
    /// organisation's past. What follows from it in higher themes happens at the last one.
    pub fn at(&mut self, now: DateTime<Utc>) {
        self.access = self.access.at(now);
    }

    /// Runs a step that may be refused: then nothing of it is left, and its faults are answered in its place.
    pub async fn attempt<T>(
        &mut self,
        step: impl for<'a> FnOnce(&'a mut Self) -> BoxFuture<'a, Result<T>>,
    ) -> Result<Result<T, Vec<Fault>>> {
        let (mark, permission) = (self.savepoint().await?, self.permission);
        match step(self).await {
            Ok(done) => {
                self.release().await?;
                Ok(Ok(done))
            }
            Err(error) => {
                let faults = error.into_faults()?;
                self.permission = permission;
                self.undo(mark).await?;
                Ok(Err(faults))
            }
        }
    }

    /// Begins a step that may fail without spoiling the rest: on an error its writes and events are undone.
    pub async fn savepoint(&mut self) -> Result<Savepoint> {
        self.run("SAVEPOINT step").await?;
        self.savepoints += 1;
        Ok(Savepoint { events: self.events.len(), replaced: self.replaced.len(), own: self.own.waits() })
    }

    /// The step went well: its savepoint is not needed any more.
    pub async fn release(&mut self) -> Result<()> {
        self.run("RELEASE SAVEPOINT step").await?;
        self.leave();
        Ok(())
    }

    /// Everything is again as it was at the savepoint, the remembered rows too.
    pub async fn undo(&mut self, to: Savepoint) -> Result<()> {
        self.events.truncate(to.events);
        for (which, before) in self.replaced.drain(to.replaced..).rev() {
            match before {
                Some(row) => _ = self.before.insert(which, row),
                None => _ = self.before.remove(&which),
            }
        }
        self.own.undo(self.savepoints, to.own);
        self.last = None;
        // what is rolled back to stays open: without RELEASE an outer `undo` would find it instead of its own
        self.run("ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step").await?;
        self.leave();
        Ok(())
    }

    fn leave(&mut self) {
        self.savepoints -= 1;
        self.own.leave(self.savepoints);
        if self.savepoints == 0 {
            self.replaced.clear();
        }
    }

    async fn run(&self, sql: &str) -> Result<()> {
        self.db().execute_unprepared(sql).await?;
        Ok(())
    }
}
