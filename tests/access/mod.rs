//! Who may come in, what they may do, and that it ends when it should.

mod keys;
mod limits;
mod meanwhile;
mod pay;
mod people;
mod rights;
mod sign_in;

use api::access::setup::{NewUser, create_user};
use entity::id::{OrganizationId, UserId};
use serde_json::Value;

use crate::harness::{Answer, App, json};

pub const PASSWORD: &str = "violet kettle nine";

/// An organisation with one user of a role; who they are.
pub async fn user(app: &App, role: &str, email: &str) -> (OrganizationId, UserId) {
    user_in(app, "acme", role, email).await
}

pub async fn user_in(app: &App, organization: &str, role: &str, email: &str) -> (OrganizationId, UserId) {
    let new = NewUser { organization, email, role, name: None, password: PASSWORD };
    create_user(&app.store, app.gate.hasher(), &new, &[]).await.expect("a user")
}

pub const SIGN_IN: &str = "mutation($in: SessionCreateInput!) { sessionCreate(input: $in) {
    session { accessToken refreshToken expiresAt } userErrors { code message field } } }";

pub async fn sign_in(app: &App, email: &str, password: &str) -> Answer {
    app.ask_as(None, &[], SIGN_IN, json!({ "in": { "email": email, "password": password } })).await
}

/// A signed-in user's tokens.
pub struct Signed<'a> {
    pub app: &'a App,
    pub access: String,
    pub refresh: String,
}

pub async fn signed<'a>(app: &'a App, email: &str) -> Signed<'a> {
    signed_in(app, "acme", email).await
}

/// The same where there are several organisations.
pub async fn signed_in<'a>(app: &'a App, organization: &str, email: &str) -> Signed<'a> {
    let input = json!({ "email": email, "password": PASSWORD, "organization": organization });
    let answer = app.ask_as(None, &[], SIGN_IN, json!({ "in": input })).await;
    let session = &answer.data()["sessionCreate"]["session"];
    let text = |name: &str| session[name].as_str().expect("signed in").to_owned();
    Signed { app, access: text("accessToken"), refresh: text("refreshToken") }
}

impl Signed<'_> {
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        self.app.ask_as(Some(&self.access), &[], query, variables).await
    }

    /// A mutation with one input; its payload's `fields` beside the user errors.
    pub async fn does(&self, name: &str, input: Value, fields: &str) -> Answer {
        let mut capital = name.to_owned();
        capital[..1].make_ascii_uppercase();
        let query = format!(
            "mutation($in: {capital}Input!) {{ {name}(input: $in) {{ {fields} userErrors {{ code message field }} }} }}"
        );
        self.ask(&query, json!({ "in": input })).await
    }

    /// The id of the role with this key.
    pub async fn role(&self, key: &str) -> String {
        let answer = self.ask("query($k: String!) { role(by: { key: $k }) { id } }", json!({ "k": key })).await;
        answer.data()["role"]["id"].as_str().expect("a role").to_owned()
    }

    /// Whether the token still opens anything.
    pub async fn is_in(&self) -> bool {
        self.ask("{ viewer { user { id } } }", json!({})).await.0["data"]["viewer"].is_object()
    }
}
