//! Campaigns: something done to be noticed. What they cost is kept apart, because fewer people may see it.

pub mod status;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    activity as activities,
    campaign::{ActiveModel, Channel, Column as C, Entity, Model, Status},
    campaign_cost as costs, campaign_delivery as deliveries, campaign_member as members, external_ref as refs,
    id::CampaignId,
    lead as leads, opportunity as opportunities, touchpoint as touches,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

use super::{campaign_cost, campaign_delivery, campaign_member, touchpoint};
use crate::{
    access::user,
    actor::{Actor, Permission},
    crm::{activity, custom_field, external_ref, lead, opportunity, owner, tree},
    error::{Error, Fault, FaultCode, Result},
    graph::{self, Change, Field, Meta, Patch, Record, Refusals, Rules, record::link},
    store::{Guarded, Tx},
};

impl Guarded for Entity {
    type Id = CampaignId;
    const NAME: &'static str = "campaign";
    const READ: Permission = Permission::CampaignRead;
    const ASSIGN: Option<Permission> = Some(Permission::CampaignAssign);

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, C::OwnerId))
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::Name, C::Kind]))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[custom_field::REFUSES];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { status: Set(Status::Draft), custom: Set(serde_json::json!({})), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut() {
                if change.before.is_none() {
                    owner::or_me(tx.access().actor(), &mut change.row.owner_id);
                }
                sound(change);
            }
            custom_field::check::<Self>(tx, changes).await?;
            tree::check::<Self>(tx, changes).await
        })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        (before.status != after.status).then_some("campaign.status_changed")
    }
}

fn sound(change: &mut Change<Entity>) {
    let start = change.row.start_date.try_as_ref().copied().flatten();
    let end = change.row.end_date.try_as_ref().copied().flatten();
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        change.faults.push(Fault::new(FaultCode::Validation, "endDate", "this lies before the start date"));
    }
    let to = change.row.status.try_as_ref().copied();
    if let Some((before, to)) = change.before.as_ref().zip(to)
        && before.status != to
        && let Err(Error::Refused(faults)) = status::ensure(before.status, to)
    {
        change.faults.extend(faults);
    }
}

/// The status that is told is the whole of it.
fn change_status<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if told.get("status") == Some(&before.status.into()) {
            status::ensure(before.status, before.status)?;
        }
        Ok(told)
    })
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::CampaignRead,
            create: Some(Permission::CampaignCreate),
            update: Some(Permission::CampaignUpdate),
            delete: Some(Permission::CampaignDelete),
            assign: Some(Permission::CampaignAssign),
        };
        let mut fields = own();
        fields.extend(relations());
        fields.extend(owner::groups());
        let about = "Something done to be noticed by somebody, from a fair to a series of mails.";
        Meta::new::<Entity>("Campaign", "campaigns", about, rules, fields).step::<Entity>(
            "StatusChange",
            Permission::CampaignUpdate,
            "Moves a campaign on: DRAFT to PLANNED to ACTIVE, ACTIVE to PAUSED and back, either to COMPLETED; DRAFT, PLANNED and PAUSED to CANCELLED. Emits `campaign.status_changed`.",
            vec![graph::word::<Status, _>(C::Status, "Where it comes to stand.").required()],
            change_status,
        )
    });
    &META
}

fn own() -> Vec<Field> {
    vec![
        graph::text(C::Name, "The name people see.").required().write().filter().order().search(),
        graph::text(C::Kind, "What sort it is, in the organisation's own words: fair, webinar, mailing.")
            .max(100)
            .write()
            .filter()
            .order()
            .group()
            .search(),
        graph::word::<Channel, _>(C::Channel, "By which road it brings people.").write().filter().group(),
        graph::word::<Status, _>(
            C::Status,
            "Where it stands; DRAFT unless given. Later only `campaignStatusChange` changes it.",
        )
        .once()
        .filter()
        .order()
        .group(),
        graph::date(C::StartDate, "First day.").write().filter().order().group(),
        graph::date(C::EndDate, "Last day, included; not before the first.").write().filter().order().group(),
        graph::money("budget", C::BudgetMinor, C::BudgetCurrency, "What it may cost. What it did cost is in `costs`.")
            .write()
            .filter()
            .order(),
        graph::text(C::Description, "What it is about, in plain text.").max(10_000).write(),
        custom_field::field(C::Custom),
    ]
}

fn relations() -> Vec<Field> {
    vec![
        link(C::OwnerId, user::meta, "Who runs it; its maker unless given.")
            .ordered_by(entity::user::Column::Name, graph::Kind::Text),
        link(C::ParentId, meta, "The campaign it is part of; never one of its own parts."),
        graph::many("children", C::ParentId, meta, "The campaigns that are part of it.").filter(),
        graph::many("members", members::Column::CampaignId, campaign_member::meta, "Who takes part.").filter(),
        graph::many(
            "costs",
            costs::Column::CampaignId,
            campaign_cost::meta,
            "What it has cost; empty without CAMPAIGN_COST_READ.",
        )
        .filter(),
        graph::many(
            "deliveries",
            deliveries::Column::CampaignId,
            campaign_delivery::meta,
            "What platforms say they delivered for it.",
        )
        .filter(),
        graph::many("touchpoints", touches::Column::CampaignId, touchpoint::meta, "Touches it led to.").filter(),
        graph::many("leads", leads::Column::CampaignId, lead::meta, "Leads it brought.").filter(),
        graph::many(
            "opportunities",
            opportunities::Column::SourceCampaignId,
            opportunity::meta,
            "Opportunities that began with it.",
        )
        .filter(),
        graph::many("activities", activities::Column::CampaignId, activity::meta, "What was said and is to be done.")
            .filter(),
        graph::many("external_refs", refs::Column::EntityId, external_ref::meta, "What other systems call it.")
            .only(refs::Column::EntityType, "campaign"),
    ]
}
