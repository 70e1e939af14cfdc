//! What matching reads of accounts: those that may be meant, and what decides between equals. One statement each.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    account::{Column as C, Entity, Lifecycle},
    activity,
    id::{AccountId, RowId},
    opportunity,
    stage::StageType,
    word::Word,
};
use sea_orm::{
    ExprTrait, QueryResult,
    sea_query::{Expr, Func, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::{
    choose::{Candidate, Standing, Wanted},
    name,
};
use crate::{
    error::{Error, Result},
    store::{Access, Guarded, Scoped, keyed, within_texts},
};

/// Accounts with the domain of one of the leads, or that share a rare trigram with one of their companies' names.
pub fn candidates(access: &Access, wanted: &[&Wanted]) -> Scoped<Entity> {
    let domains: Vec<String> = unique(wanted.iter().filter_map(|w| w.domain.clone()));
    let keys = unique(wanted.iter().filter_map(|w| w.name.as_deref()).flat_map(name::keys));
    let mut meant = Query::select();
    meant
        .column(("named", C::Id))
        .from_as(Entity::NAME, "named")
        .and_where(Expr::col(("named", C::OrganizationId)).eq(access.actor().organization))
        .and_where(Expr::col(("named", C::DeletedAt)).is_null())
        .cond_where(within_texts(("named", "domain"), &domains, access.store().backend()));
    if !keys.is_empty() {
        meant.union(UnionType::All, keyed::<Entity>(access, &keys));
    }
    Scoped::read(access).filter(Expr::col((Entity::NAME, C::Id)).in_subquery(meant))
}

fn unique(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = texts.collect();
    all.sort_unstable();
    all.dedup();
    all
}

pub fn columns(query: &mut SelectStatement) {
    query.columns([C::Id, C::Name, C::Domain, C::Country, C::Lifecycle].map(|column| (Entity::NAME, column)));
}

pub fn read(rows: &[QueryResult]) -> Result<Vec<Candidate>> {
    rows.iter().map(candidate).collect()
}

fn candidate(row: &QueryResult) -> Result<Candidate> {
    let (id, name): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let lifecycle: String = row.try_get_by_index(4)?;
    let lifecycle = Lifecycle::parse(&lifecycle).ok_or_else(|| Error::internal("an account without life cycle"))?;
    Ok(Candidate::new(AccountId::from_uuid(id), &name, row.try_get_by_index(2)?, row.try_get_by_index(3)?, lifecycle))
}

/// Whether each of these accounts has an open opportunity, and when it was last dealt with.
pub fn of_standing(access: &Access, ids: &[AccountId]) -> Scoped<Entity> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let open = of_account(opportunity::Entity::NAME)
        .expr(Expr::val(1))
        .and_where(Expr::col((opportunity::Entity::NAME, opportunity::Column::StageType)).eq(StageType::Open))
        .limit(1)
        .take();
    let happened = (activity::Entity::NAME, activity::Column::HappenedAt);
    let last = of_account(activity::Entity::NAME).expr(Func::max(Expr::col(happened))).take();
    Scoped::read(access).ids(&ids).shape(|q| {
        q.column((Entity::NAME, C::Id)).expr_as(Expr::from(open), "open").expr_as(Expr::from(last), "last");
    })
}

/// The living rows of `table` that belong to the account of the outer query.
fn of_account(table: &'static str) -> SelectStatement {
    Query::select()
        .from(table)
        .and_where(Expr::col((table, "organization_id")).equals((Entity::NAME, C::OrganizationId)))
        .and_where(Expr::col((table, "account_id")).equals((Entity::NAME, C::Id)))
        .and_where(Expr::col((table, "deleted_at")).is_null())
        .take()
}

pub fn standings(rows: &[QueryResult]) -> Result<HashMap<AccountId, Standing>> {
    let one = |row: &QueryResult| {
        let open: Option<i32> = row.try_get_by_index(1)?;
        let active: Option<DateTime<Utc>> = row.try_get_by_index(2)?;
        Ok((AccountId::from_uuid(row.try_get_by_index(0)?), Standing { open: open.is_some(), active }))
    };
    rows.iter().map(one).collect()
}
