//! What customers pay again and again. Contracts are seen and changed by who may see and change the sales of the account's
//! owner. An account has one contract at a time for each product. One may name the sale that it was made by: when it is cancelled
//! or refunded, that sale came to less.

mod graphql;
mod left;
mod steps;

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    account,
    customer_contract::{ActiveModel, Column as C, Entity, Model},
    id::{AccountId, CustomerContractId, OpportunityId, ProductId, RowId},
    opportunity,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, Query},
};

use uuid::Uuid;

pub use graphql::meta;
pub use left::Sales;

use super::all_rows;
use crate::{
    actor::{Actor, Permission},
    error::{Error, Fault, FaultCode, Result},
    graph::{Change, Meta, Record, Refusals},
    store::{Guarded, Op, Scoped, Tx, within_ids},
};

impl Guarded for Entity {
    type Id = CustomerContractId;
    const NAME: &'static str = "customer_contract";
    const READ: Permission = Permission::OpportunityRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        // not what the account itself allows: whoever sells anything moves the life cycle of its account
        const ACCOUNT: &str = account::Entity::NAME;
        let theirs = Query::select()
            .column((ACCOUNT, "id"))
            .from(ACCOUNT)
            .and_where(Expr::col((ACCOUNT, "organization_id")).eq(actor.organization.uuid()))
            .and_where(Expr::col((ACCOUNT, "deleted_at")).is_null())
            .cond_where(actor.reach(permission, (ACCOUNT, account::Column::OwnerId)))
            .take();
        Condition::all().add(Expr::col((Self::NAME, C::AccountId)).in_subquery(theirs))
    }
}

impl Record for Entity {
    const REFUSES: Refusals =
        &[(&["Create", "Update", "Upsert"], &[FaultCode::Forbidden]), (&["Cancel"], &[FaultCode::InvalidTransition])];

    fn meta() -> &'static Meta {
        meta()
    }

    /// It ends after it starts, no two of an account run at once for the same product, and its sale is one of its customer's that
    /// the caller may change. At most four statements: one locks the account, of a new one it is locked already.
    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let theirs = changes.iter().filter_map(|change| Some(change.before.as_ref()?.account_id.uuid()));
            alone(tx, &theirs.collect::<Vec<_>>()).await?;
            sold(tx, changes).await?;
            let mut known = others(tx, changes).await?;
            for change in changes.iter_mut() {
                let Some(span) = Span::of(&change.row) else { continue };
                if span.end.is_some_and(|end| end <= span.start) {
                    change.faults.push(Fault::new(FaultCode::Validation, "endsOn", "this must be after startsOn"));
                    continue;
                }
                let id = change.row.id.try_as_ref().copied();
                let theirs = known.entry(span.account).or_default();
                if theirs.iter().any(|(other, at)| Some(*other) != id && at.overlaps(&span)) {
                    let message = "another contract of this account for the same product runs then";
                    change.faults.push(Fault::new(FaultCode::Validation, "startsOn", message));
                    continue;
                }
                theirs.retain(|(other, _)| Some(*other) != id);
                theirs.push((id.unwrap_or(CustomerContractId::from_uuid(Uuid::nil())), span));
            }
            Ok(())
        })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        if before.cancelled_at.is_none() && after.cancelled_at.is_some() {
            return Some("customer_contract.cancelled");
        }
        (before.refunded_minor != after.refunded_minor).then_some("customer_contract.refunded")
    }

    fn leave<'a>(tx: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { if op == Op::Restored { free(tx, row).await } else { Ok(()) } })
    }
}

/// Nobody else changes contracts of these accounts until the work ends: what two writers each find free may not be free for both.
async fn alone(tx: &mut Tx, accounts: &[Uuid]) -> Result<()> {
    if !accounts.is_empty() {
        let these = within_ids((account::Entity::NAME, "id"), accounts, tx.access().store().backend());
        tx.lock_followers::<account::Entity>(these).await?;
    }
    Ok(())
}

