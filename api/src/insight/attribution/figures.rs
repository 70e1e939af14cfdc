//! The sums over kept credit, in SQL: whole numbers that add up. Which credit is the first of its sale in a group is kept
//! with it, so that sales are counted without comparing rows.

use entity::{
    attribution_credit::{Column as C, Entity},
    id::RowId,
};
use sea_orm::{
    Condition, ExprTrait, QueryResult,
    sea_query::{Alias, CaseStatement, Expr, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{Asked, Group};
use crate::{
    error::{Error, Result},
    store::{Guarded, Scoped, within_ids},
};

/// A group of credit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// All credit.
    All,
    /// By a word or text; none of touches that have none.
    Text(Option<String>),
    /// By a record; none of touches that have none.
    Record(Option<Uuid>),
    /// Of sales before which no touch counted.
    Unattributed,
}

/// Sums of one group by one agreement. Money in minor units of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Credit, corrections among it.
    pub amount: i64,
    /// Corrections of frozen credit.
    pub adjustments: i64,
    /// Parts of sales, in units of 10^-12.
    pub weight_e12: i64,
    /// Sales of which the group has a part.
    pub deals: i64,
    /// What they are worth, whoever else has a part of them.
    pub deals_amount: i64,
    /// Sales that began with a touch of the group.
    pub sourced: i64,
    pub sourced_amount: i64,
    /// Credits whose money could not be converted.
    pub unconverted: i64,
}

/// Most groups.
pub const MOST_GROUPS: usize = 1000;

pub fn col(c: C) -> SimpleExpr {
    Expr::col((Entity::NAME, c))
}

/// The credit that a report is about.
pub fn asked(scoped: Scoped<Entity>, asked: &Asked) -> Scoped<Entity> {
    let versions: Vec<Uuid> = asked.models.iter().map(|one| one.version.uuid()).collect();
    let backend = scoped.access().store().backend();
    let which = Condition::all()
        .add(within_ids((Entity::NAME, "agreement_version_id"), &versions, backend))
        .add(col(C::Anchor).eq(asked.anchor))
        .add(col(C::CountsAt).gte(asked.start))
        .add(col(C::CountsAt).lt(asked.end))
        .add_option(asked.campaigns.as_ref().map(|ids| within_ids((Entity::NAME, "campaign_id"), ids, backend)));
    scoped.filter(which)
}

/// What a group goes by.
pub fn key(by: Option<Group>) -> SimpleExpr {
    match by {
        None => Expr::cust("NULL"),
        Some(Group::Channel) => col(C::Channel),
        Some(Group::Campaign) => col(C::CampaignId),
        Some(Group::Content) => col(C::Content),
        Some(Group::Source) => col(C::Source),
    }
}

/// The mark of the first credit of a sale in its group.
pub fn mark(by: Option<Group>) -> i32 {
    match by {
        Some(Group::Channel) => 1,
        Some(Group::Campaign) => 2,
        Some(Group::Source) => 4,
        Some(Group::Content) => 8,
        None => 16,
    }
}

pub fn first(by: Option<Group>) -> SimpleExpr {
    col(C::Firsts).bit_and(mark(by)).ne(0)
}

fn sum(what: SimpleExpr) -> SimpleExpr {
    Expr::expr(Expr::expr(what).sum()).cast_as("bigint")
}

fn sum_if(condition: SimpleExpr, what: impl Into<SimpleExpr>) -> SimpleExpr {
    sum(CaseStatement::new().case(condition, what).finally(0).into())
}

/// Reads groups with their sums: key, whether it is unattributed, version, then the sums.
pub fn select(query: &mut SelectStatement, asked: &Asked) {
    let (key_, nobody_, version_) = (Alias::new("key_"), Alias::new("nobody_"), Alias::new("version_"));
    let home = || Condition::all().add(col(C::HomeCurrency).eq(asked.base));
    let homely = || -> SimpleExpr { CaseStatement::new().case(home(), col(C::HomeMinor)).finally(0).into() };
    let deal = || -> SimpleExpr { CaseStatement::new().case(home(), col(C::DealHomeMinor)).finally(0).into() };
    let touched = || col(C::TouchpointId).is_not_null();
    let counted = || if asked.by.is_none() { first(None).and(touched()) } else { first(asked.by) };
    let lost =
        col(C::AmountMinor).is_not_null().and(col(C::HomeCurrency).is_null().or(col(C::HomeCurrency).ne(asked.base)));
    // of all credit none is told apart
    let nobody = if asked.by.is_none() { Expr::cust("FALSE") } else { col(C::TouchpointId).is_null() };
    query
        .expr_as(key(asked.by), key_.clone())
        .expr_as(nobody, nobody_.clone())
        .expr_as(col(C::AgreementVersionId), version_.clone())
        .expr(sum(homely()))
        .expr(sum_if(col(C::Adjusts).eq(true), homely()))
        .expr(sum(col(C::WeightE12)))
        .expr(sum_if(counted(), 1))
        .expr(sum_if(counted(), deal()))
        .expr(sum_if(col(C::Sourcing).eq(true), 1))
        .expr(sum_if(col(C::Sourcing).eq(true), deal()))
        .expr(sum_if(lost, 1))
        .group_by_columns([key_, nobody_, version_])
        .limit((MOST_GROUPS * asked.models.len()) as u64 + 1);
}

/// A group as `select` reads it.
pub fn read(row: &QueryResult, by: Option<Group>) -> Result<(Key, Uuid, Sums)> {
    let number = |at: usize| Ok::<_, Error>(row.try_get_by_index::<Option<i64>>(at)?.unwrap_or(0));
    let nobody: bool = row.try_get_by_index(1)?;
    let key = match by {
        None => Key::All,
        Some(_) if nobody => Key::Unattributed,
        Some(Group::Campaign) => Key::Record(row.try_get_by_index(0)?),
        Some(_) => Key::Text(row.try_get_by_index(0)?),
    };
    let sums = Sums {
        amount: number(3)?,
        adjustments: number(4)?,
        weight_e12: number(5)?,
        deals: number(6)?,
        deals_amount: number(7)?,
        sourced: number(8)?,
        sourced_amount: number(9)?,
        unconverted: number(10)?,
    };
    Ok((key, row.try_get_by_index(2)?, sums))
}
