//! Agreements in the schema: the records, and the union of all bodies.

use std::sync::LazyLock;

use entity::{
    agreement::{self, Kind as AgreementKind},
    agreement_approval::{self as approvals, Decision, Side},
    agreement_version::{self as versions, Status},
    dispute as disputes,
};

use super::{
    body::{in_force_of_row, part},
    charter::CharterBody,
    glossary::GlossaryBody,
    stage_ownership::StageOwnershipBody,
    steps,
};
use crate::{
    access::user,
    actor::Permission,
    alignment::{
        attribution::AttributionBody, handoff::dispute, qualification::QualificationBody, routing::RoutingBody,
        scoring::ScoringBody, sla::SlaBody,
    },
    graph::{
        self, Meta, Rules,
        form::{Form, Formed},
        record::link,
    },
    incentive::IncentivePlanBody,
    insight::{alignment_index::AlignmentIndexBody, goal::GoalBody},
};

/// Every kind of body: one line for each.
pub fn body() -> &'static Form {
    static FORM: LazyLock<Form> = LazyLock::new(|| {
        let about = "What a version of an agreement says; its type is that of the agreement's kind.";
        Form::union(
            "AgreementBody",
            about,
            vec![
                part::<GlossaryBody>("What a word means: kind GLOSSARY."),
                part::<StageOwnershipBody>("Which side answers for which stage: kind STAGE_OWNERSHIP."),
                part::<SlaBody>("How soon leads are answered: kind SLA."),
                part::<CharterBody>("What both sides are here for: kind CHARTER."),
                part::<QualificationBody>(
                    "What makes a lead qualified for a stage: kind QUALIFICATION, keys MQL, SAL and SQL.",
                ),
                part::<RoutingBody>("To whom leads go: kind ROUTING, key LEADS."),
                part::<ScoringBody>("How leads are scored: kind SCORING, key LEAD."),
                part::<GoalBody>("A number that both sides answer for: kind GOAL."),
                part::<IncentivePlanBody>("What is paid for what: kind INCENTIVE_PLAN. Needs the FINANCE key too."),
                part::<AlignmentIndexBody>(
                    "How the alignment of both sides is weighed: kind ALIGNMENT_INDEX, key INDEX.",
                ),
                part::<AttributionBody>("Which touches get credit for a sale: kind ATTRIBUTION, any keys."),
            ],
        )
    });
    &FORM
}

/// The union of all bodies.
pub struct AnyBody;

impl Formed for AnyBody {
    fn form() -> &'static Form {
        body()
    }
}

pub fn records() -> Vec<&'static Meta> {
    vec![meta(), version(), approval()]
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        use agreement::{Column as C, Entity};
        let rules = Rules {
            read: Permission::AgreementRead,
            create: None,
            update: Some(Permission::AgreementUpdate),
            delete: None,
            assign: None,
        };
        let about = "Something that marketing and sales agree on. What it says is in its versions, of which at most one is in force.";
        let key = "Its name for programs, unique among the agreements of its kind, e.g. \"MQL\"; for a GLOSSARY the word itself.";
        Meta::new::<Entity>(
            "Agreement",
            "agreements",
            about,
            rules,
            vec![
                graph::word::<AgreementKind, _>(C::Kind, "What it is about: the kind of its first body.")
                    .filter()
                    .order()
                    .group(),
                graph::text(C::Key, key).max(100).once().required().filter().order().search(),
                graph::text(C::Title, "The name people see.").max(200).write().required().filter().order().search(),
                graph::text(C::Description, "What else there is to say, in plain text.").max(10_000).write(),
                graph::many(
                    "versions",
                    versions::Column::AgreementId,
                    version,
                    "What was drafted, signed and in force.",
                )
                .filter(),
                graph::found(
                    "in_force",
                    in_force_of_row,
                    version,
                    "The version in force now: from its `effectiveFrom` on, whether or not it is marked ACTIVE yet.",
                ),
            ],
        )
    });
    &META
}

