//! Keeps `contact_account` true to a contact's account: the tie to it exists and is the only primary one.

use entity::{
    contact::Model,
    contact_account::{self as tie, Column as C},
    id::ContactId,
};
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, IntoActiveModel, sea_query::Expr};

use crate::{
    error::Result,
    store::{Guarded, Tx},
};

/// Follows the contacts whose account changed: one reading, one insert, and an update for each tie that turns.
pub async fn follow(tx: &mut Tx, written: &[(Option<Model>, Model)]) -> Result<()> {
    let moved: Vec<&Model> = written
        .iter()
        .filter(|(before, now)| before.as_ref().and_then(|b| b.account_id) != now.account_id)
        .map(|(_, now)| now)
        .collect();
    if moved.is_empty() {
        return Ok(());
    }
    let ids: Vec<ContactId> = moved.iter().map(|c| c.id).collect();
    let theirs = Condition::all().add(Expr::col((tie::Entity::NAME, C::ContactId)).is_in(ids));
    let ties = tx.lock_where::<tie::Entity>(theirs).await?;
    let main = |t: &tie::Model| moved.iter().any(|c| c.id == t.contact_id && c.account_id == Some(t.account_id));
    for old in ties.iter().filter(|t| t.primary && !main(t)) {
        turn(tx, old, false).await?;
    }
    for new in ties.iter().filter(|t| !t.primary && main(t)) {
        turn(tx, new, true).await?;
    }
    let missing = moved.iter().filter_map(|c| Some((c.id, c.account_id?)));
    let missing = missing.filter(|(c, a)| !ties.iter().any(|t| t.contact_id == *c && t.account_id == *a));
    let rows: Vec<_> = missing
        .map(|(contact, account)| tie::ActiveModel {
            contact_id: Set(contact),
            account_id: Set(account),
            primary: Set(true),
            ..Default::default()
        })
        .collect();
    if !rows.is_empty() {
        tx.insert_many::<tie::Entity>(rows).await?;
    }
    Ok(())
}

async fn turn(tx: &mut Tx, tie: &tie::Model, primary: bool) -> Result<()> {
    let row = tie::ActiveModel { primary: Set(primary), ..tie.clone().into_active_model() };
    tx.update::<tie::Entity>(row).await?;
    Ok(())
}
