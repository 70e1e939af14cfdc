//! Visitors: what a cookie or a device calls somebody, and who it turned out to be. What an unknown visitor did becomes
//! the person's once they are known, at the times at which it happened; what they do later is theirs at once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use chrono::TimeDelta;
use entity::{
    contact,
    id::{ContactId, LeadId, RowId, VisitorId},
    lead, touchpoint,
    visitor::{Column as C, Entity, Model},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait, Order, Value,
    sea_query::{Expr, SimpleExpr},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    actor::{Actor, Permission},
    crm::{all_rows, contact as contacts, lead as leads},
    error::{Error, Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Rules, record::link},
    store::{
        Access, Guarded, Op, Scoped, Tx, Values, condition_of,
        jobs::{Job, NewJob},
        visible, within_ids, within_texts,
    },
};

/// The kind of job that looks once more for touches of visitors who have become known.
pub const FOLLOW: &str = "visitor.follow";
/// A touch that was being recorded while its visitor became known has been recorded by then.
const LATER: TimeDelta = TimeDelta::seconds(60);

impl Guarded for Entity {
    type Id = VisitorId;
    const NAME: &'static str = "visitor";
    const READ: Permission = Permission::TouchpointRead;

    /// With the lead or contact they turned out to be.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        Condition::any().add(of::<lead::Entity>(actor, permission, C::LeadId)).add(of::<contact::Entity>(
            actor,
            permission,
            C::ContactId,
        ))
    }
}

/// Is a record that this permission reaches and that the actor may read.
fn of<E: Guarded>(actor: &Actor, permission: Permission, key: C) -> SimpleExpr {
    let mut theirs = visible::<E>(actor, permission);
    theirs.cond_where(condition_of::<E>(actor, E::READ));
    Expr::col((Entity::NAME, key)).in_subquery(theirs)
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            become_contacts(tx, changes).await?;
            for change in changes {
                let row = &mut change.row;
                let lead = row.lead_id.try_as_ref().copied().flatten().is_some();
                let contact = row.contact_id.try_as_ref().copied().flatten().is_some();
                if !lead && !contact {
                    let message = "give the lead or contact that it turned out to be";
                    change.faults.push(Fault::new(FaultCode::Validation, "leadId", message));
                }
                if change.before.is_none() {
                    row.identified_at = Set(Some(tx.access().now()));
                }
            }
            Ok(())
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let who = |row: &Model| (row.lead_id, row.contact_id);
            let told = written.iter().filter(|(before, after)| before.as_ref().is_none_or(|b| who(b) != who(after)));
            let known: Vec<Model> = told.map(|(_, after)| after.clone()).collect();
            if known.is_empty() {
                return Ok(());
            }
            let all = give(tx, &known).await?;
            let ids: Vec<Uuid> = known.iter().map(|row| row.id.uuid()).collect();
            let now = tx.access().now();
            let mut later = vec![NewJob::new(FOLLOW, json!(ids)).at(now + LATER)];
            later.extend((!all).then(|| NewJob::new(FOLLOW, json!(ids))));
            tx.enqueue_many(later).await?;
            Ok(())
        })
    }
}

/// Whoever turns out to be a lead that became a contact is that contact too; a contact that was known of another lead is
/// not this one's. One statement, and none where no lead is named.
async fn become_contacts(tx: &Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    let lead = |change: &Change<Entity>| change.row.lead_id.try_as_ref().copied().flatten();
    let person = |change: &Change<Entity>| change.row.contact_id.try_as_ref().copied().flatten();
    // given anew, and with no other contact than there was
    let follows = |change: &Change<Entity>| match &change.before {
        None => person(change).is_none(),
        Some(before) => before.lead_id != lead(change) && before.contact_id == person(change),
    };
    let ids: Vec<Uuid> = changes.iter().filter(|change| follows(change)).filter_map(lead).map(RowId::uuid).collect();
    let rows =
        if ids.is_empty() { vec![] } else { tx.read(Scoped::<lead::Entity>::read(&all_rows(tx)).ids(&ids)).await? };
    let became: HashMap<LeadId, Option<ContactId>> =
        rows.into_iter().map(|row| (row.id, row.converted_contact_id)).collect();
    for change in changes.iter_mut().filter(|change| follows(change)) {
        if let Some(lead) = lead(change) {
            change.row.contact_id = Set(became.get(&lead).copied().flatten());
        }
    }
    Ok(())
}

/// Touches that are given in one commit.
const BATCH: usize = 1000;

