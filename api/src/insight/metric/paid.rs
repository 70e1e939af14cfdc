//! What customers have paid by contracts up to a day. A month's amount is spread over the days of its month: whoever pays from
//! the 15th on pays for 17 of 31 days of January. Each contract comes to whole minor units, rounded half-even.

use entity::{
    account,
    customer_contract::{Column as C, Entity as Contract},
};
use sea_orm::{
    Condition, DbBackend, ExprTrait,
    sea_query::{Expr, Query, SimpleExpr},
};

use super::{
    ask::Ask,
    customers::{kept, last_day, living},
};
use crate::store::Guarded;

/// Of so many parts of a month the days of every month are whole numbers: 28, 29, 30 and 31 divide it.
const PARTS: i64 = 377_580;

/// Began before the period ended and before now, for an account that there is.
fn begun(ask: &Ask, table: &'static str) -> Condition {
    Condition::all()
        .add(living(account::Entity::NAME, (table, "account_id")))
        .add(kept(ask, table))
        .add(Expr::col((table, C::StartsOn)).lt(last_day(ask)))
}

/// Contracts that began before the period ended, or before now.
pub fn contracts(ask: &Ask) -> Condition {
    begun(ask, Contract::NAME)
}

/// One of them for each account.
pub fn customers(ask: &Ask) -> Condition {
    const OTHER: &str = "earlier_";
    let other = |c: C| Expr::col((OTHER, c));
    let earlier = Query::select()
        .expr(Expr::val(1))
        .from_as(Contract::NAME, OTHER)
        .and_where(other(C::OrganizationId).eq(ask.access.actor().organization))
        .and_where(other(C::DeletedAt).is_null())
        .and_where(other(C::AccountId).equals((Contract::NAME, C::AccountId)))
        .and_where(other(C::Id).lt(Expr::col((Contract::NAME, C::Id))))
        .cond_where(begun(ask, OTHER))
        .take();
    contracts(ask).add(Expr::exists(earlier).not())
}

/// A day as parts of months since the year 0.
fn parts(day: &str, backend: DbBackend) -> String {
    let (year, month, of_month, last) = if backend == DbBackend::Postgres {
        let part = |of: &str, day: &str| format!("EXTRACT({of} FROM {day})::bigint");
        let last = format!("(date_trunc('month', {day}::timestamp) + interval '1 month - 1 day')");
        (part("YEAR", day), part("MONTH", day), part("DAY", day), part("DAY", &last))
    } else {
        let part = |form: &str, rest: &str| format!("CAST(strftime('{form}', {day}{rest}) AS INTEGER)");
        let last = part("%d", ", 'start of month', '+1 month', '-1 day'");
        (part("%Y", ""), part("%m", ""), part("%d", ""), last)
    };
    format!("(({year} * 12 + {month}) * {PARTS} + ({of_month} - 1) * ({PARTS} / {last}))")
}

/// What was paid by a contract until the period ended, or until now, less what was paid back. In minor units.
pub fn to_date(ask: &Ask) -> SimpleExpr {
    let backend = ask.access.store().backend();
    let col = |name: &str| format!("\"{}\".\"{name}\"", Contract::NAME);
    let until = match backend {
        DbBackend::Postgres => format!("DATE '{}'", last_day(ask)),
        _ => format!("'{}'", last_day(ask)),
    };
    let ends = format!("CASE WHEN {0} < {until} THEN {0} ELSE {until} END", col("ends_on"));
    let months = format!("({} - {})", parts(&format!("({ends})"), backend), parts(&col("starts_on"), backend));
    // in parts: a large amount times all parts of many months is more than a number holds
    let month = col("monthly_minor");
    let (full, part) = (format!("({months} / {PARTS})"), format!("({months} % {PARTS})"));
    let last = format!("({month} % {PARTS} * {part})");
    let whole = format!("({month} * {full} + {month} / {PARTS} * {part} + {last} / {PARTS})");
    let rest = format!("({last} % {PARTS})");
    let up = format!("{rest} * 2 > {PARTS} OR ({rest} * 2 = {PARTS} AND {whole} % 2 = 1)");
    Expr::cust(format!("({whole} + CASE WHEN {up} THEN 1 ELSE 0 END - COALESCE({}, 0))", col("refunded_minor")))
}
