//! A side says what it thinks of an initiative. One score of each side counts, its last; what it said before is in the
//! events.

use chrono::{DateTime, Utc};
use entity::{
    id::{InitiativeId, RowId, UserId},
    initiative::{ActiveModel, Entity, InitiativeStatus as Status, Model},
    user::Side,
};
use sea_orm::ActiveValue::{Set, Unchanged};

use super::ice::{Both, DECIMALS, Ice};
use crate::{
    actor::Permission,
    alignment::agreement::{Voice, speaks},
    error::{Error, FaultCode, Result},
    graph::record::{lock, remembered},
    insight::metric::exact::Exact,
    store::{Access, Tx, expect_version},
};

/// What somebody says for a side.
pub struct Said {
    pub initiative: InitiativeId,
    pub side: Side,
    pub ice: Ice,
    pub expected: Option<i32>,
}

/// The permission to score for a side.
fn permission(side: Side) -> Permission {
    match side {
        Side::Marketing => Permission::InitiativeScoreMarketing,
        Side::Sales => Permission::InitiativeScoreSales,
    }
}

/// The work under the side's permission, who does it, and whether they are alone: as with the keys of agreements.
async fn open(access: &Access, side: Side) -> Result<(Tx, UserId, bool)> {
    let key = permission(side);
    let held = access.actor().may(key);
    speaks(access, Voice { key, held, alone: Permission::InitiativeUpdate, side: Some(side) }).await
}

/// Keeps what a side says, and what both say together.
pub async fn score(access: &Access, said: Said) -> Result<InitiativeId> {
    let (mut tx, user, alone) = open(access, said.side).await?;
    let before = lock::<Entity>(&mut tx, said.initiative.uuid()).await?;
    expect_version::<Entity>(&before, said.expected)?;
    let faults = said.ice.check();
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    may_score(&before, said.side, user, alone)?;
    let row = scored(&before, &said, user, access.now())?;
    tx.update::<Entity>(row).await?;
    tx.emit("initiative.scored");
    tx.commit(remembered(said.initiative.uuid())).await?;
    Ok(said.initiative)
}

/// Scores are for what is not over, and nobody gives both.
fn may_score(before: &Model, side: Side, user: UserId, alone: bool) -> Result<()> {
    if matches!(before.status, Status::Done | Status::Dropped) {
        let message = format!("it is {}: what was thought of it stays", before.status);
        return Err(Error::refused(FaultCode::Locked, "id", message));
    }
    let other = match side {
        Side::Marketing => before.sales_scorer_id,
        Side::Sales => before.marketing_scorer_id,
    };
    if other == Some(user) && !alone {
        let message = "you have scored it for the other side: nobody speaks for both, ask somebody else of this side";
        return Err(Error::refused(FaultCode::Locked, "side", message));
    }
    Ok(())
}

fn scored(before: &Model, said: &Said, user: UserId, now: DateTime<Utc>) -> Result<ActiveModel> {
    let unwritten = || Error::internal("a score that cannot be written");
    let kept = serde_json::to_value(said.ice.score().ok_or_else(unwritten)?).map_err(Error::internal)?;
    let mut row = ActiveModel { id: Unchanged(before.id), ..Default::default() };
    let both = match said.side {
        Side::Marketing => {
            row.marketing_score = Set(Some(kept));
            row.marketing_scorer_id = Set(Some(user));
            row.marketing_scored_at = Set(Some(now));
            Ice::kept(before.sales_score.as_ref()).map(|sales| Both { marketing: said.ice, sales })
        }
        Side::Sales => {
            row.sales_score = Set(Some(kept));
            row.sales_scorer_id = Set(Some(user));
            row.sales_scored_at = Set(Some(now));
            Ice::kept(before.marketing_score.as_ref()).map(|marketing| Both { marketing, sales: said.ice })
        }
    };
    if let Some(both) = both {
        let millionths = |value: Option<Exact>| value?.scaled(DECIMALS).and_then(|n| i64::try_from(n).ok());
        let apart = both.disagreements();
        row.rank_product_e6 = Set(millionths(both.product()));
        row.rank_mean_e6 = Set(millionths(both.mean()));
        row.disagreed = Set(!apart.is_empty());
        row.disagreements = Set(apart.iter().map(|of| entity::word::Word::word(*of)).collect());
    }
    Ok(row)
}
