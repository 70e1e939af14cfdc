//! Rules: conditions over a lead, its touches and activities, as agreements hold them. One tree, evaluated here for one
//! lead (`holds`) and compiled to SQL for many (`condition`); both give the same answer. It knows no agreement.
//!
//! A comparison with a value that is not there is false; `not` holds wherever its rule does not.

mod check;
mod explain;
mod facts;
mod field;
mod graphql;
mod holds;
mod sql;

use std::collections::BTreeSet;

use async_graphql::{InputObject, OneofObject, SimpleObject};
use entity::{
    activity::{Direction, Kind as ActivityKind},
    campaign::Channel,
    touchpoint::Kind as TouchKind,
};
use serde::{Deserialize, Serialize};

pub use self::{
    explain::Criterion,
    facts::{Act, Facts, History, Touch},
};
use crate::graph::{
    derived::Term,
    scalar::{Date, DateTime, Decimal},
};

/// Deepest nesting of a rule.
pub const DEPTH: usize = 5;
/// Most comparisons and counts in a rule.
pub const LEAVES: usize = 50;
/// Most values in one list.
pub const VALUES: usize = 100;

/// A condition over a lead, its touchpoints and its activities. Exactly one member; at most 5 levels and 50 comparisons.
/// A comparison with a value that is not there does not hold; `not` holds wherever its rule does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, OneofObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "RuleInput")]
pub enum Rule {
    /// All of these hold.
    And(Vec<Rule>),
    /// At least one of these holds.
    Or(Vec<Rule>),
    /// This does not hold.
    Not(Box<Rule>),
    /// The field has this value.
    Eq(Comparison),
    /// The field has a value, and another than this.
    Ne(Comparison),
    /// The field is less, or earlier, than this.
    Lt(Comparison),
    /// The field is at most this.
    Lte(Comparison),
    /// The field is greater, or later, than this.
    Gt(Comparison),
    /// The field is at least this.
    Gte(Comparison),
    /// The field has one of these values.
    In(Choice),
    /// The text of the field has this part, letters A to Z in either case.
    Contains(Part),
    /// The field has a value. The field's name as in `RuleComparisonInput`.
    Exists(String),
    /// So many touchpoints of the lead are of these sorts.
    Touchpoints(Touches),
    /// So many activities with the lead that have taken place are of these sorts.
    Activities(Activities),
}

/// A field and a value to compare it with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(name = "RuleComparison", input_name = "RuleComparisonInput")]
pub struct Comparison {
    /// A field of `Lead` by its name in the schema, relations by their id, e.g. `country`, `ownerId`; a custom field as
    /// `customFields.` and its key.
    pub field: String,
    /// The value, of the field's type.
    pub value: Literal,
}

/// A field and the values that it may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(name = "RuleChoice", input_name = "RuleChoiceInput")]
pub struct Choice {
    /// A field of `Lead`, as in `RuleComparisonInput`.
    pub field: String,
    /// At most 100 values of the field's type.
    pub values: Vec<Literal>,
}

/// A field of text and a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(name = "RulePart", input_name = "RulePartInput")]
pub struct Part {
    /// A field of `Lead` that holds text, as in `RuleComparisonInput`.
    pub field: String,
    /// The part to look for, at most 255 characters.
    pub text: String,
}

/// A value, by its type: exactly one member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, OneofObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "RuleValueInput")]
pub enum Literal {
    /// Text; for fields of closed lists their word, for relations the id.
    Text(String),
    /// A number.
    Number(Decimal),
    /// Yes or no.
    Boolean(bool),
    /// An instant.
    Time(DateTime),
    /// A day.
    Date(Date),
    /// For instants and days: so many days (of 24 hours, UTC) after the instant at which the rule is asked; negative for
    /// before it. At most 3650 either way.
    Days(i32),
    /// An amount of money; amounts of other currencies are not comparable, so nothing holds of them.
    Money(Sum),
}

/// An amount and its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(name = "RuleMoney", input_name = "RuleMoneyInput")]
pub struct Sum {
    /// The amount, with at most the decimals of its currency.
    pub amount: Decimal,
    /// ISO 4217 code, such as EUR.
    pub currency: String,
}

/// How many touchpoints of which sorts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(name = "RuleTouchpoints", input_name = "RuleTouchpointsInput")]
#[serde(rename_all = "camelCase")]
pub struct Touches {
    /// Of these sorts; of any when empty.
    #[graphql(default)]
    #[serde(default)]
    pub kinds: Vec<Term<TouchKind>>,
    /// By these channels; by any when empty.
    #[graphql(default)]
    #[serde(default)]
    pub channels: Vec<Term<Channel>>,
    /// Not longer ago than so many days of 24 hours, 1 to 3650; ever, unless given.
    pub within_days: Option<i32>,
    /// At least so many; 1 unless given, or 0 when `atMost` is given.
    pub at_least: Option<i32>,
    /// At most so many.
    pub at_most: Option<i32>,
}

/// How many activities of which sorts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(name = "RuleActivities", input_name = "RuleActivitiesInput")]
#[serde(rename_all = "camelCase")]
pub struct Activities {
    /// Of these sorts; of any when empty.
    #[graphql(default)]
    #[serde(default)]
    pub kinds: Vec<Term<ActivityKind>>,
    /// In this direction; in any, and without one, unless given.
    pub direction: Option<Term<Direction>>,
    /// Not longer ago than so many days of 24 hours, 1 to 3650; ever, unless given.
    pub within_days: Option<i32>,
    /// At least so many; 1 unless given, or 0 when `atMost` is given.
    pub at_least: Option<i32>,
    /// At most so many.
    pub at_most: Option<i32>,
}

/// How many there must be: at least, and perhaps at most.
pub(super) fn bounds(at_least: Option<i32>, at_most: Option<i32>) -> (i64, Option<i64>) {
    let least = at_least.unwrap_or_else(|| i32::from(at_most.is_none()));
    (least.into(), at_most.map(i64::from))
}

impl Rule {
    /// The rules below this one.
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::And(rules) | Self::Or(rules) => rules,
            Self::Not(rule) => std::slice::from_ref(rule),
            _ => &[],
        }
    }

    /// The field that it asks about itself, not by a rule below it.
    fn field(&self) -> Option<&str> {
        match self {
            Self::Eq(c) | Self::Ne(c) | Self::Lt(c) | Self::Lte(c) | Self::Gt(c) | Self::Gte(c) => Some(&c.field),
            Self::In(c) => Some(&c.field),
            Self::Contains(c) => Some(&c.field),
            Self::Exists(field) => Some(field),
            _ => None,
        }
    }

    /// Whether it asks anything of this field.
    pub fn asks(&self, name: &str) -> bool {
        self.field() == Some(name) || self.parts().iter().any(|rule| rule.asks(name))
    }

    /// The columns of the lead on which its answer depends.
    pub fn columns(&self) -> BTreeSet<&'static str> {
        let own = self.field().and_then(field::find).map(|place| place.columns()).unwrap_or_default();
        self.parts().iter().flat_map(Self::columns).chain(own).collect()
    }
}
