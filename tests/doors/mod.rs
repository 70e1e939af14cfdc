//! Every root field, tried by every role with good input on rows within reach: whoever holds the permission that the
//! schema names is served, and nobody else is. What came out is printed in `doors.txt`, so that a change of it is seen.

mod changes;
mod reads;
mod streams;

use std::fmt::Write;

use api::{access::role::templates::Template, actor::Permission};
use entity::word::Word;

use crate::harness::{App, Known, Person, Sample, World, on_both};

/// Everybody by their role, as the one who owns everything.
fn roles<'a>(world: &World<'a>) -> Vec<(Template, Person<'a>)> {
    Template::all().map(|template| (template, world.as_role(template))).collect()
}

fn holds(who: &Person<'_>, needed: &[Permission]) -> bool {
    needed.iter().all(|permission| who.actor.may(*permission))
}

fn header(first: &str) -> String {
    let mut text = format!("{first:<34}");
    Template::all().for_each(|role| _ = write!(text, " {:>13}", role.word()));
    text
}

fn row(name: &str, cells: impl Iterator<Item = String>) -> String {
    let mut text = format!("\n{name:<34}");
    cells.for_each(|cell| _ = write!(text, " {cell:>13}"));
    text
}

async fn doors(app: &App) -> (String, Vec<String>) {
    let world = World::of(app, "sample").await;
    let mut wrong = vec![];
    let mut text = header("rows seen: by their owner / others");
    text += &reads::counts(app, &world, &mut wrong).await;
    reads::answers(&world, &mut wrong).await;
    reads::nodes(&world, &mut wrong).await;
    text += &format!("\n\n{}", header("carried out"));
    text += &changes::tried(app, &world, &mut wrong).await;
    text.push('\n');
    (text, wrong)
}

on_both! {
    async fn each_role_sees_and_does_what_is_written_down(app) {
        let (found, wrong) = doors(&app).await;
        assert!(wrong.is_empty(), "{} doors stand wrong:\n{}", wrong.len(), wrong.join("\n"));
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/doors.txt");
        if std::env::var_os("ACCORD_TEST_BLESS").is_some() {
            std::fs::write(file, &found).expect("doors.txt is written");
        }
        let written = std::fs::read_to_string(file).unwrap_or_default();
        assert!(found == written, "doors.txt says otherwise (ACCORD_TEST_BLESS=1 rewrites it):\n{found}");
    }
}

on_both! {
    async fn strangers_are_told_to_sign_in(app) {
        let sample = Sample::new("sample");
        for root in ["Query", "Mutation"] {
            for name in Sample::roots(root).keys() {
                if ["viewer", "sessionCreate", "sessionRefresh", "userActivate", "passwordReset"].contains(&name.as_str()) {
                    continue;
                }
                let (query, variables) = Sample::operation(root, &[(name, &sample.arguments(root, name, &Known::new()))]);
                let answer = app.ask_as(None, &[], &query, variables).await;
                assert_eq!(answer.code(), "UNAUTHENTICATED", "{name}: {}", answer.0);
            }
        }
    }
}
