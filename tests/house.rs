//! The rules of the house, read from the source: who may import whom, how long a file may be, who may use the
//! doors that are not people.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The themes, low to high; a module uses only those before its own.
const ORDER: [&str; 18] = [
    "error",
    "network",
    "actor",
    "config",
    "store",
    "graph",
    "access",
    "crm",
    "marketing",
    "alignment",
    "insight",
    "incentive",
    "integration",
    "schema",
    "http",
    "demo",
    "run",
    "cli",
];

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(&root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(files.len() > 50, "the sources were not found");
    files
}

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|m| *m == module)
}

/// The first part of a path: its theme.
fn theme(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The themes that a source names as `crate::x`, comments left out.
fn named(text: &str) -> Vec<String> {
    let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut all = Vec::new();
    for part in code.split("crate::").skip(1) {
        let list = part.strip_prefix('{').map_or(part, |rest| rest.split("};").next().unwrap_or(rest));
        if part.starts_with('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => all.push(std::mem::take(&mut word)),
                    c if depth == 0 && (c.is_alphanumeric() || c == '_') => word.push(c),
                    ':' if depth == 0 && !word.is_empty() => {
                        all.push(std::mem::take(&mut word));
                        depth += 100; // the rest of this item
                    }
                    _ => {}
                }
                if c == ',' && depth >= 100 {
                    depth -= 100;
                }
            }
        } else {
            all.push(list.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    all
}

#[test]
fn no_arrow_points_up() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(own) = rank(&theme(&path)) else { continue };
        for other in named(&text) {
            // graph names the user record: every record has an author
            let author = theme(&path) == "graph" && other == "access";
            let error = ["error", "actor", "store"].contains(&theme(&path).as_str())
                && ["error", "actor", "store"].contains(&other.as_str());
            // objects may name each other's: a graph goes round; files that only say what is in the schema hold no rules
            let object = path.ends_with("graphql.rs");
            let command = theme(&path) == "run" && other == "cli";
            if rank(&other).is_some_and(|r| r > own) && !author && !error && !object && !command {
                wrong.push(format!("{} uses {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_short() {
    let sources = sources();
    let long: Vec<_> = sources.iter().filter(|(_, t)| t.lines().count() > 400).map(|(p, _)| p).collect();
    assert!(long.is_empty(), "over 400 lines: {long:?}");
}

/// Lines of a function from its first to its last; declarations without a body have none.
fn functions(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let begins = |line: &str| {
        let words = line.trim_start();
        let words = words.strip_prefix("pub").map_or(words, |rest| rest.split_once(' ').map_or(rest, |(_, rest)| rest));
        ["fn ", "async fn ", "const fn "].iter().any(|word| words.starts_with(word)) && !line.ends_with([';', '}'])
    };
    let ends = |from: usize| {
        lines[from..].iter().position(|line| line.trim_end() == format!("{}}}", " ".repeat(indent(lines[from]))))
    };
    (0..lines.len()).filter(|at| begins(lines[*at])).filter_map(|at| ends(at).map(|more| more + 1)).collect()
}

/// See docs/decisions/0022-size-and-order.md: these only fall.
#[test]
fn functions_and_files_grow_no_longer() {
    let sources = sources();
    let long = sources.iter().flat_map(|(_, text)| functions(text)).filter(|lines| *lines > 40).count();
    let mut files: Vec<usize> = sources.iter().map(|(_, text)| text.lines().count()).collect();
    files.sort_unstable();
    let median = files[files.len() / 2];
    assert!(long <= 70, "{long} functions have more than 40 lines");
    assert!(median <= 120, "half of the files have more than {median} lines");
}

/// Advisory databases lack entries for what older versions of these let in: jsonwebtoken before 10.3 (CVE-2026-25537) takes
/// a token whose times have the wrong type, async-graphql before 7.0.10 (CVE-2024-47614) any number of directives.
#[test]
fn what_checks_tokens_and_documents_is_new_enough() {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock")).unwrap();
    for (package, least) in [("jsonwebtoken", [10, 3, 0]), ("async-graphql", [7, 0, 10])] {
        let named = format!("name = \"{package}\"\nversion = \"");
        let versions: Vec<&str> = lock.split(&named).skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(!versions.is_empty(), "{package} is not there");
        for version in versions {
            let number = version.split('-').next().unwrap_or_default();
            let number: Vec<u32> = number.split('.').map(|part| part.parse().unwrap()).collect();
            assert!(number[..] >= least[..], "{package} {version}");
        }
    }
}

/// What people are paid is reckoned in whole minor units and exact fractions.
#[test]
fn no_float_comes_near_pay() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../entity/src");
    let entities = ["money", "incentive"].iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let entities: Vec<_> = entities.map(|file| file.unwrap().path()).collect();
    let entities = entities.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap()));
    let near = [
        "incentive",
        "insight/goal",
        "insight/metric/exact.rs",
        "crm/fx.rs",
        "crm/opportunity_split",
        "crm/customer_contract",
    ];
    let pay = sources().into_iter().filter(|(path, _)| near.iter().any(|place| path.starts_with(place)));
    let float = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "f32" || word == "f64");
    let wrong: Vec<PathBuf> = pay.chain(entities).filter(|(_, text)| float(text)).map(|(path, _)| path).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|(p, t)| !t.starts_with("//!") && p != Path::new("main.rs") && !p.ends_with("tests.rs"))
        .map(|(p, _)| p)
        .collect();
    assert!(silent.is_empty(), "without a first line of documentation: {silent:?}");
}

