//! The scalars of the schema and what each looks like. Values are read and written in `value.rs`.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as Instant, Utc};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
