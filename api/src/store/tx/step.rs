//! Steps of a unit of work: under another permission, at another instant, or behind a savepoint that undoes them alone.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::Tx;
use crate::{
    actor::Permission,
    error::{Error, Result},
};

/// Where a step began.
#[must_use]
pub struct Savepoint {
    events: usize,
    replaced: usize,
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

    /// Begins a step that may fail without spoiling the rest: on an error its writes and events are undone.
    pub async fn savepoint(&mut self) -> Result<Savepoint> {
        self.run("SAVEPOINT step").await?;
        self.savepoints += 1;
        Ok(Savepoint { events: self.events.len(), replaced: self.replaced.len() })
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
        self.last = None;
        // what is rolled back to stays open: without RELEASE an outer `undo` would find it instead of its own
        self.run("ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step").await?;
        self.leave();
        Ok(())
    }

    fn leave(&mut self) {
        self.savepoints -= 1;
        if self.savepoints == 0 {
            self.replaced.clear();
        }
    }

    async fn run(&self, sql: &str) -> Result<()> {
        self.db().execute_unprepared(sql).await?;
        Ok(())
    }
}
