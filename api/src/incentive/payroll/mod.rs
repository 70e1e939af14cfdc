//! What a locked run pays, as a file for the payroll: a page of lines at a time, so that no run is too large. The log says who
//! took each page.

mod cell;
pub mod cli;
pub mod graphql;

use std::collections::HashMap;

use entity::{
    id::{IncentiveRunId, RowId, UserId},
    incentive_run::{Entity as Runs, Model as Run, RunStatus},
    incentive_statement::{Column as S, Entity, Model},
    money::Money,
    user,
    word::Word,
};
use sea_orm::{
    ExprTrait,
    sea_query::{Expr, Order},
};
use uuid::Uuid;

use self::cell::line;
use crate::{
    actor::Permission,
    crm::Reader,
    error::{Error, FaultCode, Result},
    incentive::run::held,
    store::{Access, Guarded, Scoped},
};

/// The first line of the file. `held` says whether the plan keeps a dispute's statement from being paid; `paid_at` is empty before
/// it was.
pub const HEAD: [&str; 11] = [
    "statement_id",
    "user_id",
    "email",
    "name",
    "side",
    "period_start",
    "period_end",
    "currency",
    "total",
    "held",
    "paid_at",
];

/// Some lines, and where to go on.
pub struct Page {
    pub csv: String,
    pub people: usize,
    pub last: Option<Uuid>,
    pub more: bool,
}

/// Lines behind a statement, the first line of the file before the first of them. They are given once it is written down who asked
/// for them.
pub async fn page(access: &Access, id: IncentiveRunId, after: Option<Uuid>, first: u64) -> Result<Option<Page>> {
    if !access.actor().may(Permission::IncentiveExport) {
        return Ok(None);
    }
    let Some(run) = Scoped::<Runs>::read(access).ids(&[id.uuid()]).one().await? else { return Ok(None) };
    if !matches!(run.status, RunStatus::Locked | RunStatus::Paid) {
        return Err(Error::refused(FaultCode::CriteriaUnmet, "runId", "only what is locked is exported"));
    }
    let mut rows = statements(access, &run, after.unwrap_or(Uuid::nil()), first + 1).await?;
    let more = rows.len() as u64 > first;
    rows.truncate(usize::try_from(first).unwrap_or(usize::MAX));
    let people = people(access, &rows).await?;
    let held = held(Reader::Access(access), &run).await?;
    let mut csv = if after.is_none() { line(HEAD) } else { String::new() };
    for row in &rows {
        csv += &told(row, people.get(&row.user_id), held.contains(&row.id));
    }
    note(access, &run).await?;
    Ok(Some(Page { csv, people: rows.len(), last: rows.last().map(|row| row.id.uuid()), more }))
}

/// Writes down who takes lines of a run, and when.
async fn note(access: &Access, run: &Run) -> Result<()> {
    let mut tx = access.begin(Permission::IncentiveExport).await?;
    tx.note::<Runs>(run, "incentive_run.exported")?;
    tx.commit(serde_json::Value::Null).await
}

async fn statements(access: &Access, run: &Run, after: Uuid, limit: u64) -> Result<Vec<Model>> {
    let col = |c: S| Expr::col((Entity::NAME, c));
    let page = Scoped::<Entity>::read(access)
        .filter(col(S::RunId).eq(run.id.uuid()))
        .filter(col(S::Revision).eq(run.revision))
        .filter(col(S::Id).gt(after))
        .shape(|q| _ = q.order_by((Entity::NAME, S::Id), Order::Asc).limit(limit));
    page.models().await
}

async fn people(access: &Access, rows: &[Model]) -> Result<HashMap<UserId, user::Model>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.user_id.uuid()).collect();
    let people = Scoped::<user::Entity>::read(access).ids(&ids).models().await?;
    Ok(people.into_iter().map(|user| (user.id, user)).collect())
}

fn told(row: &Model, who: Option<&user::Model>, held: bool) -> String {
    let (id, user) = (row.id.to_string(), row.user_id.to_string());
    let (email, name) = who.map_or(("", ""), |user| (user.email.as_str(), user.name.as_str()));
    let (start, end) = (row.period_start.to_string(), row.period_end.to_string());
    let total = Money::new(row.total_minor, row.currency).amount();
    let currency = row.currency.to_string();
    let paid_at = row.paid_at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default();
    let held = held && row.paid_at.is_none();
    let held = if held { "true" } else { "false" };
    line([&id, &user, email, name, row.side.word(), &start, &end, &currency, &total, held, &paid_at])
}
