//! Hears of sales that somebody was paid for and that came to nothing, or to less, by themselves or by their contracts; of sales
//! that are won into the days of a locked run, or raised; and puts the work down.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    customer_contract::{Column as K, Entity as Contracts},
    id::RowId,
    incentive_adjustment::{Column as J, Entity as Adjustments},
    incentive_run::{Column as R, Entity as Runs, Model as Run, RunStatus},
    incentive_source::{Column as C, Entity as Sources},
    money::{Currency, Money},
    opportunity::{Column as O, Entity as Opportunities, Model as Opportunity},
    stage::StageType,
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    Condition, ExprTrait, QueryResult,
    sea_query::{Expr, LockType, Order, Query},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{CLAWBACK, known::CORRECTED};
use crate::{
    crm::{Reader, all_rows, customer_contract::Sales, home::Home},
    error::Result,
    incentive::run::frozen::Frozen,
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

/// Sales that a locked run sees otherwise than they are: those that it paid for and that are not won any more, or then, or worth
/// what they were, or of which a contract was cancelled or refunded; and those of its days that it does not know. What they are is
/// compared, not when they changed: a change that began early may be seen late.
pub async fn since(access: &Access, run: &Run) -> Result<Vec<Changed>> {
    let mut ids = differing(access, run).await?;
    ids.extend(missed(access, run).await?);
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        all.extend(as_left(Reader::Access(access), some).await?);
    }
    Ok(all)
}

fn ids_of(rows: &[QueryResult]) -> Result<Vec<Uuid>> {
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<Vec<Uuid>, _>>()?)
}

async fn differing(access: &Access, run: &Run) -> Result<Vec<Uuid>> {
    let (col, sale) = (|c: C| Expr::col((Sources::NAME, c)), |c: O| Expr::col((Opportunities::NAME, c)));
    let unchanged = Query::select()
        .expr(Expr::val(1))
        .from(Opportunities::NAME)
        .and_where(sale(O::Id).equals((Sources::NAME, C::OpportunityId)))
        .and_where(sale(O::DeletedAt).is_null())
        .and_where(sale(O::StageType).eq(StageType::Won))
        .and_where(sale(O::ClosedAt).equals((Sources::NAME, C::HappenedAt)))
        .cond_where(
            Condition::any().add(col(C::AmountMinor).is_null()).add(
                sale(O::Currency)
                    .equals((Sources::NAME, C::Currency))
                    .and(sale(O::AmountMinor).equals((Sources::NAME, C::AmountMinor))),
            ),
        )
        .take();
    let contract = |c: K| Expr::col((Contracts::NAME, c));
    let lessened = Query::select()
        .expr(Expr::val(1))
        .from(Contracts::NAME)
        .and_where(contract(K::OpportunityId).equals((Sources::NAME, C::OpportunityId)))
        .and_where(contract(K::DeletedAt).is_null())
        .and_where(contract(K::CancelledAt).is_not_null().or(contract(K::RefundedMinor).is_not_null()))
        .take();
    let found = Scoped::<Sources>::read(access)
        .filter(col(C::RunId).eq(run.id.uuid()))
        .filter(col(C::Revision).eq(run.revision))
        .filter(col(C::OpportunityId).is_not_null())
        .filter(Condition::any().add(Expr::exists(unchanged).not()).add(Expr::exists(lessened)))
        .shape(|q| _ = q.distinct().column((Sources::NAME, C::OpportunityId)));
    ids_of(&found.rows().await?)
}

/// Won sales of a run's days that it has not credited to anybody.
async fn missed(access: &Access, run: &Run) -> Result<Vec<Uuid>> {
    let home = Frozen::of(run)?.home(Home::seen(access).await?);
    let (source, sale) = (|c: C| Expr::col((Sources::NAME, c)), |c: O| Expr::col((Opportunities::NAME, c)));
    let credited = Query::select()
        .expr(Expr::val(1))
        .from(Sources::NAME)
        .and_where(source(C::OrganizationId).eq(access.actor().organization.uuid()))
        .and_where(source(C::OpportunityId).equals((Opportunities::NAME, O::Id)))
        .and_where(source(C::RunId).eq(run.id.uuid()))
        .and_where(source(C::Revision).eq(run.revision))
        .take();
    let late = Scoped::<Opportunities>::read(access)
        .filter(sale(O::StageType).eq(StageType::Won))
        .filter(sale(O::ClosedAt).gte(home.begins(run.period_start)))
        .filter(sale(O::ClosedAt).lt(home.begins(run.period_end)))
        .filter(Expr::exists(credited).not())
        .shape(|q| _ = q.column((Opportunities::NAME, O::Id)).order_by((Opportunities::NAME, O::Id), Order::Asc));
    ids_of(&late.rows().await?)
}

/// Sales as they are now, less what their contracts take away.
pub async fn as_left(reader: Reader<'_>, ids: &[Uuid]) -> Result<Vec<Changed>> {
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
    pub closed_at: DateTime<Utc>,
}

impl Worth {
    fn of(row: &Opportunity, contracts: &Sales) -> Option<Self> {
        let won = row.stage_type == StageType::Won && row.deleted_at.is_none();
        let (minor, currency) = row.amount_minor.zip(row.currency).filter(|_| won)?;
        let minor = contracts.left(row.id, minor, currency)?;
        let currency = currency.to_string();
        Some(Self { minor, currency, rate_e10: row.fx_rate_at_close_e10, closed_at: row.closed_at? })
    }

