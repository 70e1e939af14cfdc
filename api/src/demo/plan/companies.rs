//! Companies and the people there. A company is thought up first; it becomes an account when somebody enters it.

use std::collections::HashSet;

use super::{Cell, Drawing, LAST, Ref, Row};
use crate::demo::{
    people::{RITA, SELLERS},
    words::{BANDS, COUNTRIES, FIRST, LAST as FAMILY, STEMS, TITLES, TRADES, ascii},
};

#[derive(Default)]
pub struct Companies {
    pub all: Vec<Company>,
    names: HashSet<usize>,
    people: HashSet<usize>,
    pub mails: HashSet<String>,
}

#[derive(Clone)]
pub struct Company {
    pub name: String,
    pub domain: String,
    trade: &'static str,
    country: usize,
    pub band: usize,
    /// Its account, and since which half week.
    pub account: Option<(Ref, i64)>,
    pub contacts: Vec<Ref>,
}

impl Company {
    /// Whose patch it lies in.
    pub fn seller(&self) -> usize {
        SELLERS[COUNTRIES[self.country].3]
    }

    pub fn country(&self) -> &'static str {
        COUNTRIES[self.country].0
    }
}

/// Somebody at a company.
#[derive(Clone)]
pub struct Human {
    pub first: &'static str,
    pub last: &'static str,
    pub email: String,
    pub phone: Option<String>,
    pub title: (&'static str, &'static str),
}

impl Drawing {
    /// Two thirds of the accounts do not begin with a lead: most were known from the start, others sales looked for.
    pub(super) fn know_companies(&mut self) {
        for at in 0..self.size.of(120) {
            let company = self.think_up();
            let (tick, who) = match at % 3 {
                0 => (self.dice.between(1, LAST - 12), self.companies.all[company].seller()),
                _ => (0, RITA),
            };
            self.enter(company, (tick, who));
            for _ in 0..self.dice.between(1, 2) {
                let human = self.somebody(company);
                self.contact(company, (tick, who), &human);
            }
        }
    }

    /// A company that nobody has heard of.
    pub(super) fn think_up(&mut self) -> usize {
        let most = STEMS.len() * TRADES.len();
        let mut name = self.dice.below(most);
        let free = self.companies.names.len() < most;
        while free && !self.companies.names.insert(name) {
            name = (name + 1) % most;
        }
        let (stem, (trade, industry)) = (STEMS[name / TRADES.len()], TRADES[name % TRADES.len()]);
        let country = self.dice.below(COUNTRIES.len());
        let mut left = self.dice.below(100);
        let band = BANDS.iter().position(|(_, share)| {
            let here = left < *share;
            left = left.saturating_sub(*share);
            here
        });
        let number = self.companies.all.len();
        let domain = format!("{}-{}.example", ascii(stem), ascii(trade));
        self.companies.all.push(Company {
            name: format!("{stem} {trade} {}", COUNTRIES[country].1),
            domain: if free { domain } else { format!("{number}.{domain}") },
            trade: industry,
            country,
            band: band.unwrap_or(0),
            account: None,
            contacts: vec![],
        });
        number
    }

    /// It becomes an account.
    pub(super) fn enter(&mut self, company: usize, when: (i64, usize)) -> Ref {
        let known = self.companies.all[company].clone();
        let people = [30, 120, 320, 700, 2_600, 9_000][known.band];
        let revenue = people * self.dice.between(9, 22) * 1_000_000;
        let fit = ["PARTIAL", "STRONG", "STRONG", "STRONG", "PARTIAL", "WEAK"][known.band];
        let row = vec![
            ("name", known.name.as_str().into()),
            ("domain", known.domain.as_str().into()),
            ("industry", known.trade.into()),
            ("employeeBand", BANDS[known.band].0.into()),
            ("annualRevenue", Cell::Money(revenue)),
            ("country", known.country().into()),
            ("website", Cell::Text(format!("https://www.{}", known.domain))),
            ("icpFit", fit.into()),
            ("ownerId", Cell::Person(known.seller())),
        ];
        let account = self.make(when, "account", row);
        self.companies.all[company].account = Some((account, when.0));
        account
    }

    pub(super) fn somebody(&mut self, company: usize) -> Human {
        let Company { domain, country, .. } = self.companies.all[company].clone();
        let (first, last) = self.name();
        let mut email = format!("{}.{}@{domain}", ascii(first), ascii(last));
        let mut number = 1;
        while !self.companies.mails.insert(email.clone()) {
            number += 1;
            email = format!("{}.{}{number}@{domain}", ascii(first), ascii(last));
        }
        let phone = COUNTRIES[country].2.map(|set_apart| format!("{set_apart}{:03}", self.dice.below(1000)));
        Human { first, last, email, phone, title: TITLES[self.dice.below(TITLES.len())] }
    }

    /// No two people are called the same, as long as there are names.
    fn name(&mut self) -> (&'static str, &'static str) {
        let most = FIRST.len() * FAMILY.len();
        let mut name = self.dice.below(most);
        let free = self.companies.people.len() < most;
        while free && !self.companies.people.insert(name) {
            name = (name + 1) % most;
        }
        (FIRST[name % FIRST.len()], FAMILY[name / FIRST.len()])
    }

    pub(super) fn contact(&mut self, company: usize, when: (i64, usize), human: &Human) -> Option<Ref> {
        let known = &self.companies.all[company];
        let (account, owner) = (known.account?.0, known.seller());
        let mut row = human.row();
        row.extend([
            ("persona", human.title.1.into()),
            ("country", known.country().into()),
            ("accountId", account.into()),
            ("ownerId", Cell::Person(owner)),
        ]);
        let contact = self.make(when, "contact", row);
        self.companies.all[company].contacts.push(contact);
        Some(contact)
    }
}

impl Human {
    /// What contacts and leads have in common.
    pub fn row(&self) -> Row {
        let mut row = vec![
            ("firstName", self.first.into()),
            ("lastName", self.last.into()),
            ("email", self.email.as_str().into()),
            ("title", self.title.0.into()),
        ];
        row.extend(self.phone.as_deref().map(|phone| ("phone", phone.into())));
        row
    }
}
