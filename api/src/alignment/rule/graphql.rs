//! Rules in the schema: their output mirrors their input. It holds no rules of its own.

use async_graphql::Object;

use super::{Activities, Choice, Comparison, Criterion, Literal, Part, Rule, Sum, Touches};
use crate::graph::scalar::{Date, DateTime, Decimal};

macro_rules! member {
    ($of:expr, $variant:path) => {
        if let $variant(inner) = $of { Some(inner) } else { None }
    };
}

/// A condition over a lead, its touchpoints and its activities. One member is set.
#[Object(name = "Rule")]
impl Rule {
    /// All of these hold.
    async fn and(&self) -> Option<&Vec<Rule>> {
        member!(self, Self::And)
    }

    /// At least one of these holds.
    async fn or(&self) -> Option<&Vec<Rule>> {
        member!(self, Self::Or)
    }

    /// This does not hold.
    async fn not(&self) -> Option<&Rule> {
        if let Self::Not(rule) = self { Some(&**rule) } else { None }
    }

    /// The field has this value.
    async fn eq(&self) -> Option<&Comparison> {
        member!(self, Self::Eq)
    }

    /// The field has a value, and another than this.
    async fn ne(&self) -> Option<&Comparison> {
        member!(self, Self::Ne)
    }

    /// The field is less, or earlier, than this.
    async fn lt(&self) -> Option<&Comparison> {
        member!(self, Self::Lt)
    }

    /// The field is at most this.
    async fn lte(&self) -> Option<&Comparison> {
        member!(self, Self::Lte)
    }

    /// The field is greater, or later, than this.
    async fn gt(&self) -> Option<&Comparison> {
        member!(self, Self::Gt)
    }

    /// The field is at least this.
    async fn gte(&self) -> Option<&Comparison> {
        member!(self, Self::Gte)
    }

    /// The field has one of these values.
    #[graphql(name = "in")]
    async fn one_of(&self) -> Option<&Choice> {
        member!(self, Self::In)
    }

    /// The text of the field has this part.
    async fn contains(&self) -> Option<&Part> {
        member!(self, Self::Contains)
    }

    /// The field that has a value.
    async fn exists(&self) -> Option<&String> {
        member!(self, Self::Exists)
    }

    /// So many touchpoints are of these sorts.
    async fn touchpoints(&self) -> Option<&Touches> {
        member!(self, Self::Touchpoints)
    }

    /// So many activities are of these sorts.
    async fn activities(&self) -> Option<&Activities> {
        member!(self, Self::Activities)
    }
}

/// A value of a rule: one member is set.
#[Object(name = "RuleValue")]
impl Literal {
    /// Text, a word of a closed list, or an id.
    async fn text(&self) -> Option<&String> {
        member!(self, Self::Text)
    }

    /// A number.
    async fn number(&self) -> Option<&Decimal> {
        member!(self, Self::Number)
    }

    /// Yes or no.
    async fn boolean(&self) -> Option<&bool> {
        member!(self, Self::Boolean)
    }

    /// An instant.
    async fn time(&self) -> Option<&DateTime> {
        member!(self, Self::Time)
    }

    /// A day.
    async fn date(&self) -> Option<&Date> {
        member!(self, Self::Date)
    }

    /// Days after the instant at which the rule is asked; negative for before it.
    async fn days(&self) -> Option<&i32> {
        member!(self, Self::Days)
    }

    /// An amount of money.
    async fn money(&self) -> Option<&Sum> {
        member!(self, Self::Money)
    }
}

/// One part of a definition and what the lead says to it.
#[Object(name = "Criterion")]
impl Criterion {
    /// What is asked about: a field, touchpoints or activities, or the name that the definition gives.
    async fn label(&self) -> &str {
        &self.label
    }

    /// What must be, in words.
    async fn expected(&self) -> &str {
        &self.expected
    }

    /// What is, as text; null where there is no value.
    async fn actual(&self) -> Option<&str> {
        self.actual.as_deref()
    }

    /// Whether it is as it must be.
    async fn met(&self) -> bool {
        self.met
    }
}