/// Gives visitors' touches, as far as they are nobody's yet, to whom the visitors are: a statement for each person, and so
/// many at once. False where there may be more.
async fn give(tx: &mut Tx, known: &[Model]) -> Result<bool> {
    let keys: Vec<String> = known.iter().map(|row| row.key.clone()).collect();
    let col = |name: &'static str| Expr::col((touchpoint::Entity::NAME, name));
    let nobodys = Condition::all()
        .add(within_texts((touchpoint::Entity::NAME, "visitor"), &keys, tx.access().store().backend()))
        .add(col("lead_id").is_null())
        .add(col("contact_id").is_null());
    let some = Scoped::<touchpoint::Entity>::read(&all_rows(tx)).filter(nobodys.clone()).shape(|q| {
        let id = (touchpoint::Entity::NAME, "id");
        q.column(id).order_by(id, Order::Asc).limit(BATCH as u64);
    });
    let some: Vec<Uuid> =
        tx.cells(some).await?.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?;
    let these = nobodys.add(within_ids((touchpoint::Entity::NAME, "id"), &some, tx.access().store().backend()));
    let by_key: HashMap<&str, &Model> = known.iter().map(|row| (row.key.as_str(), row)).collect();
    let mut theirs: BTreeMap<(Option<LeadId>, Option<ContactId>), Vec<touchpoint::Model>> = BTreeMap::new();
    for touch in tx.lock_followers::<touchpoint::Entity>(these).await? {
        if let Some(row) = touch.visitor.as_deref().and_then(|key| by_key.get(key)) {
            theirs.entry((row.lead_id, row.contact_id)).or_default().push(touch);
        }
    }
    for ((lead, contact), touches) in theirs {
        let values: Values =
            vec![("lead_id", lead.map(RowId::uuid).into()), ("contact_id", contact.map(RowId::uuid).into())];
        tx.set_all::<touchpoint::Entity>(&touches, &values, Op::Updated).await?;
    }
    Ok(some.len() < BATCH)
}

/// The job.
pub async fn follow(access: &Access, job: &Job) -> Result<()> {
    let ids: Vec<Uuid> = serde_json::from_value(job.payload.clone()).map_err(Error::internal)?;
    loop {
        let mut tx = access.next().begin(Permission::TouchpointUpdate).await?;
        let known = tx.read(Scoped::<Entity>::read(tx.access()).ids(&ids)).await?;
        let all = give(&mut tx, &known).await?;
        tx.commit(serde_json::Value::Null).await?;
        if all {
            return Ok(());
        }
    }
}

/// Touches of visitors who are known are theirs. One statement, and none where no visitor is named.
pub async fn recognise(tx: &Tx, changes: &mut [Change<touchpoint::Entity>]) -> Result<()> {
    let unknown = |change: &Change<touchpoint::Entity>| {
        let row = &change.row;
        let nobody = row.lead_id.try_as_ref().copied().flatten().is_none()
            && row.contact_id.try_as_ref().copied().flatten().is_none();
        row.visitor.try_as_ref().cloned().flatten().filter(|_| nobody && change.before.is_none())
    };
    let keys: Vec<String> = changes.iter().filter_map(unknown).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let named = within_texts((Entity::NAME, "key"), &keys, tx.access().store().backend());
    let found = tx.read(Scoped::<Entity>::read(&all_rows(tx)).filter(named)).await?;
    let known: HashMap<String, Model> = found.into_iter().map(|row| (row.key.clone(), row)).collect();
    for change in changes.iter_mut() {
        if let Some(row) = unknown(change).and_then(|key| known.get(&key)) {
            change.row.lead_id = Set(row.lead_id);
            change.row.contact_id = Set(row.contact_id);
        }
    }
    Ok(())
}

/// Visitors who are leads that became contacts are these contacts too.
pub(super) async fn became(tx: &mut Tx, contacts: &HashMap<LeadId, ContactId>) -> Result<()> {
    let backend = tx.access().store().backend();
    let leads: Vec<Uuid> = contacts.keys().map(|id| id.uuid()).collect();
    let theirs = within_ids((Entity::NAME, "lead_id"), &leads, backend);
    let rows = tx.lock_followers::<Entity>(theirs.add(Expr::col((Entity::NAME, "contact_id")).is_null())).await?;
    let mut by_contact: BTreeMap<ContactId, Vec<Model>> = BTreeMap::new();
    for row in rows {
        if let Some(contact) = row.lead_id.and_then(|id| contacts.get(&id)) {
            by_contact.entry(*contact).or_default().push(row);
        }
    }
    for (contact, rows) in by_contact {
        let values: Values = vec![("contact_id", Value::from(Some(contact.uuid())))];
        tx.set_all::<Entity>(&rows, &values, Op::Updated).await?;
    }
    Ok(())
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::TouchpointRead,
            create: Some(Permission::TouchpointCreate),
            update: Some(Permission::TouchpointUpdate),
            delete: Some(Permission::TouchpointDelete),
            assign: None,
        };
        let about = "Says who an unknown visitor turned out to be. Touchpoints of this `visitor` that were nobody's become the lead's or contact's, at the times at which they happened; later ones are theirs at once. Seen by who may read the lead or contact.";
        Meta::new::<Entity>(
            "Visitor",
            "visitors",
            about,
            rules,
            vec![
                graph::text(C::Key, "What the tracking calls them: `visitor` of touchpoints. Unique, else DUPLICATE.")
                    .max(200)
                    .required()
                    .once()
                    .filter()
                    .order()
                    .unique(),
                link(C::LeadId, leads::meta, "The lead that it turned out to be; this, the contact or both.").firm(),
                link(C::ContactId, contacts::meta, "The contact that it turned out to be."),
                graph::time(C::IdentifiedAt, "When that was first known.").filter().order().group(),
            ],
        )
    });
    &META
}
