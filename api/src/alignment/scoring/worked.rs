//! The worked score, which `metricSelfTest` works out again wherever Accord runs. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    campaign::Channel,
    id::{RowId, TouchpointId},
    touchpoint::Kind,
};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;
use uuid::Uuid;

use super::{ScoringBody, score::engaged};
use crate::alignment::rule::Touch;

/// What must come of it.
pub const EXPECTED: &str = "30.30";

/// A demo 10 days ago for 30 points, a webinar 60 days ago for 10, clicks 5, 15 and 40 days ago for 2 each, at most 10; half
/// is left after 30 days.
pub fn engagement() -> Option<String> {
    let rule = |name: &str, kind: &str, points: i32| json!({ "name": name, "group": name, "touchpoints": { "kinds": [kind] }, "points": points });
    let rules = [rule("demo", "MEETING", 30), rule("webinar", "EVENT_ATTEND", 10), rule("clicks", "EMAIL_CLICK", 2)];
    let body: ScoringBody = serde_json::from_value(json!({
        "fit": [],
        "engagement": rules,
        "groups": [{ "name": "clicks", "cap": 10 }],
        "halfLifeDays": 30,
        "grades": { "aFrom": 20, "bFrom": 10, "oneFrom": 30, "twoFrom": 10 },
    }))
    .ok()?;
    let now: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let touch = |(kind, days): (Kind, i64)| Touch {
        id: TouchpointId::from_uuid(Uuid::from_u128(days.unsigned_abs().into())),
        kind,
        channel: Channel::Email,
        at: now - TimeDelta::days(days),
    };
    let clicks = [5, 15, 40].map(|days| (Kind::EmailClick, days));
    let touches: Vec<Touch> =
        [(Kind::Meeting, 10), (Kind::EventAttend, 60)].into_iter().chain(clicks).map(touch).collect();
    let sum: Decimal = engaged(&body, &touches, &[], now).iter().map(|one| one.decayed).sum();
    Some(sum.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven).to_string())
}
