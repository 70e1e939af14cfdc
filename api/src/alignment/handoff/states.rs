//! The states of an offer and of a dispute over its answer, and what a verdict means for both. Pure: no clock, no
//! database.

use entity::{
    dispute::{Kind, Status, Verdict},
    handoff::State,
};

use crate::{crm::transition, error::Result};

/// The states of an offer that may follow.
pub fn next(from: State) -> &'static [State] {
    match from {
        State::Pending => &[State::Accepted, State::Rejected, State::Expired, State::Withdrawn],
        State::Accepted | State::Rejected | State::Expired | State::Withdrawn => &[],
    }
}

/// Refuses a step with `INVALID_TRANSITION`.
pub fn ensure(from: State, to: State) -> Result<()> {
    transition::ensure("state", from, to, next(from))
}

/// The states of a dispute that may follow.
pub fn next_of_dispute(from: Status) -> &'static [Status] {
    match from {
        Status::Open => &[Status::UnderReview, Status::Withdrawn],
        Status::UnderReview => &[Status::Upheld, Status::Denied],
        Status::Upheld | Status::Denied | Status::Withdrawn => &[],
    }
}

/// Refuses a dispute's step with `INVALID_TRANSITION`.
pub fn ensure_dispute(from: Status, to: Status) -> Result<()> {
    transition::ensure("status", from, to, next_of_dispute(from))
}

/// Which answers can be disputed: those that somebody gave.
pub fn disputable(state: State) -> bool {
    matches!(state, State::Accepted | State::Rejected)
}

/// Which verdicts there are on a dispute of a kind.
pub fn fits(kind: Kind, verdict: Verdict) -> bool {
    matches!(verdict, Verdict::ClaimRight | Verdict::ClaimWrong) == (kind == Kind::Attribution)
}

/// How a verdict ends a dispute: whoever disputes a rejection says that sales was wrong, whoever disputes an
/// acceptance that marketing was. A gap in the definition or wrong data mean that the quarrel had a reason.
pub fn ends(answer: State, verdict: Verdict) -> Status {
    match (answer, verdict) {
        (State::Rejected, Verdict::MarketingMiss) | (State::Accepted, Verdict::SalesMiss) => Status::Denied,
        _ => Status::Upheld,
    }
}

/// Whether a rejection counts as accepted from then on: sales should have taken the lead.
pub fn overturns(answer: State, verdict: Verdict) -> bool {
    answer == State::Rejected && verdict == Verdict::SalesMiss
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_states_of_an_offer_is_allowed_or_refused_as_agreed() {
        transition::assert_table(
            next,
            "PENDING   ACCEPTED REJECTED EXPIRED WITHDRAWN
             ACCEPTED
             REJECTED
             EXPIRED
             WITHDRAWN",
        );
    }

    #[test]
    fn every_pair_of_states_of_a_dispute_is_allowed_or_refused_as_agreed() {
        transition::assert_table(
            next_of_dispute,
            "OPEN         UNDER_REVIEW WITHDRAWN
             UNDER_REVIEW UPHELD DENIED
             UPHELD
             DENIED
             WITHDRAWN",
        );
    }

    #[test]
    fn a_claim_is_right_or_wrong_and_an_answer_has_a_reason() {
        use Verdict::{ClaimRight, ClaimWrong, DataError, DefinitionGap, MarketingMiss, SalesMiss};
        for (verdict, on_credit) in [
            (ClaimRight, true),
            (ClaimWrong, true),
            (MarketingMiss, false),
            (SalesMiss, false),
            (DefinitionGap, false),
            (DataError, false),
        ] {
            assert_eq!((fits(Kind::Attribution, verdict), fits(Kind::Handoff, verdict)), (on_credit, !on_credit));
        }
    }

    #[test]
    fn a_verdict_ends_a_dispute_for_or_against_whoever_opened_it() {
        use Verdict::{DataError, DefinitionGap, MarketingMiss, SalesMiss};
        for (verdict, rejected, accepted) in [
            (MarketingMiss, Status::Denied, Status::Upheld),
            (SalesMiss, Status::Upheld, Status::Denied),
            (DefinitionGap, Status::Upheld, Status::Upheld),
            (DataError, Status::Upheld, Status::Upheld),
        ] {
            assert_eq!((ends(State::Rejected, verdict), ends(State::Accepted, verdict)), (rejected, accepted));
            assert_eq!(overturns(State::Rejected, verdict), verdict == SalesMiss);
            assert!(!overturns(State::Accepted, verdict));
        }
    }
}
