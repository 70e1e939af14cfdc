//! Further addresses and numbers of people. They find a person like the main ones do: for duplicates, and when a lead is
//! converted. What is withheld of the contact is withheld here, too.

use std::{collections::HashSet, sync::LazyLock};

use chrono::{DateTime, Utc};
use entity::{
    contact::{self, Column as P},
    contact_address::{ActiveModel, Column as C, Entity, Kind, Label, Model},
    contact_consent::{Channel, State},
    id::{ContactAddressId, ContactId, RowId},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    Condition, DbBackend, ExprTrait, IntoActiveModel, Value,
    sea_query::{Expr, Func, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{
    all_rows,
    contact::{
        self as contacts,
        withheld::{KEPT, is_program, knows, said, unknown},
    },
};
use crate::{
    actor::{Actor, Permission},
    error::{Error, Fault, FaultCode, Result},
    graph::{
        self, Change, Meta, Patch, Record, Refusals,
        record::link,
        repoint::{Trace, added},
        text,
        veil::not,
    },
    store::{Access, Guarded, Op, Scoped, Tx, belonging, visible, within_ids},
};

impl Guarded for Entity {
    type Id = ContactAddressId;
    const NAME: &'static str = "contact_address";
    const READ: Permission = Permission::ContactRead;
    const ASSIGN: Option<Permission> = Some(Permission::ContactAssign);
    const PERSONAL: &'static [&'static str] = &["value"];

    /// With the contact, whose withheld ones only those read who know them.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        let theirs = belonging::<contact::Entity>(actor, permission, (Self::NAME, C::ContactId));
        if permission == Self::READ { theirs.add_option(open(actor)) } else { theirs }
    }

    fn every(actor: &Actor, permission: Permission) -> bool {
        actor.reaches_all(permission) && (permission != Self::READ || knows(actor).is_none())
    }
}

/// Addresses that are not withheld from the actor; none when that is all.
fn open(actor: &Actor) -> Option<Condition> {
    let knows = knows(actor)?;
    let closed = |kind: Kind, consent: P| {
        let withdrawn = Expr::col((contact::Entity::NAME, consent)).eq(State::Withdrawn);
        let people =
            visible::<contact::Entity>(actor, Entity::READ).and_where(withdrawn).cond_where(not(knows.clone())).take();
        Condition::all()
            .add(Expr::col((Entity::NAME, C::Kind)).eq(kind))
            .add(Expr::col((Entity::NAME, C::ContactId)).in_subquery(people))
    };
    let mail = not(closed(Kind::Email, P::EmailConsent));
    Some(mail.add(not(closed(Kind::Phone, P::PhoneConsent))))
}

impl Record for Entity {
    const REFUSES: Refusals = &[
        (&["Create", "Update", "Upsert", "Delete", "Restore"], &[FaultCode::Locked]),
        (&["Restore"], &[FaultCode::Duplicate]),
    ];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { label: Set(Label::Work), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut() {
                normalise(change);
            }
            withheld(tx, changes).await?;
            taken(tx, changes).await
        })
    }

    /// Gone and back again by the same rules.
    fn leave<'a>(tx: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut changes =
                [Change { before: None, row: row.clone().into_active_model().reset_all(), faults: vec![] }];
            withheld(tx, &mut changes).await?;
            if op == Op::Restored {
                taken(tx, &mut changes).await?;
            }
            let [Change { faults, .. }] = changes;
            if faults.is_empty() { Ok(()) } else { Err(Error::Refused(faults)) }
        })
    }
}

/// The one form in which an address is compared.
fn normalise(change: &mut Change<Entity>) {
    let (Some(kind), Some(value)) = (kind(change), change.row.value.try_as_ref()) else { return };
    let form = if kind == Kind::Email { text::email(value) } else { text::phone(value) };
    match form {
        Ok(value) => change.row.value = Set(value),
        Err(what) => change.faults.push(Fault::new(FaultCode::Validation, "value", what)),
    }
}

fn kind(change: &Change<Entity>) -> Option<Kind> {
    change.row.kind.try_as_ref().copied()
}

fn owner(change: &Change<Entity>) -> Option<ContactId> {
    change.row.contact_id.try_as_ref().copied()
}

/// Who does not know what is withheld adds nothing to it, and a program never does.
async fn withheld(tx: &Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    let ids: Vec<Uuid> = changes.iter().filter_map(owner).map(RowId::uuid).collect();
    let program = is_program(tx.access().actor());
    let unknown = unknown(tx, &ids).await?;
    if ids.is_empty() || (unknown.is_empty() && !program) {
        return Ok(());
    }
    let people = tx.read(Scoped::<contact::Entity>::read(tx.access()).ids(&ids)).await?;
    for change in changes {
        let channel = kind(change).map(|kind| if kind == Kind::Email { Channel::Email } else { Channel::Phone });
        let person = people.iter().find(|person| Some(person.id) == owner(change));
        let closed = person.zip(channel).is_some_and(|(p, channel)| said(p, channel) == Some(State::Withdrawn));
        if closed && (program || person.is_some_and(|person| unknown.contains(&person.id))) {
            change.faults.push(Fault::new(FaultCode::Locked, "value", KEPT));
        }
    }
    Ok(())
}

