//! Incentives: from a plan that three have signed to what people are paid, and who sees it.

mod canary;
mod debts;
mod export;
mod journey;
mod kept;
mod plan;
pub mod rules;
mod run;
mod seen;
mod survives;
mod watch;

use api::{
    access::role::templates::Template,
    actor::{Actor, Rights},
    store::Access,
};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{Answer, App, PATIENCE, Person, calculated, json, on_both},
    metric::{bring, closed, money, stages},
};

/// Who sells, who signs, and two of finance.
pub struct House<'a> {
    pub app: &'a App,
    pub ann: Person<'a>,
    pub mia: Person<'a>,
    pub eva: Person<'a>,
    pub finn: Person<'a>,
    pub fay: Person<'a>,
    pub rep: Person<'a>,
    pub other: Person<'a>,
    pub stages: Value,
}

impl<'a> House<'a> {
    pub async fn of(app: &'a App) -> Self {
        let mut ann = person(app, Template::Admin, "ann").await;
        ann.actor.rights = Rights::everything().into();
        let mia = person(app, Template::MktManager, "mia").await;
        let eva = person(app, Template::SalesManager, "eva").await;
        let (finn, fay) = (person(app, Template::Finance, "finn").await, person(app, Template::Finance, "fay").await);
        let (rep, other) =
            (person(app, Template::SalesRep, "rep").await, person(app, Template::SalesRep, "other").await);
        for (who, side) in [(&mia, "MARKETING"), (&eva, "SALES"), (&rep, "SALES"), (&other, "SALES")] {
            ann.does("user", "Update", json!({ "id": who.id(), "side": side }), "id").await.data();
        }
        ann.does("user", "Update", json!({ "id": rep.id(), "reportsToId": eva.id() }), "id").await.data();
        ann.sells().await;
        let stages = stages(&ann).await;
        Self { app, ann, mia, eva, finn, fay, rep, other, stages }
    }

    /// Commission by tiers on half a million in the third quarter of 2025, with `more` said beside.
    pub fn body(&self, more: Value) -> Value {
        let tiers = json!([{ "from": "0", "to": "1", "rate": "0.08" }, { "from": "1", "to": "1.25", "rate": "0.12" },
            { "from": "1.25", "rate": "0.16" }]);
        let mut body = json!({ "periodStart": "2025-07-01", "periodEnd": "2025-10-01", "currency": "EUR", "components": [
            { "key": "AE", "name": "Sales", "commissionMarginal": { "roles": ["OWNER"], "tiers": tiers } }] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "incentivePlan": body })
    }

    /// A draft; its version.
    pub async fn drafted(&self, key: &str, body: Value) -> Value {
        let input = json!({ "key": key, "title": key, "body": body });
        let made = self.mia.does("agreement", "Create", input, "versions { nodes { id } }").await;
        let version = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
        assert!(version.is_string(), "{}", made.0);
        version
    }

    /// Somebody's terms in a draft, with a quota of half a million.
    pub async fn takes_in(&self, version: &Value, who: &Value, more: Value) -> Value {
        let mut input = json!({ "agreementVersionId": version, "userId": who, "side": "SALES",
            "targetBonus": money("0", "EUR"), "quota": money("500000", "EUR") });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.finn.has("incentiveAssignment", input).await
    }

    pub async fn propose(&self, version: &Value) -> Answer {
        self.mia.does("agreementVersion", "Propose", json!({ "id": version }), "id").await
    }

    pub async fn sign(&self, version: &Value) {
        let done = self.propose(version).await;
        assert_eq!(done.code(), "", "{}", done.0);
        for (who, side) in [(&self.mia, "MARKETING"), (&self.eva, "SALES"), (&self.finn, "FINANCE")] {
            let done = who.does("agreementVersion", "Approve", json!({ "id": version, "side": side }), "id").await;
            assert_eq!(done.code(), "", "{}", done.0);
        }
    }

    /// A signed plan in which these people sell.
    pub async fn agreed(&self, key: &str, people: &[&Person<'_>]) -> Value {
        let version = self.drafted(key, self.body(json!({}))).await;
        for who in people {
            self.takes_in(&version, &who.id(), json!({})).await;
        }
        self.sign(&version).await;
        version
    }

    /// Sales of somebody, won in the third quarter of 2025; their ids.
    pub async fn won(&self, who: &Person<'_>, amounts: &[&str]) -> Vec<Value> {
        let row = |amount: &&str| {
            let mut row = closed(&self.stages["Won"], amount, "08-10", 10);
            row["ownerId"] = who.id();
            row
        };
        bring(&self.ann, amounts.iter().map(row).collect()).await
    }

    pub async fn run_of(&self, version: &Value) -> Value {
        self.finn.has("incentiveRun", json!({ "agreementVersionId": version })).await
    }

    /// A step of a run by somebody.
    pub async fn step(&self, who: &Person<'_>, verb: &str, run: &Value, more: Value) -> Answer {
        let mut input = json!({ "id": run });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        who.does("incentiveRun", verb, input, "id status revision").await
    }

    /// Calculates it, and waits for that.
    pub async fn calculate(&self, run: &Value) -> Value {
        let done = self.step(&self.finn, "Calculate", run, json!({})).await;
        assert_eq!(done.code(), "", "{}", done.0);
        calculated(self.app).await;
        self.finn.sees("incentiveRun", run, "status revision inputsHash calculating lookedAt failure").await
    }

    /// Calculated, approved and locked.
    pub async fn locked(&self, run: &Value) {
        let hash = self.calculate(run).await["inputsHash"].clone();
        for (who, verb, more) in [
            (&self.finn, "Submit", json!({})),
            (&self.fay, "Approve", json!({ "inputsHash": hash })),
            (&self.finn, "Lock", json!({})),
        ] {
            let done = self.step(who, verb, run, more).await;
            assert_eq!(done.code(), "", "{verb}: {}", done.0);
        }
    }

    /// Somebody's current statement of a run, as somebody sees it.
    pub async fn statement(&self, who: &Person<'_>, run: &Value, of: &Person<'_>, said: &str) -> Value {
        let query = format!(
            "query($run: ID!, $of: ID!) {{ incentiveStatements(filter: {{ runId: {{ eq: $run }}, userId: {{ eq: $of }},
                current: {{ eq: true }} }}, first: 5) {{ nodes {{ {said} }} }} }}"
        );
        let found = who.ask(&query, json!({ "run": run, "of": of.id() })).await;
        found.data()["incentiveStatements"]["nodes"][0].clone()
    }

    pub fn system(&self) -> Access {
        Access::new(self.app.store.clone(), Actor::system(self.ann.actor.organization), None)
    }
}
