//! Offers in the schema.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::sync::LazyLock;

use async_graphql::{Context, SimpleObject, Subscription};
use entity::{
    campaign::Channel,
    dispute as disputes, feedback_item as words,
    handoff::{Category, Column as C, Entity, State},
    id::RowId,
    sla_clock as clocks,
};
use futures_util::{Stream, StreamExt};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, SimpleExpr},
};

use super::{answer, dispute, feedback, reason, settle};
use crate::{
    access::{team, user},
    actor::Permission,
    alignment::{
        routing::{decision, pool},
        sla,
    },
    crm::lead as leads,
    error::{Error, Result},
    graph::{self, Field, Item, Kind, Meta, Node, Rules, scalar::DateTime},
    integration::changes,
    marketing::campaign,
    store::{Access, Guarded, Scoped},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::LeadRead, create: None, update: None, delete: None, assign: None };
        let about = "An offer of a lead to sales, and its answer. A lead has at most one that is PENDING.";
        let mut fields = offered();
        fields.extend(answered());
        fields.extend(snapshot());
        stepped(measured(Meta::new::<Entity>("Handoff", "handoffs", about, rules, fields)))
    });
    &META
}

fn offered() -> Vec<Field> {
    vec![
        graph::one(C::LeadId, leads::meta, "The lead.").filter(),
        graph::integer(C::CycleNo, "The round the lead was in, from 1."),
        graph::integer(C::Attempt, "Which offer of that round it is, from 1."),
        graph::word::<State, _>(C::State, "Where it stands.").filter().order().group(),
        graph::time(C::OfferedAt, "When it was offered.").filter().order().group(),
        graph::one(C::OfferedUserId, user::meta, "To whom; null when anybody of the pool or team may take it.")
            .filter()
            .group(),
        graph::one(C::OfferedPoolId, pool::meta, "To which pool, or from which pool the user was picked.")
            .filter()
            .group(),
        graph::one(C::OfferedTeamId, team::meta, "To which team.").filter().group(),
        graph::one(
            C::PreviousOwnerId,
            user::meta,
            "Who owned the lead when it was offered, and does again if sales accepts it and gives it back.",
        ),
        graph::time(C::ExpiresAt, "When it expires if nobody answers; never when null.").filter().order(),
        graph::one(C::RoutingDecisionId, decision::meta, "How it was decided to whom it goes."),
    ]
}

fn answered() -> Vec<Field> {
    vec![
        graph::time(C::DecidedAt, "When it was answered, expired or was withdrawn.").filter().order().group(),
        graph::one(C::DecidedBy, user::meta, "Who decided; null when time did.").filter().group(),
        graph::one(C::RejectionReasonId, reason::meta, "Why it was rejected.").filter().group(),
        graph::word::<Category, _>(C::RejectionCategory, "What kind of reason that was then.").filter().group(),
        graph::text(C::Note, "The answer in somebody's words."),
        graph::text(C::SuggestedFix, "What marketing should do about it."),
        graph::boolean(C::Overturned, "Both sides found later that sales should have taken it: counts as accepted.")
            .group(),
        graph::many("feedback", words::Column::HandoffId, feedback::meta, "What sales and marketing said about it.")
            .filter(),
        graph::many(
            "sla_clocks",
            clocks::Column::HandoffId,
            sla::graphql::meta,
            "How soon it is to be answered, and was.",
        )
        .filter(),
        graph::many("disputes", disputes::Column::HandoffId, dispute::meta, "Quarrels over the answer.").filter(),
    ]
}

fn snapshot() -> Vec<Field> {
    vec![
        graph::text(C::Source, "Where the lead was from when it was offered.").filter().group(),
        graph::word::<Channel, _>(C::Channel, "By which channel it had come.").filter().group(),
        graph::one(C::CampaignId, campaign::meta, "The campaign that had brought it.").filter().group(),
        graph::integer(C::Score, "Its score when it was offered."),
        graph::json(
            C::Evidence,
            "What spoke for it when it was offered: an object with `score`, `qualifiedAt`, `qualifiedBecause`, \
             `agreementVersion` (of the definition), `activities` (how many), `title`, `companyName`, `country`.",
        ),
    ]
}

fn column(c: C) -> SimpleExpr {
    Expr::col(("handoff", c))
}

fn is(state: State) -> Condition {
    Condition::all().add(column(C::State).eq(state))
}

fn accepted() -> Condition {
    Condition::any().add(is(State::Accepted)).add(is(State::Rejected).add(column(C::Overturned).eq(true)))
}

fn rejected() -> Condition {
    is(State::Rejected).add(column(C::Overturned).eq(false))
}

fn answered_by_somebody() -> Condition {
    Condition::any().add(is(State::Accepted)).add(is(State::Rejected))
}

