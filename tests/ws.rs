//! Sockets and event streams over a real connection: how they begin, what they tell to whom, and how they end.

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    access::user,
    harness::{App, Database, Folder, Opening, Served, Server, Site, Socket, json, on_both},
};

const FOLLOW: &str =
    "subscription($after: String) { changes(after: $after, types: [\"Lead\"]) { cursor op entityId } }";
const CREATE: &str =
    "mutation($input: LeadCreateInput!) { leadCreate(input: $input) { lead { id } userErrors { code } } }";
const VIEWER: &str = "{ viewer { user { email } } }";

async fn sqlite() -> App {
    App::start(Database::Sqlite).await.expect("SQLite starts")
}

/// A signed-in administrator's site and token.
async fn admin(app: &App, settings: &[(&str, &str)]) -> (Served, String) {
    user(app, "ADMIN", "ann@example.com").await;
    let site = app.serve(settings).await;
    let token = site.signs_in("ann@example.com").await;
    (site, token)
}

async fn lead(site: &Site, token: &str, input: Value) -> Value {
    let made = site.ask(Some(token), CREATE, json!({ "input": input })).await;
    let id = made.data()["leadCreate"]["lead"]["id"].clone();
    assert!(id.is_string(), "{}", made.0);
    id
}

/// Where the feed stands now.
async fn here(site: &Site, token: &str) -> Value {
    let feed = site.ask(Some(token), "{ changes(first: 1) { latestCursor } }", json!({})).await;
    feed.data()["changes"]["latestCursor"].clone()
}

async fn sign_out(site: &Site, token: &str) {
    let session = site.ask(Some(token), "{ viewer { session { id } } }", json!({})).await;
    let id = &session.data()["viewer"]["session"]["id"];
    let revoke = "mutation($id: ID!) { sessionRevoke(input: { id: $id }) { userErrors { code } } }";
    let done = site.ask(Some(token), revoke, json!({ "id": id })).await;
    assert_eq!(done.data()["sessionRevoke"]["userErrors"], json!([]));
}

#[tokio::test]
async fn a_socket_begins_with_who_one_is() {
    let app = sqlite().await;
    let (site, token) = admin(&app, &[]).await;

    let mut stranger = site.socket().await;
    assert_eq!(stranger.init(None).await["type"], "connection_ack");
    stranger.subscribe("1", VIEWER, json!({})).await;
    assert_eq!(stranger.next("1").await, json!({ "viewer": null }));
    assert_eq!(stranger.hear().await, json!({ "id": "1", "type": "complete" }));
    stranger.subscribe("2", FOLLOW, json!({})).await;
    let refused = stranger.hear().await;
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("2")));
    assert_eq!(refused["payload"][0]["extensions"]["code"], "UNAUTHENTICATED");

    let mut ann = site.socket_of(&token).await;
    ann.subscribe("1", VIEWER, json!({})).await;
    assert_eq!(ann.next("1").await["viewer"]["user"]["email"], "ann@example.com");
    assert_eq!(ann.hear().await["type"], "complete");

    for wrong in ["nonsense", "eyJhbGciOiJub25lIn0.e30."] {
        let mut liar = site.socket().await;
        assert_eq!(liar.init(Some(wrong)).await["close"], 4403, "{wrong}");
    }
}

#[tokio::test]
async fn who_does_not_keep_the_protocol_is_shown_out() {
    let app = sqlite().await;
    let (site, token) = admin(&app, &[]).await;
    let mut early = site.socket().await;
    early.subscribe("1", VIEWER, json!({})).await;
    assert_eq!(early.closed().await, 4401);
    let mut twice = site.socket_of(&token).await;
    assert_eq!(twice.init(Some(&token)).await["close"], 4429);
    let mut same = site.socket_of(&token).await;
    same.subscribe("1", FOLLOW, json!({})).await;
    same.subscribe("1", FOLLOW, json!({})).await;
    assert_eq!(same.closed().await, 4409);
    for text in [json!([]), json!({ "type": "hello" }), json!({ "type": "subscribe", "id": "1", "payload": 1 })] {
        let mut odd = site.socket_of(&token).await;
        odd.say(text.clone()).await;
        assert_eq!(odd.closed().await, 4400, "{text}");
    }
    let mut silent =
        site.open(Opening { protocol: None, ..Opening::default() }).await.expect("it is opened to be told");
    assert_eq!(silent.closed().await, 4406);
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let app = sqlite().await;
    let (site, _) = admin(&app, &[("ACCORD_LIMITS__INIT_MS", "100")]).await;
    assert_eq!(site.socket().await.closed().await, 4408);
}

