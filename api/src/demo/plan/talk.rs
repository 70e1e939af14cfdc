//! Calls, mails, meetings and notes as they happened, and tasks that lie ahead.

use chrono::TimeDelta;

use super::{Cell, Drawing, LAST, Ref};
use crate::demo::words::{CALLS, MAILS, MEETINGS, NOTES, TASKS};

impl Drawing {
    /// Somebody talked, a few hours before they wrote it down.
    pub(super) fn talk(&mut self, (tick, who): (i64, usize), about: &[(&'static str, Ref)]) {
        if tick > LAST {
            return;
        }
        let (kind, subject) = match self.dice.below(100) {
            0..=39 => ("CALL", self.dice.pick(&CALLS)),
            40..=69 => ("MAIL", self.dice.pick(&MAILS)),
            70..=91 => ("MEETING", self.dice.pick(&MEETINGS)),
            _ => ("NOTE", self.dice.pick(&NOTES)),
        };
        let at = self.calendar.instant(tick, who) - TimeDelta::minutes(self.dice.between(3, 400));
        let mut row = vec![
            ("kind", kind.into()),
            ("subject", subject.into()),
            ("happenedAt", Cell::Time(at)),
            ("ownerId", Cell::Person(who)),
        ];
        if kind != "NOTE" {
            row.push(("direction", if self.dice.chance(75) { "OUTBOUND".into() } else { "INBOUND".into() }));
        }
        row.extend(about.iter().map(|(name, of)| (*name, Cell::Of(*of))));
        self.make((tick, who), "activity", row);
    }

    /// Something to be done in the next two weeks.
    pub(super) fn task(&mut self, (tick, who): (i64, usize), (name, of): (&'static str, Ref)) {
        let due = self.calendar.instant(tick, who) + TimeDelta::hours(self.dice.between(4, 14 * 24));
        let row = vec![
            ("kind", "TASK".into()),
            ("subject", self.dice.pick(&TASKS).into()),
            ("dueAt", Cell::Time(due)),
            ("ownerId", Cell::Person(who)),
            (name, Cell::Of(of)),
        ];
        self.make((tick, who), "activity", row);
    }
}
