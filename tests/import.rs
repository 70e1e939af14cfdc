//! Imports: files in through a mapping, over the API.

use std::sync::Arc;

use api::actor::{Actor, Rights, Via};
use base64::{Engine, prelude::BASE64_STANDARD};
use entity::id::{RowId, SessionId};
use serde_json::Value;

use crate::{
    access::user_in,
    harness::{App, Person, json, on_both},
};

const CREATE: &str = "mutation($input: ImportCreateInput!) { importCreate(input: $input) {
    importJob { id status bytesRead } userErrors { code message field } } }";

const APPEND: &str = "mutation($input: ImportAppendInput!) { importAppend(input: $input) { importJob {
    id status bytesRead rowsRead rowsCreated rowsUpdated rowsUnchanged rowsFailed } userErrors { code message field } } }";

const FAILED: &str = "query($id: ID!) { importFailedRows(id: $id) }";

/// People first, then their leads.
const LEADS: &str = r#"
about = "Leads and who works on them."

[[step]]
file = "leads.csv"
entity = "user"
match = "email"
[step.fields]
email = { template = "{Boss|slug}@people.example" }
name = "Boss"

[[step]]
file = "leads.csv"
entity = "user"
match = "email"
[step.fields]
email = { template = "{Owner|slug}@people.example" }
name = "Owner"
region = "Office"
reportsToId = { from = "Boss", find = "name" }

[[step]]
file = "leads.csv"
entity = "lead"
match = { external_ref = "{No}", system = "sheet" }
[step.fields]
firstName = "First"
lastName = { template = "{Last}, {Title}" }
email = "Mail"
source = { value = "sheet" }
channel = { from = "Channel", map = { Fair = "EVENT" }, case = "UPPER", default = "OTHER" }
ownerId = { from = "Owner", find = "name" }
"#;

const HEADER: &str = "No;First;Last;Title;Mail;Channel;Owner;Boss;Office\r\n";

const GOOD: &str = "1;Ann;Lee;Dr;ann@example.com;Fair;Ida Berg;Ole Dahl;North\r\n\
2;Bo;\"Ng; \"\"B\"\"\";Mr;bo@example.com;email;Ida Berg;Ole Dahl;North\r\n\
3;Éva;\"Kiss\nJr\";Ms;;;Per Lund;Ole Dahl;South";

/// Somebody with every right in an organisation of this name.
pub async fn someone<'a>(app: &'a App, organization: &str) -> Person<'a> {
    let (organization, user) = user_in(app, organization, "ADMIN", "ann@example.com").await;
    let via = Via::Session(SessionId::from_uuid(user.uuid()));
    Person { app, actor: Actor { organization, user: Some(user), via, rights: Arc::new(Rights::everything()) } }
}

pub async fn created(who: &Person<'_>, mapping: &str, file: &str) -> Value {
    let input = if mapping.contains('\n') {
        json!({ "mapping": mapping, "fileName": file })
    } else {
        json!({ "preset": mapping, "fileName": file })
    };
    let answer = who.ask(CREATE, json!({ "input": input })).await;
    let payload = &answer.data()["importCreate"];
    assert_eq!(payload["userErrors"], json!([]));
    payload["importJob"]["id"].clone()
}

/// Sends a file in parts of so many bytes, each from where the import has got to.
pub async fn sent(who: &Person<'_>, id: &Value, file: &[u8], size: usize) -> Value {
    let mut offset = 0;
    loop {
        let end = (offset + size).min(file.len());
        let input = json!({ "id": id, "offset": offset, "base64": BASE64_STANDARD.encode(&file[offset..end]), "last": end == file.len() });
        let answer = who.ask(APPEND, json!({ "input": input })).await;
        let payload = &answer.data()["importAppend"];
        assert_eq!(payload["userErrors"], json!([]));
        let job = payload["importJob"].clone();
        offset = usize::try_from(job["bytesRead"].as_u64().unwrap()).unwrap();
        if job["status"].as_str().unwrap().starts_with("COMPLETED") {
            return job;
        }
    }
}

pub async fn imported(who: &Person<'_>, mapping: &str, file: &str, bytes: &[u8]) -> Value {
    let id = created(who, mapping, file).await;
    sent(who, &id, bytes, 1 << 20).await
}