#[tokio::test]
async fn sockets_of_other_sites_pages_are_refused() {
    let app = sqlite().await;
    let (site, _) = admin(&app, &[("ACCORD_ALLOWED_ORIGINS", "https://app.example.com")]).await;
    let own = site.url("");
    for (origin, opens) in [
        ("https://app.example.com", true),
        (&*own, true),
        ("https://evil.example.com", false),
        ("https://app.example.com.evil.org", false),
        ("null", false),
    ] {
        let opened = site.open(Opening { origin: Some(origin), ..Opening::default() }).await;
        assert_eq!(opened.err(), (!opens).then_some(403), "{origin}");
    }
}

#[tokio::test]
async fn both_sides_may_ask_whether_the_other_is_there() {
    let app = sqlite().await;
    let (site, token) = admin(&app, &[("ACCORD_LIMITS__PING_MS", "300")]).await;
    let mut ann = site.socket_of(&token).await;
    ann.say(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    let (mut pings, mut pongs) = (0, 0);
    while pings < 2 || pongs < 1 {
        let message = ann.hear().await;
        match message["type"].as_str() {
            Some("ping") => {
                pings += 1;
                ann.say(json!({ "type": "pong" })).await;
            }
            _ => {
                pongs += 1;
                assert_eq!(message, json!({ "type": "pong", "payload": { "n": 1 } }));
            }
        }
    }
    assert_eq!(pongs, 1);
}

on_both! {
    async fn a_change_is_told_to_who_may_see_it_and_to_nobody_else(app) {
        let (_, sam) = user(&app, "SALES_REP", "sam@example.com").await;
        let (site, ann_token) = admin(&app, &[]).await;
        let sam_token = site.signs_in("sam@example.com").await;
        let cursor = here(&site, &ann_token).await;
        let (mut ann, mut rep) = (site.socket_of(&ann_token).await, site.socket_of(&sam_token).await);
        ann.subscribe("1", FOLLOW, json!({ "after": cursor })).await;
        rep.subscribe("1", FOLLOW, json!({ "after": here(&site, &sam_token).await })).await;

        let me = site.ask(Some(&ann_token), "{ viewer { user { id } } }", json!({})).await;
        let me = &me.data()["viewer"]["user"]["id"];
        let hers = lead(&site, &ann_token, json!({ "lastName": "Hers", "ownerId": me })).await;
        let his = lead(&site, &ann_token, json!({ "lastName": "His", "ownerId": sam.to_string() })).await;
        for id in [&hers, &his] {
            let told = ann.next("1").await;
            assert_eq!((&told["changes"]["op"], &told["changes"]["entityId"]), (&json!("CREATED"), id));
        }
        let told = rep.next("1").await;
        assert_eq!((&told["changes"]["op"], &told["changes"]["entityId"]), (&json!("CREATED"), &his));
        // whatever else was meant for him would have come before this
        rep.say(json!({ "type": "complete", "id": "1" })).await;
        rep.say(json!({ "type": "ping" })).await;
        assert_eq!(rep.hear().await["type"], "pong");
    }
}

on_both! {
    async fn a_cut_socket_goes_on_from_its_cursor_without_gap_or_double(app) {
        let (site, token) = admin(&app, &[]).await;
        let mut after = here(&site, &token).await;
        let (mut made, mut told) = (Vec::new(), Vec::new());
        let writes = async {
            for n in 0..30 {
                made.push(lead(&site, &token, json!({ "lastName": format!("Lead {n}") })).await);
            }
        };
        let reads = async {
            while told.len() < 30 {
                let mut socket = site.socket_of(&token).await;
                socket.subscribe("1", FOLLOW, json!({ "after": after })).await;
                for _ in 0..(30 - told.len()).min(7) {
                    let change = socket.next("1").await["changes"].clone();
                    after = change["cursor"].clone();
                    told.push(change["entityId"].clone());
                }
                socket.cut();
            }
        };
        tokio::join!(writes, reads);
        assert_eq!(told, made);
    }
}

on_both! {
    async fn a_socket_ends_with_its_session(app) {
        let (site, token) = admin(&app, &[("ACCORD_LIMITS__RECHECK_MS", "50")]).await;
        let other = site.signs_in("ann@example.com").await;
        let (mut ended, mut open) = (site.socket_of(&token).await, site.socket_of(&other).await);
        ended.subscribe("1", FOLLOW, json!({})).await;
        sign_out(&site, &token).await;
        assert_eq!(ended.closed().await, 4403);
        assert_eq!(site.socket().await.init(Some(&token)).await["close"], 4403, "nor does it open another");
        open.subscribe("1", VIEWER, json!({})).await;
        assert_eq!(open.next("1").await["viewer"]["user"]["email"], "ann@example.com");
    }
}

/// The next event of a stream: its name and data.
async fn event(body: &mut (impl futures_util::Stream<Item = Result<Bytes, axum::Error>> + Unpin)) -> (String, String) {
    let mut text = String::new();
    while !text.ends_with("\n\n") {
        let chunk = body.next().await.expect("the stream goes on").expect("a chunk");
        text += std::str::from_utf8(&chunk).expect("text");
        // comments keep the connection open
        text = text.lines().filter(|line| !line.starts_with(':')).map(|line| format!("{line}\n")).collect();
        text = text.trim_start().to_owned();
    }
    let part = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").trim().to_owned();
    (part("event:"), part("data:"))
}

on_both! {
    async fn an_event_stream_tells_the_same_and_ends_with_its_session(app) {
        let (site, token) = admin(&app, &[("ACCORD_LIMITS__RECHECK_MS", "50")]).await;
        let stream_of = |query: &str, variables: Value| {
            let request = site.post().header("accept", "text/event-stream");
            let request = request.header("authorization", format!("Bearer {token}"));
            let body = json!({ "query": query, "variables": variables }).to_string();
            async { site.begin(request, body).await.expect("an answer") }
        };
        let (refused, _) = stream_of("subscription { nope }", json!({})).await;
        assert_eq!(refused.status, 400);
        let (parts, body) = stream_of(FOLLOW, json!({ "after": here(&site, &token).await })).await;
        assert_eq!((parts.status.as_u16(), &parts.headers["content-type"]), (200, &"text/event-stream".parse().unwrap()));
        let mut stream = body.into_data_stream();
        let made = lead(&site, &token, json!({ "lastName": "New" })).await;
        let (name, data) = event(&mut stream).await;
        let data: Value = serde_json::from_str(&data).expect("JSON");
        assert_eq!((&*name, &data["data"]["changes"]["entityId"]), ("next", &made));
        sign_out(&site, &token).await;
        assert_eq!(event(&mut stream).await.0, "complete");
        assert!(stream.next().await.is_none());
    }
}

on_both! {
    async fn a_server_that_is_told_to_go_ends_what_it_has_begun(app) {
        user(&app, "ADMIN", "ann@example.com").await;
        let folder = Folder::new();
        let server = Server::start(&folder, &app.url, &[("ACCORD_LIMITS__BODY_MS", "60000")]).await;
        let token = server.signs_in("ann@example.com").await;
        let mut socket: Socket = server.socket_of(&token).await;
        socket.subscribe("1", FOLLOW, json!({})).await;

        // a mutation whose body has come only in part
        let text = json!({ "query": CREATE, "variables": { "input": { "lastName": "Late" } } }).to_string();
        let (send, rest) = mpsc::channel::<Bytes>(2);
        send.send(Bytes::copy_from_slice(&text.as_bytes()[..20])).await.expect("it is sent");
        let body = Body::from_stream(stream::unfold(rest, |mut rest| async {
            rest.recv().await.map(|part| (Ok::<_, std::io::Error>(part), rest))
        }));
        let request = server.post().header("authorization", format!("Bearer {token}"));
        let running = {
            let site: Site = (*server).clone();
            tokio::spawn(async move { site.send(request, body).await })
        };
        busy(&server, 2).await;

        server.terminate().await;
        assert_eq!(socket.closed().await, 1001);
        let probe = server.try_to_send(Request::get(server.url("/readyz")), "").await;
        assert!(probe.is_none_or(|probe| probe.status == 503), "balancers are told, or it listens no more");
        send.send(Bytes::copy_from_slice(&text.as_bytes()[20..])).await.expect("it is sent");
        drop(send);
        let answer = running.await.expect("it ran");
        let id = answer.json()["data"]["leadCreate"]["lead"]["id"].clone();
        assert!(answer.status == 200 && id.is_string(), "{}", answer.text());
        let (code, log) = server.ended().await;
        assert_eq!(code, Some(0), "{log}");
        let site = app.serve(&[]).await;
        let token = site.signs_in("ann@example.com").await;
        let found = site.ask(Some(&token), "query($id: ID!) { lead(by: { id: $id }) { lastName } }", json!({ "id": id })).await;
        assert_eq!(found.data()["lead"]["lastName"], "Late");
    }
}

/// Until the server has so many requests at once, the asking one included.
async fn busy(site: &Site, wanted: u32) {
    let line = format!("accord_http_requests_in_flight {wanted}");
    for _ in 0..6000 {
        if site.get("/metrics").await.text().lines().any(|found| found == line) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("never: {line}");
}
