//! Duplicates: candidates for one record, scans of all, what is decided, and how well it works on labelled data.

use std::{collections::HashSet, path::PathBuf, time::Instant};

use api::{
    access::role::templates::Template,
    actor::Actor,
    crm::duplicate::{
        DEFAULT_SCORE, Rule,
        block::{Pair, candidates, pairs},
        compare, scan,
        subject::{Own, Said, Subject},
    },
    store::Access,
};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::{App, Person, json, on_both};

const FIND: &str = "query($input: DuplicateCandidatesInput!) { duplicateCandidates(input: $input) {
    record { __typename id } score rules } }";

async fn found(who: &Person<'_>, input: Value) -> Vec<Value> {
    who.ask(FIND, json!({ "input": input })).await.data()["duplicateCandidates"].as_array().unwrap().clone()
}

fn ids(found: &[Value]) -> Vec<Value> {
    found.iter().map(|c| c["record"]["id"].clone()).collect()
}

/// A scan, as the job runner does it.
async fn scanned(app: &App, who: &Person<'_>, of: &str) -> Value {
    let id = who.has("duplicateScan", json!({ "entity": of })).await;
    let access = Access::new(app.store.clone(), Actor::system(who.actor.organization), None);
    scan::run(&access, id.as_str().unwrap().parse().unwrap()).await.expect("the scan ends");
    who.sees("duplicateScan", &id, "status records found opened endedAt").await
}

const PAIRS: &str = "{ duplicatePairs(first: 50, orderBy: [{ field: SCORE, direction: DESC }]) { nodes { id entity firstId secondId score rules state } } }";

on_both! {
    async fn the_same_address_is_found_among_however_many_of_a_like_name(app) {
        let ann = app.founder().await;
        let joe = ann.has("lead", json!({ "lastName": "Marx", "email": "joe@marx.example" })).await;
        let upsert = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { status } } }";
        let rows: Vec<Value> = (0..600).map(|n| json!({ "firstName": "Joseph", "lastName": format!("Marx {n}") })).collect();
        ann.ask(upsert, json!({ "rows": rows })).await.data();
        let same = json!({ "lead": { "firstName": "Joseph", "lastName": "Marx", "email": "joe@marx.example" } });
        assert_eq!(ids(&found(&ann, same).await)[0], joe);
    }
}

on_both! {
    async fn a_lead_is_compared_before_and_after_it_is_saved(app) {
        let ann = app.founder().await;
        let joe = ann.has("lead", json!({ "firstName": "Joseph", "lastName": "Griffiths", "email": "joseph.griffiths@acme.example", "phone": "+4930123456" })).await;
        ann.has("lead", json!({ "firstName": "Mary", "lastName": "Jones", "email": "mary@acme.example" })).await;
        for same in [
            json!({ "email": "JOSEPH.griffiths@acme.example" }),
            json!({ "firstName": "Joseph", "lastName": "Grifiths" }),
            json!({ "firstName": "Griffiths", "lastName": "Joseph" }),
            json!({ "phone": "+49 30 123456" }),
            json!({ "email": "joseph.grifiths@acme.example", "lastName": "Griffiths" }),
        ] {
            let found = found(&ann, json!({ "lead": same })).await;
            assert_eq!(ids(&found), std::slice::from_ref(&joe), "{same}");
            assert!(found[0]["score"].as_i64().unwrap() >= 50 && !found[0]["rules"].as_array().unwrap().is_empty());
        }
        assert_eq!(found(&ann, json!({ "lead": { "firstName": "Josephine", "lastName": "Baker" } })).await, Vec::<Value>::new());
        let twin = ann.has("lead", json!({ "firstName": "Joe", "lastName": "Griffiths", "email": "joseph.griffiths@acme.example" })).await;
        let of_twin = found(&ann, json!({ "leadId": twin })).await;
        assert_eq!((ids(&of_twin), &of_twin[0]["rules"][0]), (vec![joe], &json!("EMAIL")));
        assert_eq!(found(&app.founder().await, json!({ "leadId": twin })).await, Vec::<Value>::new());
        assert_eq!(ann.ask(FIND, json!({ "input": { "lead": { "email": "nonsense" } } })).await.code(), "BAD_USER_INPUT");
    }
}

on_both! {
    async fn contacts_and_accounts_too_and_only_what_the_caller_sees(app) {
        let ann = app.founder().await;
        let doe = ann.has("contact", json!({ "firstName": "Jane", "lastName": "Doe", "email": "jane@x.example" })).await;
        assert_eq!(ids(&found(&ann, json!({ "contact": { "firstName": "Jane", "lastName": "Doe" } })).await), [doe]);
        let acme = ann.has("account", json!({ "name": "Acme Rocket Products Inc", "country": "US" })).await;
        assert_eq!(ids(&found(&ann, json!({ "account": { "name": "ACME Rocket Product GmbH" } })).await), std::slice::from_ref(&acme));
        assert_eq!(ids(&found(&ann, json!({ "account": { "name": "Acme Rocket Products", "country": "DE" } })).await), Vec::<Value>::new());
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(found(&rep, json!({ "account": { "name": "Acme Rocket Products" } })).await, Vec::<Value>::new());
    }
}

