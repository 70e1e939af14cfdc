//! Sets the shares of a sale.

use entity::{
    id::{OpportunityId, RowId},
    opportunity,
    opportunity_split::{ActiveModel, Column as C, Entity, Model},
    stage::StageType,
    user,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition,
};

use super::share::{Share, WHOLE, check};
use crate::{
    actor::Permission,
    error::{Error, Fault, FaultCode, Result},
    graph::record::{lock, remembered},
    store::{Access, Scoped, Tx, expect_version},
};

/// Sets all shares of a sale. Dividing credit is like giving a sale away, and takes the same right.
pub async fn set(access: &Access, id: OpportunityId, version: Option<i32>, shares: &[Share]) -> Result<OpportunityId> {
    let mut tx = access.begin(Permission::OpportunityAssign).await?;
    let deal = lock::<opportunity::Entity>(&mut tx, id.uuid()).await.map_err(|error| about(error, "opportunityId"))?;
    expect_version::<opportunity::Entity>(&deal, version)?;
    let mut faults = check(shares);
    faults.extend(nobody(&tx, shares).await?);
    if deal.stage_type == StageType::Won {
        faults.extend(oneself(&tx, &deal, shares).await?);
    }
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    lay(&mut tx, id, shares).await?;
    tx.commit(remembered(id.uuid())).await?;
    Ok(id)
}

fn about(error: Error, field: &str) -> Error {
    error.within(&[], field)
}

/// Those who are not there to be credited.
async fn nobody(tx: &Tx, shares: &[Share]) -> Result<Vec<Fault>> {
    let ids: Vec<_> = shares.iter().map(|share| share.user.uuid()).collect();
    let known = tx.read(Scoped::<user::Entity>::read(tx.access()).ids(&ids)).await?;
    let missing = |share: &Share| !known.iter().any(|user| user.id == share.user);
    let fault = |at: usize| {
        let message = "no such user, or you may not see it";
        Fault::new(FaultCode::NotFound, "userId", message).under(at.to_string()).under("splits")
    };
    Ok(shares.iter().enumerate().filter(|(_, share)| missing(share)).map(|(at, _)| fault(at)).collect())
}

/// Once it is won nobody raises their own share: it is paid for.
async fn oneself(tx: &Tx, deal: &opportunity::Model, shares: &[Share]) -> Result<Option<Fault>> {
    let Some(me) = tx.access().actor().user else { return Ok(None) };
    let of = Condition::all().add(C::OpportunityId.eq(deal.id.uuid()));
    let there = tx.read(Scoped::<Entity>::read(tx.access()).filter(of)).await?;
    let had: i64 = there.iter().filter(|row| row.user_id == me).map(|row| row.percent_e2).sum();
    // without shares its owner has all of it
    let had = if there.is_empty() && deal.owner_id == Some(me) { WHOLE } else { had };
    let gets: i64 = shares.iter().filter(|share| share.user == me).map(|share| share.percent_e2).sum();
    let message = "it is won: somebody else must raise your share";
    Ok((gets > had).then(|| Fault::new(FaultCode::Locked, "splits", message)))
}

/// What stays is left alone; the rest goes first, so that nothing stands in the way of what comes.
async fn lay(tx: &mut Tx, id: OpportunityId, shares: &[Share]) -> Result<()> {
    let there = tx.lock_where::<Entity>(Condition::all().add(C::OpportunityId.eq(id.uuid()))).await?;
    let same = |row: &Model, share: &Share| (row.user_id, row.role) == (share.user, share.role);
    let (kept, gone): (Vec<Model>, Vec<Model>) = there.into_iter().partition(|row| shares.iter().any(|s| same(row, s)));
    for row in gone {
        tx.delete::<Entity>(row).await?;
    }
    let mut new = vec![];
    for share in shares {
        let percent_e2 = Set(share.percent_e2);
        match kept.iter().find(|row| same(row, share)) {
            Some(row) => {
                let row = ActiveModel { id: Unchanged(row.id), percent_e2, ..Default::default() };
                tx.update::<Entity>(row).await?;
            }
            None => new.push(ActiveModel {
                opportunity_id: Set(id),
                user_id: Set(share.user),
                role: Set(share.role),
                percent_e2,
                ..Default::default()
            }),
        }
    }
    if !new.is_empty() {
        tx.insert_many::<Entity>(new).await?;
    }
    Ok(())
}
