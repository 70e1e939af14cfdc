//! Somebody who asks, and the answers they get.

use std::sync::Arc;

use api::{
    actor::{Actor, Permission, Reach, Rights, Via},
    store::Access,
};
use async_graphql::{Request, Variables};
use entity::id::{OrganizationId, RowId, SessionId, UserId};
use serde_json::Value;

use super::App;

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

impl Person<'_> {
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        let access = Access::new(self.app.store.clone(), self.actor.clone(), None);
        let request = Request::new(query).variables(Variables::from_json(variables)).data(access);
        let mut answer = self.app.schema.execute(request).await;
        for error in &answer.errors {
            println!("{:?}", error.source.as_ref().and_then(|s| s.downcast_ref::<api::error::Error>()));
        }
        answer.errors.iter_mut().for_each(api::error::annotate);
        let text = serde_json::to_string(&answer).expect("an answer is JSON");
        Answer(serde_json::from_str(&text).expect("an answer is JSON"))
    }
}

impl Answer {
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
