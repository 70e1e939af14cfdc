//! Leads between marketing and sales: offered, accepted or refused, and called back. Routing decides who has them.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Act, Cell, Drawing, LAST, Ref, Row, What, leads::Lead};
use crate::{
    alignment::qualification::Stage,
    demo::{
        people::{HOLDER, MIA, NOBODY, WEBSITE},
        words::{CALLS, MAILS, REASONS},
    },
};

/// What became of an offer.
pub enum Fate {
    /// Sales has talked to them.
    Talked,
    /// Given back, and recycled in this half week.
    Back(i64),
    /// It waits, or it is over.
    Nothing,
}

/// Minutes that a promise allows, by whether the lead hurries, and how often out of a hundred it is not kept.
struct Promise {
    minutes: i64,
    late: usize,
}

/// The ladder gives an offer to somebody else after four times what it may take.
const LADDER: i64 = 4;

impl Lead {
    /// As the agreement on response times says.
    fn hurries(&self) -> bool {
        self.human.title.0.contains("Chief")
    }

    fn promise(&self, late: usize) -> Promise {
        Promise { minutes: if self.hurries() { 30 } else { 60 }, late }
    }
}

impl Drawing {
    fn act_at(&mut self, at: DateTime<Utc>, who: usize, what: What) {
        self.acts.push(Act { at, who, what });
    }

    /// Offered in a half week, or just now: then some still wait.
    pub(super) fn offer(&mut self, (tick, who): (i64, usize), lead: &Lead) -> Fate {
        if tick > LAST {
            return Fate::Nothing;
        }
        let at = match tick {
            LAST => {
                let minutes = self.dice.between(3, 90);
                self.calendar.ago(minutes)
            }
            _ => self.calendar.later(self.calendar.instant(tick, who), 0),
        };
        if at >= self.now() {
            return Fate::Nothing;
        }
        self.act_at(at, who, What::Offer(lead.of));
        let Some(at) = self.until_somebody_looks(at, lead) else { return Fate::Nothing };
        let minutes = self.takes(&lead.promise(11));
        let said = self.calendar.later(at, minutes);
        if said > self.now() - TimeDelta::minutes(2) {
            return Fate::Nothing;
        }
        if self.dice.chance(17) {
            return self.refuse(tick, said, lead);
        }
        self.accept(said, lead);
        let minutes = self.takes(&lead.promise(22));
        if self.call_back(self.calendar.later(said, minutes), lead) { Fate::Talked } else { Fate::Nothing }
    }

    fn now(&self) -> DateTime<Utc> {
        self.calendar.now()
    }

    /// Some offers nobody answers: the ladder gives them to somebody else.
    fn until_somebody_looks(&mut self, at: DateTime<Utc>, lead: &Lead) -> Option<DateTime<Utc>> {
        if !self.dice.chance(4) {
            return Some(at);
        }
        let given = self.calendar.later(at, lead.promise(0).minutes * LADDER + 1);
        if given >= self.now() {
            return None;
        }
        self.act_at(given, NOBODY, What::Wait(lead.of));
        Some(given)
    }

    /// Minutes until somebody acts: most are quick, those who are late are not later than the ladder allows.
    fn takes(&mut self, promise: &Promise) -> i64 {
        let Promise { minutes, late } = *promise;
        if self.dice.chance(late) {
            return self.dice.between(minutes + 4, minutes * (LADDER - 1));
        }
        self.dice.between(3, minutes - 4).min(self.dice.between(3, minutes - 4))
    }

    fn accept(&mut self, said: DateTime<Utc>, lead: &Lead) {
        let at = self.calendar.evening(said, 0);
        self.act_at(at, HOLDER, What::Accept(lead.of, said));
    }

    /// With a reason, after which it comes back by itself; some are beyond mending.
    fn refuse(&mut self, tick: i64, said: DateTime<Utc>, lead: &Lead) -> Fate {
        let place = self.dice.below(REASONS.len());
        let reason = &REASONS[place];
        let of = Ref { table: "rejection_reason", at: place };
        let mut row: Row = vec![("reason_id", of.into()), ("note", reason.note.into())];
        row.push(("suggested_fix", reason.fix.into()));
        let unfixable = reason.category == "CLERICAL" && self.dice.chance(40);
        row.push(("unfixable", Cell::Yes(unfixable)));
        let at = self.calendar.evening(said, 0);
        self.act_at(at, HOLDER, What::Reject(lead.of, said, row));
        if unfixable {
            return Fate::Nothing;
        }
        let back = tick + (i64::from(reason.days) * 24 + 83) / 84 + 1;
        let why = Cell::Text(format!("{}: {}", reason.name, reason.note));
        let row = vec![("status", "RECYCLED".into()), ("status_reason", why)];
        self.act((back, NOBODY), What::Step(lead.of, row));
        Fate::Back(back)
    }

    /// The first word with a lead; false when it lies ahead. Telephone and mail tell of it themselves.
    pub(super) fn call_back(&mut self, at: DateTime<Utc>, lead: &Lead) -> bool {
        if at > self.now() - TimeDelta::minutes(1) {
            return false;
        }
        let (kind, subject) =
            if self.dice.chance(65) { ("CALL", CALLS[0]) } else { ("MAIL", self.dice.pick(&MAILS[..2])) };
        let row = vec![
            ("kind", kind.into()),
            ("subject", subject.into()),
            ("direction", "OUTBOUND".into()),
            ("happenedAt", Cell::Time(at)),
            ("ownerId", Cell::Holder(lead.of)),
            ("leadId", lead.of.into()),
        ];
        let of = self.next("activity");
        let told = self.calendar.evening(at, 1);
        self.act_at(told, WEBSITE, What::Make(of, row));
        true
    }

    /// Leads on which somebody works just now, whatever the dice say: offers that wait, some of them too long, and leads
    /// that were accepted and wait for a call, two of them for days.
    pub(super) fn just_now(&mut self) {
        for minutes in [5, 12, 21, 33, 52, 70] {
            let lead = self.qualified(LAST - 1);
            self.act_at(self.calendar.ago(minutes), MIA, What::Offer(lead.of));
        }
        for minutes in [8, 25, 52, 75, 900, 1_300] {
            let lead = self.qualified(LAST - 4);
            let offered = self.calendar.ago(minutes + 15);
            self.act_at(offered, MIA, What::Offer(lead.of));
            self.accept(self.calendar.later(offered, 10), &lead);
        }
    }

    fn qualified(&mut self, ready: i64) -> Lead {
        let arrived = ready - self.dice.between(5, 12);
        let lead = self.arrive(arrived);
        self.ask((ready, WEBSITE), lead.of, lead.road);
        self.act((ready, MIA), What::Reach(lead.of, Stage::Mql));
        lead
    }
}