/// The rejection report in figures: group by source, campaign, reason or who decided.
fn measured(meta: Meta) -> Meta {
    meta.measure("accepted", accepted, "How many were accepted, overturned rejections among them.")
        .measure("rejected", rejected, "How many were rejected and not overturned.")
        .measure("pending", || is(State::Pending), "How many wait for an answer.")
        .measure("expired", || is(State::Expired), "How many nobody answered in time.")
        .ratio(
            "acceptance",
            accepted,
            answered_by_somebody,
            "Accepted among those accepted or rejected; offers that wait, expired or were withdrawn do not count.",
        )
}

fn stepped(meta: Meta) -> Meta {
    let meta = meta
        .step::<Entity>(
            "Accept",
            Permission::HandoffDecide,
            "Takes an offered lead, which becomes ACCEPTED and is owned by whoever it was offered to. Only for the user it \
             was offered to, a member of its pool or team, or a manager of theirs. INVALID_TRANSITION when it was \
             answered already. Emits `handoff.accepted` and `lead.accepted`.",
            vec![graph::told("owner_id", Kind::Id("user"), "Who takes it: whoever it was offered to; of a pool or team you, unless given.")],
            answer::accept,
        )
        .step::<Entity>(
            "Reject",
            Permission::HandoffDecide,
            "Gives an offered lead back to marketing, with a reason, before any contact. The lead becomes REJECTED, and \
             RECYCLED by itself after the reason's delay. Only for whom `handoffAccept` is. Emits `handoff.rejected` and \
             `lead.rejected`.",
            vec![
                graph::told("reason_id", Kind::Id("rejection_reason"), "Why: an active reason.").required(),
                graph::text(C::Note, "Why, in your words. Needed where the reason says so.").max(2000),
                graph::text(C::SuggestedFix, "What marketing should do about it.").max(2000),
                graph::told("unfixable", Kind::Boolean, "Nothing can be mended: the lead becomes DISQUALIFIED at once. Only for reasons of the category CLERICAL."),
            ],
            answer::reject,
        )
        .step::<Entity>(
            "Withdraw",
            Permission::HandoffCreate,
            "Takes an offer back; the lead is MQL again. Emits `handoff.withdrawn`.",
            vec![graph::text(C::Note, "Why.").max(2000)],
            answer::withdraw,
        );
    meta.step::<Entity>(
        "Dispute",
        Permission::DisputeCreate,
        "Opens a dispute over an answer: of marketing over a rejection, of sales over an acceptance. One for each offer, \
         else DUPLICATE; CRITERIA_UNMET for one's own answer; INVALID_TRANSITION while nobody answered. Emits `dispute.created`.",
        vec![
            graph::told("claim", Kind::Text, "What is wrong with the answer.").max(2000).required(),
            graph::told("evidence", Kind::List(Item::Id), "Ids of records that speak for it, at most 50."),
        ],
        settle::open,
    )
}

/// An offer that the subscriber may answer.
#[derive(SimpleObject)]
pub struct HandoffOffer {
    /// When it was made.
    at: DateTime,
    /// Where the feed is after it: for `after`.
    cursor: String,
    /// The offer as it now is.
    handoff: Node<Entity>,
}

#[derive(Default)]
pub struct HandoffStream;

/// Offers as they are made.
#[Subscription(name = "HandoffSubscription")]
impl HandoffStream {
    /// Offers of leads that the caller may answer: made to them, to a pool or team they are in, or to people below them;
    /// each within a second of its commit, unless it was answered meanwhile. Keep the cursor of the last one to go on
    /// after a lost connection without gap; one may come twice. Ends with CURSOR_EXPIRED like `changes`.
    async fn handoff_offered(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what comes after this cursor; only new ones unless given.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<HandoffOffer>> + use<>> {
        let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?.clone();
        let feed = changes::follow(&access, Some(&["Handoff".to_owned()]), after, true).await?;
        Ok(feed.filter_map(move |change| {
            let access = access.clone();
            async move {
                match change {
                    Ok(change) if change.event.kind == "handoff.offered" => mine(&access, change).await.transpose(),
                    Ok(_) => None,
                    Err(error) => Some(Err(error)),
                }
            }
        }))
    }
}

/// The offer, if the caller may answer it at present.
async fn mine(access: &Access, change: changes::Change) -> Result<Option<HandoffOffer>> {
    let offers = Scoped::<Entity>::new(access, Permission::HandoffDecide);
    let waiting = Expr::col((Entity::NAME, C::State)).eq(State::Pending);
    let found = offers.ids(&[change.event.entity_id]).filter(waiting).one().await?;
    Ok(found.map(|offer| HandoffOffer {
        at: DateTime(change.event.at),
        cursor: change.cursor,
        handoff: Some(offer.id.uuid()).into(),
    }))
}
