//! New leads that nobody owns are given an owner in the commit that brings them, where the routing agreement says so:
//! a bounded number of statements, however many they are.

use std::collections::BTreeMap;

use entity::{
    id::{LeadId, UserId},
    lead::{Column as C, Entity, Model, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::{Decided, agreement, asks_of, route};
use crate::{
    error::Result,
    store::{Guarded, Listener, News, Op, Tx, within_ids},
};

pub const LISTENER: Listener = Listener { table: Entity::NAME, hear };

fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let new: Vec<_> = news.iter().filter(|n| n.op == Op::Created).map(|n| n.id).collect();
        if new.is_empty() {
            return Ok(());
        }
        let Some(agreed) = agreement(tx).await?.filter(|agreed| agreed.body.on_create) else { return Ok(()) };
        let column = |c: C| Expr::col((Entity::NAME, c));
        let backend = tx.access().store().backend();
        let waiting = within_ids((Entity::NAME, "id"), &new, backend)
            .add(column(C::OwnerId).is_null())
            .add(column(C::Status).is_in([Status::New, Status::Nurturing, Status::Mql]));
        let leads = tx.lock_where::<Entity>(Condition::all().add(waiting)).await?;
        if leads.is_empty() {
            return Ok(());
        }
        let asks = asks_of(tx, &agreed, leads.clone()).await?;
        let decided = route(tx, &asks, Some(agreed.version.0)).await?;
        give(tx, leads, decided).await
    })
}

/// One update for each new owner.
async fn give(tx: &mut Tx, leads: Vec<Model>, decided: Vec<Decided>) -> Result<()> {
    let mut owners: BTreeMap<UserId, Vec<Model>> = BTreeMap::new();
    let mut lost: Vec<(LeadId, Model)> = vec![];
    for (lead, decided) in leads.into_iter().zip(decided) {
        match decided.found.user {
            Some(user) => owners.entry(user).or_default().push(lead),
            None if decided.found.failed() => lost.push((lead.id, lead)),
            None => {}
        }
    }
    for (owner, theirs) in owners {
        tx.update_all::<Entity>(&theirs, &[("owner_id", owner.0.into())], "lead.routed").await?;
    }
    for (_, lead) in lost {
        tx.note::<Entity>(&lead, "routing.failed")?;
    }
    Ok(())
}