pub fn counts(job: &Value) -> [i64; 5] {
    ["rowsRead", "rowsCreated", "rowsUpdated", "rowsUnchanged", "rowsFailed"].map(|name| job[name].as_i64().unwrap())
}

on_both! {
    async fn a_file_becomes_records_and_a_second_import_changes_nothing(app) {
        let ann = someone(&app, "acme").await;
        let file = format!("\u{feff}{HEADER}{GOOD}");
        let first = imported(&ann, LEADS, "leads.csv", file.as_bytes()).await;
        assert_eq!(first["status"], "COMPLETED");
        assert_eq!(counts(&first), [3, 6, 0, 3, 0], "one boss, two owners, three leads");

        let leads = "{ leads(orderBy: [{ field: LAST_NAME }]) { nodes { version firstName lastName email source channel owner { name email region active reportsTo { name } } } } }";
        let leads = ann.ask(leads, json!({})).await;
        let [eva, lee, ng] = [0, 1, 2].map(|at| leads.data()["leads"]["nodes"][at].clone());
        assert_eq!(lee["owner"], json!({ "name": "Ida Berg", "email": "ida.berg@people.example", "region": "North", "active": false, "reportsTo": { "name": "Ole Dahl" } }));
        assert_eq!((&lee["lastName"], &lee["channel"], &lee["source"]), (&json!("Lee, Dr"), &json!("EVENT"), &json!("sheet")));
        assert_eq!((&ng["lastName"], &ng["channel"]), (&json!("Ng; \"B\", Mr"), &json!("EMAIL")));
        assert_eq!((&eva["firstName"], &eva["email"], &eva["channel"]), (&json!("Éva"), &json!(null), &json!("OTHER")));

        let id = created(&ann, LEADS, "leads.csv").await;
        let second = sent(&ann, &id, file.as_bytes(), 90).await;
        assert_eq!(counts(&second), [3, 0, 0, 9, 0], "in parts: {second}");
        let by = "{ lead(by: { externalRef: { system: \"sheet\", externalId: \"2\" } }) { version } leads { totalCount } }";
        assert_eq!(ann.ask(by, json!({})).await.data(), &json!({ "lead": { "version": 1 }, "leads": { "totalCount": 3 } }));

        let changed = file.replace("Ann;", "Anna;");
        let third = imported(&ann, LEADS, "leads.csv", changed.as_bytes()).await;
        assert_eq!(counts(&third)[1..3], [0, 1]);
    }
}

