//! What customers answered when they were asked how content they are. Answers are seen and changed with the contact.

use std::sync::LazyLock;

use entity::{
    contact,
    id::SurveyResponseId,
    survey_response::{Column as C, Entity, Kind},
};
use futures_util::future::BoxFuture;
use sea_orm::Condition;

use super::contact as contacts;
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Rules, record::link},
    store::{Guarded, Tx, belonging},
};

impl Guarded for Entity {
    type Id = SurveyResponseId;
    const NAME: &'static str = "survey_response";
    const READ: Permission = Permission::ContactRead;
    const PERSONAL: &'static [&'static str] = &["comment"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<contact::Entity>(actor, permission, (Self::NAME, C::ContactId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    /// An answer out of its scale is none, and nobody has answered in the future.
    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let now = tx.access().now();
            for change in changes {
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
            Ok(())
        })
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::ContactRead,
            create: Some(Permission::ContactUpdate),
            update: Some(Permission::ContactUpdate),
            delete: Some(Permission::ContactUpdate),
            assign: None,
        };
        let about = "What a contact answered when asked how content they are. The metrics NPS and CSAT count the latest answer of \
                     each contact in a period.";
        Meta::new::<Entity>(
            "SurveyResponse",
            "surveyResponses",
            about,
            rules,
            vec![
                link(C::ContactId, contacts::meta, "Who answered.").once(),
                graph::word::<Kind, _>(C::Kind, "What they were asked.").required().once().filter().group(),
                graph::integer(C::Score, "Their answer: 0 to 10 for NPS, 1 to 5 for CSAT.")
                    .max(10)
                    .required()
                    .write()
                    .filter()
                    .order()
                    .group(),
                graph::time(C::RespondedAt, "When they gave it. Not in the future.")
                    .required()
                    .write()
                    .filter()
                    .order()
                    .group(),
                graph::text(C::Comment, "What they said to it.").max(2000).write(),
            ],
        )
    });
    &META
}