/// The doors that are not people, and who may go through them.
#[test]
fn the_back_doors_have_few_users() {
    let doors: [(&str, &[&str]); 12] = [
        (">::shared(", &["insight/"]),
        // what was deleted since, too
        (">::shared_at(", &["insight/"]),
        (">::read_at(", &["insight/"]),
        (".door()", &["access/", "store/", "demo/"]),
        (".migrator()", &["store/mod.rs", "run.rs", "run/"]),
        (".migration()", &["run/"]),
        ("Actor::system(", &["actor.rs", "access/", "crm/mod.rs", "run.rs", "run/", "integration/", "store/", "demo"]),
        // with every right of the organisation, in somebody's name
        (
            "as_deputy",
            &["store/", "alignment/attribution/correct.rs", "alignment/handoff/gap.rs", "alignment/sla/steps.rs"],
        ),
        // rows that follow others, whoever sees them
        (
            "lock_followers",
            &[
                "store/",
                "graph/repoint.rs",
                "crm/customer_contract/",
                "crm/duplicate/pairs.rs",
                "crm/lead/convert/carry.rs",
                "crm/lead_cycle.rs",
                "crm/matching/backfill.rs",
                "crm/merge/",
                "crm/opportunity_state/follow.rs",
                "marketing/converted.rs",
                "marketing/visitor.rs",
                "alignment/attribution/",
                "incentive/dispute/settle.rs",
                "incentive/run/lock.rs",
            ],
        ),
        // deleted rows too
        (
            "with_deleted(",
            &[
                "store/",
                "graph/record.rs",
                "crm/matching/backfill.rs",
                "crm/opportunity/heard.rs",
                "crm/opportunity_state/follow.rs",
                "alignment/attribution/affected.rs",
                "alignment/scoring/cache.rs",
                "alignment/sla/evidence.rs",
                "alignment/sla/hours.rs",
                "incentive/clawback/hear.rs",
            ],
        ),
        // the log as it was written
        (".log(", &["integration/changes/feed.rs", "insight/dashboard/stream.rs"]),
        // ids of rows by their keys, whoever sees them
        (".told::<", &["graph/upsert/pair.rs"]),
    ];
    for (door, users) in doors {
        for (path, text) in sources() {
            let path = path.to_string_lossy().into_owned();
            let known = users.iter().any(|u| path.starts_with(u));
            assert!(known || !text.contains(door), "{path} uses {door}");
        }
    }
}
