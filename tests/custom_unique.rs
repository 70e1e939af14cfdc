//! Custom fields of which a value may be there only once, however a record is written.

use api::actor::{Permission, Reach, Scope};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::{
    harness::{Answer, App, Database, Person, json, on_both},
    import::imported,
};

/// Types with custom fields, and what a new record of each needs.
const TYPES: [(&str, &str); 5] =
    [("account", "name"), ("contact", "lastName"), ("lead", "lastName"), ("campaign", "name"), ("opportunity", "name")];

impl Person<'_> {
    async fn field(&self, entity: &str, key: &str, kind: &str, unique: bool) -> Value {
        let options = if kind == "CHOICE" { json!(["gold", "Gold"]) } else { json!([]) };
        let field =
            json!({ "entity": entity, "key": key, "label": key, "kind": kind, "options": options, "unique": unique });
        self.has("customField", field).await
    }

    async fn makes_unique(&self, field: &Value, unique: bool) -> Answer {
        self.does("customField", "Update", json!({ "id": field, "unique": unique }), "unique").await
    }

    /// A new account with this code.
    async fn coded(&self, code: impl Into<Value>) -> Answer {
        self.makes("account", json!({ "name": "A", "customFields": { "code": code.into() } })).await
    }

    async fn with_code(&self, code: impl Into<Value>) -> Value {
        self.has("account", json!({ "name": "A", "customFields": { "code": code.into() } })).await
    }
    async fn recodes(&self, id: &Value, code: impl Into<Value>) -> Answer {
        self.does("account", "Update", json!({ "id": id, "customFields": { "code": code.into() } }), "id").await
    }

    /// Rows by their domain: the status of each, or what was wrong, and where in the row.
    async fn upserts(&self, flags: &str, rows: &[(&str, Value)]) -> Vec<String> {
        let rows: Vec<Value> =
            rows.iter().map(|(domain, own)| json!({ "name": "A", "domain": domain, "customFields": own })).collect();
        let upsert = format!(
            "mutation($rows: [AccountUpsertRow!]!) {{ accountUpsert(input: {{ matchOn: DOMAIN, rows: $rows {flags} }}) {{
             results {{ status userErrors {{ code field }} }} }} }}"
        );
        let answer = self.ask(&upsert, json!({ "rows": rows })).await;
        let results = answer.data()["accountUpsert"]["results"].as_array().unwrap().clone();
        let said = |result: &Value| match &result["userErrors"][0] {
            Value::Null => result["status"].as_str().unwrap().to_owned(),
            fault => format!("{} {}", fault["code"].as_str().unwrap(), json!(fault["field"].as_array().unwrap()[3..])),
        };
        results.iter().map(said).collect()
    }
}

/// The first user error: its code, and the field it is about.
fn fault(answer: &Answer) -> (String, Value) {
    let payload = answer.0["data"].as_object().unwrap().values().next().unwrap().clone();
    let fault = &payload["userErrors"][0];
    (fault["code"].as_str().unwrap_or_default().to_owned(), fault["field"].clone())
}

