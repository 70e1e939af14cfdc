//! Goals in the schema: the records, how far they are, and the stream of what is kept of them. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::sync::LazyLock;

use async_graphql::{Context, ID, SimpleObject, Subscription};
use entity::{
    goal::{Column as C, Entity, GoalStatus},
    goal_snapshot::{self as snapshot, Column as S, PaceStatus},
    id::RowId,
    initiative::Column as I,
};
use futures_util::{Stream, StreamExt};
use sea_orm::{
    ExprTrait, Order,
    sea_query::{Expr, Query, SimpleExpr},
};

use crate::{
    actor::Permission,
    alignment::agreement::graphql::{meta as agreement, version},
    error::{Error, Result},
    graph::{self, Meta, Node, Rules, scalar::DateTime, value},
    insight::{initiative, metric::key::Key},
    integration::changes,
    store::{Access, Guarded, Scoped},
};

pub fn records() -> Vec<&'static Meta> {
    vec![meta(), snapshots()]
}

/// Millionths.
const DECIMALS: u32 = 6;

fn read_only(read: Permission) -> Rules {
    Rules { read, create: None, update: None, delete: None, assign: None }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let about = "A number that marketing and sales answer for together. It follows from its agreement, of kind GOAL: drafted, \
                     proposed, signed and changed as every agreement is. It shows the version that counts now. \
                     `goalProgress` says how far it is at any instant, `latest` how it stood at the end of the last day.";
        let value = |c, about| graph::decimal(c, DECIMALS, about);
        let fields = vec![
            graph::one(C::AgreementId, agreement, "Its agreement, with key and title.").filter(),
            graph::one(
                C::AgreementVersionId,
                version,
                "The version that it shows: the one in force, else the latest. Its `body` has scope, curve and owners.",
            ),
            graph::word::<Key, _>(C::MetricKey, "What is measured.").named("metric").filter().order().group(),
            graph::currency(
                C::Currency,
                "The currency of its values where they are money: what its version names, else the organisation's when that \
                 version was written.",
            ),
            graph::date(C::PeriodStart, "The first day of its period.").filter().order(),
            graph::date(C::PeriodEnd, "The first day after its period.").filter().order(),
            value(C::Baseline, "Where it begins, in the metric's unit; money in whole units."),
            value(C::Target, "What is to be reached, in the metric's unit; below `baseline` where less is better."),
            value(C::Stretch, "What would be better still, in the metric's unit."),
            graph::one(C::ParentId, meta, "The goal that it is a part of.").filter().group(),
            graph::many("parts", C::ParentId, meta, "The goals that are parts of it.").filter(),
            graph::word::<GoalStatus, _>(C::Status, "Where it stands.").filter().order().group(),
            graph::time(
                C::DecidedAt,
                "When it was decided whether it was reached; null before. What was reached then is in `latest`.",
            )
            .filter()
            .order(),
            graph::found(
                "latest",
                latest,
                snapshots,
                "How it stood at the end of the last day that was kept; null before, and where that is withheld.",
            ),
            graph::many(
                "initiatives",
                I::GoalId,
                initiative::graphql::meta,
                "What is to bring it nearer, to be ordered by RANK_PRODUCT or RANK_MEAN; empty without INITIATIVE_READ.",
            )
            .filter(),
            graph::many("snapshots", S::GoalId, snapshots, "How it stood at the end of each day since it was signed.")
                .filter(),
        ];
        Meta::new::<Entity>("Goal", "goals", about, read_only(Permission::AgreementRead), fields)
    });
    &META
}

fn latest(access: &Access) -> SimpleExpr {
    let column = |c: S| Expr::col((snapshot::Entity::NAME, c));
    let of = Query::select()
        .column((snapshot::Entity::NAME, S::Id))
        .from(snapshot::Entity::NAME)
        .and_where(column(S::OrganizationId).eq(access.actor().organization.uuid()))
        .and_where(column(S::DeletedAt).is_null())
        .and_where(column(S::GoalId).equals((Entity::NAME, C::Id)))
        .order_by((snapshot::Entity::NAME, S::Day), Order::Desc)
        .limit(1)
        .take();
    SimpleExpr::SubQuery(None, Box::new(of.into()))
}