on_both! {
    async fn a_scan_opens_pairs_that_are_dismissed_or_merged(app) {
        let ann = app.founder().await;
        let lead = |n: &str, email: &str| json!({ "firstName": "Ann", "lastName": n, "email": email });
        let a = ann.has("lead", lead("Lee", "ann.lee@x.example")).await;
        let b = ann.has("lead", lead("Lee", "ann.lee@x.example")).await;
        let c = ann.has("lead", lead("Kowalska", "kowalska@y.example")).await;
        let d = ann.has("lead", lead("Kowalski", "kowalska@y.example")).await;
        let done = scanned(&app, &ann, "LEAD").await;
        assert_eq!((&done["status"], &done["records"], &done["found"], &done["opened"]), (&json!("DONE"), &json!(4), &json!(2), &json!(2)));
        let mut list = ann.ask(PAIRS, json!({})).await.data()["duplicatePairs"]["nodes"].as_array().unwrap().clone();
        list.sort_by_key(|pair| pair["firstId"].as_str().unwrap().to_owned());
        let pair = |at: usize| (list[at]["firstId"].clone(), list[at]["secondId"].clone(), list[at]["state"].clone());
        assert_eq!(pair(0), (a.clone(), b.clone(), json!("OPEN")));
        assert_eq!(pair(1), (c, d.clone(), json!("OPEN")));

        let gone = ann.does("duplicatePair", "Dismiss", json!({ "id": list[1]["id"] }), "state").await;
        assert_eq!(gone.data()["duplicatePairDismiss"]["duplicatePair"]["state"], "DISMISSED");
        let merge = "mutation($a: ID!, $b: ID!) { leadMerge(input: { winnerId: $a, loserIds: [$b] }) { userErrors { message } } }";
        assert_eq!(ann.ask(merge, json!({ "a": a, "b": b })).await.data()["leadMerge"]["userErrors"], json!([]));
        let again = scanned(&app, &ann, "LEAD").await;
        assert_eq!((&again["records"], &again["found"], &again["opened"]), (&json!(3), &json!(1), &json!(0)), "a dismissal stands");
        let states = ann.ask("{ duplicatePairAggregate(groupBy: [{ field: STATE }]) { key { state } count } }", json!({})).await;
        let states: Vec<Value> = states.data()["duplicatePairAggregate"].as_array().unwrap().iter().map(|g| g["key"]["state"].clone()).collect();
        assert_eq!(states, [json!("DISMISSED"), json!("MERGED")]);

        ann.does("lead", "Update", json!({ "id": d, "email": "other@z.example", "lastName": "Nowak" }), "id").await.data();
        ann.does("duplicatePair", "Reopen", json!({ "id": list[1]["id"] }), "state").await.data();
        scanned(&app, &ann, "LEAD").await;
        let open = "{ duplicatePairs(filter: { state: { eq: OPEN } }) { totalCount } }";
        assert_eq!(ann.ask(open, json!({})).await.data()["duplicatePairs"]["totalCount"], 0, "what no longer holds is closed");

        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(rep.makes("duplicateScan", json!({ "entity": "LEAD" })).await.code(), "FORBIDDEN");
    }
}

