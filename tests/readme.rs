//! The README's examples, run in the order in which they stand on the demo organisation, by whom they sign in, with the
//! answers that stand beside them.

use api::demo::{self, Size};
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
        let small = Size { seed: 7, percent: 8 };
        demo::fill_with(&app.store, app.gate.hasher(), small).await.expect("the demo organisation");
        let mut token: Option<String> = None;
        let blocks = blocks();
        assert!(blocks.len() >= 5, "the README has lost its examples");
        let mut compared = 0;
        for (at, (language, text)) in blocks.iter().enumerate() {
            if language != "graphql" {
                continue;
            }
            let answer = app.ask_as(token.as_deref(), &[], text, json!({})).await;
            let session = &answer.data()["sessionCreate"]["session"];
            token = session["accessToken"].as_str().map(str::to_owned).or(token);
            if let Some((_, wanted)) = blocks.get(at + 1).filter(|(language, _)| language == "json") {
                let wanted: Value = serde_json::from_str(wanted).expect("the answer is JSON");
                assert_eq!(answer.0, wanted, "{text}");
                compared += 1;
            }
        }
        assert!(compared >= 2, "the README shows too few answers");
    }
}
