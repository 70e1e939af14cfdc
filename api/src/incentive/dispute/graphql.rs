//! Disputes over statements in the schema.

use std::sync::LazyLock;

use entity::{
    dispute::Status,
    incentive_adjustment::Column as J,
    incentive_dispute::{Column as C, Entity},
    incentive_statement as statements,
};

use super::settle;
use crate::{
    access::user,
    actor::Permission,
    graph::{self, Field, Item, Kind, Meta, Rules},
    incentive::{
        adjustment, run,
        statement::graphql::{line, statement},
    },
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::IncentiveRead, create: None, update: None, delete: None, assign: None };
        let about = "A dispute over a statement of pay or one of its lines, opened with `incentiveStatementDispute`. Finance decides; \
                     what is upheld is an adjustment in a later run. Seen by who sees the statement.";
        stepped(Meta::new::<Entity>("IncentiveDispute", "incentiveDisputes", about, rules, fields()))
    });
    &META
}

fn fields() -> Vec<Field> {
    vec![
        graph::one(C::StatementId, statement, "The statement.").filter(),
        graph::one(C::RunId, run::meta, "Its run.").filter(),
        graph::one(C::UserId, user::meta, "Whose pay.").filter().group(),
        graph::one(C::StatementLineId, line, "The line; null if it is about the whole statement."),
        graph::text(C::Claim, "What whoever opened it says."),
        graph::list(C::Evidence, Item::Id, "Ids of records that speak for it."),
        graph::word::<Status, _>(C::Status, "Where it stands.").filter().order().group(),
        graph::money(
            "amount",
            C::AmountMinor,
            C::Currency,
            "What is paid, or below 0 taken, because of it; null until it is upheld.",
        ),
        graph::text(C::Resolution, "What was found, in somebody's words."),
        graph::one(C::ResolvedBy, user::meta, "Who decided."),
        graph::time(C::ResolvedAt, "When.").filter().order(),
        graph::one(C::AdjustmentId, adjustment::meta, "The adjustment that came of it."),
    ]
}

fn stepped(meta: Meta) -> Meta {
    let resolution = |about| graph::text(C::Resolution, about).max(2000).required();
    meta.step::<Entity>(
        "Review",
        Permission::IncentiveAdjust,
        "Takes a dispute over pay up: OPEN becomes UNDER_REVIEW. Never by an API key.",
        vec![],
        settle::review,
    )
    .step::<Entity>(
        "Withdraw",
        Permission::IncentiveDispute,
        "Takes back a dispute over pay that nobody has taken up. Only for who opened it, else FORBIDDEN.",
        vec![],
        settle::withdraw,
    )
    .step::<Entity>(
        "Uphold",
        Permission::IncentiveAdjust,
        "Decides that the claim is right: UNDER_REVIEW becomes UPHELD, and an adjustment of the amount waits for the next run. \
         LOCKED for the payee and for who opened it. Never by an API key.",
        vec![amount(), resolution("What was found, in your words; the payee reads it.")],
        settle::uphold,
    )
    .step::<Entity>(
        "Deny",
        Permission::IncentiveAdjust,
        "Decides that the claim is wrong: UNDER_REVIEW becomes DENIED. LOCKED for the payee and for who opened it. Never by an \
         API key.",
        vec![resolution("Why, in your words; the payee reads it.")],
        settle::deny,
    )
}

fn amount() -> Field {
    let about = "What is paid, or below 0 taken: not 0, in the statement's currency.";
    graph::money("amount", J::AmountMinor, J::Currency, about).required().signed()
}

fn of_line() -> Field {
    graph::told(
        "statement_line_id",
        Kind::Id("incentive_statement_line"),
        "The line it is about; the whole statement unless given.",
    )
}

/// What can be done with a statement: disputing and correcting it.
pub fn of_statement(meta: Meta) -> Meta {
    meta.step::<statements::Entity>(
        "Dispute",
        Permission::IncentiveDispute,
        "Opens a dispute over a statement of a locked run, or over one of its lines: for the payee and those above them, as long \
         as the plan's `disputeWindowDays` allow, else CRITERIA_UNMET. One for each line, and one for the whole, else DUPLICATE. \
         INVALID_TRANSITION before the run is locked. Never by an API key. Emits `incentive_dispute.created`.",
        vec![
            graph::told("claim", Kind::Text, "What is wrong.").max(2000).required(),
            of_line(),
            graph::told("evidence", Kind::List(Item::Id), "Ids of records that speak for it, at most 50."),
        ],
        settle::open,
    )
    .step::<statements::Entity>(
        "Adjust",
        Permission::IncentiveAdjust,
        "Corrects a statement of a locked run: an adjustment of the amount waits for the next run, and the statement stays as it is. \
         LOCKED for one's own; INVALID_TRANSITION before the run is locked. Never by an API key. Emits \
         `incentive_adjustment.created`.",
        vec![
            amount(),
            graph::told("note", Kind::Text, "Why; the payee reads it.").max(2000).required(),
            of_line(),
        ],
        settle::adjust,
    )
}
