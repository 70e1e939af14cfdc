//! Where settings come from and which source wins. Whether they make sense together is `check`'s question.

use std::path::{Path, PathBuf};

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::{Deserialize, Deserializer, Serialize};

use super::Config;

const PREFIX: &str = "ACCORD_";
const ENVIRONMENT: &str = "environment";

/// A setting that cannot be read. The text names it and quotes no line of the file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0}")]
    Unreadable(String),
    #[error("the configuration file {0} does not exist")]
    NoFile(PathBuf),
}

/// What the command line sets; `None` leaves the word to the other sources.
#[derive(Clone, Default, Serialize)]
pub struct Flags {
    /// Path of the TOML file.
    #[serde(skip)]
    pub config: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub production: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demo: Option<bool>,
}

impl Config {
    /// Reads all four sources.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::from_sources(flags, variables)
    }

    /// As `load`, with the environment given: for tests.
    pub fn from_sources(
        flags: &Flags,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let environment = Environment::new(variables);
        let mut figment = Figment::new();
        if let Some(path) = file(flags, &environment)? {
            figment = figment.merge(Toml::file_exact(path));
        }
        let mut config: Self =
            figment.merge(environment).merge(Serialized::defaults(flags)).extract().map_err(|error| plain(&error))?;
        if config.database_url.is_empty() {
            let path = config.data_dir.join("accord.db").display().to_string();
            let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
            config.database_url = format!("sqlite://{path}?mode=rwc").into();
        }
        Ok(config)
    }
}

fn file(flags: &Flags, environment: &Environment) -> Result<Option<PathBuf>, ConfigError> {
    let named = flags.config.clone().or_else(|| environment.config.clone());
    match named {
        Some(path) if path.is_file() => Ok(Some(path)),
        Some(path) => Err(ConfigError::NoFile(path)),
        None => Ok(Some(Path::new("accord.toml")).filter(|path| path.is_file()).map(Path::to_path_buf)),
    }
}

/// TOML errors quote the line they stumbled over, and that line may hold a password: leave it out.
fn plain(error: &figment::Error) -> ConfigError {
    let texts: Vec<String> = error.clone().into_iter().map(|error| describe(&error)).collect();
    let kept = texts.iter().flat_map(|text| text.lines()).filter(|line| !line.contains(" |"));
    ConfigError::Unreadable(kept.collect::<Vec<_>>().join("; "))
}

/// Setting, what is wrong with it, and which source said so.
fn describe(error: &figment::Error) -> String {
    let setting = error.path.join(".");
    let colon = if setting.is_empty() { "" } else { ": " };
    let source = match &error.metadata {
        Some(metadata) => match metadata.source.as_ref().and_then(figment::Source::file_path) {
            Some(path) => format!(" (in {})", path.display()),
            None if metadata.name == ENVIRONMENT => format!(" (in {PREFIX}{})", error.path.join("__").to_uppercase()),
            None => " (in a flag)".into(),
        },
        None => String::new(),
    };
    format!("{setting}{colon}{}{source}", error.kind)
}

struct Environment {
    config: Option<PathBuf>,
    settings: Vec<(String, String)>,
}

impl Environment {
    fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut config = None;
        let mut settings = Vec::new();
        for (name, value) in variables {
            let Some(name) = name.strip_prefix(PREFIX).map(str::to_lowercase) else { continue };
            match name.as_str() {
                "config" => config = Some(PathBuf::from(value)),
                // `ACCORD_X=` is how a compose file says "not set".
                name if foreign(name) || value.is_empty() => {}
                _ => settings.push((name, value)),
            }
        }
        settings.sort();
        Self { config, settings }
    }
}

/// Variables of others under our prefix: the test database, and what Kubernetes sets for a service called "accord".
fn foreign(name: &str) -> bool {
    name.starts_with("test_") || name == "port" || name.starts_with("port_") || name.starts_with("service_")
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named(ENVIRONMENT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut settings = Dict::new();
        for (name, value) in &self.settings {
            let value = match value.parse::<Value>() {
                Ok(value) => value,
                Err(never) => match never {},
            };
            insert(&mut settings, &name.split("__").collect::<Vec<_>>(), value);
        }
        Ok(Profile::Default.collect(settings))
    }
}

fn insert(level: &mut Dict, names: &[&str], value: Value) {
    match names {
        [] => {}
        [last] => {
            level.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let next = level.entry((*first).to_owned()).or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, next) = next {
                insert(next, rest, value);
            }
        }
    }
}

/// A list, or its parts in one text with commas between.
pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::List(list) => list,
        Either::Text(text) => {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        }
    })
}
