//! Which figures are withheld from who does not see every sale behind them: those that rest on fewer than five, those
//! whose difference to another figure does, and one more of a breakdown where the others would tell the one that is
//! withheld. Pure.

use crate::insight::small::is_few;

/// On how many sales figures rest: on those that earned, were influenced, were sourced; of all sales, and of those whose
/// money counts. What corrections add is counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rests {
    pub of: [[i64; 3]; 2],
    pub corrected: i64,
}

const EARNED: usize = 0;
const INFLUENCED: usize = 1;
const SOURCED: usize = 2;

/// How many there are, and how many of these the caller sees.
#[derive(Clone, Copy, Debug, Default)]
pub struct Behind {
    pub all: Rests,
    pub seen: Rests,
}

/// What is withheld of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each figure is hidden or not")]
pub struct Hidden {
    /// Credit and its parts.
    pub earned: bool,
    pub corrected: bool,
    pub influenced: bool,
    pub sourced: bool,
}

impl Hidden {
    pub fn any(self) -> bool {
        self.earned || self.corrected || self.influenced || self.sourced
    }
}

/// A number of sales, and how many of them are seen.
type Count = (i64, i64);

fn small((all, seen): Count) -> bool {
    is_few(all) && seen < all
}

/// The first without the second, which is a part of it.
fn rest(of: Count, part: Count) -> Count {
    (of.0 - part.0, of.1 - part.1)
}

impl Behind {
    fn count(&self, view: usize, family: usize) -> Count {
        (self.all.of[view][family], self.seen.of[view][family])
    }

    /// On how many sales a family's figure rests; what nothing but corrections makes, on those that were corrected.
    fn makes(&self, view: usize, family: usize) -> i64 {
        std::cmp::max(self.all.of[view][family], if self.all.of[view][family] == 0 { self.all.corrected } else { 0 })
    }
}

/// What is withheld of the whole and of each group. Credit and what is sourced are shared among the groups, so what one of
/// them has could be told from the whole and the others; influenced sales are in several, so each is compared with the
/// whole.
pub fn withheld(total: &Behind, groups: &[Behind]) -> (Hidden, Vec<Hidden>) {
    let mut whole = Hidden::default();
    let mut hidden = vec![Hidden::default(); groups.len()];
    for view in [0, 1] {
        let [earned, influenced, sourced] = [EARNED, INFLUENCED, SOURCED].map(|family| total.count(view, family));
        whole.earned |= small(earned);
        whole.influenced |= small(influenced) || small(rest(earned, influenced));
        whole.sourced |= small(sourced) || small(rest(earned, sourced)) || small(rest(influenced, sourced));
        for (group, hidden) in groups.iter().zip(&mut hidden) {
            let [own, here, began] = [EARNED, INFLUENCED, SOURCED].map(|family| group.count(view, family));
            hidden.earned |= small(own);
            hidden.influenced |= small(here) || small(rest(influenced, here)) || small(rest(earned, here));
            let near = [rest(earned, began), rest(influenced, began), rest(here, began)];
            hidden.sourced |= small(began) || near.into_iter().any(small);
        }
    }
    for (behind, hidden) in std::iter::once(total).chain(groups).zip(std::iter::once(&mut whole).chain(&mut hidden)) {
        // counted by days, of which the busiest tells no more than how many there are at least: seeing as many is not all
        hidden.corrected |= is_few(behind.all.corrected);
        let alone = |family: usize| behind.all.of[0][family] == 0;
        hidden.earned |= hidden.corrected && alone(EARNED);
        hidden.influenced |= hidden.corrected && alone(INFLUENCED);
        hidden.sourced |= hidden.corrected && alone(SOURCED);
    }
    if !whole.earned {
        let most = |counts: &[i64]| counts.iter().copied().max().unwrap_or(0);
        cover(groups, &mut hidden, EARNED, most, |hidden| &mut hidden.earned);
    }
    if !whole.influenced {
        let most = |counts: &[i64]| counts.iter().copied().max().unwrap_or(0);
        cover(groups, &mut hidden, INFLUENCED, most, |hidden| &mut hidden.influenced);
    }
    if !whole.sourced {
        cover(groups, &mut hidden, SOURCED, |counts| counts.iter().sum(), |hidden| &mut hidden.sourced);
    }
    if !whole.corrected {
        // a sale may be corrected in several groups
        while hidden.iter().filter(|one| one.corrected).count() == 1 {
            let others = groups.iter().enumerate().filter(|(at, of)| !hidden[*at].corrected && of.all.corrected > 0);
            let Some((at, _)) = others.min_by_key(|(_, of)| of.all.corrected) else { break };
            hidden[at].corrected = true;
        }
    }
    (whole, hidden)
}

