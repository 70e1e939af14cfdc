//! Initiatives in the schema: the record, and the mutation by which a side scores one. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::sync::LazyLock;

use async_graphql::{Context, ID, InputObject, Object, Result as Answer};
use entity::{
    id::RowId,
    initiative::{Column as C, Entity, IceDimension, InitiativeStatus},
    user::Side,
};

use super::{
    Said,
    ice::{DECIMALS, Ice, IceScore},
};
use crate::{
    access::user,
    actor::Permission,
    error::Result,
    graph::{self, Field, Item, Meta, Payload, Rules, derived::Term, form::Form, record::link, root::access, value},
    insight::goal,
    store::Access,
};

fn score() -> &'static Form {
    static FORM: LazyLock<Form> = LazyLock::new(|| Form::told::<IceScore>("IceScore"));
    &FORM
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::InitiativeRead,
            create: Some(Permission::InitiativeCreate),
            update: Some(Permission::InitiativeUpdate),
            delete: Some(Permission::InitiativeDelete),
            assign: None,
        };
        let about = "Something that is to bring a shared goal nearer. Marketing and sales score it apart, with `initiativeScore`; it is \
                     ranked by both scores together: order by RANK_PRODUCT or RANK_MEAN with `direction: DESC, nulls: LAST`, where \
                     of equal ones the newer comes first. `initiativeContributions` says what it is expected to bring.";
        stepped(Meta::new::<Entity>(
            "Initiative",
            "initiatives",
            about,
            rules,
            own().into_iter().chain(scores()).collect(),
        ))
    });
    &META
}

fn own() -> Vec<Field> {
    vec![
        link(C::GoalId, goal::graphql::meta, "The goal that it is for.").once(),
        graph::text(C::Name, "The name people see.").max(200).required().write().filter().order(),
        graph::text(C::Description, "What is to be done, in plain text.").max(10_000).write(),
        graph::decimal(
            C::ImpactShareE2,
            2,
            "How much of the goal's gap it would close, in percent: above 0, at most 100, with at most two decimals.",
        )
        .named("impactShare")
        .required()
        .write(),
        graph::word::<InitiativeStatus, _>(C::Status, "Where it stands; steps change it.").filter().order().group(),
        graph::text(C::DropReason, "Why it was dropped; null unless it is."),
        link(C::OwnerId, user::meta, "Who sees to it; its maker unless given."),
    ]
}

fn scores() -> Vec<Field> {
    let mut all = vec![
        graph::formed(C::MarketingScore, score(), "What marketing thinks of it; null until it has scored."),
        graph::one(C::MarketingScorerId, user::meta, "Who scored it for marketing.").filter().group(),
        graph::time(C::MarketingScoredAt, "When marketing last scored it; null until then.").filter(),
        graph::formed(C::SalesScore, score(), "What sales thinks of it; null until it has scored."),
        graph::one(C::SalesScorerId, user::meta, "Who scored it for sales.").filter().group(),
        graph::time(C::SalesScoredAt, "When sales last scored it; null until then.").filter(),
    ];
    all.extend([
        graph::decimal(
            C::RankProductE6,
            DECIMALS,
            "By what it is ranked unless means are asked for: the mean of both sides' products, 1 to 1000. Null until both have scored.",
        )
        .named("rankProduct")
        .filter()
        .order(),
        graph::decimal(
            C::RankMeanE6,
            DECIMALS,
            "The other way to rank: the mean of both sides' means, 1 to 10. Null until both have scored.",
        )
        .named("rankMean")
        .filter()
        .order(),
        graph::list(
            C::Disagreements,
            Item::of::<IceDimension>(),
            "What both sides are to talk about: the dimensions in which their scores are 3 or more apart.",
        ),
        graph::boolean(C::Disagreed, "Whether there is any such dimension.").filter().group(),
    ]);
    all
}

fn stepped(meta: Meta) -> Meta {
    let may = Permission::InitiativeUpdate;
    meta.step::<Entity>(
        "Activate",
        may,
        "Begins work on a proposed initiative. Emits `initiative.activated`.",
        vec![],
        super::activate,
    )
    .step::<Entity>(
        "Finish",
        may,
        "Ends an active initiative that was carried out. Emits `initiative.finished`.",
        vec![],
        super::finish,
    )
    .step::<Entity>(
        "Drop",
        may,
        "Ends an initiative that is not carried out. Emits `initiative.dropped`.",
        vec![graph::text(C::DropReason, "Why, in plain text.").named("reason").max(2000).required()],
        super::give_up,
    )
    .step::<Entity>(
        "Reopen",
        may,
        "Proposes a dropped initiative again, with the scores that it had. Emits `initiative.reopened`.",
        vec![],
        super::reopen,
    )
}

/// What a side thinks of an initiative.
#[derive(InputObject)]
pub struct InitiativeScoreInput {
    /// Which initiative: an id that begins with `initiative_`.
    id: ID,
    /// Refuse with CONFLICT unless the initiative still has this `version`.
    expected_version: Option<i32>,
    /// Which side says it.
    side: Term<Side>,
    /// How much it would move the goal: 1 to 10.
    impact: i32,
    /// How sure that is: 1 to 10, each a tenth.
    confidence: i32,
    /// How little it takes: 1 to 10, 10 being the least work.
    ease: i32,
}

#[derive(Default)]
pub struct InitiativeWrites;

#[Object]
impl InitiativeWrites {
    /// Says what a side thinks of an initiative that is PROPOSED or ACTIVE; its last word counts, what it said before is in the
    /// history. As with the keys of agreements nobody scores for the side that they do not stand on, nor for both, unless
    /// `soloMode` lets the only administrator; API keys never score. User errors: NOT_FOUND, CONFLICT, VALIDATION, LOCKED (the
    /// caller stands on the other side or has scored for it, or the initiative is over). Takes an idempotency key; emits
    /// `initiative.scored`. Requires INITIATIVE_SCORE_MARKETING or INITIATIVE_SCORE_SALES, as the side says.
    async fn initiative_score(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The initiative, the side, and what it thinks.")] input: InitiativeScoreInput,
    ) -> Answer<Payload<Entity>> {
        Ok(scored(access(ctx)?, input).await.into())
    }
}

async fn scored(access: &Access, input: InitiativeScoreInput) -> Result<uuid::Uuid> {
    let said = Said {
        initiative: value::typed("id", &input.id)?,
        side: input.side.0,
        ice: Ice { impact: input.impact, confidence: input.confidence, ease: input.ease },
        expected: input.expected_version,
    };
    Ok(super::score(access, said).await?.uuid())
}
