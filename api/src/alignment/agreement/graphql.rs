//! Agreements in the schema: the records, the union of all bodies, and what is beside create, update and steps.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::sync::LazyLock;

use async_graphql::{Context, ID, InputObject, Object, Result as Answer, SimpleObject};
use entity::{
    agreement::{self, Kind as AgreementKind},
    agreement_approval::{self as approvals, Decision, Side},
    agreement_version::{self as versions, Status},
    id::RowId,
    user::Side as Team,
};

use super::{
    body::{in_force, part},
    charter::CharterBody,
    create,
    diff::{self, Difference},
    glossary::GlossaryBody,
    owner::{self, Owned},
    sign::{self, Said},
    stage_ownership::{OwnedStage, StageOwnershipBody},
    steps,
};
use crate::{
    access::user,
    actor::Permission,
    alignment::{qualification::QualificationBody, routing::RoutingBody, scoring::ScoringBody},
    error::Result,
    graph::{
        self, Meta, Node, Patch, Payload, Rules,
        args::arg,
        derived::Term,
        form::{Filled, Form, Formed},
        record::link,
        root::access,
        scalar::DateTime,
        value,
    },
    store::{Access, Scoped},
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
                part::<CharterBody>("What both sides are here for: kind CHARTER."),
                part::<RoutingBody>("To whom leads go: kind ROUTING, key LEADS."),
                part::<QualificationBody>(
                    "What makes a lead qualified for a stage: kind QUALIFICATION, keys MQL, SAL and SQL.",
                ),
                part::<ScoringBody>("How leads are scored: kind SCORING, key LEAD."),
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
        graph::many("approvals", approvals::Column::AgreementVersionId, approval, "Who turned which key, or refused to.")
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

/// A new agreement with its first draft.
#[derive(InputObject)]
pub struct AgreementCreateInput {
    /// Its name for programs, unique among the agreements of its kind, e.g. "MQL"; for a GLOSSARY the word itself. At
    /// most 100 characters.
    key: String,
    /// The name people see. At most 200 characters.
    title: String,
    /// What else there is to say, in plain text. At most 10000 characters.
    description: Option<String>,
    /// What the draft says; it also decides the agreement's kind.
    body: Filled<AnyBody>,
    /// From when the draft is to be in force; null means as soon as every key is turned.
    effective_from: Option<DateTime>,
    /// What the draft is for, in plain text. At most 4000 characters.
    summary: Option<String>,
}

/// A further draft of an agreement.
#[derive(InputObject)]
pub struct AgreementVersionCreateInput {
    /// Which agreement: an id that begins with `agreement_`.
    agreement_id: ID,
    /// What it says; of the agreement's kind.
    body: Filled<AnyBody>,
    /// From when it is to be in force; null means as soon as every key is turned.
    effective_from: Option<DateTime>,
    /// What is different and why, in plain text. At most 4000 characters.
    summary: Option<String>,
}

/// A key to be turned.
#[derive(InputObject)]
pub struct AgreementVersionApproveInput {
    /// Which version: an id that begins with `agreement_version_`.
    id: ID,
    /// Refuse with CONFLICT unless the version still has this `version`.
    expected_version: Option<i32>,
    /// Refuse with CONFLICT unless the version still has this `hash`: that of the text the caller has read.
    expected_hash: Option<String>,
    /// Whose key.
    side: Term<Side>,
    /// Why, in plain text. At most 2000 characters.
    comment: Option<String>,
}

/// A refusal.
#[derive(InputObject)]
pub struct AgreementVersionRejectInput {
    /// Which version: an id that begins with `agreement_version_`.
    id: ID,
    /// Refuse with CONFLICT unless the version still has this `version`.
    expected_version: Option<i32>,
    /// Refuse with CONFLICT unless the version still has this `hash`: that of the text the caller has read.
    expected_hash: Option<String>,
    /// For whose key.
    side: Term<Side>,
    /// Why, in plain text. At most 2000 characters.
    comment: String,
}

/// A place where the texts of two versions differ.
#[derive(SimpleObject)]
pub struct AgreementDifference {
    /// Where in the body: `stages[MQL].slaHours`; items without a name are counted from 0, `examples[2]`.
    path: String,
    /// What stood there; null for nothing.
    before: Option<serde_json::Value>,
    /// What stands there; null for nothing.
    after: Option<serde_json::Value>,
}

/// The side that answers for a lead or an opportunity where it stands.
#[derive(SimpleObject)]
pub struct StageOwner {
    /// The side.
    side: Term<Team>,
    /// The stage, with what must be so before the other side takes over.
    stage: OwnedStage,
    /// The version of the agreement that says so.
    agreement_version: Node<versions::Entity>,
}

pub struct AgreementReads;

#[Object]
impl AgreementReads {
    /// The version of an agreement that is in force at an instant; null when there is none. A ratified version counts
    /// from its `effectiveFrom` on. Requires AGREEMENT_READ.
    async fn agreement_in_force(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement's kind.")] kind: Term<AgreementKind>,
        #[graphql(desc = "The agreement's key.")] key: String,
        #[graphql(desc = "The instant; now unless given.")] at: Option<DateTime>,
    ) -> Answer<Node<versions::Entity>> {
        let access = access(ctx)?;
        let at = at.map_or(access.now(), |at| at.0);
        let found = in_force(Scoped::read(access), kind.0, &key, at).one().await?;
        Ok(found.map(|row| row.id.uuid()).into())
    }

    /// What differs between the bodies of two versions, in the order of the text; null when the caller does not see
    /// both. Requires AGREEMENT_READ.
    async fn agreement_version_diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier version: an id that begins with `agreement_version_`.")] from_id: ID,
        #[graphql(desc = "The later version: an id that begins with `agreement_version_`.")] to_id: ID,
    ) -> Answer<Option<Vec<AgreementDifference>>> {
        let found = diff::of(access(ctx)?, &from_id, &to_id).await?;
        let one = |d: Difference| AgreementDifference { path: d.path, before: d.before, after: d.after };
        Ok(found.map(|all| all.into_iter().map(one).collect()))
    }

    /// The side that answers for a lead or an opportunity where it stands, by the STAGE_OWNERSHIP agreement `PIPELINE`;
    /// null without such a record or agreement. Requires LEAD_READ or OPPORTUNITY_READ.
    async fn stage_owner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lead or opportunity.")] id: ID,
    ) -> Answer<Option<StageOwner>> {
        let one = |owned: Owned| StageOwner {
            side: owned.stage.side,
            stage: owned.stage,
            agreement_version: Some(owned.version.uuid()).into(),
        };
        Ok(owner::of(access(ctx)?, &id).await?.map(one))
    }
}

