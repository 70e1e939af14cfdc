//! Leads and what became of them: found by marketing, worked by sales development, given up or converted.

use super::{Cell, Drawing, LAST, Ref, Row, What, companies::Human, desk::Fate, sales::Sales, touches::Road};
use crate::{
    alignment::qualification::Stage,
    demo::{
        people::{HOLDER, MIA, MONA, WEBSITE},
        words::{GIVEN_UP, NEEDS, ascii},
    },
};

/// A lead on its way.
pub struct Lead {
    pub of: Ref,
    pub company: usize,
    pub human: Human,
    pub campaign: Option<usize>,
    pub road: Road,
}

const OTHER_WAYS: [(&str, &str); 4] =
    [("web", "ORGANIC"), ("web", "DIRECT"), ("referral", "REFERRAL"), ("list", "OUTBOUND")];

/// The two of marketing look after new leads in turn.
fn looks_after(tick: i64) -> usize {
    if tick % 2 == 0 { MONA } else { MIA }
}

impl Drawing {
    pub(super) fn leads(&mut self, sales: &mut Sales) {
        for _ in 0..self.size.of(1_250) {
            // more of them every month
            let (one, other) = (self.dice.between(1, LAST), self.dice.between(1, LAST));
            let tick = if self.dice.chance(60) { one } else { one.max(other) };
            let lead = self.arrive(tick);
            self.mature(tick, &lead, sales);
        }
        self.just_now();
    }

    pub(super) fn arrive(&mut self, tick: i64) -> Lead {
        let known = self.companies.all.len();
        let chosen = self.dice.below(known);
        let company = if self.dice.chance(45) { chosen } else { self.think_up() };
        let (company, human) = self.known_twice().unwrap_or_else(|| (company, self.somebody(company)));
        let running: Vec<usize> =
            (0..self.campaigns.len()).filter(|c| self.campaigns[*c].runs.contains(&tick)).collect();
        let campaign = (!running.is_empty() && self.dice.chance(72)).then(|| running[self.dice.below(running.len())]);
        let mut row = human.row();
        let firm = &self.companies.all[company];
        row.extend([("companyName", firm.name.as_str().into()), ("country", firm.country().into())]);
        row.extend(firm.account.filter(|(_, since)| *since < tick).map(|(of, _)| ("matchedAccountId", of.into())));
        let who = campaign.map_or(WEBSITE, |c| self.campaigns[c].owner);
        let (source, channel) = OTHER_WAYS[self.dice.below(OTHER_WAYS.len())];
        let mut road = Road { channel, campaign: None };
        if let Some(c) = campaign {
            let campaign = &self.campaigns[c];
            road = Road { channel: campaign.channel, campaign: Some((campaign.of, campaign.name)) };
            row.extend([("campaignId", campaign.of.into()), ("ownerId", Cell::Person(who))]);
        }
        let source = if campaign.is_some() { "campaign" } else { source };
        row.extend([("source", source.into()), ("channel", road.channel.into())]);
        let of = self.make((tick, who), "lead", row);
        if let Some(c) = campaign {
            self.takes_part((tick, who), c, of);
        }
        self.first_touches((tick, who), of, road);
        self.lately = Some((company, human.clone()));
        Lead { of, company, human, campaign, road }
    }

    /// Every so often somebody who came lately comes again under another address.
    fn known_twice(&mut self) -> Option<(usize, Human)> {
        if self.made.get("lead").is_none_or(|made| made % 45 != 44) {
            return None;
        }
        let (company, human) = self.lately.clone()?;
        let domain = &self.companies.all[company].domain;
        let initial: String = ascii(human.first).chars().take(1).collect();
        let email = format!("{initial}{}@{domain}", ascii(human.last));
        self.companies.mails.insert(email.clone()).then_some((company, Human { email, ..human }))
    }

    fn step(&mut self, when: (i64, usize), lead: &Lead, status: &'static str, rest: Row) {
        let mut row = vec![("status", status.into())];
        row.extend(rest);
        self.act(when, What::Step(lead.of, row));
    }

    /// Marketing looks at it, keeps in touch, and hands it over when it is ready.
    fn mature(&mut self, arrived: i64, lead: &Lead, sales: &mut Sales) {
        let seen = arrived + self.dice.between(1, 3);
        let who = looks_after(seen);
        let mut ready = seen;
        if self.dice.chance(38) {
            self.step((seen, who), lead, "NURTURING", vec![]);
            ready = seen + self.dice.between(4, 26);
            if self.dice.chance(60) {
                let when = seen + self.dice.between(1, 6);
                self.look_around((when, WEBSITE), lead.of, lead.road);
            }
            if self.dice.chance(45) {
                return;
            }
        }
        self.hand_over(ready, lead, sales);
    }

    /// Once they ask for more than to read they are qualified, and offered to sales soon after.
    fn hand_over(&mut self, ready: i64, lead: &Lead, sales: &mut Sales) {
        self.ask((ready, WEBSITE), lead.of, lead.road);
        self.act((ready, looks_after(ready)), What::Reach(lead.of, Stage::Mql));
        let offered = ready + self.dice.between(1, 2);
        if self.dice.chance(6) {
            return;
        }
        match self.offer((offered, looks_after(offered)), lead) {
            Fate::Talked => self.work(offered, lead, sales),
            Fate::Back(back) => self.come_again(back, lead, sales),
            Fate::Nothing => {}
        }
    }

    fn work(&mut self, taken: i64, lead: &Lead, sales: &mut Sales) {
        let done = taken + self.dice.between(2, 9);
        if self.dice.chance(30) && done <= LAST {
            self.call_back(self.calendar.instant(done, WEBSITE), lead);
        }
        match self.dice.below(100) {
            0..=41 => {
                self.ask_around((done, HOLDER), lead);
                self.act((done, HOLDER), What::Reach(lead.of, Stage::Sql));
                self.convert(done, lead, sales);
            }
            42..=76 => self.give_up(done, lead),
            _ => {
                let why = Cell::from("Not this year.");
                self.step(
                    (done, HOLDER),
                    lead,
                    "RECYCLED",
                    vec![("owner_id", Cell::Person(MIA)), ("status_reason", why)],
                );
                self.come_again(done, lead, sales);
            }
        }
    }

    /// What is given back is kept warm; some are ready for another round.
    fn come_again(&mut self, back: i64, lead: &Lead, sales: &mut Sales) {
        let again = back + self.dice.between(2, 8);
        self.step((again, MIA), lead, "NURTURING", vec![]);
        if self.dice.chance(40) {
            let ready = again + self.dice.between(4, 16);
            self.hand_over(ready, lead, sales);
        }
    }

    /// Need, authority, timing and often budget.
    fn ask_around(&mut self, when: (i64, usize), lead: &Lead) {
        let authority = if lead.human.title.1 == "Economic buyer" { "DECIDES" } else { "INFLUENCES" };
        let ahead = self.dice.between(6, 60);
        let mut row = vec![
            ("need", self.dice.pick(&NEEDS).into()),
            ("authority", authority.into()),
            ("buysBy", Cell::Day(self.calendar.day(when.0 + ahead))),
        ];
        if self.dice.chance(70) {
            row.push(("budget", Cell::Money(self.dice.between(5, 80) * 100_000)));
        }
        self.act(when, What::Change(lead.of, row));
    }

    fn give_up(&mut self, tick: i64, lead: &Lead) {
        let (category, reason) = GIVEN_UP[self.dice.below(GIVEN_UP.len())];
        let why = vec![("disqualify_category", category.into()), ("disqualify_reason", reason.into())];
        self.step((tick, HOLDER), lead, "DISQUALIFIED", why);
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
