//! What the schema does not say of its inputs: which texts have a form, and what goes with what. `$lead` is the id of a
//! known record, `MARK` the sample's mark (`UPPER` in capitals), `#` a new number, `DAY` a new date; null takes out.

use serde_json::Value;

/// The text of an input of this name.
pub fn form(name: &str) -> &'static str {
    match name {
        "country" => "DE",
        "timeZone" => "Europe/Berlin",
        "phone" => "+49 30 10#",
        "email" => "MARK.#@people.example",
        "domain" => "MARK#.example",
        "url" | "website" => "https://MARK.example/#",
        "opensAt" => "09:00",
        "closesAt" => "17:00",
        "key" => "MARK_#",
        _ => "MARK #",
    }
}

/// The record that an input leads to whose name does not say it.
pub fn alias(name: &str) -> Option<&'static str> {
    Some(match name {
        "ownerId" | "userId" | "subjectId" | "reportsToId" => "user",
        "reasonId" => "rejectionReason",
        "recordId" => "account",
        "roleIds" => "role",
        "queueId" => "pool",
        _ => return None,
    })
}

/// What is laid over an input type or the arguments of a root field. `Lead` is for creating one.
pub fn of(place: &str) -> impl Iterator<Item = Value> {
    let create = place.strip_suffix("CreateInput").unwrap_or(place);
    let found = NEEDS.iter().filter(move |(at, _)| *at == place || *at == create);
    found.map(|(at, patch)| serde_json::from_str(patch).unwrap_or_else(|e| panic!("{at}: {e}")))
}

const OWN_FIELDS: &str = r#"{ "customFields": { "word": "MARK" } }"#;

