//! What tries to sign in cost before their password is looked at, so that nobody tries a thousand accounts from one
//! network, or one account from a thousand. Strangers lock nobody out: from a network where a user has signed in before,
//! only the tries from that network count, and only for that user.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{id::UserId, session};

use super::Client;
use crate::{access::identity::Gate, error::Result, network::Network, store::Limit};

/// Wrong tries of one network at once, and how soon it gets another.
const NETWORK: (i32, TimeDelta) = (30, TimeDelta::seconds(10));
/// Of the whole server.
const ALL: (i32, TimeDelta) = (1_000, TimeDelta::milliseconds(100));
/// Of one user from a network that is known for them.
const KNOWN: (i32, TimeDelta) = (20, TimeDelta::seconds(60));
/// So long a network stays known.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

/// What a try is counted in.
#[derive(Debug, PartialEq, Eq)]
pub struct Counted {
    pub limits: Vec<Limit>,
    /// From where the user has signed in before: their account's own count, which strangers may have run up, is not asked.
    pub known: bool,
}

fn limit(name: String, (burst, interval): (i32, TimeDelta)) -> Limit {
    Limit { name, interval, burst }
}

fn counted(from: Option<IpAddr>, user: Option<(UserId, &[session::Model])>, now: DateTime<Utc>) -> Counted {
    let network = from.map(Network::around);
    if let (Some(network), Some((user, sessions))) = (network, user) {
        let here = |s: &session::Model| s.ip.as_ref().is_some_and(|ip| ip.parse().is_ok_and(|ip| network.holds(ip)));
        if sessions.iter().any(|s| now - s.created_at < REMEMBERED && here(s)) {
            return Counted { limits: vec![limit(format!("{user} {network}"), KNOWN)], known: true };
        }
    }
    let network = network.map_or_else(|| "unknown".to_owned(), |network| network.to_string());
    Counted { limits: vec![limit(format!("network {network}"), NETWORK), limit("all".to_owned(), ALL)], known: false }
}

/// Counts a try; none when it comes too early.
pub async fn count(gate: &Gate, client: &Client, user: Option<UserId>) -> Result<Option<Counted>> {
    let (store, now) = (gate.store(), gate.store().now());
    let sessions = match user {
        Some(user) => store.door().last_sessions(user).await?,
        None => vec![],
    };
    let counted = counted(client.ip, user.map(|user| (user, sessions.as_slice())), now);
    if counted.limits.iter().any(|limit| gate.is_full(&limit.name, now)) {
        return Ok(None);
    }
    match store.charge(&counted.limits, now).await? {
        None => Ok(Some(counted)),
        Some(full) => {
            // a flood is not written down
            gate.fill(&full.name, now + full.interval);
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::id::{OrganizationId, RowId, SessionId};
    use uuid::Uuid;

    use super::*;

    fn session(ip: &str, days_ago: i64, now: DateTime<Utc>) -> session::Model {
        let at = now - TimeDelta::days(days_ago);
        session::Model {
            id: SessionId::from_uuid(Uuid::nil()),
            organization_id: OrganizationId::from_uuid(Uuid::nil()),
            created_at: at,
            created_by: None,
            updated_at: at,
            updated_by: None,
            version: 1,
            deleted_at: None,
            user_id: UserId::from_uuid(Uuid::nil()),
            family: Uuid::nil(),
            refresh_hash: String::new(),
            previous_hash: None,
            rotated_at: None,
            expires_at: at,
            idle_expires_at: at,
            revoked_at: None,
            user_agent: None,
            ip: Some(ip.to_owned()),
            last_used_at: at,
        }
    }

    #[test]
    fn a_network_is_known_by_a_sign_in_of_the_last_months() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let user = UserId::from_uuid(Uuid::nil());
        let (fresh, old) = ([session("10.0.0.9", 5, now)], [session("10.0.0.9", 91, now)]);
        let from = |ip: &str, sessions| counted(Some(ip.parse().unwrap()), Some((user, sessions)), now);
        let home = from("10.0.0.200", &fresh);
        assert!(home.known && home.limits.len() == 1 && home.limits[0].name.ends_with("10.0.0.0/24"));
        assert!(!from("10.0.1.9", &fresh).known && !from("10.0.0.200", &old).known);
        let names: Vec<_> = counted(None, None, now).limits.into_iter().map(|l| l.name).collect();
        assert_eq!(names, ["network unknown", "all"]);
    }
}
