//! What happened at the demo organisation, before any of it is written: who did what, and when. It knows no database;
//! the same seed and instant give the same plan.

mod calendar;
mod campaigns;
mod companies;
mod desk;
mod leads;
mod sales;
mod talk;
mod touches;

use chrono::{DateTime, NaiveDate, Utc};

pub use calendar::{Calendar, LAST};

use super::{
    dice::Dice,
    people::{HOLDER, RITA},
    words::PRODUCTS,
};
use crate::alignment::qualification::Stage;

/// Records by the name of their table.
pub type Table = &'static str;

/// A record of the plan: the how-manieth of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ref {
    pub table: Table,
    pub at: usize,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Whole(i32),
    Yes(bool),
    /// Cents of the organisation's currency.
    Money(i64),
    Day(NaiveDate),
    Time(DateTime<Utc>),
    Of(Ref),
    Person(usize),
    /// Whoever has this lead.
    Holder(Ref),
    /// The stage at this place of the pipeline.
    Stage(usize),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Ref> for Cell {
    fn from(of: Ref) -> Self {
        Self::Of(of)
    }
}

/// Values by the name of the input.
pub type Row = Vec<(&'static str, Cell)>;

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A new record, as its upsert takes it.
    Make(Ref, Row),
    /// A change of one, as its upsert takes it.
    Change(Ref, Row),
    /// A step of one: values by column.
    Step(Ref, Row),
    /// A step that names what was made beside it.
    Finish(Ref, Row),
    /// A lead comes to a stage by its definition.
    Reach(Ref, Stage),
    /// A lead is offered to whom routing finds.
    Offer(Ref),
    /// An offer was accepted at this instant.
    Accept(Ref, DateTime<Utc>),
    /// An offer was rejected at this instant: what was said.
    Reject(Ref, DateTime<Utc>, Row),
    /// Nobody answered an offer for so long that the ladder takes it away.
    Wait(Ref),
}

impl What {
    /// The record that it is about.
    pub fn of(&self) -> Ref {
        match self {
            Self::Make(of, _)
            | Self::Change(of, _)
            | Self::Step(of, _)
            | Self::Finish(of, _)
            | Self::Reach(of, _)
            | Self::Offer(of)
            | Self::Accept(of, _)
            | Self::Reject(of, ..)
            | Self::Wait(of) => *of,
        }
    }
}

/// Somebody did something, or wrote it down then.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    pub at: DateTime<Utc>,
    pub who: usize,
    pub what: What,
}

/// The order in which one person writes down what they did: what others refer to comes first.
const ORDER: [Table; 10] = [
    "product",
    "campaign",
    "campaign_cost",
    "account",
    "contact",
    "lead",
    "touchpoint",
    "campaign_member",
    "opportunity",
    "activity",
];

impl Act {
    /// What is written together.
    pub fn group(&self) -> (usize, usize) {
        let place = |of: &Ref| ORDER.iter().position(|table| *table == of.table).unwrap_or(0);
        match &self.what {
            What::Make(of, _) if of.table == "activity" => (7, place(of)),
            What::Make(of, _) if of.table == "opportunity" => (2, place(of)),
            What::Make(of, _) => (0, place(of)),
            What::Step(of, _) => (1, place(of)),
            What::Change(of, _) => (3, place(of)),
            What::Reach(..) => (4, 0),
            What::Offer(_) | What::Wait(_) => (5, 0),
            What::Accept(..) | What::Reject(..) => (6, 0),
            What::Finish(of, _) => (8, place(of)),
        }
    }

    /// Sorted by this, everything refers to what is there already.
    fn key(&self) -> (DateTime<Utc>, usize, (usize, usize), DateTime<Utc>) {
        let said = match &self.what {
            What::Accept(_, at) | What::Reject(_, at, _) => *at,
            _ => self.at,
        };
        (self.at, self.who, self.group(), said)
    }
}

/// How much of it, and from what.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub seed: u64,
    /// Of the usual number of records.
    pub percent: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self { seed: 2_026, percent: 100 }
    }
}

impl Size {
    fn of(self, usual: usize) -> usize {
        (usual * self.percent / 100).max(1)
    }
}

/// The plan while it is drawn.
pub struct Drawing {
    size: Size,
    dice: Dice,
    calendar: Calendar,
    acts: Vec<Act>,
    made: std::collections::HashMap<Table, usize>,
    companies: companies::Companies,
    campaigns: Vec<campaigns::Campaign>,
    /// Who came last, and of which company.
    lately: Option<(usize, companies::Human)>,
}

/// Everything that happened, in its order.
pub fn draw(size: Size, calendar: &Calendar) -> Vec<Act> {
    let mut drawing = Drawing {
        size,
        dice: Dice::new(size.seed),
        calendar: calendar.clone(),
        acts: vec![],
        made: std::collections::HashMap::new(),
        companies: companies::Companies::default(),
        campaigns: vec![],
        lately: None,
    };
    drawing.products();
    drawing.settle_campaigns();
    drawing.know_companies();
    let mut sales = sales::Sales::default();
    drawing.leads(&mut sales);
    drawing.sales(&mut sales);
    let mut acts = drawing.acts;
    acts.sort_by_key(Act::key);
    acts
}

impl Drawing {
    /// The next record of a table.
    fn next(&mut self, table: Table) -> Ref {
        let count = self.made.entry(table).or_default();
        let of = Ref { table, at: *count };
        *count += 1;
        of
    }

    fn make(&mut self, (tick, who): (i64, usize), table: Table, row: Row) -> Ref {
        let of = self.next(table);
        self.act((tick, who), What::Make(of, row));
        of
    }

    /// What lies ahead has not happened.
    fn act(&mut self, (tick, who): (i64, usize), what: What) {
        if tick > LAST {
            return;
        }
        let at = self.calendar.instant(tick, who);
        // who works for others writes it down in the evening
        let at = if who == HOLDER { self.calendar.evening(at, 0) } else { at };
        self.acts.push(Act { at, who, what });
    }

    fn products(&mut self) {
        for (name, sku, family, cents) in PRODUCTS {
            let row = vec![
                ("name", name.into()),
                ("sku", sku.into()),
                ("family", family.into()),
                ("listPrice", Cell::Money(cents)),
            ];
            self.make((0, RITA), "product", row);
        }
    }
}