on_both! {
    async fn one_bad_row_never_stops_the_rest(app) {
        let ann = someone(&app, "acme").await;
        let mut file = format!("{HEADER}{GOOD}\r\n").into_bytes();
        file.extend_from_slice(b"4;X;Word;Mr;;Telepathy;Ida Berg;Ole Dahl;North\n");
        file.extend_from_slice(b"5;X;Mail;Mr;nobody;;Ida Berg;Ole Dahl;North\n");
        file.extend_from_slice(b"6;=1+1;Bytes\xff;Mr;;;Ida Berg;Ole Dahl;North\n");
        file.extend_from_slice(b"7;ragged\n");
        file.extend_from_slice(b";X;Keyless;Mr;;;Ida Berg;Ole Dahl;North\n");
        file.extend_from_slice(b"8;=1+1;Good;Mr;;;Ida Berg;Ole Dahl;North\n");
        let job = imported(&ann, LEADS, "leads.csv", &file).await;
        assert_eq!(job["status"], "COMPLETED_WITH_ERRORS");
        assert_eq!((counts(&job)[0], counts(&job)[4]), (9, 5), "{job}");

        let errors = "query($id: ID!) { importErrors(filter: { importId: { eq: $id } }, orderBy: [{ field: ROW_NUMBER }]) { nodes { rowNumber code field row } }
            importJob(by: { id: $id }) { errors(first: 1) { totalCount } } }";
        let errors = ann.ask(errors, json!({ "id": job["id"] })).await;
        let nodes = errors.data()["importErrors"]["nodes"].as_array().unwrap().clone();
        let told: Vec<_> = nodes.iter().map(|n| (n["rowNumber"].as_i64().unwrap(), n["field"].as_str().unwrap_or("").to_owned())).collect();
        assert_eq!(told, [(4, "channel"), (5, "email"), (6, "Last"), (7, ""), (8, "externalRef")].map(|(n, f)| (n, f.to_owned())));
        assert_eq!(nodes[0]["row"][0], "4");
        assert_eq!(errors.data()["importJob"]["errors"]["totalCount"], 5);

        let sheet = ann.ask(FAILED, json!({ "id": job["id"] })).await;
        let sheet = sheet.data()["importFailedRows"].as_str().unwrap().to_owned();
        assert!(sheet.starts_with("No;First;Last;Title;Mail;Channel;Owner;Boss;Office;__error\n"), "{sheet}");
        assert!(sheet.contains(";'=1+1;"), "a formula is marked: {sheet}");
        assert!(sheet.contains("VALIDATION channel: this must be one of"), "{sheet}");

        let mended = sheet.replace("Telepathy", "Fair").replace("nobody", "").replace("Bytes\u{fffd}", "Bytes");
        let again = imported(&ann, LEADS, "leads.csv", mended.as_bytes()).await;
        assert_eq!((counts(&again)[0], counts(&again)[1], counts(&again)[4]), (5, 3, 2), "{again}");
        let six = "{ lead(by: { externalRef: { system: \"sheet\", externalId: \"6\" } }) { firstName } }";
        assert_eq!(ann.ask(six, json!({})).await.data()["lead"]["firstName"], "=1+1");
    }
}

/// Rows that a file may not have, and good ones between and behind them.
fn impossible() -> (String, Vec<i64>) {
    let note = "x".repeat(40_000);
    let good = |n: usize| format!("{n},Number {n},{note}\n");
    let mut file = "No,Last,Note\n".to_owned();
    let mut bad = vec![];
    let mut row = 0;
    let mut add = |text: String, fails: bool| {
        row += 1;
        file += &text;
        bad.extend(fails.then_some(row));
    };
    add(good(0), false);
    add(format!("1,wide{}\n", ",".repeat(600)), true);
    add(good(2), false);
    add(format!("3,long,{}\n", "x".repeat(5 << 19)), true);
    add("4,\"a quote that is not closed,\n".to_owned(), true);
    for n in 5..40 {
        add(good(n), false);
    }
    add("40,ragged\n".to_owned(), true);
    (file, bad)
}

const NUMBERED: &str = "[[step]]\nfile = 'a'\nentity = 'lead'\nmatch = { external_ref = '{No}', system = 's' }\n[step.fields]\nlastName = 'Last'\n";

on_both! {
    async fn a_row_too_long_or_too_wide_never_stops_the_rest(app) {
        let ann = someone(&app, "acme").await;
        let (file, bad) = impossible();
        for created in [37, 0] {
            let id = created_job(&ann).await;
            let job = sent(&ann, &id, file.as_bytes(), 1 << 20).await;
            assert_eq!(job["status"], "COMPLETED_WITH_ERRORS");
            assert_eq!(counts(&job), [41, created, 0, 37 - created, 4], "{job}");
            let errors = "query($id: ID!) { importErrors(filter: { importId: { eq: $id } }, orderBy: [{ field: ROW_NUMBER }]) { nodes { rowNumber code message } } }";
            let errors = ann.ask(errors, json!({ "id": id })).await;
            let nodes = errors.data()["importErrors"]["nodes"].as_array().unwrap().clone();
            assert_eq!(nodes.iter().map(|node| node["rowNumber"].as_i64().unwrap()).collect::<Vec<_>>(), bad);
            for (node, word) in nodes.iter().zip(["500 columns", "1 MiB", "quote", "columns"]) {
                assert!(node["message"].as_str().unwrap().contains(word), "{node}");
            }
        }
    }
}

async fn created_job(who: &Person<'_>) -> Value {
    created(who, NUMBERED, "a.csv").await
}

/// A company is found by its domain, however the file writes it, or by what another system calls it.
const CONTACTS: &str = r#"
[[step]]
file = "contacts.csv"
entity = "contact"
match = "email"
[step.fields]
email = "Mail"
lastName = "Last"
accountId = { from = "Site", find = "domain" }

