//! The log under many writers: every commit has its events, in an order that replays to the tables.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use api::{
    actor::{Actor, Permission},
    error::Result,
    store::{Access, Logged, Settings, Store, Tx},
};
use entity::{
    event::Op,
    id::{LeadId, RowId},
    lead,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use crate::harness::on_both;

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

type Ids = Arc<Mutex<Vec<LeadId>>>;

/// One random change of a random lead.
async fn change(tx: &mut Tx, dice: &mut Dice, ids: &Ids) -> Result<Option<LeadId>> {
    let known = {
        let ids = ids.lock().unwrap();
        (ids.len() > 4).then(|| ids[dice.roll(ids.len())])
    };
    let Some(id) = known.filter(|_| dice.roll(4) > 0) else {
        let row = lead::ActiveModel {
            status: Set(lead::Status::New),
            status_changed_at: Set(tx.access().now()),
            cycle_no: Set(1),
            score: Set(0),
            custom: Set(json!({})),
            ..Default::default()
        };
        return Ok(Some(tx.insert::<lead::Entity>(row).await?.id));
    };
    match dice.roll(5) {
        0 => {
            let row = tx.lock::<lead::Entity>(id).await?;
            tx.delete::<lead::Entity>(row).await?;
        }
        1 => {
            let row = tx.lock_deleted::<lead::Entity>(id).await?;
            tx.restore::<lead::Entity>(row).await?;
        }
        _ => {
            let mut row = tx.lock::<lead::Entity>(id).await?.into_active_model();
            row.title = Set([None, Some("CEO".to_owned()), Some("CTO".to_owned())][dice.roll(3)].clone());
            row.company_name = Set([None, Some("A".to_owned()), Some("B".to_owned())][dice.roll(3)].clone());
            tx.update::<lead::Entity>(row).await?;
        }
    }
    Ok(None)
}

/// Up to three changes in one work, of which one in five is thrown away.
async fn work(access: &Access, dice: &mut Dice, ids: &Ids) -> Result<()> {
    let mut tx = access.begin(Permission::LeadUpdate).await?;
    let mut new = vec![];
    for _ in 0..=dice.roll(3) {
        new.extend(change(&mut tx, dice, ids).await?);
    }
    if dice.roll(5) > 0 {
        tx.commit(json!(null)).await?;
        ids.lock().unwrap().extend(new);
    }
    Ok(())
}

async fn writer(store: Store, actor: Actor, seed: u64, ids: Ids) {
    let mut dice = Dice(seed);
    for _ in 0..50 {
        let access = Access::new(store.clone(), actor.clone(), None);
        // deleted rows are not found and two writers may meet crosswise: both roll back
        _ = work(&access, &mut dice, &ids).await;
    }
}

/// Reads the log as it grows, to its end once that is there.
async fn reader(access: Access, complete: Arc<AtomicBool>) -> Vec<Logged> {
    let mut events: Vec<Logged> = vec![];
    loop {
        let last = complete.load(Ordering::Acquire);
        let after = events.last().map_or(0, |e| e.seq);
        let window = access.log(&["lead"], after, 37).await.unwrap();
        if window.events.is_empty() && last {
            return events;
        }
        events.extend(window.events);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

on_both! {
    async fn the_log_replays_to_the_table(app) {
        let actor = app.admin().actor;
        // a second node, which numbers events too
        let other = Store::open(&Settings::new(&app.url)).await.unwrap();
        let sequencer = tokio::spawn(other.clone().run_sequencer());
        let ids = Ids::default();
        let complete = Arc::<AtomicBool>::default();
        let reading = tokio::spawn(reader(Access::new(other.clone(), actor.clone(), None), complete.clone()));
        let stores = [&app.store, &other];
        let writers = (0..8).map(|n| writer(stores[n % 2].clone(), actor.clone(), n as u64 + 1, ids.clone()));
        futures_util::future::join_all(writers).await;
        app.numbered().await;
        complete.store(true, Ordering::Release);
        let events = reading.await.unwrap();
        sequencer.abort();

        let seqs: Vec<i64> = events.iter().map(|e| e.seq).collect();
        let gapless: Vec<i64> = (1..=i64::try_from(events.len()).unwrap()).collect();
        assert!(events.len() > 100, "{}", events.len());
        assert_eq!(seqs, gapless);
        let model = replayed(&events);
        let access = Access::new(app.store.clone(), actor, None);
        let rows = api::store::Scoped::<lead::Entity>::with_deleted(&access, Permission::LeadRead).models().await.unwrap();
        assert_eq!(rows.len(), model.len());
        for row in rows {
            let (version, cells) = &model[&row.id.uuid()];
            assert_eq!(*version, row.version);
            assert_eq!(cells.get("title").cloned().unwrap_or_default(), json!(row.title));
            assert_eq!(cells.get("company_name").cloned().unwrap_or_default(), json!(row.company_name));
            assert_eq!(cells.get("deleted_at").is_some_and(|v| !v.is_null()), row.deleted_at.is_some());
        }
    }
}

type Model = HashMap<uuid::Uuid, (i32, HashMap<String, Value>)>;

/// The rows as the log tells them; each event must fit the one before it.
fn replayed(events: &[Logged]) -> Model {
    let mut model = Model::new();
    for event in events {
        let (version, cells) = model.entry(event.entity_id).or_default();
        *version += 1;
        assert_eq!(event.version, *version, "{} comes in order and once", event.entity_id);
        assert_eq!(event.op == Op::Created, event.version == 1);
        for (column, told) in &event.changed {
            let before = cells.insert(column.clone(), told[1].clone()).unwrap_or_default();
            assert_eq!(before, told[0], "{column}");
        }
    }
    model
}

on_both! {
    async fn what_a_savepoint_undoes_is_forgotten_too(app) {
        let access = Access::new(app.store.clone(), app.admin().actor, None);
        let mut dice = Dice(1);
        let mut tx = access.begin(Permission::LeadUpdate).await.unwrap();
        let id = change(&mut tx, &mut dice, &Ids::default()).await.unwrap().unwrap();
        tx.commit(json!(null)).await.unwrap();

        let mut tx = access.begin(Permission::LeadUpdate).await.unwrap();
        let row = tx.lock::<lead::Entity>(id).await.unwrap();
        let turned = |cycle| lead::ActiveModel { cycle_no: Set(cycle), ..row.clone().into_active_model() };
        let outer = tx.savepoint().await.unwrap();
        let inner = tx.savepoint().await.unwrap();
        tx.update::<lead::Entity>(turned(5)).await.unwrap();
        tx.undo(inner).await.unwrap();
        assert_eq!(tx.update::<lead::Entity>(turned(6)).await.unwrap().version, 2);
        tx.undo(outer).await.unwrap();
        assert_eq!(tx.update::<lead::Entity>(turned(1)).await.unwrap().version, 1, "nothing differs");
        assert_eq!(tx.update::<lead::Entity>(turned(7)).await.unwrap().version, 2);
        tx.commit(json!(null)).await.unwrap();
        let rows = api::store::Scoped::<lead::Entity>::read(&access).models().await.unwrap();
        assert_eq!((rows[0].cycle_no, rows[0].version), (7, 2));
    }
}

on_both! {
    async fn personal_values_cannot_be_guessed_from_what_the_log_keeps(app) {
        let ann = app.admin();
        for email in ["joe@example.com", "joe@example.com"] {
            ann.has("lead", json!({ "email": email })).await;
        }
        let all = "SELECT CAST(changed AS TEXT) FROM event WHERE entity = 'lead' ORDER BY pos";
        let rows = sea_orm::ConnectionTrait::query_all_raw(
            app.store.migrator(),
            sea_orm::Statement::from_string(app.store.backend(), all),
        );
        let hash = |row: &sea_orm::QueryResult| {
            let changed: Value = serde_json::from_str(&row.try_get_by_index::<String>(0).unwrap()).unwrap();
            changed["email"]["hash"][1].as_str().unwrap().to_owned()
        };
        let hashes: Vec<String> = rows.await.unwrap().iter().map(hash).collect();
        assert_ne!(hashes[0], hashes[1], "the same value, two salts");
    }
}

/// What `entity::unique` says of an index is what the database has: its columns, and which rows it holds.
#[tokio::test]
async fn unique_indexes_are_declared_as_they_are() {
    use entity::unique::{Only, UNIQUE};
    use sea_orm::ConnectionTrait;
    let app = crate::harness::App::start(crate::harness::Database::Sqlite).await.expect("SQLite starts");
    let made = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    let rows = app.store.migrator().query_all_raw(sea_orm::Statement::from_string(app.store.backend(), made)).await;
    let made: HashMap<String, String> =
        rows.unwrap().iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect();
    for unique in UNIQUE {
        let sql = made.get(unique.name).unwrap_or_else(|| panic!("there is no index {}", unique.name));
        let columns: Vec<String> = unique.columns.iter().map(|name| format!("\"{name}\"")).collect();
        assert!(sql.contains(&format!("ON \"{}\" ({})", unique.table, columns.join(", "))), "{sql}");
        let only = match unique.only {
            Only::Every => None,
            Only::Empty(name) => Some(format!("{name} IS NULL")),
            Only::True(name) => Some(format!("\"{name}\"")),
            Only::Is(name, [word]) => Some(format!("{name} = '{word}'")),
            Only::Is(name, words) => Some(format!("{name} IN ('{}')", words.join("', '"))),
            Only::Not(name, word) => Some(format!("{name} <> '{word}'")),
        };
        let conditions = sql.split_once(" WHERE ").map_or("", |(_, conditions)| conditions);
        let more = conditions.split(" AND ").find(|it| *it != "deleted_at IS NULL" && !it.ends_with(" IS NOT NULL"));
        assert_eq!(more, only.as_deref(), "{sql}");
    }
}

on_both! {
    async fn whoever_waits_too_long_for_a_connection_is_told_that_nothing_was_done(app) {
        let mut settings = Settings::new(&app.url);
        settings.max_writers = 1;
        let store = Store::open(&settings).await.unwrap();
        let access = Access::new(store, app.admin().actor, None);
        let held = access.begin(Permission::LeadUpdate).await.unwrap();
        let refused = access.begin(Permission::LeadUpdate).await.err().expect("a refusal");
        drop(held);
        assert_eq!(refused.code(), "TIMEOUT", "{refused}");
    }
}
