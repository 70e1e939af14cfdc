//! What cancelling and refunding make of their inputs.

use chrono::{Days, NaiveDate};
use entity::{customer_contract::Model, money::Currency};
use futures_util::future::BoxFuture;
use sea_orm::Value;

use crate::{
    crm::home::Home,
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::Tx,
};

pub fn cancel<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if before.cancelled_at.is_some() {
            return Err(Error::refused(FaultCode::InvalidTransition, "id", "it is cancelled already"));
        }
        let now = tx.access().now();
        let ends = match told.get("ends_on") {
            Some(Value::ChronoDate(Some(day))) => *day,
            _ => usual(before, Home::of(tx).await?.day(now)),
        };
        if before.ends_on.is_some_and(|end| ends > end) {
            return Err(Error::invalid("endsOn", "this cannot be after the end that it has"));
        }
        Ok(told.with("ends_on", ends).with("cancelled_at", now))
    })
}

/// Today, but not before its first day is over, nor after its end.
fn usual(contract: &Model, today: NaiveDate) -> NaiveDate {
    let first = contract.starts_on.checked_add_days(Days::new(1)).unwrap_or(contract.starts_on);
    let day = today.max(first);
    contract.ends_on.map_or(day, |end| day.min(end))
}

pub fn refund<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let more = match told.get("refunded_minor") {
            Some(Value::BigInt(Some(more))) => *more,
            _ => 0,
        };
        let currency = match told.get("currency") {
            Some(Value::String(Some(currency))) => currency.parse::<Currency>().ok(),
            _ => None,
        };
        if currency.is_some_and(|currency| currency != before.currency) {
            return Err(Error::invalid("amount", format!("the contract is in {}", before.currency)));
        }
        let sum = before.refunded_minor.unwrap_or(0).checked_add(more).filter(|_| more > 0);
        let sum = sum.ok_or_else(|| Error::invalid("amount", "this must be above 0"))?;
        Ok(told.with("refunded_minor", sum))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::customer_contract::left::tests::contract;

    #[test]
    fn it_ends_today_but_within_its_days() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let mut one = contract(1, 100);
        one.ends_on = Some(day("2026-12-31"));
        for (today, ends) in [("2026-05-05", "2026-05-05"), ("2025-05-05", "2026-01-02"), ("2027-05-05", "2026-12-31")]
        {
            assert_eq!(usual(&one, day(today)), day(ends));
        }
    }
}
