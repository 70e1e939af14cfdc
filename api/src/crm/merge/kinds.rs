//! Leads, contacts and accounts, each with what is its own in a merge.

use chrono::{DateTime, Utc};
use entity::{
    account, contact,
    contact_account::{self as ties, Column as T},
    contact_address as addresses, contact_consent as consents,
    id::{AccountId, LeadId, RowId},
    lead::{self, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, IntoActiveModel, Value, sea_query::Expr};
use serde_json::Map;
use uuid::Uuid;

use super::{Traces, follow::Followed, trace};
use crate::{
    actor::Permission,
    crm::{contact::withheld, contact_address, contact_consent, lead::lifecycle, opportunity, transition},
    error::{Error, FaultCode, Result},
    graph::{Patch, Record},
    store::{Guarded, Op, Tx, within_ids},
};

/// A record of which there may be several for one thing.
pub trait Mergeable: Record {
    const UPDATE: Permission;
    /// Columns of a loser that merging changes, beside its deletion.
    const CHANGED: &'static [&'static str] = &[];

    /// Refuses what cannot be merged.
    fn ready(_winner: &Self::Model, _losers: &[Self::Model]) -> Result<()> {
        Ok(())
    }

    /// A loser as it will be.
    fn lost(loser: &Self::Model, _winner: Uuid, _now: DateTime<Utc>) -> Self::ActiveModel {
        loser.clone().into_active_model()
    }

    /// A loser as it comes back.
    fn back(loser: Self::ActiveModel, _now: DateTime<Utc>) -> Self::ActiveModel {
        loser
    }

    /// What is to be written down of a loser while it still lives.
    fn leaving<'a>(_tx: &'a mut Tx, _loser: &'a Self::Model, _now: DateTime<Utc>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// What the winner takes beside what is picked and what it lacks.
    fn take(_winner: &Self::Model, _losers: &[Self::Model], _patch: &mut Patch) {}

    /// What must be done before rows follow; `patch` is what the winner will take.
    fn before<'a>(
        _tx: &'a mut Tx,
        _winner: &'a Self::Model,
        _losers: &'a [Self::Model],
        _patch: &'a Patch,
    ) -> BoxFuture<'a, Result<Vec<Followed>>> {
        Box::pin(async { Ok(vec![]) })
    }

    /// What the winner holds once a merge is undone, of the columns of which it took something.
    fn own<'a>(
        _tx: &'a Tx,
        _winner: &'a Self::Model,
        _was: &'a mut Map<String, serde_json::Value>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// The winner once everything follows it.
    fn settle(_tx: &mut Tx, winner: Self::Model) -> BoxFuture<'_, Result<Self::Model>> {
        Box::pin(async { Ok(winner) })
    }
}

impl Mergeable for lead::Entity {
    const UPDATE: Permission = Permission::LeadUpdate;
    const CHANGED: &'static [&'static str] = &["status", "status_reason", "agreement_version_id", "merged_into_id"];

    fn ready(winner: &lead::Model, losers: &[lead::Model]) -> Result<()> {
        if lifecycle::is_final(winner.status) {
            let message = format!("a lead that is {} is only changed in its custom fields", winner.status);
            return Err(Error::refused(FaultCode::Locked, "winnerId", message));
        }
        for loser in losers {
            transition::ensure("loserIds", loser.status, Status::Merged, lifecycle::next(loser.status))?;
        }
        Ok(())
    }

    fn lost(loser: &lead::Model, winner: Uuid, now: DateTime<Utc>) -> lead::ActiveModel {
        lead::ActiveModel {
            status: Set(Status::Merged),
            status_changed_at: Set(now),
            status_reason: Set(None),
            agreement_version_id: Set(None),
            merged_into_id: Set(Some(LeadId::from_uuid(winner))),
            ..loser.clone().into_active_model()
        }
    }

    /// It comes to where it stood by a move of its own: history never goes back.
    fn back(loser: lead::ActiveModel, now: DateTime<Utc>) -> lead::ActiveModel {
        lead::ActiveModel { status_changed_at: Set(now), ..loser }
    }

    /// Its last move.
    fn leaving<'a>(tx: &'a mut Tx, loser: &'a lead::Model, now: DateTime<Utc>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let gone = lead::Model {
                status: Status::Merged,
                status_changed_at: now,
                status_reason: None,
                agreement_version_id: None,
                ..loser.clone()
            };
            <Self as Record>::after(tx, &[(Some(loser.clone()), gone)]).await
        })
    }
}

impl Mergeable for contact::Entity {
    const UPDATE: Permission = Permission::ContactUpdate;

