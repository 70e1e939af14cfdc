//! Drafting and signing in the schema. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, InputObject, Object, Result as Answer};
use entity::{
    agreement,
    agreement_approval::{Decision, Side},
    agreement_version as versions,
    id::RowId,
};

use super::{
    create, graphql,
    graphql::AnyBody,
    sign::{self, Said},
};
use crate::{
    error::Result,
    graph::{Patch, Payload, args::arg, derived::Term, form::Filled, root::access, scalar::DateTime, value},
    store::Access,
};

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
    /// Why, in plain text. At most 2000 characters; needed for TIE_BREAK.
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

#[derive(Default)]
pub struct AgreementWrites;

#[Object]
impl AgreementWrites {
    /// Drafts a new agreement with its first version. User errors: VALIDATION, NOT_FOUND for a record that its text names,
    /// DUPLICATE when its kind has one of this key. Takes an idempotency key; writes events. Requires AGREEMENT_CREATE.
    async fn agreement_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its key, its title and the first version's body.")] input: AgreementCreateInput,
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
        #[graphql(desc = "Which agreement, and the next version's body.")] input: AgreementVersionCreateInput,
    ) -> Answer<Payload<versions::Entity>> {
        let _ = input; // its shape is checked; the record's own fields read it
        let given = arg(ctx, "input")?.unwrap_or_default();
        Ok(create::next(access(ctx)?, Patch::read(graphql::version(), &given, true)).await.map(RowId::uuid).into())
    }

    /// Turns a side's key on a proposed version. With the last one it is ratified: by marketing and sales, for
    /// incentive plans by finance too, each turned by another person unless the organisation's `soloMode` lets its only
    /// administrator do it alone. Where only one of marketing and sales has turned its key, TIE_BREAK stands in for the
    /// other's, with a comment, if the organisation's `agreementTieBreak` allows it. API keys never turn one. User
    /// errors: NOT_FOUND, INVALID_TRANSITION, CONFLICT, DUPLICATE (turned already), LOCKED (the caller has turned another
    /// side's, or stands on the other `side`), CRITERIA_UNMET (`effectiveFrom`
    /// has passed or is not after that of the version in force, no tie, or none may be broken), VALIDATION. Takes an
    /// idempotency key; writes events. Requires AGREEMENT_APPROVE_MARKETING, AGREEMENT_APPROVE_SALES,
    /// AGREEMENT_APPROVE_FINANCE or AGREEMENT_BREAK_TIE, as the side says.
    async fn agreement_version_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and for which side.")] input: AgreementVersionApproveInput,
    ) -> Answer<Payload<versions::Entity>> {
        let AgreementVersionApproveInput { id, expected_version, expected_hash, side, comment } = input;
        let told = Told { id, expected: expected_version, hash: expected_hash, side: side.0, comment };
        Ok(said(access(ctx)?, told, Decision::Approved).await.into())
    }

    /// Refuses a proposed version for one side, which ends it. API keys never do. User errors: NOT_FOUND,
    /// INVALID_TRANSITION, CONFLICT, VALIDATION. Takes an idempotency key; writes events.
    /// Requires AGREEMENT_APPROVE_MARKETING, AGREEMENT_APPROVE_SALES or AGREEMENT_APPROVE_FINANCE, as the side says.
    async fn agreement_version_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and why.")] input: AgreementVersionRejectInput,
    ) -> Answer<Payload<versions::Entity>> {
        let AgreementVersionRejectInput { id, expected_version, expected_hash, side, comment } = input;
        let comment = Some(comment);
        let told = Told { id, expected: expected_version, hash: expected_hash, side: side.0, comment };
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
    let reasoned = decision == Decision::Rejected || side == Side::TieBreak;
    let comment = value::text("comment", comment, 2000, reasoned)?;
    let said = Said { version: value::typed("id", &id)?, side, decision, comment, hash, expected };
    Ok(sign::decide(access, said).await?.uuid())
}
