//! People we know by name. A contact's account is its main company; the tie to it in `contact_account` is kept here
//! and nowhere else; so are what they said last of each channel and further addresses that became the main ones.

mod graphql;
mod ties;
pub mod withheld;

use chrono::{DateTime, Utc};
use entity::{
    contact::{ActiveModel, Column as C, Entity, Model},
    contact_consent::State,
    id::ContactId,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

pub use graphql::{PART, meta};

use super::{contact_address, contact_consent, custom_field, owner};
use crate::{
    actor::{Actor, Permission},
    error::{FaultCode, Result},
    graph::{self, Change, Meta, Record, Refusals},
    store::{Guarded, Op, Tx},
};

impl Guarded for Entity {
    type Id = ContactId;
    const NAME: &'static str = "contact";
    const READ: Permission = Permission::ContactRead;
    const ASSIGN: Option<Permission> = Some(Permission::ContactAssign);
    const PERSONAL: &'static [&'static str] = &["first_name", "last_name", "email", "phone", "description", "custom"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, C::OwnerId))
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        // what is withheld is found by nobody's search
        let withdrawn = row.email_consent.try_as_ref().copied().flatten() == Some(State::Withdrawn);
        let all = [C::FirstName, C::LastName, C::Email];
        Some(graph::text::search_of::<Self>(row, &all[..if withdrawn { 2 } else { 3 }]))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Update", "Upsert", "Delete", "Restore"], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { custom: Set(serde_json::json!({})), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut().filter(|c| c.before.is_none()) {
                owner::or_me(tx.access().actor(), &mut change.row.owner_id);
            }
            withheld::check(tx, changes).await?;
            contact_address::check_main(tx, changes).await?;
            custom_field::check::<Self>(tx, changes).await
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            ties::follow(tx, written).await?;
            contact_address::follow(tx, written).await?;
            contact_consent::follow(tx, written).await
        })
    }

    fn leave<'a>(tx: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { if op == Op::Restored { contact_address::check_back(tx, row).await } else { Ok(()) } })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        let changed = withheld::CHANNELS
            .iter()
            .any(|(channel, ..)| withheld::said(before, *channel) != withheld::said(after, *channel));
        changed.then_some("contact.consent_changed")
    }
}