/// Withholds the next smallest groups until those that are withheld rest on enough sales together: what is left of the
/// whole once the others are taken away.
fn cover(
    groups: &[Behind],
    hidden: &mut [Hidden],
    family: usize,
    together: impl Fn(&[i64]) -> i64,
    flag: impl Fn(&mut Hidden) -> &mut bool,
) {
    for view in [0, 1] {
        loop {
            let counts: Vec<i64> = (0..groups.len())
                .filter(|at| *flag(&mut hidden[*at]))
                .map(|at| groups[at].makes(view, family))
                .collect();
            if !is_few(together(&counts)) {
                break;
            }
            let shown = (0..groups.len()).filter(|at| !*flag(&mut hidden[*at]) && groups[*at].all.of[view][family] > 0);
            let shown: Vec<usize> = shown.collect();
            let Some(at) = shown.into_iter().min_by_key(|at| groups[*at].all.of[view][family]) else { break };
            *flag(&mut hidden[at]) = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many earned, influenced and sourced, of which so many are seen.
    fn behind(of: [i64; 3], seen: i64) -> Behind {
        let rests = |of: [i64; 3]| Rests { of: [of, of], corrected: 0 };
        Behind { all: rests(of), seen: rests(of.map(|n| std::cmp::min(n, seen))) }
    }

    fn earned(total: i64, groups: &[(i64, i64)]) -> Vec<bool> {
        let groups: Vec<Behind> = groups.iter().map(|(all, seen)| behind([*all, 0, 0], *seen)).collect();
        withheld(&behind([total, 0, 0], 0), &groups).1.iter().map(|hidden| hidden.earned).collect()
    }

    #[test]
    fn few_sales_are_told_to_who_sees_them_all() {
        assert_eq!(earned(9, &[(4, 4), (5, 0), (0, 0)]), [false, false, false]);
        assert_eq!(earned(20, &[(4, 3), (4, 2), (9, 0), (12, 0)]), [true, true, true, false], "the same four perhaps");
    }

    #[test]
    fn what_the_others_would_tell_is_not_told_by_them() {
        assert_eq!(earned(20, &[(4, 3), (9, 0), (7, 1)]), [true, false, true]);
        assert_eq!(earned(4, &[(4, 3)]), [true]);
    }

    #[test]
    fn a_difference_of_few_sales_is_not_told_either() {
        let (whole, groups) = withheld(&behind([20, 20, 10], 0), &[behind([18, 17, 8], 0), behind([9, 12, 2], 0)]);
        assert_eq!(whole, Hidden::default());
        assert_eq!(
            groups.iter().map(|hidden| hidden.influenced).collect::<Vec<_>>(),
            [true, false],
            "three have no part"
        );
        assert_eq!(groups.iter().map(|hidden| hidden.sourced).collect::<Vec<_>>(), [true, true]);
        let (whole, _) = withheld(&behind([20, 18, 10], 0), &[]);
        assert!(whole.influenced && !whole.earned && !whole.sourced);
    }

    #[test]
    fn corrections_of_few_sales_are_withheld_with_what_rests_on_nothing_else() {
        let corrected = |n: i64, own: i64| {
            let mut one = behind([own; 3], 0);
            one.all.corrected = n;
            one
        };
        let (whole, groups) = withheld(&corrected(7, 50), &[corrected(1, 0), corrected(6, 50), corrected(0, 50)]);
        assert_eq!(whole, Hidden::default());
        assert_eq!(groups.iter().map(|hidden| hidden.corrected).collect::<Vec<_>>(), [true, true, false]);
        assert!(groups[0].earned);
    }
}
