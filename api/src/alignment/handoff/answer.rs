//! What accepting, rejecting and withdrawing an offer need and make. The offer's row is locked: of many who answer at
//! once the first decides and the others find it decided.

use chrono::TimeDelta;
use entity::{
    handoff::{Category, Model, State},
    id::{RowId, UserId},
    lead::{DisqualifyCategory, Status},
    rejection_reason, user,
};
use futures_util::future::BoxFuture;
use sea_orm::Value;

use super::{
    feedback, offer, reason, states,
    target::{self, in_pool, in_team},
};
use crate::{
    actor::Permission,
    alignment::{
        agreement::active_in,
        qualification::{QualificationBody, Stage, meets},
    },
    crm::{
        all_rows,
        lead::{advance, later},
    },
    error::{Error, Result},
    graph::Patch,
    store::{Scoped, Tx},
};

/// The lead is whoever's it was offered to. Where both sides have signed what sales accepts, the lead must meet it.
pub fn accept<'a>(tx: &'a mut Tx, before: &'a Model, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        states::ensure(before.state, State::Accepted)?;
        let asked = target::id(&mut told, "owner_id").map(UserId);
        let owner = taker(tx, before, asked).await?;
        let lead = offer::lock(tx, before).await?;
        let mut taken = Patch::default().with("owner_id", owner.0);
        if let Some(agreed) = active_in::<QualificationBody>(tx, Stage::Sal.key()).await? {
            meets(tx, &agreed.body, &lead).await?;
            taken = taken.with("agreement_version_id", agreed.version.uuid());
        }
        advance(tx, lead, Status::Accepted, taken).await?;
        Ok(decided(tx, told, State::Accepted))
    })
}

/// Whoever it was offered to, unless they have left; of a pool or team whoever takes it, or whom a manager names.
async fn taker(tx: &Tx, offer: &Model, asked: Option<UserId>) -> Result<UserId> {
    let left = match offer.offered_user_id {
        Some(user) if is_active(tx, user).await? => {
            return match asked {
                Some(other) if other != user => Err(Error::invalid("ownerId", "the lead was offered to somebody else")),
                _ => Ok(user),
            };
        }
        other => other.is_some(),
    };
    let me = tx.access().actor().user;
    let user = asked.or(me).ok_or_else(|| Error::invalid("ownerId", "say who takes it"))?;
    let inside = match (offer.offered_pool_id, offer.offered_team_id) {
        (Some(pool), _) => in_pool(tx, pool, user).await?,
        (None, Some(team)) => in_team(tx, team, user).await?,
        // whoever is above somebody who has left gives their lead to another
        (None, None) => left && is_active(tx, user).await?,
    };
    if !inside {
        return Err(Error::invalid("ownerId", "say who of those it was offered to takes it"));
    }
    if me == Some(user) || names(tx, me, user).await? {
        Ok(user)
    } else {
        Err(Error::Forbidden(Permission::LeadAssign))
    }
}

async fn is_active(tx: &Tx, user: UserId) -> Result<bool> {
    let row = tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(&[user.0])).await?.pop();
    Ok(row.is_some_and(|row| row.active))
}

/// Work is given to somebody by those above them, and by who may give any lead away.
async fn names(tx: &Tx, me: Option<UserId>, other: UserId) -> Result<bool> {
    if tx.access().actor().reaches_all(Permission::LeadAssign) {
        return Ok(true);
    }
    let Some(me) = me else { return Ok(false) };
    tx.is_above(me, other).await
}

/// The lead goes back: to marketing after the reason's delay, or nowhere if nothing can be mended.
pub fn reject<'a>(tx: &'a mut Tx, before: &'a Model, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        states::ensure(before.state, State::Rejected)?;
        let id = target::id(&mut told, "reason_id").ok_or_else(|| Error::invalid("reasonId", "this is required"))?;
        let unfixable = matches!(told.remove("unfixable"), Some(Value::Bool(Some(true))));
        let reason = reason::named(tx, id).await?;
        let note = text(&told, "note");
        if reason.requires_note && note.is_none() {
            return Err(Error::invalid("note", format!("\"{}\" needs a note", reason.name)));
        }
        if unfixable && reason.category != Category::Clerical {
            return Err(Error::invalid("unfixable", "only what is wrong with the data can be beyond mending"));
        }
        give_back(tx, before, &reason, (note, text(&told, "suggested_fix")), unfixable).await?;
        let told = told.with("rejection_reason_id", reason.id.0).with("rejection_category", reason.category);
        Ok(decided(tx, told, State::Rejected))
    })
}

async fn give_back(
    tx: &mut Tx,
    before: &Model,
    reason: &rejection_reason::Model,
    (note, fix): (Option<String>, Option<String>),
    unfixable: bool,
) -> Result<()> {
    let why = note.map_or_else(|| reason.name.clone(), |note| format!("{}: {note}", reason.name));
    let said = fix.map_or_else(|| why.clone(), |fix| format!("{why}\n{fix}"));
    feedback::say(tx, before.id, said).await?;
    let lead = offer::lock(tx, before).await?;
    let lead = advance(tx, lead, Status::Rejected, Patch::default().with("status_reason", why.clone())).await?;
    if unfixable {
        let given_up = Patch::default()
            .with("status_reason", why.clone())
            .with("disqualify_category", DisqualifyCategory::Other)
            .with("disqualify_reason", why);
        advance(tx, lead, Status::Disqualified, given_up).await?;
        return Ok(());
    }
    let delay = TimeDelta::days(reason.recycle_delay_days.into());
    later::recycle(tx, &lead, delay).await
}

/// The lead is marketing's again.
pub fn withdraw<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        states::ensure(before.state, State::Withdrawn)?;
        let lead = offer::lock(tx, before).await?;
        let why = text(&told, "note").unwrap_or_else(|| "offer withdrawn".to_owned());
        let back =
            Patch::default().with("status_reason", why).with("agreement_version_id", before.agreement_version_id);
        advance(tx, lead, Status::Mql, back).await?;
        Ok(decided(tx, told, State::Withdrawn))
    })
}

pub fn decided(tx: &Tx, told: Patch, state: State) -> Patch {
    let (now, me) = (tx.access().now(), tx.access().actor().user);
    told.with("state", state).with("decided_at", now).with("decided_by", me.map(|user| user.0))
}

fn text(told: &Patch, name: &str) -> Option<String> {
    if let Some(Value::String(text)) = told.get(name) { text.clone() } else { None }
}
