//! What a side promised the other, and what is missing of it. Pure.

use entity::{lead, user::Side, words};

use crate::{alignment::sla::VolumePeriod, insight::metric::exact::Exact};

words! {
    /// What a side promises the other.
    pub enum CommitmentKind as "CommitmentKind" {
        /// Marketing brings so many leads: the volumes of the SLA agreement. Of a week, month or quarter that still runs as much
        /// is due as of its days are over.
        Volume = "VOLUME",
        /// Marketing brings leads that sales accepts: the metric `LEAD_ACCEPTANCE`.
        Quality = "QUALITY",
        /// Sales answers in time: the metric `SLA_ATTAINMENT`.
        Speed = "SPEED",
        /// Sales does not give up early: the metric `FOLLOW_UP_DEPTH` of leads that were accepted so long ago that their time is
        /// over, `attemptDays` in the agreement on the alignment index; 14 days unless both sides say otherwise.
        Depth = "DEPTH",
    }
}

impl CommitmentKind {
    /// Who promised it; the other side is owed.
    pub fn side(self) -> Side {
        match self {
            Self::Volume | Self::Quality => Side::Marketing,
            Self::Speed | Self::Depth => Side::Sales,
        }
    }
}

/// What was done of what there was to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    pub kept: Exact,
    pub of: Exact,
}

/// A volume that was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promised {
    /// How far the leads were to come.
    pub status: lead::Status,
    /// In which spans it is promised.
    pub span: VolumePeriod,
    /// How many for the whole spans.
    pub leads: i64,
}

/// A promise, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    pub kind: CommitmentKind,
    pub volume: Option<Promised>,
    /// Which share of what there was to do; of a volume all that is due.
    pub share: Exact,
    /// None where there was nothing to do, or where it is withheld.
    pub done: Option<Done>,
    pub withheld: bool,
}

impl Commitment {
    /// How much more would have kept the promise: leads, answers, attempts; parts count as one more.
    pub fn owed(&self) -> Option<i64> {
        let done = self.done?;
        let missing = done.of.times(self.share)?.minus(done.kept)?;
        if missing.is_positive() { missing.ceil() } else { Some(0) }
    }

    /// What was done, as a share of what there was to do.
    pub fn reached(&self) -> Option<Exact> {
        let done = self.done?;
        if done.of.is_positive() { done.kept.by(done.of) } else { None }
    }
}

/// Whether a side owes anything; none where that depends on what is withheld.
pub fn owes(commitments: &[&Commitment]) -> Option<bool> {
    if commitments.iter().any(|c| c.owed().is_some_and(|n| n > 0)) {
        return Some(true);
    }
    if commitments.iter().any(|c| c.withheld) { None } else { Some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(kind: CommitmentKind, share: &str, kept: i64, of: i64) -> Commitment {
        let done = Some(Done { kept: Exact::whole(kept), of: Exact::whole(of) });
        Commitment { kind, volume: None, share: Exact::parse(share).unwrap(), done, withheld: false }
    }

    #[test]
    fn what_is_missing_counts_in_whole_leads() {
        use CommitmentKind::{Depth, Quality, Speed, Volume};
        let owed = |kind, share: &str, kept, of| promise(kind, share, kept, of).owed();
        assert_eq!(owed(Volume, "1", 80, 100), Some(20));
        assert_eq!(owed(Volume, "1", 120, 100), Some(0));
        assert_eq!(owed(Quality, "0.85", 90, 108), Some(2), "91.8 of 108");
        assert_eq!(owed(Speed, "0.9", 8, 12), Some(3), "10.8 of 12");
        assert_eq!(owed(Depth, "1", 276, 300), Some(24));
        assert_eq!(promise(Speed, "0.9", 8, 10).reached(), Exact::parse("0.8"));
        assert_eq!(promise(Speed, "0.9", 0, 0).reached(), None);
    }

    #[test]
    fn who_owes_is_not_told_by_what_is_withheld() {
        let kept = promise(CommitmentKind::Speed, "0.9", 9, 10);
        let hidden = Commitment { done: None, withheld: true, ..kept.clone() };
        let missed = promise(CommitmentKind::Depth, "1", 1, 2);
        assert_eq!(owes(&[&kept]), Some(false));
        assert_eq!(owes(&[&kept, &hidden]), None);
        assert_eq!(owes(&[&hidden, &missed]), Some(true));
        assert_eq!((CommitmentKind::Quality.side(), CommitmentKind::Depth.side()), (Side::Marketing, Side::Sales));
    }
}
