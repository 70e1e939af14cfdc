//! Turning keys, and refusing to: by a person of the side, on the text they saw. Programs never do.

use chrono::TimeDelta;
use entity::{
    agreement::{Entity as Agreements, Model as Agreement},
    agreement_approval::{self as approvals, Decision, Side},
    agreement_version::{ActiveModel, Entity, Model, Status},
    id::{AgreementVersionId, RowId, UserId},
    organization, user,
    word::Word,
};
use sea_orm::ActiveValue::Set;

use super::{
    approval,
    keys::{self, Turned},
    life, settle,
    steps::ahead,
    version::advance,
};
use crate::{
    access::role::templates::Template,
    actor::{Permission, Via},
    crm::all_rows,
    error::{Error, FaultCode, Result},
    graph::record::remembered,
    store::{Access, Scoped, Tx, expect_version},
};

/// What somebody says to a version.
pub struct Said {
    pub version: AgreementVersionId,
    pub side: Side,
    pub decision: Decision,
    pub comment: Option<String>,
    /// The hash of the text they saw.
    pub hash: Option<String>,
    pub expected: Option<i32>,
}

impl Said {
    /// Turns a side's key, without more words.
    pub fn yes(version: AgreementVersionId, side: Side) -> Self {
        Self { version, side, decision: Decision::Approved, comment: None, hash: None, expected: None }
    }
}

/// Turns a key or refuses to. The last key ratifies; a refusal ends the version.
pub async fn decide(access: &Access, said: Said) -> Result<AgreementVersionId> {
    let (mut tx, user, solo) = open(access, said.side).await?;
    let (agreement, version) = lock(&mut tx, &said).await?;
    let to = if said.decision == Decision::Approved { Status::Ratified } else { Status::Rejected };
    life::ensure(version.status, to)?;
    let mut turned = approval::turned(&mut tx, version.id).await?;
    let mine = Turned { side: said.side, user };
    match said.decision {
        Decision::Approved => keys::may_turn(agreement.kind, &turned, mine, solo)?,
        Decision::Rejected if !keys::needed(agreement.kind).contains(&said.side) => {
            return Err(Error::invalid("side", "an agreement of this kind has no such key"));
        }
        Decision::Rejected => {}
    }
    record(&mut tx, user, &version, &said).await?;
    if said.decision == Decision::Rejected {
        advance(&mut tx, &version, ActiveModel { status: Set(Status::Rejected), ..Default::default() }).await?;
    } else {
        ahead(version.effective_from, access.now())?;
        turned.push(mine);
        if keys::complete(agreement.kind, &turned) {
            ratify(&mut tx, &version, &turned).await?;
        }
    }
    tx.commit(remembered(said.version.uuid())).await?;
    Ok(said.version)
}

/// The work under the side's permission, who does it, and whether they are alone.
async fn open(access: &Access, side: Side) -> Result<(Tx, UserId, bool)> {
    let key = keys::permission(side);
    // an agreement is no team's: neither is its key
    let held = access.actor().rights.reach(key).is_some();
    let side = match side {
        Side::Marketing => Some(user::Side::Marketing),
        Side::Sales => Some(user::Side::Sales),
        Side::Finance => None,
        Side::TieBreak => {
            let user = person(access, key)?;
            let tx = if held { access.begin(key).await? } else { return Err(Error::Forbidden(key)) };
            return breaks_ties(&tx).await.map(|()| (tx, user, false));
        }
    };
    speaks(access, Voice { key, held, alone: Permission::AgreementUpdate, side }).await
}

/// With what somebody speaks for a side.
pub(crate) struct Voice {
    /// The side's permission, and whether the caller holds it.
    pub key: Permission,
    pub held: bool,
    /// What whoever is alone in the organisation needs instead, to speak for both.
    pub alone: Permission,
    /// None when it is no side that people stand on.
    pub side: Option<user::Side>,
}

/// The work under the side's permission, who does it, and whether they are alone in the organisation and speak for both. Keys
/// of machines speak for nobody, and nobody for the other side.
pub(crate) async fn speaks(access: &Access, voice: Voice) -> Result<(Tx, UserId, bool)> {
    let Voice { key, held, alone: instead, side } = voice;
    let user = person(access, key)?;
    if !held && !access.actor().may(instead) {
        return Err(Error::Forbidden(key));
    }
    let tx = access.begin(if held { key } else { instead }).await?;
    let alone = is_alone(&tx, user).await?;
    if !held && !alone {
        return Err(Error::Forbidden(key));
    }
    if let Some(side) = side.filter(|_| !alone) {
        stands_on(&tx, user, side).await?;
    }
    Ok((tx, user, alone))
}

