//! What happened at the demo organisation, before any of it is written: who did what in which half week. It knows no
//! database; the same seed and day give the same plan.

mod calendar;
mod campaigns;
mod companies;
mod leads;
mod sales;
mod talk;

use chrono::{DateTime, NaiveDate, Utc};

pub use calendar::{Calendar, LAST};

use super::{dice::Dice, people::RITA, words::PRODUCTS};

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
}

/// Somebody did something in a half week.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    pub tick: i64,
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
    "campaign_member",
    "touchpoint",
    "opportunity",
    "activity",
];

impl Act {
    /// Sorted by this, everything refers to what is there already.
    pub fn key(&self) -> (i64, usize, usize, usize) {
        let place = |of: &Ref| ORDER.iter().position(|table| *table == of.table).unwrap_or(0);
        let (phase, of) = match &self.what {
            What::Make(of, _) if of.table == "activity" => (4, of),
            What::Step(of, _) => (1, of),
            What::Make(of, _) => (if of.table == "opportunity" { 2 } else { 0 }, of),
            What::Change(of, _) => (3, of),
            What::Finish(of, _) => (5, of),
        };
        (self.tick, self.who, phase, place(of))
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
}

/// Everything that happened, in its order.
pub fn draw(size: Size, calendar: Calendar) -> Vec<Act> {
    let mut drawing = Drawing {
        size,
        dice: Dice::new(size.seed),
        calendar,
        acts: vec![],
        made: std::collections::HashMap::new(),
        companies: companies::Companies::default(),
        campaigns: vec![],
    };
    drawing.products();
    drawing.settle_campaigns();
    drawing.know_companies();
    let mut sales = sales::Sales::default();
    drawing.leads(&mut sales);
    drawing.sales(&mut sales);
    let mut acts = drawing.acts;
    acts.retain(|act| act.tick <= LAST);
    acts.sort_by_key(Act::key);
    acts
}

impl Drawing {
    fn make(&mut self, (tick, who): (i64, usize), table: Table, row: Row) -> Ref {
        let count = self.made.entry(table).or_default();
        let of = Ref { table, at: *count };
        *count += 1;
        self.acts.push(Act { tick, who, what: What::Make(of, row) });
        of
    }

    fn act(&mut self, (tick, who): (i64, usize), what: What) {
        self.acts.push(Act { tick, who, what });
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