fn taken(key: &str) -> (String, Value) {
    ("DUPLICATE".into(), json!(["input", "customFields", key]))
}
const LOST: &str = "DUPLICATE [\"customFields\",\"code\"]";
/// The values that are somebody's, in order.
async fn kept(app: &App) -> Vec<String> {
    let all = Statement::from_string(app.store.backend(), "SELECT value FROM custom_value ORDER BY value");
    let rows = app.store.migrator().query_all_raw(all).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

on_both! {
    async fn a_value_is_there_once_in_each_type_and_each_organisation(app) {
        let (ann, bob) = (app.founder().await, app.founder().await);
        for (entity, name) in TYPES {
            for who in [&ann, &bob] {
                who.field(entity, "code", "TEXT", true).await;
            }
            let row = |code: &str| json!({ name: "A", "customFields": { "code": code } });
            let id = ann.has(entity, row("Äb-1")).await;
            let second = ann.makes(entity, row("  äB-1 ")).await;
            assert_eq!(fault(&second), taken("code"), "{entity}");
            assert!(!second.0.to_string().contains(id.as_str().unwrap()), "nobody is told which record it is: {}", second.0);
            bob.has(entity, row("Äb-1")).await;
            let other = ann.has(entity, row("2")).await;
            let change = |own: Value| json!({ "id": other, "customFields": own });
            for (own, then) in [(json!({ "code": "ÄB-1" }), Some(())), (json!({}), None), (json!({ "code": " 2 " }), None),
                (json!({ "code": null }), None), (json!({ "code": "3" }), None)] {
                let done = ann.does(entity, "Update", change(own.clone()), "id").await;
                assert_eq!(done.code(), then.map_or("", |()| "DUPLICATE"), "{entity} {own}");
            }
            ann.has(entity, row("2")).await;
            ann.has(entity, json!({ name: "A" })).await;
            ann.has(entity, json!({ name: "A" })).await;
        }
    }
}

on_both! {
    async fn values_are_compared_by_what_they_are_worth(app) {
        let ann = app.admin();
        let boolean = ann.makes("customField", json!({ "entity": "account", "key": "vip", "label": "V", "kind": "BOOLEAN", "unique": true })).await;
        assert_eq!(fault(&boolean), ("VALIDATION".into(), json!(["input", "unique"])));
        for (key, kind) in [("text", "TEXT"), ("number", "NUMBER"), ("day", "DATE"), ("choice", "CHOICE")] {
            ann.field("account", key, kind, true).await;
        }
        let long = "x".repeat(2000);
        for (key, one, same, other) in [
            ("text", json!("One"), json!("\tONE "), json!("one.")),
            ("text", json!(long), json!(long.to_uppercase()), json!(long[1..])),
            ("number", json!(1), json!(1.0), json!(1.5)),
            ("number", json!(0), json!(-0.0), json!(1e-7)),
            ("number", json!(1e300), json!(1e300), json!(2e300)),
            ("number", json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64)),
            ("day", json!("2026-01-31"), json!("2026-01-31"), json!("2026-02-01")),
            ("choice", json!("gold"), json!("gold"), json!("Gold")),
        ] {
            let row = |value: &Value| json!({ "name": "A", "customFields": { key: value } });
            ann.has("account", row(&one)).await;
            assert_eq!(fault(&ann.makes("account", row(&same)).await), taken(key), "{same}");
            ann.has("account", row(&other)).await;
        }
        for _ in 0..2 {
            ann.has("account", json!({ "name": "A", "customFields": { "text": "  " } })).await;
        }
    }
}

on_both! {
    async fn a_deleted_record_frees_its_value_and_takes_it_back(app) {
        let ann = app.admin();
        ann.field("account", "code", "TEXT", true).await;
        let (old, deleted) = (ann.with_code("x").await, async |verb, id: &Value| ann.does("account", verb, json!({ "id": id }), "id").await);
        deleted("Delete", &old).await.data();
        let new = ann.with_code("X").await;
        let refused = deleted("Restore", &old).await;
        assert_eq!(fault(&refused), ("DUPLICATE".into(), json!(["input", "id"])));
        assert!(refused.0.to_string().contains("of code"), "the message names the field: {}", refused.0);
        ann.recodes(&new, "y").await.data();
        assert_eq!(deleted("Restore", &old).await.code(), "");
        assert_eq!(ann.recodes(&new, "x").await.code(), "DUPLICATE");
        assert_eq!(kept(&app).await, ["x", "y"]);
    }
}

on_both! {
    async fn each_row_of_a_bulk_has_its_own_result(app) {
        let ann = app.admin();
        ann.field("account", "code", "TEXT", true).await;
        let own = |code: &str| json!({ "code": code });
        let first = [("a.example", own("a")), ("b.example", own("b")), ("c.example", own("A")), ("d.example", json!({}))];
        assert_eq!(ann.upserts("dryRun: true", &first).await, ["CREATED", "CREATED", LOST, "CREATED"]);
        assert_eq!(kept(&app).await, [""; 0]);
        assert_eq!(ann.upserts("atomic: true", &first).await, ["SKIPPED", "SKIPPED", LOST, "SKIPPED"]);
        assert_eq!(kept(&app).await, [""; 0]);
        assert_eq!(ann.upserts("", &first).await, ["CREATED", "CREATED", LOST, "CREATED"]);
        assert_eq!(kept(&app).await, ["a", "b"]);
        let swapped = [("a.example", own("b")), ("b.example", own("a")), ("d.example", own("d")), ("e.example", own("e"))];
        assert_eq!(ann.upserts("", &swapped).await, ["UPDATED", "UPDATED", "UPDATED", "CREATED"]);
        assert_eq!(kept(&app).await, ["a", "b", "d", "e"]);
        let partly = [("a.example", own("f")), ("b.example", own("D")), ("d.example", own("d")), ("e.example", own("b"))];
        assert_eq!(ann.upserts("", &partly).await, ["UPDATED", LOST, "UNCHANGED", "UPDATED"]);
        assert_eq!(kept(&app).await, ["a", "b", "d", "f"]);
        assert_eq!(ann.upserts("onConflict: FILL_EMPTY", &[("a.example", own("z")), ("b.example", own("y"))]).await, ["UNCHANGED", "UNCHANGED"]);
    }
}

