//! Who gets credit for a sale: which touches count, and how much each, exactly. Pure: no clock, no database. What both
//! sides agreed to count by is `alignment::attribution`.

mod touch;
mod weigh;
pub mod worked;

#[cfg(test)]
mod tests;

pub use self::{
    touch::{Journey, Left, Moments, Touch, Window, sift},
    weigh::{Milestones, Model, Shares, WHOLE, milestones, weigh},
};

use entity::{
    attribution::{Anchor, Milestone},
    money::split_largest_remainder,
};

/// By what credit is given.
#[derive(Clone, Debug)]
pub struct Policy {
    pub model: Model,
    pub window: Window,
}

/// What one touch earns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit<'a> {
    /// None: nothing counted, and the whole is nobody's.
    pub touch: Option<&'a Touch>,
    pub milestones: Vec<Milestone>,
    /// Its share in a relation whose other members are the other credits' weights.
    pub weight: u128,
    /// The creating lead or contact came by it.
    pub sourcing: bool,
}

/// Who gets credit, and who does not.
#[derive(Clone, Debug)]
pub struct Shared<'a> {
    /// In the canonical order; at least one.
    pub credits: Vec<Credit<'a>>,
    pub left: Vec<Left<'a>>,
}

impl Shared<'_> {
    /// A total split by the credits' weights, to the last unit.
    pub fn split(&self, total: i64) -> Vec<i64> {
        let weights: Vec<u128> = self.credits.iter().map(|credit| credit.weight).collect();
        split_largest_remainder(total, &weights)
    }
}

/// Shares the credit for an anchor among touches, in whatever order they come. None while the anchor has no moment.
pub fn share<'a>(
    touches: &'a [Touch],
    moments: &Moments,
    anchor: Anchor,
    policy: &Policy,
    members_only: bool,
) -> Option<Shared<'a>> {
    let at = moments.of(anchor)?;
    let Journey { eligible, left } = sift(touches, at, &policy.window, members_only);
    if eligible.is_empty() {
        let nobody = Credit { touch: None, milestones: vec![], weight: 1, sourcing: false };
        return Some(Shared { credits: vec![nobody], left });
    }
    let stones = milestones(&eligible, moments, at);
    let weights = weigh(&policy.model, &eligible, &stones);
    let source = sourcing(touches, at, &policy.window);
    let credit = |(place, (touch, weight)): (usize, (&&'a Touch, u128))| Credit {
        touch: Some(*touch),
        milestones: stones.of(place),
        weight,
        sourcing: source == Some(touch.id),
    };
    let credits = eligible.iter().zip(weights).enumerate().map(credit).collect();
    Some(Shared { credits, left })
}

/// The first touch, by whatever channel, of who it began with: whether that one counts says whether marketing did it.
fn sourcing(touches: &[Touch], at: chrono::DateTime<chrono::Utc>, window: &Window) -> Option<uuid::Uuid> {
    let within = touches.iter().filter(|touch| touch.creator && window.place(touch.at, at).is_none());
    within.min_by(|a, b| a.order(b)).map(|touch| touch.id)
}
