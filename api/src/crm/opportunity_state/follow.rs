//! Writes the states: hears of every change of an opportunity that reports look at, ends the state that held and begins
//! the next one.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    id::{OpportunityId, RowId},
    opportunity::{self, Model},
    opportunity_state::{ActiveModel, Column as C, Entity, Model as State},
    stage::{self, StageType},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};
use uuid::Uuid;

use crate::{
    crm::{all_rows, opportunity::Book},
    error::Result,
    store::{Guarded, Listener, News, Op, Scoped, Tx, within_ids},
};

pub const LISTENER: Listener = Listener { table: opportunity::Entity::NAME, hear };

/// Columns whose change begins a new state.
const LOOKED_AT: [&str; 18] = [
    "competitor",
    "pipeline_id",
    "stage_id",
    "stage_type",
    "opp_type",
    "amount_minor",
    "currency",
    "close_date",
    "probability",
    "forecast_category",
    "loss_reason",
    "owner_id",
    "account_id",
    "source_lead_id",
    "source_campaign_id",
    "product_id",
    "closed_at",
    "fx_rate_at_close_e10",
];

fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let looked_at = |n: &News| n.op != Op::Updated || n.changed.iter().any(|c| LOOKED_AT.contains(&c.as_str()));
        let mut ids: Vec<Uuid> = news.iter().filter(|n| looked_at(n)).map(|n| n.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let new: HashSet<Uuid> = news.iter().filter(|n| n.op == Op::Created).map(|n| n.id).collect();
        for batch in ids.chunks(500) {
            let known: Vec<Uuid> = batch.iter().filter(|id| !new.contains(id)).copied().collect();
            let ended = end(tx, &known).await?;
            begin(tx, batch, &new, &ended).await?;
        }
        Ok(())
    })
}

/// Ends the states that hold: when, by opportunity. Clocks of nodes may differ, but no state ends before it began.
async fn end(tx: &mut Tx, ids: &[Uuid]) -> Result<HashMap<OpportunityId, DateTime<Utc>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let theirs = within_ids((Entity::NAME, "opportunity_id"), ids, tx.access().store().backend());
    let holding = Condition::all().add(theirs).add(Expr::col((Entity::NAME, C::Until)).is_null());
    let now = tx.access().now();
    let mut by_end: BTreeMap<DateTime<Utc>, Vec<State>> = BTreeMap::new();
    for state in tx.lock_followers::<Entity>(holding).await? {
        by_end.entry(Ord::max(state.at, now)).or_default().push(state);
    }
    let mut ended = HashMap::new();
    for (at, states) in by_end {
        tx.set_all::<Entity>(&states, &[("until", Some(at).into())], Op::Updated).await?;
        ended.extend(states.into_iter().map(|state| (state.opportunity_id, at)));
    }
    Ok(ended)
}

/// Begins what follows: nothing for what is deleted.
async fn begin(
    tx: &mut Tx,
    ids: &[Uuid],
    new: &HashSet<Uuid>,
    ended: &HashMap<OpportunityId, DateTime<Utc>>,
) -> Result<()> {
    let everything = all_rows(tx);
    let rows = Scoped::<opportunity::Entity>::with_deleted(&everything, opportunity::Entity::READ).ids(ids);
    let rows: Vec<Model> = tx.read(rows).await?.into_iter().filter(|row| row.deleted_at.is_none()).collect();
    let first = |row: &Model| new.contains(&row.id.uuid());
    let past = |row: &Model| first(row) && row.closed_at.is_some_and(|at| row.opened_at < at);
    let book = if rows.iter().any(past) { Some(Book::load(tx).await?) } else { None };
    let mut states = Vec::new();
    for row in &rows {
        let before = book.as_ref().filter(|_| past(row)).and_then(|book| book.first(row.pipeline_id, StageType::Open));
        if let Some((stage, at)) = before.zip(row.closed_at) {
            states.push(was_open(row, stage, at));
        }
        let since = if first(row) { row.closed_at.unwrap_or(row.opened_at) } else { tx.access().now() };
        let at = ended.get(&row.id).copied().unwrap_or(since);
        states.push(ActiveModel { initial: Set(first(row) && before.is_none()), ..state(row, at) });
    }
    for batch in states.chunks(500) {
        tx.insert_many::<Entity>(batch.to_vec()).await?;
    }
    Ok(())
}

fn state(row: &Model, at: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        opportunity_id: Set(row.id),
        at: Set(at),
        until: Set(None),
        pipeline_id: Set(row.pipeline_id),
        stage_id: Set(row.stage_id),
        stage_type: Set(row.stage_type),
        stage_changed_at: Set(row.stage_changed_at),
        opp_type: Set(row.opp_type),
        amount_minor: Set(row.amount_minor),
        currency: Set(row.currency),
        close_date: Set(row.close_date),
        probability: Set(row.probability),
        forecast_category: Set(row.forecast_category),
        loss_reason: Set(row.loss_reason),
        competitor: Set(row.competitor.clone()),
        owner_id: Set(row.owner_id),
        account_id: Set(row.account_id),
        source_lead_id: Set(row.source_lead_id),
        source_campaign_id: Set(row.source_campaign_id),
        product_id: Set(row.product_id),
        opened_at: Set(row.opened_at),
        closed_at: Set(row.closed_at),
        cycle_micros: Set(row.closed_at.and_then(|at| (at - row.opened_at).num_microseconds())),
        fx_rate_at_close_e10: Set(row.fx_rate_at_close_e10),
        ..Default::default()
    }
}

/// How something that was created as closed must have stood before.
fn was_open(row: &Model, stage: &stage::Model, until: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        until: Set(Some(until)),
        initial: Set(true),
        stage_id: Set(stage.id),
        stage_type: Set(StageType::Open),
        stage_changed_at: Set(row.opened_at),
        probability: Set(Some(stage.probability)),
        forecast_category: Set(stage.forecast_category),
        loss_reason: Set(None),
        closed_at: Set(None),
        cycle_micros: Set(None),
        fx_rate_at_close_e10: Set(None),
        ..state(row, row.opened_at)
    }
}
