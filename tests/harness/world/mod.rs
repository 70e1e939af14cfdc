//! An organisation with one of everything, all of it made and owned by one user, and what is needed to try a mutation:
//! a row on which it may act.

mod handed;
pub mod pay;
mod rows;

use api::{
    access::{organization::found, role::templates::Template},
    actor::{Actor, Permission, Rights, Via},
    crm::{pipeline, quality},
};
use entity::{
    id::{RowId, SessionId},
    word::Word,
};
use serde_json::{Value, json};

use super::{
    Answer, App, Person,
    sample::{Known, Sample, record_of},
};
use crate::access::{PASSWORD, user_in};

pub struct World<'a> {
    /// Has every right, made everything, and owns whatever can be owned.
    pub me: Person<'a>,
    /// A row of each record, by its name in root fields.
    pub known: Known,
    pub sample: Sample,
    slug: String,
}

/// Records on which others are built, in this order; all others follow.
const FIRST: [&str; 8] =
    ["contact", "campaign", "product", "opportunity", "team", "pool", "rejectionReason", "agreement"];

impl<'a> World<'a> {
    /// Every text in it begins with the mark.
    pub async fn of(app: &'a App, mark: &str) -> Self {
        let slug = format!("{mark}-{}", uuid::Uuid::now_v7().simple());
        found(&app.store, &slug, &[pipeline::seed_defaults, quality::seed_defaults]).await.expect("an organisation");
        let (organization, user) = user_in(app, &slug, Template::Admin.word(), &email(mark)).await;
        let via = Via::Session(SessionId::from_uuid(user.uuid()));
        let actor = Actor { organization, user: Some(user), via, rights: Rights::everything().into() };
        let known = [("organization", organization.to_string()), ("user", user.to_string())];
        let known = known.map(|(record, id)| (record.to_owned(), id)).into();
        let mut world = Self { me: Person { app, actor }, known, sample: Sample::new(mark), slug };
        world.fill().await;
        world
    }

    async fn fill(&mut self) {
        let colleague = self.colleague().await;
        self.known.insert("colleague".into(), colleague);
        self.agrees().await;
        self.sells().await;
        for entity in ["account", "contact", "lead", "campaign", "opportunity"] {
            self.made("customField", json!({ "entity": entity, "key": "word", "kind": "TEXT", "options": [] })).await;
        }
        for (record, name) in [("account", "name"), ("lead", "companyName")] {
            let more = json!({ name: format!("{} works", self.sample.mark) });
            let id = self.made(record, more).await;
            self.known.insert(record.into(), id);
        }
        let all = api::schema::records().into_iter().map(api::graph::Meta::lower);
        for record in FIRST.map(str::to_owned).into_iter().chain(all) {
            if !self.known.contains_key(&record) {
                let id = self.fresh(&record).await;
                self.known.insert(record, id);
            }
        }
        let mut payees = vec![self.known["user"].clone()];
        for _ in 0..4 {
            payees.push(self.colleague().await);
        }
        let locked = Box::pin(self.locked_run(&payees)).await;
        self.known.insert("payPlan".into(), Box::pin(self.plan_of(&locked)).await);
        self.known.insert("lockedRun".into(), locked);
        let (deal, job, version) = (self.deal().await, self.failed().await, self.draft().await);
        self.known.extend([("deal".into(), deal), ("failedImport".into(), job), ("otherVersion".into(), version)]);
        self.accepted().await;
    }

    /// The second stage of the default pipeline, and a pipeline of the sample's own.
    async fn sells(&mut self) {
        let stages = self.me.ask("{ stages(first: 20) { nodes { id name } } }", json!({})).await;
        let stages = stages.data()["stages"]["nodes"].as_array().expect("stages").clone();
        let next = stages.iter().find(|stage| stage["name"] == "Qualification").expect("a second stage");
        self.known.insert("nextStage".into(), next["id"].as_str().expect("an id").to_owned());
        let pipeline = self.fresh("pipeline").await;
        for (name, kind) in [("stage", "OPEN"), ("laterStage", "OPEN"), ("wonStage", "WON"), ("lostStage", "LOST")] {
            let more = json!({ "pipelineId": pipeline, "type": kind, "position": self.known.len() });
            let stage = self.made("stage", more).await;
            self.known.insert(name.into(), stage);
        }
        self.then("pipelineUpdate", pipeline.clone(), json!({ "active": true })).await;
        self.known.insert("pipeline".into(), pipeline);
    }

    /// Agreements of every kind that something asks for, in force.
    async fn agrees(&mut self) {
        let mark = self.sample.mark.clone();
        let always = json!({ "exists": "email" });
        for (key, body) in [
            ("MQL", json!({ "qualification": { "criteria": [{ "label": mark, "when": always }] } })),
            (
                "LEAD",
                json!({ "scoring": {
                "fit": [{ "name": mark, "when": always, "points": 20 }], "engagement": [], "groups": [], "halfLifeDays": 30,
                "grades": { "aFrom": 60, "bFrom": 20, "oneFrom": 60, "twoFrom": 20 } } }),
            ),
            (
                "LEADS",
                json!({ "routing": { "onCreate": false, "accountOwnerFirst": false, "rules": [
                { "label": mark, "then": { "action": "USER", "userId": self.known["user"] } }] } }),
            ),
            (
                "LEAD_RESPONSE",
                json!({ "sla": { "clockStart": "OFFERED", "targets": [{ "kind": "FIRST_RESPONSE", "minutes": 60 }],
                "volumes": [{ "status": "MQL", "leads": 1, "period": "MONTH" }] } }),
            ),
            ("CREDIT", json!({ "attribution": { "model": "LINEAR" } })),
            (
                "PIPELINE",
                json!({ "stageOwnership": { "stages": [{ "leadStatus": "NEW", "side": "MARKETING", "exitCriteria": mark }] } }),
            ),
        ] {
            let kind = body.as_object().and_then(|body| body.keys().next()).expect("a kind").clone();
            let version = self.me.agrees(key, body).await;
            self.known.insert(kind, version.as_str().expect("an id").to_owned());
        }
    }

