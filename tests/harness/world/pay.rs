//! Plans, runs and statements, made as people make them: nobody enters their own terms, approves what they have put up, or
//! what pays them.

use api::{
    actor::{Actor, Permission},
    store::{
        Access,
        jobs::{self, Handlers},
    },
};
use entity::incentive_adjustment::{self as adjustment, AdjustmentReason};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use super::{App, Known, World};
use crate::jobs::count;

/// Does the calculations that wait.
pub async fn calculated(app: &App) {
    let handlers = api::incentive::handlers(Handlers::default());
    let runner = tokio::spawn(jobs::run(app.store.clone(), handlers));
    // but what another node's clock, ahead of ours, has put down for tomorrow
    let waiting =
        "job WHERE done_at IS NULL AND failed_at IS NULL AND kind LIKE 'incentive.%' AND kind <> 'incentive.again'";
    for _ in 0..6000 {
        if count(&app.store, waiting).await == 0 {
            runner.abort();
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let why = crate::jobs::rows(&app.store, "SELECT last_error FROM job WHERE kind LIKE 'incentive.%'").await;
    panic!("never: {:?}", why.first().map(|row| row.try_get_by_index::<Option<String>>(0)));
}

impl World<'_> {
    pub(super) fn with_known(&self, more: &[(&str, &str)]) -> Known {
        let mut have = self.known.clone();
        have.extend(more.iter().map(|(record, id)| ((*record).to_owned(), (*id).to_owned())));
        have
    }

    /// A mutation by somebody else with every right.
    pub(super) async fn by_other(&self, mutation: &str, have: &Known, more: Value) -> Value {
        let mut arguments = self.sample.arguments("Mutation", mutation, have);
        arguments["input"].as_object_mut().expect("an input").extend(more.as_object().expect("an object").clone());
        let (refused, answer) = self.tries(&self.other(), mutation, &arguments).await;
        assert_eq!(refused, None, "{mutation} {arguments}: {}", answer.0);
        answer.data()["a0"].clone()
    }

    /// A draft of a plan: its version.
    pub(super) async fn plan(&self) -> String {
        let body = self.sample.input("IncentivePlanBodyInput", &self.known);
        let agreement = Box::pin(self.made("agreement", json!({ "body": { "incentivePlan": body } }))).await;
        Box::pin(self.first("agreementVersions", "agreementId", &agreement)).await
    }

    /// Somebody's terms in a draft.
    pub(super) async fn terms(&self, version: &str, user: &str) -> String {
        let have = self.with_known(&[("incentivePlan", version), ("user", user)]);
        let made = Box::pin(self.by_other("incentiveAssignmentCreate", &have, json!({}))).await;
        made["incentiveAssignment"]["id"].as_str().expect("an id").to_owned()
    }

    /// A plan with these people, up for signature.
    pub(super) async fn proposed_plan(&self, people: &[String]) -> String {
        let version = Box::pin(self.plan()).await;
        for user in people {
            Box::pin(self.terms(&version, user)).await;
        }
        Box::pin(self.then("agreementVersionPropose", version, json!({}))).await
    }

    pub(super) async fn signed_plan(&self, people: &[String]) -> String {
        let version = Box::pin(self.proposed_plan(people)).await;
        for side in ["MARKETING", "SALES", "FINANCE"] {
            let have = self.with_known(&[("id", &version)]);
            Box::pin(self.by_other("agreementVersionApprove", &have, json!({ "side": side }))).await;
        }
        version
    }

    pub(super) async fn drafted_run(&self, people: &[String]) -> String {
        let version = Box::pin(self.signed_plan(people)).await;
        let have = self.with_known(&[("signedPlan", &version)]);
        let made = Box::pin(self.by_other("incentiveRunCreate", &have, json!({}))).await;
        made["incentiveRun"]["id"].as_str().expect("an id").to_owned()
    }

    pub(super) async fn calculated_run(&self, people: &[String]) -> String {
        let run =
            Box::pin(self.then("incentiveRunCalculate", Box::pin(self.drafted_run(people)).await, json!({}))).await;
        calculated(self.me.app).await;
        run
    }

    pub(super) async fn hash_of(&self, run: &str) -> String {
        let query = "query($id: ID!) { incentiveRun(by: { id: $id }) { inputsHash failure } }";
        let answer = self.me.ask(query, json!({ "id": run })).await;
        let hash = answer.data()["incentiveRun"]["inputsHash"].as_str();
        hash.unwrap_or_else(|| panic!("it was not calculated: {}", answer.0)).to_owned()
    }

    /// One that pays nobody who is here, put up by somebody else.
    pub(super) async fn submitted_run(&self, people: &[String]) -> String {
        let run = Box::pin(self.calculated_run(people)).await;
        Box::pin(self.by_other("incentiveRunSubmit", &self.with_known(&[("id", &run)]), json!({}))).await;
        run
    }

    pub(super) async fn approved_run(&self, people: &[String]) -> String {
        let run = Box::pin(self.submitted_run(people)).await;
        let hash = Box::pin(self.hash_of(&run)).await;
        let have = self.with_known(&[("id", &run), ("runHash", &hash)]);
        Box::pin(self.by_other("incentiveRunApprove", &have, json!({}))).await;
        run
    }

    pub(super) async fn locked_run(&self, people: &[String]) -> String {
        Box::pin(self.then("incentiveRunLock", Box::pin(self.approved_run(people)).await, json!({}))).await
    }

    /// My line in a run of a sale that I have won.
    pub(super) async fn paid_line(&self) -> (String, String) {
        let sale = json!({ "pipelineId": self.known["pipeline"], "stageId": self.known["wonStage"],
            "openedAt": "2026-01-10T00:00:00Z", "closedAt": "2026-02-03T00:00:00Z" });
        Box::pin(self.made("opportunity", sale)).await;
        let run = Box::pin(self.calculated_run(&[self.known["user"].clone()])).await;
        let statement = Box::pin(self.first("incentiveStatements", "runId", &run)).await;
        let line = Box::pin(self.first("incentiveStatementLines", "statementId", &statement)).await;
        (statement, line)
    }

    /// The version of the plan that a run pays by.
    pub(super) async fn plan_of(&self, run: &str) -> String {
        let query = "query($id: ID!) { incentiveRun(by: { id: $id }) { agreementVersion { id } } }";
        let answer = self.me.ask(query, json!({ "id": run })).await;
        answer.data()["incentiveRun"]["agreementVersion"]["id"].as_str().expect("a version").to_owned()
    }

    /// Somebody's statement of a locked run.
    pub(super) async fn locked_statement(&self, user: &str) -> String {
        let run = Box::pin(self.locked_run(&[user.to_owned()])).await;
        Box::pin(self.first("incentiveStatements", "runId", &run)).await
    }

    /// A dispute of mine over my statement.
    pub(super) async fn quarrel(&self) -> String {
        let statement = Box::pin(self.locked_statement(&self.known["user"])).await;
        Box::pin(self.then("incentiveStatementDispute", statement.clone(), json!({}))).await;
        Box::pin(self.first("incentiveDisputes", "statementId", &statement)).await
    }

    /// A dispute of somebody else over a colleague's statement.
    pub(super) async fn others_quarrel(&self) -> String {
        let statement = Box::pin(self.locked_statement(&Box::pin(self.colleague()).await)).await;
        Box::pin(self.by_other("incentiveStatementDispute", &self.with_known(&[("id", &statement)]), json!({}))).await;
        Box::pin(self.first("incentiveDisputes", "statementId", &statement)).await
    }

    pub(super) async fn adjusted(&self) -> String {
        let (statement, line) = Box::pin(self.paid_line()).await;
        let said = "query($id: ID!) { incentiveStatement(by: { id: $id }) { run { id } agreementVersion { id } } }";
        let seen = self.me.ask(said, json!({ "id": statement })).await.data()["incentiveStatement"].clone();
        let access = Access::new(self.me.app.store.clone(), Actor::system(self.me.actor.organization), None);
        let mut tx = access.begin(Permission::IncentiveAdjust).await.unwrap();
        let row = adjustment::ActiveModel {
            user_id: Set(self.me.actor.user.unwrap()),
            run_id: Set(seen["run"]["id"].as_str().unwrap().parse().unwrap()),
            agreement_version_id: Set(seen["agreementVersion"]["id"].as_str().unwrap().parse().unwrap()),
            statement_line_id: Set(Some(line.parse().unwrap())),
            reason: Set(AdjustmentReason::Correction),
            amount_minor: Set(100),
            currency: Set("EUR".parse().unwrap()),
            note: Set(Some(self.sample.mark.clone())),
            triggered_at: Set(self.me.app.store.now()),
            ..Default::default()
        };
        let id = tx.insert::<adjustment::Entity>(row).await.unwrap().id;
        tx.commit(json!(null)).await.unwrap();
        id.to_string()
    }
}
