//! Which figures are withheld from who does not see every sale behind them: those that rest on fewer than five, and one
//! more where the sum of the others would tell the one that is withheld. Pure.

/// Fewer records than this say something of each.
pub const FEW: i64 = 5;

/// For each group whether it is withheld: how many sales are behind it, and how many of them the caller sees.
pub fn withheld(groups: &[(i64, i64)]) -> Vec<bool> {
    let small = |(all, seen): &(i64, i64)| (1..FEW).contains(all) && seen < all;
    let mut hidden: Vec<bool> = groups.iter().map(small).collect();
    let behind: i64 = groups.iter().zip(&hidden).filter(|(_, hidden)| **hidden).map(|((all, _), _)| all).sum();
    if (1..FEW).contains(&behind) {
        let shown = groups.iter().enumerate().filter(|(at, (all, seen))| !hidden[*at] && *all > 0 && seen < all);
        if let Some((at, _)) = shown.min_by_key(|(_, (all, _))| *all) {
            hidden[at] = true;
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::withheld;

    #[test]
    fn few_sales_are_told_to_who_sees_them_all() {
        assert_eq!(withheld(&[(4, 4), (5, 0), (0, 0)]), [false, false, false]);
        assert_eq!(withheld(&[(4, 3), (4, 2), (9, 0)]), [true, true, false]);
    }

    #[test]
    fn what_the_others_would_tell_is_not_told_by_them() {
        assert_eq!(withheld(&[(4, 3), (9, 0), (7, 1)]), [true, false, true]);
        assert_eq!(withheld(&[(4, 3), (9, 9), (7, 1)]), [true, false, true]);
        assert_eq!(withheld(&[(4, 3)]), [true]);
    }
}
