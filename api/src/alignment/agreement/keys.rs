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
        Side::TieBreak => Permission::AgreementBreakTie,
    }
}

/// Nobody turns a key twice, and nobody two keys but alone. A tie is broken by somebody who has turned none.
pub fn may_turn(kind: Kind, turned: &[Turned], next: Turned, solo: bool) -> Result<()> {
    if next.side == Side::TieBreak {
        return may_break(turned, next);
    }
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

fn may_break(turned: &[Turned], next: Turned) -> Result<()> {
    if turned.iter().any(|key| key.user == next.user) {
        return Err(Error::refused(FaultCode::Locked, "side", "you have turned a key: somebody else breaks the tie"));
    }
    if has(turned, Side::Marketing) == has(turned, Side::Sales) || has(turned, Side::TieBreak) {
        let message = "there is no tie: one side must have turned its key and the other must not";
        return Err(Error::refused(FaultCode::CriteriaUnmet, "side", message));
    }
    Ok(())
}

fn has(turned: &[Turned], side: Side) -> bool {
    turned.iter().any(|key| key.side == side)
}

/// Whether the tie-break key stands in for one side's.
pub fn is_tie_broken(turned: &[Turned]) -> bool {
    has(turned, Side::TieBreak) && has(turned, Side::Marketing) != has(turned, Side::Sales)
}

/// Whether every key is turned.
pub fn complete(kind: Kind, turned: &[Turned]) -> bool {
    let stands_in = |side: &Side| *side != Side::Finance && is_tie_broken(turned);
    needed(kind).iter().all(|side| has(turned, *side) || stands_in(side))
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
        Side::{Finance, Marketing, Sales, TieBreak},
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
    fn a_tie_is_one_key_of_two_and_is_broken_by_a_third_person() {
        let one = [by(1, Sales)];
        assert!(may_turn(Kind::Sla, &one, by(2, TieBreak), false).is_ok());
        for (turned, user) in
            [(&one[..], 1), (&[], 2), (&[one[0], by(2, Marketing)], 3), (&[one[0], by(2, TieBreak)], 3)]
        {
            assert!(may_turn(Kind::Sla, turned, by(user, TieBreak), true).is_err(), "{turned:?}");
        }
        let broken = [one[0], by(2, TieBreak)];
        assert!(complete(Kind::Sla, &broken) && is_tie_broken(&broken));
        assert!(
            !complete(Kind::IncentivePlan, &broken)
                && complete(Kind::IncentivePlan, &[broken[0], broken[1], by(3, Finance)])
        );
        let all = [one[0], by(2, TieBreak), by(3, Marketing)];
        assert!(complete(Kind::Sla, &all) && !is_tie_broken(&all), "the side has spoken for itself");
        assert!(!complete(Kind::Sla, &[by(2, TieBreak)]));
    }

    #[test]
    fn what_one_person_signed_alone_is_marked() {
        assert!(is_solo(&[by(1, Marketing), by(1, Sales)]));
        assert!(!is_solo(&[by(1, Marketing), by(2, Marketing), by(3, Sales)]));
    }
}
