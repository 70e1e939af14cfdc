//! What buyers confirmed: evidence for criteria of kind `BUYER_EVIDENCE`. Seen and changed with the opportunity.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    buyer_confirmation::{ActiveModel, Column as C, Entity},
    id::{BuyerConfirmationId, RowId},
    opportunity,
    stage_criterion::{self, CriterionKind},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

use crate::{
    actor::{Actor, Permission},
    crm::{all_rows, contact, opportunity as opportunities},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Rules, record::link},
    store::{Guarded, Scoped, Tx, belonging},
};

impl Guarded for Entity {
    type Id = BuyerConfirmationId;
    const NAME: &'static str = "buyer_confirmation";
    const READ: Permission = Permission::OpportunityRead;
    const PERSONAL: &'static [&'static str] = &["statement"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<opportunity::Entity>(actor, permission, (Self::NAME, C::OpportunityId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(now: DateTime<Utc>) -> ActiveModel {
        ActiveModel { confirmed_at: Set(now), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let ids: Vec<_> =
                changes.iter().filter_map(|c| c.row.stage_criterion_id.try_as_ref()).map(|id| id.uuid()).collect();
            let criteria = tx.read(Scoped::<stage_criterion::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
            let asks = |kind: CriterionKind| kind == CriterionKind::BuyerEvidence;
            let now = tx.access().now();
            for change in changes {
                let criterion = change.row.stage_criterion_id.try_as_ref();
                let criterion = criterion.and_then(|id| criteria.iter().find(|c| c.id == *id));
                if criterion.is_some_and(|c| !asks(c.kind)) {
                    let message = "this criterion does not ask for the buyer's word";
                    change.faults.push(Fault::new(FaultCode::Validation, "stageCriterionId", message));
                }
                if change.row.confirmed_at.try_as_ref().is_some_and(|at| *at > now + chrono::Duration::minutes(5)) {
                    let message = "this lies in the future";
                    change.faults.push(Fault::new(FaultCode::Validation, "confirmedAt", message));
                }
            }
            Ok(())
        })
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::OpportunityRead,
            create: Some(Permission::OpportunityUpdate),
            update: Some(Permission::OpportunityUpdate),
            delete: Some(Permission::OpportunityUpdate),
            assign: None,
        };
        let about = "Evidence from the buyer: who confirmed what, and when. It meets a BUYER_EVIDENCE criterion.";
        Meta::new::<Entity>(
            "BuyerConfirmation",
            "buyerConfirmations",
            about,
            rules,
            vec![
                link(C::OpportunityId, opportunities::meta, "The opportunity.").once(),
                link(C::StageCriterionId, super::meta, "The criterion that it answers.").once(),
                link(C::ContactId, contact::meta, "Who confirmed it."),
                graph::text(C::Statement, "What they confirmed, in plain text.").max(2000).required().write(),
                graph::time(C::ConfirmedAt, "When they did; now unless given. Not in the future.")
                    .write()
                    .filter()
                    .order()
                    .group(),
                graph::text(C::Url, "Where it can be read, e.g. the address of a mail or document.").max(2000).write(),
            ],
        )
    });
    &META
}
