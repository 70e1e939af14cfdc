//! What people said about being written to and called. Each saying stays as it was written down; the latest of a channel
//! is what the contact shows. A contact whose state is set directly gets a saying for it.

use std::{collections::HashMap, sync::LazyLock};

use chrono::{DateTime, Utc};
use entity::{
    contact,
    contact_consent::{ActiveModel, Basis, Channel, Column as C, Entity, Model, State},
    id::{ContactConsentId, ContactId, RowId},
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, Value};
use serde_json::{Map, json};
use uuid::Uuid;

use super::{
    all_rows,
    contact::{
        self as contacts,
        withheld::{CHANNELS, GRANTED, is_program, said, unknown, unveils},
    },
};
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{
        self, Change, Meta, Patch, Record, Refusals, Rules,
        record::{link, save_all},
        repoint::{Trace, added},
    },
    store::{Guarded, Scoped, Tx, belonging, within_ids},
};

impl Guarded for Entity {
    type Id = ContactConsentId;
    const NAME: &'static str = "contact_consent";
    const READ: Permission = Permission::ContactRead;
    const ASSIGN: Option<Permission> = Some(Permission::ContactAssign);
    const PERSONAL: &'static [&'static str] = &["source", "note"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<contact::Entity>(actor, permission, (Self::NAME, C::ContactId))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Create"], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let now = tx.access().now();
            for change in changes.iter_mut() {
                match change.row.said_at.try_as_ref() {
                    None => change.row.said_at = Set(now),
                    Some(at) if *at > now => {
                        change.faults.push(Fault::new(FaultCode::Validation, "saidAt", "this lies in the future"));
                    }
                    Some(_) => {}
                }
            }
            grants_again(tx, changes).await
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(show(tx, written))
    }
}

