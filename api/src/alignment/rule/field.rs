//! Where the fields of a rule are: columns of the lead by its record's declaration, or custom fields; and how a literal
//! reads in a field's type. Pure.

use std::{collections::HashMap, sync::LazyLock};

use chrono::{DateTime, Days, TimeDelta, Utc};
use entity::money::{Currency, Money};
use sea_orm::Value;

use super::Literal;
use crate::{
    crm::lead,
    graph::{
        Field, Kind,
        field::{Normal, Shape},
        value::{self, currency},
    },
};

const CUSTOM: &str = "customFields.";

/// Where a field's value is.
#[derive(Clone)]
pub enum Place {
    Column(&'static str, Kind),
    /// Minor units and currency.
    Money(&'static str, &'static str),
    /// The organisation's own field with this key.
    Custom(String),
}

impl Place {
    pub fn columns(&self) -> Vec<&'static str> {
        match self {
            Self::Column(column, _) => vec![column],
            Self::Money(minor, currency) => vec![minor, currency],
            Self::Custom(_) => vec!["custom"],
        }
    }
}

/// The place of the field with this name.
pub fn find(name: &str) -> Option<Place> {
    static COLUMNS: LazyLock<HashMap<String, Place>> = LazyLock::new(|| {
        let own = lead::meta().fields.iter().filter(|f| f.via.is_none());
        own.filter_map(|f| Some((f.input_name(), place(f)?))).collect()
    });
    if let Some(key) = name.strip_prefix(CUSTOM) {
        let plain = key.len() <= 63 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let first = key.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
        return (plain && first).then(|| Place::Custom(key.to_owned()));
    }
    COLUMNS.get(name).cloned()
}

fn place(field: &Field) -> Option<Place> {
    match field.shape {
        Shape::Column(_, Kind::Json | Kind::Form(_) | Kind::List(_))
        | Shape::Many(..)
        | Shape::Any(..)
        | Shape::Can
        | Shape::Reckoned(..)
        | Shape::Found(..)
        | Shape::Ratio(..) => None,
        Shape::Column(column, kind) => Some(Place::Column(column, kind)),
        Shape::One(key, to) => Some(Place::Column(key, Kind::Id(to().table))),
        Shape::Money(amount, currency) => Some(Place::Money(amount, currency)),
    }
}

/// How a field writes what it holds, for those that have one way: a text written otherwise would never match.
pub fn normal(name: &str) -> Option<Normal> {
    lead::meta().fields.iter().find(|field| field.via.is_none() && field.input_name() == name)?.normal
}

/// What a literal means in a column of this kind.
pub fn operand(kind: Kind, literal: &Literal, now: DateTime<Utc>) -> Result<Value, String> {
    match (kind, literal) {
        (Kind::Text | Kind::Email, Literal::Text(text)) => Ok(text.as_str().into()),
        (Kind::Word(_, _, words), Literal::Text(text)) => {
            let known = words.iter().any(|(word, _)| word == text);
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            if known { Ok(text.as_str().into()) } else { Err(format!("this must be one of {}", list.join(", "))) }
        }
        (Kind::Currency, Literal::Text(text)) => Ok(currency(text)?.code().into()),
        (Kind::Id(table), Literal::Text(text)) => {
            let id = value::id(table, text);
            id.map(Value::from).ok_or_else(|| format!("not an id of {table}: ids begin with {table}_"))
        }
        (Kind::Integer, Literal::Number(n)) => {
            let whole = n.0.is_integer().then(|| i32::try_from(n.0).ok()).flatten();
            whole.map(Value::from).ok_or_else(|| "this must be a whole number of 32 bits".to_owned())
        }
        (Kind::Boolean, Literal::Boolean(b)) => Ok((*b).into()),
        (Kind::Time, Literal::Time(time)) => Ok(time.0.into()),
        (Kind::Time, Literal::Days(days)) => Ok((now + TimeDelta::days(i64::from(*days))).into()),
        (Kind::Date, Literal::Date(date)) => Ok(date.0.into()),
        (Kind::Date, Literal::Days(days)) => {
            let (today, far) = (now.date_naive(), Days::new(days.unsigned_abs().into()));
            let day = if *days < 0 { today.checked_sub_days(far) } else { today.checked_add_days(far) };
            day.map(Value::from).ok_or_else(|| "too far away".to_owned())
        }
        _ => Err(format!("this must be {}", wanted(kind))),
    }
}

/// The member of a literal that a column of this kind takes.
fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "`boolean`",
        Kind::Time => "`time` or `days`",
        Kind::Date => "`date` or `days`",
        Kind::Integer | Kind::Amount | Kind::Decimal(_) => "`number`",
        _ => "`text`",
    }
}

/// An amount in minor units.
pub fn amount(literal: &Literal) -> Result<(i64, Currency), String> {
    let Literal::Money(sum) = literal else { return Err("this must be `money`".to_owned()) };
    let money = Money::parse(&sum.amount.to_string(), currency(&sum.currency)?).map_err(|e| e.to_string())?;
    Ok((money.amount_minor, money.currency))
}