/// A mail address leads to one person: it is nobody's main address already, and no further one of somebody else. Two
/// statements.
async fn taken(tx: &Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    let mail = |change: &Change<Entity>| {
        let new = change.row.value.is_set() && change.faults.is_empty() && kind(change) == Some(Kind::Email);
        new.then(|| change.row.value.try_as_ref().cloned()).flatten()
    };
    let mails: Vec<String> = changes.iter().filter_map(mail).collect();
    if mails.is_empty() {
        return Ok(());
    }
    let everything = all_rows(tx);
    let people = Scoped::<contact::Entity>::read(&everything)
        .filter(Condition::all().add(Expr::col((contact::Entity::NAME, P::Email)).is_in(mails.clone())))
        .shape(|q| _ = q.column((contact::Entity::NAME, P::Email)));
    let mut first: HashSet<String> = HashSet::new();
    for row in tx.cells(people).await? {
        first.insert(row.try_get_by_index(0)?);
    }
    let further = further(tx, mails).await?;
    for change in changes {
        let Some(mail) = mail(change) else { continue };
        if first.contains(&mail) || elsewhere(&further, &mail, owner(change)) {
            change.faults.push(Fault::new(FaultCode::Duplicate, "value", "a contact has this address already"));
        }
    }
    Ok(())
}

/// Who has these as further addresses, whoever sees them. No statement for none.
async fn further(tx: &Tx, mails: Vec<String>) -> Result<Vec<Model>> {
    if mails.is_empty() {
        return Ok(vec![]);
    }
    tx.read(Scoped::<Entity>::read(&all_rows(tx)).filter(among(Kind::Email, mails))).await
}

/// Whether one of these rows gives an address to somebody else.
fn elsewhere(further: &[Model], mail: &str, own: Option<ContactId>) -> bool {
    further.iter().any(|row| row.value == mail && Some(row.contact_id) != own)
}

fn among(kind: Kind, values: Vec<String>) -> Condition {
    Condition::all()
        .add(Expr::col((Entity::NAME, C::Value)).is_in(values))
        .add(Expr::col((Entity::NAME, C::Kind)).eq(kind))
}

/// A contact's main mail address is nobody else's further one. No statement where none is new.
pub async fn check_main(tx: &Tx, changes: &mut [Change<contact::Entity>]) -> Result<()> {
    let new = |change: &Change<contact::Entity>| {
        let mail = change.row.email.try_as_ref().cloned().flatten().filter(|_| change.row.email.is_set());
        mail.filter(|mail| change.before.as_ref().is_none_or(|before| before.email.as_ref() != Some(mail)))
    };
    let further = further(tx, changes.iter().filter_map(new).collect()).await?;
    for change in changes.iter_mut() {
        let Some(mail) = new(change) else { continue };
        if elsewhere(&further, &mail, change.before.as_ref().map(|before| before.id)) {
            change.faults.push(Fault::new(FaultCode::Duplicate, "email", OTHERS));
        }
    }
    Ok(())
}

const OTHERS: &str = "another contact has this as a further address";

/// Nobody comes back with an address that has meanwhile become a further one of somebody else.
pub async fn check_back(tx: &Tx, row: &contact::Model) -> Result<()> {
    let Some(mail) = &row.email else { return Ok(()) };
    if elsewhere(&further(tx, vec![mail.clone()]).await?, mail, Some(row.id)) {
        return Err(Error::refused(FaultCode::Duplicate, "email", OTHERS));
    }
    Ok(())
}

/// A further address that became the main one is not a further one any more.
pub async fn follow(tx: &mut Tx, written: &[(Option<contact::Model>, contact::Model)]) -> Result<()> {
    let moved = |(before, now): &(Option<contact::Model>, contact::Model)| {
        let before = before.as_ref()?;
        let mail = now.email.clone().filter(|_| now.email != before.email).map(|mail| (Kind::Email, mail));
        let phone = now.phone.clone().filter(|_| now.phone != before.phone).map(|phone| (Kind::Phone, phone));
        Some(mail.into_iter().chain(phone).map(|(kind, value)| (now.id, kind, value)).collect::<Vec<_>>())
    };
    let main: Vec<(ContactId, Kind, String)> = written.iter().filter_map(moved).flatten().collect();
    if main.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = main.iter().map(|(id, ..)| id.uuid()).collect();
    let theirs = within_ids((Entity::NAME, "contact_id"), &ids, tx.access().store().backend());
    let values: Vec<String> = main.iter().map(|(.., value)| value.clone()).collect();
    let among = Condition::all().add(theirs).add(Expr::col((Entity::NAME, C::Value)).is_in(values));
    let mut rows = tx.lock_where::<Entity>(among).await?;
    let main: HashSet<(ContactId, Kind, String)> = main.into_iter().collect();
    rows.retain(|row| main.contains(&(row.contact_id, row.kind, row.value.clone())));
    tx.set_all::<Entity>(&rows, &[("deleted_at", Value::from(Some(tx.access().now())))], Op::Deleted).await?;
    Ok(())
}

