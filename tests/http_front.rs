//! The front door alone: what it refuses, and what it makes of what it admits. No engine and no network.

use std::sync::Arc;

use api::http::{
    fault::{Code, Fault},
    front::{Admitted, Asked, Front, Mode, Trusted},
    limits::{Introspection, Limits},
};

const SCHEMA: &str = r#"
interface Node { id: ID! }
type Account implements Node { id: ID! name: String deals(first: Int): DealConnection! }
type Deal implements Node { id: ID! stage: String account: Account }
type DealConnection { nodes: [Deal!]! totalCount: Int! pageInfo: PageInfo! }
type PageInfo { hasNextPage: Boolean! }
type Query { viewer: String node(id: ID!): Node deals(first: Int, last: Int): DealConnection! }
type Mutation { sessionCreate: String bump: Int }
"#;

fn front(limits: Limits) -> Front {
    Front::new(SCHEMA, Trusted::default(), Arc::new(limits)).unwrap()
}

fn asked(text: &str) -> Asked {
    Asked { text: Some(text.to_owned()), ..Asked::default() }
}

fn admit(text: &str) -> Result<Admitted, Fault> {
    front(Limits::default()).admit(asked(text), true)
}

fn code(text: &str) -> &'static str {
    admit(text).err().map_or("OK", |fault| fault.code.as_str())
}

#[test]
fn brackets_in_strings_and_comments_are_text() {
    let text = format!("{{node(id: \"{}\") {{id}}}} # {}", "(".repeat(99), "[".repeat(99));
    assert_eq!(code(&text), "OK");
    let block = format!("{{node(id: \"\"\"{}\\\"\"\" \"\"\") {{id}}}}", "{".repeat(99));
    assert_eq!(code(&block), "OK");
}

#[test]
fn deep_values_never_reach_a_parser() {
    let text = format!("{{node(id: {}", "[".repeat(20_000));
    assert_eq!(code(&text), "QUERY_TOO_LARGE");
    let unclosed = format!("{{node(id: \"\n{}", "[".repeat(2_000));
    assert_eq!(code(&unclosed), "QUERY_TOO_LARGE");
}

#[test]
fn a_fragment_bomb_costs_nothing() {
    let mut text = "{...f0}".to_owned();
    for i in 0..60 {
        let next = i + 1;
        text += &format!("fragment f{i} on Query {{...f{next} ...f{next}}}");
    }
    text += "fragment f60 on Query {viewer}";
    assert_eq!(code(&text), "QUERY_TOO_LARGE");
}

#[test]
fn unknown_and_circular_fragments_are_refused() {
    assert_eq!(code("{...a} fragment a on Query {...a}"), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(code("{...nowhere}"), "GRAPHQL_VALIDATION_FAILED");
}

#[test]
fn cost_is_known_before_execution() {
    let cost = |text: &str| admit(text).unwrap().cost;
    assert_eq!(cost("{viewer}"), 0);
    assert_eq!(cost("{deals(first: 10) {nodes {id}}}"), 11);
    assert_eq!(cost("{deals {nodes {id} totalCount}}"), 36);
    assert_eq!(cost("{deals(first: 10) {nodes {account {deals(first: 5) {nodes {id}}}}}}"), 81);
    let deep =
        "{deals(first: 100) {nodes {account {deals(first: 100) {nodes {account {deals(first: 100) {nodes {id}}}}}}}}}";
    assert_eq!(code(deep), "COMPLEXITY_EXCEEDED");
}

#[test]
fn cost_sees_through_interfaces() {
    let text = "{node(id: \"x\") {... on Account {deals(first: 100) {nodes {account {deals(first: 100) {nodes {account {deals(first: 9) {nodes {id}}}}}}}}}}}";
    assert_eq!(code(text), "COMPLEXITY_EXCEEDED");
}

#[test]
fn a_repeated_mutation_is_one_field() {
    let text = "mutation {bump ...f ...f} fragment f on Mutation {bump}";
    assert!(admit(text).unwrap().single_mutation);
}

#[test]
fn sign_in_stands_alone() {
    assert_eq!(code("mutation {a: sessionCreate b: sessionCreate}"), "BAD_USER_INPUT");
    assert_eq!(code("mutation {sessionCreate sessionCreate}"), "OK");
}

#[test]
fn eleven_mutations_are_too_many() {
    let fields: String = (0..11).map(|i| format!("a{i}: bump ")).collect();
    assert_eq!(code(&format!("mutation {{{fields}}}")), "QUERY_TOO_LARGE");
}

#[test]
fn strangers_see_four_fields_and_no_schema() {
    let front = front(Limits::default());
    let stranger = |text: &str| front.admit(asked(text), false).err().map(|fault| fault.code);
    assert_eq!(stranger("{__typename viewer}"), None);
    assert_eq!(stranger("{deals {totalCount}}"), Some(Code::Unauthenticated));
    assert_eq!(stranger("{__schema {queryType {name}}}"), Some(Code::Unauthenticated));
    assert_eq!(stranger("{...f} fragment f on Query {__type(name: \"X\") {name}}"), Some(Code::Unauthenticated));
}

#[test]
fn introspection_has_a_switch() {
    let limits = Limits { introspection: Introspection::Off, ..Limits::default() };
    let refused = front(limits).admit(asked("{__schema {queryType {name}}}"), true);
    assert_eq!(refused.err().map(|fault| fault.code), Some(Code::Forbidden));
}

#[test]
fn no_message_suggests_a_name() {
    for text in ["{viewr}", "{node(di: 1) {id}}", "{node}", "{deals(first: ONE) {nodes {id}}}"] {
        let fault = admit(text).err().unwrap();
        assert!(fault.problems.iter().all(|p| !p.message.contains("Did you mean")));
    }
}

#[test]
fn the_fingerprint_ignores_layout_only() {
    let print = |text: &str| admit(text).unwrap().fingerprint();
    assert_eq!(print("mutation {bump}"), print("mutation  {\n bump #\n}"));
    assert_ne!(print("mutation {bump}"), print("mutation {a: bump}"));
}

#[test]
fn the_key_of_the_directive_is_reported() {
    let admitted = admit("mutation {bump @idempotent(key: \"k\")}").unwrap();
    assert_eq!(admitted.key.as_deref(), Some("k"));
    assert_eq!(code("{viewer @idempotent(key: \"k\")}"), "BAD_USER_INPUT");
}

#[test]
fn only_trusted_documents_run_when_it_is_said() {
    let manifest = r#"{"sha256:1": "{viewer}"}"#;
    let trusted = Trusted::new(Mode::Only, manifest).unwrap();
    let front = Front::new(SCHEMA, trusted, Arc::default()).unwrap();
    let named = |id: &str| Asked { document_id: Some(id.to_owned()), ..Asked::default() };
    assert!(front.admit(named("sha256:1"), true).is_ok());
    assert!(front.admit(named("sha256:2"), true).is_err());
    assert!(front.admit(asked("{viewer}"), true).is_err());
}
