//! Touches in their one order, and which of them count.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    attribution::{Anchor, Exclusion},
    campaign::Channel,
    id::CampaignId,
    touchpoint::Kind,
    word::Word,
};
use uuid::Uuid;

/// A touch, as far as credit depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub system: Option<Arc<str>>,
    pub event: Option<Arc<str>>,
    pub kind: Kind,
    pub channel: Channel,
    /// The contact; without one the lead.
    pub person: Option<Uuid>,
    pub campaign: Option<CampaignId>,
    /// Somebody of the committee did it, the main contact, or the lead it began with.
    pub member: bool,
    /// Whoever the opportunity began with did it.
    pub creator: bool,
    /// A dispute found that it was not marketing's doing.
    pub disowned: bool,
}

impl Touch {
    /// The one order of touches, whatever order they were told in.
    pub fn order(&self, other: &Self) -> Ordering {
        self.at
            .cmp(&other.at)
            .then_with(|| nulls_last(self.system.as_ref(), other.system.as_ref()))
            .then_with(|| nulls_last(self.event.as_ref(), other.event.as_ref()))
            .then_with(|| self.kind.word().cmp(other.kind.word()))
            .then_with(|| nulls_last(self.person, other.person))
            .then_with(|| nulls_last(self.campaign, other.campaign))
            .then_with(|| self.id.cmp(&other.id))
    }
}

fn nulls_last<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

/// When an opportunity came to each anchor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    /// Its lead's present round began.
    pub lead: Option<DateTime<Utc>>,
    pub opened: Option<DateTime<Utc>>,
    pub won: Option<DateTime<Utc>>,
}

impl Moments {
    pub fn of(&self, anchor: Anchor) -> Option<DateTime<Utc>> {
        match anchor {
            Anchor::Lead => self.lead,
            Anchor::OppCreated => self.opened,
            Anchor::Won => self.won,
        }
    }
}

/// Which touches count, beside whose they are.
#[derive(Clone, Debug)]
pub struct Window {
    pub look_back: TimeDelta,
    /// The same again within this is one; zero counts each.
    pub dedupe: TimeDelta,
    pub channels: HashSet<Channel>,
}

impl Window {
    /// Why a touch at this time lies outside; none within.
    pub fn place(&self, touch: DateTime<Utc>, anchor: DateTime<Utc>) -> Option<Exclusion> {
        match () {
            () if touch > anchor => Some(Exclusion::AfterAnchor),
            () if anchor - touch > self.look_back => Some(Exclusion::BeforeLookBack),
            () => None,
        }
    }
}

/// A touch that earns nothing, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left<'a> {
    pub touch: &'a Touch,
    pub why: Exclusion,
}

/// Touches in their order: those that count, and the others.
#[derive(Debug, Default)]
pub struct Journey<'a> {
    pub eligible: Vec<&'a Touch>,
    pub left: Vec<Left<'a>>,
}

/// Sorts touches out.
pub fn sift<'a>(touches: &'a [Touch], anchor: DateTime<Utc>, window: &Window, members_only: bool) -> Journey<'a> {
    let mut sorted: Vec<&Touch> = touches.iter().collect();
    sorted.sort_unstable_by(|a, b| a.order(b));
    let mut journey = Journey::default();
    let mut kept: HashMap<(Option<Uuid>, Option<CampaignId>, Kind), DateTime<Utc>> = HashMap::new();
    for touch in sorted {
        let why = match () {
            () if members_only && !touch.member => Some(Exclusion::NotMember),
            () if window.place(touch.at, anchor).is_some() => window.place(touch.at, anchor),
            () if touch.disowned => Some(Exclusion::NotMarketing),
            () if !window.channels.contains(&touch.channel) => Some(Exclusion::Channel),
            () => {
                let same = (touch.person, touch.campaign, touch.kind);
                let again = kept.get(&same).is_some_and(|last| touch.at - *last < window.dedupe);
                if !again {
                    kept.insert(same, touch.at);
                }
                again.then_some(Exclusion::Duplicate)
            }
        };
        match why {
            Some(why) => journey.left.push(Left { touch, why }),
            None => journey.eligible.push(touch),
        }
    }
    journey
}
