//! What leads from what is counted to the records beside it, from which dimensions take their values.

use entity::{
    account, activity, campaign, contact, handoff::Column as H, lead, lead_cycle::Column as L, membership,
    opportunity_state::Column as S, sla_clock::Column as K, survey_response::Column as R, user,
};
use sea_orm::{
    ExprTrait, IdenStatic, JoinType, Order,
    sea_query::{CaseStatement, Expr, Func, Query, SelectStatement, SimpleExpr},
};

use super::grain::Grain;
use crate::store::Guarded;

const ACCOUNT: &str = account::Entity::NAME;
const LEAD: &str = lead::Entity::NAME;
const CAMPAIGN: &str = campaign::Entity::NAME;
const OWNER: &str = user::Entity::NAME;
const MEMBERSHIP: &str = membership::Entity::NAME;

fn col(table: &'static str, c: impl IdenStatic) -> SimpleExpr {
    Expr::col((table, c.as_str()))
}

/// Tables beside the one that is counted, in the order in which they are joined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Join {
    Account,
    Lead,
    Campaign,
    Owner,
    Membership,
}

impl Join {
    /// Joins it to a query over the table of the grain.
    pub fn onto(self, query: &mut SelectStatement, grain: Grain) {
        let theirs = owner(grain).unwrap_or_else(|| Expr::cust("NULL"));
        let (table, on) = match self {
            Self::Account => (ACCOUNT, col(ACCOUNT, account::Column::Id).eq(col(grain.table(), S::AccountId))),
            Self::Lead => (LEAD, col(LEAD, lead::Column::Id).eq(lead_of(grain))),
            Self::Campaign => (CAMPAIGN, col(CAMPAIGN, campaign::Column::Id).eq(campaign_of(grain))),
            Self::Owner => (OWNER, col(OWNER, user::Column::Id).eq(theirs)),
            Self::Membership => {
                let living = col(MEMBERSHIP, membership::Column::DeletedAt).is_null();
                (MEMBERSHIP, col(MEMBERSHIP, membership::Column::UserId).eq(theirs).and(living))
            }
        };
        let same = Expr::col((table, "organization_id")).equals((grain.table(), "organization_id"));
        query.join(JoinType::LeftJoin, table, on.and(same));
    }
}

/// What is joined for the owner's id, for the owner, and for the owner's teams.
pub fn on_the_way(grain: Grain) -> [&'static [Join]; 3] {
    use Join::{Account, Lead, Membership, Owner};
    match grain {
        Grain::LeadCycle => [&[Lead], &[Lead, Owner], &[Lead, Membership]],
        Grain::CustomerContract | Grain::SurveyResponse | Grain::TargetEntry => {
            [&[Account], &[Account, Owner], &[Account, Membership]]
        }
        _ => [&[], &[Owner], &[Membership]],
    }
}

/// Who answers for a record; none where nobody does.
pub fn owner(grain: Grain) -> Option<SimpleExpr> {
    Some(match grain {
        Grain::Opportunity | Grain::ForecastSubmission => col(grain.table(), S::OwnerId),
        Grain::SlaClock => col(grain.table(), K::UserId),
        Grain::Activity => col(grain.table(), activity::Column::OwnerId),
        Grain::Account | Grain::CustomerContract | Grain::SurveyResponse | Grain::TargetEntry => {
            col(ACCOUNT, account::Column::OwnerId)
        }
        Grain::Contact => col(grain.table(), contact::Column::OwnerId),
        Grain::LeadCycle | Grain::Lead => col(LEAD, lead::Column::OwnerId),
        Grain::Handoff => {
            Func::coalesce([col(grain.table(), H::DecidedBy), col(grain.table(), H::OfferedUserId)]).into()
        }
        _ => return None,
    })
}

fn lead_of(grain: Grain) -> SimpleExpr {
    let of = |name: &'static str| Expr::col((grain.table(), name));
    match grain {
        Grain::Opportunity => of(S::SourceLeadId.as_str()),
        Grain::SurveyResponse => first_lead(),
        _ => of(L::LeadId.as_str()),
    }
}

/// The first lead that was converted into the contact before they answered; where nobody is named, into the account.
fn first_lead() -> SimpleExpr {
    let answer = |c: R| Expr::col((Grain::SurveyResponse.table(), c));
    // one statement for both would use the index of neither
    CaseStatement::new()
        .case(answer(R::ContactId).is_not_null(), first_into(lead::Column::ConvertedContactId, R::ContactId))
        .finally(first_into(lead::Column::ConvertedAccountId, R::AccountId))
        .into()
}

fn first_into(into: lead::Column, answered: R) -> SimpleExpr {
    let first = "first_";
    let lead = |c: lead::Column| Expr::col((first, c));
    let answer = |c: R| (Grain::SurveyResponse.table(), c);
    let found = Query::select()
        .column((first, lead::Column::Id))
        .from_as(LEAD, first)
        .and_where(lead(lead::Column::OrganizationId).equals(answer(R::OrganizationId)))
        .and_where(lead(lead::Column::DeletedAt).is_null())
        .and_where(lead(into).equals(answer(answered)))
        .and_where(lead(lead::Column::ConvertedAt).lte(Expr::col(answer(R::RespondedAt))))
        // not as the index of all conversions goes: SQLite would look through that
        .order_by_expr(lead(lead::Column::ConvertedAt).is_null(), Order::Asc)
        .order_by((first, lead::Column::ConvertedAt), Order::Asc)
        .order_by((first, lead::Column::Id), Order::Asc)
        .limit(1)
        .take();
    SimpleExpr::SubQuery(None, Box::new(found.into()))
}

pub fn campaign_of(grain: Grain) -> SimpleExpr {
    let of = |name: &'static str| Expr::col((grain.table(), name));
    if grain == Grain::Opportunity { of(S::SourceCampaignId.as_str()) } else { of(H::CampaignId.as_str()) }
}
