//! Where settings come from, what `serve --check` says of them, and what is refused.

use super::find_none;
use crate::harness::{Folder, Said, accord, said};

/// In files, variables and flags; whatever is printed holds none of them.
const SECRETS: [&str; 3] = ["hunter2", "s3cret-reader", "tr4ce-token"];

/// `accord serve --check` with these variables and flags; `ACCORD_LISTEN` only when it is among them.
async fn check(folder: &Folder, variables: &[(&str, &str)], flags: &[&str]) -> Said {
    let words: Vec<&str> = ["serve", "--check"].iter().chain(flags).copied().collect();
    let mut command = accord(folder, &words);
    command.env_clear().envs(variables.iter().copied());
    let said = said(command, "").await;
    find_none(&said, &SECRETS);
    said
}

#[tokio::test]
async fn good_settings_are_shown_without_their_secrets() {
    let folder = Folder::new();
    folder.file(
        "accord.toml",
        "database_url = 'postgres://accord:hunter2@db.example.com/accord'\n[log]\nformat = 'json'\n",
    );
    let variables = [
        ("ACCORD_DATABASE_READER_URL", "postgres://db.example.com/accord?user=u&password=s3cret-reader"),
        ("ACCORD_OTLP_ENDPOINT", "http://agent:tr4ce-token@127.0.0.1:4318"),
        ("ACCORD_LIMITS__PAGE", "50"),
    ];
    let shown = check(&folder, &variables, &[]).await;
    assert!(shown.good && shown.out.ends_with("The configuration is good.\n"), "{}{}", shown.out, shown.err);
    assert_eq!(shown.out.matches("hidden").count(), 4, "{}", shown.out);
    assert!(shown.out.contains("db.example.com") && shown.out.contains("format: Json"), "{}", shown.out);
    assert!(!folder.path().join("data").exists(), "a check makes nothing");
}

#[tokio::test]
async fn flags_win_over_the_environment_and_that_over_the_file() {
    let folder = Folder::new();
    let file = "listen = '127.0.0.1:4001'\ndata_dir = 'of-file'\naccess_token_seconds = 60\npublic_url = 'https://file.example.com'\n";
    folder.file("accord.toml", file);
    let other = folder.file("other.toml", "listen = '127.0.0.1:4009'\n");
    let variables =
        [("ACCORD_LISTEN", "127.0.0.1:4002"), ("ACCORD_DATA_DIR", "of-environment"), ("ACCORD_PUBLIC_URL", "")];
    for (variables, flags, lines) in [
        (&[][..], &[][..], &["listen: 127.0.0.1:4001,", "data_dir: \"of-file\",", "access_token_seconds: 60,"][..]),
        (
            &variables[..],
            &[],
            &[
                "listen: 127.0.0.1:4002,",
                "data_dir: \"of-environment\",",
                "access_token_seconds: 60,",
                "\"https://file.example.com\",",
            ],
        ),
        (
            &variables[..],
            &["--listen", "127.0.0.1:4003"],
            &["listen: 127.0.0.1:4003,", "data_dir: \"of-environment\","],
        ),
        (
            &variables[..1],
            &["--data-dir", "of-flag"],
            &["listen: 127.0.0.1:4002,", "data_dir: \"of-flag\",", "sqlite://of-flag/accord.db?mode=rwc"],
        ),
        (&[], &["--config", &other], &["listen: 127.0.0.1:4009,", "access_token_seconds: 300,"]),
        (&[("ACCORD_CONFIG", &*other)], &[], &["listen: 127.0.0.1:4009,", "data_dir: \"./data\","]),
    ] {
        let shown = check(&folder, variables, flags).await;
        assert!(shown.good, "{}", shown.err);
        for line in lines {
            assert!(shown.out.contains(line), "{variables:?} {flags:?}: no {line} in {}", shown.out);
        }
    }
}

#[tokio::test]
async fn bad_settings_are_all_named_at_once_and_keep_their_secrets() {
    let folder = Folder::new();
    let variables = [
        ("ACCORD_DATABASE_URL", "mysql://accord:hunter2@db/accord"),
        ("ACCORD_ALLOWED_ORIGINS", "*"),
        ("ACCORD_OTLP_ENDPOINT", "https://agent:tr4ce-token@collector"),
        ("ACCORD_POOL__CONNECTIONS", "0"),
    ];
    let refused = check(&folder, &variables, &[]).await;
    assert!(!refused.good && refused.out.is_empty());
    for setting in ["database_url: ", "allowed_origins: ", "otlp_endpoint: ", "pool.connections: "] {
        assert!(refused.err.contains(setting), "no {setting} in {}", refused.err);
    }
    for (variables, why) in [
        (&[("ACCORD_LISTN", "hunter2")][..], "listn"),
        (&[("ACCORD_POOL__READERS", "many")], "pool.readers: "),
        (&[("ACCORD_CONFIG", "nowhere.toml")], "nowhere.toml does not exist"),
        (&[("ACCORD_LIMITS__PGE", "1")], "pge"),
    ] {
        let refused = check(&folder, variables, &[]).await;
        assert!(!refused.good && refused.err.contains(why), "{variables:?}: {}{}", refused.out, refused.err);
    }
    folder.file("accord.toml", "database_url = 'postgres://accord:hunter2@db/accord\n");
    let broken = check(&folder, &[], &[]).await;
    assert!(!broken.good && broken.err.contains("line 1"), "{}", broken.err);
}

#[tokio::test]
async fn production_refuses_what_is_for_trying_out() {
    let folder = Folder::new();
    let defaults = check(&folder, &[], &["--production"]).await;
    assert!(!defaults.good && defaults.err.contains("public_url: "), "{}", defaults.err);
    let https = ("ACCORD_PUBLIC_URL", "https://accord.example.com");
    for (variables, flags, setting) in [
        (&[https][..], &["--production", "--demo"][..], "demo: "),
        (&[https, ("ACCORD_DATABASE_URL", "sqlite::memory:")], &["--production"], "database_url: "),
        (&[https, ("ACCORD_DATABASE_URL", "postgres://a:postgres@db/a")], &["--production"], "database_url: "),
        (&[https, ("ACCORD_INTROSPECTION", "on")], &["--production"], "introspection: "),
        (&[https, ("ACCORD_ARGON2__MEMORY_KIB", "64")], &["--production"], "argon2: "),
        (&[https, ("ACCORD_ACCESS_TOKEN_SECONDS", "3600")], &["--production"], "access_token_seconds: "),
        (&[("ACCORD_PUBLIC_URL", "http://accord.example.com")], &["--production"], "public_url: "),
    ] {
        let refused = check(&folder, variables, flags).await;
        assert!(!refused.good && refused.err.contains(setting), "{setting}: {}{}", refused.out, refused.err);
        let mut command = accord(&folder, &["serve"]);
        command.args(flags).env_clear().envs(variables.iter().copied());
        let start = said(command, "").await;
        assert!(!start.good && start.err.contains(setting), "it does not start either: {}", start.err);
    }
    let good = check(&folder, &[https, ("ACCORD_PRODUCTION", "true")], &[]).await;
    assert!(good.good, "{}", good.err);
}
