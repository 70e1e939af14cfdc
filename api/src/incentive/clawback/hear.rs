//! Hears of sales that somebody was paid for and that came to nothing, or to less, by themselves or by their contracts, and puts
//! the work down.

use entity::{
    customer_contract::{Column as K, Entity as Contracts},
    id::RowId,
    incentive_run::{Column as R, Entity as Runs, Model as Run, RunStatus},
    incentive_source::{Column as C, Entity as Sources},
    money::Currency,
    opportunity::{Column as O, Entity as Opportunities, Model as Opportunity},
    stage::StageType,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, Query},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::CLAWBACK;
use crate::{
    crm::{Reader, all_rows, customer_contract::Sales},
    error::Result,
    store::{Access, Guarded, Listener, News, Op, Scoped, Tx, jobs::NewJob, within_ids},
};

pub fn listeners() -> Vec<Listener> {
    vec![
        Listener { table: Opportunities::NAME, hear },
        Listener { table: Contracts::NAME, hear: ended },
        Listener { table: Runs::NAME, hear: locked },
    ]
}

/// What changed between a calculation and its lock is looked at once it is locked.
fn locked(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let told = news.iter().filter(|one| one.kind == "incentive_run.locked");
        let jobs =
            told.map(|one| NewJob::new(CLAWBACK, json!({ "at": tx.access().now(), "run": one.id, "changed": [] })));
        tx.enqueue_many(jobs.collect()).await?;
        Ok(())
    })
}

/// Sales of a locked run that have changed since it looked at them, as they are now.
pub async fn since(access: &Access, run: &Run) -> Result<Vec<Changed>> {
    let col = |c: C| Expr::col((Sources::NAME, c));
    let sale = |c: O| Expr::col((Opportunities::NAME, c));
    let later = Query::select()
        .expr(Expr::val(1))
        .from(Opportunities::NAME)
        .and_where(sale(O::Id).equals((Sources::NAME, C::OpportunityId)))
        .and_where(sale(O::UpdatedAt).gt(col(C::CreatedAt)))
        .take();
    let contract = |c: K| Expr::col((Contracts::NAME, c));
    let ended = Query::select()
        .expr(Expr::val(1))
        .from(Contracts::NAME)
        .and_where(contract(K::OpportunityId).equals((Sources::NAME, C::OpportunityId)))
        .and_where(contract(K::UpdatedAt).gt(col(C::CreatedAt)))
        .take();
    let found = Scoped::<Sources>::read(access)
        .filter(col(C::RunId).eq(run.id.uuid()))
        .filter(col(C::Revision).eq(run.revision))
        .filter(Condition::any().add(Expr::exists(later)).add(Expr::exists(ended)))
        .shape(|q| _ = q.distinct().column((Sources::NAME, C::OpportunityId)));
    let rows = found.rows().await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<Vec<Uuid>, _>>()?;
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        all.extend(as_left(Reader::Access(access), some).await?);
    }
    Ok(all)
}

/// Sales as they are now, less what their contracts take away.
async fn as_left(reader: Reader<'_>, ids: &[Uuid]) -> Result<Vec<Changed>> {
    let still = reader.models(Scoped::<Opportunities>::read(&reader.everything()).ids(ids)).await?;
    let contracts = Sales::of(reader, ids).await?;
    let worth = |id: Uuid| {
        let row = still.iter().find(|row| row.id.uuid() == id)?;
        Worth::of(row, &contracts)
    };
    Ok(ids.iter().map(|id| Changed { deal: *id, worth: worth(*id) }).collect())
}

/// A sale that somebody was paid for, as a change left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub deal: Uuid,
    /// What it is worth: none of one that is not won any more, or was won anew.
    pub worth: Option<Worth>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worth {
    pub minor: i64,
    pub currency: String,
    pub rate_e10: Option<i64>,
    pub closed_at: chrono::DateTime<chrono::Utc>,
}

impl Worth {
    fn of(row: &Opportunity, contracts: &Sales) -> Option<Self> {
        let won = row.stage_type == StageType::Won && row.deleted_at.is_none();
        let (minor, currency) = row.amount_minor.zip(row.currency).filter(|_| won)?;
        let minor = contracts.left(row.id, minor, currency)?;
        let currency = currency.to_string();
        Some(Self { minor, currency, rate_e10: row.fx_rate_at_close_e10, closed_at: row.closed_at? })
    }

    pub fn currency(&self) -> Option<Currency> {
        self.currency.parse().ok()
    }
}

/// Columns of a sale that pay depends on once it is won.
const TELLING: [&str; 4] = ["stage_type", "closed_at", "amount_minor", "currency"];

fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let telling = |one: &&News| match one.op {
            Op::Created => false,
            Op::Updated => one.changed.iter().any(|column| TELLING.contains(&column.as_str())),
            Op::Deleted | Op::Restored | Op::Merged => true,
        };
        let mut ids: Vec<Uuid> = news.iter().filter(telling).map(|one| one.id).collect();
        ids.sort_unstable();
        ids.dedup();
        told(tx, &ids).await
    })
}

/// Contracts that were cancelled, refunded, deleted, restored, or said of another sale.
fn ended(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    const ENDING: [&str; 4] = ["cancelled_at", "refunded_minor", "opportunity_id", "monthly_minor"];
    Box::pin(async move {
        let telling = |one: &&News| {
            one.op != Op::Updated || one.changed.iter().any(|column| ENDING.contains(&column.as_str()))
        };
        let rows: Vec<Uuid> = news.iter().filter(telling).map(|one| one.id).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let before = news.iter().filter_map(|one| one.before.get("opportunity_id")?.as_str()?.parse().ok());
        let mut sales: Vec<Uuid> = before.collect();
        let named = Scoped::<Contracts>::with_deleted(&all_rows(tx), Contracts::READ).ids(&rows);
        sales.extend(tx.read(named).await?.into_iter().filter_map(|row| row.opportunity_id).map(RowId::uuid));
        sales.sort_unstable();
        sales.dedup();
        told(tx, &sales).await
    })
}

/// Puts the work down for those of these sales that somebody was paid for.
async fn told(tx: &mut Tx, sales: &[Uuid]) -> Result<()> {
    let paid = if sales.is_empty() { vec![] } else { paid_for(tx, sales).await? };
    if paid.is_empty() {
        return Ok(());
    }
    let changed = as_left(Reader::Tx(tx), &paid).await?;
    tx.enqueue(NewJob::new(CLAWBACK, json!({ "at": tx.access().now(), "changed": changed }))).await?;
    Ok(())
}

/// Those that a locked run has paid somebody for.
async fn paid_for(tx: &Tx, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let col = |c: C| Expr::col((Sources::NAME, c));
    let run = |c: R| Expr::col((Runs::NAME, c));
    let locked = Query::select()
        .column((Runs::NAME, R::Id))
        .from(Runs::NAME)
        .and_where(run(R::OrganizationId).eq(tx.access().actor().organization.uuid()))
        .and_where(run(R::Status).is_in([RunStatus::Locked, RunStatus::Paid]))
        .take();
    let theirs = within_ids((Sources::NAME, "opportunity_id"), ids, tx.access().store().backend());
    let found = Scoped::<Sources>::read(&all_rows(tx))
        .filter(theirs)
        .filter(col(C::RunId).in_subquery(locked))
        .shape(|q| _ = q.distinct().column((Sources::NAME, C::OpportunityId)));
    let rows = tx.cells(found).await?;
    let mut ids = rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<Vec<Uuid>, _>>()?;
    ids.sort_unstable();
    Ok(ids)
}
