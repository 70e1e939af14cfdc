//! Whose turn it is: weighted deficit round-robin, exact and without chance. Pure: no clock, no database.
//!
//! Of those who may be given a lead, it goes to whoever is farthest behind their share of all leads given in the
//! window, the next one among them; of equals to the smallest user id.

use std::cmp::Reverse;

use entity::id::UserId;

/// A member of a pool as the next pick sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub user: UserId,
    pub weight: i32,
    /// Leads given in the window.
    pub assigned: i64,
    /// May be given the next one.
    pub eligible: bool,
    /// Could be given the last one.
    pub was_eligible: bool,
}

/// The place of whoever is next, counted as given; none when nobody may be given anything. Whoever may again, or for
/// the first time, starts at their share of what the others got, so that they do not get all that comes.
pub fn pick(seats: &mut [Seat]) -> Option<usize> {
    raise(seats);
    let (weights, given) = (weights(seats), given(seats));
    if weights == 0 {
        return None;
    }
    let behind = |seat: &Seat| i128::from(seat.weight) * (given + 1) - i128::from(seat.assigned) * weights;
    let able = seats.iter().enumerate().filter(|(_, seat)| seat.eligible);
    let (next, _) = able.max_by_key(|(_, seat)| (behind(seat), Reverse(seat.user)))?;
    seats[next].assigned += 1;
    Some(next)
}

/// Counts whoever became eligible since the last pick as having had their share.
fn raise(seats: &mut [Seat]) {
    let (weights, given) = (weights(seats), given(seats));
    for seat in seats.iter_mut() {
        if seat.eligible && !seat.was_eligible && weights > 0 {
            let share = i128::from(seat.weight) * given / weights;
            seat.assigned = seat.assigned.max(i64::try_from(share).unwrap_or(i64::MAX));
        }
        seat.was_eligible = seat.eligible;
    }
}

fn weights(seats: &[Seat]) -> i128 {
    seats.iter().filter(|seat| seat.eligible).map(|seat| i128::from(seat.weight)).sum()
}

fn given(seats: &[Seat]) -> i128 {
    seats.iter().filter(|seat| seat.eligible).map(|seat| i128::from(seat.assigned)).sum()
}

#[cfg(test)]
mod tests {
    use entity::id::RowId;
    use uuid::Uuid;

    use super::*;

    fn seats(weights: &[i32]) -> Vec<Seat> {
        let seat = |(n, weight): (usize, &i32)| Seat {
            user: UserId::from_uuid(Uuid::from_u128(n as u128)),
            weight: *weight,
            assigned: 0,
            eligible: true,
            was_eligible: true,
        };
        weights.iter().enumerate().map(seat).collect()
    }

    fn order(weights: &[i32], picks: usize) -> String {
        let mut seats = seats(weights);
        (0..picks).map(|_| char::from(b'A' + u8::try_from(pick(&mut seats).unwrap()).unwrap())).collect()
    }

    #[test]
    fn the_agreed_orders() {
        assert_eq!(order(&[2, 1], 6), "ABAABA");
        assert_eq!(order(&[1, 1, 1], 6), "ABCABC");
        assert_eq!(order(&[3, 2, 1], 6), "ABACBA");
    }

    #[test]
    fn ties_go_to_the_smallest_user_wherever_they_stand_in_the_list() {
        let mut turned: Vec<Seat> = seats(&[1, 1, 1]).into_iter().rev().collect();
        assert_eq!((0..3).map(|_| pick(&mut turned).unwrap()).collect::<Vec<_>>(), [2, 1, 0]);
    }

    #[test]
    fn nobody_is_picked_who_may_not_be_or_has_no_share() {
        assert_eq!(pick(&mut []), None);
        assert_eq!(pick(&mut seats(&[0, 0])), None);
        let mut two = seats(&[5, 1]);
        two[0].eligible = false;
        assert!((0..9).all(|_| pick(&mut two) == Some(1)));
        assert_eq!(two[0].assigned, 0);
    }

    #[test]
    fn whoever_comes_back_starts_at_their_share() {
        let mut three = seats(&[1, 1, 1]);
        three[2].eligible = false;
        for _ in 0..10 {
            pick(&mut three);
        }
        assert_eq!(three.iter().map(|s| s.assigned).collect::<Vec<_>>(), [5, 5, 0]);
        three[2].eligible = true;
        pick(&mut three);
        assert_eq!(three[2].assigned, 3 + 1, "floor(1/3 * 10), and then the next one");
    }

    /// A small linear congruential generator: the same numbers in every run.
    fn dice(state: &mut u64, below: u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % below
    }

    #[test]
    fn nobody_is_ever_a_whole_lead_from_their_share_of_two() {
        let mut state = 7;
        for _ in 0..200 {
            let weights: Vec<i32> = (0..2).map(|_| i32::try_from(dice(&mut state, 20) + 1).unwrap()).collect();
            let (mut seats, total) = (seats(&weights), i64::from(weights.iter().sum::<i32>()));
            for n in 1..=300_i64 {
                pick(&mut seats).unwrap();
                for seat in &seats {
                    let off = seat.assigned * total - i64::from(seat.weight) * n;
                    assert!(off.abs() < total, "{weights:?} after {n}: {}", seat.assigned);
                }
            }
        }
    }

    #[test]
    fn after_every_full_round_everybody_has_exactly_their_share() {
        let mut state = 11;
        for _ in 0..200 {
            let count = dice(&mut state, 6) + 1;
            let weights: Vec<i32> = (0..count).map(|_| i32::try_from(dice(&mut state, 9) + 1).unwrap()).collect();
            let (mut seats, total) = (seats(&weights), weights.iter().sum::<i32>());
            for round in 1..=5_i64 {
                for _ in 0..total {
                    pick(&mut seats).unwrap();
                }
                let shares = |(seat, weight): (&Seat, &i32)| seat.assigned == round * i64::from(*weight);
                assert!(seats.iter().zip(&weights).all(shares), "{weights:?} in round {round}: {seats:?}");
            }
        }
    }

    #[test]
    fn whatever_comes_and_goes_every_pick_is_of_somebody_eligible_and_counted_once() {
        let mut state = 13;
        let mut all = seats(&[5, 3, 1, 1, 2]);
        for _ in 0..5_000 {
            for seat in &mut all {
                seat.eligible = dice(&mut state, 3) > 0;
            }
            let (before, twin) = (all.clone(), &mut all.clone());
            let picked = pick(&mut all);
            assert_eq!(pick(twin), picked, "the same seats give the same pick");
            assert_eq!(picked.is_some(), before.iter().any(|s| s.eligible));
            if let Some(at) = picked {
                assert!(before[at].eligible);
                let grown = |(now, was): (&Seat, &Seat)| now.assigned >= was.assigned;
                assert!(all.iter().zip(&before).all(grown));
            }
        }
    }
}