    /// The same user with the rights of a role.
    pub fn as_role(&self, template: Template) -> Person<'a> {
        Person { app: self.me.app, actor: Actor { rights: template.rights().into(), ..self.me.actor.clone() } }
    }

    /// Carries out mutations with these arguments, and why each was not.
    pub async fn all(&self, who: &Person<'_>, calls: &[(&str, &Value)]) -> (Vec<Option<String>>, Answer) {
        if calls.iter().any(|(name, _)| name.starts_with("attributionFreeze"))
            && who.actor.may(Permission::AttributionFreeze)
        {
            // a period is not frozen while its credit is not what it should be
            self.settles().await;
        }
        let (query, variables) = Sample::operation("Mutation", calls);
        let answer = who.ask(&query, variables).await;
        ((0..calls.len()).map(|at| refusal(&answer, &format!("a{at}"))).collect(), answer)
    }

    /// The same with one.
    pub async fn tries(&self, who: &Person<'_>, mutation: &str, arguments: &Value) -> (Option<String>, Answer) {
        let (mut refusals, answer) = self.all(who, &[(mutation, arguments)]).await;
        (refusals.remove(0), answer)
    }

    /// What a mutation is told to be carried out: on a row made for it.
    pub async fn given(&self, mutation: &str, variant: &str) -> Value {
        let have = self.ready(mutation, variant).await;
        let mut arguments = self.sample.arguments("Mutation", mutation, &have);
        let record = record_of(mutation);
        match variant {
            "" if mutation.ends_with("Upsert") => {
                let name = record[..1].to_uppercase() + &record[1..];
                let row = self.sample.input(&format!("{name}UpdateInput"), &have);
                arguments["input"] = json!({ "rows": [row], "matchOn": "ID" });
            }
            "new" => {
                let name = record[..1].to_uppercase() + &record[1..];
                let have = self.ready(&format!("{record}Create"), "").await;
                arguments["input"] = json!({ "rows": [self.sample.input(&format!("{name}CreateInput"), &have)] });
            }
            "" => {}
            side => arguments["input"]["side"] = json!(side),
        }
        arguments
    }

    /// Does it as `me`, with `more` in the input; the payload.
    async fn done(&self, mutation: &str, have: &Known, more: Value) -> Value {
        let mut arguments = self.sample.arguments("Mutation", mutation, have);
        let input = arguments["input"].as_object_mut().expect("an input");
        input.extend(more.as_object().expect("an object").clone());
        let (refused, answer) = self.tries(&self.me, mutation, &arguments).await;
        assert_eq!(refused, None, "{mutation} {arguments}: {}", answer.0);
        answer.data()["a0"].clone()
    }

    /// The id of the first row of a list that is about this one.
    pub async fn first(&self, list: &str, key: &str, id: &str) -> String {
        let query =
            format!("query($id: ID!) {{ {list}(filter: {{ {key}: {{ eq: $id }} }}, first: 1) {{ nodes {{ id }} }} }}");
        let answer = self.me.ask(&query, json!({ "id": id })).await;
        let found = answer.data()[list]["nodes"][0]["id"].as_str();
        found.unwrap_or_else(|| panic!("no {list} of {id}")).to_owned()
    }

    /// The id of the newest row of a list.
    pub async fn newest(&self, list: &str) -> String {
        let answer = self.me.ask(&format!("{{ {list}(first: 1) {{ nodes {{ id }} }} }}"), json!({})).await;
        answer.data()[list]["nodes"][0]["id"].as_str().unwrap_or_else(|| panic!("no {list}")).to_owned()
    }

    async fn signs_in(&self) {
        let input = json!({ "email": email(&self.sample.mark), "password": PASSWORD, "organization": self.slug });
        let query = "mutation($in: SessionCreateInput!) { sessionCreate(input: $in) { userErrors { message } } }";
        let browser = [("user-agent", self.sample.mark.as_str())];
        self.me.app.ask_as(None, &browser, query, json!({ "in": input })).await.data();
    }
}

fn email(mark: &str) -> String {
    format!("{mark}@people.example")
}

/// Why a mutation was not carried out; none when it was.
fn refusal(answer: &Answer, call: &str) -> Option<String> {
    let payload = &answer.0["data"][call];
    let failed = payload["results"].as_array().into_iter().flatten().find(|row| row["status"] == "FAILED");
    let fault = failed.unwrap_or(payload)["userErrors"][0]["code"].as_str();
    let mut errors = answer.0["errors"].as_array().into_iter().flatten();
    let error = errors.find(|error| error["path"][0] == call || error["path"].is_null());
    let error = error.and_then(|error| error["extensions"]["code"].as_str());
    let nothing = payload.is_null().then_some("NOTHING");
    error.or(fault).or(nothing).map(str::to_owned)
}