/// What was withdrawn is granted again only by people who see what it withholds.
async fn grants_again(tx: &Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    let granted = |change: &Change<Entity>| {
        let grants = change.row.state.try_as_ref() == Some(&State::Granted);
        grants.then(|| Some((*change.row.contact_id.try_as_ref()?, *change.row.channel.try_as_ref()?))).flatten()
    };
    let ids: Vec<Uuid> = changes.iter().filter_map(granted).map(|(contact, _)| contact.uuid()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let program = is_program(tx.access().actor());
    let people = tx.read(Scoped::<contact::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
    let unknown = unknown(tx, &ids).await?;
    for change in changes {
        let Some((id, channel)) = granted(change) else { continue };
        let withdrawn = people.iter().any(|c| c.id == id && said(c, channel) == Some(State::Withdrawn));
        if withdrawn && (program || (unveils(channel) && unknown.contains(&id))) {
            change.faults.push(Fault::new(FaultCode::Locked, "state", GRANTED));
        }
    }
    Ok(())
}

/// The contacts come to show what was said last. They are locked before the sayings are read: of two that are written down
/// at once the later one holds.
async fn show(tx: &mut Tx, written: &[(Option<Model>, Model)]) -> Result<()> {
    let mut ids: Vec<Uuid> = written.iter().map(|(_, now)| now.contact_id.uuid()).collect();
    ids.sort_unstable();
    ids.dedup();
    let backend = tx.access().store().backend();
    let people = tx.lock_where::<contact::Entity>(within_ids((contact::Entity::NAME, "id"), &ids, backend)).await?;
    let latest = latest(tx, &ids).await?;
    let mut changed = vec![];
    for person in people {
        let mut patch = Patch::default();
        let told = |channel| written.iter().any(|(_, now)| now.contact_id == person.id && now.channel == channel);
        for (channel, column, _) in CHANNELS.into_iter().filter(|(channel, ..)| told(*channel)) {
            let now = latest.get(&(person.id, channel)).map(|saying| saying.state);
            if now.is_some() && now != said(&person, channel) {
                patch = patch.with(column, now);
            }
        }
        if !patch.values.is_empty() {
            changed.push((person, patch));
        }
    }
    if !changed.is_empty() {
        save_all::<contact::Entity>(tx, changed).await?;
    }
    Ok(())
}

/// What each of these contacts said last of each channel.
async fn latest(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<(ContactId, Channel), Model>> {
    let backend = tx.access().store().backend();
    let theirs = within_ids((Entity::NAME, "contact_id"), ids, backend);
    let mut sayings = tx.read(Scoped::<Entity>::read(&all_rows(tx)).filter(theirs)).await?;
    sayings.sort_by_key(|saying| (saying.said_at, saying.id));
    Ok(sayings.into_iter().map(|saying| ((saying.contact_id, saying.channel), saying)).collect())
}

/// Writes a saying for each state that was set on a contact and that no saying tells of: by hand, by an import, or by a
/// merge. Nothing changed: no statement.
pub async fn follow(tx: &mut Tx, written: &[(Option<contact::Model>, contact::Model)]) -> Result<()> {
    let mut set = vec![];
    for (before, now) in written {
        for (channel, ..) in CHANNELS {
            let state = said(now, channel);
            if let Some(state) = state.filter(|_| before.as_ref().and_then(|before| said(before, channel)) != state) {
                set.push((now.id, channel, state));
            }
        }
    }
    if set.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = set.iter().map(|(id, ..)| id.uuid()).collect();
    let known = latest(tx, &ids).await?;
    let untold = |(id, channel, state): &(ContactId, Channel, State)| {
        known.get(&(*id, *channel)).is_none_or(|saying| saying.state != *state)
    };
    let said_at = tx.access().now();
    let row = |(contact_id, channel, state)| saying(contact_id, channel, state, said_at);
    let rows: Vec<ActiveModel> = set.into_iter().filter(untold).map(row).collect();
    if !rows.is_empty() {
        tx.insert_many::<Entity>(rows).await?;
    }
    Ok(())
}

/// Before a merge the winner's sayings come to tell what it will take; the losers' stay theirs. They go again when the merge
/// is undone.
pub async fn keep(tx: &mut Tx, winner: &contact::Model, patch: &Patch) -> Result<Vec<Trace>> {
    let mut taken = vec![];
    for (channel, column, _) in CHANNELS {
        if let Some(Value::String(Some(word))) = patch.get(column)
            && let Some(state) = State::parse(word)
        {
            taken.push((channel, state));
        }
    }
    if taken.is_empty() {
        return Ok(vec![]);
    }
    let known = latest(tx, &[winner.id.uuid()]).await?;
    taken.retain(|(channel, state)| known.get(&(winner.id, *channel)).is_none_or(|saying| saying.state != *state));
    let said_at = tx.access().now();
    let row = |(channel, state)| saying(winner.id, channel, state, said_at);
    added::<Entity>(tx, taken.into_iter().map(row).collect()).await
}

/// What the winner of a merge that is undone shows of the channels of which it took something: what it last said itself.
pub async fn own(tx: &Tx, winner: &contact::Model, was: &mut Map<String, serde_json::Value>) -> Result<()> {
    let taken = |column: &str| was.contains_key(column);
    let columns: Vec<_> = CHANNELS.into_iter().filter(|(_, column, _)| taken(column)).collect();
    if columns.is_empty() {
        return Ok(());
    }
    let known = latest(tx, &[winner.id.uuid()]).await?;
    for (channel, column, _) in columns {
        let state = known.get(&(winner.id, channel)).map(|saying| saying.state.word());
        was.insert(column.to_owned(), json!(state));
    }
    Ok(())
}

fn saying(contact_id: ContactId, channel: Channel, state: State, said_at: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        contact_id: Set(contact_id),
        channel: Set(channel),
        state: Set(state),
        said_at: Set(said_at),
        ..Default::default()
    }
}

/// What the winner of a merge takes: who said no under any of their names said no.
pub fn strictest(winner: &contact::Model, losers: &[contact::Model], mut patch: Patch) -> Patch {
    for (channel, column, _) in CHANNELS {
        let no = |person: &contact::Model| said(person, channel) == Some(State::Withdrawn);
        if no(winner) || losers.iter().any(no) {
            patch = patch.with(column, Some(State::Withdrawn));
        }
    }
    patch
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { update: None, delete: None, ..contacts::PART };
        let about = "What a contact said about being reached by a channel. Written down by whoever may change the contact, and never \
                     changed: the saying with the latest `saidAt` of a channel is what the contact shows, e.g. as `emailConsent`. \
                     What was withdrawn is granted again only by people who still see the \
                     address or number: for others and for API keys that is LOCKED.";
        Meta::new::<Entity>(
            "ContactConsent",
            "contactConsents",
            about,
            rules,
            vec![
                link(C::ContactId, contacts::meta, "Who said it.").once().firm(),
                graph::word::<Channel, _>(C::Channel, "By what they are reached.").required().once().filter().group(),
                graph::word::<State, _>(C::State, "Whether they may be.").required().once().filter().group(),
                graph::word::<Basis, _>(C::Basis, "What allows it.").once().filter().group(),
                graph::text(C::Source, "Where they said it, e.g. the name of a form.").max(200).once(),
                graph::time(C::SaidAt, "When they said it: now, unless given; not in the future.")
                    .once()
                    .filter()
                    .order(),
                graph::text(C::Note, "What else there is to say, in plain text.").max(2000).once(),
            ],
        )
    });
    &META
}
