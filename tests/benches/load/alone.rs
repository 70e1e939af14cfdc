//! What takes its time by itself, whatever the requests: a search of every lead for duplicates, an import, sockets that
//! say nothing, and a due date far ahead.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use api::{
    access::calendar::{Calendar, Interval, Opening},
    actor::{Actor, Permission},
    crm::duplicate::scan,
    graph::Record,
    integration::import::cli as import,
    schema,
    store::{Access, Settings, Store},
};
use chrono::{NaiveDate, Weekday};
use entity::{
    duplicate_scan::{ActiveModel, Entity, Of},
    id::{OrganizationId, RowId},
};
use futures_util::{SinkExt, StreamExt, future::join_all};
use sea_orm::ActiveValue::Set;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{data, process};

/// A scan as the job runner does it, twice: the second finds its pairs again.
pub async fn scans(url: &str) {
    drop(schema::sdl()); // names the records
    let access = system(url).await;
    for round in ["the first", "again"] {
        let mut tx = access.next().begin(Permission::DuplicateCreate).await.expect("a unit of work");
        let row = ActiveModel { entity: Set(Of::Lead), ..Entity::blank(access.now()) };
        let row = tx.insert::<Entity>(row).await.expect("a scan");
        tx.commit(serde_json::Value::Null).await.expect("a commit");
        let began = Instant::now();
        scan::run(&access.next(), row.id).await.expect("the scan ends");
        let took = began.elapsed();
        let mut tx = access.next().begin(Permission::DuplicateCreate).await.expect("a unit of work");
        let done = tx.lock::<Entity>(row.id).await.expect("the scan");
        println!("SCAN {round}: {} leads, {} pairs, {} new: {took:.1?}", done.records, done.found, done.opened);
    }
}

async fn system(url: &str) -> Access {
    let store = Store::open(&Settings::new(url)).await.expect("the database opens");
    let home = OrganizationId::from_uuid(data::id(data::ORGANIZATION, 1));
    Access::new(store, Actor::system(home), None)
}

const MAPPING: &str = r#"
[[step]]
file = "leads.csv"
entity = "lead"
match = { external_ref = "{No}", system = "bench" }
[step.fields]
firstName = "First"
lastName = "Last"
email = "Mail"
companyName = "Company"
source = "Source"
"#;

/// Files of leads, as `accord import` takes them: twenty thousand rows, a hundred thousand, and these once more.
pub async fn imports(url: &str) {
    drop(schema::sdl());
    let access = system(url).await;
    let path = std::path::PathBuf::from(concat!(env!("CARGO_TARGET_TMPDIR"), "/leads.csv"));
    for (name, rows) in [("of new rows", 20_000), ("of new rows", 100_000), ("of rows that are there", 100_000)] {
        let mut text = "No,First,Last,Mail,Company,Source\n".to_owned();
        for n in 0..rows {
            writeln!(text, "{rows}-{n},Ada,Last{n},i{rows}-{n}@import.example,Import {},web", n % 997).expect("text");
        }
        std::fs::write(&path, text).expect("a file");
        let order = import::Order { path: &path, mapping: MAPPING.to_owned(), dry_run: false, errors: None };
        let began = Instant::now();
        let said = import::import(&access.next(), &order).await.expect("an import");
        let took = began.elapsed();
        let speed = f64::from(rows) / took.as_secs_f64();
        let memory = process::memory(std::process::id());
        println!("IMPORT {name}: {said}: {took:.1?}, {speed:.0} a second, {memory:.0} MiB");
    }
}

/// What a socket that was signed in and says nothing weighs in the server.
pub async fn sockets(port: u16, server: u32, token: &str) {
    const MANY: usize = 1_000;
    let before = process::memory(server);
    let open = async || {
        let mut request = format!("ws://127.0.0.1:{port}/graphql/ws").into_client_request().expect("a request");
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        let (mut socket, _) = connect_async(request).await.expect("a socket");
        let hello =
            serde_json::json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } });
        socket.send(Message::text(hello.to_string())).await.expect("an open socket");
        socket.next().await.expect("an answer").expect("an acknowledgement");
        socket
    };
    let sockets = join_all((0..MANY).map(|_| open())).await;
    let each = (process::memory(server) - before) * 1024.0 / sockets.len() as f64;
    println!("SOCKETS {MANY}: {each:.1} KiB each");
}

/// When ten years of office hours with a holiday each month will have passed.
pub fn due_date() {
    let spans = [Opening::new(8 * 60, 12 * 60), Opening::new(13 * 60, 17 * 60)];
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let week: Vec<Interval> =
        days.iter().flat_map(|day| spans.map(|opening| Interval { day: *day, opening })).collect();
    let holidays: Vec<NaiveDate> =
        (2026..2037).flat_map(|y| (1..=12).filter_map(move |m| NaiveDate::from_ymd_opt(y, m, 3))).collect();
    let calendar = Calendar::new("Europe/Berlin".parse().expect("a zone"), &week, &holidays).expect("a calendar");
    let start = "2026-08-07T07:00:00Z".parse().expect("an instant");
    let took = (0..1000).map(|_| {
        let began = Instant::now();
        std::hint::black_box(calendar.add_business(std::hint::black_box(start), 10 * 250 * 8 * 3600)).expect("a date");
        began.elapsed()
    });
    let best: Duration = took.min().expect("a thousand");
    println!("\nDUE  ten years ahead: {best:?}");
}
