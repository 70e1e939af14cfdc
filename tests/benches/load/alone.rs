//! What takes its time by itself, whatever the requests: a search of every lead for duplicates, and a due date far ahead.

use std::time::{Duration, Instant};

use api::{
    access::calendar::{Calendar, Interval, Opening},
    actor::{Actor, Permission},
    crm::duplicate::scan,
    graph::Record,
    schema,
    store::{Access, Settings, Store},
};
use chrono::{NaiveDate, Weekday};
use entity::{
    duplicate_scan::{ActiveModel, Entity, Of},
    id::{OrganizationId, RowId},
};
use sea_orm::ActiveValue::Set;

use crate::data;

/// A scan as the job runner does it, twice: the second finds its pairs again.
pub async fn scans(url: &str) {
    drop(schema::sdl()); // names the records
    let store = Store::open(&Settings::new(url)).await.expect("the database opens");
    let home = OrganizationId::from_uuid(data::id(data::ORGANIZATION, 1));
    let access = Access::new(store, Actor::system(home), None);
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
