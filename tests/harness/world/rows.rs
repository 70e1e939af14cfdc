//! How a row comes to be, and how it comes to stand where a mutation may act on it.

use api::{
    access::notification::{self, Word as Told},
    actor::{Actor, Permission, Rights},
    crm::duplicate::scan,
    store::Access,
};
use entity::goal_snapshot;
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use super::{Known, Person, World};
use crate::{access::user_in, harness::sample::record_of};

/// The first id of this record in an answer.
fn id_in(answer: &Value, record: &str) -> Option<String> {
    match answer {
        Value::Object(all) if all.get("id").is_some_and(Value::is_string) => {
            let id = all["id"].as_str()?;
            let table = api::graph::field::camel(id.rsplit_once('_')?.0);
            (table == record).then(|| id.to_owned())
        }
        Value::Object(all) => all.values().find_map(|value| id_in(value, record)),
        Value::Array(all) => all.iter().find_map(|value| id_in(value, record)),
        _ => None,
    }
}

impl World<'_> {
    /// A new row of this record; its id.
    pub fn fresh<'b>(&'b self, record: &'b str) -> BoxFuture<'b, String> {
        self.made(record, json!({}))
    }

    /// The same with `more` in the input that makes it.
    pub fn made<'b>(&'b self, record: &'b str, more: Value) -> BoxFuture<'b, String> {
        async move {
            match record {
                "organization" => self.known["organization"].clone(),
                "user" => self.colleague().await,
                "session" => {
                    self.signs_in().await;
                    self.newest("sessions").await
                }
                "notification" => self.told().await,
                "leadStatusChange" => self.newest("leadStatusChanges").await,
                "stageChange" => self.newest("stageChanges").await,
                "campaignMemberChange" => self.newest("campaignMemberChanges").await,
                "attributionCredit" => self.credited().await,
                "opportunitySplit" => {
                    self.with("opportunitySplitsSet", &[], json!({})).await;
                    let deal = &self.known["opportunity"];
                    self.first("opportunitySplits", "opportunityId", deal).await
                }
                "incentiveAssignment" => Box::pin(self.terms(&Box::pin(self.plan()).await, &self.known["user"])).await,
                "incentiveRun" => Box::pin(self.drafted_run(&[self.known["user"].clone()])).await,
                "incentiveStatement" => Box::pin(self.paid_line()).await.0,
                "incentiveStatementLine" => Box::pin(self.paid_line()).await.1,
                "incentiveSource" => {
                    let (_, line) = Box::pin(self.paid_line()).await;
                    self.first("incentiveSources", "statementLineId", &line).await
                }
                "incentiveAdjustment" => Box::pin(self.adjusted()).await,
                "incentiveDispute" => Box::pin(self.quarrel()).await,
                "leadCycle" => self.newest("leadCycles").await,
                "opportunityState" => self.newest("opportunityStates").await,
                "overriddenCriterion" => self.overridden().await,
                "merge" => self.merged().await,
                "duplicatePair" => self.doubled().await,
                "agreementVersion" => self.draft().await,
                "agreementApproval" => self.approval().await,
                "goal" => self.aimed().await,
                "goalSnapshot" => self.stood().await,
                "revenueReportSnapshot" => {
                    let made = self.done("revenueReportSnapshot", &self.known, more).await;
                    id_in(&made, record).expect("a snapshot")
                }
                "targetEntry" => self.proposed("SALES").await,
                "targetVote" => {
                    let entry = self.proposed("SALES").await;
                    self.first("targetVotes", "targetEntryId", &entry).await
                }
                "handoff" => self.offered().await.1,
                "dispute" => self.disputed().await,
                "slaClock" => self.timed().await,
                "routingDecision" => self.routed().await,
                "importJob" => self.create("import", record, more).await,
                "importError" => {
                    let job = self.failed().await;
                    self.first("importErrors", "importId", &job).await
                }
                _ => self.create(record, record, more).await,
            }
        }
        .boxed()
    }

    async fn create(&self, verb: &str, record: &str, more: Value) -> String {
        let mutation = format!("{verb}Create");
        let have = self.parents(&mutation).await;
        let made = self.done(&mutation, &have, more).await;
        id_in(&made, record).unwrap_or_else(|| panic!("no {record} in {made}"))
    }

    /// What is known, with new rows in the place of those of which a create takes each only once.
    async fn parents(&self, mutation: &str) -> Known {
        let mut have = self.known.clone();
        let once = match mutation {
            "membershipCreate" | "roleGrantCreate" | "poolMemberCreate" => "user",
            "contactAccountCreate" | "campaignMemberCreate" | "committeeMemberCreate" => "contact",
            "incentiveAccessGrantCreate" => "user",
            "incentiveAssignmentCreate" => {
                have.insert("incentivePlan".into(), Box::pin(self.plan()).await);
                "user"
            }
            "incentiveRunCreate" => {
                have.insert("signedPlan".into(), Box::pin(self.signed_plan(&[self.colleague().await])).await);
                return have;
            }
            "customerContractCreate" => "account",
            "dashboardShareCreate" => "dashboard",
            "opportunityLineCreate" => "product",
            "committeeRequirementCreate" | "stageCreate" => "pipeline",
            "buyerConfirmationCreate" => {
                have.insert("opportunity".into(), self.deal().await);
                return have;
            }
            _ => return have,
        };
        have.insert(once.into(), self.fresh(once).await);
        have
    }

    /// What is known, `id` being a row on which this mutation may act.
    pub async fn ready(&self, mutation: &str, variant: &str) -> Known {
        let record = record_of(mutation);
        if mutation.ends_with("Create") && mutation != "importCreate" {
            return self.parents(mutation).await;
        }
        let mut have = self.known.clone();
        if mutation.ends_with("Merge") {
            have.insert("loser".into(), self.fresh(&record).await);
        }
        let id = match mutation {
            "leadRequalify" | "userInvite" | "importCreate" | "targetEntryPropose" => {
                have.insert("account".into(), self.fresh("account").await);
                return have;
            }
            "incentiveAssignmentUpdate" | "incentiveAssignmentUpsert" | "incentiveAssignmentDelete" => {
                Box::pin(self.terms(&Box::pin(self.plan()).await, &self.colleague().await)).await
            }
            "incentiveAssignmentRestore" => {
                let terms = Box::pin(self.terms(&Box::pin(self.plan()).await, &self.colleague().await)).await;
                self.then("incentiveAssignmentDelete", terms, json!({})).await
            }
            "incentiveRunSubmit" => Box::pin(self.calculated_run(&[self.colleague().await])).await,
            "incentiveRunApprove" => {
                let run = Box::pin(self.submitted_run(&[self.colleague().await])).await;
                have.insert("runHash".into(), self.hash_of(&run).await);
                run
            }
            "incentiveStatementDispute" => Box::pin(self.locked_statement(&self.known["user"])).await,
            "incentiveStatementAdjust" => Box::pin(self.locked_statement(&self.colleague().await)).await,
            "incentiveDisputeReview" => Box::pin(self.others_quarrel()).await,
            "incentiveDisputeUphold" | "incentiveDisputeDeny" => {
                let dispute = Box::pin(self.others_quarrel()).await;
                Box::pin(self.by_other("incentiveDisputeReview", &self.with_known(&[("id", &dispute)]), json!({})))
                    .await;
                dispute
            }
            "incentiveRunLock" => Box::pin(self.approved_run(&[self.colleague().await])).await,
            "incentiveRunMarkPaid" | "incentiveRunReverse" => {
                Box::pin(self.locked_run(&[self.colleague().await])).await
            }
            "agreementVersionApprove" | "agreementVersionReject" if variant == "FINANCE" => {
                Box::pin(self.proposed_plan(&[self.colleague().await])).await
            }
            // changing them changes nothing for others; nobody else's own user
            _ if record != "user" && (mutation.ends_with("Update") || mutation.ends_with("Upsert")) => {
                self.known[&record].clone()
            }
            "userReactivate" => self.then("userDeactivate", self.fresh("user").await, json!({})).await,
            "userInviteRenew" => id_in(&self.done("userInvite", &have, json!({})).await, "user").expect("a user"),
            "leadOffer" => self.lead("MQL").await,
            "leadWork" => self.called(self.accepted().await).await,
            "leadConfirm" | "leadRecycle" => self.lead("WORKING").await,
            "leadConvert" => self.lead("SQL").await,
            "leadDisqualify" => self.called(self.lead("NEW").await).await,
            "leadReopen" => {
                self.made("lead", json!({ "status": "DISQUALIFIED", "disqualifyCategory": "NO_NEED" })).await
            }
            "initiativeFinish" => self.then("initiativeActivate", self.fresh("initiative").await, json!({})).await,
            "initiativeReopen" => self.then("initiativeDrop", self.fresh("initiative").await, json!({})).await,
            "opportunityReopen" => self.then("opportunityLose", self.fresh("opportunity").await, json!({})).await,
            "agreementVersionApprove" | "agreementVersionReject" | "agreementVersionWithdraw" => {
                self.then("agreementVersionPropose", self.draft().await, json!({})).await
            }
            "targetEntryVote" => self.proposed(if variant == "SALES" { "MARKETING" } else { "SALES" }).await,
            "handoffDispute" => self.rejected().await,
            "attributionDispute" => {
                let theirs = json!({ "primaryContactId": self.known["contact"] });
                have.insert("opportunity".into(), self.made("opportunity", theirs).await);
                return have;
            }
            "disputeBreakTie" => self.tied().await,
            "slaClockResume" => self.then("slaClockPause", self.timed().await, json!({})).await,
            "duplicatePairReopen" => self.then("duplicatePairDismiss", self.doubled().await, json!({})).await,
            _ if mutation.ends_with("Restore") => {
                self.then(&format!("{record}Delete"), self.fresh(&record).await, json!({})).await
            }
            _ => self.fresh(&record).await,
        };
        have.insert("id".into(), id);
        have
    }

    /// The row, after this was done to it.
    pub(super) async fn then(&self, mutation: &str, id: String, more: Value) -> String {
        self.with(mutation, &[("id", &id)], more).await;
        id
    }

    async fn with(&self, mutation: &str, ids: &[(&str, &str)], more: Value) -> Value {
        let mut have = self.known.clone();
        have.extend(ids.iter().map(|(record, id)| ((*record).to_owned(), (*id).to_owned())));
        self.done(mutation, &have, more).await
    }

    pub(super) async fn colleague(&self) -> String {
        let email = format!("{}@people.example", uuid::Uuid::now_v7().simple());
        user_in(self.me.app, &self.slug, "SDR", &email).await.1.to_string()
    }

    pub(super) fn other(&self) -> Person<'_> {
        self.me.app.with_rights(self.me.actor.organization, Rights::everything())
    }

    pub(super) fn access(&self) -> Access {
        Access::new(self.me.app.store.clone(), self.me.actor.clone(), None)
    }

    async fn routed(&self) -> String {
        let lead = self.then("leadRoute", self.lead("NEW").await, json!({})).await;
        self.first("routingDecisions", "leadId", &lead).await
    }

    async fn told(&self) -> String {
        let mut tx = self.access().begin(Permission::LeadUpdate).await.unwrap();
        let lead: entity::id::LeadId = self.known["lead"].parse().unwrap();
        let subject = format!("{} told", self.sample.mark);
        let told = Told { kind: "sla.breached", subject: &subject, about: ("lead", entity::id::RowId::uuid(lead)) };
        notification::tell(&mut tx, &[self.me.actor.user.unwrap()], &told).await.unwrap();
        tx.commit(json!(null)).await.unwrap();
        self.newest("notifications").await
    }

    pub(super) async fn draft(&self) -> String {
        let agreement = self.fresh("agreement").await;
        self.first("agreementVersions", "agreementId", &agreement).await
    }

    async fn approval(&self) -> String {
        let version = self.then("agreementVersionPropose", self.draft().await, json!({})).await;
        self.then("agreementVersionApprove", version.clone(), json!({ "side": "MARKETING" })).await;
        self.first("agreementApprovals", "agreementVersionId", &version).await
    }

    async fn aimed(&self) -> String {
        let goal = self.sample.input("GoalBodyInput", &self.known);
        let agreement = self.made("agreement", json!({ "body": { "goal": goal } })).await;
        self.first("goals", "agreementId", &agreement).await
    }

    /// How my goal stood at the end of a day of its own.
    async fn stood(&self) -> String {
        let goal = match self.known.get("goal") {
            Some(goal) => goal.clone(),
            None => self.fresh("goal").await,
        };
        let access = Access::new(self.me.app.store.clone(), Actor::system(self.me.actor.organization), None);
        let mut tx = access.begin(Permission::AgreementUpdate).await.unwrap();
        let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(self.sample.number());
        let row = goal_snapshot::ActiveModel {
            goal_id: Set(goal.parse().unwrap()),
            agreement_version_id: Set(self.known["qualification"].parse().unwrap()),
            day: Set(day),
            at: Set(self.me.app.store.now()),
            formula_version: Set(1),
            records: Set(0),
            few: Set(false),
            ..Default::default()
        };
        let id = tx.insert::<goal_snapshot::Entity>(row).await.unwrap().id;
        tx.commit(json!(null)).await.unwrap();
        id.to_string()
    }

    /// An account that somebody else wants on a list for this side.
    async fn proposed(&self, side: &str) -> String {
        let account = self.fresh("account").await;
        let arguments = json!({ "input": { "targetListId": self.known["targetList"], "side": side,
            "rows": [{ "accountId": account, "tier": "TIER_1", "reason": self.sample.mark }] } });
        assert_eq!(self.tries(&self.other(), "targetEntryPropose", &arguments).await.0, None);
        self.first("targetEntries", "accountId", &account).await
    }

    /// A sale's credit by the agreement in force.
    async fn credited(&self) -> String {
        // whose touches nobody else's are, so that it stays as it is
        let contact = self.fresh("contact").await;
        let deal = self.made("opportunity", json!({ "primaryContactId": contact })).await;
        let touch = json!({ "leadId": null, "contactId": contact, "campaignId": self.known["campaign"],
            "utmSource": self.sample.mark, "utmContent": self.sample.mark });
        self.made("touchpoint", touch).await;
        self.settles().await;
        self.first("attributionCredits", "opportunityId", &deal).await
    }

    /// Computes the credit that waits for it.
    pub(super) async fn settles(&self) {
        crate::attribution::computed(self.me.app).await;
    }

    /// A sale in the pipeline whose first stage asks for something.
    pub(super) async fn deal(&self) -> String {
        self.made("opportunity", json!({ "pipelineId": self.known["pipeline"] })).await
    }

    /// One that went on without it.
    async fn overridden(&self) -> String {
        let more = json!({ "stageId": self.known["laterStage"], "overrideReason": self.sample.mark });
        self.then("opportunityMove", self.deal().await, more).await;
        self.newest("overriddenCriteria").await
    }

    async fn merged(&self) -> String {
        let (winner, loser) = (self.fresh("lead").await, self.fresh("lead").await);
        let done = self.with("leadMerge", &[("id", &winner), ("loser", &loser)], json!({})).await;
        id_in(&done, "merge").expect("a merge")
    }

    /// Two accounts of one name, found to be.
    async fn doubled(&self) -> String {
        let name = format!("{} {}", self.sample.mark, uuid::Uuid::now_v7().simple());
        let one = self.made("account", json!({ "name": name, "domain": null })).await;
        self.made("account", json!({ "name": name, "domain": null })).await;
        let id = self.made("duplicateScan", json!({ "entity": "ACCOUNT" })).await;
        let access =
            Access::new(self.me.app.store.clone(), api::actor::Actor::system(self.me.actor.organization), None);
        scan::run(&access, id.parse().unwrap()).await.expect("the scan ends");
        let query = "{ duplicatePairs(first: 100, orderBy: [{ field: CREATED_AT, direction: DESC }]) { nodes { id firstId secondId } } }";
        let pairs = self.me.ask(query, json!({})).await.data()["duplicatePairs"]["nodes"].clone();
        let pair = pairs.as_array().unwrap().iter().find(|pair| pair["firstId"] == one || pair["secondId"] == one);
        pair.expect("the pair")["id"].as_str().unwrap().to_owned()
    }

    /// An import of which a row could not be brought in.
    pub(super) async fn failed(&self) -> String {
        self.then("importAppend", self.fresh("importJob").await, json!({})).await
    }
}
