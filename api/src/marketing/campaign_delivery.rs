//! What platforms say campaigns did, day by day: impressions and clicks by the thousand, which nobody records as single
//! touches. Seen and changed with the campaign.

use std::sync::LazyLock;

use entity::{
    campaign,
    campaign_delivery::{Column as C, Entity},
    id::CampaignDeliveryId,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::campaign as campaigns;
use crate::{
    actor::{Actor, Permission},
    graph::{self, Meta, Record, Rules, record::link},
    store::{Guarded, visible},
};

impl Guarded for Entity {
    type Id = CampaignDeliveryId;
    const NAME: &'static str = "campaign_delivery";
    const READ: Permission = Permission::CampaignRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        let theirs = visible::<campaign::Entity>(actor, permission);
        Condition::all().add(Expr::col((Self::NAME, C::CampaignId)).in_subquery(theirs))
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
            read: Permission::CampaignRead,
            create: Some(Permission::CampaignUpdate),
            update: Some(Permission::CampaignUpdate),
            delete: Some(Permission::CampaignUpdate),
            assign: None,
        };
        let about =
            "What a platform says it delivered for a campaign on a day. Whoever may change the campaign may change it.";
        Meta::new::<Entity>(
            "CampaignDelivery",
            "campaignDeliveries",
            about,
            rules,
            vec![
                link(C::CampaignId, campaigns::meta, "The campaign.").once(),
                graph::date(C::Date, "The day.").required().write().filter().order().group(),
                graph::text(C::Placement, "Which advertisement or place, as the platform calls it.")
                    .max(200)
                    .write()
                    .filter()
                    .order()
                    .group(),
                graph::integer(C::Impressions, "How often it was shown.").required().write(),
                graph::integer(C::Clicks, "How often it was clicked.").required().write(),
            ],
        )
    });
    &META
}
