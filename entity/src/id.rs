//! One id type for each table, so that a lead's id cannot be passed where a user's is wanted.
//! Outside, an id reads `lead_` and 32 hexadecimal digits; in the database it is the bare UUID.

use std::{fmt, str::FromStr};

use sea_orm::{DbErr, DeriveValueType, TryFromU64, prelude::Uuid};

/// Which table an id names.
pub trait RowId: Copy + Eq + std::hash::Hash + fmt::Display + FromStr<Err = BadId> {
    /// The table's name.
    const PREFIX: &'static str;
    /// The bare UUID, as the database keeps it.
    fn uuid(self) -> Uuid;
    /// This table's id with the given UUID.
    fn from_uuid(uuid: Uuid) -> Self;
}

/// The text is not an id of the wanted table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadId {
    /// The table whose id was wanted.
    pub wanted: &'static str,
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an id of {0}: expected {0}_ and 32 lower-case hexadecimal digits", self.wanted)
    }
}

impl std::error::Error for BadId {}

/// The UUID in `{prefix}_{32 hex digits}`, lower case only: one row, one spelling.
fn parse(text: &str, prefix: &'static str) -> Result<Uuid, BadId> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|hex| hex.len() == 32)
        .filter(|hex| hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        .and_then(|hex| Uuid::try_parse(hex).ok())
        .ok_or(BadId { wanted: prefix })
}

macro_rules! ids {
    ($($(#[doc = $about:literal])+ $name:ident $table:literal,)+) => {$(
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
        pub struct $name(pub Uuid);

        impl RowId for $name {
            const PREFIX: &'static str = $table;

            fn uuid(self) -> Uuid {
                self.0
            }

            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($table, "_{}"), self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                parse(text, $table).map(Self)
            }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

ids! {
    /// An organisation: the tenant.
    OrganizationId "organization",
    /// A person who signs in.
    UserId "user",
    /// An invitation to join.
    InvitationId "invitation",
    /// A way to a new password.
    PasswordResetId "password_reset",
    /// A team of users.
    TeamId "team",
    /// A user's place in a team.
    MembershipId "membership",
    /// A named set of permissions.
    RoleId "role",
    /// A role given to a user.
    RoleGrantId "role_grant",
    /// A signed-in browser or device.
    SessionId "session",
    /// A key for programs.
    ApiKeyId "api_key",
    /// When people work.
    BusinessCalendarId "business_calendar",
    /// When somebody is away.
    UserAbsenceId "user_absence",
    /// Something told to a user.
    NotificationId "notification",
    /// A company.
    AccountId "account",
    /// A person at a company.
    ContactId "contact",
    /// A contact's tie to a company.
    ContactAccountId "contact_account",
    /// One more address of a contact.
    ContactAddressId "contact_address",
    /// What a contact said of one channel.
    ContactConsentId "contact_consent",
    /// A person who may buy, before anyone has talked terms.
    LeadId "lead",
    /// A round of a lead, and how far it came.
    LeadCycleId "lead_cycle",
    /// A move of a lead from state to state.
    LeadStatusChangeId "lead_status_change",
    /// A word between sales and marketing on an offer.
    FeedbackItemId "feedback_item",
    /// A reason to reject a lead.
    RejectionReasonId "rejection_reason",
    /// People who take leads in turn.
    PoolId "pool",
    /// A user's place in a pool.
    PoolMemberId "pool_member",
    /// A pool member's count in a month.
    PoolTurnId "pool_turn",
    /// A decision to whom a lead goes.
    RoutingDecisionId "routing_decision",
    /// A dispute over the answer to an offer.
    DisputeId "dispute",
    /// A call, mail, meeting, note or task.
    ActivityId "activity",
    /// A record's id in another system.
    ExternalRefId "external_ref",
    /// A field an organisation added.
    CustomFieldId "custom_field",
    /// What ought to be known of records.
    DataQualityRuleId "data_quality_rule",
    /// Something that helps to sell.
    ContentAssetId "content_asset",
    /// A use of content.
    ContentUseId "content_use",
    /// Thanks for what somebody did.
    RecognitionId "recognition",
    /// A revenue report that stays as it was.
    RevenueReportSnapshotId "revenue_report_snapshot",
    /// A campaign.
    CampaignId "campaign",
    /// A lead's or contact's part in a campaign.
    CampaignMemberId "campaign_member",
    /// Money spent on a campaign.
    CampaignCostId "campaign_cost",
    /// What a person did that shows interest.
    TouchpointId "touchpoint",
    /// Somebody who visits us before we know them.
    VisitorId "visitor",
    /// A step of somebody in a campaign.
    CampaignMemberChangeId "campaign_member_change",
    /// What a platform delivered for a campaign on a day.
    CampaignDeliveryId "campaign_delivery",
    /// Credit for a sale.
    AttributionCreditId "attribution_credit",
    /// Credit of a day, added up.
    AttributionDayId "attribution_day",
    /// A period whose credit stays as it is.
    AttributionFreezeId "attribution_freeze",
    /// A way of selling: a list of stages.
    PipelineId "pipeline",
    /// A step of a pipeline.
    StageId "stage",
    /// A sale in the making.
    OpportunityId "opportunity",
    /// How an opportunity stood for a while.
    OpportunityStateId "opportunity_state",
    /// A move of an opportunity from stage to stage.
    StageChangeId "stage_change",
    /// Something sold.
    ProductId "product",
    /// A product on an opportunity.
    OpportunityLineId "opportunity_line",
    /// Somebody's share in a sale.
    OpportunitySplitId "opportunity_split",
    /// A contract with a customer.
    CustomerContractId "customer_contract",
    /// Somebody's forecast of a period.
    ForecastSubmissionId "forecast_submission",
    /// What a customer answered when asked.
    SurveyResponseId "survey_response",
    /// Somebody's part in a buying committee.
    CommitteeMemberId "committee_member",
    /// A role that a pipeline wants filled.
    CommitteeRequirementId "committee_requirement",
    /// A condition for leaving a stage.
    StageCriterionId "stage_criterion",
    /// Something that somebody at the buyer confirmed.
    BuyerConfirmationId "buyer_confirmation",
    /// A condition that a move passed over.
    OverriddenCriterionId "overridden_criterion",
    /// The companies both sides go for in a period.
    TargetListId "target_list",
    /// A company on a list of targets.
    TargetEntryId "target_entry",
    /// What a side says to a target account.
    TargetVoteId "target_vote",
    /// The price of a currency in another, from a day on.
    ExchangeRateId "exchange_rate",
    /// Something that marketing and sales agree on.
    AgreementId "agreement",
    /// A version of an agreement.
    AgreementVersionId "agreement_version",
    /// A key turned on a version of an agreement.
    AgreementApprovalId "agreement_approval",
    /// A goal that both sides answer for.
    GoalId "goal",
    /// A goal at the end of a day.
    GoalSnapshotId "goal_snapshot",
    /// Something that is to bring a goal nearer.
    InitiativeId "initiative",
    /// A figure as it was on a day.
    MetricDayId "metric_day",
    /// A saved dashboard.
    DashboardId "dashboard",
    /// With whom a dashboard is shared.
    DashboardShareId "dashboard_share",
    /// Somebody's terms in an incentive plan.
    IncentiveAssignmentId "incentive_assignment",
    /// A run of an incentive plan.
    IncentiveRunId "incentive_run",
    /// What a run comes to for one person.
    IncentiveStatementId "incentive_statement",
    /// A reason for a part of a statement.
    IncentiveStatementLineId "incentive_statement_line",
    /// A record that a line was calculated from.
    IncentiveSourceId "incentive_source",
    /// A correction of somebody's pay.
    IncentiveAdjustmentId "incentive_adjustment",
    /// A look at somebody's pay.
    IncentiveAccessGrantId "incentive_access_grant",
    /// A dispute over a statement of pay.
    IncentiveDisputeId "incentive_dispute",
    /// A lead handed from marketing to sales.
    HandoffId "handoff",
    /// A clock that runs while a lead waits.
    SlaClockId "sla_clock",
    /// Two records that may be the same.
    DuplicatePairId "duplicate_pair",
    /// A search for duplicates.
    DuplicateScanId "duplicate_scan",
    /// Records made one.
    MergeId "merge",
    /// Rows that a merge moved.
    MergeMoveId "merge_move",
    /// Something that happened.
    EventId "event",
    /// Work to be done later.
    JobId "job",
    /// A file being brought in.
    ImportJobId "import_job",
    /// A row of a file that could not be brought in.
    ImportErrorId "import_error",
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "lead_0190b5e09c7a7c3d8a1b2c3d4e5f6071";

    #[test]
    fn an_id_reads_back() {
        let id: LeadId = TEXT.parse().unwrap();
        assert_eq!(id.to_string(), TEXT);
        assert_eq!(LeadId::from_uuid(id.uuid()), id);
    }

    #[test]
    fn only_one_spelling_is_an_id() {
        let hyphens = "lead_0190b5e0-9c7a-7c3d-8a1b-2c3d4e5f6071";
        for bad in ["", "lead_", "lead", &TEXT[5..], &TEXT.to_uppercase(), &TEXT[..36], hyphens, &format!("{TEXT}0")] {
            assert_eq!(bad.parse::<LeadId>(), Err(BadId { wanted: "lead" }), "{bad}");
        }
        assert!(TEXT.parse::<UserId>().is_err());
        assert!(TEXT.replace('b', "B").parse::<LeadId>().is_err());
    }

    #[test]
    fn the_longer_of_two_alike_prefixes_is_told_apart() {
        let text = TEXT.replace("lead", "contact_account");
        assert!(text.parse::<ContactId>().is_err());
        assert!(text.parse::<ContactAccountId>().is_ok());
    }
}
