//! What customers answered when they were asked how content they are. An answer is somebody's, or at least a company's: it is
//! seen and changed with the contact, and with the account where nobody is named.

use std::{collections::HashMap, sync::LazyLock};

use chrono::{DateTime, Utc};
use entity::{
    account, contact, external_ref as refs,
    id::{AccountId, ContactId, RowId, SurveyResponseId},
    survey_response::{Column as C, Entity, Kind},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};
use uuid::Uuid;

use super::{account as accounts, contact as contacts, external_ref};
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Field, Meta, Record, record::link},
    store::{Guarded, Scoped, Tx, belonging, below},
};

impl Guarded for Entity {
    type Id = SurveyResponseId;
    const NAME: &'static str = "survey_response";
    const READ: Permission = Permission::ContactRead;
    const PERSONAL: &'static [&'static str] = &["comment"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        let of_account = below::<account::Entity>(actor, permission, parent(permission), (Self::NAME, C::AccountId))
            .add(Expr::col((Self::NAME, C::ContactId)).is_null());
        Condition::any()
            .add(belonging::<contact::Entity>(actor, permission, (Self::NAME, C::ContactId)))
            .add(of_account)
    }

    /// Answers that name only an account are seen and changed with it.
    fn every(actor: &Actor, permission: Permission) -> bool {
        actor.reaches_all(permission) && actor.reaches_all(parent(permission))
    }
}

fn parent(permission: Permission) -> Permission {
    if permission == Entity::READ { Permission::AccountRead } else { Permission::AccountUpdate }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    /// It is somebody's or some company's answer, within its scale, and nobody has answered in the future. One statement for
    /// the companies of contacts.
    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let now = tx.access().now();
            for change in changes.iter_mut() {
                sound(change, now);
            }
            answer_for(tx, changes).await
        })
    }
}

fn contact_of(change: &Change<Entity>) -> Option<ContactId> {
    change.row.contact_id.try_as_ref().copied().flatten()
}

fn account_of(change: &Change<Entity>) -> Option<AccountId> {
    change.row.account_id.try_as_ref().copied().flatten()
}

fn sound(change: &mut Change<Entity>, now: DateTime<Utc>) {
    if contact_of(change).is_none() && account_of(change).is_none() {
        let message = "say who answered, or at least for which account";
        change.faults.push(Fault::new(FaultCode::Validation, "contactId", message));
    }
    let (kind, score) = (change.row.kind.try_as_ref(), change.row.score.try_as_ref());
    if let (Some(kind), Some(score)) = (kind, score) {
        let scale = if *kind == Kind::Nps { 0..=10 } else { 1..=5 };
        if !scale.contains(score) {
            let message = format!("{kind} goes from {} to {}", scale.start(), scale.end());
            change.faults.push(Fault::new(FaultCode::Validation, "score", message));
        }
    }
    if change.row.responded_at.try_as_ref().is_some_and(|at| *at > now) {
        change.faults.push(Fault::new(FaultCode::Validation, "respondedAt", "this lies in the future"));
    }
}

/// A contact answers for their main company as it is then, unless another is named: so an account has the answers of its
/// people too, and keeps them when they leave.
async fn answer_for(tx: &Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    let lone = |change: &Change<Entity>| {
        contact_of(change).filter(|_| change.before.is_none() && account_of(change).is_none())
    };
    let ids: Vec<Uuid> = changes.iter().filter_map(lone).map(RowId::uuid).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let people = tx.read(Scoped::<contact::Entity>::read(tx.access()).ids(&ids)).await?;
    let firms: HashMap<ContactId, AccountId> =
        people.into_iter().filter_map(|person| Some((person.id, person.account_id?))).collect();
    for change in changes {
        if let Some(account) = lone(change).and_then(|contact| firms.get(&contact)) {
            change.row.account_id = Set(Some(*account));
        }
    }
    Ok(())
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let about = "What a customer answered when asked how content they are. Whoever sees the contact sees it; where no contact is \
                     named, whoever sees the account and holds CONTACT_READ there. It is changed likewise, with CONTACT_UPDATE and \
                     ACCOUNT_UPDATE. The metrics NPS and CSAT count the latest answer of each contact in a period, and each answer \
                     that names nobody.";
        Meta::new::<Entity>("SurveyResponse", "surveyResponses", about, contacts::PART, fields())
    });
    &META
}

fn fields() -> Vec<Field> {
    vec![
        link(C::ContactId, contacts::meta, "Who answered; either this or the account is needed.").once(),
        link(
            C::AccountId,
            accounts::meta,
            "The company that they answered for: the contact's at that time unless given. Without a contact all that is known.",
        )
        .once(),
        graph::word::<Kind, _>(C::Kind, "What they were asked.").required().once().filter().group(),
        graph::integer(C::Score, "Their answer: 0 to 10 for NPS, 1 to 5 for CSAT.")
            .max(10)
            .required()
            .write()
            .filter()
            .order()
            .group(),
        graph::time(C::RespondedAt, "When they gave it. Not in the future.").required().write().filter().order().group(),
        graph::text(C::Comment, "What they said to it.").max(2000).write(),
        graph::many("external_refs", refs::Column::EntityId, external_ref::meta, "What other systems call it.")
            .only(refs::Column::EntityType, "survey_response"),
    ]
}