/// What is wrong with the sales that contracts name. Whoever may cancel a contract lowers what its sale is paid for: so nobody
/// names one that they may not change.
async fn sold(tx: &Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    let named = |change: &Change<Entity>| -> Option<OpportunityId> {
        let sale = change.row.opportunity_id.try_as_ref().copied().flatten()?;
        change.before.as_ref().is_none_or(|before| before.opportunity_id != Some(sale)).then_some(sale)
    };
    let ids: Vec<Uuid> = changes.iter().filter_map(|change| named(change).map(RowId::uuid)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let sales = tx.read(Scoped::<opportunity::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
    let mine = Scoped::<opportunity::Entity>::new(tx.access(), Permission::OpportunityUpdate).ids(&ids);
    let mine: Vec<OpportunityId> = tx.read(mine).await?.into_iter().map(|sale| sale.id).collect();
    for change in changes.iter_mut() {
        let Some(sale) = named(change).and_then(|id| sales.iter().find(|sale| sale.id == id)) else { continue };
        let row = &change.row;
        let fault = if !mine.contains(&sale.id) {
            Fault::new(FaultCode::Forbidden, "opportunityId", "you may not change this sale")
        } else if sale.account_id.is_some() && sale.account_id != row.account_id.try_as_ref().copied() {
            Fault::new(FaultCode::Validation, "opportunityId", "this sale is another customer's")
        } else if sale.currency.is_some() && sale.currency != row.currency.try_as_ref().copied() {
            Fault::new(FaultCode::Validation, "opportunityId", "this sale is in another currency than the contract")
        } else {
            continue;
        };
        change.faults.push(fault);
    }
    Ok(())
}

/// Refuses what comes back while another has taken its place.
async fn free(tx: &mut Tx, row: &Model) -> Result<()> {
    alone(tx, &[row.account_id.uuid()]).await?;
    let span = Span { account: row.account_id, product: row.product_id, start: row.starts_on, end: row.ends_on };
    let known = of_accounts(tx, &[row.account_id.uuid()]).await?;
    if known.values().flatten().any(|(other, at)| *other != row.id && at.overlaps(&span)) {
        let message = "another contract of this account for the same product runs then: end or delete that first";
        return Err(Error::refused(FaultCode::Conflict, "id", message));
    }
    Ok(())
}

/// When a contract runs, and for what.
#[derive(Clone, Copy)]
struct Span {
    account: AccountId,
    product: Option<ProductId>,
    start: NaiveDate,
    end: Option<NaiveDate>,
}

impl Span {
    fn of(row: &ActiveModel) -> Option<Self> {
        Some(Self {
            account: *row.account_id.try_as_ref()?,
            product: row.product_id.try_as_ref().copied().flatten(),
            start: *row.starts_on.try_as_ref()?,
            end: row.ends_on.try_as_ref().copied().flatten(),
        })
    }

    fn overlaps(&self, other: &Self) -> bool {
        let before = |end: Option<NaiveDate>, start| end.is_some_and(|end| end <= start);
        self.product == other.product && !before(self.end, other.start) && !before(other.end, self.start)
    }
}

/// The contracts of the same accounts.
async fn others(tx: &Tx, changes: &[Change<Entity>]) -> Result<HashMap<AccountId, Vec<(CustomerContractId, Span)>>> {
    let ids: Vec<_> = changes.iter().filter_map(|c| c.row.account_id.try_as_ref()).map(|id| id.uuid()).collect();
    of_accounts(tx, &ids).await
}

async fn of_accounts(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<AccountId, Vec<(CustomerContractId, Span)>>> {
    let theirs = within_ids((Entity::NAME, "account_id"), ids, tx.access().store().backend());
    let mut known: HashMap<_, Vec<_>> = HashMap::new();
    for row in tx.read(Scoped::<Entity>::read(&all_rows(tx)).filter(theirs)).await? {
        let Model { id, account_id, product_id, starts_on, ends_on, .. } = row;
        let span = Span { account: account_id, product: product_id, start: starts_on, end: ends_on };
        known.entry(account_id).or_default().push((id, span));
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: Option<&str>) -> Span {
        let day = |text: &str| text.parse().unwrap();
        let account = AccountId::from_uuid(uuid::Uuid::nil());
        Span { account, product: None, start: day(start), end: end.map(day) }
    }

    #[test]
    fn one_may_begin_on_the_day_the_other_ends() {
        let (first, second) = (span("2026-01-01", Some("2026-07-01")), span("2026-07-01", None));
        assert!(!first.overlaps(&second) && !second.overlaps(&first));
        assert!(first.overlaps(&span("2026-06-30", None)) && span("2025-01-01", None).overlaps(&second));
    }
}
