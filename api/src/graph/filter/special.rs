//! Comparisons of what is no plain column: amounts with their currency, values of custom fields.

use async_graphql::Value as ConstValue;
use entity::money::Money;
use sea_orm::{
    DbBackend, ExprTrait, Value,
    sea_query::{Expr, SimpleExpr},
};

use super::text_of;
use crate::{
    error::{Error, Result},
    graph::{record::Meta, value},
};

pub(super) fn compare_money(column: Expr, op: &str, wanted: &ConstValue, code: &str) -> Result<SimpleExpr> {
    let minor = |v: &ConstValue| {
        let currency = value::currency(code).map_err(Error::BadInput)?;
        let money = Money::parse(&text_of(v), currency).map_err(|e| Error::BadInput(e.to_string()))?;
        Ok::<_, Error>(money.amount_minor)
    };
    Ok(match op {
        "eq" => column.eq(minor(wanted)?),
        "ne" => column.ne(minor(wanted)?),
        "lt" => column.lt(minor(wanted)?),
        "lte" => column.lte(minor(wanted)?),
        "gt" => column.gt(minor(wanted)?),
        "gte" => column.gte(minor(wanted)?),
        _ => return Err(Error::BadInput(format!("unknown operator {op}"))),
    })
}

/// What a custom field's value must be to be compared; of another type it is null: no match, and no failure.
#[derive(Clone, Copy)]
pub enum Custom {
    Text,
    Number,
    Boolean,
    /// As text, whatever it is: to see whether there is one.
    Any,
}

/// The value of a custom field. Its key is letters, digits and underscores.
pub fn custom(table: &str, key: &str, of: Custom, backend: DbBackend) -> SimpleExpr {
    let column = format!("\"{table}\".\"custom\"");
    let (types, value) = match (backend, of) {
        (DbBackend::Postgres, Custom::Any) => return Expr::cust(format!("({column} ->> '{key}')")),
        (_, Custom::Any) => return Expr::cust(format!("json_extract({column}, '$.{key}')")),
        (DbBackend::Postgres, Custom::Text) => ("= 'string'", format!("({column} ->> '{key}') COLLATE \"C\"")),
        (DbBackend::Postgres, Custom::Number) => ("= 'number'", format!("({column} ->> '{key}')::numeric")),
        (DbBackend::Postgres, Custom::Boolean) => ("= 'boolean'", format!("({column} ->> '{key}')::boolean")),
        (_, Custom::Text) => ("= 'text'", format!("json_extract({column}, '$.{key}')")),
        (_, Custom::Number) => ("IN ('integer', 'real')", format!("json_extract({column}, '$.{key}')")),
        (_, Custom::Boolean) => ("IN ('true', 'false')", format!("json_extract({column}, '$.{key}')")),
    };
    Expr::cust(match backend {
        DbBackend::Postgres => format!("(CASE WHEN jsonb_typeof({column} -> '{key}') {types} THEN {value} END)"),
        _ => format!("(CASE WHEN json_type({column}, '$.{key}') {types} THEN {value} END)"),
    })
}

pub(super) fn custom_operator(
    meta: &'static Meta,
    key: &str,
    op: &str,
    wanted: &ConstValue,
    backend: DbBackend,
) -> Result<SimpleExpr> {
    let (of, value): (_, Value) = match wanted {
        ConstValue::Number(n) => (Custom::Number, n.as_f64().unwrap_or_default().into()),
        ConstValue::Boolean(b) => (Custom::Boolean, (*b).into()),
        other => (Custom::Text, text_of(other).into()),
    };
    let column = custom(meta.table, key, of, backend);
    let any = || custom(meta.table, key, Custom::Any, backend);
    Ok(match op {
        "eq" => column.eq(value),
        "ne" => column.ne(value),
        "lt" => column.lt(value),
        "lte" => column.lte(value),
        "gt" => column.gt(value),
        "gte" => column.gte(value),
        "isNull" if *wanted == ConstValue::Boolean(true) => any().is_null(),
        "isNull" => any().is_not_null(),
        _ => return Err(Error::BadInput(format!("unknown operator {op}"))),
    })
}
