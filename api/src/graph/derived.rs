//! Types for derived objects, inputs and mutations that stand beside the records: words of closed lists, user
//! errors, records by id. It declares no type of its own in the schema.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContextSelectionSet, InputObject, InputType, InputValueError, InputValueResult, Name, Object, OutputType,
    Positioned, ServerResult, SimpleObject, Value as ConstValue, parser::types::Field as Asked, registry::Registry,
};
use chrono::{DateTime as Instant, Utc};
use entity::word::Word;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeStruct};

use super::{
    patch::Patch,
    plan::{fields, key_of},
    record::Record,
    write,
};
use crate::error::{Error, Fault, FaultCode, Result};

/// A count as the schema's Int; what is beyond is said to be the largest.
pub fn whole(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// A word of a closed list, in inputs and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Term<W>(pub W);

impl<W: Word> Serialize for Term<W> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.word())
    }
}

impl<'de, W: Word> Deserialize<'de> for Term<W> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        W::parse(&word).map(Self).ok_or_else(|| D::Error::custom(format!("not a {}: {word}", W::NAME)))
    }
}

impl<W: Word + Send + Sync> InputType for Term<W> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        W::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        super::sdl::word_type::<W>(registry);
        format!("{}!", W::NAME)
    }

    fn parse(value: Option<ConstValue>) -> InputValueResult<Self> {
        let word = value.as_ref().and_then(super::args::string).unwrap_or_default();
        W::parse(&word).map(Self).ok_or_else(|| InputValueError::custom(format!("not a {}", W::NAME)))
    }

    fn to_value(&self) -> ConstValue {
        ConstValue::Enum(Name::new(self.0.word()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<W: Word + Send + Sync> OutputType for Term<W> {
    fn type_name() -> Cow<'static, str> {
        W::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        super::sdl::word_type::<W>(registry);
        format!("{}!", W::NAME)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<ConstValue> {
        Ok(ConstValue::Enum(Name::new(self.0.word())))
    }
}

/// Values of a record's fields, as its create takes them, all of them optional: what is left out comes from elsewhere.
pub struct ValuesOf<E>(ConstValue, PhantomData<fn() -> E>);

impl<E: Record> ValuesOf<E> {
    pub fn patch(&self) -> Patch {
        Patch::some(E::meta(), &self.0)
    }
}

impl<E: Record> InputType for ValuesOf<E> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Values", E::meta().name).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        super::sdl::values_type(registry, E::meta());
        format!("{}!", Self::type_name())
    }

    fn parse(value: Option<ConstValue>) -> InputValueResult<Self> {
        Ok(Self(value.unwrap_or_default(), PhantomData))
    }

    fn to_value(&self) -> ConstValue {
        self.0.clone()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Something wrong with a mutation's input.
#[derive(SimpleObject)]
pub struct UserError {
    /// What kind of fault, for programs.
    code: Term<FaultCode>,
    /// What is wrong and what to do, for people.
    message: String,
    /// Path into the arguments, e.g. `["input", "email"]`.
    field: Vec<String>,
}

impl From<Fault> for UserError {
    fn from(fault: Fault) -> Self {
        let Fault { code, message, field } = fault.under("input");
        Self { code: Term(code), message, field }
    }
}

/// What was done, or what was wrong with the input; any other error stays one.
pub fn outcome<T>(done: Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match done {
        Ok(done) => Ok((Some(done), vec![])),
        Err(Error::Refused(faults)) => Ok((None, faults.into_iter().map(UserError::from).collect())),
        Err(other) => Err(other),
    }
}

/// The answer of a nullable field: when it fails it is null, with an error entry, and its siblings stay.
pub struct Tried<T>(pub Result<Option<T>>);

impl<T: OutputType> OutputType for Tried<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::type_name().into_owned()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry);
        T::type_name().into_owned()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Asked>) -> ServerResult<ConstValue> {
        match &self.0 {
            Ok(Some(found)) => found.resolve(ctx, field).await,
            Ok(None) => Ok(ConstValue::Null),
            Err(error) => {
                let error = async_graphql::Error::from(error.clone()).into_server_error(ctx.item.pos);
                ctx.add_error(ctx.set_error_path(error));
                Ok(ConstValue::Null)
            }
        }
    }
}

