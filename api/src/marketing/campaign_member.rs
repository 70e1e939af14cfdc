//! Who takes part in a campaign, and how far they came. Seen and changed with the campaign; steps go forward unless
//! somebody insists.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    campaign,
    campaign_member::{ActiveModel, Column as C, Entity, Model, Step},
    campaign_member_change as changes,
    id::CampaignMemberId,
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, IntoActiveModel, Value};

use super::{campaign as campaigns, campaign_member_change};
use crate::{
    actor::{Actor, Permission},
    crm::{contact, lead},
    error::{Error, Fault, FaultCode, Result},
    graph::{self, Change, Kind, Meta, Patch, Record, Rules, record::link},
    store::{Guarded, Tx, belonging},
};

impl Guarded for Entity {
    type Id = CampaignMemberId;
    const NAME: &'static str = "campaign_member";
    const READ: Permission = Permission::CampaignRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<campaign::Entity>(actor, permission, (Self::NAME, C::CampaignId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { step: Set(Step::Listed), success: Set(false), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes {
                sound(change, tx.access().now());
            }
            Ok(())
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(campaign_member_change::write(tx, written))
    }

    /// The further step, the success and the first answer.
    fn absorb(kept: &Model, gone: &Model) -> Option<ActiveModel> {
        let further = gone.step > kept.step || (gone.success && !kept.success);
        further.then(|| ActiveModel {
            step: Set(std::cmp::max(kept.step, gone.step)),
            success: Set(kept.success || gone.success),
            responded_at: Set(kept.responded_at.into_iter().chain(gone.responded_at).min()),
            ..kept.clone().into_active_model()
        })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        (before.step != after.step).then_some("campaign_member.moved")
    }
}

/// Exactly one of contact and lead, and an answer has a time.
fn sound(change: &mut Change<Entity>, now: DateTime<Utc>) {
    let row = &mut change.row;
    let contact = row.contact_id.try_as_ref().copied().flatten().is_some();
    let lead = row.lead_id.try_as_ref().copied().flatten().is_some();
    if contact == lead {
        change.faults.push(Fault::new(FaultCode::Validation, "contactId", "give either a contact or a lead"));
    }
    let answered = row.step.try_as_ref().is_some_and(|step| *step >= Step::Engaged);
    if answered && row.responded_at.try_as_ref().copied().flatten().is_none() {
        row.responded_at = Set(Some(now));
    }
}

/// Later words of the list are further. Pure.
fn ensure(from: Step, to: Step, force: bool) -> Result<()> {
    if to >= from || force {
        return Ok(());
    }
    let message = format!("{} lies behind {}; give `force: true` to step back", to.word(), from.word());
    Err(Error::refused(FaultCode::InvalidTransition, "step", message))
}

fn advance<'a>(_: &'a mut Tx, before: &'a Model, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let force = told.remove("force") == Some(Value::from(true));
        if let Some(Value::String(Some(word))) = told.get("step")
            && let Some(to) = Step::parse(word)
        {
            ensure(before.step, to, force)?;
        }
        Ok(told)
    })
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
        let about = "A lead's or contact's part in a campaign; once for each campaign. Whoever may change the campaign may change it.";
        Meta::new::<Entity>("CampaignMember", "campaignMembers", about, rules, vec![
            link(C::CampaignId, campaigns::meta, "The campaign.").once(),
            link(C::ContactId, contact::meta, "The contact; either this or the lead.").once(),
            link(C::LeadId, lead::meta, "The lead; either this or the contact.").once(),
            graph::word::<Step, _>(C::Step, "How far they came; LISTED unless given. Later `campaignMemberAdvance` changes it.").once().filter().order().group(),
            graph::boolean(C::Success, "Whether they did what the campaign was for.").write().group(),
            graph::time(C::RespondedAt, "When they first answered; now with the first step from ENGAGED on, unless given.").write().filter().order().group(),
            graph::many("changes", changes::Column::CampaignMemberId, campaign_member_change::meta, "Every step they took, and when.").filter(),
        ])
        .step::<Entity>(
            "Advance",
            Permission::CampaignUpdate,
            "Takes a member a step further: LISTED, CONTACTED, ENGAGED, REGISTERED, NO_SHOW, ATTENDED; steps may be left out. Emits `campaign_member.moved`.",
            vec![
                graph::word::<Step, _>(C::Step, "How far they came.").required(),
                graph::told("force", Kind::Boolean, "Allow a step back."),
                graph::boolean(C::Success, "Whether they did what the campaign was for."),
            ],
            advance,
        )
    });
    &META
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_forward_unless_forced() {
        let steps: Vec<Step> = Step::VALUES.iter().filter_map(|(word, _)| Step::parse(word)).collect();
        for (i, from) in steps.iter().enumerate() {
            for (j, to) in steps.iter().enumerate() {
                assert_eq!(ensure(*from, *to, false).is_ok(), j >= i, "{from} -> {to}");
                assert!(ensure(*from, *to, true).is_ok());
            }
        }
    }
}