on_both! {
    async fn an_import_tells_the_rows_that_are_taken(app) {
        let ann = crate::import::someone(&app, "home").await;
        ann.field("account", "code", "TEXT", true).await;
        let mapping = "about = \"Accounts.\"\n[[step]]\nfile = \"a.csv\"\nentity = \"account\"\nmatch = \"domain\"\n[step.fields]\nname = \"Name\"\ndomain = \"Site\"\ncustomFields = \"Own\"\n";
        let file = "Name;Site;Own\nA;a.example;\"{\"\"code\"\": \"\"x\"\"}\"\nB;b.example;\"{\"\"code\"\": \"\"X\"\"}\"\nC;c.example;\"{\"\"code\"\": \"\"y\"\"}\"\n";
        let job = imported(&ann, mapping, "a.csv", file.as_bytes()).await;
        assert_eq!((&job["rowsCreated"], &job["rowsFailed"]), (&json!(2), &json!(1)), "{job}");
        let errors = ann.ask("{ importErrors { nodes { rowNumber code } } }", json!({})).await;
        assert_eq!(errors.data()["importErrors"]["nodes"], json!([{ "rowNumber": 2, "code": "DUPLICATE" }]));
        assert_eq!(kept(&app).await, ["x", "y"]);
    }
}

on_both! {
    async fn a_merge_hands_values_over_and_its_undoing_gives_them_back(app) {
        let ann = app.founder().await;
        ann.field("account", "code", "TEXT", true).await;
        ann.field("account", "note", "TEXT", false).await;
        let merge = async |winner: &Value, loser: &Value, picks: Value| {
            let query = "mutation($input: MergeInput!) { accountMerge(input: $input) { merge { id } userErrors { code message } } }";
            let input = json!({ "winnerId": winner, "loserIds": [loser], "fieldPicks": picks });
            let done = ann.ask(query, json!({ "input": input })).await;
            assert_eq!(done.data()["accountMerge"]["userErrors"], json!([]));
            done.data()["accountMerge"]["merge"]["id"].clone()
        };
        let undo = async |merge: &Value| {
            let query = "mutation($id: ID!) { mergeUndo(input: { id: $id }) { merge { id } userErrors { code message field } } }";
            ann.ask(query, json!({ "id": merge })).await
        };
        let code = async |id: &Value| ann.sees("account", id, "customFields").await["customFields"]["code"].clone();
        let (winner, loser) = (ann.has("account", json!({ "name": "W" })).await, ann.with_code("a").await);
        let done = merge(&winner, &loser, json!([])).await;
        assert_eq!((code(&winner).await, ann.coded("A").await.code()), (json!("a"), "DUPLICATE"));
        // what was said of the winner since stays with it
        ann.does("account", "Update", json!({ "id": winner, "customFields": { "note": "n" } }), "id").await.data();
        assert_eq!(fault(&undo(&done).await).0, "");
        assert_eq!((code(&winner).await, code(&loser).await), (Value::Null, json!("a")));
        assert_eq!(ann.sees("account", &winner, "customFields").await["customFields"], json!({ "note": "n" }));

        ann.recodes(&winner, "b").await.data();
        let done = merge(&winner, &loser, json!([{ "field": "customFields", "fromId": loser }])).await;
        assert_eq!((code(&winner).await, kept(&app).await), (json!("a"), vec!["a".to_owned()]), "b is free");
        let third = ann.with_code("B").await;
        assert_eq!(fault(&undo(&done).await), ("DUPLICATE".into(), json!(["input", "id"])));
        assert_eq!((code(&winner).await, kept(&app).await), (json!("a"), vec!["a".to_owned(), "b".to_owned()]));
        ann.recodes(&third, Value::Null).await.data();
        assert_eq!(fault(&undo(&done).await).0, "");
        assert_eq!((code(&winner).await, code(&loser).await), (json!("b"), json!("a")));
        assert_eq!(kept(&app).await, ["a", "b"]);
    }
}

