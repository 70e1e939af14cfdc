//! Leads and what became of them: found by marketing, worked by sales development, given up or converted.

use super::{Cell, Drawing, LAST, Ref, Row, What, companies::Human, sales::Sales};
use crate::demo::{
    people::{MIA, MONA, SDRS, SELLERS, WEBSITE},
    words::GIVEN_UP,
};

/// A lead on its way.
struct Lead {
    of: Ref,
    company: usize,
    human: Human,
    campaign: Option<usize>,
    sdr: usize,
}

const OTHER_WAYS: [(&str, &str); 4] =
    [("web", "ORGANIC"), ("web", "DIRECT"), ("referral", "REFERRAL"), ("list", "OUTBOUND")];

impl Drawing {
    pub(super) fn leads(&mut self, sales: &mut Sales) {
        for _ in 0..self.size.of(1_800) {
            // more of them every month
            let (one, other) = (self.dice.between(1, LAST), self.dice.between(1, LAST));
            let tick = if self.dice.chance(60) { one } else { one.max(other) };
            let lead = self.arrive(tick);
            self.mature(tick, &lead, sales);
        }
    }

    fn arrive(&mut self, tick: i64) -> Lead {
        let known = self.companies.all.len();
        let chosen = self.dice.below(known);
        let company = if self.dice.chance(45) { chosen } else { self.think_up() };
        let human = self.somebody(company);
        let running: Vec<usize> =
            (0..self.campaigns.len()).filter(|c| self.campaigns[*c].runs.contains(&tick)).collect();
        let campaign = (!running.is_empty() && self.dice.chance(72)).then(|| running[self.dice.below(running.len())]);
        let mut row = human.row();
        let firm = &self.companies.all[company];
        row.extend([("companyName", firm.name.as_str().into()), ("country", firm.country().into())]);
        row.extend(firm.account.filter(|(_, since)| *since < tick).map(|(of, _)| ("matchedAccountId", of.into())));
        let sdr = SDRS[usize::from(firm.seller() > SELLERS[1])];
        let who = campaign.map_or(WEBSITE, |c| self.campaigns[c].owner);
        if let Some(c) = campaign {
            row.extend([
                ("source", "campaign".into()),
                ("channel", self.campaigns[c].channel.into()),
                ("campaignId", self.campaigns[c].of.into()),
                ("ownerId", Cell::Person(who)),
            ]);
        } else {
            let (source, channel) = OTHER_WAYS[self.dice.below(OTHER_WAYS.len())];
            row.extend([("source", source.into()), ("channel", channel.into())]);
        }
        let of = self.make((tick, who), "lead", row);
        if let Some(c) = campaign {
            self.takes_part((tick, who), c, of);
        }
        self.touches((tick, who), of, campaign);
        Lead { of, company, human, campaign, sdr }
    }

    fn step(&mut self, when: (i64, usize), lead: &Lead, status: &'static str, rest: Row) {
        let mut row = vec![("status", status.into())];
        row.extend(rest);
        self.act(when, What::Step(lead.of, row));
    }

    /// Marketing looks at it, keeps in touch, and hands it over when it is ready.
    fn mature(&mut self, arrived: i64, lead: &Lead, sales: &mut Sales) {
        let who = if self.dice.chance(50) { MONA } else { MIA };
        let score = Cell::Whole(i32::try_from(self.dice.between(20, 95)).unwrap_or(50));
        let seen = arrived + self.dice.between(1, 3);
        let mut ready = seen;
        if self.dice.chance(38) {
            self.step((seen, who), lead, "NURTURING", vec![]);
            ready = seen + self.dice.between(4, 26);
            if self.dice.chance(45) {
                return;
            }
        }
        self.step((ready, who), lead, "MQL", vec![("score", score)]);
        let taken = ready + self.dice.between(1, 2);
        // what is offered is answered at once: nobody waits between the two sides
        if taken > LAST || self.dice.chance(12) {
            return;
        }
        self.step((taken, who), lead, "OFFERED", vec![]);
        if self.dice.chance(7) {
            self.step((taken, lead.sdr), lead, "REJECTED", vec![]);
            return self.step((taken, lead.sdr), lead, "RECYCLED", vec![]);
        }
        let sdr = lead.sdr;
        self.step((taken, sdr), lead, "ACCEPTED", vec![("owner_id", Cell::Person(sdr))]);
        self.step((taken, sdr), lead, "WORKING", vec![]);
        self.work(taken, lead, sales);
    }

    fn work(&mut self, taken: i64, lead: &Lead, sales: &mut Sales) {
        let done = taken + self.dice.between(2, 9);
        self.talk((taken, lead.sdr), &[("leadId", lead.of)]);
        match self.dice.below(100) {
            0..=41 => {
                self.step((done, lead.sdr), lead, "SQL", vec![]);
                self.convert(done, lead, sales);
            }
            42..=76 => self.give_up(done, lead),
            _ => {
                self.step((done, lead.sdr), lead, "RECYCLED", vec![("owner_id", Cell::Person(MIA))]);
                let again = done + self.dice.between(2, 8);
                self.step((again, MIA), lead, "NURTURING", vec![]);
            }
        }
    }

    fn give_up(&mut self, tick: i64, lead: &Lead) {
        let (category, reason) = GIVEN_UP[self.dice.below(GIVEN_UP.len())];
        let why = vec![("disqualify_category", category.into()), ("disqualify_reason", reason.into())];
        self.step((tick, lead.sdr), lead, "DISQUALIFIED", why);
    }

    /// Sales takes it on: an account if there is none yet, a contact, and an opportunity that remembers both.
    fn convert(&mut self, confirmed: i64, lead: &Lead, sales: &mut Sales) {
        let tick = confirmed + self.dice.between(1, 3);
        if tick > LAST {
            return;
        }
        let seller = self.companies.all[lead.company].seller();
        let account = match self.companies.all[lead.company].account {
            Some((account, since)) if since < tick => account,
            Some(_) => return,
            None => self.enter(lead.company, (tick, seller)),
        };
        let Some(contact) = self.contact(lead.company, (tick, seller), &lead.human) else { return };
        let begun = super::sales::Begun {
            tick,
            company: lead.company,
            contact: Some(contact),
            lead: Some(lead.of),
            campaign: lead.campaign.map(|c| self.campaigns[c].of),
        };
        let opportunity = self.open(&begun, sales);
        // some keep the lead open until the first meeting
        if self.dice.chance(90) {
            let row = vec![
                ("status", "CONVERTED".into()),
                ("converted_account_id", account.into()),
                ("converted_contact_id", contact.into()),
                ("converted_opportunity_id", opportunity.into()),
                ("converted_at", Cell::Time(self.calendar.instant(tick, seller))),
            ];
            self.act((tick, seller), What::Finish(lead.of, row));
        }
    }
}
