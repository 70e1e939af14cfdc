//! Credit follows what it depends on: a commit that changes touches, opportunities or people puts a job down, which
//! computes the credit of the opportunities concerned within a second, those of many changes in few commits. An agreement
//! that comes into force computes all of them.

use std::str::FromStr;

use entity::id::RowId;
use futures_util::future::BoxFuture;
use sea_orm::{ExprTrait, Order, sea_query::Expr};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    affected::{Told, Touched, opportunities},
    days, freeze,
    ledger::{BATCH, settle},
    models,
};
use crate::{
    actor::Permission,
    crm::{Reader, home::Home},
    error::{Error, Result},
    store::{
        Access, Guarded, Listener, News, Op, Scoped, Tx,
        jobs::{Job, NewJob},
    },
};

/// The kind of job that computes credit after a change.
pub const FOLLOW: &str = "attribution.follow";
/// The kind of job that computes all credit of an organisation because it is given otherwise from now on: by another
/// version, in another currency, by other days.
pub const BUILD: &str = "attribution.build";
/// The kind of job that computes all credit of an organisation to make sure.
pub const REBUILD: &str = "attribution.rebuild";
/// Commits of one rebuilding job, which then puts down the next.
const STRETCH: usize = 50;

pub fn listeners() -> Vec<Listener> {
    vec![
        Listener { table: "touchpoint", hear: touched },
        Listener { table: "opportunity", hear: moved },
        Listener { table: "committee_member", hear: seated },
        Listener { table: "contact_account", hear: tied },
        Listener { table: "contact", hear: changed_contacts },
        Listener { table: "lead", hear: changed_leads },
        Listener { table: "exchange_rate", hear: priced },
        Listener { table: "organization", hear: settled_elsewhere },
        Listener { table: "agreement_version", hear: agreed },
    ]
}

/// What a column held before.
fn values<'a, T: FromStr>(news: &'a [News], column: &'a str) -> impl Iterator<Item = T> + 'a {
    news.iter().filter_map(move |one| one.before.get(column)?.as_str()?.parse().ok())
}

/// The record that a column named before.
fn former<'a>(news: &'a [News], column: &'a str) -> impl Iterator<Item = Uuid> + 'a {
    values(news, column)
}

fn ids<'a>(news: impl Iterator<Item = &'a News>) -> std::collections::BTreeSet<Uuid> {
    news.map(|one| one.id).collect()
}

/// New, gone, back, or changed in one of these columns.
fn concerns(one: &News, columns: &[&str]) -> bool {
    one.op != Op::Updated || one.changed.iter().any(|column| columns.contains(&column.as_str()))
}

/// Puts the job down, where somebody has thought of an agreement on credit and anything is concerned.
async fn put_down(tx: &mut Tx, told: Told) -> Result<()> {
    if told == Told::default() || !models::any(Reader::Tx(tx)).await? {
        return Ok(());
    }
    tx.enqueue(NewJob::new(FOLLOW, json!(told))).await?;
    Ok(())
}

fn touched(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let touched = Touched {
            touchpoints: ids(news.iter().filter(|one| concerns(one, &FELT))),
            contacts: former(&news, "contact_id").collect(),
            leads: former(&news, "lead_id").collect(),
            accounts: former(&news, "account_id").collect(),
            since: values(&news, "occurred_at").min(),
        };
        put_down(tx, Told { touched, ..Told::default() }).await
    })
}

/// Columns of a touch that credit depends on.
const FELT: [&str; 12] = [
    "kind",
    "channel",
    "occurred_at",
    "lead_id",
    "contact_id",
    "account_id",
    "campaign_id",
    "system",
    "external_event_id",
    "not_marketing",
    "utm_source",
    "utm_content",
];

/// Columns of an opportunity that credit depends on.
const TELLING: [&str; 9] = [
    "account_id",
    "primary_contact_id",
    "source_lead_id",
    "stage_type",
    "amount_minor",
    "currency",
    "opened_at",
    "closed_at",
    "fx_rate_at_close_e10",
];

fn moved(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let opportunities = ids(news.iter().filter(|one| concerns(one, &TELLING)));
        put_down(tx, Told { opportunities, ..Told::default() }).await
    })
}

fn seated(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let told =
            Told { members: ids(news.iter()), contacts: former(&news, "contact_id").collect(), ..Told::default() };
        put_down(tx, told).await
    })
}

fn tied(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let told = Told { ties: ids(news.iter()), accounts: former(&news, "account_id").collect(), ..Told::default() };
        put_down(tx, told).await
    })
}

fn changed_contacts(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let telling = news.iter().filter(|one| one.op != Op::Created && concerns(one, &["account_id"]));
        let told = Told { contacts: ids(telling), accounts: former(&news, "account_id").collect(), ..Told::default() };
        put_down(tx, told).await
    })
}

