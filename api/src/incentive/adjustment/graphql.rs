//! Adjustments in the schema.

use std::sync::LazyLock;

use entity::incentive_adjustment::{AdjustmentReason, Column as C, Entity};

use crate::{
    access::user,
    actor::Permission,
    alignment::agreement::graphql::version,
    crm::opportunity,
    graph::{self, Meta, Rules},
    incentive::{run, statement::graphql::line},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::IncentiveRead, create: None, update: None, delete: None, assign: None };
        let about = "A correction of what a locked run came to for somebody. Never changed; it is paid or taken with a later run \
                     of the same plan. Seen by that person, those above them and finance.";
        Meta::new::<Entity>(
            "IncentiveAdjustment",
            "incentiveAdjustments",
            about,
            rules,
            vec![
                graph::one(C::UserId, user::meta, "Whose pay.").filter().group(),
                graph::one(C::RunId, run::meta, "The run that it corrects.").filter(),
                graph::one(C::AgreementVersionId, version, "The version of the plan of that run.").filter(),
                graph::one(C::StatementLineId, line, "The line that it corrects.").filter(),
                graph::one(C::OpportunityId, opportunity::meta, "The sale that it is about.").filter(),
                graph::word::<AdjustmentReason, _>(C::Reason, "Why.").filter().order().group(),
                graph::money("amount", C::AmountMinor, C::Currency, "Above 0 paid, below 0 taken.").filter().order(),
                graph::text(C::Note, "The same in somebody's words.").max(2000),
                graph::time(C::TriggeredAt, "When what it is for happened.").filter().order(),
                graph::one(C::PostedRunId, run::meta, "The locked run that took it in; null while it waits for one.")
                    .filter(),
            ],
        )
    });
    &META
}