    /// Of what they said about being written to or called the stricter holds.
    fn take(winner: &contact::Model, losers: &[contact::Model], patch: &mut Patch) {
        *patch = contact_consent::strictest(winner, losers, std::mem::take(patch));
    }

    /// A contact has one main company, address and number: the losers' become further ones.
    fn before<'a>(
        tx: &'a mut Tx,
        winner: &'a contact::Model,
        losers: &'a [contact::Model],
        patch: &'a Patch,
    ) -> BoxFuture<'a, Result<Vec<Followed>>> {
        Box::pin(async move {
            let ids: Vec<Uuid> = losers.iter().map(|row| row.id.uuid()).collect();
            let theirs = within_ids((ties::Entity::NAME, "contact_id"), &ids, tx.access().store().backend());
            let main = Condition::all().add(theirs).add(Expr::col((ties::Entity::NAME, T::Primary)).eq(true));
            let rows = tx.lock_followers::<ties::Entity>(main).await?;
            let after = tx.set_all::<ties::Entity>(&rows, &[("primary", Value::from(false))], Op::Updated).await?;
            let absorbed = trace::<ties::Entity>(&rows, &after, &["primary"])?;
            let traces = Traces { absorbed, ..Traces::default() };
            let ties = Followed { table: ties::Entity::NAME, column: "primary", traces };
            withheld::may_merge(tx, winner, losers).await?;
            let absorbed = contact_address::keep(tx, winner, losers, patch).await?;
            let traces = Traces { absorbed, ..Traces::default() };
            let further = Followed { table: addresses::Entity::NAME, column: "value", traces };
            let absorbed = contact_consent::keep(tx, winner, patch).await?;
            let traces = Traces { absorbed, ..Traces::default() };
            Ok(vec![ties, further, Followed { table: consents::Entity::NAME, column: "state", traces }])
        })
    }

    fn own<'a>(
        tx: &'a Tx,
        winner: &'a contact::Model,
        was: &'a mut Map<String, serde_json::Value>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(contact_consent::own(tx, winner, was))
    }
}

impl Mergeable for account::Entity {
    const UPDATE: Permission = Permission::AccountUpdate;

    /// The winner stands where its best did, and never below one of those it takes in.
    fn take(winner: &account::Model, losers: &[account::Model], patch: &mut Patch) {
        let rank = |l: account::Lifecycle| match l {
            account::Lifecycle::Prospect => 0,
            account::Lifecycle::Opportunity => 1,
            account::Lifecycle::Churned => 2,
            account::Lifecycle::Customer => 3,
        };
        let best = losers.iter().map(|row| row.lifecycle).max_by_key(|l| rank(*l));
        if let Some(best) = best.filter(|best| rank(*best) > rank(winner.lifecycle))
            && patch.get("lifecycle").is_none()
        {
            *patch = std::mem::take(patch).with("lifecycle", best);
        }
        let gone = |id: Option<AccountId>| losers.iter().find(|row| Some(row.id) == id);
        let mut parent = match patch.get("parent_id") {
            Some(Value::Uuid(id)) => id.map(AccountId::from_uuid),
            _ => winner.parent_id,
        };
        // up through those that vanish; a ring among them ends after as many steps
        for _ in 0..=losers.len() {
            parent = gone(parent).map_or(parent, |row| row.parent_id);
        }
        parent = parent.filter(|id| *id != winner.id && gone(Some(*id)).is_none());
        *patch = std::mem::take(patch).with("parent_id", parent.map(RowId::uuid));
    }

    /// A loser above the winner with others between them would close a ring: the winner moves up to where the loser was.
    fn before<'a>(
        tx: &'a mut Tx,
        winner: &'a account::Model,
        losers: &'a [account::Model],
        _: &'a Patch,
    ) -> BoxFuture<'a, Result<Vec<Followed>>> {
        Box::pin(async move {
            let above = crate::crm::tree::ancestors::<Self>(tx, winner.id.uuid()).await?;
            let between = winner.parent_id.is_some_and(|id| !losers.iter().any(|row| row.id == id));
            if between && losers.iter().any(|row| above.contains(&row.id.uuid())) {
                let message =
                    "one of these is above the winner with others between them: merge the winner into it instead";
                return Err(Error::invalid("loserIds", message));
            }
            Ok(vec![])
        })
    }

    fn settle(tx: &mut Tx, winner: account::Model) -> BoxFuture<'_, Result<account::Model>> {
        Box::pin(async move {
            opportunity::settle_account(tx, winner.id).await?;
            tx.lock::<Self>(winner.id).await
        })
    }
}
