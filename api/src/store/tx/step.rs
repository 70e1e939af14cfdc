//! Steps of a unit of work: under another permission, or behind a savepoint that undoes them alone.

use sea_orm::ConnectionTrait;

use super::Tx;
use crate::{
    actor::Permission,
    error::{Error, Result},
};

impl Tx {
    /// From here on the work stands under this permission, which the actor must hold too; answers the former one.
    pub fn under(&mut self, permission: Permission) -> Result<Permission> {
        if !self.access.actor().may(permission) {
            return Err(Error::Forbidden(permission));
        }
        Ok(std::mem::replace(&mut self.permission, permission))
    }

    /// Runs a step that may fail without spoiling the rest: on an error its writes and events are undone.
    pub async fn savepoint(&mut self) -> Result<usize> {
        self.run("SAVEPOINT step").await?;
        Ok(self.events.len())
    }

    /// The step went well: its savepoint is not needed any more.
    pub async fn release(&mut self) -> Result<()> {
        self.run("RELEASE SAVEPOINT step").await
    }

    pub async fn undo(&mut self, mark: usize) -> Result<()> {
        self.events.truncate(mark);
        self.run("ROLLBACK TO SAVEPOINT step").await
    }

    async fn run(&self, sql: &str) -> Result<()> {
        self.db().execute_unprepared(sql).await?;
        Ok(())
    }
}
