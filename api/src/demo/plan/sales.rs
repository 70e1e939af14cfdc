//! Opportunities: from the first talk through the stages until won or lost, by the size of the company.

use std::collections::HashMap;

use super::{Cell, Drawing, LAST, Ref, What};
use crate::demo::words::{LOST_BECAUSE, NEXT_STEPS, PRODUCTS};

/// Since when each company is a customer.
#[derive(Default)]
pub struct Sales {
    customers: HashMap<usize, i64>,
    opened: usize,
}

/// How an opportunity begins.
pub struct Begun {
    pub tick: i64,
    pub company: usize,
    pub contact: Option<Ref>,
    pub lead: Option<Ref>,
    pub campaign: Option<Ref>,
}

/// Places in the pipeline that every organisation begins with.
const QUALIFICATION: usize = 1;
const NEGOTIATION: usize = 3;
const WON: usize = 4;
const LOST: usize = 5;

impl Drawing {
    /// Those that began without a lead: sales asked, or a customer did.
    pub(super) fn sales(&mut self, sales: &mut Sales) {
        let wanted = self.size.of(500).saturating_sub(sales.opened);
        let mut ticks: Vec<i64> = (0..wanted).map(|_| self.dice.between(2, LAST)).collect();
        ticks.sort_unstable();
        let known = self.companies.all.len();
        for tick in ticks {
            let mut found = None;
            for _ in 0..200 {
                let company = self.dice.below(known);
                if self.companies.all[company].account.is_some_and(|(_, since)| since < tick) {
                    found = Some(company);
                    break;
                }
            }
            let Some(company) = found else { continue };
            self.open(&Begun { tick, company, contact: None, lead: None, campaign: None }, sales);
        }
    }

    pub(super) fn open(&mut self, begun: &Begun, sales: &mut Sales) -> Ref {
        sales.opened += 1;
        let company = self.companies.all[begun.company].clone();
        let seller = company.seller();
        let customer = sales.customers.get(&begun.company).is_some_and(|since| *since < begun.tick);
        let (sort, chance) = match (customer, self.dice.chance(60)) {
            (false, _) => ("NEW", 42),
            (true, true) => ("EXPANSION", 52),
            (true, false) => ("RENEWAL", 66),
        };
        let segment = [0, 0, 1, 1, 2, 2][company.band];
        let won = self.dice.chance(chance);
        let cycle = self.cycle(segment, won);
        let cents = self.worth(segment);
        let product = if sort == "EXPANSION" { 3 + self.dice.below(3) } else { segment };
        let close = begun.tick + cycle;
        let start = if begun.lead.is_some() { QUALIFICATION } else { 0 };
        let mut row = vec![
            ("name", Cell::Text(format!("{}: {}", company.name, PRODUCTS[product].0))),
            ("type", sort.into()),
            ("accountId", company.account.map_or(Cell::Text(String::new()), |(account, _)| account.into())),
            ("stageId", Cell::Stage(start)),
            ("amount", Cell::Money(cents)),
            ("closeDate", Cell::Day(self.calendar.day(close + self.dice.between(-2, 6)))),
            ("ownerId", Cell::Person(seller)),
            ("productId", Ref { table: "product", at: product }.into()),
        ];
        row.extend(begun.contact.or(company.contacts.first().copied()).map(|of| ("primaryContactId", of.into())));
        row.extend(begun.lead.map(|of| ("sourceLeadId", of.into())));
        row.extend(begun.campaign.map(|of| ("sourceCampaignId", of.into())));
        let of = self.make((begun.tick, seller), "opportunity", row);
        self.advance(of, (begun.tick, seller), start, (cycle, won), cents);
        if won && close <= LAST {
            sales.customers.entry(begun.company).or_insert(close);
        }
        of
    }

    /// Half weeks until it is decided; lost ones are given up sooner.
    fn cycle(&mut self, segment: usize, won: bool) -> i64 {
        let (low, high) = [(6, 16), (12, 30), (22, 56)][segment];
        let cycle = self.dice.between(low, high);
        if won { cycle } else { (cycle * self.dice.between(45, 105) / 100).max(5) }
    }

    /// In cents, to the nearest 50 euros.
    fn worth(&mut self, segment: usize) -> i64 {
        let (low, high) = [(70, 420), (420, 1_500), (1_500, 6_400)][segment];
        self.dice.between(low, high) * 5_000
    }

    /// From stage to stage until it is decided, an event apart.
    fn advance(&mut self, of: Ref, (tick, who): (i64, usize), start: usize, (cycle, won): (i64, bool), cents: i64) {
        let furthest = if won { NEGOTIATION } else { start + self.dice.below(NEGOTIATION - start + 1) };
        let moves = i64::try_from(furthest - start).unwrap_or(0);
        let about = ("opportunityId", of);
        self.talk((tick, who), &[about]);
        for n in 1..=moves {
            let at = tick + (cycle * n / (moves + 1)).max(n);
            let stage = start + usize::try_from(n).unwrap_or(0);
            let mut row = vec![("stageId", Cell::Stage(stage)), ("nextStep", self.dice.pick(&NEXT_STEPS).into())];
            if self.dice.chance(30) {
                row.push(("amount", Cell::Money(cents * self.dice.between(16, 23) / 20)));
            }
            self.act((at, who), What::Change(of, row));
            if self.dice.chance(50) {
                self.talk((at, who), &[about]);
            }
        }
        let end = tick + cycle.max(moves + 1);
        let mut row = vec![("stageId", Cell::Stage(if won { WON } else { LOST }))];
        if !won {
            let (reason, note) = LOST_BECAUSE[self.dice.below(LOST_BECAUSE.len())];
            row.extend([("lossReason", reason.into()), ("lossNote", note.into())]);
        }
        self.act((end, who), What::Change(of, row));
        if end > LAST && tick <= LAST && self.dice.chance(60) {
            self.task((LAST, who), about);
        }
    }
}