[[step]]
file = "contacts.csv"
entity = "lead"
match = { external_ref = "{Mail}", system = "sheet" }
[step.fields]
email = "Mail"
matchedAccountId = { from = "Company", find = "externalRef", system = "crm" }
"#;

on_both! {
    async fn relations_are_found_by_domain_and_by_external_id(app) {
        let ann = someone(&app, "acme").await;
        let accounts = "[[step]]\nfile = 'a'\nentity = 'account'\nmatch = { external_ref = '{Id}', system = 'crm' }\nfields = { name = 'Name', domain = 'Site' }\n";
        imported(&ann, accounts, "a.csv", b"Id,Name,Site\nA-1,Acme,acme.example\nA-2,Globex,globex.example\n").await;
        let file = "Mail,Last,Site,Company\nann@acme.example,Lee,https://WWW.Acme.example/team,A-1\nbo@x.example,Ng,Globex.EXAMPLE,A-2\nno@x.example,No,nowhere.example,A-1\nnot@x.example,Not,acme.example,A-3\n";
        let job = imported(&ann, CONTACTS, "contacts.csv", file.as_bytes()).await;
        assert_eq!((counts(&job)[0], counts(&job)[4]), (4, 2), "{job}");
        let seen = ann.ask("{ contacts(orderBy: [{ field: EMAIL }]) { nodes { email account { name } } } leads(orderBy: [{ field: EMAIL }]) { nodes { email matchedAccount { name } } } }", json!({})).await;
        let contacts: Vec<_> = seen.data()["contacts"]["nodes"].as_array().unwrap().iter().map(|c| c["account"]["name"].clone()).collect();
        assert_eq!(contacts[..2], [json!("Acme"), json!("Globex")], "{}", seen.0);
        let leads: Vec<_> = seen.data()["leads"]["nodes"].as_array().unwrap().iter().map(|c| c["matchedAccount"]["name"].clone()).collect();
        assert_eq!(leads, [json!("Acme"), json!("Globex")], "{}", seen.0);
    }
}

on_both! {
    async fn parts_may_come_twice_but_not_too_early(app) {
        let ann = someone(&app, "acme").await;
        let file = format!("{HEADER}{GOOD}\n");
        let id = created(&ann, LEADS, "leads.csv").await;
        let part = |offset: usize, text: &str, last: bool| json!({ "input": { "id": id, "offset": offset, "text": text, "last": last } });

        let early = ann.ask(APPEND, part(10, &file[10..], true)).await;
        assert_eq!(early.code(), "CONFLICT");
        let first = ann.ask(APPEND, part(0, &file[..150], false)).await;
        let read = first.data()["importAppend"]["importJob"]["rowsRead"].as_i64().unwrap();
        assert!((1..3).contains(&read));
        let twice = ann.ask(APPEND, part(0, &file[..150], false)).await;
        assert_eq!(twice.data()["importAppend"], first.data()["importAppend"]);
        let whole = ann.ask(APPEND, part(0, &file, true)).await;
        assert_eq!(whole.data()["importAppend"]["importJob"]["rowsRead"], 3);
        let after = ann.ask(APPEND, part(0, &file, true)).await;
        assert_eq!(after.data()["importAppend"]["importJob"]["status"], "COMPLETED");

        let id = created(&ann, LEADS, "leads.csv").await;
        let stop = "mutation($id: ID!) { importCancel(input: { id: $id }) { importJob { status } userErrors { code } } }";
        assert_eq!(ann.ask(stop, json!({ "id": id })).await.data()["importCancel"]["importJob"]["status"], "CANCELLED");
        let late = ann.ask(APPEND, json!({ "input": { "id": id, "offset": 0, "text": file, "last": true } })).await;
        assert_eq!(late.code(), "INVALID_TRANSITION");
    }
}

