//! Which keys an agreement needs, who may turn which, and when it is ratified. Pure.

use entity::{agreement::Kind, agreement_approval::Side, id::UserId};

use crate::{
    actor::Permission,
    error::{Error, FaultCode, Result},
};

/// A key that was turned and still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turned {
    pub side: Side,
    pub user: UserId,
}

/// The sides whose keys an agreement of this kind needs.
pub fn needed(kind: Kind) -> &'static [Side] {
    if kind == Kind::IncentivePlan {
        &[Side::Marketing, Side::Sales, Side::Finance]
    } else {
        &[Side::Marketing, Side::Sales]
    }
}

/// The permission that a side's key needs.
pub fn permission(side: Side) -> Permission {
    match side {
        Side::Marketing => Permission::AgreementApproveMarketing,
        Side::Sales => Permission::AgreementApproveSales,
        Side::Finance => Permission::AgreementApproveFinance,
    }
}

/// Nobody turns a key twice, and nobody two keys but alone.
pub fn may_turn(kind: Kind, turned: &[Turned], next: Turned, solo: bool) -> Result<()> {
    if !needed(kind).contains(&next.side) {
        return Err(Error::invalid("side", "an agreement of this kind has no such key"));
    }
    let mut mine = turned.iter().filter(|key| key.user == next.user);
    if mine.clone().any(|key| key.side == next.side) {
        return Err(Error::refused(FaultCode::Duplicate, "side", "you have turned this key already"));
    }
    if mine.next().is_some() && !solo {
        let message = "you have turned another side's key: nobody turns two, ask somebody else of this side";
        return Err(Error::refused(FaultCode::Locked, "side", message));
    }
    Ok(())
}

/// Whether every key is turned.
pub fn complete(kind: Kind, turned: &[Turned]) -> bool {
    needed(kind).iter().all(|side| turned.iter().any(|key| key.side == *side))
}

/// Whether somebody turned more than one key: it is signed, but by one side's person alone.
pub fn is_solo(turned: &[Turned]) -> bool {
    turned.iter().any(|one| turned.iter().any(|other| one.user == other.user && one.side != other.side))
}

#[cfg(test)]
mod tests {
    use entity::id::RowId;
    use uuid::Uuid;

    use super::{
        Side::{Finance, Marketing, Sales},
        *,
    };

    fn by(user: u128, side: Side) -> Turned {
        Turned { side, user: UserId::from_uuid(Uuid::from_u128(user)) }
    }

    #[test]
    fn two_sides_ratify_and_finance_too_for_pay() {
        let both = [by(1, Marketing), by(2, Sales)];
        assert!(complete(Kind::Qualification, &both) && !complete(Kind::IncentivePlan, &both));
        assert!(complete(Kind::IncentivePlan, &[both[0], both[1], by(3, Finance)]));
        assert!(!complete(Kind::Sla, &[by(1, Marketing), by(2, Marketing)]) && !complete(Kind::Sla, &[]));
    }

    #[test]
    fn nobody_turns_two_keys_unless_alone() {
        let turned = [by(1, Marketing)];
        assert!(may_turn(Kind::Sla, &turned, by(2, Sales), false).is_ok());
        assert!(may_turn(Kind::Sla, &turned, by(2, Marketing), false).is_ok());
        assert!(may_turn(Kind::Sla, &turned, by(1, Sales), false).is_err());
        assert!(may_turn(Kind::Sla, &turned, by(1, Sales), true).is_ok());
        assert!(may_turn(Kind::Sla, &turned, by(1, Marketing), true).is_err());
        assert!(may_turn(Kind::Sla, &[], by(3, Finance), true).is_err());
        assert!(may_turn(Kind::IncentivePlan, &turned, by(1, Finance), false).is_err());
    }

    #[test]
    fn what_one_person_signed_alone_is_marked() {
        assert!(is_solo(&[by(1, Marketing), by(1, Sales)]));
        assert!(!is_solo(&[by(1, Marketing), by(2, Marketing), by(3, Sales)]));
    }
}
