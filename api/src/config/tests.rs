//! Precedence, redaction, and what production refuses.

use std::io::Write;
use std::path::PathBuf;

use super::{Config, Flags, Introspection, LogFormat};

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(pairs: &[(&str, &str)]) -> Config {
    Config::from_sources(&Flags::default(), env(pairs)).unwrap()
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("accord-config-{}-{name}.toml", std::process::id()));
    std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    path
}

fn settings(config: &Config) -> Vec<&'static str> {
    config.check().iter().map(|problem| problem.setting).collect()
}

#[test]
fn without_sources_the_defaults_start() {
    let config = load(&[]);
    assert_eq!(config.listen.to_string(), "127.0.0.1:4000");
    assert_eq!(config.database_url.expose(), "sqlite://./data/accord.db?mode=rwc");
    assert_eq!(config.check(), []);
}

#[test]
fn environment_wins_over_file_and_flags_over_both() {
    let text = "listen = '127.0.0.1:1'\naccess_token_seconds = 60\ndata_dir = '/file'\n[log]\nformat = 'json'";
    let path = file("order", text);
    let flags = Flags { config: Some(path.clone()), listen: Some("127.0.0.1:3".into()), ..Flags::default() };
    let variables = env(&[("ACCORD_LISTEN", "127.0.0.1:2"), ("ACCORD_DATA_DIR", "/env")]);
    let config = Config::from_sources(&flags, variables).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.data_dir, PathBuf::from("/env"));
    assert_eq!(config.access_token_seconds, 60);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.log.filter, "info,sqlx=warn");
}

#[test]
fn nested_names_and_lists_come_from_the_environment() {
    let config = load(&[
        ("ACCORD_LIMITS__PAGE", "50"),
        ("ACCORD_LOG__FORMAT", "json"),
        ("ACCORD_ALLOWED_ORIGINS", "https://a.test, https://b.test"),
        ("ACCORD_INTROSPECTION", "off"),
    ]);
    assert_eq!(config.limits["page"], 50);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.allowed_origins, ["https://a.test", "https://b.test"]);
    assert_eq!(config.introspection, Introspection::Off);
}

#[test]
fn a_misspelt_setting_is_refused_by_name() {
    let error = Config::from_sources(&Flags::default(), env(&[("ACCORD_LISTN", "x")])).unwrap_err();
    assert!(error.to_string().contains("listn"), "{error}");
}

#[test]
fn variables_of_others_under_our_prefix_are_left_alone() {
    load(&[("ACCORD_TEST_POSTGRES_URL", "x"), ("ACCORD_SERVICE_HOST", "10.0.0.1"), ("ACCORD_PORT", "tcp://x")]);
}

#[test]
fn passwords_are_not_shown() {
    for url in ["postgres://u:hunter2@db/accord", "postgres://db/accord?user=u&password=hunter2&sslmode=require"] {
        let config = load(&[("ACCORD_DATABASE_URL", url), ("ACCORD_OTLP_ENDPOINT", "http://x:hunter2@c:4318")]);
        let shown = format!("{config:?} {}", config.database_url);
        assert!(!shown.contains("hunter2") && shown.contains("hidden"), "{shown}");
        assert_eq!(config.database_url.expose(), url);
    }
}

#[test]
fn a_broken_file_is_not_quoted() {
    let path = file("broken", "database_url = \"postgres://u:hunter2@db/x\n");
    let flags = Flags { config: Some(path.clone()), ..Flags::default() };
    let error = Config::from_sources(&flags, []).unwrap_err().to_string();
    std::fs::remove_file(path).unwrap();
    assert!(!error.contains("hunter2") && error.contains("line 1"), "{error}");
}

#[test]
fn production_refuses_what_is_for_trying_out() {
    let config = load(&[
        ("ACCORD_PRODUCTION", "true"),
        ("ACCORD_DEMO", "true"),
        ("ACCORD_DATABASE_URL", "sqlite::memory:"),
        ("ACCORD_PUBLIC_URL", "http://accord.test"),
        ("ACCORD_INTROSPECTION", "on"),
        ("ACCORD_ARGON2__MEMORY_KIB", "64"),
    ]);
    assert_eq!(settings(&config), ["demo", "database_url", "public_url", "introspection", "argon2"]);
}

#[test]
fn production_starts_with_postgres_and_https() {
    let config = load(&[
        ("ACCORD_PRODUCTION", "true"),
        ("ACCORD_DATABASE_URL", "postgres://accord:J3b-xR9@db/accord"),
        ("ACCORD_PUBLIC_URL", "https://accord.test"),
    ]);
    assert_eq!(config.check(), []);
}

#[test]
fn each_wrong_setting_is_named() {
    let config = load(&[
        ("ACCORD_DATABASE_URL", "mysql://x"),
        ("ACCORD_ALLOWED_ORIGINS", "*"),
        ("ACCORD_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example.com"),
        ("ACCORD_TRUSTED_DOCUMENTS__MODE", "only"),
        ("ACCORD_LOG__FILTER", "a=b=c"),
        ("ACCORD_POOL__CONNECTIONS", "0"),
    ]);
    let expected = [
        "database_url",
        "allowed_origins",
        "trusted_proxies",
        "trusted_documents.manifest",
        "log.filter",
        "pool.connections",
    ];
    assert_eq!(settings(&config), expected);
}

#[test]
fn an_unreadable_setting_is_named_with_its_source() {
    let error = Config::from_sources(&Flags::default(), env(&[("ACCORD_POOL__READERS", "many")])).unwrap_err();
    assert!(error.to_string().starts_with("pool.readers: "), "{error}");
    assert!(error.to_string().ends_with("(in ACCORD_POOL__READERS)"), "{error}");
}

#[test]
fn an_empty_variable_is_not_set() {
    assert_eq!(load(&[("ACCORD_PUBLIC_URL", "")]).public_url, None);
}
