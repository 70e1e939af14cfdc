//! What exactly an opportunity would sell. Lines are seen and changed by who may see and change the opportunity.

use std::{collections::HashMap, sync::LazyLock};

use entity::{
    id::{OpportunityId, OpportunityLineId, ProductId},
    money::{Currency, divide_half_even},
    opportunity,
    opportunity_line::{Column as C, Entity},
    product,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

use super::{all_rows, opportunity as opportunities, product as products};
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Rules, record::link},
    store::{Guarded, Scoped, Tx, belonging},
};

impl Guarded for Entity {
    type Id = OpportunityLineId;
    const NAME: &'static str = "opportunity_line";
    const READ: Permission = Permission::OpportunityRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<opportunity::Entity>(actor, permission, (Self::NAME, C::OpportunityId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    /// The price is the list's unless given, in the opportunity's currency; the amount follows. Two statements.
    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let products = list_prices(tx, changes).await?;
            let currencies = currencies(tx, changes).await?;
            for change in changes.iter_mut() {
                priced(change, &products);
                let opportunity = change.row.opportunity_id.try_as_ref().and_then(|id| currencies.get(id));
                let (mine, theirs) = (change.row.currency.try_as_ref(), opportunity.copied().flatten());
                if let (Some(mine), Some(theirs)) = (mine, theirs)
                    && *mine != theirs
                {
                    let message = format!("the opportunity is in {theirs}; give the price in it");
                    change.faults.push(Fault::new(FaultCode::Validation, "unitPrice", message));
                }
            }
            Ok(())
        })
    }
}

fn priced(change: &mut Change<Entity>, products: &HashMap<ProductId, Option<(i64, Currency)>>) {
    let row = &mut change.row;
    if row.unit_price_minor.is_not_set() {
        match row.product_id.try_as_ref().and_then(|id| products.get(id)).copied().flatten() {
            Some((price, currency)) => (row.unit_price_minor, row.currency) = (Set(price), Set(currency)),
            None => change.faults.push(Fault::new(
                FaultCode::Validation,
                "unitPrice",
                "the product has no list price: give one",
            )),
        }
    }
    let quantity = row.quantity_e3.try_as_ref().copied().flatten();
    let Some(price) = row.unit_price_minor.try_as_ref() else { return };
    match amount(quantity, *price) {
        Some(amount) => row.amount_minor = Set(amount),
        None => change.faults.push(Fault::new(FaultCode::Validation, "quantity", "this is too large an amount")),
    }
}

/// Quantity times price, rounded half to even; a lump sum is its price.
fn amount(quantity_e3: Option<i64>, price: i64) -> Option<i64> {
    let Some(quantity) = quantity_e3 else { return Some(price) };
    i64::try_from(divide_half_even(i128::from(quantity) * i128::from(price), 1000)).ok()
}

async fn list_prices(tx: &Tx, changes: &[Change<Entity>]) -> Result<HashMap<ProductId, Option<(i64, Currency)>>> {
    let unpriced = changes.iter().filter(|c| c.row.unit_price_minor.is_not_set());
    let ids: Vec<_> = unpriced.filter_map(|c| c.row.product_id.try_as_ref()).map(|id| id.0).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.read(Scoped::<product::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
    Ok(rows.into_iter().map(|p| (p.id, p.list_price_minor.zip(p.list_price_currency))).collect())
}

async fn currencies(tx: &Tx, changes: &[Change<Entity>]) -> Result<HashMap<OpportunityId, Option<Currency>>> {
    let ids: Vec<_> = changes.iter().filter_map(|c| c.row.opportunity_id.try_as_ref()).map(|id| id.0).collect();
    let rows = tx.read(Scoped::<opportunity::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
    Ok(rows.into_iter().map(|o| (o.id, o.currency)).collect())
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::OpportunityRead,
            create: Some(Permission::OpportunityUpdate),
            update: Some(Permission::OpportunityUpdate),
            delete: Some(Permission::OpportunityUpdate),
            assign: None,
        };
        let about = "A product on an opportunity. Whoever may change the opportunity may change its lines; the opportunity's amount does not follow them.";
        Meta::new::<Entity>(
            "OpportunityLine",
            "opportunityLines",
            about,
            rules,
            vec![
                link(C::OpportunityId, opportunities::meta, "The opportunity.").once(),
                link(C::ProductId, products::meta, "The product."),
                graph::decimal(C::QuantityE3, 3, "How many, with up to three decimals; null for a lump sum.")
                    .named("quantity")
                    .write(),
                graph::money(
                    "unit_price",
                    C::UnitPriceMinor,
                    C::Currency,
                    "Price of one, in the opportunity's currency; the product's list price unless given.",
                )
                .write(),
                graph::money(
                    "amount",
                    C::AmountMinor,
                    C::Currency,
                    "Price of the line: quantity times unit price, rounded half to even.",
                ),
            ],
        )
    });
    &META
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn a_line_is_rounded_half_to_even_and_a_lump_sum_is_its_price() {
        assert_eq!(amount(Some(1500), 333), Some(500)); // 499.5
        assert_eq!(amount(Some(500), 1), Some(0)); // 0.5
        assert_eq!(amount(None, 1250), Some(1250));
        assert_eq!(amount(Some(i64::MAX), i64::MAX), None);
    }
}
