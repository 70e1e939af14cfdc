//! The built-in roles as a printed table: role x permission. A change of rights is a change of `docs/RIGHTS.md`.

use std::fmt::Write;

use api::{
    access::role::templates::Template,
    actor::{Permission, Scope},
};
use entity::word::Word;

fn cell(template: Template, permission: Permission) -> String {
    match template.rights().reach(permission) {
        None => "–".to_owned(),
        Some(reach) => format!(
            "{}{}",
            reach.scope.word(),
            if reach.unassigned && reach.scope != Scope::All { "+pool" } else { "" }
        ),
    }
}

fn table() -> String {
    let mut text = String::from(
        "# Rights\n\nWhat the built-in roles may do, and how far. OWN: records I own. TEAM: also those of people who share a \
         team with me. SUBTREE: also those of people below me. ALL: every record of the organisation. `+pool`: also \
         records that nobody owns. Records without an owner follow the record they belong to. Custom roles combine \
         permissions and scopes freely. This file is written by a test from the table that is enforced.\n\n| permission |",
    );
    Template::all().for_each(|t| _ = write!(text, " {} |", t.word()));
    text.push_str("\n|---|");
    Template::all().for_each(|_| text.push_str("---|"));
    for permission in Permission::all() {
        _ = write!(text, "\n| {} |", permission.word());
        Template::all().for_each(|t| _ = write!(text, " {} |", cell(t, permission)));
    }
    text.push('\n');
    text
}

#[test]
fn the_table_of_rights_is_current() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/RIGHTS.md");
    let found = table();
    if std::env::var_os("ACCORD_TEST_BLESS").is_some() {
        std::fs::write(file, &found).expect("RIGHTS.md is written");
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    assert!(found == written, "docs/RIGHTS.md says otherwise: ACCORD_TEST_BLESS=1 rewrites it");
}