pub fn version() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::AgreementRead,
            create: None,
            update: Some(Permission::AgreementUpdate),
            delete: None,
            assign: None,
        };
        let about = "A version of an agreement. Changing one that is proposed makes it a draft again and clears its \
                     keys; once it is ratified nothing changes it.";
        let mut fields = text_of();
        fields.extend(standing());
        Meta::new::<versions::Entity>("AgreementVersion", "agreementVersions", about, rules, fields)
            .step::<versions::Entity>(
                "Propose",
                Permission::AgreementUpdate,
                "Puts a draft up for signature. Refused with CRITERIA_UNMET when its `effectiveFrom` has passed. Emits `agreement.proposed`.",
                vec![],
                steps::propose,
            )
            .step::<versions::Entity>(
                "Withdraw",
                Permission::AgreementUpdate,
                "Takes a proposed version back, for good. Emits `agreement.withdrawn`.",
                vec![],
                steps::withdraw,
            )
    });
    &META
}

fn text_of() -> Vec<graph::Field> {
    use versions::Column as C;
    let from = "From when it is in force; null until then means as soon as every key is turned. Not in the past when it \
                is proposed and signed.";
    vec![
        link(C::AgreementId, meta, "The agreement.").once(),
        graph::integer(C::Number, "Which version of the agreement it is, from 1.").filter().order(),
        graph::formed(C::Body, body(), "What it says.").write().required(),
        graph::text(C::Hash, "SHA-256 of the body's canonical JSON (members ordered by name, no spaces), in hexadecimal: what keys are turned on.").filter(),
        graph::text(C::Summary, "What is different and why, in plain text.").max(4000).write(),
        graph::time(C::EffectiveFrom, from).write().filter().order(),
    ]
}

fn standing() -> Vec<graph::Field> {
    use versions::Column as C;
    vec![
        graph::word::<Status, _>(C::Status, "Where it stands. RATIFIED becomes ACTIVE within a second of `effectiveFrom`; it counts from that instant on.").filter().order().group(),
        graph::time(C::ProposedAt, "When it was put up for signature last.").filter().order(),
        graph::one(C::ProposedBy, user::meta, "Who did that."),
        graph::time(C::RatifiedAt, "When the last key was turned.").filter().order(),
        graph::time(C::ActivatedAt, "When it was marked ACTIVE."),
        graph::time(C::SupersededAt, "When another version took its place."),
        graph::boolean(C::Solo, "One person turned both keys, which the organisation's `soloMode` allowed.").filter().group(),
        graph::boolean(C::TieBroken, "Somebody with the TIE_BREAK key decided in the place of one side, which the organisation's `agreementTieBreak` allowed.").filter().group(),
        graph::many("approvals", approvals::Column::AgreementVersionId, approval, "Who turned which key, or refused to.")
            .filter(),
        graph::many(
            "counterExamples",
            disputes::Column::AgreementVersionId,
            dispute::meta,
            "Disputes that ended with DEFINITION_GAP: their offers are what this version should judge otherwise.",
        )
        .filter(),
    ]
}

pub fn approval() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        use approvals::{Column as C, Entity};
        let rules = Rules { read: Permission::AgreementRead, create: None, update: None, delete: None, assign: None };
        let about =
            "A key turned on a version of an agreement, or a refusal to turn it. Never changed but by `clearedAt`.";
        Meta::new::<Entity>(
            "AgreementApproval",
            "agreementApprovals",
            about,
            rules,
            vec![
                graph::one(C::AgreementVersionId, version, "The version.").filter().group(),
                graph::word::<Side, _>(C::Side, "For which side.").filter().order().group(),
                graph::one(C::UserId, user::meta, "Who decided.").filter().group(),
                graph::word::<Decision, _>(C::Decision, "What they decided.").filter().order().group(),
                graph::text(C::Comment, "Why, in their words."),
                graph::text(C::Hash, "The hash of the body they decided on."),
                graph::time(C::ClearedAt, "When a change of the version made it void; null while it counts.").filter(),
            ],
        )
    });
    &META
}
