//! The README's examples, run in the order in which they stand, with the answers that stand beside them.

use serde_json::{Value, json};

use crate::harness::on_both;

/// The blocks of the README in these languages: (language, text).
fn blocks() -> Vec<(String, String)> {
    let text = include_str!("../README.md");
    let mut all = Vec::new();
    for part in text.split("\n```").skip(1).step_by(2) {
        let (language, body) = part.split_once('\n').unwrap_or((part, ""));
        if ["graphql", "json"].contains(&language) {
            all.push((language.to_owned(), body.to_owned()));
        }
    }
    all
}

on_both! {
    async fn the_examples_answer_what_they_say(app) {
        let ann = app.founder().await;
        let blocks = blocks();
        assert!(blocks.len() >= 5, "the README has lost its examples");
        let mut compared = 0;
        for (at, (language, text)) in blocks.iter().enumerate() {
            // signing in is tried by the tests of access, with people of their own
            if language != "graphql" || text.contains("sessionCreate") {
                continue;
            }
            let answer = ann.ask(text, json!({})).await;
            answer.data();
            if let Some((_, wanted)) = blocks.get(at + 1).filter(|(language, _)| language == "json") {
                let wanted: Value = serde_json::from_str(wanted).expect("the answer is JSON");
                assert_eq!(answer.0, wanted, "{text}");
                compared += 1;
            }
        }
        assert!(compared >= 2, "the README shows too few answers");
    }
}