const NEEDS: &[(&str, &str)] = &[
    ("Account", OWN_FIELDS),
    ("Campaign", OWN_FIELDS),
    ("Contact", OWN_FIELDS),
    ("Lead", OWN_FIELDS),
    ("Opportunity", OWN_FIELDS),
    ("AgreementVersionApproveInput", r#"{ "expectedHash": null }"#),
    ("AgreementVersionRejectInput", r#"{ "expectedHash": null }"#),
    ("ApiKey", r#"{ "scopes": ["LEAD_READ"] }"#),
    ("AttributionFreeze", r#"{ "start": "DAYT00:00:00Z", "end": "DAYT00:00:00Z" }"#),
    (
        "AttributionDisputeInput",
        r#"{ "claim": "MISSING_TOUCH", "touchpointId": null, "opportunityId": "$opportunity", "evidence": ["$lead"],
             "correction": { "kind": "AD_CLICK", "channel": "EMAIL", "occurredAt": "2026-01-02T03:04:05Z", "contactId": "$contact" } }"#,
    ),
    ("BusinessScheduleInput", r#"{ "holidays": [{ "date": "2026-12-25", "name": "MARK" }] }"#),
    ("CampaignMember", r#"{ "contactId": "$contact" }"#),
    ("CampaignMemberUpdateInput", r#"{ "success": true }"#),
    ("CampaignMemberAdvanceInput", r#"{ "step": "ATTENDED" }"#),
    ("CampaignStatusChangeInput", r#"{ "status": "PLANNED" }"#),
    ("CommitteeMember", r#"{ "accountId": "$account" }"#),
    ("ContactAddress", r#"{ "value": "MARK.#@people.example" }"#),
    ("ContactAddressUpsertRow", r#"{ "value": "MARK.#@people.example" }"#),
    ("ContactAddressUpdateInput", r#"{ "value": "MARK.#@people.example" }"#),
    ("CustomerContract", r#"{ "startsOn": "2026-01-01", "endsOn": "2026-12-31" }"#),
    ("CustomField", r#"{ "entity": "campaign", "kind": "CHOICE", "options": ["MARK"] }"#),
    ("DashboardShare", r#"{ "roleId": "$role" }"#),
    ("DashboardWidgetInput", r#"{ "draw": "NUMBER", "metric": "REVENUE", "period": { "relative": "THIS_QUARTER" } }"#),
    ("ContentUse", r#"{ "opportunityId": "$opportunity" }"#),
    ("DataQualityRule", r#"{ "entity": "ACCOUNT", "check": "COMPLETE", "fields": ["domain"], "maxAgeDays": null }"#),
    ("DataQualityRuleUpdateInput", r#"{ "fields": ["domain", "industry"] }"#),
    ("ExchangeRate", r#"{ "quote": "USD", "date": "DAY" }"#),
    ("ExchangeRateUpdateInput", r#"{ "rate": "1.25" }"#),
    ("ExternalRefUpdateInput", r#"{ "lastSyncedAt": "2026-01-02T03:04:05Z" }"#),
    ("ForecastSubmission", r#"{ "startsOn": "2026-01-01", "endsOn": "2026-04-01", "category": "COMMIT" }"#),
    ("GlossaryBodyInput", r#"{ "examples": ["MARK"] }"#),
    ("GoalBodyInput", r#"{ "periodStart": "2026-01-01", "periodEnd": "2027-01-01", "target": "99" }"#),
    (
        "IncentiveAssignment",
        r#"{ "agreementVersionId": "$incentivePlan", "side": "SALES", "quota": { "amount": "1000", "currency": "EUR" } }"#,
    ),
    ("IncentiveAssignmentUpdateInput", r#"{ "poolWeight": 2 }"#),
    (
        "IncentivePlanBodyInput",
        r##"{ "periodStart": "2026-01-01", "periodEnd": "2026-04-01", "components": [{ "key": "MARK", "name": "MARK #",
             "commissionMarginal": { "roles": ["OWNER"], "tiers": [{ "from": "0", "rate": "0.1" }] } }] }"##,
    ),
    ("IncentiveRun", r#"{ "agreementVersionId": "$signedPlan" }"#),
    ("IncentiveRunApproveInput", r#"{ "inputsHash": "$runHash" }"#),
    ("HandoffDisputeInput", r#"{ "evidence": ["$lead"] }"#),
    (
        "ImportCreateInput",
        r#"{ "preset": null, "fileName": "MARK.csv",
             "mapping": "about = \"MARK\"\n[[step]]\nfile = \"MARK.csv\"\nentity = \"account\"\n[step.fields]\nname = \"Name\"\ndomain = \"Domain\"\n" }"#,
    ),
    (
        "ImportAppendInput",
        r#"{ "offset": 0, "base64": null, "last": true, "text": "Name,Domain\nMARK #,\nMARK #,MARK no domain\n" }"#,
    ),
    ("Lead", r#"{ "disqualifyReason": null }"#),
    ("LeadOfferInput", r#"{ "userId": "$user" }"#),
    ("MergeInput", r#"{ "winnerId": "$id", "loserIds": ["$loser"] }"#),
    (
        "Opportunity",
        r#"{ "lossNote": null, "amount": { "amount": "5", "currency": "EUR" }, "closeDate": "2026-03-04", "accountId": "$account" }"#,
    ),
    ("OpportunityUpdateInput", r#"{ "lossNote": null }"#),
    ("OpportunityLineUpdateInput", r#"{ "quantity": "2" }"#),
    ("OpportunitySplitInput", r#"{ "role": "OWNER", "percent": "100" }"#),
    ("OpportunityMoveInput", r#"{ "stageId": "$nextStage", "overrideReason": null }"#),
    ("OpportunityWinInput", r#"{ "overrideReason": null }"#),
    ("Pipeline", r#"{ "position": 9 }"#),
    ("PoolMember", r#"{ "skills": ["MARK"] }"#),
    ("PoolMemberUpdateInput", r#"{ "weight": 2 }"#),
    ("Product", r#"{ "listPrice": { "amount": "3", "currency": "EUR" } }"#),
    ("RecognitionRecipientsInput", r#"{ "userIds": ["$colleague"] }"#),
    (
        "Role",
        r#"{ "key": "UPPER_#", "permissions": [{ "permission": "LEAD_READ", "scope": "OWN", "unassigned": false }] }"#,
    ),
    ("StageCriterion", r#"{ "kind": "BUYER_EVIDENCE", "field": null }"#),
    ("StageCriterionUpdateInput", r#"{ "field": null }"#),
    (
        "SurveyResponse",
        r#"{ "accountId": "$account", "kind": "NPS", "score": 9, "respondedAt": "2026-01-02T03:04:05Z" }"#,
    ),
    ("TargetList", r#"{ "periodStart": "2999-01-01", "periodEnd": "2999-04-01" }"#),
    ("TargetEntryProposeRow", r#"{ "replacesId": null }"#),
    ("Touchpoint", r#"{ "leadId": "$lead" }"#),
    ("Visitor", r#"{ "leadId": "$lead" }"#),
    ("UserAbsence", r#"{ "endsAt": "2026-01-09T03:04:05Z" }"#),
    // queries
    ("attribution", r#"{ "opportunityId": "$opportunity", "modelId": "$attribution", "anchor": "OPP_CREATED" }"#),
    (
        "attributionReport",
        r#"{ "models": ["$attribution"], "groupBy": null, "currency": null, "onMissingRate": null }"#,
    ),
    (
        "campaignPerformance",
        r#"{ "modelId": "$attribution", "period": null, "currency": null, "onMissingRate": null }"#,
    ),
    ("agreementInForce", r#"{ "kind": "QUALIFICATION", "key": "MQL" }"#),
    ("agreementVersionDiff", r#"{ "fromId": "$agreementVersion", "toId": "$otherVersion" }"#),
    ("dashboardChanged", r#"{ "id": "$dashboard" }"#),
    ("dashboardData", r#"{ "id": "$dashboard" }"#),
    ("explainAccess", r#"{ "id": "$lead", "permission": "LEAD_READ" }"#),
    ("goalDecomposition", r#"{ "amount": "5" }"#),
    ("goalProgress", r#"{ "ids": ["$goal"] }"#),
    (
        "goalSeasonality",
        r#"{ "metric": "REVENUE", "periodStart": "2026-07-01", "periodEnd": "2026-10-01", "scope": null, "currency": null, "years": 1 }"#,
    ),
    ("initiativeContributions", r#"{ "ids": ["$initiative"] }"#),
    ("incentivePayroll", r#"{ "runId": "$lockedRun" }"#),
    ("incentiveTotals", r#"{ "runId": "$lockedRun" }"#),
    ("incentivePlanBacktest", r#"{ "agreementVersionId": "$payPlan" }"#),
    ("incentivePlanLint", r#"{ "agreementVersionId": "$payPlan" }"#),
    ("incentiveStatementProject", r#"{ "agreementVersionId": "$payPlan" }"#),
    ("importFailedRows", r#"{ "id": "$failedImport" }"#),
    ("opportunityExitCriteria", r#"{ "id": "$deal" }"#),
    ("timeline", r#"{ "id": "$lead", "kinds": null }"#),
    ("qualificationSimulation", r#"{ "versionId": "$qualification" }"#),
    ("stageOwner", r#"{ "id": "$lead" }"#),
    (
        "metric",
        r#"{ "key": "PIPELINE_OPEN", "filter": null, "asOf": null, "groupBy": null, "currency": null, "options": null, "onMissingRate": null }"#,
    ),
    ("pipelineWaterfall", r#"{ "filter": null, "from": null, "to": null, "currency": null, "onMissingRate": null }"#),
    ("funnel", r#"{ "filter": null, "cohort": null, "asOf": null }"#),
    ("opportunitiesAsOf", r#"{ "at": "2999-01-01T00:00:00Z", "filter": null, "orderBy": null }"#),
    ("opportunityDiff", r#"{ "from": "2020-01-01T00:00:00Z", "to": null }"#),
    ("pipelineForecast", r#"{ "filter": null, "asOf": null, "currency": null, "onMissingRate": null }"#),
    ("revenueReport", r#"{ "asOf": null, "currency": null, "target": null, "onMissingRate": null }"#),
    ("stageAging", r#"{ "filter": null, "asOf": null }"#),
    ("slaVolumes", r#"{ "period": { "start": "2026-01-01T00:00:00Z", "end": "2028-01-01T00:00:00Z" } }"#),
    ("ghostAcceptedLeads", r#"{ "olderThanHours": 0 }"#),
    ("untouchedLeads", r#"{ "olderThanHours": 0 }"#),
    ("PeriodInput", r#"{ "start": "2026-01-01T00:00:00Z", "end": "2999-01-01T00:00:00Z" }"#),
];
