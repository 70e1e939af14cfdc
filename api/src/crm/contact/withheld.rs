//! Main addresses and numbers of people who do not want to be reached by them any more: who may still know them, and
//! who may change them. In statements the veils do it; the rest are rules for who writes.

use std::collections::HashSet;

use entity::{
    contact::{ActiveModel, Column as C, Entity, Model},
    contact_consent::{Channel, State},
    id::{ContactId, RowId},
    word::Word,
};
use sea_orm::{
    ActiveValue::{self, Set},
    Condition, ExprTrait,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    actor::{Actor, Permission, Via},
    error::{Error, Fault, FaultCode, Result},
    graph::{Change, veil::Veil},
    store::{Guarded, Scoped, Tx},
};

pub static EMAIL: Veil = Veil { closed: || withdrawn(C::EmailConsent), knows };
pub static PHONE: Veil = Veil { closed: || withdrawn(C::PhoneConsent), knows };

fn withdrawn(consent: C) -> Condition {
    Condition::all().add(Expr::col((Entity::NAME, consent)).eq(State::Withdrawn.word()))
}

/// Contacts of which the actor knows what is withheld: those that they own themselves, and those that the right for it
/// reaches; none when that is all. A program goes by the right alone.
pub fn knows(actor: &Actor) -> Option<Condition> {
    if actor.reaches_all(Permission::ContactReadWithheld) {
        return None;
    }
    let owner = (Entity::NAME, C::OwnerId);
    let any = Condition::any().add(actor.reach(Permission::ContactReadWithheld, owner));
    let me = actor.user.filter(|_| !is_program(actor));
    Some(me.into_iter().fold(any, |any, me| any.add(Expr::col(owner).eq(me.uuid()))))
}

pub fn is_program(actor: &Actor) -> bool {
    matches!(actor.via, Via::ApiKey(_))
}

/// What a contact said last of a channel.
pub fn said(row: &Model, channel: Channel) -> Option<State> {
    match channel {
        Channel::Email => row.email_consent,
        Channel::Phone => row.phone_consent,
        Channel::Sms => row.sms_consent,
        Channel::Post => row.post_consent,
    }
}

/// The channels, with the columns and input fields that say how they stand.
pub const CHANNELS: [(Channel, &str, &str); 4] = [
    (Channel::Email, "email_consent", "emailConsent"),
    (Channel::Phone, "phone_consent", "phoneConsent"),
    (Channel::Sms, "sms_consent", "smsConsent"),
    (Channel::Post, "post_consent", "postConsent"),
];

fn given(row: &ActiveModel, channel: Channel) -> &ActiveValue<Option<State>> {
    match channel {
        Channel::Email => &row.email_consent,
        Channel::Phone => &row.phone_consent,
        Channel::Sms => &row.sms_consent,
        Channel::Post => &row.post_consent,
    }
}

pub const GRANTED: &str =
    "they withdrew this: only a person who still sees the address or number may write down that they allow it again";
pub const KEPT: &str = "they do not want to be reached by this: only a person who still sees it may change it";

/// Whether granting again would show an address or number.
pub fn unveils(channel: Channel) -> bool {
    matches!(channel, Channel::Email | Channel::Phone)
}

/// The caller's own refusals: what was withdrawn is granted again, and what is withheld is changed, only by people who see
/// it. One statement, if anything of that is to change.
pub async fn check(tx: &Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    let program = is_program(tx.access().actor());
    let open = |change: &&Change<Entity>| touches(change).next().is_some() || regrants(change).any(unveils);
    let asked: Vec<Uuid> = changes.iter().filter(open).filter_map(id).collect();
    let unknown = unknown(tx, &asked).await?;
    for change in changes.iter_mut() {
        let Some(before) = &change.before else { continue };
        let hidden = unknown.contains(&before.id);
        for (channel, _, field) in CHANNELS {
            match (said(before, channel), given(&change.row, channel)) {
                (Some(_), Set(None)) => {
                    let message = "what they said stays known: write down what they say now";
                    change.faults.push(Fault::new(FaultCode::Validation, field, message));
                }
                (Some(State::Withdrawn), Set(Some(State::Granted))) if program || (hidden && unveils(channel)) => {
                    change.faults.push(Fault::new(FaultCode::Locked, field, GRANTED));
                }
                _ => {}
            }
        }
    }
    for change in changes.iter_mut() {
        let known = change.before.as_ref().is_none_or(|before| !unknown.contains(&before.id));
        let fields: Vec<_> = touches(change).filter(|(_, filled)| program || (*filled && !known)).collect();
        change.faults.extend(fields.into_iter().map(|(field, _)| Fault::new(FaultCode::Locked, field, KEPT)));
    }
    Ok(())
}