on_both! {
    async fn a_lead_takes_its_values_along_where_they_are_free(app) {
        let ann = app.founder().await;
        for entity in ["lead", "account", "contact"] {
            ann.field(entity, "code", "TEXT", true).await;
        }
        let other = ann.with_code("L1").await;
        let lead = ann.has("lead", json!({ "lastName": "Doe", "companyName": "Doe Ltd", "status": "SQL", "customFields": { "code": "l1" } })).await;
        let convert = "mutation($id: ID!) { leadConvert(input: { id: $id }) { account { customFields } contact { customFields } userErrors { code field } } }";
        let refused = ann.ask(convert, json!({ "id": lead })).await;
        assert_eq!(fault(&refused), ("DUPLICATE".into(), json!(["input", "account", "create", "customFields", "code"])));
        assert_eq!(ann.ask("{ contacts { totalCount } }", json!({})).await.data()["contacts"]["totalCount"], 0);
        ann.recodes(&other, Value::Null).await.data();
        let done = ann.ask(convert, json!({ "id": lead })).await;
        let own = json!({ "customFields": { "code": "l1" } });
        assert_eq!(done.data()["leadConvert"], json!({ "account": own, "contact": own, "userErrors": [] }));
        assert_eq!(kept(&app).await, ["l1"; 3]);
    }
}

on_both! {
    async fn a_field_becomes_unique_once_no_value_is_shared(app) {
        let (ann, bob) = (app.founder().await, app.founder().await);
        for (entity, name) in TYPES {
            for kind in ["TEXT", "NUMBER"] {
                let (values, spare) = if kind == "TEXT" { (json!(["Ä", "ä ", "b", "B", "c"]), json!("d")) } else { (json!([1, 1.0, 2.5, 2.5, 3]), json!(4.25)) };
                let key = kind.to_lowercase();
                let field = ann.field(entity, &key, kind, false).await;
                bob.field(entity, &key, kind, false).await;
                let row = |value: &Value| json!({ name: "A", "customFields": { &key: value } });
                let mut ids = vec![];
                for value in values.as_array().unwrap() {
                    ids.push(ann.has(entity, row(value)).await);
                    bob.has(entity, row(value)).await;
                }
                let gone = ann.has(entity, row(&values[4])).await;
                ann.does(entity, "Delete", json!({ "id": gone }), "id").await.data();
                let refused = ann.makes_unique(&field, true).await;
                assert_eq!(fault(&refused), ("DUPLICATE".into(), json!(["input", "unique"])), "{entity} {kind}");
                assert!(refused.0.to_string().contains("2 values are shared"), "{}", refused.0);
                assert_eq!(ann.sees("customField", &field, "unique").await["unique"], false);
                ann.has(entity, row(&values[4])).await;
                for (id, value) in [(&ids[1], Value::Null), (&ids[3], spare.clone()), (&ids[4], Value::Null)] {
                    ann.does(entity, "Update", json!({ "id": id, "customFields": { &key: value } }), "id").await.data();
                }
                assert_eq!(ann.makes_unique(&field, true).await.code(), "", "{entity} {kind}");
                for value in [&values[0], &values[2], &spare] {
                    assert_eq!(fault(&ann.makes(entity, row(value)).await), taken(&key), "{value}");
                }
                assert_eq!(ann.does(entity, "Restore", json!({ "id": gone }), "id").await.code(), "DUPLICATE");
            }
        }
    }
}

on_both! {
    async fn a_field_that_goes_or_is_unique_no_longer_binds_nobody(app) {
        let ann = app.admin();
        let field = ann.field("account", "code", "TEXT", true).await;
        let gone = async |verb, id: &Value| ann.does("customField", verb, json!({ "id": id }), "unique").await;
        ann.with_code("x").await;
        ann.makes_unique(&field, false).await.data();
        assert_eq!(kept(&app).await, [""; 0]);
        let second = ann.with_code("X").await;
        assert_eq!(ann.makes_unique(&field, true).await.code(), "DUPLICATE");
        ann.recodes(&second, "y").await.data();
        assert_eq!(ann.makes_unique(&field, true).await.code(), "");
        gone("Delete", &field).await.data();
        assert_eq!(kept(&app).await, [""; 0]);
        assert_eq!(gone("Restore", &field).await.code(), "");
        assert_eq!((kept(&app).await, ann.coded("y").await.code()), (vec!["x".to_owned(), "y".to_owned()], "DUPLICATE"));

        gone("Delete", &field).await.data();
        let other = ann.field("account", "code", "TEXT", false).await;
        ann.with_code("Y ").await;
        gone("Delete", &other).await.data();
        assert_eq!(fault(&gone("Restore", &field).await), ("DUPLICATE".into(), json!(["input", "id"])));
        let again = json!({ "entity": "account", "key": "code", "label": "C", "kind": "TEXT", "unique": true });
        assert_eq!(fault(&ann.makes("customField", again.clone()).await), ("DUPLICATE".into(), json!(["input", "unique"])));
        ann.does("account", "Delete", json!({ "id": second }), "id").await.data();
        ann.has("customField", again).await;
        assert_eq!((kept(&app).await, ann.coded("x").await.code()), (vec!["x".to_owned(), "y".to_owned()], "DUPLICATE"));
    }
}

