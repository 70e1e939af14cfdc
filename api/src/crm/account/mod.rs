//! Companies: those we sell to, those we sold to, and those we hope for.

mod graphql;

use chrono::{DateTime, Utc};
use entity::{
    account::{ActiveModel, Column as C, Entity, Lifecycle, Model},
    id::AccountId,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

pub use graphql::meta;

use super::{custom_field, matching, opportunity, owner, tree};
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Refusals},
    store::{Guarded, Tx},
};

impl Guarded for Entity {
    type Id = AccountId;
    const NAME: &'static str = "account";
    const READ: Permission = Permission::AccountRead;
    const ASSIGN: Option<Permission> = Some(Permission::AccountAssign);

    /// Work on an opportunity moves its account's life cycle, whoever owns the account.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        if opportunity::WRITES.contains(&permission) {
            return Condition::all();
        }
        actor.reach(permission, (Self::NAME, C::OwnerId))
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::Name, C::Domain, C::Industry]))
    }
}

/// A domain where anybody may have an address names no company.
fn companys_own(change: &mut Change<Entity>) {
    if let Set(Some(domain)) = &change.row.domain
        && change.before.as_ref().is_none_or(|before| before.domain.as_ref() != Some(domain))
        && matching::domain::is_free(domain)
    {
        let message = "anybody may have an address there: leave it out, or give the company's own";
        change.faults.push(Fault::new(FaultCode::Validation, "domain", message));
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Update", "Upsert", "Delete", "Restore"], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { lifecycle: Set(Lifecycle::Prospect), custom: Set(serde_json::json!({})), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut().filter(|c| c.before.is_none()) {
                owner::or_me(tx.access().actor(), &mut change.row.owner_id);
            }
            for change in changes.iter_mut() {
                companys_own(change);
            }
            custom_field::check::<Self>(tx, changes).await?;
            tree::check::<Self>(tx, changes).await
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(matching::index(tx, written))
    }
}
