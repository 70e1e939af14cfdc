//! Who takes a payroll file is in the log, over the API and on the command line.

use super::*;
use crate::harness::{Folder, accord, said};

/// Who exported which run, as somebody reads it in the log.
async fn exports(who: &Person<'_>) -> Vec<(Value, Value)> {
    who.app.numbered().await;
    let query = "{ changes(first: 100, types: [\"IncentiveRun\"]) { nodes { kind entityId actor { id } at fields } } }";
    let page = who.ask(query, json!({})).await.data()["changes"]["nodes"].as_array().unwrap().clone();
    let told = page.iter().filter(|change| change["kind"] == "incentive_run.exported");
    told.inspect(|change| assert!(change["at"].is_string() && change["fields"] == json!([]), "{change}"))
        .map(|change| (change["entityId"].clone(), change["actor"]["id"].clone()))
        .collect()
}

on_both! {
    async fn whoever_takes_a_payroll_file_is_written_down(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let run = house.run_of(&version).await;
        let query = "query($run: ID!) { incentivePayroll(runId: $run) { csv } }";
        let take = async |who: &Person<'_>| who.ask(query, json!({ "run": run })).await.0["data"]["incentivePayroll"].clone();
        assert_eq!(take(&house.finn).await, json!(null), "not locked");
        house.locked(&run).await;
        let version_of = async || house.finn.sees("incentiveRun", &run, "version status inputsHash").await;
        let before = version_of().await;
        assert_eq!(take(&house.rep).await, json!(null));
        assert_eq!(exports(&house.finn).await, [], "nobody has taken anything yet");
        assert!(take(&house.fay).await["csv"].as_str().unwrap().contains("32000.00"));
        assert_eq!(exports(&house.finn).await, [(run.clone(), house.fay.id())]);
        assert_eq!(version_of().await, before, "the run is as it was");
    }
}

on_both! {
    async fn the_command_line_writes_the_same_file_and_says_so_in_the_log(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let run = house.run_of(&version).await;
        house.locked(&run).await;
        let folder = Folder::new();
        let export = async |who: &str, more: &[&str]| {
            let mail = format!("{who}@acme.example");
            let words = [&["payroll", "export", run.as_str().unwrap(), "--organization", "acme", "--as", &mail][..], more].concat();
            let mut command = accord(&folder, &words);
            command.env("ACCORD_DATABASE_URL", &app.url);
            said(command, "").await
        };
        let done = export("finn", &[]).await;
        assert!(done.good, "{}", done.err);
        let over = house.fay.ask("query($run: ID!) { incentivePayroll(runId: $run) { csv } }", json!({ "run": run })).await;
        assert_eq!(json!(done.out), over.data()["incentivePayroll"]["csv"]);
        let done = export("fay", &["--output", "pay.csv"]).await;
        assert!(done.good && done.out.contains("2 people are paid"), "{} {}", done.out, done.err);
        let file = folder.path().join("pay.csv");
        assert_eq!(json!(std::fs::read_to_string(&file).unwrap()), over.data()["incentivePayroll"]["csv"]);
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let again = export("fay", &["--output", "pay.csv"]).await;
        assert!(!again.good, "it takes the place of no file");
        for who in ["rep", "ann", "eva"] {
            let refused = export(who, &[]).await;
            assert!(!refused.good && !refused.out.contains("32000"), "{who}: {}", refused.out);
        }
        assert_eq!(exports(&house.finn).await, [&house.finn, &house.fay, &house.fay].map(|who| (run.clone(), who.id())));
    }
}
