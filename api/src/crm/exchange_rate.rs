//! Rates of exchange by day. Entered by hand or by an integration; `fx` says which one holds on a day.

use std::sync::LazyLock;

use entity::{
    exchange_rate::{Column as C, Entity},
    id::ExchangeRateId,
    money::RATE_DECIMALS,
};
use futures_util::future::BoxFuture;
use sea_orm::Condition;

use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Rules},
    store::{Guarded, Tx},
};

impl Guarded for Entity {
    type Id = ExchangeRateId;
    const NAME: &'static str = "exchange_rate";
    const READ: Permission = Permission::ExchangeRateRead;

    /// The whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(_: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes {
                let row = &change.row;
                if row.rate_e10.try_as_ref() == Some(&0) {
                    change.faults.push(Fault::new(FaultCode::Validation, "rate", "this must be greater than 0"));
                }
                if row.base.try_as_ref().is_some() && row.base.try_as_ref() == row.quote.try_as_ref() {
                    change.faults.push(Fault::new(FaultCode::Validation, "quote", "this must differ from base"));
                }
            }
            Ok(())
        })
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::ExchangeRateRead,
            create: Some(Permission::ExchangeRateCreate),
            update: Some(Permission::ExchangeRateUpdate),
            delete: Some(Permission::ExchangeRateDelete),
            assign: None,
        };
        let about = "The price of a currency in another from a day on, until the next such rate, at most as many days as the organisation's `rateMaxAgeDays`. One for each pair and day.";
        Meta::new::<Entity>(
            "ExchangeRate",
            "exchangeRates",
            about,
            rules,
            vec![
                graph::currency(C::Base, "The currency priced.").required().once().filter().group(),
                graph::currency(C::Quote, "The currency it is priced in.").required().once().filter().group(),
                graph::date(C::Date, "The day from which it holds.").required().once().filter().order(),
                graph::decimal(
                    C::RateE10,
                    RATE_DECIMALS,
                    "Units of quote for one of base, with up to ten decimals, e.g. \"1.085\".",
                )
                .named("rate")
                .required()
                .write(),
            ],
        )
    });
    &META
}
