//! The past of opportunities in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, Object, Result as Answer};
use entity::opportunity_state::{Column as C, Entity};

use super::{diff::Diffs, standing};
use crate::{
    error::Error,
    graph::{
        self, Field,
        args::{FilterOf, ListArgs, OrderOf},
        listed::Listed,
        root::access,
        scalar::DateTime,
    },
    marketing::campaign,
};

/// The campaign, which this theme knows only in the schema.
pub fn source_campaign() -> Field {
    graph::one(C::SourceCampaignId, campaign::meta, "The campaign it began with.").filter()
}

#[derive(Default)]
pub struct OpportunityHistoryReads;

#[Object]
impl OpportunityHistoryReads {
    /// Opportunities as they stood at an instant, of those that the caller may see now, or would if they had not been deleted
    /// since; what happened at the instant itself had not happened yet. Requires OPPORTUNITY_READ; without it the list is
    /// empty.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field of the schema")]
    async fn opportunities_as_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant; at most now.")] at: DateTime,
        #[graphql(desc = "Only those that stood like this.")] filter: Option<FilterOf<Entity>>,
        #[graphql(desc = "Their order: up to 4 fields; the id decides the rest.")] order_by: Option<
            Vec<OrderOf<Entity>>,
        >,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Listed<Entity>> {
        let _ = (filter, order_by, first, after, last, before);
        let access = access(ctx)?;
        Ok(Listed::of(ctx, standing(Some(at.0).filter(|at| *at < access.now()))))
    }

    /// What changed of opportunities between two instants: how each stood at the first, how at the second, and in which
    /// fields that differs; of those that the caller may see now, or would if they had not been deleted. Error: BAD_USER_INPUT when `to` is not after `from`.
    /// Requires OPPORTUNITY_READ; without it the page is empty.
    async fn opportunity_diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first instant.")] from: DateTime,
        #[graphql(desc = "The second instant; now unless given, at most now.")] to: Option<DateTime>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Answer<Diffs> {
        let _ = (first, after);
        let access = access(ctx)?;
        let to = to.map_or(access.now(), |to| std::cmp::Ord::min(to.0, access.now()));
        if to <= from.0 {
            return Err(Error::BadInput("to: this must be after `from`".into()).into());
        }
        Ok(Diffs { from: from.0, to, args: ListArgs::asked(ctx)? })
    }
}
