//! The built binary is killed while many write, and started again: nothing it answered for is lost, and nothing that is
//! tried again is done twice. `ACCORD_TEST_CRASH_ROUNDS` says how often; three times unless told.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use api::access::{
    session::password::Hasher,
    setup::{NewUser, create_user},
};
use entity::id::UserId;
use serde_json::Value;

use crate::{
    access::PASSWORD,
    harness::{ARGON2, Database, Folder, Ground, PATIENCE, Reply, Server, Site, json},
};

const WRITERS: usize = 6;

const CREATE: &str =
    "mutation($input: LeadCreateInput!) { leadCreate(input: $input) { lead { id } userErrors { code message } } }";
const OFFER: &str =
    "mutation($input: LeadOfferInput!) { leadOffer(input: $input) { lead { id } userErrors { code message } } }";

/// A database and a data folder that outlive the processes on them.
struct Place {
    ground: Ground,
    folder: Folder,
}

impl Place {
    async fn new(database: Database) -> Option<Self> {
        let ground = Ground::new(database).await;
        if ground.is_none() {
            println!("ACCORD_TEST_POSTGRES_URL is not set: not run on PostgreSQL");
        }
        Some(Self { ground: ground?, folder: Folder::new() })
    }

    /// A user; nothing of this process is connected afterwards.
    async fn hires(&self, role: &str, email: &str) -> UserId {
        let store = self.ground.store().await;
        let new = NewUser { organization: "acme", email, role, name: None, password: PASSWORD };
        let hasher = Hasher::new(&ARGON2).expect("a hasher");
        create_user(&store, &hasher, &new, &[]).await.expect("a user").1
    }

    async fn serve(&self) -> Server {
        Server::start(&self.folder, &self.ground.url, &[]).await
    }
}

/// Somebody on a server that may be gone at any moment.
#[derive(Clone)]
struct Caller {
    site: Site,
    token: String,
}

impl Caller {
    async fn on(server: &Server) -> Self {
        Self { site: (**server).clone(), token: server.signs_in("ann@example.com").await }
    }

    /// A mutation with a key; none when it was not answered.
    async fn keyed(&self, key: &str, query: &str, input: &Value) -> Option<Reply> {
        let request = self.site.post().header("authorization", format!("Bearer {}", self.token));
        let request = request.header("idempotency-key", key);
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        self.site.try_to_send(request, body).await
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        self.site.ask(Some(&self.token), query, variables).await.data().clone()
    }