pub fn snapshots() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let about = "How a goal stood at the end of a day of the organisation. Kept once by the daily job and never changed; one \
                     that rests on fewer than five records, or on those of named people, is seen by who sees all records.";
        let value = |c, about| graph::decimal(c, DECIMALS, about);
        let fields = vec![
            graph::one(S::GoalId, meta, "The goal.").filter(),
            graph::one(S::AgreementVersionId, version, "The version of the goal's agreement that was in force."),
            graph::date(S::Day, "The day.").filter().order(),
            graph::time(S::At, "When the day ended: the figures are of this instant."),
            graph::integer(S::FormulaVersion, "The version of the metric's formula."),
            graph::integer(S::Records, "On how many records it rests."),
            graph::boolean(S::Few, "Whether only who sees all records is told of it."),
            value(S::Actual, "What was reached, in the metric's unit; null where the metric had no value."),
            value(S::Expected, "What was expected by then, in the metric's unit."),
            value(S::Progress, "How much of the way from baseline to target was done: 1 at the target."),
            value(S::PaceRatio, "What was done of what was expected by then; null while nothing was."),
            value(
                S::Projected,
                "What would be reached at this pace, in the metric's unit; null while less than 5 percent was expected.",
            ),
            value(S::RequiredPerDay, "What each day left had to bring, in the metric's unit; null on the last day."),
            graph::word::<PaceStatus, _>(S::Status, "How it did; null where the metric had no value.")
                .filter()
                .order()
                .group(),
        ];
        Meta::new::<snapshot::Entity>("GoalSnapshot", "goalSnapshots", about, read_only(Permission::MetricRead), fields)
    });
    &META
}

/// What was kept of a goal.
#[derive(SimpleObject)]
pub struct GoalNews {
    /// Where it stands in the change feed, for `after`; opaque.
    cursor: String,
    /// When it was kept.
    at: DateTime,
    /// How the goal stood; null when the caller may not see it any more.
    snapshot: Node<snapshot::Entity>,
}

#[derive(Default)]
pub struct GoalStream;

/// How goals go on.
#[Subscription(name = "GoalSubscription")]
impl GoalStream {
    /// How a goal stood at the end of each day, within seconds of its being kept: only what the caller may see at that
    /// moment. Keep the cursor of the last one to go on after a lost connection without gap; one may come twice. Ends with
    /// CURSOR_EXPIRED like `changes`. Errors: BAD_USER_INPUT for what is no id of a goal. Requires METRIC_READ; without it
    /// nothing comes.
    async fn goal_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which goal: an id that begins with `goal_`.")] id: ID,
        #[graphql(desc = "Only what comes after this cursor; only new ones unless given.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<GoalNews>> + use<>> {
        let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?;
        let goal = value::id(Entity::NAME, &id).ok_or_else(|| Error::BadInput("id: not an id of goal".into()))?;
        let feed = changes::follow(access, Some(&["GoalSnapshot".to_owned()]), after, true).await?;
        let access = access.clone();
        Ok(feed.filter_map(move |change| {
            let access = access.next();
            async move {
                let change = match change {
                    Ok(change) => change,
                    Err(error) => return Some(Err(error)),
                };
                let of = Expr::col((snapshot::Entity::NAME, S::GoalId)).eq(goal);
                let found =
                    Scoped::<snapshot::Entity>::read(&access).ids(&[change.event.entity_id]).filter(of).one().await;
                match found {
                    Ok(None) => None,
                    Ok(Some(row)) => {
                        let snapshot = Some(row.id.uuid()).into();
                        Some(Ok(GoalNews { at: DateTime(change.event.at), cursor: change.cursor, snapshot }))
                    }
                    Err(error) => Some(Err(error)),
                }
            }
        }))
    }
}
