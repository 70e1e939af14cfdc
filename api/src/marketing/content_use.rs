//! When content was used, by whom and for which sale. Nothing said is changed.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, Utc};
use entity::{
    content_asset,
    content_use::{ActiveModel, Column as C, ContentEvent, Entity},
    id::ContentUseId,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    Condition, ExprTrait,
    sea_query::Expr,
};

use super::content_asset as assets;
use crate::{
    access::user,
    actor::{Actor, Permission, Via},
    crm::opportunity,
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Rules, record::link},
    store::{Guarded, Tx, visible},
};

impl Guarded for Entity {
    type Id = ContentUseId;
    const NAME: &'static str = "content_use";
    const READ: Permission = Permission::ContentRead;

    /// With its content.
    fn within(actor: &Actor, _: Permission) -> Condition {
        let assets = visible::<content_asset::Entity>(actor, Permission::ContentRead);
        Condition::all().add(Expr::col((Self::NAME, C::ContentAssetId)).in_subquery(assets))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(now: DateTime<Utc>) -> ActiveModel {
        ActiveModel { at: Set(now), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let (actor, now) = (tx.access().actor().clone(), tx.access().now());
            for change in changes.iter_mut().filter(|change| change.before.is_none()) {
                if let (NotSet, Some(me)) = (&change.row.user_id, actor.user) {
                    change.row.user_id = Set(me);
                }
                let mut fault =
                    |field, message: &str| change.faults.push(Fault::new(FaultCode::Validation, field, message));
                let other = change.row.user_id.try_as_ref().copied() != actor.user;
                if other && matches!(actor.via, Via::Session(_)) {
                    fault("userId", "people say what they used themselves; only programs say it of others");
                }
                if change.row.at.try_as_ref().is_some_and(|at| *at > now + Duration::minutes(5)) {
                    fault("at", "this lies in the future");
                }
            }
            Ok(())
        })
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::ContentRead,
            create: Some(Permission::ContentUse),
            update: None,
            delete: Some(Permission::ContentDelete),
            assign: None,
        };
        let about = "That somebody of us used content. People say it of themselves, programs of anybody.";
        Meta::new::<Entity>(
            "ContentUse",
            "contentUses",
            about,
            rules,
            vec![
                link(C::ContentAssetId, assets::meta, "The content.").once(),
                link(C::UserId, user::meta, "Who used it; the caller unless given.").optional().once(),
                link(C::OpportunityId, opportunity::meta, "For which sale.").once(),
                graph::word::<ContentEvent, _>(C::Event, "What was done.").required().once().filter().order().group(),
                graph::time(C::At, "When; now unless given. Not in the future.").once().filter().order().group(),
            ],
        )
    });
    &META
}
