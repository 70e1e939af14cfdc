//! Credit for sales: exact, explained, kept as it is computed, frozen, disputed, and added up.

mod capture;
mod dispute;
mod followed;
mod frozen;
mod kept;
mod model;
mod performance;
mod report;
mod withheld;

use std::time::Duration;

use api::{config::Retention, integration::work, marketing::visitor, store::jobs};
use entity::id::{LeadId, RowId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::{
    harness::{App, Person},
    jobs::count,
};

/// The same, and nothing else that waits.
pub async fn computed(app: &App) {
    use api::alignment::attribution as credit;
    let handlers = jobs::Handlers::default()
        .on(credit::FOLLOW, |store, job| async move { credit::follow(&job.access(&store)?, &job).await })
        .on(credit::BUILD, |store, job| async move { credit::build(&job.access(&store)?, &job).await })
        .on(credit::REBUILD, |store, job| async move { credit::rebuild(&job.access(&store)?, &job).await })
        .on(visitor::FOLLOW, |store, job| async move { visitor::follow(&job.access(&store)?, &job).await });
    // what visitors did is followed a minute later, which would come in between
    let now = "UPDATE job SET run_at = created_at WHERE kind = 'visitor.follow' AND done_at IS NULL";
    app.store.migrator().execute_unprepared(now).await.unwrap();
    done(app, handlers).await;
}

/// Does what changes have put down, until nothing of it waits.
pub async fn settled(app: &App) {
    done(app, work::handlers(&Retention::default())).await;
}

async fn done(app: &App, handlers: jobs::Handlers) {
    let runner = tokio::spawn(jobs::run(app.store.clone(), handlers));
    let waiting = "job WHERE done_at IS NULL AND failed_at IS NULL
        AND (kind LIKE 'attribution.%' OR kind = 'visitor.follow' AND run_at <= created_at)";
    for _ in 0..6000 {
        if count(&app.store, waiting).await == 0 {
            runner.abort();
            assert_eq!(count(&app.store, "job WHERE last_error IS NOT NULL").await, 0, "a job failed");
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("credit is not settled: {}", count(&app.store, waiting).await);
}

/// Somebody who founded an organisation, and what sales are made of there.
pub struct Shop<'a> {
    pub app: &'a App,
    pub ann: Person<'a>,
    pub stages: Value,
}

impl<'a> Shop<'a> {
    pub async fn open(app: &'a App) -> Self {
        let ann = app.founder().await;
        let stages = ann.ask("{ stages(first: 20) { nodes { id name } } }", json!({})).await;
        let nodes = stages.data()["stages"]["nodes"].as_array().expect("stages").clone();
        let stages = nodes.iter().map(|s| (s["name"].as_str().expect("a name").to_owned(), s["id"].clone())).collect();
        Self { app, ann, stages }
    }

    /// An account with a contact; their ids.
    pub async fn buyer(&self, name: &str) -> (Value, Value) {
        let account = self.ann.has("account", json!({ "name": name })).await;
        let contact = self.ann.has("contact", json!({ "lastName": name, "accountId": account })).await;
        (account, contact)
    }

    /// A lead who came at a time.
    pub async fn lead(&self, email: &str, at: &str) -> Value {
        let lead = self.ann.has("lead", json!({ "email": email })).await;
        let id: LeadId = lead.as_str().unwrap().parse().unwrap();
        let at: chrono::DateTime<chrono::Utc> = at.parse().unwrap();
        entity::lead::Entity::update_many()
            .col_expr(entity::lead::Column::CreatedAt, Expr::val(at))
            .filter(entity::lead::Column::Id.eq(id.uuid()))
            .exec(self.app.store.migrator())
            .await
            .unwrap();
        lead
    }

    /// A sale that was won, in what more it is told.
    pub async fn won(&self, name: &str, amount: &str, more: Value) -> Value {
        let mut deal = json!({ "name": name, "stageId": self.stages["Won"], "openedAt": "2026-03-02T09:00:00Z",
            "closedAt": "2026-04-15T10:00:00Z", "amount": { "amount": amount, "currency": "EUR" } });
        deal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ann.has("opportunity", deal).await
    }

    /// The worked journey of 120,000.00: six touches of the contact, a lead of Jan 20, opened Mar 2, won Apr 15.
    pub async fn journey(&self) -> (Value, Value, Vec<Value>) {
        let (account, contact) = self.buyer("Acme").await;
        let lead = self.lead("joe@acme.com", "2026-01-20T10:30:00Z").await;
        let mut touches = vec![];
        for (n, day) in ["01-05", "01-20", "02-10", "03-01", "03-20", "04-10"].into_iter().enumerate() {
            touches.push(self.touch(&contact, day, n, json!({})).await);
        }
        let deal = json!({ "accountId": account, "primaryContactId": contact, "sourceLeadId": lead });
        (self.won("Big", "120000.00", deal).await, contact, touches)
    }

    /// A visit of a contact on a day of 2026.
    pub async fn touch(&self, contact: &Value, day: &str, n: usize, more: Value) -> Value {
        let mut touch = json!({ "kind": "WEB_VISIT", "channel": "ORGANIC", "occurredAt": format!("2026-{day}T10:00:00Z"),
            "contactId": contact, "system": "web", "externalEventId": format!("{contact}{n}") });
        touch.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ann.has("touchpoint", touch).await
    }

    /// A draft of an agreement on credit; its version's id.
    pub async fn drafts(&self, key: &str, body: Value) -> Value {
        let input = json!({ "key": key, "title": key, "body": { "attribution": body } });
        let made = self.ann.does("agreement", "Create", input, "versions { nodes { id } }").await;
        let id = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
        assert!(id.is_string(), "{}", made.0);
        id
    }

    /// An agreement on credit that is in force; its version's id.
    pub async fn agrees(&self, key: &str, body: Value) -> Value {
        self.ann.agrees(key, json!({ "attribution": body })).await
    }
}

pub const ATTRIBUTION: &str = "query($deal: ID!, $model: ID!, $anchor: AttributionAnchor) {
    attribution(opportunityId: $deal, modelId: $model, anchor: $anchor) {
        key version anchor anchoredAt amount { amount currency } leftOutCount
        credits { touchpoint { id } unattributed channel milestones weight amount { amount } sourcing }
        leftOut { touchpoint { id } reason } } }";

pub async fn attribution(who: &Person<'_>, deal: &Value, model: &Value, anchor: &str) -> Value {
    let answer = who.ask(ATTRIBUTION, json!({ "deal": deal, "model": model, "anchor": anchor })).await;
    answer.data()["attribution"].clone()
}

/// What each touch earned, in order.
pub fn amounts(attribution: &Value) -> Vec<&str> {
    let credits = attribution["credits"].as_array().expect("credits");
    credits.iter().map(|credit| credit["amount"]["amount"].as_str().expect("an amount")).collect()
}
