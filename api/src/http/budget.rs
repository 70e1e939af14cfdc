//! How much each caller may ask for in a time: a bucket of points that the cost of operations empties and time fills.
//! It counts in this process only and knows nothing of rights. A library would do but for one thing: what an
//! operation was charged for at worst and did not use is given back.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    auth::Identified,
    fault::{Code, Fault},
    limits::Limits,
};

/// Callers remembered before those with a full bucket are forgotten.
const REMEMBERED: usize = 10_000;

/// The size of a bucket and the points it gains each second; a size of 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub most: u64,
    pub restore: u64,
}

/// What a caller has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub rate: Rate,
    pub left: u64,
    /// Until there is enough for what was refused.
    pub wait: Duration,
}

impl Standing {
    /// Whole seconds, rounded up, after which the bucket is full.
    pub fn full_in(&self) -> u64 {
        (self.rate.most - self.left).div_ceil(self.rate.restore)
    }
}

/// Of each caller whose bucket is not full the moment at which it will be.
#[derive(Default)]
struct Buckets {
    full_at: HashMap<String, Instant>,
    sweep_at: usize,
}

#[derive(Clone)]
pub struct Budget {
    known: Rate,
    strangers: Rate,
    buckets: Arc<Mutex<Buckets>>,
}

/// What an operation was charged.
pub struct Charge {
    budget: Budget,
    rate: Rate,
    who: String,
    points: u64,
}

impl Budget {
    pub fn new(limits: &Limits) -> Self {
        Self {
            known: Rate { most: limits.points, restore: limits.points_per_second.max(1) },
            strangers: Rate { most: limits.points_anonymous, restore: limits.points_per_second_anonymous.max(1) },
            buckets: Arc::default(),
        }
    }

    /// Charges a caller, or refuses and says when to come again. None without a limit.
    pub fn charge(&self, who: &Identified, cost: u64) -> Result<Option<Charge>, Fault> {
        let rate = if who.signed_in() { self.known } else { self.strangers };
        if rate.most == 0 {
            return Ok(None);
        }
        // what costs more than a whole bucket runs when it is full
        let points = cost.min(rate.most);
        match self.take(&who.key, rate, points, Instant::now()) {
            Ok(()) => Ok(Some(Charge { budget: self.clone(), rate, who: who.key.clone(), points })),
            Err(standing) => {
                let seconds = standing.wait.as_secs() + 1;
                let message = format!("this costs {points} and {} are left; try again in {seconds} s", standing.left);
                Err(Fault::new(Code::RateLimited, message).standing(standing))
            }
        }
    }

    fn take(&self, who: &str, rate: Rate, points: u64, now: Instant) -> Result<(), Standing> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = buckets.full_at.get(who).copied().filter(|at| *at > now).unwrap_or(now);
        let then = full_at + rate.lasts(points);
        let over = (then - now).checked_sub(rate.lasts(rate.most)).filter(|over| !over.is_zero());
        if let Some(wait) = over {
            return Err(Standing { rate, left: rate.left(full_at, now), wait });
        }
        if points > 0 {
            buckets.full_at.insert(who.to_owned(), then);
            buckets.sweep(now);
        }
        Ok(())
    }

    fn give_back(&self, who: &str, rate: Rate, points: u64) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = buckets.full_at.get_mut(who) {
            *at = at.checked_sub(rate.lasts(points)).unwrap_or(*at);
        }
    }

    fn standing(&self, who: &str, rate: Rate, now: Instant) -> Standing {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = buckets.full_at.get(who).copied().unwrap_or(now);
        Standing { rate, left: rate.left(full_at, now), wait: Duration::ZERO }
    }
}

impl Buckets {
    fn sweep(&mut self, now: Instant) {
        if self.full_at.len() > self.sweep_at.max(REMEMBERED) {
            self.full_at.retain(|_, at| *at > now);
            self.sweep_at = self.full_at.len() * 2;
        }
    }
}

impl Rate {
    /// How long it takes to restore so many points.
    fn lasts(self, points: u64) -> Duration {
        let nanos = u128::from(points) * 1_000_000_000 / u128::from(self.restore);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    fn left(self, full_at: Instant, now: Instant) -> u64 {
        let missing = full_at.saturating_duration_since(now).as_nanos() * u128::from(self.restore);
        self.most.saturating_sub(u64::try_from(missing.div_ceil(1_000_000_000)).unwrap_or(u64::MAX))
    }
}

impl Charge {
    /// Less than half is left: then it is worth counting what was not used.
    pub fn presses(&self) -> bool {
        self.standing().left < self.rate.most / 2
    }

    pub fn standing(&self) -> Standing {
        self.budget.standing(&self.who, self.rate, Instant::now())
    }

    /// Gives back what was not used.
    pub fn settle(&self, used: u64) {
        self.budget.give_back(&self.who, self.rate, self.points.saturating_sub(used));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { most: 100, restore: 10 };

    fn budget() -> Budget {
        Budget { known: RATE, strangers: RATE, buckets: Arc::default() }
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let (budget, now) = (budget(), Instant::now());
        assert_eq!(budget.take("ann", RATE, 60, now), Ok(()));
        let refused = budget.take("ann", RATE, 60, now).unwrap_err();
        assert_eq!((refused.left, refused.wait, refused.full_in()), (40, Duration::from_secs(2), 6));
        assert_eq!(budget.take("bob", RATE, 60, now), Ok(()), "each has their own");
        assert_eq!(budget.take("ann", RATE, 60, now + Duration::from_secs(2)), Ok(()));
        assert_eq!(budget.standing("ann", RATE, now + Duration::from_mins(1)).left, 100);
    }

    #[test]
    fn what_was_not_used_comes_back() {
        let (budget, now) = (budget(), Instant::now());
        budget.take("ann", RATE, 100, now).unwrap();
        assert_eq!(budget.standing("ann", RATE, now).left, 0);
        budget.give_back("ann", RATE, 90);
        assert_eq!(budget.standing("ann", RATE, now).left, 90);
    }

    #[test]
    fn callers_with_a_full_bucket_are_forgotten() {
        let (budget, now) = (budget(), Instant::now());
        for n in 0..=REMEMBERED {
            budget.take(&n.to_string(), RATE, 1, now + Duration::from_secs(n as u64)).unwrap();
        }
        assert!(budget.buckets.lock().unwrap().full_at.len() < 10);
    }
}
