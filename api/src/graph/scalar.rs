//! The scalars of the schema and what each looks like. Values are read and written in `value.rs`.

use std::{fmt, str::FromStr};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as Instant, NaiveDate, Utc};
use entity::money::Currency;
use rust_decimal::Decimal as Number;
use serde::{Deserialize, Serialize};

/// Name, meaning, specification.
pub const SCALARS: [(&str, &str, &str); 6] = [
    (
        "Date",
        "A day without a time, such as \"2026-08-07\", in the organisation's calendar.",
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    ),
    (
        "Decimal",
        "A decimal number as text, such as \"1250.00\": exact, never a float.",
        "https://scalars.graphql.org/chillicream/decimal.html",
    ),
    ("CurrencyCode", "An ISO 4217 currency code, such as \"EUR\".", "https://www.iso.org/iso-4217-currency-codes.html"),
    (
        "EmailAddress",
        "An e-mail address. It is stored in lower case, its domain in ASCII; \"+tags\" stay.",
        "https://www.rfc-editor.org/rfc/rfc5321",
    ),
    (
        "JSON",
        "Any JSON value. Used where no type can say the shape: custom fields, and the values of the change feed.",
        "https://www.rfc-editor.org/rfc/rfc8259",
    ),
    (
        "DateTime",
        "An instant in UTC with up to microseconds, such as \"2026-08-07T16:30:00Z\".",
        "https://www.rfc-editor.org/rfc/rfc3339",
    ),
];

/// `DateTime` for derived objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DateTime(pub Instant<Utc>);

/// An instant in UTC with up to microseconds, such as "2026-08-07T16:30:00Z".
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let wrong = || InputValueError::custom("not an instant such as 2026-08-07T16:30:00Z");
        if let Value::String(text) = &value {
            super::value::time(text).map(Self).ok_or_else(wrong)
        } else {
            Err(wrong())
        }
    }

    fn to_value(&self) -> Value {
        Value::String(super::value::instant(&self.0))
    }
}

/// `Date` for derived objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(pub NaiveDate);

/// A day without a time, such as "2026-08-07", in the organisation's calendar.
#[Scalar(name = "Date", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = if let Value::String(text) = &value { super::value::date(text).map(Self) } else { None };
        read.ok_or_else(|| InputValueError::custom("not a date such as 2026-08-07"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// `Decimal` for derived objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(pub Number);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Decimal {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Number::from_str_exact(text).map(Self).map_err(|_| "not a decimal number such as \"1250.00\"")
    }
}

impl TryFrom<String> for Decimal {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(number: Decimal) -> Self {
        number.to_string()
    }
}

/// A decimal number as text, such as "1250.00": exact, never a float.
#[Scalar(name = "Decimal", specified_by_url = "https://scalars.graphql.org/chillicream/decimal.html")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = if let Value::String(text) = &value { text.as_str() } else { "" };
        text.parse().map_err(|what: &str| InputValueError::custom(what))
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// `CurrencyCode` for derived objects and arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CurrencyCode(pub Currency);

impl TryFrom<String> for CurrencyCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self).map_err(|_| "not an ISO 4217 currency code such as \"EUR\"")
    }
}

impl From<CurrencyCode> for String {
    fn from(code: CurrencyCode) -> Self {
        code.0.code().to_owned()
    }
}

/// An ISO 4217 currency code, such as "EUR".
#[Scalar(name = "CurrencyCode", specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = if let Value::String(text) = &value { text.parse().ok().map(Self) } else { None };
        read.ok_or_else(|| InputValueError::custom("not an ISO 4217 currency code such as \"EUR\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.code().to_owned())
    }
}
