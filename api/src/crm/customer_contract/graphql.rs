//! Contracts in the schema.

use std::sync::LazyLock;

use entity::customer_contract::{Column as C, Entity};

use super::steps;
use crate::{
    actor::Permission,
    crm::{account, opportunity, product},
    graph::{self, Meta, Rules, record::link},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::OpportunityRead,
            create: Some(Permission::OpportunityUpdate),
            update: Some(Permission::OpportunityUpdate),
            delete: Some(Permission::OpportunityUpdate),
            assign: None,
        };
        let about = "A contract with a customer: what it brings each month, from a day to another. An account has one at a time \
                     for each product, else VALIDATION. Retention, churn and customer value are reckoned from these. One that is \
                     cancelled or refunded takes back what was paid for the sale it was made by.";
        let meta = Meta::new::<Entity>(
            "CustomerContract",
            "customerContracts",
            about,
            rules,
            vec![
                link(C::AccountId, account::meta, "The customer.").firm().once(),
                link(C::ProductId, product::meta, "What it is for.").optional(),
                link(
                    C::OpportunityId,
                    opportunity::meta,
                    "The sale that it was made by: one of this customer's, in the contract's currency, that the caller may change, \
                     else VALIDATION or FORBIDDEN.",
                )
                .optional(),
                graph::date(C::StartsOn, "Its first day.").required().write().filter().order(),
                graph::date(C::EndsOn, "The first day after it; null while it goes on.").write().filter().order(),
                graph::money("monthly_amount", C::MonthlyMinor, C::Currency, "What it brings in a month.")
                    .required()
                    .write()
                    .filter()
                    .order(),
                graph::text(C::ChurnReason, "Why the customer left, in somebody's words.").max(2000).write(),
                graph::time(C::CancelledAt, "When it was cancelled; null while it was not.").filter().order(),
                graph::money("refunded", C::RefundedMinor, C::Currency, "What was paid back to the customer so far."),
            ],
        );
        stepped(meta)
    });
    &META
}

fn stepped(meta: Meta) -> Meta {
    meta.step::<Entity>(
        "Cancel",
        Permission::OpportunityUpdate,
        "Ends a contract before its time. What locked runs of incentive plans paid for its sale is taken back, as if it were \
         reopened; where other contracts name the sale too, the share that this one has of their monthly amounts. Runs that are not locked \
         count only what is left. A mistaken one is deleted and entered anew. INVALID_TRANSITION for one that is cancelled. Emits \
         `customer_contract.cancelled`.",
        vec![
            graph::date(C::EndsOn, "The first day after it: today unless given, and never after the end that it has."),
            graph::text(C::ChurnReason, "Why, in somebody's words.").named("reason").max(2000).required(),
        ],
        steps::cancel,
    )
    .step::<Entity>(
        "Refund",
        Permission::OpportunityUpdate,
        "Says that so much was paid back to the customer, beside what was before. What locked runs of incentive plans paid for its \
         sale is taken back as if the sale were that much smaller; runs that are not locked count only what is left. Emits \
         `customer_contract.refunded`.",
        vec![
            graph::money("amount", C::RefundedMinor, C::Currency, "How much: above 0, in the contract's currency.")
                .required(),
        ],
        steps::refund,
    )
}
