//! By what metrics are grouped and filtered, and where that is found. Dimensions that name people show only people whom
//! the caller reaches, and only groups of which they reach everybody: a value that exists is the same for all.

use entity::{
    account, campaign, forecast_submission, handoff::Column as H, lead, lead_cycle::Column as L, membership,
    opportunity_state::Column as S, pipeline, product, sla_clock::Column as K, stage, team, user, words,
};
use sea_orm::{
    Condition, ExprTrait, IdenStatic, JoinType, Value,
    sea_query::{Expr, Func, Query, SelectStatement, SimpleExpr},
};

use super::grain::Grain;
use crate::{
    actor::Actor,
    store::{Guarded, visible},
};

words! {
    /// By what metrics are grouped and filtered. What is counted decides which of them there are.
    pub enum Dimension as "MetricDimension" {
        /// The way it is sold.
        Pipeline = "PIPELINE",
        /// The stage.
        Stage = "STAGE",
        /// The sort of business.
        Type = "TYPE",
        /// The part of the forecast.
        ForecastCategory = "FORECAST_CATEGORY",
        /// Why it was lost.
        LossReason = "LOSS_REASON",
        /// Who else wanted to sell, or sold.
        Competitor = "COMPETITOR",
        /// The main thing sold.
        Product = "PRODUCT",
        /// The campaign it began with, or that brought the lead.
        Campaign = "CAMPAIGN",
        /// By which road the lead came; without a lead that of the campaign.
        Channel = "CHANNEL",
        /// Where the lead came from, in the organisation's own words.
        Source = "SOURCE",
        /// The account's industry: the segment.
        Industry = "INDUSTRY",
        /// The account's country, or the lead's.
        Country = "COUNTRY",
        /// How much the lead hurried.
        Priority = "PRIORITY",
        /// What kind of reason the lead was rejected for.
        RejectionCategory = "REJECTION_CATEGORY",
        /// Who owns it, or was to act. Names people: see `metric`.
        Owner = "OWNER",
        /// Whom the owner reports to. Names people: see `metric`.
        Manager = "MANAGER",
        /// The owner's teams; who is in several counts in each. Names people: see `metric`.
        Team = "TEAM",
        /// The owner's region. Names people: see `metric`.
        Region = "REGION",
    }
}

/// Tables beside the one that is counted, in the order in which they are joined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Join {
    Account,
    Lead,
    Campaign,
    Owner,
    Membership,
}

/// What a dimension holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Word,
    /// The id of a record of this table.
    Id(&'static str),
}

/// Where a dimension of a grain is found.
pub struct Spot {
    pub at: SimpleExpr,
    joins: &'static [Join],
    pub holds: Holds,
}

fn col(table: &'static str, c: impl IdenStatic) -> SimpleExpr {
    Expr::col((table, c.as_str()))
}

const ACCOUNT: &str = account::Entity::NAME;
const LEAD: &str = lead::Entity::NAME;
const CAMPAIGN: &str = campaign::Entity::NAME;
const OWNER: &str = user::Entity::NAME;
const MEMBERSHIP: &str = membership::Entity::NAME;

