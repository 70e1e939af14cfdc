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
    sea_query::{Expr, IntoIden, Query, SelectStatement, SimpleExpr},
};

use crate::{
    actor::{Actor, Permission},
    store::Guarded,
};

const FOLLOW: Permission = Permission::OpportunityReadLinked;

pub fn linked(actor: &Actor) -> Condition {
    use campaign_member::Column as Member;
    Condition::any()
        .add(among(C::SourceLeadId, followed(actor, ("lead", lead::Column::OwnerId))))
        .add(among(C::SourceCampaignId, campaigns(actor)))
        .add(among(C::SourceLeadId, members(actor, Member::LeadId)))
        .add(among(C::PrimaryContactId, members(actor, Member::ContactId)))
}

fn among(key: C, ids: SelectStatement) -> SimpleExpr {
    Expr::col((Entity::NAME, key)).in_subquery(ids)
}

fn campaigns(actor: &Actor) -> SelectStatement {
    followed(actor, ("campaign", campaign::Column::OwnerId))
}

/// Rows whose owner is within reach. What nobody owns is nobody's merit.
fn followed(actor: &Actor, owner: (&'static str, impl IntoIden + Copy)) -> SelectStatement {
    living(actor, owner.0)
        .column((owner.0, "id"))
        .and_where(Expr::col((owner.0, "owner_id")).is_not_null())
        .cond_where(actor.reach(FOLLOW, owner))
        .take()
}

/// Leads or contacts that took part in a campaign within reach.
fn members(actor: &Actor, who: campaign_member::Column) -> SelectStatement {
    const MEMBER: &str = "campaign_member";
    living(actor, MEMBER)
        .column((MEMBER, who))
        .and_where(Expr::col((MEMBER, who)).is_not_null())
        .and_where(Expr::col((MEMBER, "campaign_id")).in_subquery(campaigns(actor)))
        .take()
}

fn living(actor: &Actor, table: &'static str) -> SelectStatement {
    Query::select()
        .from(table)
        .and_where(Expr::col((table, "organization_id")).eq(actor.organization.uuid()))
        .and_where(Expr::col((table, "deleted_at")).is_null())
        .take()
}
