//! The worked journey: what each model must give each of its touches. Tests run it, and so does `metricSelfTest` wherever
//! Accord runs. Pure.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{attribution::Anchor, campaign::Channel, touchpoint::Kind};
use uuid::Uuid;

use super::{Model, Moments, Policy, Shares, Touch, Window, share};

pub const fn shaped(first: u32, lead: u32, opened: u32, won: u32, between: u32) -> Model {
    Model::Milestones(Shares { first, lead, opened, won, between })
}

pub const U_SHAPED: Model = shaped(400_000, 400_000, 0, 0, 200_000);
pub const W_SHAPED: Model = shaped(300_000, 300_000, 300_000, 0, 100_000);
pub const FULL_PATH: Model = shaped(225_000, 225_000, 225_000, 225_000, 100_000);
pub const POSITION: Model = Model::Position([400_000, 200_000, 400_000]);

/// What the sale was worth, in cents.
const DEAL: i64 = 12_000_000;

/// 2026-01-01.
const NEW_YEAR: i64 = 20_454;

/// So many days and minutes after New Year.
fn after(days: i64, minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(NEW_YEAR + days) + TimeDelta::minutes(minutes)
}

/// A touch of which nothing is special.
pub fn touch(n: u128, at: DateTime<Utc>) -> Touch {
    Touch {
        id: Uuid::from_u128(n),
        at,
        system: Some("ads".into()),
        event: Some(n.to_string().into()),
        kind: Kind::WebVisit,
        channel: Channel::Organic,
        person: Some(Uuid::from_u128(1)),
        campaign: None,
        member: true,
        creator: true,
        disowned: false,
    }
}

/// On 5 and 20 January, 10 February, 1 and 20 March and 10 April.
pub fn journey() -> Vec<Touch> {
    (1..).zip([4, 19, 40, 59, 78, 99]).map(|(n, days)| touch(n, after(days, 600))).collect()
}

/// A lead on 20 January, opened on 2 March, won on 15 April.
pub fn moments() -> Moments {
    Moments { lead: Some(after(19, 630)), opened: Some(after(60, 540)), won: Some(after(104, 600)) }
}

pub fn policy(model: Model) -> Policy {
    let channels = HashSet::from([Channel::Organic, Channel::Email]);
    Policy { model, window: Window { look_back: TimeDelta::days(365), dedupe: TimeDelta::minutes(30), channels } }
}

/// What each model must give, in cents.
pub const TABLE: [(&str, Model, [i64; 6]); 9] = [
    ("FIRST", Model::First, [DEAL, 0, 0, 0, 0, 0]),
    ("LAST", Model::Last, [0, 0, 0, 0, 0, DEAL]),
    ("LINEAR", Model::Linear, [2_000_000; 6]),
    ("U_SHAPED", U_SHAPED, [6_000_000, 6_000_000, 0, 0, 0, 0]),
    ("POSITION", POSITION, [4_800_000, 600_000, 600_000, 600_000, 600_000, 4_800_000]),
    ("W_SHAPED", W_SHAPED, [3_600_000, 3_600_000, 1_200_000, 3_600_000, 0, 0]),
    ("FULL_PATH", FULL_PATH, [2_700_000, 2_700_000, 600_000, 2_700_000, 600_000, 2_700_000]),
    ("TIME_DECAY by 7 days", Model::TimeDecay(7), [859, 3794, 30_354, 199_204, 1_307_310, 10_458_479]),
    ("TIME_DECAY by 30 days", Model::TimeDecay(30), [526_719, 744_893, 1_210_082, 1_877_013, 2_911_518, 4_729_775]),
];

/// What a model gives each touch.
pub fn credits(model: &Model) -> Option<Vec<i64>> {
    let touches = journey();
    Some(share(&touches, &moments(), Anchor::Won, &policy(model.clone()), true)?.split(DEAL))
}
