//! Disputes over answers in the schema. They are seen by who sees the offer; a verdict needs a manager of each side, or
//! operations to break a tie.

use std::sync::LazyLock;

use entity::{
    dispute::{Column as C, Entity, Kind, Model, Status, Verdict},
    handoff,
    id::DisputeId,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::settle;
use crate::{
    access::user,
    actor::{Actor, Permission},
    alignment::agreement::graphql,
    error::FaultCode,
    graph::{self, Field, Meta, Record, Refusals, Rules},
    store::{Guarded, visible},
};

impl Guarded for Entity {
    type Id = DisputeId;
    const NAME: &'static str = "dispute";
    const READ: Permission = Permission::LeadRead;

    /// Whoever reads the offer reads the quarrel over it; verdicts reach as far as their permission.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        if actor.reaches_all(permission) {
            return Condition::all();
        }
        let theirs = visible::<handoff::Entity>(actor, permission);
        Condition::any()
            .add(Expr::col((Self::NAME, C::HandoffId)).in_subquery(theirs))
            .add(Expr::col((Self::NAME, "created_by")).eq(actor.user))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&[], &[FaultCode::CriteriaUnmet])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        match after.status {
            _ if before.status == after.status => None,
            Status::UnderReview => Some("dispute.under_review"),
            Status::Upheld => Some("dispute.upheld"),
            Status::Denied => Some("dispute.denied"),
            Status::Withdrawn => Some("dispute.withdrawn"),
            Status::Open => None,
        }
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::LeadRead, create: None, update: None, delete: None, assign: None };
        let about = "A dispute over an answer to an offer. It ends when a manager of each side signs the same verdict, or \
                     operations breaks the tie.";
        stepped(Meta::new::<Entity>("Dispute", "disputes", about, rules, fields()))
    });
    &META
}

fn fields() -> Vec<Field> {
    vec![
        graph::word::<Kind, _>(C::Kind, "What it is about.").filter().group(),
        graph::one(C::HandoffId, super::meta, "The offer.").filter(),
        graph::text(C::Claim, "What whoever opened it says."),
        graph::json(C::Evidence, "Ids of records that speak for it: a list."),
        graph::word::<Status, _>(C::Status, "Where it stands.").filter().order().group(),
        graph::word::<Verdict, _>(C::MarketingVerdict, "What marketing's manager found; null until they signed."),
        graph::one(C::MarketingBy, user::meta, "Who signed for marketing."),
        graph::word::<Verdict, _>(C::SalesVerdict, "What sales' manager found; null until they signed."),
        graph::one(C::SalesBy, user::meta, "Who signed for sales."),
        graph::word::<Verdict, _>(C::Verdict, "What was settled; null until then.").filter().group(),
        graph::text(C::Resolution, "The same in somebody's words."),
        graph::one(C::ResolvedBy, user::meta, "Who signed last, or broke the tie."),
        graph::time(C::ResolvedAt, "When.").filter().order().group(),
        graph::one(
            C::AgreementVersionId,
            graphql::version,
            "After DEFINITION_GAP the draft of a better definition, to which the offer is a counter-example; null where \
             no QUALIFICATION agreement MQL was in force.",
        )
        .filter()
        .group(),
    ]
}

fn told() -> Vec<Field> {
    vec![
        graph::word::<Verdict, _>(C::Verdict, "What you find.").required(),
        graph::text(C::Resolution, "The same in your words.").max(2000),
    ]
}

fn stepped(meta: Meta) -> Meta {
    meta.step::<Entity>(
        "Review",
        Permission::DisputeCreate,
        "Takes a dispute up: OPEN becomes UNDER_REVIEW.",
        vec![],
        settle::review,
    )
    .step::<Entity>(
        "Withdraw",
        Permission::DisputeCreate,
        "Takes back a dispute that nobody has taken up. Only for who opened it, else FORBIDDEN.",
        vec![],
        settle::withdraw,
    )
    .step::<Entity>(
        "SignMarketing",
        Permission::DisputeSignMarketing,
        "Signs a verdict for marketing. The dispute ends when sales' manager, another person, has signed the same. \
         DEFINITION_GAP then drafts the next version of the QUALIFICATION agreement MQL, saying what is in force, or adds \
         a counter-example to the open draft of an earlier gap. Never by an API key.",
        told(),
        settle::marketing,
    )
    .step::<Entity>(
        "SignSales",
        Permission::DisputeSignSales,
        "Signs a verdict for sales. The dispute ends when marketing's manager, another person, has signed the same; for \
         DEFINITION_GAP see `disputeSignMarketing`. Never by an API key.",
        told(),
        settle::sales,
    )
    .step::<Entity>(
        "BreakTie",
        Permission::DisputeBreakTie,
        "Ends a dispute on which both sides signed different verdicts, else CRITERIA_UNMET; for DEFINITION_GAP see \
         `disputeSignMarketing`. Never by an API key.",
        told(),
        settle::break_tie,
    )
}
