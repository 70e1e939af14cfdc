//! The books of a waterfall: what came in, what went out, what changed its worth. Whatever is entered, the buckets add up
//! from the start to the end. Pure.

use entity::words;

words! {
    /// What moved the pipeline.
    pub enum Bucket as "WaterfallBucketKey" {
        /// In the pipeline at the start.
        Start = "START",
        /// Opened since.
        New = "NEW",
        /// Was open before, but not for the period; or came under the filter; or was restored.
        PulledIn = "PULLED_IN",
        /// Was closed at the start and is open again.
        Reopened = "REOPENED",
        /// Became worth more.
        Increased = "INCREASED",
        /// Became worth less.
        Decreased = "DECREASED",
        /// Is still open, but not for the period any more; or left the filter.
        PushedOut = "PUSHED_OUT",
        /// Was won.
        Won = "WON",
        /// Was lost.
        Lost = "LOST",
        /// Was deleted.
        Deleted = "DELETED",
        /// In the pipeline at the end.
        End = "END",
    }
}

impl Bucket {
    pub const ALL: [Self; 11] = [
        Self::Start,
        Self::New,
        Self::PulledIn,
        Self::Reopened,
        Self::Increased,
        Self::Decreased,
        Self::PushedOut,
        Self::Won,
        Self::Lost,
        Self::Deleted,
        Self::End,
    ];

    /// Whether it adds to what was there at the start, or takes from it.
    pub fn sign(self) -> i128 {
        match self {
            Self::New | Self::PulledIn | Self::Reopened | Self::Increased => 1,
            Self::Decreased | Self::PushedOut | Self::Won | Self::Lost | Self::Deleted => -1,
            Self::Start | Self::End => 0,
        }
    }
}

/// Opportunities that came and went the same way: how they came into the pipeline (or START), how they left it (or END),
/// and what they were worth first and last, all of them together.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub came: Bucket,
    pub went: Bucket,
    pub count: i64,
    pub first: i128,
    pub last: i128,
    /// What became more, and how often; what became less.
    pub more: (i128, i64),
    pub less: (i128, i64),
}

impl Entry {
    /// So many that were each worth this first and that last.
    pub fn alike(came: Bucket, went: Bucket, count: i64, first: i64, last: i64) -> Self {
        let n = i128::from(count);
        let change = i128::from(last) - i128::from(first);
        let part = |change: i128| if change > 0 { (change * n, count) } else { (0, 0) };
        Self {
            came,
            went,
            count,
            first: i128::from(first) * n,
            last: i128::from(last) * n,
            more: part(change),
            less: part(-change),
        }
    }
}

/// One bucket: how many opportunities, what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub count: i64,
    pub amount: i128,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger([Sum; 11]);

impl Ledger {
    pub fn enter(&mut self, entry: &Entry) {
        self.add(entry.came, entry.count, entry.first);
        self.add(entry.went, entry.count, entry.last);
        self.add(Bucket::Increased, entry.more.1, entry.more.0);
        self.add(Bucket::Decreased, entry.less.1, entry.less.0);
    }

    fn add(&mut self, bucket: Bucket, count: i64, amount: i128) {
        let sum = &mut self.0[bucket as usize];
        sum.count += count;
        sum.amount += amount;
    }

    pub fn get(&self, bucket: Bucket) -> Sum {
        self.0[bucket as usize]
    }

    /// Start and all that moved: what the end must be.
    pub fn reckoned(&self) -> i128 {
        let moved = Bucket::ALL.iter().map(|bucket| bucket.sign() * self.get(*bucket).amount).sum::<i128>();
        self.get(Bucket::Start).amount + moved
    }
}

/// The worked example, in thousands: 4,000 at the start and 3,450 at the end.
pub fn worked() -> Ledger {
    use Bucket::{End, Lost, New, PulledIn, PushedOut, Start, Won};
    let entries = [
        (Start, End, 2100, 2250),
        (Start, End, 200, 100),
        (Start, PushedOut, 500, 500),
        (Start, Won, 600, 600),
        (Start, Lost, 600, 600),
        (New, End, 800, 800),
        (New, Lost, 100, 100),
        (PulledIn, End, 300, 300),
    ];
    let mut ledger = Ledger::default();
    for (came, went, first, last) in entries {
        ledger.enter(&Entry::alike(came, went, 1, first, last));
    }
    ledger
}

/// What it must come to.
pub const END: i128 = 3450;

/// What the buckets of the worked example must be that are not empty.
pub const WORKED: [(Bucket, i128); 9] = [
    (Bucket::Start, 4000),
    (Bucket::New, 900),
    (Bucket::PulledIn, 300),
    (Bucket::Increased, 150),
    (Bucket::Decreased, 100),
    (Bucket::PushedOut, 500),
    (Bucket::Won, 600),
    (Bucket::Lost, 700),
    (Bucket::End, END),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CAME: [Bucket; 4] = [Bucket::Start, Bucket::New, Bucket::PulledIn, Bucket::Reopened];
    const WENT: [Bucket; 5] = [Bucket::End, Bucket::PushedOut, Bucket::Won, Bucket::Lost, Bucket::Deleted];

    #[test]
    fn the_worked_example() {
        let ledger = worked();
        assert_eq!(WORKED.map(|(bucket, _)| (bucket, ledger.get(bucket).amount)), WORKED);
        assert_eq!(ledger.reckoned(), 3450);
    }

    proptest! {
        #[test]
        fn the_buckets_add_up_from_start_to_end(
            entries in prop::collection::vec((0..4_usize, 0..5_usize, 0..100_i64, 0..1_000_000_i64, 0..1_000_000_i64), 0..40)
        ) {
            let mut ledger = Ledger::default();
            for (came, went, count, first, last) in entries {
                ledger.enter(&Entry::alike(CAME[came], WENT[went], count, first, last));
            }
            prop_assert_eq!(ledger.reckoned(), ledger.get(Bucket::End).amount);
        }
    }
}
