//! Somebody who asks, and the answers they get.

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
};

use api::{
    actor::{Actor, Permission, Reach, Rights, Via},
    graph::purse::Purse,
    schema::AppSchema,
    store::Access,
};
use async_graphql::{Request as Operation, Variables};
use axum::{body::Body, extract::ConnectInfo, http::Request};
use entity::id::{OrganizationId, RowId, SessionId, UserId};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{App, Sample};

pub struct Person<'a> {
    pub app: &'a App,
    pub actor: Actor,
}

pub struct Answer(pub Value);

impl App {
    /// Somebody with every right, in an organisation of their own.
    pub fn admin(&self) -> Person<'_> {
        self.with_rights(OrganizationId::from_uuid(uuid::Uuid::now_v7()), Rights::everything())
    }

    /// Somebody with every right in an organisation that was founded as the command line founds it.
    pub async fn founder(&self) -> Person<'_> {
        let slug = format!("founded-{}", uuid::Uuid::now_v7().simple());
        let home = api::access::organization::found(
            &self.store,
            &slug,
            &[api::crm::pipeline::seed_defaults, api::crm::quality::seed_defaults],
        )
        .await;
        self.with_rights(home.expect("an organisation"), Rights::everything())
    }

    pub fn with_rights(&self, organization: OrganizationId, rights: Rights) -> Person<'_> {
        let id = uuid::Uuid::now_v7();
        let user = Some(UserId::from_uuid(id));
        let via = Via::Session(SessionId::from_uuid(id));
        Person { app: self, actor: Actor { organization, user, via, rights: Arc::new(rights) } }
    }

    pub fn holding(&self, organization: OrganizationId, rights: &[(Permission, Reach)]) -> Person<'_> {
        let mut held = Rights::default();
        for (permission, reach) in rights {
            held.grant(*permission, *reach);
        }
        self.with_rights(organization, held)
    }
}

impl App {
    /// One POST through the router, with this token and these further headers.
    pub async fn ask_as(&self, token: Option<&str>, headers: &[(&str, &str)], query: &str, variables: Value) -> Answer {
        self.ask_from(None, token, headers, query, variables).await
    }

    /// The same from a certain address.
    pub async fn ask_from(
        &self,
        from: Option<&str>,
        token: Option<&str>,
        headers: &[(&str, &str)],
        query: &str,
        variables: Value,
    ) -> Answer {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = Request::post("/graphql").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut request = request.body(Body::from(body)).expect("a request");
        if let Some(from) = from {
            let peer = SocketAddr::new(from.parse().expect("an address"), 4711);
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let answer = Answer(serde_json::from_slice(&bytes).expect("an answer is JSON"));
        answer.is_documented();
        answer
    }
}

/// The codes that docs/ERRORS.md lists.
pub fn listed() -> Vec<&'static str> {
    let rows = include_str!("../../docs/ERRORS.md").lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| row.split(' ').next()).filter(|code| !code.starts_with('`')).collect()
}

impl Person<'_> {
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        self.app.people.lock().unwrap().insert(self.token(), self.actor.clone());
        self.app.ask_as(Some(&self.token()), &[], query, variables).await
    }

    fn token(&self) -> String {
        format!("test:{}", self.actor.key())
    }
}

impl Person<'_> {
    /// A subscription from a cursor on: its answers.
    pub fn stream(&self, document: &str, after: &Value) -> impl Stream<Item = Value> + Unpin + use<> {
        self.pays(document, after, Purse::new(|_| Ok(())))
    }

    /// The same of somebody whose purse is kept.
    pub fn pays(&self, document: &str, after: &Value, purse: Purse) -> impl Stream<Item = Value> + Unpin + use<> {
        let access = Access::new(self.app.store.clone(), self.actor.clone(), None);
        let variables = Variables::from_json(json!({ "after": after }));
        let request = Operation::new(document).variables(variables).data(access).data(purse);
        static SCHEMA: LazyLock<AppSchema> = LazyLock::new(api::schema::build);
        let answers = SCHEMA.execute_stream(request).boxed();
        answers.map(|mut answer| {
            answer.errors.iter_mut().for_each(api::error::annotate);
            serde_json::from_str(&serde_json::to_string(&answer).unwrap()).unwrap()
        })
    }
}

impl Answer {
    /// The codes of its user errors stand in their mutations' descriptions, those of its other errors in the list.
    pub fn is_documented(&self) {
        for error in self.0["errors"].as_array().into_iter().flatten() {
            let code = error["extensions"]["code"].as_str().unwrap_or_default();
            assert!(listed().contains(&code), "docs/ERRORS.md does not list {code}: {error}");
        }
        let payloads = self.0["data"].as_object().into_iter().flatten();
        for (name, payload) in payloads {
            let Some(field) = Sample::roots("Mutation").get(name) else { continue };
            let rows = payload["results"].as_array().into_iter().flatten().chain([payload]);
            let faults = rows.flat_map(|row| row["userErrors"].as_array().into_iter().chain(row["errors"].as_array()));
            for code in faults.flatten().filter_map(|fault| fault["code"].as_str()) {
                let about = field.description.as_ref().map(ToString::to_string).unwrap_or_default();
                let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
                let told = about.split("ser errors:").nth(1).is_some_and(|told| told.contains(code));
                assert!(told, "{name} does not say that it answers {code}: see Record::REFUSES");
            }
        }
    }

    /// The data, when nothing went wrong.
    pub fn data(&self) -> &Value {
        assert!(self.0.get("errors").is_none(), "{}", self.0);
        &self.0["data"]
    }

    /// The first user error's code, or the first top-level error's.
    pub fn code(&self) -> &str {
        if let Some(code) = self.0["errors"][0]["extensions"]["code"].as_str() {
            return code;
        }
        let payload = self.0["data"].as_object().and_then(|data| data.values().next());
        payload.and_then(|p| p["userErrors"][0]["code"].as_str()).unwrap_or("")
    }
}
