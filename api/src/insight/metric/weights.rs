//! How the alignment index is weighed. Pure.

use super::exact::Exact;

/// How many figures the index is made of.
pub const COMPONENTS: usize = 7;

/// What both sides agreed on: what each figure weighs, and at which value it is as good as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    pub weights: [Exact; COMPONENTS],
    pub targets: [Exact; COMPONENTS],
}

impl Default for Weights {
    fn default() -> Self {
        let hundredths = |n: i128| Exact::over(n, 100).unwrap_or(Exact::ZERO);
        Self {
            weights: [20, 20, 10, 15, 15, 10, 10].map(hundredths),
            targets: [85, 90, 100, 100, 100, 100, 100].map(hundredths),
        }
    }
}

/// The index, 0 to 100, with what was added up and through which weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    pub value: Exact,
    pub sum: Exact,
    pub weights: Exact,
}

impl Weights {
    /// How good a figure is, 0 to 1: at its target or beyond it is 1.
    pub fn reached(&self, at: usize, figure: Exact) -> Option<Exact> {
        let share = figure.by(self.targets[at])?;
        Some(if share.at_least(Exact::whole(1)) { Exact::whole(1) } else { share })
    }

    /// Figures that there are not are left out, and the weights of the others count for the whole. None without any.
    pub fn index(&self, figures: &[Option<Exact>; COMPONENTS]) -> Option<Index> {
        let (mut sum, mut weights) = (Exact::ZERO, Exact::ZERO);
        for (at, figure) in figures.iter().enumerate() {
            let Some(figure) = *figure else { continue };
            sum = sum.plus(self.reached(at, figure)?.times(self.weights[at])?)?;
            weights = weights.plus(self.weights[at])?;
        }
        Some(Index { value: sum.by(weights)?.times(Exact::whole(100))?, sum, weights })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(figures: [&str; COMPONENTS]) -> Option<i128> {
        Weights::default().index(&figures.map(Exact::parse))?.value.scaled(1)
    }

    #[test]
    fn the_worked_example() {
        let exact = [Exact::over(90, 108), Exact::over(8, 10)];
        let rest = ["0.92", "0.70", "1", "0.40", "0.88"].map(Exact::parse);
        let all = [exact[0], exact[1], rest[0], rest[1], rest[2], rest[3], rest[4]];
        assert_eq!(Weights::default().index(&all).unwrap().value.scaled(1), Some(849), "84.9");
    }

    #[test]
    fn what_there_is_not_is_left_out_and_nothing_counts_twice() {
        assert_eq!(index(["0.85", "0.9", "1", "1", "1", "1", "1"]), Some(1000));
        assert_eq!(index(["1", "1", "1", "1", "1", "1", "1"]), Some(1000), "each is at most 1");
        assert_eq!(index(["", "", "0.5", "", "", "", ""]), Some(500));
        assert_eq!(index(["", "", "0.5", "1", "", "", ""]), Some(800), "(0.05 + 0.15) / 0.25");
        assert_eq!(index([""; COMPONENTS]), None);
    }
}