fn person(access: &Access, key: Permission) -> Result<UserId> {
    let actor = access.actor();
    actor.user.filter(|_| !matches!(actor.via, Via::ApiKey(_))).ok_or(Error::Forbidden(key))
}

/// Nobody speaks for the other side, whatever their roles say.
async fn stands_on(tx: &Tx, user: UserId, side: user::Side) -> Result<()> {
    let other = match side {
        user::Side::Marketing => user::Side::Sales,
        user::Side::Sales => user::Side::Marketing,
    };
    let own = tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(&[user.uuid()])).await?;
    if own.first().is_some_and(|row| row.side == Some(other)) {
        let message = format!("you stand on {other}'s side: somebody of this side speaks for it");
        return Err(Error::refused(FaultCode::Locked, "side", message));
    }
    Ok(())
}

/// The organisation lets ties be broken.
async fn breaks_ties(tx: &Tx) -> Result<()> {
    let own = tx.read(Scoped::<organization::Entity>::read(tx.access())).await?;
    if own.first().is_some_and(|row| row.agreement_tie_break) {
        return Ok(());
    }
    let message = "the organisation does not let ties be broken: set its agreementTieBreak";
    Err(Error::refused(FaultCode::CriteriaUnmet, "side", message))
}

/// The organisation allows it, and there is no other administrator.
async fn is_alone(tx: &Tx, user: UserId) -> Result<bool> {
    let own = tx.read(Scoped::<organization::Entity>::read(tx.access())).await?;
    Ok(own.first().is_some_and(|row| row.solo_mode) && tx.lock_holders(Template::Admin.word()).await? == [user])
}

/// The agreement first, so that whoever signs, edits and activates waits in the same order.
async fn lock(tx: &mut Tx, said: &Said) -> Result<(Agreement, Model)> {
    let seen = tx.read(Scoped::<Entity>::read(tx.access()).ids(&[said.version.uuid()])).await?;
    let seen = seen.first().ok_or_else(|| Error::not_found("id"))?;
    let agreement = tx.lock::<Agreements>(seen.agreement_id).await?;
    let version = tx.lock::<Entity>(said.version).await?;
    expect_version::<Entity>(&version, said.expected)?;
    if said.hash.as_ref().is_some_and(|hash| *hash != version.hash) {
        let message = "the text has changed since you read it: read it again";
        return Err(Error::refused(FaultCode::Conflict, "expectedHash", message));
    }
    Ok((agreement, version))
}

async fn record(tx: &mut Tx, user: UserId, version: &Model, said: &Said) -> Result<()> {
    let row = approvals::ActiveModel {
        agreement_version_id: Set(version.id),
        side: Set(said.side),
        user_id: Set(user),
        decision: Set(said.decision),
        comment: Set(said.comment.clone()),
        hash: Set(version.hash.clone()),
        cleared_at: Set(None),
        ..Default::default()
    };
    tx.insert::<approvals::Entity>(row).await?;
    if said.decision == Decision::Approved {
        tx.emit("agreement.approved");
    }
    Ok(())
}

/// In force at its instant: at once if that is now. The agreement is locked, but this request's instant is from before
/// that, perhaps by the clock of another node: what is in force already may be newer, and is not taken the place of by
/// what would be older.
async fn ratify(tx: &mut Tx, version: &Model, turned: &[Turned]) -> Result<()> {
    let now = tx.access().now();
    let newest = settle::active(tx, version.agreement_id).await?;
    let from = match (version.effective_from, newest) {
        (None, None) => now,
        (None, Some(active)) => now.max(settle::since(&active) + TimeDelta::microseconds(1)),
        (Some(from), Some(active)) if (from, now) <= (settle::since(&active), active.ratified_at.unwrap_or(now)) => {
            let message = "a version that came into force later is in force already: choose a later effectiveFrom";
            return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        }
        (Some(from), _) => from,
    };
    let ratified = ActiveModel {
        status: Set(Status::Ratified),
        ratified_at: Set(Some(now)),
        effective_from: Set(Some(from)),
        solo: Set(keys::is_solo(turned)),
        tie_broken: Set(keys::is_tie_broken(turned)),
        ..Default::default()
    };
    let at_once = version.effective_from.is_none();
    let version = advance(tx, version, ratified).await?;
    if from <= now || at_once {
        settle::settle(tx, version.agreement_id, from.max(now)).await
    } else {
        settle::schedule(tx, &version).await
    }
}
