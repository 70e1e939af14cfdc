//! A deal's amount among those who made it. Pure.

use std::cmp::Reverse;

use entity::{
    id::UserId,
    money::{divide_half_even, split_largest_remainder},
};

use super::plan::{SplitRole, WHOLE};
use crate::error::{Fault, FaultCode};

/// Somebody's part in a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share {
    pub role: SplitRole,
    pub user: UserId,
    /// Hundredths of a percent; those of all roles but OVERLAY sum to 10,000.
    pub percent: u32,
}

/// Each share's amount, in the shares' order. Those of the whole sum to it: what is left over of a cent goes to the largest
/// remainders, ties by role, then user. Less than nothing is split like its size. An overlay is paid beside the whole.
pub fn split(amount: i64, shares: &[Share]) -> Vec<i64> {
    let mut order: Vec<usize> = (0..shares.len()).filter(|at| shares[*at].role != SplitRole::Overlay).collect();
    order.sort_by_key(|at| (shares[*at].role, shares[*at].user, Reverse(shares[*at].percent)));
    let weights: Vec<u32> = order.iter().map(|at| shares[*at].percent).collect();
    let overlay = |share: &Share| {
        let part = divide_half_even(i128::from(amount.unsigned_abs()) * i128::from(share.percent), WHOLE.into());
        i64::try_from(if amount < 0 { -part } else { part }).unwrap_or(amount)
    };
    let mut parts: Vec<i64> = shares.iter().map(overlay).collect();
    for (at, part) in order.iter().zip(split_largest_remainder(amount, &weights)) {
        parts[*at] = part;
    }
    parts
}

/// What each share changes by when the amount does: the difference of two splits, never a split of the difference.
pub fn change(before: i64, after: i64, shares: &[Share]) -> Vec<i64> {
    split(after, shares).into_iter().zip(split(before, shares)).map(|(new, old)| new - old).collect()
}

/// What is wrong with a deal's shares; `field` names their list.
pub fn check(field: &str, shares: &[Share]) -> Vec<Fault> {
    let fault = |message: &str| Fault::new(FaultCode::Validation, field, message);
    let mut faults = Vec::new();
    let whole = shares.iter().filter(|share| share.role != SplitRole::Overlay);
    if whole.map(|share| u64::from(share.percent)).sum::<u64>() != u64::from(WHOLE) {
        faults.push(fault("the percentages of all roles but OVERLAY must sum to 100.00"));
    }
    if shares.iter().any(|share| !(1..=WHOLE).contains(&share.percent)) {
        faults.push(fault("each percentage must be more than 0 and at most 100.00"));
    }
    if (1..shares.len())
        .any(|at| shares[..at].iter().any(|other| (other.role, other.user) == (shares[at].role, shares[at].user)))
    {
        faults.push(fault("give each person once in a role"));
    }
    faults
}
