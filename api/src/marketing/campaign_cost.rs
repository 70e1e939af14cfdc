//! What campaigns cost: a table of its own, because fewer people may see it. The campaign's owner decides who.

use std::sync::LazyLock;

use entity::{
    campaign,
    campaign_cost::{Column as C, Entity, Kind},
    id::CampaignCostId,
};
use sea_orm::Condition;

use super::campaign as campaigns;
use crate::{
    actor::{Actor, Permission},
    graph::{self, Meta, Record, Rules, record::link},
    store::{Guarded, belonging},
};

impl Guarded for Entity {
    type Id = CampaignCostId;
    const NAME: &'static str = "campaign_cost";
    const READ: Permission = Permission::CampaignCostRead;

    /// Costs of campaigns whose owner is within the reach of the permission on costs, not of that on campaigns.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<campaign::Entity>(actor, permission, (Self::NAME, C::CampaignId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::CampaignCostRead,
            create: Some(Permission::CampaignCostCreate),
            update: Some(Permission::CampaignCostUpdate),
            delete: Some(Permission::CampaignCostDelete),
            assign: None,
        };
        Meta::new::<Entity>(
            "CampaignCost",
            "campaignCosts",
            "Money spent on a campaign.",
            rules,
            vec![
                link(C::CampaignId, campaigns::meta, "The campaign.").once(),
                graph::date(C::Date, "The day it counts for.").required().write().filter().order().group(),
                graph::money("amount", C::AmountMinor, C::Currency, "How much.").required().write().filter().order(),
                graph::word::<Kind, _>(C::Kind, "What the money went to.").required().write().filter().order().group(),
                graph::text(C::Note, "What it was exactly, in plain text.").max(2000).write(),
            ],
        )
    });
    &META
}
