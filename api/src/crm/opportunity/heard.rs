//! What follows for accounts when opportunities go or come back.

use std::collections::BTreeSet;

use entity::{id::AccountId, opportunity::Entity};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::life;
use crate::{
    crm::all_rows,
    error::Result,
    store::{Guarded, Listener, News, Op, Scoped, Tx},
};

pub const LISTENER: Listener = Listener { table: Entity::NAME, hear: gone };

/// An account is a customer, or has business with us, by the opportunities that it has.
fn gone(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let ids: Vec<Uuid> = news.iter().filter(|n| matches!(n.op, Op::Deleted | Op::Restored)).map(|n| n.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let rows = tx.read(Scoped::<Entity>::with_deleted(&all_rows(tx), Entity::READ).ids(&ids)).await?;
        let accounts: BTreeSet<AccountId> = rows.into_iter().filter_map(|row| row.account_id).collect();
        life::settle_accounts(tx, accounts).await
    })
}
