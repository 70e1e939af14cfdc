//! Disputes over answers and over credit in the schema. They are seen by who sees the offer or the sale; a verdict needs
//! a manager of each side, or operations to break a tie.

use std::sync::LazyLock;

use entity::{
    dispute::{AttributionClaim, Column as C, Entity, Kind, Model, Status, Verdict},
    handoff,
    id::DisputeId,
    opportunity,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::settle;
use crate::{
    access::user,
    actor::{Actor, Permission},
    alignment::{agreement::graphql, attribution::correct::AttributionCorrection},
    crm::opportunity as opportunities,
    error::FaultCode,
    graph::{self, Field, Item, Meta, Record, Refusals, Rules, form::Form},
    marketing::touchpoint,
    store::{Guarded, visible},
};

impl Guarded for Entity {
    type Id = DisputeId;
    const NAME: &'static str = "dispute";
    const READ: Permission = Permission::LeadRead;

    /// Whoever reads the offer or the sale reads the quarrel over it; verdicts reach as far as their permission.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        let of_deals = if permission == Self::READ { Permission::OpportunityRead } else { permission };
        let all = actor.reaches_all(permission);
        if all && actor.reaches_all(of_deals) {
            return Condition::all();
        }
        let column = |c: C| Expr::col((Self::NAME, c));
        let offers = if all {
            column(C::HandoffId).is_not_null()
        } else {
            column(C::HandoffId).in_subquery(visible::<handoff::Entity>(actor, permission))
        };
        Condition::any()
            .add(offers)
            .add(column(C::OpportunityId).in_subquery(visible::<opportunity::Entity>(actor, of_deals)))
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
        let about = "A dispute over an answer to an offer, or over credit for a sale. It ends when a manager of each side signs \
                     the same verdict, or operations breaks the tie. Seen with the offer or the sale.";
        stepped(Meta::new::<Entity>("Dispute", "disputes", about, rules, fields()))
    });
    &META
}

fn fields() -> Vec<Field> {
    vec![
        graph::word::<Kind, _>(C::Kind, "What it is about.").filter().group(),
        graph::one(C::HandoffId, super::meta, "The offer, of disputes over an answer.").filter(),
        graph::one(C::OpportunityId, opportunities::meta, "The sale, of disputes over credit.").filter(),
        graph::one(
            C::TouchpointId,
            touchpoint::meta,
            "The touch whose credit it is about; null of one that is missing.",
        )
        .filter(),
        graph::word::<AttributionClaim, _>(C::AttributionClaim, "What is wrong with the touch.").filter().group(),
        graph::formed(C::Correction, correction(), "How the touch should have been recorded."),
        graph::text(C::Claim, "What whoever opened it says."),
        graph::list(C::Evidence, Item::Id, "Ids of records that speak for it."),
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

fn correction() -> &'static Form {
    static FORM: LazyLock<Form> =
        LazyLock::new(|| Form::one::<AttributionCorrection>("AttributionCorrection", |_| vec![]));
    &FORM
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
