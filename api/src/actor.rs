//! Who acts, and how far. It knows no database and decides nothing about single rows:
//! that is `within` of each table.

mod permission;
mod rights;

use std::sync::Arc;

use entity::{
    id::{ApiKeyId, OrganizationId, SessionId, UserId},
    words,
};

pub use permission::Permission;
pub use rights::Rights;

words! {
    /// How far a permission reaches: OWN < TEAM < SUBTREE < ALL, each holding the ones before it.
    pub enum Scope as "Scope" {
        /// Records that I own.
        Own = "OWN",
        /// OWN, and records whose owner shares one of my teams.
        Team = "TEAM",
        /// TEAM, and records whose owner is below me by `reportsTo`, at any depth.
        Subtree = "SUBTREE",
        /// Every record of the organisation.
        All = "ALL",
    }
}

/// How far one permission reaches for one actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    pub scope: Scope,
    /// Also records that nobody owns: the pool.
    pub unassigned: bool,
}

impl Reach {
    pub const ALL: Self = Self { scope: Scope::All, unassigned: true };

    /// The union of two grants of one permission: the widest scope wins.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { scope: self.scope.max(other.scope), unassigned: self.unassigned || other.unassigned }
    }

    /// What both allow: an API key's reach is its maker's, never more.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { scope: self.scope.min(other.scope), unassigned: self.unassigned && other.unassigned }
    }
}

/// By what credential the actor came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Session(SessionId),
    ApiKey(ApiKeyId),
    /// Accord's own jobs.
    System,
}

/// Who acts in one request.
#[derive(Clone, Debug)]
pub struct Actor {
    pub organization: OrganizationId,
    /// None only for `Via::System`.
    pub user: Option<UserId>,
    pub via: Via,
    pub rights: Arc<Rights>,
}

impl Actor {
    /// Accord itself, for jobs and the command line. `tests/house.rs` lists the callers.
    pub fn system(organization: OrganizationId) -> Self {
        Self { organization, user: None, via: Via::System, rights: Arc::new(Rights::everything()) }
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.rights.hold(permission)
    }

    /// A stable name of the caller, for idempotency keys and limits.
    pub fn key(&self) -> String {
        match (self.via, self.user) {
            (Via::ApiKey(id), _) => id.to_string(),
            (_, Some(user)) => user.to_string(),
            _ => "system".to_owned(),
        }
    }
}
