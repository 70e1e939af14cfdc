//! What follows for accounts and amounts when opportunities go or come back, or the organisation's currency would change.

use std::collections::BTreeSet;

use entity::{
    id::AccountId,
    opportunity::{Column as C, Entity},
    organization,
};
use futures_util::future::BoxFuture;
use sea_orm::{Condition, ExprTrait, sea_query::Expr};
use uuid::Uuid;

use super::life;
use crate::{
    crm::all_rows,
    error::{Error, FaultCode, Result},
    store::{Guarded, Listener, News, Op, Scoped, Tx},
};

pub const LISTENERS: [Listener; 2] =
    [Listener { table: Entity::NAME, hear: gone }, Listener { table: organization::Entity::NAME, hear: recoined }];

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

/// Rates that were frozen when opportunities closed lead into the currency of then: it stays the organisation's.
fn recoined(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        if !news.iter().any(|n| n.op == Op::Updated && n.changed.iter().any(|column| column == "base_currency")) {
            return Ok(());
        }
        let column = |c: C| Expr::col((Entity::NAME, c));
        let frozen = Condition::all().add(column(C::FxRateAtCloseE10).is_not_null());
        let any = Scoped::<Entity>::read(&all_rows(tx)).filter(frozen).shape(|q| _ = q.limit(1));
        if tx.read(any).await?.is_empty() {
            return Ok(());
        }
        let message = "opportunities have been closed at rates into the present currency: it can no longer change";
        Err(Error::refused(FaultCode::Locked, "baseCurrency", message))
    })
}
