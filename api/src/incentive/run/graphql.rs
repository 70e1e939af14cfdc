//! Runs in the schema: fields and steps.

use std::sync::LazyLock;

use entity::{
    incentive_adjustment::Column as J,
    incentive_run::{Column as C, Entity, RunStatus},
    incentive_statement::Column as S,
};

use super::{approve, lock, pay_out, steps};
use crate::{
    access::user,
    actor::Permission,
    alignment::agreement::graphql::version,
    graph::{self, Field, Meta, Rules, record::link},
    incentive::{adjustment, statement::graphql::statement},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::IncentiveRunRead,
            create: Some(Permission::IncentiveRun),
            update: None,
            delete: None,
            assign: None,
        };
        let about = "What a signed incentive plan comes to for its period: DRAFT, CALCULATED, IN_REVIEW, APPROVED, LOCKED, PAID, or \
                     REVERSED. It says nothing of what anybody is paid; `statements` are seen by who may see each. A plan's \
                     version has one run that is not reversed, else DUPLICATE.";
        stepped(Meta::new::<Entity>("IncentiveRun", "incentiveRuns", about, rules, fields()))
    });
    &META
}

fn fields() -> Vec<Field> {
    vec![
        link(C::AgreementVersionId, version, "The version of the plan: signed, else AGREEMENT_REQUIRED.").once(),
        graph::date(C::PeriodStart, "The first day: the plan's.").filter().order(),
        graph::date(C::PeriodEnd, "The first day after its period.").filter().order(),
        graph::currency(C::Currency, "The currency of what it pays."),
        graph::word::<RunStatus, _>(C::Status, "Where it stands.").filter().order().group(),
        graph::integer(C::Revision, "The number of its last complete calculation; 0 before the first."),
        graph::text(
            C::InputsHash,
            "SHA-256 of everything that calculation rests on: the plan, everybody's terms, and the records that count. The same \
             inputs give the same. `incentiveRunApprove` asks for it.",
        ),
        graph::integer(C::Calculating, "The number of the calculation that goes on; null while none does."),
        graph::integer(C::LookedAt, "How many records the last calculation has looked at; see `incentiveRunProgress`."),
        graph::text(C::Failure, "Why the last calculation came to nothing; null when it did not."),
        graph::time(C::CalculatedAt, "When the last complete calculation was made."),
        graph::time(C::SubmittedAt, "When it was put up for approval."),
        graph::one(C::SubmittedBy, user::meta, "Who did."),
        graph::time(C::ApprovedAt, "When it was approved."),
        graph::one(C::ApprovedBy, user::meta, "Who did: never who put it up, nor who is paid by it."),
        graph::time(C::LockedAt, "When it was locked."),
        graph::one(C::LockedBy, user::meta, "Who did."),
        graph::time(C::PaidAt, "When it was paid."),
        graph::one(C::PaidBy, user::meta, "Who said so."),
        graph::time(C::ReversedAt, "When it was taken back, or dropped."),
        graph::one(C::ReversedBy, user::meta, "Who did."),
        graph::text(C::ReversalReason, "Why.").max(2000),
        graph::many(
            "statements",
            S::RunId,
            statement,
            "What it comes to for each, as far as the caller may see it; `current` ones are of its last calculation.",
        )
        .filter(),
        graph::many("adjustments", J::RunId, adjustment::meta, "Corrections of it, as far as the caller may see them."),
    ]
}

fn stepped(meta: Meta) -> Meta {
    meta.step::<Entity>(
        "Calculate",
        Permission::IncentiveRun,
        "Calculates a run that is not locked yet, in the background: see `calculating`, and `incentiveRunProgress`. The last \
         complete calculation stays until this one is complete, and is kept. What was up for approval or approved is so no more. A second \
         call begins anew. Emits `incentive_run.calculated`, or `incentive_run.failed` with `failure`.",
        vec![],
        steps::calculate,
    )
    .step::<Entity>(
        "Submit",
        Permission::IncentiveRun,
        "Puts a calculated run up for approval. CRITERIA_UNMET while it is being calculated, when its last calculation \
         came to nothing or was made before the period and its goals were over; LOCKED for whom it pays. Never by an API key. Emits \
         `incentive_run.submitted`.",
        vec![],
        steps::submit,
    )
    .step::<Entity>(
        "Approve",
        Permission::IncentiveApprove,
        "Approves a run as it was seen. By a person who signed in, neither who put it up nor somebody it pays, else LOCKED. \
         CONFLICT when it was calculated from other inputs than `inputsHash`. Emits `incentive_run.approved`.",
        vec![graph::text(C::InputsHash, "The run's `inputsHash` as it was seen.").required()],
        approve::approve,
    )
    .step::<Entity>(
        "Lock",
        Permission::IncentiveLock,
        "Locks an approved run for good: corrections are adjustments in a later run. CONFLICT when another run has taken in a \
         correction that this one counts, or what people owe has changed; CRITERIA_UNMET while an earlier run of the plan is \
         open, and where this one pays or keeps recoverable draws and a later run, which knows nothing of that, is locked. Never by an API key. Emits `incentive_run.locked`.",
        vec![],
        lock::lock,
    )
    .step::<Entity>(
        "MarkPaid",
        Permission::IncentiveLock,
        "Says that a locked run was paid. Statements that a dispute holds stay unpaid, and the run LOCKED, until it is said again. \
         CRITERIA_UNMET when all that is unpaid is held. Emits `incentive_run.paid`.",
        vec![],
        pay_out::mark_paid,
    )
    .step::<Entity>(
        "Reverse",
        Permission::IncentiveLock,
        "Takes a locked or paid run back: adjustments in the plan's next run take back what it came to. One that is not locked yet \
         is dropped, and its days are free for another version's run. CRITERIA_UNMET where a locked one \
         paid or kept recoverable draws and a later run of the plan, which goes on from that, is locked: take that back first. Emits \
         `incentive_run.reversed`.",
        vec![graph::text(C::ReversalReason, "Why, in plain text.").named("reason").max(2000).required()],
        pay_out::reverse,
    )
}