/// Channels that were withdrawn and are to be granted again.
fn regrants(change: &Change<Entity>) -> impl Iterator<Item = Channel> {
    let again = |channel: &Channel| {
        let before = change.before.as_ref().and_then(|before| said(before, *channel));
        before == Some(State::Withdrawn) && *given(&change.row, *channel) == Set(Some(State::Granted))
    };
    CHANNELS.map(|(channel, ..)| channel).into_iter().filter(move |channel| again(channel))
}

fn id(change: &Change<Entity>) -> Option<Uuid> {
    Some(change.before.as_ref()?.id.uuid())
}

/// What a change sets of an address or number that is withheld, and whether there was one.
fn touches(change: &Change<Entity>) -> impl Iterator<Item = (&'static str, bool)> {
    let mut fields = vec![];
    if let Some(before) = &change.before {
        let row = &change.row;
        let both = [
            ("email", before.email_consent, row.email.is_set(), before.email.is_some()),
            ("phone", before.phone_consent, row.phone.is_set(), before.phone.is_some()),
        ];
        let both = both.into_iter().filter(|(_, said, set, _)| *said == Some(State::Withdrawn) && *set);
        fields.extend(both.map(|(field, _, _, filled)| (field, filled)));
    }
    fields.into_iter()
}

/// Those of these contacts of which the caller does not know what is withheld.
pub async fn unknown(tx: &Tx, ids: &[Uuid]) -> Result<HashSet<ContactId>> {
    let Some(knows) = knows(tx.access().actor()).filter(|_| !ids.is_empty()) else { return Ok(HashSet::new()) };
    let mut unknown: HashSet<ContactId> = ids.iter().map(|id| ContactId::from_uuid(*id)).collect();
    let open = Scoped::<Entity>::read(tx.access()).ids(ids).filter(knows).shape(|q| _ = q.column((Entity::NAME, "id")));
    for row in tx.cells(open).await? {
        unknown.remove(&ContactId::from_uuid(row.try_get_by_index(0)?));
    }
    Ok(unknown)
}

/// Whether anything of a contact is withheld from some.
fn withholds(row: &Model) -> bool {
    [row.email_consent, row.phone_consent].contains(&Some(State::Withdrawn))
}

/// Refuses a merge by which the caller would come to know what is withheld from them, and of a program any that moves what
/// is withheld.
pub async fn may_merge(tx: &Tx, winner: &Model, losers: &[Model]) -> Result<()> {
    let program = is_program(tx.access().actor());
    if program && losers.iter().chain([winner]).any(withholds) {
        return Err(Error::refused(FaultCode::Locked, "loserIds", KEPT));
    }
    let ids: Vec<Uuid> = losers.iter().chain([winner]).map(|row| row.id.uuid()).collect();
    let unknown = unknown(tx, if losers.iter().any(withholds) { &ids } else { &[] }).await?;
    if !unknown.contains(&winner.id) && losers.iter().any(|row| withholds(row) && unknown.contains(&row.id)) {
        let message = "their address or number is withheld from you: somebody who sees it may merge them";
        return Err(Error::refused(FaultCode::Locked, "loserIds", message));
    }
    Ok(())
}

/// Whether an address or number of this contact is withheld from the caller.
pub async fn is_hidden(tx: &Tx, row: &Model) -> Result<bool> {
    Ok(withholds(row) && !unknown(tx, &[row.id.uuid()]).await?.is_empty())
}
