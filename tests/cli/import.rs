//! `accord import`: a file in, its failed rows out, in bounded memory.

use std::fmt::Write;

use super::{PASSWORD, ann, on};
use crate::{
    harness::{App, Folder, MEASURED, Server, accord, json, on_both},
    jobs::count,
};

const MAPPING: &str = r#"
[[step]]
file = "leads.csv"
entity = "lead"
match = { external_ref = "{No}", system = "sheet" }
[step.fields]
firstName = "First"
lastName = "Last"
email = "Mail"
"#;

on_both! {
    async fn failed_rows_may_take_the_place_of_the_file_they_come_from(app) {
        let folder = Folder::new();
        assert!(ann(&app.url, &folder).await.good);
        folder.file("m.toml", MAPPING);
        // more than is read at once
        let mut rows = "No,First,Last,Mail\n".to_owned();
        for n in 0..9_000 {
            let mail = if n % 4_000 == 0 { "not an address".to_owned() } else { format!("l{n}@example.com") };
            writeln!(rows, "{n},Ann,Number {n},{mail}").expect("text");
        }
        folder.file("leads.csv", rows);
        let words = ["import", "leads.csv", "--mapping", "m.toml", "--organization", "acme", "--as", "ann@example.com", "--errors", "leads.csv"];
        let done = on(&app.url, &folder, &words, "").await;
        assert!(done.err.contains("9000 rows, 8997 created, 0 updated, 0 unchanged, 3 failed"), "{}", done.err);
        let left = std::fs::read_to_string(folder.path().join("leads.csv")).expect("a file of failed rows");
        assert_eq!(left.lines().count(), 4, "{left}");
    }
}

on_both! {
    async fn a_file_comes_in_and_its_failed_rows_come_out(app) {
        let folder = Folder::new();
        assert!(ann(&app.url, &folder).await.good);
        folder.file("m.toml", MAPPING);
        folder.file("leads.csv", "No,First,Last,Mail\n1,Ann,Lee,ann@example.com\n2,Bo,Ng,not an address\n3,=1+1,Kiss,\n");
        let words = ["import", "leads.csv", "--mapping", "m.toml", "--organization", "acme", "--as", "ann@example.com"];
        let import = async |more: &[&str]| on(&app.url, &folder, &[&words[..], more].concat(), "").await;

        let dry = import(&["--dry-run"]).await;
        assert!(!dry.good && dry.err.contains("leads.csv: 3 rows, 2 created, 0 updated, 0 unchanged, 1 failed"), "{}", dry.err);
        assert_eq!(count(&app.store, "lead").await, 0);

        let first = import(&["--errors", "bad.csv"]).await;
        assert!(!first.good && first.err.contains("3 rows, 2 created, 0 updated, 0 unchanged, 1 failed\n1 rows could not be brought in"), "{}", first.err);
        let bad = std::fs::read_to_string(folder.path().join("bad.csv")).expect("a file of failed rows");
        let lines: Vec<&str> = bad.lines().collect();
        assert_eq!((lines.len(), lines[0]), (2, "No,First,Last,Mail,__error"));
        assert!(lines[1].starts_with("2,Bo,Ng,not an address,") && lines[1].contains("VALIDATION email: "), "{bad}");
        assert_eq!(count(&app.store, "lead").await, 2);

        folder.file("leads.csv", bad.replace("not an address", "bo@example.com"));
        let mended = import(&["--errors", "worse.csv"]).await;
        assert!(mended.good, "{}", mended.err);
        assert_eq!(mended.out, "leads.csv: 1 rows, 1 created, 0 updated, 0 unchanged, 0 failed\n");
        assert!(!folder.path().join("worse.csv").exists(), "nothing failed");
        assert_eq!(import(&[]).await.out, "leads.csv: 1 rows, 0 created, 0 updated, 1 unchanged, 0 failed\n");

        let server = Server::start(&folder, &app.url, &[]).await;
        let token = server.signs_in("ann@example.com").await;
        let query = "{ leads(orderBy: [{ field: EMAIL }]) { nodes { email firstName createdBy { email } } } }";
        let leads = server.ask(Some(&token), query, json!({})).await;
        let leads = leads.data()["leads"]["nodes"].as_array().expect("leads").clone();
        let names: Vec<_> = leads.iter().map(|lead| lead["firstName"].as_str().unwrap_or_default()).collect();
        assert!(["Ann", "Bo", "=1+1"].iter().all(|name| names.contains(name)) && names.len() == 3, "{names:?}");
        assert!(leads.iter().all(|lead| lead["createdBy"]["email"] == "ann@example.com"), "{leads:?}");
    }
}

