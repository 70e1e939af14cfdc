//! Questions about agreements beside their records: what is in force, what differs, who answers for a stage.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, Object, Result as Answer, SimpleObject};
use entity::{agreement::Kind, agreement_version as versions, id::RowId, user::Side};

use super::{
    body::in_force,
    diff::{self, Difference},
    owner::{self, Owned},
    stage_ownership::OwnedStage,
};
use crate::{
    graph::{Node, derived::Term, root::access, scalar::DateTime},
    store::Scoped,
};

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
    side: Term<Side>,
    /// The stage, with what must be so before the other side takes over.
    stage: OwnedStage,
    /// The version of the agreement that says so.
    agreement_version: Node<versions::Entity>,
}

#[derive(Default)]
pub struct AgreementReads;

#[Object]
impl AgreementReads {
    /// The version of an agreement that is in force at an instant; null when there is none. A ratified version counts
    /// from its `effectiveFrom` on. Requires AGREEMENT_READ.
    async fn agreement_in_force(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement's kind.")] kind: Term<Kind>,
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

    /// The side that answers for a lead or an opportunity where it stands, by the STAGE_OWNERSHIP agreement `PIPELINE`
    /// in force; null when the caller sees no such record or nothing is agreed for its stage. Requires LEAD_READ or
    /// OPPORTUNITY_READ.
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
