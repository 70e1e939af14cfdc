//! People we know by name. A contact's account is its main company; the tie to it in `contact_account` is kept here
//! and nowhere else.

mod graphql;
mod ties;

use chrono::{DateTime, Utc};
use entity::{
    contact::{ActiveModel, Column as C, Entity, Model},
    id::ContactId,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

pub use graphql::meta;

use super::{custom_field, owner};
use crate::{
    actor::{Actor, Permission},
    error::{FaultCode, Result},
    graph::{self, Change, Meta, Record, Refusals},
    store::{Guarded, Tx},
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
        Some(graph::text::search_of::<Self>(row, &[C::FirstName, C::LastName, C::Email]))
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
            custom_field::check::<Self>(tx, changes).await
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(ties::follow(tx, written))
    }
}
