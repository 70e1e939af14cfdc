//! A URL that may carry a password. It is shown without it; only `expose` gives it away.

use std::fmt;

use serde::Deserialize;
use url::Url;

const HIDDEN: &str = "hidden";

/// Compares and shows like text, but never shows a password.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The whole URL, for the one place that connects.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }

    pub fn is_postgres(&self) -> bool {
        self.0.starts_with("postgres://") || self.0.starts_with("postgresql://")
    }

    /// An SQLite database that dies with the process.
    pub fn is_in_memory(&self) -> bool {
        self.is_sqlite() && (self.0.contains(":memory:") || self.0.contains("mode=memory"))
    }

    pub(super) fn parse(&self) -> Option<Url> {
        Url::parse(&self.0).ok()
    }
}

impl From<String> for SecretUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

/// Everything a driver takes from the query is hidden but the few names known to be harmless.
fn harmless(name: &str) -> bool {
    matches!(name, "mode" | "cache" | "sslmode" | "application_name" | "host" | "port" | "dbname")
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(mut url) = self.parse() else {
            return f.write_str(if self.is_empty() { "(not set)" } else { "(not a URL)" });
        };
        // A URL that cannot hold a password refuses one: then there is nothing to hide either.
        if url.password().is_some() && url.set_password(Some(HIDDEN)).is_err() {
            return f.write_str("(not a URL)");
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        if !pairs.is_empty() {
            let shown = pairs.iter().map(|(name, value)| (name, if harmless(name) { value.as_str() } else { HIDDEN }));
            url.query_pairs_mut().clear().extend_pairs(shown);
        }
        url.set_fragment(None);
        f.write_str(url.as_str())
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
