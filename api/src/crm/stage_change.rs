//! The history of opportunities. Rows are only added, by the opportunity's own writes; they are seen by who sees it.

use std::sync::LazyLock;

use entity::{
    id::StageChangeId,
    opportunity, overridden_criterion as passed_over,
    stage::ForecastCategory,
    stage_change::{Column as C, Entity},
};
use sea_orm::Condition;

use super::{criterion::overridden, opportunity as opportunities, stage};
use crate::{
    access::user,
    actor::{Actor, Permission},
    graph::{self, Meta, Record, Rules},
    store::{Guarded, belonging},
};

impl Guarded for Entity {
    type Id = StageChangeId;
    const NAME: &'static str = "stage_change";
    const READ: Permission = Permission::OpportunityRead;
    /// Who gives an opportunity away still writes its history.
    const ASSIGN: Option<Permission> = Some(Permission::OpportunityAssign);

    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<opportunity::Entity>(actor, permission, (Self::NAME, C::OpportunityId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::OpportunityRead, create: None, update: None, delete: None, assign: None };
        let about = "A move of an opportunity, or a change of what it is worth while open. Never changed; each begins where the one before it ended.";
        Meta::new::<Entity>(
            "StageChange",
            "stageChanges",
            about,
            rules,
            vec![
                graph::one(C::OpportunityId, opportunities::meta, "The opportunity.").filter().group(),
                graph::one(
                    C::FromStageId,
                    stage::meta,
                    "The stage it left; null for its beginning, the same as `toStage` when only its worth changed.",
                )
                .filter()
                .group(),
                graph::one(C::ToStageId, stage::meta, "The stage it came to or stayed in.").filter().group(),
                graph::time(C::At, "When. For a beginning in the past, when it began or was closed.")
                    .filter()
                    .order()
                    .group(),
                graph::one(C::By, user::meta, "Who did it; null when Accord did."),
                graph::text(
                    C::Reason,
                    "Why, in somebody's words: of a loss, or of a move that passed over exit criteria.",
                ),
                graph::money(
                    "amount_before",
                    C::AmountBeforeMinor,
                    C::Currency,
                    "Worth before; null, too, when the currency changed.",
                ),
                graph::money("amount_after", C::AmountAfterMinor, C::Currency, "Worth after."),
                graph::date(C::CloseDateBefore, "Close date before."),
                graph::date(C::CloseDateAfter, "Close date after."),
                graph::word::<ForecastCategory, _>(C::CategoryBefore, "Forecast category before.").group(),
                graph::word::<ForecastCategory, _>(C::CategoryAfter, "Forecast category after.").group(),
                graph::many(
                    "overridden_criteria",
                    passed_over::Column::StageChangeId,
                    overridden::meta,
                    "What was not met when somebody moved it all the same; `reason` says why.",
                )
                .filter(),
                graph::boolean(C::Regressed, "Whether it went back to an earlier open stage.").group(),
            ],
        )
    });
    &META
}
