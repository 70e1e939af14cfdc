//! By what metrics are grouped and filtered, and where that is found. Dimensions that name people show only people whom
//! the caller reaches, and only groups of which they reach everybody: a value that exists is the same for all.

use entity::{
    account, attribution_credit, campaign, contact, content_asset, forecast_submission, handoff::Column as H, lead,
    membership, opportunity_state::Column as S, pipeline, product, rejection_reason, sla_clock::Column as K, stage,
    target_entry, target_list, team, user, words,
};
use sea_orm::{
    Condition, ExprTrait, IdenStatic, Value,
    sea_query::{Expr, Func, Query, SelectStatement, SimpleExpr},
};

use super::{
    grain::Grain,
    leading::{Join, campaign_of, on_the_way, owner},
    scope,
};
use crate::{
    actor::{Actor, Permission},
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
        /// The campaign it began with, or that brought the lead. Of answers to surveys the lead is the first one that was
        /// converted into the contact before they answered; where nobody is named, into the account.
        Campaign = "CAMPAIGN",
        /// By which road the lead came; without a lead that of the campaign.
        Channel = "CHANNEL",
        /// Where the lead came from, in the organisation's own words.
        Source = "SOURCE",
        /// The account's industry: the segment.
        Industry = "INDUSTRY",
        /// The account's country, or the lead's.
        Country = "COUNTRY",
        /// Where the lead stands: of leads as they are.
        LeadStatus = "LEAD_STATUS",
        /// How much the lead hurried.
        Priority = "PRIORITY",
        /// What a clock waited for.
        SlaKind = "SLA_KIND",
        /// What kind of reason the lead was rejected for.
        RejectionCategory = "REJECTION_CATEGORY",
        /// The reason that it was rejected for.
        RejectionReason = "REJECTION_REASON",
        /// Whose it is: the side for which content is, or that proposed the target account.
        Side = "SIDE",
        /// The list of target accounts.
        TargetList = "TARGET_LIST",
        /// Who owns it, or was to act; of contracts, answers and target accounts, who owns the account. Names people: see
        /// `metric`.
        Owner = "OWNER",
        /// Whom the owner reports to. Names people: see `metric`.
        Manager = "MANAGER",
        /// The owner's teams; who is in several counts in each. Names people: see `metric`.
        Team = "TEAM",
        /// The owner's region. Names people: see `metric`.
        Region = "REGION",
    }
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
            Grain::CampaignCost => self.of_campaign(grain),
            Grain::AttributionCredit => self.of_credit(),
            Grain::CustomerContract => self.of_account(),
            // the segment is the account's, the campaign that of the lead behind it
            Grain::SurveyResponse => self.of_account().or_else(|| self.of_lead()),
            Grain::TargetEntry => self.of_entry().or_else(|| self.of_account()),
            Grain::ContentAsset if self == Self::Side => {
                Some((col(grain.table(), content_asset::Column::OwnerSide), &[] as &'static [Join]))
            }
            Grain::Account | Grain::Contact | Grain::Lead => self.of_row(grain),
            Grain::Activity => self.of_campaign(grain).or_else(|| self.of_account()),
            Grain::ForecastSubmission if self == Self::ForecastCategory => {
                Some((col(grain.table(), forecast_submission::Column::Category), &[] as &'static [Join]))
            }
            _ => None,
        };
        let (at, joins) = found.or_else(|| self.of_owner(grain))?;
        Some(Spot { at, joins, holds: self.holds() })
    }

    /// Whether records of this grain can be filtered by it.
    pub fn filters(self, grain: Grain) -> bool {
        scope::names(self, grain) || self.spot(grain).is_some()
    }

    /// Which group a record of this grain is in says something of the lead that it came by.
    pub fn tells_of_leads(self, grain: Grain) -> bool {
        self.spot(grain).is_some_and(|spot| spot.joins.contains(&Join::Lead))
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
            Self::RejectionReason => Holds::Id(rejection_reason::Entity::NAME),
            Self::TargetList => Holds::Id(target_list::Entity::NAME),
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
        match self {
            Self::Priority => Some((col(Grain::SlaClock.table(), K::Priority), &[])),
            Self::SlaKind => Some((col(Grain::SlaClock.table(), K::Kind), &[])),
            _ => self.of_lead(),
        }
    }

    fn of_handoff(self) -> Option<(SimpleExpr, &'static [Join])> {
        let of = |c: H| (col(Grain::Handoff.table(), c), &[] as &'static [Join]);
        Some(match self {
            Self::Campaign => of(H::CampaignId),
            Self::Channel => of(H::Channel),
            Self::Source => of(H::Source),
            Self::RejectionCategory => of(H::RejectionCategory),
            Self::RejectionReason => of(H::RejectionReasonId),
            _ => return None,
        })
    }

    /// Of credit: the touch's own.
    fn of_credit(self) -> Option<(SimpleExpr, &'static [Join])> {
        let credit = |c: attribution_credit::Column| col(Grain::AttributionCredit.table(), c);
        Some(match self {
            Self::Campaign => (credit(attribution_credit::Column::CampaignId), &[]),
            Self::Channel => (credit(attribution_credit::Column::Channel), &[]),
            _ => return None,
        })
    }

    /// Of what belongs to a campaign.
    fn of_campaign(self, grain: Grain) -> Option<(SimpleExpr, &'static [Join])> {
        Some(match self {
            Self::Campaign => (campaign_of(grain), &[]),
            Self::Channel => (col(CAMPAIGN, campaign::Column::Channel), &[Join::Campaign]),
            _ => return None,
        })
    }

    /// Of what belongs to an account.
    fn of_account(self) -> Option<(SimpleExpr, &'static [Join])> {
        Some(match self {
            Self::Industry => (col(ACCOUNT, account::Column::Industry), &[Join::Account]),
            Self::Country => (col(ACCOUNT, account::Column::Country), &[Join::Account]),
            _ => return None,
        })
    }

    /// Of accounts on lists.
    fn of_entry(self) -> Option<(SimpleExpr, &'static [Join])> {
        let entry = |c: target_entry::Column| col(Grain::TargetEntry.table(), c);
        Some(match self {
            Self::TargetList => (entry(target_entry::Column::TargetListId), &[]),
            Self::Side => (entry(target_entry::Column::Side), &[]),
            _ => return None,
        })
    }

    /// Of accounts, contacts and leads as they are: their own.
    fn of_row(self, grain: Grain) -> Option<(SimpleExpr, &'static [Join])> {
        let at = match (self, grain) {
            (Self::Country, Grain::Account) => col(ACCOUNT, account::Column::Country),
            (Self::Country, Grain::Contact) => col(grain.table(), contact::Column::Country),
            (Self::Country, _) => col(LEAD, lead::Column::Country),
            (Self::LeadStatus, Grain::Lead) => col(LEAD, lead::Column::Status),
            _ => return None,
        };
        Some((at, &[]))
    }

    fn of_owner(self, grain: Grain) -> Option<(SimpleExpr, &'static [Join])> {
        let owner = owner(grain)?;
        let [plain, person, member] = on_the_way(grain);
        Some(match self {
            Self::Owner => (owner, plain),
            Self::Manager => (col(OWNER, user::Column::ReportsToId), person),
            Self::Region => (col(OWNER, user::Column::Region), person),
            Self::Team => (col(MEMBERSHIP, membership::Column::TeamId), member),
            _ => return None,
        })
    }

    /// Only people whom the actor reaches; of managers, teams and regions those of whom they reach everybody.
    pub fn reached(self, actor: &Actor, grain: Grain) -> Option<Condition> {
        let permission = grain.names_people_by();
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

    /// How to count what says whether the actor reaches everybody whom these values name, and what that count is then: of
    /// owners all of them are within reach, of managers, teams and regions nobody is beyond it.
    pub fn within_reach(self, any: &[Value], actor: &Actor, permission: Permission) -> Option<(SelectStatement, i64)> {
        let reach = actor.reach(permission, (OWNER, "id"));
        let values = || any.iter().cloned();
        let many = |mut of: SelectStatement| of.clear_selects().expr(Expr::cust("COUNT(*)")).take();
        let those = |c: user::Column| people(actor).and_where(col(OWNER, c).is_in(values())).take();
        Some(match self {
            Self::Owner => {
                let named = any.iter().enumerate().filter(|(at, one)| !any[..*at].contains(one)).count();
                (many(those(user::Column::Id).cond_where(reach).take()), i64::try_from(named).unwrap_or(i64::MAX))
            }
            Self::Manager => (many(those(user::Column::ReportsToId).cond_where(reach.not()).take()), 0),
            Self::Region => (many(those(user::Column::Region).cond_where(reach.not()).take()), 0),
            Self::Team => {
                let beyond = people(actor).cond_where(reach.not()).take();
                let theirs = memberships(actor)
                    .and_where(col(MEMBERSHIP, membership::Column::TeamId).is_in(values()))
                    .and_where(col(MEMBERSHIP, membership::Column::UserId).in_subquery(beyond))
                    .take();
                (many(theirs), 0)
            }
            _ => return None,
        })
    }

    /// Only records with one of these values. Whoever is in several of the teams still counts once.
    pub fn among(self, spot: Spot, any: &[Value], actor: &Actor, grain: Grain) -> (Condition, Spot) {
        let these = Condition::all().add(spot.at.clone().is_in(any.iter().cloned()));
        let these = these.add_option(self.reached(actor, grain));
        if self != Self::Team {
            return (these, spot);
        }
        let members = memberships(actor).column((MEMBERSHIP, membership::Column::UserId)).cond_where(these).take();
        let [joins, ..] = on_the_way(grain);
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
    joins(spots).into_iter().fold(Condition::all(), |all, joined| match joined {
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

/// Joins what the spots need to a query over the table of the grain.
pub fn join(query: &mut SelectStatement, grain: Grain, spots: &[Spot]) {
    for needed in joins(spots) {
        needed.onto(query, grain);
    }
}

fn joins(spots: &[Spot]) -> Vec<Join> {
    let mut joins: Vec<Join> = spots.iter().flat_map(|spot| spot.joins).copied().collect();
    joins.sort_unstable();
    joins.dedup();
    joins
}

/// The value of a dimension in an input; none where it is not one.
pub fn value_of(dimension: Dimension, text: &str) -> Option<Value> {
    match dimension.holds() {
        Holds::Word => Some(text.into()),
        Holds::Id(table) => crate::graph::value::id(table, text).map(Value::from),
    }
}