on_both! {
    async fn the_job_runner_does_it(app) {
        let ann = app.founder().await;
        for _ in 0..2 {
            ann.has("account", json!({ "name": "Globex" })).await;
        }
        let id = ann.has("duplicateScan", json!({ "entity": "ACCOUNT" })).await;
        let handlers = api::store::jobs::Handlers::default().on(scan::JOB, scan::work);
        let runner = tokio::spawn(api::store::jobs::run(app.store.clone(), handlers));
        let mut status = Value::Null;
        for _ in 0..2400 {
            status = ann.sees("duplicateScan", &id, "status found").await;
            if status["status"] == "DONE" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        runner.abort();
        assert_eq!(status, json!({ "status": "DONE", "found": 1 }));
    }
}

/// Precision and recall of a scan's pairs.
fn measure(subjects: Vec<Subject>, truth: &dyn Fn(Uuid) -> Uuid, name: &str) -> (f64, f64) {
    let all: Vec<(Uuid, Uuid)> = subjects.iter().map(|s| (s.id, truth(s.id))).collect();
    let mut real = 0;
    for (at, (_, one)) in all.iter().enumerate() {
        real += all[at + 1..].iter().filter(|(_, other)| one == other).count();
    }
    let mut sorted = subjects.clone();
    sorted.sort_by_key(|s| s.id);
    let blocked = candidates(&sorted).len();
    let began = Instant::now();
    let found = pairs(subjects, DEFAULT_SCORE);
    let right = found.iter().filter(|p| truth(p.first) == truth(p.second)).count();
    let unique: HashSet<_> = found.iter().map(|p| (p.first, p.second)).collect();
    assert_eq!(unique.len(), found.len());
    #[expect(clippy::cast_precision_loss, reason = "a few thousand pairs")]
    let (precision, recall) =
        (right as f64 / found.len() as f64, right as f64 / f64::from(u32::try_from(real).unwrap()));
    println!(
        "{name}: {} pairs of {blocked} compared, precision {precision:.4}, recall {recall:.4}, in {:?}",
        found.len(),
        began.elapsed()
    );
    (precision, recall)
}

fn splink(with_own: bool) -> Option<(Vec<Subject>, Vec<String>)> {
    let Ok(folder) = std::env::var("ACCORD_TEST_DATA") else {
        println!("!! ACCORD_TEST_DATA is not set: er_splink_fake1000 was NOT checked");
        return None;
    };
    let file = PathBuf::from(folder).join("er_splink_fake1000/fake_1000.csv");
    let mut rows = csv::Reader::from_path(file).expect("fake_1000.csv");
    let (mut subjects, mut truth) = (vec![], vec![]);
    for (at, row) in rows.records().enumerate() {
        let row = row.expect("a row");
        let cell = |at: usize| Some(row[at].to_owned()).filter(|text| !text.is_empty());
        let day = cell(3).map(|day| ("dob".to_owned(), Own::Day(day)));
        let city = cell(4).map(|city| ("city".to_owned(), Own::Text(city)));
        let own = if with_own { day.into_iter().chain(city).collect() } else { vec![] };
        let said = Said { first: cell(1), last: cell(2), email: cell(5), own, ..Said::default() };
        subjects.push(Subject::new(Uuid::from_u128(at as u128), said));
        truth.push(row[6].to_owned()); // never seen by the comparison
    }
    Some((subjects, truth))
}

#[test]
fn labelled_people_are_told_apart() {
    for (with_own, least) in [(true, 0.95), (false, 0.82)] {
        let Some((subjects, truth)) = splink(with_own) else { return };
        let cluster = |id: Uuid| Uuid::from_u128(truth[usize::try_from(id.as_u128()).unwrap()].parse().unwrap());
        let name =
            if with_own { "fake_1000 with birth and city as own fields" } else { "fake_1000, names and mail only" };
        let (precision, recall) = measure(subjects, &cluster, name);
        assert!(precision >= 0.95 && recall >= least, "{name}: {precision} {recall}");
    }
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn word(&mut self) -> String {
        let parts = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "xa", "dan", "fer", "gil", "hor", "jun"];
        (0..2 + self.roll(2)).map(|_| parts[self.roll(parts.len())]).collect()
    }
}

/// So many people, every tenth a second time with a slip.
fn people(count: usize) -> Vec<Subject> {
    let mut dice = Dice(7);
    let mut all: Vec<(Uuid, Said)> = Vec::with_capacity(count);
    for n in 0..count {
        let said = if n % 10 == 9 {
            let mut said = all[n - 1 - dice.roll(5)].1.clone();
            match dice.roll(3) {
                0 => said.email = None,
                1 => said.last = said.last.map(|name| name[1..].to_owned()),
                _ => said.first = None,
            }
            said
        } else {
            let (first, last, place) = (dice.word(), dice.word(), dice.word());
            let email = format!("{first}.{last}{}@{place}{}.example", dice.roll(100), dice.roll(1000));
            Said { first: Some(first), last: Some(last), email: Some(email), ..Said::default() }
        };
        all.push((Uuid::from_u128(n as u128), said));
    }
    all.into_iter().map(|(id, said)| Subject::new(id, said)).collect()
}

#[test]
fn made_up_people_are_told_apart_and_the_work_grows_with_their_number() {
    let subjects = people(4000);
    let mail = |s: &Subject| s.local().to_owned();
    let found = pairs(subjects.clone(), DEFAULT_SCORE);
    let by_id = |id: Uuid| subjects.iter().find(|s| s.id == id).unwrap();
    let seconds: Vec<&Subject> = subjects.iter().filter(|s| s.id.as_u128() % 10 == 9).collect();
    let hit = seconds.iter().filter(|s| found.iter().any(|p| p.first == s.id || p.second == s.id)).count();
    assert!(hit * 100 >= seconds.len() * 90, "{hit} of {}", seconds.len());
    let third = |p: &&Pair| p.verdict.rules.contains(&Rule::Third);
    assert!(found.iter().filter(|p| !third(p)).all(|p| compare(by_id(p.first), by_id(p.second)) == p.verdict));
    assert!(found.iter().filter(third).all(|p| compare(by_id(p.first), by_id(p.second)).points == p.verdict.points));
    assert!(!mail(&subjects[0]).is_empty());
    let compared = candidates(&subjects).len();
    assert!(compared < subjects.len() * 20, "{compared} pairs of {} people", subjects.len());
}
