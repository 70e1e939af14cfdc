//! Before the commit: what follows from the work in higher themes.

use futures_util::future::BoxFuture;

use super::Tx;
use crate::{
    error::{Error, Result},
    store::hear::listeners,
};

/// Listeners whose writes are news again could go on without end.
const MOST_ROUNDS: usize = 8;

impl Tx {
    /// What follows from the work in higher themes, done by a deputy of the actor: whoever may write the cause need not
    /// be allowed to write the consequence by hand.
    pub(super) async fn spread(&mut self) -> Result<()> {
        let (mark, last) = (self.events.len(), self.last.take());
        let deputy = self.access.deputy();
        let actor = std::mem::replace(&mut self.access, deputy);
        let told = self.tell().await;
        self.access = actor;
        self.last = last.filter(|row| !self.events.touches(mark, row.table, row.id));
        told
    }

    /// Runs a step with every right of the organisation, in the actor's name: what must follow from their work though
    /// they may not do it by hand.
    pub async fn as_deputy<T>(
        &mut self,
        step: impl for<'a> FnOnce(&'a mut Self) -> BoxFuture<'a, Result<T>>,
    ) -> Result<T> {
        let deputy = self.access.deputy();
        let actor = std::mem::replace(&mut self.access, deputy);
        let done = step(self).await;
        self.access = actor;
        done
    }

    /// Tells the listeners what was written, and then what they wrote, until nothing is new.
    async fn tell(&mut self) -> Result<()> {
        let mut told = 0;
        for _ in 0..MOST_ROUNDS {
            let until = self.events.len();
            if told == until {
                return Ok(());
            }
            for listener in listeners() {
                let news = self.events.news(listener.table, told..until);
                if !news.is_empty() {
                    (listener.hear)(self, news).await?;
                }
            }
            told = until;
        }
        Err(Error::internal("listeners answer each other without end"))
    }
}
