//! Shares in a sale, and that they are all of it. Pure.

use entity::{id::UserId, opportunity_split::SplitRole};

use crate::error::{Fault, FaultCode};

/// All of a sale, in hundredths of a percent.
pub const WHOLE: i64 = 10_000;
/// Shares of one sale.
pub const MOST: usize = 20;

/// A share of somebody, in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub user: UserId,
    pub role: SplitRole,
    pub percent_e2: i64,
}

/// What is wrong with the shares of one sale: none is empty or named twice, and all but OVERLAY are 100.00 together.
/// None at all is as good: the owner then has all of it.
pub fn check(shares: &[Share]) -> Vec<Fault> {
    if shares.len() > MOST {
        return vec![Fault::new(FaultCode::Validation, "splits", format!("give at most {MOST}"))];
    }
    let wrong =
        |at: usize, field: &str, code, what: &str| Fault::new(code, field, what).under(at.to_string()).under("splits");
    let mut faults = vec![];
    for (at, share) in shares.iter().enumerate() {
        if !(1..=WHOLE).contains(&share.percent_e2) {
            faults.push(wrong(at, "percent", FaultCode::Validation, "this must be more than 0 and at most 100"));
        }
        if shares[..at].iter().any(|other| (other.user, other.role) == (share.user, share.role)) {
            faults.push(wrong(at, "userId", FaultCode::Duplicate, "this person has a share in this role already"));
        }
    }
    let sum: i64 = shares.iter().filter(|s| s.role != SplitRole::Overlay).map(|s| s.percent_e2).sum();
    if faults.is_empty() && !shares.is_empty() && sum != WHOLE {
        let sum = entity::money::print_scaled(sum, 2);
        let message = format!("the shares of all but OVERLAY must be 100.00 together, and are {sum}");
        faults.push(Fault::new(FaultCode::Validation, "splits", message));
    }
    faults
}

#[cfg(test)]
mod tests {
    use entity::id::RowId;
    use uuid::Uuid;

    use super::*;

    fn share(user: u128, role: SplitRole, percent_e2: i64) -> Share {
        Share { user: UserId::from_uuid(Uuid::from_u128(user)), role, percent_e2 }
    }

    #[test]
    fn all_but_overlay_are_a_hundred() {
        use SplitRole::{Marketing, Overlay, Owner, Sdr};
        let three = [share(1, Owner, 7_000), share(2, Sdr, 2_000), share(3, Marketing, 1_000)];
        assert!(check(&three).is_empty() && check(&[]).is_empty());
        assert!(check(&[three[0], three[1], three[2], share(4, Overlay, WHOLE)]).is_empty());
        for wrong in [
            &[share(1, Owner, 9_999)][..],
            &[share(1, Owner, WHOLE), share(2, Sdr, 1)],
            &[share(4, Overlay, WHOLE)],
            &[share(1, Owner, WHOLE), share(2, Overlay, 0)],
            &[share(1, Owner, WHOLE), share(2, Overlay, WHOLE + 1)],
            &[share(1, Owner, 5_000), share(1, Owner, 5_000)],
            &[share(1, Owner, 20_000), share(2, Sdr, -WHOLE)],
        ] {
            assert!(!check(wrong).is_empty(), "{wrong:?}");
        }
        assert!(check(&[share(1, Owner, 5_000), share(1, Sdr, 5_000)]).is_empty(), "one person in two roles");
    }
}
