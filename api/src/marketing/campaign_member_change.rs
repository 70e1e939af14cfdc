//! The history of those who take part in campaigns. Rows are only added, by the member's own writes; they are seen with
//! the campaign.

use std::sync::LazyLock;

use entity::{
    campaign_member::{self, Model, Step},
    campaign_member_change::{ActiveModel, Column as C, Entity},
    id::CampaignMemberChangeId,
};
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};

use super::campaign_member as members;
use crate::{
    access::user,
    actor::{Actor, Permission},
    error::Result,
    graph::{self, Meta, Record, Rules},
    store::{Guarded, Tx, visible},
};

impl Guarded for Entity {
    type Id = CampaignMemberChangeId;
    const NAME: &'static str = "campaign_member_change";
    const READ: Permission = Permission::CampaignRead;
    /// Who gives a campaign away still writes its history.
    const ASSIGN: Option<Permission> = Some(Permission::CampaignAssign);
    /// The member's own event tells the same.
    const TOLD: bool = false;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        if actor.reaches_all(permission) {
            return Condition::all();
        }
        let theirs = visible::<campaign_member::Entity>(actor, permission);
        Condition::all().add(Expr::col((Self::NAME, C::CampaignMemberId)).in_subquery(theirs))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

/// One insert for every few hundred rows. A step counts from when they answered, where that was told with it.
pub async fn write(tx: &mut Tx, written: &[(Option<Model>, Model)]) -> Result<()> {
    let (now, by) = (tx.access().now(), tx.access().actor().user);
    let moved = written.iter().filter(|(before, after)| before.as_ref().is_none_or(|b| b.step != after.step));
    let rows: Vec<ActiveModel> = moved
        .map(|(before, after)| {
            let answered = after.responded_at.filter(|_| before.as_ref().is_none_or(|b| b.responded_at.is_none()));
            ActiveModel {
                campaign_member_id: Set(after.id),
                from_step: Set(before.as_ref().map(|b| b.step)),
                to_step: Set(after.step),
                at: Set(std::cmp::min(answered.unwrap_or(now), now)),
                by: Set(by),
                ..Default::default()
            }
        })
        .collect();
    for batch in rows.chunks(500) {
        tx.insert_many::<Entity>(batch.to_vec()).await?;
    }
    Ok(())
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::CampaignRead, create: None, update: None, delete: None, assign: None };
        let about = "A step of somebody in a campaign, and when it was taken. Never changed.";
        let fields = vec![
            graph::one(C::CampaignMemberId, members::meta, "Whose part it is.").filter().group(),
            graph::word::<Step, _>(C::FromStep, "How far they had come; null for the beginning.").filter().group(),
            graph::word::<Step, _>(C::ToStep, "How far they came.").filter().group(),
            graph::time(C::At, "When: when they answered, where that was told with it.").filter().order().group(),
            graph::one(C::By, user::meta, "Who said so; null when Accord did."),
        ];
        Meta::new::<Entity>("CampaignMemberChange", "campaignMemberChanges", about, rules, fields)
    });
    &META
}
