//! What votes make of a target account: the states it can take, and who may speak for a side. Pure.

use entity::{
    id::UserId,
    target_entry::TargetEntryState as State,
    target_list::TargetListState,
    target_vote::{TargetChoice as Choice, TargetQuestion as Question},
    user::Side,
};

use crate::{
    crm::transition,
    error::{Error, FaultCode, Result},
};

/// What a side has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    pub side: Side,
    pub choice: Choice,
    pub user: UserId,
}

/// The states that may follow.
pub fn next(from: State) -> &'static [State] {
    match from {
        State::Proposed => &[State::Agreed, State::Declined],
        State::Agreed | State::Declined => &[State::Removed],
        State::Removed => &[],
    }
}

/// Of two entries of one account the higher one stays: a NO that is lost can be said again, an open question harms nobody.
pub fn rank(state: State) -> u8 {
    match state {
        State::Agreed => 3,
        State::Proposed => 2,
        State::Declined => 1,
        State::Removed => 0,
    }
}

/// What becomes of an account when these are the votes on a question, the new one among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Becomes(State),
    /// The other side has not spoken yet.
    Waits,
    /// A wish to take it off is turned down: as if nobody had asked.
    Stays,
}

pub fn outcome(state: State, list: TargetListState, question: Question, votes: &[Vote]) -> Result<Outcome> {
    let wanted = match question {
        Question::Add => State::Agreed,
        Question::Remove => State::Removed,
    };
    transition::ensure("id", state, wanted, next(state))?;
    let yes = |side| votes.iter().any(|vote| vote.side == side && vote.choice == Choice::Yes);
    let (no, both) = (votes.iter().any(|v| v.choice == Choice::No), yes(Side::Marketing) && yes(Side::Sales));
    // one side is enough to forget what is not agreed, and to change its mind before the period begins
    let alone = question == Question::Remove && (state == State::Declined || list == TargetListState::Open);
    Ok(match question {
        Question::Add if no => Outcome::Becomes(State::Declined),
        Question::Remove if no => Outcome::Stays,
        _ if both || alone => Outcome::Becomes(wanted),
        _ => Outcome::Waits,
    })
}

/// One person speaks for one side of an account, unless they are alone.
pub fn may_speak(votes: &[Vote], next: Vote, alone: bool) -> Result<()> {
    let said = votes.iter().any(|vote| vote.side == next.side && vote.choice == next.choice);
    if said {
        return Err(Error::refused(FaultCode::Duplicate, "side", "this side has said so already"));
    }
    if !alone && votes.iter().any(|vote| vote.side != next.side && vote.user == next.user) {
        let message = "you have spoken for the other side: nobody speaks for both, ask somebody else of this side";
        return Err(Error::refused(FaultCode::Locked, "side", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use entity::id::RowId;
    use uuid::Uuid;

    use super::{
        Choice::{No, Yes},
        Outcome::{Becomes, Stays, Waits},
        Side::{Marketing, Sales},
        TargetListState::{Locked, Open},
        *,
    };

    fn by(user: u128, side: Side, choice: Choice) -> Vote {
        Vote { side, choice, user: UserId::from_uuid(Uuid::from_u128(user)) }
    }

    #[test]
    fn the_states() {
        transition::assert_table(
            next,
            "PROPOSED AGREED DECLINED
             AGREED REMOVED
             DECLINED REMOVED
             REMOVED",
        );
    }

    #[test]
    fn both_must_want_it_and_one_can_decline() {
        let of = |votes: &[Vote]| outcome(State::Proposed, Locked, Question::Add, votes).unwrap();
        assert_eq!(of(&[by(1, Marketing, Yes)]), Waits);
        assert_eq!(of(&[by(1, Marketing, Yes), by(2, Sales, Yes)]), Becomes(State::Agreed));
        assert_eq!(of(&[by(1, Marketing, Yes), by(2, Sales, No)]), Becomes(State::Declined));
        assert_eq!(of(&[by(1, Marketing, No)]), Becomes(State::Declined), "a side may take its wish back");
        for state in [State::Agreed, State::Declined, State::Removed] {
            assert!(outcome(state, Open, Question::Add, &[by(1, Marketing, Yes)]).is_err(), "{state}");
        }
    }

    #[test]
    fn taking_off_needs_both_once_the_period_runs() {
        let one = [by(1, Sales, Yes)];
        let of = |state, list, votes: &[Vote]| outcome(state, list, Question::Remove, votes);
        assert_eq!(of(State::Agreed, Open, &one).unwrap(), Becomes(State::Removed));
        assert_eq!(of(State::Agreed, Locked, &one).unwrap(), Waits);
        assert_eq!(of(State::Agreed, Locked, &[one[0], by(2, Marketing, Yes)]).unwrap(), Becomes(State::Removed));
        assert_eq!(of(State::Agreed, Locked, &[one[0], by(2, Marketing, No)]).unwrap(), Stays);
        assert_eq!(of(State::Declined, Locked, &one).unwrap(), Becomes(State::Removed));
        assert!(of(State::Proposed, Open, &one).is_err() && of(State::Removed, Open, &one).is_err());
    }

    #[test]
    fn nobody_speaks_for_both_sides_unless_alone() {
        let said = [by(1, Marketing, Yes)];
        assert!(may_speak(&said, by(2, Sales, Yes), false).is_ok());
        assert!(may_speak(&said, by(1, Sales, Yes), false).is_err());
        assert!(may_speak(&said, by(1, Sales, Yes), true).is_ok());
        assert!(may_speak(&said, by(3, Marketing, Yes), false).is_err(), "a side speaks once");
        assert!(may_speak(&said, by(3, Marketing, No), false).is_ok(), "and may change its mind");
    }
}
