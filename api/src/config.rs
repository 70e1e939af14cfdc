//! Settings: one struct from four sources. The only place that reads the environment; it opens no connection and
//! prints no secret.
//!
//! Precedence, lowest to highest: built-in defaults, the TOML file (`--config`, else `ACCORD_CONFIG`, else
//! `accord.toml` when there is one), environment variables `ACCORD_*` (`__` goes one level down:
//! `ACCORD_LOG__FORMAT=json`), flags.

mod check;
mod source;
#[cfg(test)]
mod tests;
mod url;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

pub use check::Problem;
pub use source::{ConfigError, Flags};
pub use url::SecretUrl;

/// Everything that can be set. `Debug` hides passwords.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// `sqlite:…` or `postgres://…`. Empty until loaded; then `accord.db` below `data_dir` unless it was set.
    pub database_url: SecretUrl,
    /// A PostgreSQL replica for reads that may be a little old.
    pub database_reader_url: Option<SecretUrl>,
    /// Signing keys, and the embedded database unless `database_url` is set. Made with owner-only rights.
    pub data_dir: PathBuf,
    /// Refuses what is only good for trying out; `check` lists it.
    pub production: bool,
    /// Where people reach this server: issuer of the tokens and base of the links.
    pub public_url: Option<String>,
    /// Web origins that may call from a browser, besides `public_url`. In the environment separated by commas.
    #[serde(deserialize_with = "source::list")]
    pub allowed_origins: Vec<String>,
    /// Networks of proxies whose `X-Forwarded-For` says who asks, e.g. `10.0.0.0/8`. In the environment by commas.
    #[serde(deserialize_with = "source::list")]
    pub trusted_proxies: Vec<String>,
    pub trusted_documents: TrustedDocuments,
    pub introspection: Introspection,
    /// Whether there is the page at `/dashboard`.
    pub dashboard: bool,
    /// Which edition's HTTP statuses answers have.
    pub http_statuses: HttpStatuses,
    /// Limits of the HTTP edge, which reads them and knows their names.
    pub limits: serde_json::Map<String, serde_json::Value>,
    pub log: Log,
    /// Collector for traces, `http://host:4318`; none: no traces are sent.
    pub otlp_endpoint: Option<SecretUrl>,
    pub pool: Pool,
    pub retention: Retention,
    pub argon2: Argon2,
    pub access_token_seconds: u32,
    /// Starts with a filled example organisation.
    pub demo: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4000)),
            database_url: SecretUrl::default(),
            database_reader_url: None,
            data_dir: PathBuf::from("./data"),
            production: false,
            public_url: None,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            trusted_documents: TrustedDocuments::default(),
            introspection: Introspection::default(),
            dashboard: true,
            http_statuses: HttpStatuses::default(),
            limits: serde_json::Map::new(),
            log: Log::default(),
            otlp_endpoint: None,
            pool: Pool::default(),
            retention: Retention::default(),
            argon2: Argon2::default(),
            access_token_seconds: 300,
            demo: false,
        }
    }
}

/// Which documents are run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrustedDocuments {
    pub mode: TrustedMode,
    /// JSON file, hash to document text.
    pub manifest: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrustedMode {
    /// Any document runs; there is no manifest.
    #[default]
    Off,
    /// Documents of the manifest run by their hash, others by their text.
    Allow,
    /// Documents of the manifest run, nothing else.
    Only,
}

/// Who may read the schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Introspection {
    #[default]
    SignedIn,
    On,
    Off,
}

/// Which edition's HTTP statuses answers have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum HttpStatuses {
    /// As the audits of graphql-http know them.
    #[default]
    #[serde(rename = "audits")]
    Audits,
    /// Of the September 2026 edition of GraphQL over HTTP: 422 and 294.
    #[serde(rename = "2026-09")]
    September2026,
}

/// What is logged, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    /// As of tracing's `EnvFilter`: `info,sqlx=warn`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Pretty, filter: "info,sqlx=warn".into() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Pretty,
    Json,
}

/// Connections kept open.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pool {
    /// PostgreSQL, at most. SQLite has one writer always.
    pub connections: u32,
    /// SQLite readers, or connections to `database_reader_url`, at most.
    pub readers: u32,
}

impl Default for Pool {
    fn default() -> Self {
        Self { connections: 20, readers: 8 }
    }
}

/// How long rows are kept that nobody asks for any more.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    pub events_days: u32,
    pub idempotency_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { events_days: 90, idempotency_days: 30 }
    }
}

/// Cost of hashing a password. The defaults are the floor that OWASP names.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Argon2 {
    pub memory_kib: u32,
    pub iterations: u32,
    pub parallelism: u32,
}

impl Default for Argon2 {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}