    pub fn money(&self) -> Option<Money> {
        let currency: Currency = self.currency.parse().ok()?;
        Some(Money::new(self.minor, currency))
    }
}

/// Columns of a sale that pay depends on once it is won.
const TELLING: [&str; 4] = ["stage_type", "closed_at", "amount_minor", "currency"];

fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let telling = |one: &&News| match one.op {
            Op::Updated => one.changed.iter().any(|column| TELLING.contains(&column.as_str())),
            Op::Created | Op::Deleted | Op::Restored | Op::Merged => true,
        };
        let telling: Vec<&News> = news.iter().filter(telling).collect();
        let ids: Vec<Uuid> = telling.iter().map(|one| one.id).collect();
        let was =
            |one: &&&News| one.before.get("stage_type").and_then(|word| word.as_str()) == Some(StageType::Won.word());
        let mut sales: Vec<Uuid> = telling.iter().filter(was).map(|one| one.id).collect();
        sales.extend(won(tx, &ids).await?);
        sales.sort_unstable();
        sales.dedup();
        told(tx, &sales).await
    })
}

/// Those that are won, or were when they were deleted: what is in the pipeline means nothing to a run.
async fn won(tx: &Tx, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let of = |c: O| (Opportunities::NAME, c);
    let these = Scoped::<Opportunities>::with_deleted(&all_rows(tx), Opportunities::READ)
        .ids(ids)
        .filter(Expr::col(of(O::StageType)).eq(StageType::Won))
        .shape(|q| _ = q.column(of(O::Id)));
    ids_of(&tx.cells(these).await?)
}

/// Contracts that were cancelled, refunded, deleted, restored, or said of another sale.
fn ended(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    const ENDING: [&str; 4] = ["cancelled_at", "refunded_minor", "opportunity_id", "monthly_minor"];
    Box::pin(async move {
        let telling =
            |one: &&News| one.op != Op::Updated || one.changed.iter().any(|column| ENDING.contains(&column.as_str()));
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

/// Puts the work down for those of these sales that somebody was paid for, or that are of days that were paid.
async fn told(tx: &mut Tx, sales: &[Uuid]) -> Result<()> {
    if sales.is_empty() {
        return Ok(());
    }
    stay(tx).await?;
    let spans = locked_days(tx).await?;
    if spans.is_empty() {
        return Ok(());
    }
    let paid = paid_for(tx, sales).await?;
    let mut changed = as_left(Reader::Tx(tx), sales).await?;
    changed.retain(|one| {
        // a day more on both sides: which days are a run's depends on where they began then
        let near = |day: NaiveDate, (start, end): &(NaiveDate, NaiveDate)| {
            start.pred_opt().is_none_or(|before| before <= day) && day <= *end
        };
        let day = one.worth.as_ref().map(|worth| worth.closed_at.date_naive());
        let of_locked = day.is_some_and(|day| spans.iter().any(|span| near(day, span)));
        of_locked || paid.binary_search(&one.deal).is_ok()
    });
    if !changed.is_empty() {
        tx.enqueue(NewJob::new(CLAWBACK, json!({ "at": tx.access().now(), "changed": changed }))).await?;
    }
    Ok(())
}

/// Runs that may be locked next stay unlocked until this is seen: whoever locks one then sees it, and whoever comes after a lock
/// sees that.
async fn stay(tx: &Tx) -> Result<()> {
    let of = |c: R| (Runs::NAME, c);
    let open = Scoped::<Runs>::read(&all_rows(tx))
        .filter(Expr::col(of(R::Status)).is_in([RunStatus::Calculated, RunStatus::InReview, RunStatus::Approved]))
        .shape(|q| {
            q.column(of(R::Id)).order_by(of(R::Id), Order::Asc).lock(LockType::Share);
        });
    tx.cells(open).await.map(|_| ())
}

/// First days of locked runs, and the first days behind them.
async fn locked_days(tx: &Tx) -> Result<Vec<(NaiveDate, NaiveDate)>> {
    let of = |c: R| (Runs::NAME, c);
    let locked = Scoped::<Runs>::read(&all_rows(tx))
        .filter(Expr::col(of(R::Status)).is_in([RunStatus::Locked, RunStatus::Paid]))
        .shape(|q| _ = q.distinct().columns([R::PeriodStart, R::PeriodEnd].map(of)));
    let rows = tx.cells(locked).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
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
    let backend = tx.access().store().backend();
    let found = Scoped::<Sources>::read(&all_rows(tx))
        .filter(within_ids((Sources::NAME, "opportunity_id"), ids, backend))
        .filter(col(C::RunId).in_subquery(locked.clone()))
        .shape(|q| _ = q.distinct().column((Sources::NAME, C::OpportunityId)));
    let mut rows = tx.cells(found).await?;
    // those that were won late are in no run, but in what was corrected of it
    let late = Scoped::<Adjustments>::read(&all_rows(tx))
        .filter(within_ids((Adjustments::NAME, "opportunity_id"), ids, backend))
        .filter(Expr::col((Adjustments::NAME, J::Reason)).is_in(CORRECTED))
        .filter(Expr::col((Adjustments::NAME, J::RunId)).in_subquery(locked))
        .shape(|q| _ = q.distinct().column((Adjustments::NAME, J::OpportunityId)));
    rows.extend(tx.cells(late).await?);
    let mut ids = ids_of(&rows)?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