on_both! {
    async fn what_is_no_table_or_does_not_fit_changes_nothing(app) {
        let ann = someone(&app, "acme").await;
        for (text, word) in [
            (&b"\xff\xfeN\0o\0"[..], "UTF-16"),
            (b"No,No\n", "two columns"),
            (b"No;\xe4\n", "UTF-8"),
            (b"", "empty"),
            (b"Other\n1\n", "no column named"),
        ] {
            let id = created(&ann, LEADS, "leads.csv").await;
            let answer = ann.ask(APPEND, json!({ "input": { "id": id, "offset": 0, "base64": BASE64_STANDARD.encode(text), "last": true } })).await;
            let fault = answer.data()["importAppend"]["userErrors"][0].clone();
            assert_eq!(fault["code"], "VALIDATION", "{fault}");
            assert!(fault["message"].as_str().unwrap().contains(word), "{fault}");
            assert_eq!(fault["field"][0], "input");
        }
        for mapping in [
            "not = 'a mapping'\n",
            "[[step]]\nfile = 'a'\nentity = 'nothing'\nfields = {}\n",
            "[[step]]\nfile = 'a'\nentity = 'lead'\nfields = { score = 'x' }\n",
            "[[step]]\nfile = 'a'\nentity = 'lead'\nfields = { ownerId = { from = 'x', find = 'region2' } }\n",
            "[[step]]\nfile = 'a'\nentity = 'lead'\nmatch = 'email'\nfields = { title = 'x' }\n",
        ] {
            let answer = ann.ask(CREATE, json!({ "input": { "mapping": mapping, "fileName": "a" } })).await;
            assert_eq!(answer.data()["importCreate"]["userErrors"][0]["field"], json!(["input", "mapping"]), "{mapping}");
        }
        assert_eq!(ann.ask("{ leads { totalCount } users { totalCount } }", json!({})).await.data(), &json!({ "leads": { "totalCount": 0 }, "users": { "totalCount": 1 } }));
    }
}

on_both! {
    async fn a_dry_run_writes_nothing_but_tells(app) {
        let ann = someone(&app, "acme").await;
        let mapping = "[[step]]\nfile = 'a'\nentity = 'lead'\nmatch = 'id'\n[step.fields]\nid = 'id'\ntitle = 'title'\n";
        let made = ann.ask("mutation { leadCreate(input: { title: \"CTO\" }) { lead { id } } }", json!({})).await;
        let id = made.data()["leadCreate"]["lead"]["id"].as_str().unwrap().to_owned();
        let answer = ann.ask(CREATE, json!({ "input": { "mapping": mapping, "fileName": "x.csv", "dryRun": true } })).await;
        let job = answer.data()["importCreate"]["importJob"]["id"].clone();
        let job = sent(&ann, &job, format!("id,title\n{id},CEO\nlead_0,x\n").as_bytes(), 1 << 20).await;
        assert_eq!(counts(&job), [2, 0, 1, 0, 1]);
        let lead = ann.ask("query($id: ID!) { lead(by: { id: $id }) { title version } }", json!({ "id": id })).await;
        assert_eq!(lead.data()["lead"], json!({ "title": "CTO", "version": 1 }));
    }
}

on_both! {
    async fn another_organisations_records_are_not_found(app) {
        let (ann, eve) = (someone(&app, "acme").await, someone(&app, "other").await);
        let file = format!("{HEADER}{GOOD}\n");
        let job = imported(&ann, LEADS, "leads.csv", file.as_bytes()).await;
        let mapping = "[[step]]\nfile = 'a'\nentity = 'lead'\n[step.fields]\nownerId = { from = 'owner', find = 'name' }\n";
        let hers = imported(&eve, mapping, "a.csv", b"owner\nIda Berg\n").await;
        assert_eq!(counts(&hers), [1, 0, 0, 0, 1]);

        let seen = eve.ask("query($id: ID!) { importJob(by: { id: $id }) { id } importFailedRows(id: $id) importErrors { totalCount } }", json!({ "id": job["id"] })).await;
        assert_eq!(seen.data(), &json!({ "importJob": null, "importFailedRows": null, "importErrors": { "totalCount": 1 } }));
        let append = eve.ask(APPEND, json!({ "input": { "id": job["id"], "offset": 0, "text": "", "last": true } })).await;
        assert_eq!(append.code(), "NOT_FOUND");
    }
}