on_both! {
    async fn a_row_too_wide_is_left_out_and_what_breaks_off_is_closed(app) {
        let folder = Folder::new();
        assert!(ann(&app.url, &folder).await.good);
        folder.file("m.toml", MAPPING);
        let words = ["import", "leads.csv", "--mapping", "m.toml", "--organization", "acme", "--as", "ann@example.com", "--errors", "bad.csv"];
        let wide = ",".repeat(600);
        folder.file("leads.csv", format!("No,First,Last,Mail\n1,Ann,Lee,no address\n2{wide}\n3,Bo,Ng,\n"));
        let done = on(&app.url, &folder, &words, "").await;
        assert!(done.err.contains("3 rows, 1 created, 0 updated, 0 unchanged, 2 failed"), "{}", done.err);
        let bad = std::fs::read_to_string(folder.path().join("bad.csv")).expect("a file of failed rows");
        assert!(bad.lines().count() == 3 && bad.contains("row 2: this row has more than 500 columns"), "{bad}");

        folder.file("leads.csv", b"No,First,Last,Mail,\xe4\n");
        assert!(!on(&app.url, &folder, &words, "").await.good);
        assert_eq!(count(&app.store, "import_job WHERE status = 'COMPLETED_WITH_ERRORS'").await, 1);
        assert_eq!(count(&app.store, "import_job WHERE status = 'CANCELLED' AND finished_at IS NOT NULL").await, 1);
    }
}

on_both! {
    async fn what_cannot_be_imported_is_named(app) {
        let folder = Folder::new();
        assert!(ann(&app.url, &folder).await.good);
        folder.file("m.toml", MAPPING);
        folder.file("leads.csv", "No,First,Last,Mail\n1,Ann,Lee,ann@example.com\n");
        folder.file("latin.csv", b"No,First,Last,Mail,\xe4\n");
        folder.file("other.csv", "A,B\n1,2\n");
        folder.file("odd.toml", "[[step]]\nfile = 'a'\nentity = 'nothing'\nfields = {}\n");
        for (file, mapping, organization, actor, why) in [
            ("nowhere.csv", "m.toml", "acme", "ann@example.com", "nowhere.csv"),
            ("leads.csv", "nowhere.toml", "acme", "ann@example.com", "presets are maven_crm"),
            ("leads.csv", "odd.toml", "acme", "ann@example.com", "nothing"),
            ("leads.csv", "m.toml", "other", "ann@example.com", "organization: no such"),
            ("leads.csv", "m.toml", "acme", "bob@example.com", "email: no such"),
            ("latin.csv", "m.toml", "acme", "ann@example.com", "UTF-8"),
            ("other.csv", "m.toml", "acme", "ann@example.com", "no column named"),
        ] {
            let words = ["import", file, "--mapping", mapping, "--organization", organization, "--as", actor];
            let refused = on(&app.url, &folder, &words, "").await;
            assert!(!refused.good && refused.err.contains(why), "{file} {mapping}: {}", refused.err);
            assert!(!refused.err.contains(PASSWORD) && refused.out.is_empty());
        }
        assert_eq!(count(&app.store, "lead").await, 0);
    }
}

/// Leads with notes that no field takes: many bytes to read and few to write.
fn notes(rows: usize) -> String {
    let note = "a long note, ".repeat(2_000);
    let mut file = String::from("No,First,Last,Mail,Note\n");
    for n in 0..rows {
        _ = writeln!(file, "N{n},Ann,Lee,ann{n}@example.com,\"{n} {note}\"");
    }
    file
}

/// Leads with nothing but what is written: many rows and few bytes.
fn short(rows: usize) -> String {
    let mut file = String::from("No,First,Last,Mail\n");
    for n in 0..rows {
        _ = writeln!(file, "S{n},Bo,Ng,");
    }
    file
}

/// The most memory of its own that an import of a file has been seen to hold, in bytes: the database's file is not its own.
async fn held(app: &App, folder: &Folder, file: &str) -> u64 {
    folder.file("leads.csv", file);
    let words = ["import", "leads.csv", "--mapping", "m.toml", "--organization", "acme", "--as", "ann@example.com"];
    let mut child =
        accord(folder, &words).env("ACCORD_DATABASE_URL", &app.url).envs(MEASURED).spawn().expect("accord starts");
    let status = format!("/proc/{}/status", child.id().expect("it runs"));
    let mut most = 0;
    let ended = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let own = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let own = own.and_then(|line| line.split_whitespace().next());
        most = most.max(own.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("its state") {
            break status;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert!(ended.success() && most > 0);
    most * 1024
}

on_both! {
    async fn a_long_file_needs_no_more_memory_than_a_short_one(app) {
        if !cfg!(target_os = "linux") {
            return println!("there is no /proc here: memory is not measured");
        }
        let folder = Folder::new();
        assert!(ann(&app.url, &folder).await.good);
        folder.file("m.toml", MAPPING);
        // the same for every length: 27 MiB, and 65 MiB once caches have filled with the first ten thousand rows
        for (file, most) in [(notes(4_000), 64 << 20), (short(15_000), 96 << 20)] {
            let held = held(&app, &folder, &file).await;
            println!("{} KiB of file: {} MiB", file.len() >> 10, held >> 20);
            assert!(held < most, "{held} bytes of memory for {} bytes of file", file.len());
        }
        assert_eq!(count(&app.store, "lead").await, 19_000);
    }
}
