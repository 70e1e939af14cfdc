//! Opportunities that somebody follows without owning them: sourced by their leads and campaigns, or influenced by
//! campaigns of theirs in which the opportunity's people took part. It only reads; nobody changes what they follow.

use entity::{
    campaign, campaign_member,
    id::RowId,
    lead,
    opportunity::{Column as C, Entity},
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, IntoIden, Query, SelectStatement},
};

use crate::{
    actor::{Actor, Permission},
    store::Guarded,
};

const FOLLOW: Permission = Permission::OpportunityReadLinked;

/// Asked of each row by its key: a list of all that somebody follows could be as long as the table.
pub fn linked(actor: &Actor) -> Condition {
    use campaign_member::Column as Member;
    let of = |key: C| Expr::col((Entity::NAME, key));
    Condition::any()
        .add(Expr::exists(followed(actor, ("lead", lead::Column::OwnerId), of(C::SourceLeadId))))
        .add(Expr::exists(campaign(actor, of(C::SourceCampaignId))))
        .add(Expr::exists(member(actor, Member::LeadId, of(C::SourceLeadId))))
        .add(Expr::exists(member(actor, Member::ContactId, of(C::PrimaryContactId))))
}

fn campaign(actor: &Actor, id: Expr) -> SelectStatement {
    followed(actor, ("campaign", campaign::Column::OwnerId), id)
}

/// The row with this id, if its owner is within reach. What nobody owns is nobody's merit.
fn followed(actor: &Actor, owner: (&'static str, impl IntoIden + Copy), id: Expr) -> SelectStatement {
    living(actor, owner.0)
        .expr(Expr::val(1))
        .and_where(Expr::col((owner.0, "id")).eq(id))
        .and_where(Expr::col((owner.0, "owner_id")).is_not_null())
        .cond_where(actor.reach(FOLLOW, owner))
        .take()
}

/// That lead or contact took part in a campaign within reach.
fn member(actor: &Actor, who: campaign_member::Column, id: Expr) -> SelectStatement {
    const MEMBER: &str = "campaign_member";
    living(actor, MEMBER)
        .expr(Expr::val(1))
        .and_where(Expr::col((MEMBER, who)).eq(id))
        .and_where(Expr::exists(campaign(actor, Expr::col((MEMBER, "campaign_id")))))
        .take()
}

fn living(actor: &Actor, table: &'static str) -> SelectStatement {
    Query::select()
        .from(table)
        .and_where(Expr::col((table, "organization_id")).eq(actor.organization.uuid()))
        .and_where(Expr::col((table, "deleted_at")).is_null())
        .take()
}