on_both! {
    async fn whoever_does_not_see_the_other_record_is_told_no_more(app) {
        let ann = app.admin();
        ann.field("account", "code", "TEXT", true).await;
        ann.with_code("x").await;
        let own = Reach { scope: Scope::Own, unassigned: false };
        let rep = app.holding(ann.actor.organization, &[(Permission::AccountRead, own), (Permission::AccountCreate, own)]);
        let (blind, sees) = (rep.coded("X").await, ann.coded("X").await);
        assert_eq!((blind.0.to_string(), fault(&blind)), (sees.0.to_string(), taken("code")));
    }
}

on_both! {
    async fn of_two_writers_one_is_told(app) {
        let ann = app.admin();
        ann.field("account", "code", "TEXT", true).await;
        for round in 0..20 {
            let (one, two) = tokio::join!(ann.coded(format!("v{round}")), ann.coded(format!("V{round}")));
            let mut codes = [one.code(), two.code()];
            codes.sort_unstable();
            assert_eq!(codes, ["", "DUPLICATE"]);
        }
        assert_eq!(kept(&app).await.len(), 20);
    }
}

/// Waits until so many wait for others.
async fn waiting(app: &App, count: i64) {
    let all = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let all = Statement::from_string(app.store.backend(), all);
    while app.store.migrator().query_one_raw(all.clone()).await.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap()
        < count
    {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

on_both! {
    async fn a_field_does_not_become_unique_past_somebody_who_writes(app) {
        let ann = app.admin();
        if app.database == Database::Sqlite {
            return; // one writer
        }
        let field = ann.field("account", "code", "TEXT", false).await;
        ann.with_code("x").await;
        let other = app.hold("LOCK TABLE account IN ACCESS EXCLUSIVE MODE").await;
        let (second, refused, ()) = tokio::join!(
            ann.coded("X "),
            async { waiting(&app, 1).await; ann.makes_unique(&field, true).await },
            async { waiting(&app, 2).await; other.commit().await; }
        );
        assert_eq!((second.code(), fault(&refused)), ("", ("DUPLICATE".into(), json!(["input", "unique"]))), "it waited and saw the second");

        let held = "SELECT id FROM custom_field FOR UPDATE; UPDATE custom_field SET \"unique\" = true; \
                    INSERT INTO custom_value SELECT f.organization_id, f.id, 'x', gen_random_uuid() FROM custom_field f";
        let mut other = app.hold(held).await;
        let (late, ()) = tokio::join!(ann.coded("X"), async {
            other.awaited().await;
            other.commit().await;
        });
        assert_eq!(fault(&late), taken("code"), "it waited and found the field unique");
    }
}

on_both! {
    async fn bulks_send_a_constant_number_of_statements_more(app) {
        let mut counts = vec![];
        for unique in [None, Some(false), Some(true)] {
            let ann = app.admin();
            if let Some(unique) = unique {
                ann.field("account", "code", "TEXT", unique).await;
            }
            for (round, size) in [("s", 20), ("l", 40)] {
                for change in ["a", "b"] {
                    let own = |i| if unique.is_some() { json!({ "code": format!("{round}{change}{i}") }) } else { json!({}) };
                    let rows: Vec<(String, Value)> = (0..size).map(|i| (format!("{round}{i}.example"), own(i))).collect();
                    let rows: Vec<(&str, Value)> = rows.iter().map(|(domain, own)| (domain.as_str(), own.clone())).collect();
                    let before = app.store.statements();
                    let results = ann.upserts("", &rows).await;
                    counts.push(app.store.statements() - before);
                    assert!(results.iter().all(|said| ["CREATED", "UPDATED", "UNCHANGED"].contains(&said.as_str())), "{results:?}");
                }
            }
        }
        let [bare, plain, unique] = [&counts[..4], &counts[4..8], &counts[8..]];
        assert_eq!((plain[0], plain[2]), (bare[0], bare[2]), "none where no field is unique: {counts:?}");
        assert_eq!((unique[0] - plain[0], unique[2] - plain[2]), (1, 1), "new rows: {counts:?}");
        assert_eq!((unique[1] - plain[1], unique[3] - plain[3]), (4, 4), "changed rows: {counts:?}");
    }
}
