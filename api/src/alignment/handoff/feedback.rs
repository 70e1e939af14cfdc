//! The thread on an offer: each rejection opens it with what sales says, marketing answers and says what it did. It is
//! read by who reads the offer.

use std::{collections::HashMap, sync::LazyLock};

use entity::{
    feedback_item::{Column as C, Entity, Model},
    handoff,
    id::{FeedbackItemId, HandoffId},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

use crate::{
    actor::{Actor, Permission},
    crm::all_rows,
    error::{Error, FaultCode, Result},
    graph::{
        self, Change, Meta, Patch, Record, Refusals, Rules,
        record::{link, save},
    },
    marketing::campaign,
    store::{Guarded, Scoped, Tx, outliving},
};

impl Guarded for Entity {
    type Id = FeedbackItemId;
    const NAME: &'static str = "feedback_item";
    const READ: Permission = Permission::LeadRead;
    const PERSONAL: &'static [&'static str] = &["body", "outcome"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        outliving::<handoff::Entity>(actor, permission, (Self::NAME, C::HandoffId))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Resolve"], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    /// The campaign is the offer's.
    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let new = changes.iter().filter(|c| c.before.is_none());
            let ids: Vec<HandoffId> = new.filter_map(|c| c.row.handoff_id.try_as_ref().copied()).collect();
            if ids.is_empty() {
                return Ok(());
            }
            let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
            let offers = tx.read(Scoped::<handoff::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
            let campaigns: HashMap<_, _> = offers.into_iter().map(|offer| (offer.id, offer.campaign_id)).collect();
            for change in changes.iter_mut().filter(|c| c.before.is_none()) {
                let of = change.row.handoff_id.try_as_ref().and_then(|id| campaigns.get(id).copied()).flatten();
                change.row.campaign_id = Set(of);
            }
            Ok(())
        })
    }
}

/// A step: what sales says with a rejection.
pub async fn say(tx: &mut Tx, offer: HandoffId, body: String) -> Result<()> {
    let said = Patch::default().with("handoff_id", offer.0).with("body", body);
    save::<Entity>(tx, None, said).await.map(|_| ())
}

fn resolve<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if before.resolved_at.is_some() {
            return Err(Error::refused(FaultCode::Locked, "id", "this has been resolved already"));
        }
        Ok(told.with("resolved_at", tx.access().now()))
    })
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::LeadRead,
            create: Some(Permission::FeedbackCreate),
            update: None,
            delete: None,
            assign: None,
        };
        let fields = vec![
            link(C::HandoffId, super::meta, "The offer it is about.").once(),
            graph::one(C::CampaignId, campaign::meta, "The campaign that had brought the lead.").filter().group(),
            graph::text(C::Body, "What is said.").max(4000).required().once(),
            graph::text(C::Outcome, "What marketing did about it; null until it is resolved."),
            graph::time(C::ResolvedAt, "When marketing said so.").filter().order().group(),
        ];
        let about = "A word between sales and marketing on an offered lead. Each rejection writes the first one.";
        Meta::new::<Entity>("FeedbackItem", "feedbackItems", about, rules, fields).step::<Entity>(
            "Resolve",
            Permission::FeedbackResolve,
            "Says what marketing did about it. LOCKED when that was said already.",
            vec![graph::text(C::Outcome, "What was done.").max(4000).required()],
            resolve,
        )
    });
    &META
}
