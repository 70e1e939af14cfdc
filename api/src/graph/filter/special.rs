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

pub(super) fn custom_operator(
    meta: &'static Meta,
    key: &str,
    op: &str,
    wanted: &ConstValue,
    backend: DbBackend,
) -> Result<SimpleExpr> {
    // a value of another type than it is compared with is no match, and no failure of the statement
    let text = |as_text: bool| {
        let custom = format!("\"{}\".\"custom\"", meta.table);
        Expr::cust(match (backend, as_text) {
            (DbBackend::Postgres, true) => format!("{custom} ->> '{key}'"),
            (DbBackend::Postgres, false) => {
                format!("CASE jsonb_typeof({custom} -> '{key}') WHEN 'number' THEN ({custom} ->> '{key}')::numeric END")
            }
            (_, true) => format!("json_extract({custom}, '$.{key}')"),
            (_, false) => format!(
                "CASE WHEN json_type({custom}, '$.{key}') IN ('integer', 'real') THEN json_extract({custom}, '$.{key}') END"
            ),
        })
    };
    let number = matches!(wanted, ConstValue::Number(_));
    let column = text(!number);
    let value: Value = match wanted {
        ConstValue::Number(n) => n.as_f64().unwrap_or_default().into(),
        ConstValue::Boolean(b) if backend == DbBackend::Postgres => b.to_string().into(),
        ConstValue::Boolean(b) => i32::from(*b).into(),
        other => text_of(other).into(),
    };
    Ok(match op {
        "eq" => column.eq(value),
        "ne" => column.ne(value),
        "lt" => column.lt(value),
        "lte" => column.lte(value),
        "gt" => column.gt(value),
        "gte" => column.gte(value),
        "isNull" if *wanted == ConstValue::Boolean(true) => text(true).is_null(),
        "isNull" => text(true).is_not_null(),
        _ => return Err(Error::BadInput(format!("unknown operator {op}"))),
    })
}
