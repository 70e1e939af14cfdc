//! People that a file names: who cannot be made is not made, and stops nobody else.

use api::actor::{Permission, Reach, Scope};

use crate::{
    harness::{Person, json, on_both},
    import::{counts, created, sent, someone},
};

const PEOPLE: &str = r#"
about = "People, and a lead for each."

[[step]]
file = "people.csv"
entity = "user"
match = "email"
[step.fields]
email = "Mail"
name = "Name"

[[step]]
file = "people.csv"
entity = "lead"
match = { external_ref = "{Mail}", system = "sheet" }
[step.fields]
lastName = "Name"
"#;

on_both! {
    async fn a_refused_person_leaves_nothing_behind(app) {
        let ann = someone(&app, "acme").await;
        crate::access::user(&app, "SALES_REP", "rep@example.com").await;
        // whom they may bring in lies within their reach: nobody new does, and the colleague is not seen by this right
        let mut rights = (*ann.actor.rights).clone();
        rights.retain(|permission| permission != Permission::UserCreate);
        rights.grant(Permission::UserCreate, Reach { scope: Scope::Own, unassigned: false });
        let bob = Person { app: &app, actor: api::actor::Actor { rights: rights.into(), ..ann.actor.clone() } };
        let file = "Mail;Name\nnew@example.com;New\nrep@example.com;Rep\nnewer@example.com;Newer\nann@example.com;Ann\n";

        let id = created(&bob, PEOPLE, "people.csv").await;
        let job = sent(&bob, &id, file.as_bytes(), 1 << 20).await;

        assert_eq!(job["status"], "COMPLETED_WITH_ERRORS");
        let [read, created, .., failed] = counts(&job);
        assert_eq!((read, created, failed), (4, 1, 3), "the lead of who was there already is made: {job}");
        let there = ann.ask("{ users { totalCount nodes { email } } leads { totalCount } }", json!({})).await;
        assert_eq!(there.data()["users"]["totalCount"], 2, "{}", there.0);
        assert_eq!(there.data()["leads"]["totalCount"], 1);
        app.numbered().await;
        let log = ann.ask("{ changes(first: 100) { nodes { kind } } }", json!({})).await;
        assert_eq!(log.0.to_string().matches("user.invited").count(), 2, "ann and the colleague: {}", log.0);
    }
}
