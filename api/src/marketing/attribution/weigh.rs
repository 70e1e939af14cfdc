//! How models weigh touches: whole numbers in the exact relation of the shares, or 28 digits where a share is no ratio
//! of whole numbers.

use chrono::{DateTime, Utc};
use entity::attribution::Milestone;

use super::{Moments, Touch};
use crate::marketing::decay::remaining;

/// All shares of a model: a hundred percent in ten-thousandths of a percent.
pub const WHOLE: u32 = 1_000_000;

/// A model with everything it needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Model {
    First,
    Last,
    Linear,
    Milestones(Shares),
    /// First, those between, last.
    Position([u32; 3]),
    /// Days after which half is left.
    TimeDecay(i32),
}

/// What each milestone gets, and those between them, in ten-thousandths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    pub first: u32,
    pub lead: u32,
    pub opened: u32,
    pub won: u32,
    pub between: u32,
}

impl Shares {
    fn of(&self, stone: Milestone) -> u32 {
        match stone {
            Milestone::FirstTouch => self.first,
            Milestone::LeadCreated => self.lead,
            Milestone::OppCreated => self.opened,
            Milestone::Won => self.won,
        }
    }
}

const STONES: [Milestone; 4] = [Milestone::FirstTouch, Milestone::LeadCreated, Milestone::OppCreated, Milestone::Won];

/// Which touch each milestone is; several may be one, and one may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Milestones([Option<usize>; 4]);

impl Milestones {
    /// What the touch at this place was.
    pub fn of(&self, place: usize) -> Vec<Milestone> {
        STONES.into_iter().zip(self.0).filter(|(_, at)| *at == Some(place)).map(|(stone, _)| stone).collect()
    }
}

/// The milestones among touches that count. What came after the anchor had not happened yet.
pub fn milestones(eligible: &[&Touch], moments: &Moments, anchor: DateTime<Utc>) -> Milestones {
    let last = |moment: Option<DateTime<Utc>>| {
        let moment = moment.filter(|at| *at <= anchor)?;
        eligible.iter().rposition(|touch| touch.at <= moment)
    };
    let first = (!eligible.is_empty()).then_some(0);
    Milestones([first, last(moments.lead), last(moments.opened), last(moments.won)])
}

/// A weight for each touch, in their order; they are not all zero.
pub fn weigh(model: &Model, eligible: &[&Touch], stones: &Milestones) -> Vec<u128> {
    let n = eligible.len();
    let only = |at: usize| (0..n).map(|place| u128::from(place == at)).collect();
    match model {
        Model::First => only(0),
        Model::Last => only(n.saturating_sub(1)),
        Model::Linear => vec![1; n],
        Model::Milestones(shares) => by_milestones(shares, n, stones),
        Model::Position(shares) => by_position(*shares, n),
        Model::TimeDecay(half_life) => decayed(*half_life, eligible),
    }
}

/// A missing milestone's share goes to those that are there, as does that of those between where there are none; both in
/// proportion. Where no milestone of the model is there, all touches share alike.
fn by_milestones(shares: &Shares, n: usize, stones: &Milestones) -> Vec<u128> {
    let mut at_stones = vec![0_u128; n];
    let mut last = 0;
    for (stone, place) in STONES.into_iter().zip(stones.0) {
        let share = shares.of(stone);
        if let (Some(place), 1..) = (place, share) {
            at_stones[place] += u128::from(share);
            last = last.max(place);
        }
    }
    let present: u128 = at_stones.iter().sum();
    if present == 0 {
        return vec![1; n];
    }
    let is_between = |place: usize| (1..last).contains(&place) && at_stones[place] == 0;
    let between = (0..n).filter(|place| is_between(*place)).count() as u128;
    if between == 0 {
        return at_stones;
    }
    // each over the common denominator `present * between * WHOLE`
    let stones_share = u128::from(WHOLE - shares.between);
    let weight = |(place, stone): (usize, &u128)| {
        if is_between(place) { u128::from(shares.between) * present } else { stone * stones_share * between }
    };
    at_stones.iter().enumerate().map(weight).collect()
}

fn by_position([first, between, last]: [u32; 3], n: usize) -> Vec<u128> {
    if n <= 2 {
        return vec![1; n];
    }
    let others = (n - 2) as u128;
    let weight = |place: usize| match place {
        0 => u128::from(first) * others,
        _ if place == n - 1 => u128::from(last) * others,
        _ => u128::from(between),
    };
    (0..n).map(weight).collect()
}

/// Counted from the last touch, which changes no share and leaves no touch without any for being old.
fn decayed(half_life: i32, eligible: &[&Touch]) -> Vec<u128> {
    let Some(last) = eligible.last() else { return vec![] };
    let weight = |touch: &&Touch| {
        let mut left = remaining(last.at - touch.at, half_life);
        left.rescale(28);
        left.mantissa().unsigned_abs()
    };
    eligible.iter().map(weight).collect()
}