impl Dimension {
    /// None where the grain does not have it.
    pub fn spot(self, grain: Grain) -> Option<Spot> {
        let found = match grain {
            Grain::Opportunity => self.of_opportunity(),
            Grain::LeadCycle => self.of_lead(),
            Grain::SlaClock => self.of_clock(),
            Grain::Handoff => self.of_handoff(),
            Grain::CampaignCost => self.of_cost(),
            Grain::CustomerContract => self.of_contract(),
            Grain::ForecastSubmission if self == Self::ForecastCategory => {
                Some((col(grain.table(), forecast_submission::Column::Category), &[] as &'static [Join]))
            }
            _ => None,
        };
        let (at, joins) = found.or_else(|| self.of_owner(grain))?;
        Some(Spot { at, joins, holds: self.holds() })
    }

    pub fn names_people(self) -> bool {
        matches!(self, Self::Owner | Self::Manager | Self::Team | Self::Region)
    }

    pub fn holds(self) -> Holds {
        match self {
            Self::Pipeline => Holds::Id(pipeline::Entity::NAME),
            Self::Stage => Holds::Id(stage::Entity::NAME),
            Self::Product => Holds::Id(product::Entity::NAME),
            Self::Campaign => Holds::Id(CAMPAIGN),
            Self::Owner | Self::Manager => Holds::Id(OWNER),
            Self::Team => Holds::Id(team::Entity::NAME),
            _ => Holds::Word,
        }
    }

    fn of_opportunity(self) -> Option<(SimpleExpr, &'static [Join])> {
        let state = |c: S| col(Grain::Opportunity.table(), c);
        Some(match self {
            Self::Pipeline => (state(S::PipelineId), &[]),
            Self::Stage => (state(S::StageId), &[]),
            Self::Type => (state(S::OppType), &[]),
            Self::ForecastCategory => (state(S::ForecastCategory), &[]),
            Self::LossReason => (state(S::LossReason), &[]),
            Self::Competitor => (state(S::Competitor), &[]),
            Self::Product => (state(S::ProductId), &[]),
            Self::Campaign => (campaign_of(Grain::Opportunity), &[]),
            Self::Channel => {
                let roads = [col(LEAD, lead::Column::Channel), col(CAMPAIGN, campaign::Column::Channel)];
                (Func::coalesce(roads).into(), &[Join::Lead, Join::Campaign])
            }
            Self::Source => (col(LEAD, lead::Column::Source), &[Join::Lead]),
            Self::Industry => (col(ACCOUNT, account::Column::Industry), &[Join::Account]),
            Self::Country => (col(ACCOUNT, account::Column::Country), &[Join::Account]),
            _ => return None,
        })
    }

    fn of_lead(self) -> Option<(SimpleExpr, &'static [Join])> {
        let of = |c: lead::Column| (col(LEAD, c), &[Join::Lead] as &'static [Join]);
        Some(match self {
            Self::Campaign => of(lead::Column::CampaignId),
            Self::Channel => of(lead::Column::Channel),
            Self::Source => of(lead::Column::Source),
            Self::Country => of(lead::Column::Country),
            _ => return None,
        })
    }

    fn of_clock(self) -> Option<(SimpleExpr, &'static [Join])> {
        if self == Self::Priority {
            return Some((col(Grain::SlaClock.table(), K::Priority), &[]));
        }
        self.of_lead()
    }

    fn of_handoff(self) -> Option<(SimpleExpr, &'static [Join])> {
        let of = |c: H| (col(Grain::Handoff.table(), c), &[] as &'static [Join]);
        Some(match self {
            Self::Campaign => of(H::CampaignId),
            Self::Channel => of(H::Channel),
            Self::Source => of(H::Source),
            Self::RejectionCategory => of(H::RejectionCategory),
            _ => return None,
        })
    }

    fn of_cost(self) -> Option<(SimpleExpr, &'static [Join])> {
        Some(match self {
            Self::Campaign => (campaign_of(Grain::CampaignCost), &[]),
            Self::Channel => (col(CAMPAIGN, campaign::Column::Channel), &[Join::Campaign]),
            _ => return None,
        })
    }

    fn of_contract(self) -> Option<(SimpleExpr, &'static [Join])> {
        Some(match self {
            Self::Industry => (col(ACCOUNT, account::Column::Industry), &[Join::Account]),
            Self::Country => (col(ACCOUNT, account::Column::Country), &[Join::Account]),
            _ => return None,
        })
    }

    fn of_owner(self, grain: Grain) -> Option<(SimpleExpr, &'static [Join])> {
        let lead_first = grain == Grain::LeadCycle;
        let owner = owner(grain)?;
        Some(match self {
            Self::Owner => (owner, if lead_first { &[Join::Lead] } else { &[] }),
            Self::Manager | Self::Region => {
                let c = if self == Self::Manager { user::Column::ReportsToId } else { user::Column::Region };
                (col(OWNER, c), if lead_first { &[Join::Lead, Join::Owner] } else { &[Join::Owner] })
            }
            Self::Team => {
                let joins: &[Join] = if lead_first { &[Join::Lead, Join::Membership] } else { &[Join::Membership] };
                (col(MEMBERSHIP, membership::Column::TeamId), joins)
            }
            _ => return None,
        })
    }

    /// Only people whom the actor reaches; of managers, teams and regions those of whom they reach everybody.
    pub fn reached(self, actor: &Actor, grain: Grain) -> Option<Condition> {
        let permission = grain.permission();
        if !self.names_people() || actor.reaches_all(permission) {
            return None;
        }
        let at = self.spot(grain)?.at;
        let reach = actor.reach(permission, (OWNER, "id"));
        if self == Self::Owner {
            return Some(Condition::all().add(at.in_subquery(people(actor).cond_where(reach).take())));
        }
        let beyond = people(actor).cond_where(reach.not()).take();
        let beyond = if self == Self::Team {
            memberships(actor)
                .column((MEMBERSHIP, membership::Column::TeamId))
                .and_where(col(MEMBERSHIP, membership::Column::UserId).in_subquery(beyond))
                .take()
        } else {
            let c = if self == Self::Manager { user::Column::ReportsToId } else { user::Column::Region };
            beyond.clone().clear_selects().column((OWNER, c)).and_where(col(OWNER, c).is_not_null()).take()
        };
        Some(Condition::all().add(at.clone().is_not_null()).add(at.not_in_subquery(beyond)))
    }

    /// Only records with one of these values. Whoever is in several of the teams still counts once.
    pub fn among(self, spot: Spot, any: &[Value], actor: &Actor, grain: Grain) -> (Condition, Spot) {
        let these = Condition::all().add(spot.at.clone().is_in(any.iter().cloned()));
        let these = these.add_option(self.reached(actor, grain));
        if self != Self::Team {
            return (these, spot);
        }
        let members = memberships(actor).column((MEMBERSHIP, membership::Column::UserId)).cond_where(these).take();
        let joins: &[Join] = if grain == Grain::LeadCycle { &[Join::Lead] } else { &[] };
        let owner = owner(grain).unwrap_or_else(|| Expr::cust("NULL"));
        (Condition::all().add(owner.in_subquery(members)), Spot { joins, ..spot })
    }
}

fn memberships(actor: &Actor) -> SelectStatement {
    Query::select()
        .from(MEMBERSHIP)
        .and_where(col(MEMBERSHIP, membership::Column::OrganizationId).eq(actor.organization))
        .and_where(col(MEMBERSHIP, membership::Column::DeletedAt).is_null())
        .take()
}

/// Of the records that the spots lead to only those that the actor may see.
pub fn seen(spots: &[Spot], actor: &Actor) -> Condition {
    let mut joins: Vec<Join> = spots.iter().flat_map(|spot| spot.joins).copied().collect();
    joins.sort_unstable();
    joins.dedup();
    joins.into_iter().fold(Condition::all(), |all, joined| match joined {
        Join::Account => all.add(none_or_visible::<account::Entity>(actor)),
        Join::Lead => all.add(none_or_visible::<lead::Entity>(actor)),
        Join::Campaign => all.add(none_or_visible::<campaign::Entity>(actor)),
        Join::Owner | Join::Membership => all,
    })
}

fn none_or_visible<E: Guarded>(actor: &Actor) -> SimpleExpr {
    let id = Expr::col((E::NAME, "id"));
    id.clone().is_null().or(id.in_subquery(visible::<E>(actor, E::READ)))
}

fn people(actor: &Actor) -> SelectStatement {
    Query::select()
        .column((OWNER, user::Column::Id))
        .from(OWNER)
        .and_where(col(OWNER, user::Column::OrganizationId).eq(actor.organization))
        .and_where(col(OWNER, user::Column::DeletedAt).is_null())
        .take()
}

/// Who answers for a record; none where nobody does.
fn owner(grain: Grain) -> Option<SimpleExpr> {
    Some(match grain {
        Grain::Opportunity | Grain::ForecastSubmission => col(grain.table(), S::OwnerId),
        Grain::LeadCycle => col(LEAD, lead::Column::OwnerId),
        Grain::SlaClock => col(grain.table(), K::UserId),
        Grain::Handoff => {
            Func::coalesce([col(grain.table(), H::DecidedBy), col(grain.table(), H::OfferedUserId)]).into()
        }
        _ => return None,
    })
}

/// Joins what the spots need to a query over the table of the grain.
pub fn join(query: &mut SelectStatement, grain: Grain, spots: &[Spot]) {
    let mut joins: Vec<Join> = spots.iter().flat_map(|spot| spot.joins).copied().collect();
    joins.sort_unstable();
    joins.dedup();
    let theirs = owner(grain).unwrap_or_else(|| Expr::cust("NULL"));
    for needed in joins {
        let (table, on) = match needed {
            Join::Account => (ACCOUNT, col(ACCOUNT, account::Column::Id).eq(col(grain.table(), S::AccountId))),
            Join::Lead => (LEAD, col(LEAD, lead::Column::Id).eq(lead_of(grain))),
            Join::Campaign => (CAMPAIGN, col(CAMPAIGN, campaign::Column::Id).eq(campaign_of(grain))),
            Join::Owner => (OWNER, col(OWNER, user::Column::Id).eq(theirs.clone())),
            Join::Membership => {
                let living = col(MEMBERSHIP, membership::Column::DeletedAt).is_null();
                (MEMBERSHIP, col(MEMBERSHIP, membership::Column::UserId).eq(theirs.clone()).and(living))
            }
        };
        let same = Expr::col((table, "organization_id")).equals((grain.table(), "organization_id"));
        query.join(JoinType::LeftJoin, table, on.and(same));
    }
}

fn lead_of(grain: Grain) -> SimpleExpr {
    let of = |name: &'static str| Expr::col((grain.table(), name));
    if grain == Grain::Opportunity { of(S::SourceLeadId.as_str()) } else { of(L::LeadId.as_str()) }
}

fn campaign_of(grain: Grain) -> SimpleExpr {
    let of = |name: &'static str| Expr::col((grain.table(), name));
    if grain == Grain::Opportunity { of(S::SourceCampaignId.as_str()) } else { of(H::CampaignId.as_str()) }
}

/// The value of a dimension in an input; none where it is not one.
pub fn value_of(dimension: Dimension, text: &str) -> Option<Value> {
    match dimension.holds() {
        Holds::Word => Some(text.into()),
        Holds::Id(table) => crate::graph::value::id(table, text).map(Value::from),
    }
}
