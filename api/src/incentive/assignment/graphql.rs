//! People in plans, in the schema.

use std::sync::LazyLock;

use entity::{
    incentive_assignment::{Column as C, Entity},
    user::Side,
};

use crate::{
    access::user,
    actor::Permission,
    alignment::agreement::graphql::version,
    graph::{self, Meta, Rules, record::link},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::IncentiveRead,
            create: Some(Permission::IncentiveAssign),
            update: Some(Permission::IncentiveAssign),
            delete: Some(Permission::IncentiveAssign),
            assign: None,
        };
        let about = "The terms of somebody in a version of an incentive plan, for its whole period. LOCKED once the version is \
                     proposed, and for one's own; the next version begins with the same. Seen by that person, those above \
                     them and finance.";
        let money = |name, amount, currency, about| graph::money(name, amount, currency, about).write();
        Meta::new::<Entity>(
            "IncentiveAssignment",
            "incentiveAssignments",
            about,
            rules,
            vec![
                link(C::AgreementVersionId, version, "The plan's version: an agreement of kind INCENTIVE_PLAN.").once(),
                link(C::UserId, user::meta, "Whose terms.").once(),
                graph::word::<Side, _>(C::Side, "On which side they are paid.").required().write().filter().group(),
                money(
                    "target_bonus",
                    C::TargetBonusMinor,
                    C::Currency,
                    "What is paid when every goal is reached exactly, in the plan's currency.",
                )
                .required(),
                money(
                    "quota",
                    C::QuotaMinor,
                    C::QuotaCurrency,
                    "What commissions are measured by: more than 0, needed where the plan pays one to this side.",
                ),
                graph::date(
                    C::StartsOn,
                    "The first day in the plan; the plan's unless given. Bonus and quota count for \
                                          the share of days.",
                )
                .write(),
                graph::date(C::EndsOn, "The first day no longer in the plan; the plan's unless given.").write(),
                money("guarantee", C::GuaranteeMinor, C::GuaranteeCurrency, "At least this is paid."),
                money("draw", C::DrawMinor, C::DrawCurrency, "What is paid in advance, to be earned."),
                graph::boolean(
                    C::DrawRecoverable,
                    "What of the draw was not earned is kept from later pay; false unless given.",
                )
                .write(),
                graph::integer(C::PoolWeight, "Their weight in pools that are shared by weight; 1 unless given.")
                    .max(1_000_000)
                    .write(),
            ],
        )
    });
    &META
}