    /// Every node of a list.
    async fn all(&self, list: &str, said: &str) -> Vec<Value> {
        let query = format!(
            "query($after: String) {{ {list}, first: 100, after: $after) {{ nodes {{ {said} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let (mut nodes, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.ask(&query, json!({ "after": after })).await;
            let page = page.as_object().and_then(|data| data.values().next()).expect("a page").clone();
            nodes.extend(page["nodes"].as_array().expect("nodes").iter().cloned());
            if page["pageInfo"]["hasNextPage"] == false {
                return nodes;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }
}

/// The id of the lead that an answer tells of.
fn lead_of(reply: &Reply, mutation: &str) -> String {
    let payload = &reply.json()["data"][mutation];
    payload["lead"]["id"].as_str().unwrap_or_else(|| panic!("{}", reply.text())).to_owned()
}

/// What was sent under each key, and which lead was answered, if anything was.
type Sent = BTreeMap<String, Option<String>>;

fn input(key: &str) -> Value {
    json!({ "email": format!("{key}@example.com"), "lastName": key })
}

/// Writes one lead after the other until the server is gone.
async fn write(caller: Caller, name: String, answered: Arc<AtomicUsize>) -> Sent {
    let mut sent = Sent::new();
    for n in 0.. {
        let key = format!("{name}-{n}");
        let reply = caller.keyed(&key, CREATE, &input(&key)).await;
        let lead = reply.map(|reply| lead_of(&reply, "leadCreate"));
        let gone = lead.is_none();
        sent.insert(key, lead);
        if gone {
            break;
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    sent
}

async fn reaches(count: &AtomicUsize, wanted: usize) {
    let enough = async {
        while count.load(Ordering::Relaxed) < wanted {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, enough).await.expect("so many answers");
}

async fn writes_survive(database: Database) {
    let Some(place) = Place::new(database).await else { return };
    place.hires("ADMIN", "ann@example.com").await;
    let rounds = std::env::var("ACCORD_TEST_CRASH_ROUNDS").map_or(3, |n| n.parse().expect("a number of rounds"));
    let mut sent = Sent::new();
    for round in 0..rounds {
        let server = place.serve().await;
        let caller = Caller::on(&server).await;
        let answered = Arc::new(AtomicUsize::new(0));
        let writer = |n: usize| write(caller.clone(), format!("r{round}-w{n}"), answered.clone());
        let writers: Vec<_> = (0..WRITERS).map(|n| tokio::spawn(writer(n))).collect();
        reaches(&answered, 30 + round * 7 % 40).await;
        server.kill().await;
        for writer in writers {
            sent.extend(writer.await.expect("a writer"));
        }
    }
    let server = place.serve().await;
    let caller = Caller::on(&server).await;
    nothing_is_lost_or_doubled(&caller, sent).await;
}

async fn nothing_is_lost_or_doubled(caller: &Caller, sent: Sent) {
    let known = caller.all("leads(orderBy: [{ field: CREATED_AT }]", "id email").await.len();
    let answered = sent.values().filter(|lead| lead.is_some()).count();
    assert!((answered..=sent.len()).contains(&known), "{answered} answered, {known} there, {} sent", sent.len());
    let (mut of_key, mut replayed) = (BTreeMap::new(), 0);
    for (key, lead) in &sent {
        let reply = caller.keyed(key, CREATE, &input(key)).await.expect("an answer");
        let again = lead_of(&reply, "leadCreate");
        let replay = reply.header("idempotency-replayed") == "true";
        replayed += usize::from(replay);
        if let Some(lead) = lead {
            assert!(replay && again == *lead, "{key}: {lead} was answered before {again}");
        }
        of_key.insert(format!("{key}@example.com"), again);
    }
    assert_eq!(replayed, known, "what was there was answered again, the rest was done now");

    let leads = caller.all("leads(orderBy: [{ field: CREATED_AT }]", "id email").await;
    let found = leads.iter().map(|lead| (text(&lead["email"]), text(&lead["id"])));
    assert_eq!((leads.len(), found.collect::<BTreeMap<_, _>>()), (sent.len(), of_key));
    let told = told(caller, "Lead", leads.len()).await;
    assert!(told.values().all(|kinds| kinds == &["lead.created"]), "{told:?}");
    assert_eq!(told.len(), leads.len());
    assert!(leads.iter().all(|lead| told.contains_key(lead["id"].as_str().unwrap_or(""))));
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// What the log tells of each record of a type, once it holds so many events.
async fn told(caller: &Caller, of: &str, wanted: usize) -> BTreeMap<String, Vec<String>> {
    let mut events = Vec::new();
    for _ in 0..6000 {
        events = caller.all(&format!("changes(types: [\"{of}\"]"), "seq kind entityId").await;
        if events.len() >= wanted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let numbers: Vec<u64> = events.iter().map(|event| text(&event["seq"]).parse().expect("a number")).collect();
    assert!(numbers.windows(2).all(|two| two[0] < two[1]), "{numbers:?}");
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in events {
        told.entry(text(&event["entityId"])).or_default().push(text(&event["kind"]));
    }
    told
}

/// Both sides agree on ten minutes to accept and an hour to respond.
async fn promises(caller: &Caller, server: &Server) {
    let targets = json!([{ "kind": "ACCEPT", "minutes": 10 }, { "kind": "FIRST_RESPONSE", "minutes": 60 }]);
    let input = json!({ "key": "LEAD_RESPONSE", "title": "Response", "body": { "sla": { "targets": targets } } });
    let made = "mutation($input: AgreementCreateInput!) { agreementCreate(input: $input) { agreement { versions { nodes { id } } } } }";
    let made = caller.ask(made, json!({ "input": input })).await;
    let version = made["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
    let proposed = "mutation($id: ID!) { agreementVersionPropose(input: { id: $id }) { userErrors { code } } }";
    caller.ask(proposed, json!({ "id": version })).await;
    for (side, email) in [("MARKETING", "mona@example.com"), ("SALES", "stan@example.com")] {
        let token = server.signs_in(email).await;
        let signed = "mutation($i: AgreementVersionApproveInput!) { agreementVersionApprove(input: $i) { userErrors { code } } }";
        let signed = server.ask(Some(&token), signed, json!({ "i": { "id": version, "side": side } })).await;
        assert_eq!(signed.data()["agreementVersionApprove"]["userErrors"], json!([]));
    }
}

/// Leads are offered and the process is killed at once: what is due for the offers still happens.
async fn offers_survive(database: Database) {
    let Some(place) = Place::new(database).await else { return };
    place.hires("ADMIN", "ann@example.com").await;
    let sam = place.hires("SALES_REP", "sam@example.com").await.to_string();
    for (role, email) in [("MKT_MANAGER", "mona@example.com"), ("SALES_MANAGER", "stan@example.com")] {
        place.hires(role, email).await;
    }
    let server = place.serve().await;
    let caller = Caller::on(&server).await;
    promises(&caller, &server).await;
    let mut leads = Vec::new();
    for n in 0..18 {
        let lead = json!({ "email": format!("{n}@example.com"), "status": "MQL", "source": "web" });
        let made = caller.keyed(&format!("lead-{n}"), CREATE, &lead).await.expect("an answer");
        leads.push(lead_of(&made, "leadCreate"));
    }
    let expires = (chrono::Utc::now() + chrono::TimeDelta::seconds(6)).to_rfc3339();
    let answered = Arc::new(AtomicUsize::new(0));
    let offers: Vec<_> = leads
        .chunks(3)
        .map(|some| {
            let (caller, some, answered) = (caller.clone(), some.to_vec(), answered.clone());
            let input = json!({ "userId": sam, "expiresAt": expires });
            tokio::spawn(async move {
                let mut offered = Vec::new();
                for lead in some {
                    let mut input = input.clone();
                    input["id"] = json!(lead);
                    let Some(reply) = caller.keyed(&format!("offer-{lead}"), OFFER, &input).await else { break };
                    offered.push(lead_of(&reply, "leadOffer"));
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                offered
            })
        })
        .collect();
    reaches(&answered, 7).await;
    server.kill().await;
    let mut offered = Vec::new();
    for some in offers {
        offered.extend(some.await.expect("a writer"));
    }

    let server = place.serve().await;
    let caller = Caller::on(&server).await;
    let clocks = "slaClocks(orderBy: [{ field: KIND }]) { nodes { kind status } }";
    let there = caller.all("handoffs(orderBy: [{ field: CREATED_AT }]", &format!("id lead {{ id }} {clocks}")).await;
    for offer in &there {
        let nodes = offer["slaClocks"]["nodes"].as_array().expect("clocks");
        let kinds: Vec<String> = nodes.iter().map(|clock| text(&clock["kind"])).collect();
        assert_eq!(
            kinds,
            ["ACCEPT", "FIRST_RESPONSE"],
            "an offer is there with both its clocks, or not at all: {offer}"
        );
    }
    let of: Vec<String> = there.iter().map(|handoff| text(&handoff["lead"]["id"])).collect();
    assert!(offered.iter().all(|lead| of.iter().filter(|of| *of == lead).count() == 1), "{offered:?} of {of:?}");
    let mut ended = Vec::new();
    for _ in 0..2400 {
        ended = caller.all("handoffs(filter: { state: { eq: EXPIRED } }", &format!("id {clocks}")).await;
        if ended.len() == there.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(ended.len(), there.len(), "every offer ends in its time");
    let all = ended.iter().flat_map(|offer| offer["slaClocks"]["nodes"].as_array().expect("clocks"));
    assert!(all.clone().count() == 2 * there.len() && all.clone().all(|clock| clock["status"] == "VOID"), "{ended:?}");
    let untouched = caller.all("leads(filter: { handoffs: { none: {} } }", "id status").await;
    assert_eq!(untouched.len(), leads.len() - there.len());
    assert!(untouched.iter().all(|lead| lead["status"] == "MQL"), "not offered, or wholly: {untouched:?}");
    let told = told(&caller, "Handoff", there.len() * 2).await;
    assert!(told.values().all(|kinds| kinds == &["handoff.offered", "handoff.expired"]), "{told:?}");
}

#[tokio::test]
async fn every_answered_write_survives_a_kill_once_sqlite() {
    writes_survive(Database::Sqlite).await;
}

#[tokio::test]
async fn every_answered_write_survives_a_kill_once_postgres() {
    writes_survive(Database::Postgres).await;
}

#[tokio::test]
async fn an_offer_survives_a_kill_with_what_follows_sqlite() {
    offers_survive(Database::Sqlite).await;
}

#[tokio::test]
async fn an_offer_survives_a_kill_with_what_follows_postgres() {
    offers_survive(Database::Postgres).await;
}
