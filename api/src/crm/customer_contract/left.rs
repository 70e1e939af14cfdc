//! What is left of a sale once contracts that it was made by were cancelled or refunded.

use std::collections::HashMap;

use entity::{
    customer_contract::{Entity, Model},
    id::{OpportunityId, RowId},
    money::{Currency, split_largest_remainder},
};
use uuid::Uuid;

use crate::{
    crm::Reader,
    error::Result,
    store::{Guarded, Scoped, within_ids},
};

/// The contracts of sales of which something was taken away; those of other sales are left out.
pub struct Sales(HashMap<OpportunityId, Vec<Model>>);

impl Sales {
    /// One statement, for rules that decide for the organisation.
    pub async fn of(reader: Reader<'_>, sales: &[Uuid]) -> Result<Self> {
        let theirs = within_ids((Entity::NAME, "opportunity_id"), sales, reader.backend());
        let mut known: HashMap<_, Vec<Model>> = HashMap::new();
        for row in reader.models(Scoped::<Entity>::read(&reader.everything()).filter(theirs)).await? {
            if let Some(sale) = row.opportunity_id {
                known.entry(sale).or_default().push(row);
            }
        }
        known.retain(|_, rows| rows.iter().any(|row| row.cancelled_at.is_some() || row.refunded_minor.is_some()));
        Ok(Self(known))
    }

    /// What is left of a sale of so much: all of it where no contract says otherwise, none where nothing is.
    pub fn left(&self, sale: OpportunityId, minor: i64, currency: Currency) -> Option<i64> {
        self.0.get(&sale).map_or(Some(minor), |contracts| worth_left(minor, currency, contracts))
    }
}

/// What is left of a sale of so much. Each of its contracts stands for as much of it as it has of their monthly amounts; what was
/// refunded is taken of what those have that go on. Contracts in another currency, which the sale has come to since, say nothing.
fn worth_left(minor: i64, currency: Currency, contracts: &[Model]) -> Option<i64> {
    let mut all: Vec<&Model> = contracts.iter().filter(|row| row.currency == currency).collect();
    all.sort_by_key(|row| row.id.uuid());
    if all.is_empty() {
        return Some(minor);
    }
    let weights: Vec<u64> = all.iter().map(|row| u64::try_from(row.monthly_minor).unwrap_or(0)).collect();
    let parts = split_largest_remainder(minor, &weights);
    let goes_on = || all.iter().zip(&parts).filter(|(row, _)| row.cancelled_at.is_none());
    let stays: i64 = goes_on().map(|(_, part)| *part).sum();
    let refunded = goes_on().map(|(row, _)| row.refunded_minor.unwrap_or(0)).fold(0_i64, i64::saturating_add);
    Some(stays.saturating_sub(refunded)).filter(|left| *left > 0)
}

#[cfg(test)]
pub mod tests {
    use chrono::DateTime;

    use super::*;

    /// From the first day of 2026 on.
    pub fn contract(number: u128, monthly_minor: i64) -> Model {
        Model {
            id: RowId::from_uuid(Uuid::from_u128(number)),
            organization_id: RowId::from_uuid(Uuid::nil()),
            created_at: DateTime::UNIX_EPOCH,
            created_by: None,
            updated_at: DateTime::UNIX_EPOCH,
            updated_by: None,
            version: 1,
            deleted_at: None,
            account_id: RowId::from_uuid(Uuid::nil()),
            product_id: None,
            opportunity_id: None,
            starts_on: "2026-01-01".parse().unwrap(),
            ends_on: None,
            monthly_minor,
            currency: "EUR".parse().unwrap(),
            churn_reason: None,
            cancelled_at: None,
            refunded_minor: None,
        }
    }

    fn left(contracts: &[Model]) -> Option<i64> {
        worth_left(100_000, "EUR".parse().unwrap(), contracts)
    }

    #[test]
    fn a_cancelled_contract_takes_its_share_and_a_refund_its_amount() {
        let (whole, mut gone, mut back) = (contract(1, 300), contract(2, 100), contract(3, 100));
        gone.cancelled_at = Some(DateTime::UNIX_EPOCH);
        back.refunded_minor = Some(1_000);
        assert_eq!(left(std::slice::from_ref(&whole)), Some(100_000));
        assert_eq!(left(&[gone.clone()]), None);
        assert_eq!(left(&[whole.clone(), gone.clone()]), Some(75_000));
        assert_eq!(left(&[back.clone()]), Some(99_000));
        assert_eq!(left(&[whole.clone(), gone.clone(), back.clone()]), Some(79_000));
        back.refunded_minor = Some(100_000);
        assert_eq!(left(&[back.clone()]), None);
        back.currency = "USD".parse().unwrap();
        assert_eq!(left(&[back]), Some(100_000));
        let free = [contract(1, 0), Model { monthly_minor: 0, ..gone }];
        assert_eq!(left(&free), Some(50_000));
    }
}
