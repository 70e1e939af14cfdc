//! How opportunities stood from an instant to another. Rows follow from whatever changes an opportunity, in the same
//! commit; they are seen by who sees it, or would see it if it had not been deleted.

mod diff;
mod follow;
pub mod graphql;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    id::OpportunityStateId,
    opportunity::{self, LossReason, OppType},
    opportunity_state::{Column as C, Entity},
    stage::{ForecastCategory, StageType},
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

pub use follow::LISTENER;

use super::{account, lead, opportunity as opportunities, pipeline, product, stage};
use crate::{
    access::user,
    actor::{Actor, Permission},
    graph::{
        self, Meta, Record, Rules,
        field::{Kind, base},
    },
    store::{Guarded, remembering},
};

impl Guarded for Entity {
    type Id = OpportunityStateId;
    const NAME: &'static str = "opportunity_state";
    const READ: Permission = Permission::OpportunityRead;
    /// The opportunity's own event tells the same.
    const TOLD: bool = false;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        remembering::<opportunity::Entity>(actor, permission, (Self::NAME, C::OpportunityId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

/// The states that held at an instant, what happened then not yet; without one those that hold now.
pub fn standing(at: Option<DateTime<Utc>>) -> Condition {
    let col = |c: C| Expr::col((Entity::NAME, c));
    let open = col(C::Until).is_null();
    match at {
        None => Condition::all().add(open),
        Some(at) => Condition::all().add(col(C::At).lt(at)).add(open.or(col(C::Until).gte(at))),
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::OpportunityRead, create: None, update: None, delete: None, assign: None };
        let about = "How an opportunity stood for a while. Each begins where the one before it ended; none holds while \
                     the opportunity is deleted, and what held before is still shown. History that was brought in as closed stood in the first open stage of \
                     its pipeline before.";
        let fields = vec![
            graph::one(C::OpportunityId, opportunities::meta, "The opportunity; null when it has been deleted.")
                .filter()
                .group(),
            base("opportunity_id", Kind::Id(opportunity::Entity::NAME), "Its id, also when it has been deleted."),
            graph::time(C::At, "From when.").filter().order(),
            graph::time(C::Until, "Until when, that instant not part of it; null while it holds.").filter().order(),
            graph::boolean(C::Initial, "Whether it is the first of its opportunity.").filter(),
            graph::one(C::PipelineId, pipeline::meta, "The way it was sold.").filter().group(),
            graph::one(C::StageId, stage::meta, "Where it stood.").filter().group(),
            graph::word::<StageType, _>(C::StageType, "Whether it was open, won or lost.").filter().group(),
            graph::time(C::StageChangedAt, "When it came to stand in its stage."),
            graph::word::<OppType, _>(C::OppType, "What sort of business it was.").named("type").filter().group(),
            graph::money("amount", C::AmountMinor, C::Currency, "What it was worth.").filter(),
            graph::date(C::CloseDate, "The day it was expected to be won, or was won or lost.").filter().order(),
            graph::integer(C::Probability, "Chance of winning, in percent; null where it was the stage's."),
            graph::word::<ForecastCategory, _>(C::ForecastCategory, "Which part of the forecast it counted in.")
                .filter()
                .group(),
            graph::word::<LossReason, _>(C::LossReason, "Why it was lost.").filter().group(),
            graph::text(C::Competitor, "Who else wanted to sell, or sold.").filter().group(),
            graph::one(C::OwnerId, user::meta, "Who sold it.").filter().group(),
            graph::one(C::AccountId, account::meta, "The company that might buy.").filter(),
            graph::one(C::SourceLeadId, lead::meta, "The lead it began with.").filter(),
            graphql::source_campaign(),
            graph::one(C::ProductId, product::meta, "The main thing sold.").filter().group(),
            graph::time(C::OpenedAt, "When work on it began.").filter(),
            graph::time(C::ClosedAt, "When it was won or lost.").filter(),
        ];
        Meta::new::<Entity>("OpportunityState", "opportunityStates", about, rules, fields)
    });
    &META
}