/// Before the losers of a merge go, the winner keeps their main addresses and numbers, and its own where it takes another,
/// as further ones. What is added goes again when the merge is undone.
pub async fn keep(
    tx: &mut Tx,
    winner: &contact::Model,
    losers: &[contact::Model],
    patch: &Patch,
) -> Result<Vec<Trace>> {
    let taken = |name: &str| match patch.get(name) {
        Some(Value::String(value)) => Some(value.clone()),
        _ => None,
    };
    let email = taken("email").unwrap_or_else(|| winner.email.clone());
    let phone = taken("phone").unwrap_or_else(|| winner.phone.clone());
    let ids: Vec<Uuid> = losers.iter().chain([winner]).map(|person| person.id.uuid()).collect();
    let theirs = within_ids((Entity::NAME, "contact_id"), &ids, tx.access().store().backend());
    let known = tx.read(Scoped::<Entity>::read(&all_rows(tx)).filter(theirs)).await?;
    let mut there: HashSet<(Kind, String)> = known.into_iter().map(|row| (row.kind, row.value)).collect();
    there.extend(email.into_iter().map(|email| (Kind::Email, email)));
    there.extend(phone.into_iter().map(|phone| (Kind::Phone, phone)));
    let mut rows = vec![];
    for person in [winner].into_iter().chain(losers) {
        let both = [(Kind::Email, &person.email), (Kind::Phone, &person.phone)];
        for (kind, value) in both.into_iter().filter_map(|(kind, value)| Some((kind, value.clone()?))) {
            if there.insert((kind, value.clone())) {
                rows.push(ActiveModel {
                    contact_id: Set(winner.id),
                    kind: Set(kind),
                    label: Set(Label::Other),
                    value: Set(value),
                    ..Default::default()
                });
            }
        }
    }
    added::<Entity>(tx, rows).await
}

/// The contacts with one of these as a further address or number that the actor knows.
pub fn having(actor: &Actor, values: Vec<String>) -> SelectStatement {
    visible::<Entity>(actor, Entity::READ)
        .clear_selects()
        .column((Entity::NAME, C::ContactId))
        .and_where(Expr::col((Entity::NAME, C::Value)).is_in(values))
        .take()
}

/// Of a contact's row: its further addresses and numbers that the caller knows, in one text with blanks between them.
pub fn joined(access: &Access) -> SimpleExpr {
    let join = if access.store().backend() == DbBackend::Postgres { "string_agg" } else { "group_concat" };
    let value = Expr::col((Entity::NAME, C::Value));
    let own = Expr::col((Entity::NAME, C::ContactId)).equals((contact::Entity::NAME, P::Id));
    let all = Query::select()
        .expr(Func::cust(join).arg(value).arg(Expr::cust("' '")))
        .from(Entity::NAME)
        .and_where(own)
        .and_where(Expr::col((Entity::NAME, C::OrganizationId)).eq(access.actor().organization.uuid()))
        .and_where(Expr::col((Entity::NAME, C::DeletedAt)).is_null())
        .cond_where(Condition::all().add_option(open(access.actor())))
        .take();
    SimpleExpr::SubQuery(None, Box::new(all.into()))
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let about = "One more mail address or telephone number of a contact, beside the main ones in `email` and `phone`. It counts for \
                     duplicates, and a lead with this mail address is converted to this contact. Whoever may change the contact may \
                     change it. Where consent to its channel is withdrawn, it is seen as the contact's own `email` and `phone` are, \
                     and changing it is LOCKED for API keys and for who does not see it.";
        Meta::new::<Entity>(
            "ContactAddress",
            "contactAddresses",
            about,
            contacts::PART,
            vec![
                link(C::ContactId, contacts::meta, "Whose it is.").once(),
                graph::word::<Kind, _>(C::Kind, "A mail address or a telephone number.").required().once().filter().group(),
                graph::word::<Label, _>(C::Label, "Where it leads; WORK unless given.").write().filter().group(),
                graph::text(C::Value, "The address: a mail address in lower case, or 7 to 15 digits as in `Contact.phone`. A mail address is one contact's alone.")
                    .max(254)
                    .required()
                    .write()
                    .filter()
                    .order(),
            ],
        )
    });
    &META
}
