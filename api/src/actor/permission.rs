//! Every permission on one screen.

use entity::{word::Word, words};

words! {
    /// What may be done, as ENTITY_ACTION. Roles grant each with a scope; API keys list those they may use.
    pub enum Permission as "Permission" {
        /// Read the organisation's settings. Every member has it.
        OrganizationRead = "ORGANIZATION_READ",
        /// Change the organisation's settings.
        OrganizationUpdate = "ORGANIZATION_UPDATE",
        /// Read users' names, teams and state.
        UserRead = "USER_READ",
        /// Invite users.
        UserCreate = "USER_CREATE",
        /// Change, activate and deactivate users.
        UserUpdate = "USER_UPDATE",
        /// Read teams and who is in them.
        TeamRead = "TEAM_READ",
        /// Make teams.
        TeamCreate = "TEAM_CREATE",
        /// Change teams and their members.
        TeamUpdate = "TEAM_UPDATE",
        /// Delete teams.
        TeamDelete = "TEAM_DELETE",
        /// Read roles and who holds them.
        RoleRead = "ROLE_READ",
        /// Compose custom roles.
        RoleCreate = "ROLE_CREATE",
        /// Change custom roles; grant and revoke roles, never beyond one's own rights.
        RoleUpdate = "ROLE_UPDATE",
        /// Delete custom roles.
        RoleDelete = "ROLE_DELETE",
        /// List other users' sessions and end them.
        SessionUpdate = "SESSION_UPDATE",
        /// List the organisation's API keys.
        ApiKeyRead = "API_KEY_READ",
        /// Make API keys.
        ApiKeyCreate = "API_KEY_CREATE",
        /// Revoke API keys.
        ApiKeyUpdate = "API_KEY_UPDATE",
        /// Read business calendars.
        BusinessCalendarRead = "BUSINESS_CALENDAR_READ",
        /// Make business calendars.
        BusinessCalendarCreate = "BUSINESS_CALENDAR_CREATE",
        /// Change business calendars.
        BusinessCalendarUpdate = "BUSINESS_CALENDAR_UPDATE",
        /// Delete and restore business calendars.
        BusinessCalendarDelete = "BUSINESS_CALENDAR_DELETE",
        /// Read when users are away.
        UserAbsenceRead = "USER_ABSENCE_READ",
        /// Say that users will be away.
        UserAbsenceCreate = "USER_ABSENCE_CREATE",
        /// Change when users are away.
        UserAbsenceUpdate = "USER_ABSENCE_UPDATE",
        /// Delete and restore users' absences.
        UserAbsenceDelete = "USER_ABSENCE_DELETE",
        /// Read what one is told, and mark it as read.
        NotificationRead = "NOTIFICATION_READ",
        /// Pause and resume clocks of response times, and declare them void.
        SlaClockUpdate = "SLA_CLOCK_UPDATE",
        /// Read accounts.
        AccountRead = "ACCOUNT_READ",
        /// Create accounts.
        AccountCreate = "ACCOUNT_CREATE",
        /// Change accounts.
        AccountUpdate = "ACCOUNT_UPDATE",
        /// Delete and restore accounts.
        AccountDelete = "ACCOUNT_DELETE",
        /// Give accounts to another owner.
        AccountAssign = "ACCOUNT_ASSIGN",
        /// Read contacts.
        ContactRead = "CONTACT_READ",
        /// Create contacts.
        ContactCreate = "CONTACT_CREATE",
        /// Change contacts.
        ContactUpdate = "CONTACT_UPDATE",
        /// Delete and restore contacts.
        ContactDelete = "CONTACT_DELETE",
        /// Give contacts to another owner.
        ContactAssign = "CONTACT_ASSIGN",
        /// Read mail addresses and telephone numbers also of contacts who do not want to be reached by them any more. Needs
        /// `CONTACT_READ` too.
        ContactReadWithheld = "CONTACT_READ_WITHHELD",
        /// Read leads.
        LeadRead = "LEAD_READ",
        /// Create leads.
        LeadCreate = "LEAD_CREATE",
        /// Change leads until they are offered to sales.
        LeadUpdate = "LEAD_UPDATE",
        /// Offer leads to sales and withdraw offers.
        HandoffCreate = "HANDOFF_CREATE",
        /// Accept and reject leads that were offered to oneself, to a pool or team one is in, or to people below.
        HandoffDecide = "HANDOFF_DECIDE",
        /// Dispute answers to offers, take disputes up and withdraw them.
        DisputeCreate = "DISPUTE_CREATE",
        /// Sign verdicts on disputes for marketing.
        DisputeSignMarketing = "DISPUTE_SIGN_MARKETING",
        /// Sign verdicts on disputes for sales.
        DisputeSignSales = "DISPUTE_SIGN_SALES",
        /// End disputes on which both sides signed different verdicts.
        DisputeBreakTie = "DISPUTE_BREAK_TIE",
        /// Write to the other side about offered leads.
        FeedbackCreate = "FEEDBACK_CREATE",
        /// Say what marketing did about a rejection.
        FeedbackResolve = "FEEDBACK_RESOLVE",
        /// Read pools, who is in them, and the reasons to reject leads.
        RoutingRead = "ROUTING_READ",
        /// Make pools and reasons.
        RoutingCreate = "ROUTING_CREATE",
        /// Change pools, their members and reasons.
        RoutingUpdate = "ROUTING_UPDATE",
        /// Delete and restore pools and reasons.
        RoutingDelete = "ROUTING_DELETE",
        /// Change leads that sales has, too: from OFFERED on, unless they came back.
        LeadWork = "LEAD_WORK",
        /// Delete and restore leads.
        LeadDelete = "LEAD_DELETE",
        /// Give leads to another owner.
        LeadAssign = "LEAD_ASSIGN",
        /// Make a lead an MQL against the agreed definition, with a reason; judge qualified leads again; create leads that are DISQUALIFIED already.
        LeadQualifyOverride = "LEAD_QUALIFY_OVERRIDE",
        /// Read campaigns and their members.
        CampaignRead = "CAMPAIGN_READ",
        /// Create campaigns.
        CampaignCreate = "CAMPAIGN_CREATE",
        /// Change campaigns and their members.
        CampaignUpdate = "CAMPAIGN_UPDATE",
        /// Delete and restore campaigns.
        CampaignDelete = "CAMPAIGN_DELETE",
        /// Give campaigns to another owner.
        CampaignAssign = "CAMPAIGN_ASSIGN",
        /// Read what campaigns cost.
        CampaignCostRead = "CAMPAIGN_COST_READ",
        /// Book costs on campaigns.
        CampaignCostCreate = "CAMPAIGN_COST_CREATE",
        /// Correct campaigns' costs.
        CampaignCostUpdate = "CAMPAIGN_COST_UPDATE",
        /// Delete and restore campaigns' costs.
        CampaignCostDelete = "CAMPAIGN_COST_DELETE",
        /// Read content and when it was used.
        ContentRead = "CONTENT_READ",
        /// Make content known.
        ContentCreate = "CONTENT_CREATE",
        /// Change what is said of content.
        ContentUpdate = "CONTENT_UPDATE",
        /// Delete and restore content and its uses.
        ContentDelete = "CONTENT_DELETE",
        /// Say that one used content.
        ContentUse = "CONTENT_USE",
        /// Read what leads, contacts and accounts did that shows interest, as far as one may read those.
        TouchpointRead = "TOUCHPOINT_READ",
        /// Record touchpoints.
        TouchpointCreate = "TOUCHPOINT_CREATE",
        /// Correct to whom and to what touchpoints belong.
        TouchpointUpdate = "TOUCHPOINT_UPDATE",
        /// Delete and restore touchpoints.
        TouchpointDelete = "TOUCHPOINT_DELETE",
        /// Read opportunities, their lines and stage history.
        OpportunityRead = "OPPORTUNITY_READ",
        /// Read opportunities that began with a lead or campaign within reach, or whose people took part in such a
        /// campaign. Needs `OPPORTUNITY_READ` too.
        OpportunityReadLinked = "OPPORTUNITY_READ_LINKED",
        /// Create opportunities.
        OpportunityCreate = "OPPORTUNITY_CREATE",
        /// Change opportunities, move, win and lose them.
        OpportunityUpdate = "OPPORTUNITY_UPDATE",
        /// Delete and restore opportunities.
        OpportunityDelete = "OPPORTUNITY_DELETE",
        /// Give opportunities to another owner.
        OpportunityAssign = "OPPORTUNITY_ASSIGN",
        /// Reopen a won or lost opportunity.
        OpportunityReopen = "OPPORTUNITY_REOPEN",
        /// Move or win an opportunity whose exit criteria are not met, with a reason.
        OpportunityOverride = "OPPORTUNITY_OVERRIDE",
        /// Read who has a say in what companies buy, as far as one reads the opportunity or account.
        CommitteeMemberRead = "COMMITTEE_MEMBER_READ",
        /// Say who has a say, on opportunities and accounts that one may change.
        CommitteeMemberUpdate = "COMMITTEE_MEMBER_UPDATE",
        /// Read calls, mails, meetings, notes and tasks.
        ActivityRead = "ACTIVITY_READ",
        /// Log activities.
        ActivityCreate = "ACTIVITY_CREATE",
        /// Change activities.
        ActivityUpdate = "ACTIVITY_UPDATE",
        /// Delete and restore activities.
        ActivityDelete = "ACTIVITY_DELETE",
        /// Give activities to another owner.
        ActivityAssign = "ACTIVITY_ASSIGN",
        /// Read products.
        ProductRead = "PRODUCT_READ",
        /// Create products.
        ProductCreate = "PRODUCT_CREATE",
        /// Change products.
        ProductUpdate = "PRODUCT_UPDATE",
        /// Delete and restore products.
        ProductDelete = "PRODUCT_DELETE",
        /// Read pipelines and their stages.
        PipelineRead = "PIPELINE_READ",
        /// Create pipelines and stages.
        PipelineCreate = "PIPELINE_CREATE",
        /// Change pipelines and stages.
        PipelineUpdate = "PIPELINE_UPDATE",
        /// Delete and restore pipelines and stages.
        PipelineDelete = "PIPELINE_DELETE",
        /// Read exchange rates.
        ExchangeRateRead = "EXCHANGE_RATE_READ",
        /// Enter exchange rates.
        ExchangeRateCreate = "EXCHANGE_RATE_CREATE",
        /// Correct exchange rates.
        ExchangeRateUpdate = "EXCHANGE_RATE_UPDATE",
        /// Delete exchange rates.
        ExchangeRateDelete = "EXCHANGE_RATE_DELETE",
        /// Read the definitions of custom fields.
        CustomFieldRead = "CUSTOM_FIELD_READ",
        /// Define custom fields.
        CustomFieldCreate = "CUSTOM_FIELD_CREATE",
        /// Change the definitions of custom fields.
        CustomFieldUpdate = "CUSTOM_FIELD_UPDATE",
        /// Delete custom fields.
        CustomFieldDelete = "CUSTOM_FIELD_DELETE",
        /// Read rules of data quality, and how well records are kept.
        DataQualityRead = "DATA_QUALITY_READ",
        /// Make rules of data quality.
        DataQualityCreate = "DATA_QUALITY_CREATE",
        /// Change rules of data quality.
        DataQualityUpdate = "DATA_QUALITY_UPDATE",
        /// Delete and restore rules of data quality.
        DataQualityDelete = "DATA_QUALITY_DELETE",
        /// Read references to other systems' records.
        ExternalRefRead = "EXTERNAL_REF_READ",
        /// Link records to those of other systems.
        ExternalRefCreate = "EXTERNAL_REF_CREATE",
        /// Change references to other systems' records.
        ExternalRefUpdate = "EXTERNAL_REF_UPDATE",
        /// Delete references to other systems' records.
        ExternalRefDelete = "EXTERNAL_REF_DELETE",
        /// Read agreements, their versions and who signed them.
        AgreementRead = "AGREEMENT_READ",
        /// Draft agreements and further versions of them.
        AgreementCreate = "AGREEMENT_CREATE",
        /// Change drafts, propose and withdraw them.
        AgreementUpdate = "AGREEMENT_UPDATE",
        /// Turn or refuse to turn marketing's key to an agreement.
        AgreementApproveMarketing = "AGREEMENT_APPROVE_MARKETING",
        /// Turn or refuse to turn sales' key to an agreement.
        AgreementApproveSales = "AGREEMENT_APPROVE_SALES",
        /// Turn or refuse to turn finance's key to an incentive plan.
        AgreementApproveFinance = "AGREEMENT_APPROVE_FINANCE",
        /// Decide in the place of one side where only the other has turned its key to an agreement, if the organisation
        /// allows it.
        AgreementBreakTie = "AGREEMENT_BREAK_TIE",
        /// Read lists of target accounts; their accounts as far as one reads those.
        TargetListRead = "TARGET_LIST_READ",
        /// Create lists of target accounts.
        TargetListCreate = "TARGET_LIST_CREATE",
        /// Change lists of target accounts: names, periods, caps.
        TargetListUpdate = "TARGET_LIST_UPDATE",
        /// Delete and restore lists of target accounts.
        TargetListDelete = "TARGET_LIST_DELETE",
        /// Propose target accounts and vote for marketing. Never for programs.
        TargetListVoteMarketing = "TARGET_LIST_VOTE_MARKETING",
        /// Propose target accounts and vote for sales. Never for programs.
        TargetListVoteSales = "TARGET_LIST_VOTE_SALES",
        /// Read initiatives on shared goals and what each side thinks of them.
        InitiativeRead = "INITIATIVE_READ",
        /// Propose initiatives on shared goals.
        InitiativeCreate = "INITIATIVE_CREATE",
        /// Change initiatives, begin, finish and drop them.
        InitiativeUpdate = "INITIATIVE_UPDATE",
        /// Delete and restore initiatives.
        InitiativeDelete = "INITIATIVE_DELETE",
        /// Score initiatives for marketing. Never for programs.
        InitiativeScoreMarketing = "INITIATIVE_SCORE_MARKETING",
        /// Score initiatives for sales. Never for programs.
        InitiativeScoreSales = "INITIATIVE_SCORE_SALES",
        /// Read pairs of records that may be the same, scans for them, and merges.
        DuplicateRead = "DUPLICATE_READ",
        /// Search all records of a type for duplicates.
        DuplicateCreate = "DUPLICATE_CREATE",
        /// Dismiss pairs that are not the same.
        DuplicateUpdate = "DUPLICATE_UPDATE",
        /// Make records that are the same one, and undo that: records that one may change.
        DuplicateMerge = "DUPLICATE_MERGE",
        /// Read metrics, funnels and how the pipeline moved: the same figures for everybody, over all records.
        MetricRead = "METRIC_READ",
        /// Read dashboards: one's own and those shared with one; with a wider reach than OWN also those that owners within it
        /// share by name with others. Their figures need METRIC_READ.
        DashboardRead = "DASHBOARD_READ",
        /// Save dashboards and share them.
        DashboardCreate = "DASHBOARD_CREATE",
        /// Change dashboards and with whom they are shared: one's own, with a wider reach than OWN also those that owners within
        /// it share.
        DashboardUpdate = "DASHBOARD_UPDATE",
        /// Delete and restore dashboards, as far as one may change them.
        DashboardDelete = "DASHBOARD_DELETE",
        /// Read what people are paid by incentive plans: terms, statements with their lines and sources, adjustments. OWN:
        /// one's own. TEAM and SUBTREE: also of people below oneself, never of others in one's teams. ALL: of everybody.
        IncentiveRead = "INCENTIVE_READ",
        /// Enter people's terms in incentive plans while these are drafts.
        IncentiveAssign = "INCENTIVE_ASSIGN",
        /// Read runs of incentive plans: periods and where they stand, no amounts.
        IncentiveRunRead = "INCENTIVE_RUN_READ",
        /// Make runs of incentive plans, calculate them and put them up for approval.
        IncentiveRun = "INCENTIVE_RUN",
        /// Approve runs that somebody else has put up, unless one is paid by them.
        IncentiveApprove = "INCENTIVE_APPROVE",
        /// Lock approved runs, say that they were paid, and take them back.
        IncentiveLock = "INCENTIVE_LOCK",
        /// Correct people's pay by adjustments.
        IncentiveAdjust = "INCENTIVE_ADJUST",
        /// Dispute statements of pay: OWN one's own, SUBTREE also those of people below oneself; and take that back.
        IncentiveDispute = "INCENTIVE_DISPUTE",
        /// Read what runs come to for sides and teams of five people or more.
        IncentiveTotalRead = "INCENTIVE_TOTAL_READ",
        /// Export what runs come to for the payroll.
        IncentiveExport = "INCENTIVE_EXPORT",
        /// Read who was let see whose pay: OWN, what concerns oneself.
        IncentiveGrantRead = "INCENTIVE_GRANT_READ",
        /// Let somebody else see a person's pay for at most an hour.
        IncentiveGrant = "INCENTIVE_GRANT",
        /// Freeze the credit of a period that is over.
        AttributionFreeze = "ATTRIBUTION_FREEZE",
        /// Freeze revenue reports.
        RevenueReportSnapshotCreate = "REVENUE_REPORT_SNAPSHOT_CREATE",
        /// Read who thanked whom for what.
        RecognitionRead = "RECOGNITION_READ",
        /// Thank colleagues for what they did.
        RecognitionCreate = "RECOGNITION_CREATE",
        /// Read of changes that one sees by which right and with which API key they were made: OWN, of records of one's own.
        AuditRead = "AUDIT_READ",
        /// Read import jobs and their errors.
        ImportRead = "IMPORT_READ",
        /// Run imports; each row also needs the permission of its entity.
        ImportCreate = "IMPORT_CREATE",
    }
}

impl Permission {
    pub const COUNT: usize = Self::VALUES.len();

    pub fn all() -> impl Iterator<Item = Self> {
        Self::VALUES.iter().filter_map(|(word, _)| Self::parse(word))
    }

    /// A key that its side turns itself, and what has to do with pay: whoever gives out roles gives it, too, without holding it.
    pub fn is_key(self) -> bool {
        matches!(
            self,
            Self::AgreementApproveMarketing
                | Self::AgreementApproveSales
                | Self::AgreementApproveFinance
                | Self::AgreementBreakTie
                | Self::TargetListVoteMarketing
                | Self::TargetListVoteSales
                | Self::InitiativeScoreMarketing
                | Self::InitiativeScoreSales
                | Self::DisputeSignMarketing
                | Self::DisputeSignSales
                | Self::DisputeBreakTie
                | Self::IncentiveRead
                | Self::IncentiveAssign
                | Self::IncentiveRun
                | Self::IncentiveApprove
                | Self::IncentiveLock
                | Self::IncentiveAdjust
                | Self::IncentiveDispute
                | Self::IncentiveTotalRead
                | Self::IncentiveExport
                | Self::IncentiveGrant
        )
    }
}
