//! Every root field, tried by every role. A mutation is refused exactly when the role lacks the permission that the
//! schema names; what each role sees of one row of everything is compared with `doors.txt`.

use std::{collections::BTreeMap, fmt::Write};

use api::{access::role::templates::Template, actor::Permission};
use entity::{
    id::{OrganizationId, RowId},
    word::Word,
};

use crate::harness::{App, Person, Sample, on_both};

/// Mutations that need no permission: coming in, going out, one's own credentials.
fn open(field: &str) -> bool {
    crate::schema::OWN.contains(&field)
}

on_both! {
    async fn mutations_are_refused_exactly_without_the_permission(app) {
        let sample = Sample::new();
        let home = OrganizationId::from_uuid(uuid::Uuid::now_v7());
        let mut wrong = Vec::new();
        for template in Template::all() {
            let who = app.with_rights(home, template.rights());
            for (name, field) in sample.roots("Mutation").into_iter().filter(|(name, _)| !open(name)) {
                let needed = Sample::permissions(field);
                let may = needed.iter().any(|p| who.actor.may(Permission::parse(p).expect(p)));
                let (query, variables) = sample.operation("mutation", &name, field, &BTreeMap::new());
                let answer = who.ask(&query, variables).await;
                let refused = answer.code() == "FORBIDDEN";
                if needed.is_empty() || refused == may {
                    wrong.push(format!("{name} as {}: needs {needed:?}, answered {}", template.word(), answer.0));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

on_both! {
    async fn strangers_are_told_to_sign_in(app) {
        let sample = Sample::new();
        for (kind, root) in [("query", "Query"), ("mutation", "Mutation")] {
            for (name, field) in sample.roots(root) {
                if ["viewer", "sessionCreate", "sessionRefresh", "userActivate", "passwordReset"].contains(&name.as_str()) {
                    continue;
                }
                let (query, variables) = sample.operation(kind, &name, field, &BTreeMap::new());
                let answer = app.ask_as(None, &[], &query, variables).await;
                assert_eq!(answer.code(), "UNAUTHENTICATED", "{name}: {}", answer.0);
            }
        }
    }
}

/// One of everything, made by somebody with every right.
async fn one_of_each(sample: &Sample, admin: &Person<'_>) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    let creates: Vec<_> = sample.roots("Mutation").into_iter().filter(|(name, _)| name.ends_with("Create")).collect();
    // parents before children: what fails for want of a parent is tried again once more is known
    for _ in 0..4 {
        for (name, field) in &creates {
            let record = name.trim_end_matches("Create").to_owned();
            if known.contains_key(&record) {
                continue;
            }
            let (query, variables) = sample.operation("mutation", name, field, &known);
            let query = query.replace("{ userErrors", &format!("{{ {record} {{ id }} userErrors"));
            let answer = admin.ask(&query, variables).await;
            if let Some(id) = answer.0["data"][name][&record]["id"].as_str() {
                known.insert(record, id.to_owned());
            }
        }
    }
    known
}

/// How many rows of a list somebody sees.
async fn seen(who: &Person<'_>, name: &str) -> i64 {
    let answer = who.ask(&format!("{{ {name} {{ totalCount }} }}"), serde_json::json!({})).await;
    answer.data()[name]["totalCount"].as_i64().expect("a count")
}

async fn matrix(app: &App) -> String {
    let sample = Sample::new();
    let admin = app.founder().await;
    let home = admin.actor.organization;
    one_of_each(&sample, &admin).await;
    let roles: Vec<_> = Template::all().map(|t| (t.word(), app.with_rights(home, t.rights()))).collect();
    let mut text = format!("{:<22}", "rows seen of one each");
    roles.iter().for_each(|(role, _)| _ = write!(text, " {role:>13}"));
    for (name, field) in sample.roots("Query") {
        if !field.ty.inner_named_type().ends_with("Connection") || name == "changes" {
            continue;
        }
        _ = write!(text, "\n{name:<22}");
        for (_, who) in &roles {
            _ = write!(text, " {:>13}", seen(who, &name).await);
        }
        assert_eq!(seen(&app.admin(), &name).await, 0, "{name} shows another organisation's rows");
    }
    text.push('\n');
    text
}

on_both! {
    async fn each_role_sees_what_is_written_down(app) {
        let found = matrix(&app).await;
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/doors.txt");
        if std::env::var_os("ACCORD_TEST_BLESS").is_some() {
            std::fs::write(file, &found).expect("doors.txt is written");
        }
        let written = std::fs::read_to_string(file).unwrap_or_default();
        assert!(found == written, "doors.txt says otherwise (ACCORD_TEST_BLESS=1 rewrites it):\n{found}");
    }
}
