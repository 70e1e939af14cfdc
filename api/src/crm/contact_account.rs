//! Which companies a person is tied to. Visible and changeable with the contact; which tie is the main one follows
//! the contact's account.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    contact,
    contact_account::{ActiveModel, Column as C, Entity, Model},
    id::ContactAccountId,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, IntoActiveModel, sea_query::Expr};

use super::{account, contact as contacts};
use crate::{
    actor::{Actor, Permission},
    error::{Error, FaultCode, Result},
    graph::{self, Meta, Record, Refusals, record::link},
    store::{Guarded, Op, Tx, visible},
};

impl Guarded for Entity {
    type Id = ContactAccountId;
    const NAME: &'static str = "contact_account";
    const READ: Permission = Permission::ContactRead;
    const ASSIGN: Option<Permission> = Some(Permission::ContactAssign);

    fn within(actor: &Actor, permission: Permission) -> Condition {
        let contacts = visible::<contact::Entity>(actor, permission);
        Condition::all().add(Expr::col((Self::NAME, C::ContactId)).in_subquery(contacts))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Delete"], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { primary: Set(false), ..Default::default() }
    }

    /// The main company stays the main one.
    fn absorb(kept: &Model, gone: &Model) -> Option<ActiveModel> {
        let more = gone.primary && !kept.primary;
        more.then(|| ActiveModel { primary: Set(true), ..kept.clone().into_active_model() })
    }

    fn leave<'a>(_: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if row.primary && op == Op::Deleted {
                let message = "this is the contact's account; change that first";
                return Err(Error::refused(FaultCode::Locked, "id", message));
            }
            Ok(())
        })
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let about = "A contact's tie to a company; one for each pair. Whoever may change the contact may change it.";
        Meta::new::<Entity>(
            "ContactAccount",
            "contactAccounts",
            about,
            contacts::PART,
            vec![
                link(C::ContactId, contacts::meta, "The person.").once(),
                link(C::AccountId, account::meta, "The company.").once(),
                graph::text(C::Role, "What they do there, in the organisation's own words.").max(100).write(),
                graph::boolean(C::Primary, "Whether it is their main company; follows the contact's `account`."),
            ],
        )
    });
    &META
}