fn changed_leads(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let columns = ["converted_contact_id", "converted_account_id", "cycle_no"];
        let telling = news.iter().filter(|one| one.op != Op::Created && concerns(one, &columns));
        put_down(tx, Told { leads: ids(telling), ..Told::default() }).await
    })
}

fn priced(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let told = Told { rates: ids(news.iter()), rate_days: values(&news, "date").collect(), ..Told::default() };
        put_down(tx, told).await
    })
}

fn settled_elsewhere(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let other = news.iter().any(|one| one.changed.iter().any(|c| c == "base_currency" || c == "time_zone"));
        if other && models::any(Reader::Tx(tx)).await? {
            tx.enqueue(NewJob::new(BUILD, Value::Null)).await?;
        }
        Ok(())
    })
}

fn agreed(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        for one in models::in_force(Reader::Tx(tx)).await? {
            if news.iter().any(|news| news.id == one.version.uuid()) {
                let job = NewJob::new(BUILD, Value::Null).once(format!("{BUILD}/{}", one.version));
                tx.enqueue(job).await?;
            }
        }
        Ok(())
    })
}

/// The job after a change.
pub async fn follow(access: &Access, job: &Job) -> Result<()> {
    let told: Told = serde_json::from_value(job.payload.clone()).map_err(Error::internal)?;
    let mut tx = access.begin(Permission::OpportunityUpdate).await?;
    let whole = models::every(Reader::Tx(&tx)).await?.iter().any(|one| one.body.whole_account());
    let home = Home::of(&tx).await?;
    let Some(deals) = opportunities(&tx, told, whole, home).await? else {
        tx.enqueue(NewJob::new(REBUILD, Value::Null)).await?;
        job.done_in(&tx).await?;
        return tx.commit(Value::Null).await;
    };
    drop(tx);
    for some in deals.chunks(BATCH) {
        let access = access.next();
        let mut tx = access.begin(Permission::OpportunityUpdate).await?;
        settle(&mut tx, some, true).await?;
        tx.commit(Value::Null).await?;
    }
    Ok(())
}

/// The job that computes everything because it is other than before; no report is made meanwhile.
pub async fn build(access: &Access, job: &Job) -> Result<()> {
    stretch(access, job, BUILD).await
}

/// The job that computes everything to make sure, and then the days that reports add.
pub async fn rebuild(access: &Access, job: &Job) -> Result<()> {
    stretch(access, job, REBUILD).await
}

/// A stretch at a time; the job ends with its last commit, which puts down the next one.
async fn stretch(access: &Access, job: &Job, kind: &'static str) -> Result<()> {
    let mut after: Option<Uuid> = serde_json::from_value(job.payload.clone()).map_err(Error::internal)?;
    for stretch in 1.. {
        let access = access.next();
        let mut tx = access.begin(Permission::OpportunityUpdate).await?;
        if after.is_none() {
            // all that was given up is done by this
            for kind in [FOLLOW, BUILD, REBUILD] {
                tx.forgive(kind).await?;
            }
        }
        let deals = next(&tx, after).await?;
        settle(&mut tx, &deals, false).await?;
        let last = deals.last().copied().filter(|_| deals.len() == BATCH);
        if last.is_some() && stretch == STRETCH {
            tx.enqueue(NewJob::new(kind, json!(last))).await?;
            job.done_in(&tx).await?;
            return tx.commit(Value::Null).await;
        }
        tx.commit(Value::Null).await?;
        after = last;
        if after.is_none() {
            break;
        }
    }
    if kind == REBUILD {
        add_up(access).await?;
    }
    Ok(())
}

/// Makes the days anew, each version's in one commit: who asks meanwhile is told what they were.
async fn add_up(access: &Access) -> Result<()> {
    let versions = days::versions(&access.next().begin(Permission::OpportunityUpdate).await?).await?;
    for version in versions {
        let mut tx = access.next().begin(Permission::OpportunityUpdate).await?;
        freeze::alone(&mut tx).await?;
        days::rebuild(&mut tx, version).await?;
        tx.commit(Value::Null).await?;
    }
    Ok(())
}

async fn next(tx: &Tx, after: Option<Uuid>) -> Result<Vec<Uuid>> {
    use entity::opportunity::Entity;
    let id = (Entity::NAME, "id");
    let rows = Scoped::<Entity>::read(tx.access()).shape(|q| {
        if let Some(after) = after {
            q.and_where(Expr::col(id).gt(after));
        }
        q.column(id).order_by(id, Order::Asc).limit(BATCH as u64);
    });
    Ok(tx.cells(rows).await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

/// Puts a rebuilding job down, e.g. by a command.
pub async fn rebuild_later(access: &Access) -> Result<()> {
    let mut tx = access.begin(Permission::OpportunityUpdate).await?;
    tx.enqueue(NewJob::new(REBUILD, Value::Null)).await?;
    tx.commit(Value::Null).await
}