/// Whether there is more of a derived list, and where to go on.
pub struct PageInfo {
    pub has_next: bool,
    pub has_previous: bool,
    pub start: Option<String>,
    pub end: Option<String>,
}

impl PageInfo {
    pub fn write(&self, out: &mut Vec<u8>, ctx: &ContextSelectionSet<'_>) -> ServerResult<()> {
        let mut at = 0;
        out.push(b'{');
        fields(ctx, "PageInfo", &mut |field| {
            write::comma(out, at);
            at += 1;
            out.extend(key_of(&field.item.node));
            let told: serde_json::Value = match field.item.node.name.node.as_str() {
                "hasNextPage" => self.has_next.into(),
                "hasPreviousPage" => self.has_previous.into(),
                "startCursor" => self.start.as_deref().into(),
                "endCursor" => self.end.as_deref().into(),
                _ => "PageInfo".into(),
            };
            out.extend_from_slice(told.to_string().as_bytes());
            Ok(())
        })?;
        out.push(b'}');
        Ok(())
    }
}

impl OutputType for PageInfo {
    fn type_name() -> Cow<'static, str> {
        "PageInfo".into()
    }

    fn create_type_info(_: &mut Registry) -> String {
        Self::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<ConstValue> {
        let mut out = Vec::new();
        self.write(&mut out, ctx)?;
        Ok(write::raw(out))
    }
}

/// A span of time: from its start up to its end, which is not part of it.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "PeriodInput")]
pub struct Period {
    /// The first instant.
    pub start: super::scalar::DateTime,
    /// The first instant after it; later than the start.
    pub end: super::scalar::DateTime,
}

impl Period {
    /// Both ends; refused when it does not end after it starts.
    pub fn ends(self) -> Result<(Instant<Utc>, Instant<Utc>)> {
        let (start, end) = (self.start.0, self.end.0);
        if start < end { Ok((start, end)) } else { Err(Error::BadInput("period: end must be after start".into())) }
    }
}

/// An amount of money in one currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Money(pub entity::money::Money);

/// An amount of money in one currency.
#[Object]
impl Money {
    /// The amount with all decimals of its currency, e.g. "1250.00"; yen have none, Kuwaiti dinars three.
    async fn amount(&self) -> super::scalar::Decimal {
        let amount =
            rust_decimal::Decimal::try_from_i128_with_scale(self.0.amount_minor.into(), self.0.currency.exponent());
        super::scalar::Decimal(amount.unwrap_or_default())
    }

    /// The currency.
    async fn currency(&self) -> super::scalar::CurrencyCode {
        super::scalar::CurrencyCode(self.0.currency)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut money = to.serialize_struct("Money", 2)?;
        money.serialize_field("amount", &self.0.amount())?;
        money.serialize_field("currency", self.0.currency.code())?;
        money.end()
    }
}

/// A share, with what it was made of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, SimpleObject)]
pub struct Ratio {
    /// How many are meant.
    pub numerator: i32,
    /// Out of how many.
    pub denominator: i32,
    /// Numerator through denominator; null when there is nothing to divide by.
    pub value: Option<f64>,
}

impl Ratio {
    pub fn of(numerator: i64, denominator: i64) -> Self {
        let whole = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
        let millionths = (denominator > 0)
            .then(|| entity::money::divide_half_even(i128::from(numerator) * 1_000_000, i128::from(denominator)));
        let value = millionths.and_then(|n| format!("{n}e-6").parse().ok());
        Self { numerator: whole(numerator), denominator: whole(denominator), value }
    }
}
