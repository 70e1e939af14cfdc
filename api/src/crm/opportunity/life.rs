//! Keeps an account's life cycle true to its opportunities.

use std::collections::BTreeMap;

use entity::{
    account::{self, Lifecycle},
    id::{AccountId, RowId},
    opportunity::{Column as C, Entity, Model},
    stage::StageType,
};
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, IntoActiveModel, sea_query::Expr};
use uuid::Uuid;

use crate::{
    crm::all_rows,
    error::Result,
    store::{Guarded, Scoped, Tx, visible},
};

/// What an account is, with open and won opportunities and perhaps a win just now. Customers stay customers until
/// somebody says that they left; a new win brings them back.
fn next(now: Lifecycle, open: bool, won: bool, just_won: bool) -> Lifecycle {
    match now {
        _ if just_won => Lifecycle::Customer,
        Lifecycle::Customer | Lifecycle::Churned => now,
        _ if won => Lifecycle::Customer,
        _ if open => Lifecycle::Opportunity,
        _ => Lifecycle::Prospect,
    }
}

/// Follows the accounts whose opportunities began, closed, reopened or moved to them: three statements, and an update
/// for each account that changes.
pub async fn follow(tx: &mut Tx, written: &[(Option<Model>, Model)]) -> Result<()> {
    settle(tx, touched(written)).await
}

/// Brings an account's life cycle into line with the opportunities it has.
pub async fn settle_account(tx: &mut Tx, id: AccountId) -> Result<()> {
    settle(tx, BTreeMap::from([(id, false)])).await
}

/// The same for several.
pub async fn settle_accounts(tx: &mut Tx, ids: impl IntoIterator<Item = AccountId>) -> Result<()> {
    settle(tx, ids.into_iter().map(|id| (id, false)).collect()).await
}

/// The accounts, and whether one has just won.
async fn settle(tx: &mut Tx, touched: BTreeMap<AccountId, bool>) -> Result<()> {
    if touched.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = touched.keys().map(|id| id.uuid()).collect();
    let these = Condition::all().add(Expr::col((account::Entity::NAME, account::Column::Id)).is_in(ids.clone()));
    let accounts = tx.lock_where::<account::Entity>(these).await?;
    let open = having(tx, &ids, StageType::Open).await?;
    let won = having(tx, &ids, StageType::Won).await?;
    for row in accounts {
        let (id, just_won) = (row.id.uuid(), touched.get(&row.id) == Some(&true));
        let life = next(row.lifecycle, open.contains(&id), won.contains(&id), just_won);
        if life != row.lifecycle {
            let row = account::ActiveModel { lifecycle: Set(life), ..row.into_active_model() };
            tx.update::<account::Entity>(row).await?;
        }
    }
    Ok(())
}

/// The accounts concerned, and whether one has just been won.
fn touched(written: &[(Option<Model>, Model)]) -> BTreeMap<AccountId, bool> {
    let mut touched = BTreeMap::new();
    for (before, after) in written {
        let state = |m: &Model| (m.stage_type, m.account_id);
        if before.as_ref().map(state) == Some(state(after)) {
            continue;
        }
        let won = after.stage_type == StageType::Won;
        let just_won = won && before.as_ref().is_some_and(|b| b.stage_type != StageType::Won);
        if let Some(id) = after.account_id {
            *touched.entry(id).or_insert(false) |= just_won;
        }
        if let Some(id) = before.as_ref().and_then(|b| b.account_id) {
            touched.entry(id).or_insert(false);
        }
    }
    touched
}

/// Which of these accounts have an opportunity in a stage of this type, whoever may see it.
async fn having(tx: &Tx, ids: &[Uuid], stage_type: StageType) -> Result<Vec<Uuid>> {
    let everything = all_rows(tx);
    let theirs = visible::<Entity>(everything.actor(), Entity::READ)
        .clear_selects()
        .column((Entity::NAME, C::AccountId))
        .and_where(Expr::col((Entity::NAME, C::AccountId)).is_not_null())
        .and_where(Expr::col((Entity::NAME, C::StageType)).eq(stage_type))
        .take();
    let theirs = Expr::col((account::Entity::NAME, account::Column::Id)).in_subquery(theirs);
    let accounts = Scoped::<account::Entity>::read(&everything).filter(Condition::all().add(theirs));
    tx.share(accounts.erased(), account::Entity::NAME, ids).await
}

#[cfg(test)]
mod tests {
    use super::{
        Lifecycle::{Churned, Customer, Opportunity, Prospect},
        *,
    };

    #[test]
    fn prospects_rise_and_fall_with_what_is_open() {
        assert_eq!(next(Prospect, true, false, false), Opportunity);
        assert_eq!(next(Opportunity, false, false, false), Prospect);
        assert_eq!(next(Opportunity, true, true, false), Customer);
    }

    #[test]
    fn a_customer_stays_one_and_a_churned_one_comes_back_by_a_win() {
        assert_eq!(next(Customer, false, false, false), Customer);
        assert_eq!(next(Churned, true, true, false), Churned);
        assert_eq!(next(Churned, false, true, true), Customer);
    }
}
