//! Do the settings make sense, and are they fit for production? Lists every problem at once; changes nothing and
//! connects to nothing.

use std::fmt;
use std::net::IpAddr;

use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{Argon2, Config, Introspection, SecretUrl, TrustedMode};
use crate::network::Network;

/// Passwords that examples use.
const WELL_KNOWN: [&str; 7] = ["postgres", "password", "accord", "changeme", "secret", "admin", "example"];

/// One setting that is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub setting: &'static str,
    pub advice: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.advice)
    }
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn when(&mut self, wrong: bool, setting: &'static str, advice: impl Into<String>) {
        if wrong {
            self.0.push(Problem { setting, advice: advice.into() });
        }
    }
}

impl Config {
    /// Every problem; empty when the server may start.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Problems::default();
        self.check_database(&mut problems);
        self.check_edge(&mut problems);
        self.check_telemetry(&mut problems);
        self.check_numbers(&mut problems);
        if self.production {
            self.check_production(&mut problems);
        }
        problems.0
    }

    fn check_database(&self, problems: &mut Problems) {
        let known = |url: &SecretUrl| url.is_sqlite() || (url.is_postgres() && url.parse().is_some());
        problems.when(
            !known(&self.database_url),
            "database_url",
            "use sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME; special characters in the password as %XX",
        );
        if let Some(reader) = &self.database_reader_url {
            problems.when(
                !(reader.is_postgres() && self.database_url.is_postgres()),
                "database_reader_url",
                "only PostgreSQL has replicas; leave it out",
            );
        }
    }

    fn check_edge(&self, problems: &mut Problems) {
        let web = |text: &str| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if let Some(public) = &self.public_url {
            problems.when(!web(public), "public_url", "use https://HOST");
        }
        for origin in &self.allowed_origins {
            let exact = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
            problems.when(
                !(web(origin) && exact),
                "allowed_origins",
                format!("{origin:?} is not an origin; use https://HOST without a path or a closing slash"),
            );
        }
        for proxy in &self.trusted_proxies {
            problems.when(
                Network::parse(proxy).is_none(),
                "trusted_proxies",
                format!("{proxy:?} is no network; use one such as 10.0.0.0/8, or an address"),
            );
        }
        let documents = &self.trusted_documents;
        let readable = documents.manifest.as_ref().is_some_and(|path| path.is_file());
        problems.when(
            documents.mode != TrustedMode::Off && !readable,
            "trusted_documents.manifest",
            "name a JSON file that exists, or set trusted_documents.mode to off",
        );
    }

    fn check_telemetry(&self, problems: &mut Problems) {
        problems.when(
            EnvFilter::try_new(&self.log.filter).is_err(),
            "log.filter",
            "use a level or a list such as info,sqlx=warn",
        );
        if let Some(endpoint) = &self.otlp_endpoint {
            problems.when(!cfg!(feature = "otlp"), "otlp_endpoint", "this binary was built without the feature otlp");
            let plain = endpoint.parse().is_some_and(|url| url.scheme() == "http" && url.has_host());
            problems.when(
                !plain,
                "otlp_endpoint",
                "use http://HOST:4318; for a collector behind TLS run an agent beside the server",
            );
        }
    }

    fn check_numbers(&self, problems: &mut Problems) {
        let Argon2 { memory_kib, iterations, parallelism } = self.argon2;
        problems.when(iterations == 0, "argon2.iterations", "use 2 or more");
        problems.when(parallelism == 0, "argon2.parallelism", "use 1 or more");
        problems.when(
            memory_kib < parallelism.saturating_mul(8),
            "argon2.memory_kib",
            "use 19456, at least 8 for each lane",
        );
        problems.when(
            !(30..=3_600).contains(&self.access_token_seconds),
            "access_token_seconds",
            "use 30 to 3600; 300 is the default",
        );
        problems.when(self.pool.connections == 0, "pool.connections", "use 1 or more");
        problems.when(self.pool.readers == 0, "pool.readers", "use 1 or more");
        problems.when(self.retention.events_days == 0, "retention.events_days", "use 1 or more");
        problems.when(self.retention.idempotency_days == 0, "retention.idempotency_days", "use 1 or more");
    }

    fn check_production(&self, problems: &mut Problems) {
        problems.when(self.demo, "demo", "example people with known passwords; not in production");
        problems.when(
            self.database_url.is_in_memory(),
            "database_url",
            "in memory: all is lost at the next start; use a file or PostgreSQL",
        );
        for url in std::iter::once(&self.database_url).chain(&self.database_reader_url) {
            let password = url.parse().and_then(|url| url.password().map(str::to_lowercase));
            problems.when(
                password.is_some_and(|password| WELL_KNOWN.contains(&password.as_str())),
                "database_url",
                "the password stands in every example; choose another",
            );
        }
        let public = self.public_url.as_deref().and_then(|url| Url::parse(url).ok()).is_some_and(|url| safe(&url));
        problems.when(!public, "public_url", "production needs https://HOST, where people reach this server");
        let open = self.allowed_origins.iter().any(|origin| Url::parse(origin).is_ok_and(|url| !safe(&url)));
        problems.when(open, "allowed_origins", "production takes https origins only");
        problems.when(
            self.introspection == Introspection::On,
            "introspection",
            "anybody could read the schema; use signed-in or off",
        );
        let floor = Argon2::default();
        problems.when(
            self.argon2.memory_kib < floor.memory_kib || self.argon2.iterations < floor.iterations,
            "argon2",
            "below the floor for production: memory_kib 19456, iterations 2",
        );
        problems.when(self.access_token_seconds > 900, "access_token_seconds", "at most 900 in production");
    }
}

fn safe(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && loopback(url))
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}