pub struct AgreementWrites;

#[Object]
impl AgreementWrites {
    /// Drafts a new agreement with its first version. User errors: VALIDATION, DUPLICATE when its kind has one of this
    /// key. Takes an idempotency key; writes events. Requires AGREEMENT_CREATE.
    async fn agreement_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: AgreementCreateInput,
    ) -> Answer<Payload<agreement::Entity>> {
        let _ = input; // its shape is checked; the records' own fields read it
        let given = arg(ctx, "input")?.unwrap_or_default();
        Ok(create::draft(access(ctx)?, &given).await.map(|(id, _)| id.uuid()).into())
    }

    /// Drafts a further version of an agreement. User errors: VALIDATION, NOT_FOUND. Takes an idempotency key; writes
    /// an event. Requires AGREEMENT_CREATE.
    async fn agreement_version_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: AgreementVersionCreateInput,
    ) -> Answer<Payload<versions::Entity>> {
        let _ = input; // its shape is checked; the record's own fields read it
        let given = arg(ctx, "input")?.unwrap_or_default();
        Ok(create::next(access(ctx)?, Patch::read(version(), &given, true)).await.map(RowId::uuid).into())
    }

    /// Turns a side's key on a proposed version. With the last one it is ratified: by marketing and sales, for
    /// incentive plans by finance too, each turned by another person unless the organisation's `soloMode` lets its only
    /// administrator do it alone. API keys never turn one. User errors: NOT_FOUND, INVALID_TRANSITION, CONFLICT,
    /// DUPLICATE (turned already), LOCKED (the caller has turned another side's), CRITERIA_UNMET (`effectiveFrom` has
    /// passed), VALIDATION. Takes an idempotency key; writes events. Requires AGREEMENT_APPROVE_MARKETING,
    /// AGREEMENT_APPROVE_SALES or AGREEMENT_APPROVE_FINANCE, as the side says.
    async fn agreement_version_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: AgreementVersionApproveInput,
    ) -> Answer<Payload<versions::Entity>> {
        let AgreementVersionApproveInput { id, expected_version, expected_hash, side, comment } = input;
        let told = Told { id, expected: expected_version, hash: expected_hash, side: side.0, comment };
        Ok(said(access(ctx)?, told, Decision::Approved).await.into())
    }

    /// Refuses a proposed version for one side, which ends it. API keys never do. User errors: NOT_FOUND,
    /// INVALID_TRANSITION, CONFLICT, VALIDATION. Takes an idempotency key; writes events. Requires
    /// AGREEMENT_APPROVE_MARKETING, AGREEMENT_APPROVE_SALES or AGREEMENT_APPROVE_FINANCE, as the side says.
    async fn agreement_version_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: AgreementVersionRejectInput,
    ) -> Answer<Payload<versions::Entity>> {
        let AgreementVersionRejectInput { id, expected_version, expected_hash, side, comment } = input;
        let told = Told { id, expected: expected_version, hash: expected_hash, side: side.0, comment: Some(comment) };
        Ok(said(access(ctx)?, told, Decision::Rejected).await.into())
    }
}

struct Told {
    id: ID,
    expected: Option<i32>,
    hash: Option<String>,
    side: Side,
    comment: Option<String>,
}

async fn said(access: &Access, told: Told, decision: Decision) -> Result<uuid::Uuid> {
    let Told { id, expected, hash, side, comment } = told;
    let comment = value::text("comment", comment, 2000, decision == Decision::Rejected)?;
    let said = Said { version: value::typed("id", &id)?, side, decision, comment, hash, expected };
    Ok(sign::decide(access, said).await?.uuid())
}
