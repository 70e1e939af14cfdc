//! Opportunities in the schema: fields, relations, figures and steps.

use std::sync::LazyLock;

use entity::{
    activity as activities, attribution_credit as credits, buyer_confirmation as confirmations,
    committee_member as members, dispute as disputes, external_ref as refs,
    opportunity::{Column as C, Entity, LossReason, OppType},
    opportunity_line as lines, opportunity_split as splits,
    stage::{ForecastCategory, StageType},
    stage_change as changes,
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, SimpleExpr},
};

use super::{
    super::{
        account, activity, committee, contact, criterion, custom_field, external_ref, lead, opportunity_line,
        opportunity_split, owner, pipeline, product, quality, stage, stage_change,
    },
    stalled, steps,
};
use crate::{
    access::user,
    actor::Permission,
    alignment::{attribution::graphql as attribution, handoff::dispute},
    graph::{self, Field, Kind, Meta, Rules, record::link},
    marketing::campaign,
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::OpportunityRead,
            create: Some(Permission::OpportunityCreate),
            update: Some(Permission::OpportunityUpdate),
            delete: Some(Permission::OpportunityDelete),
            assign: Some(Permission::OpportunityAssign),
        };
        let mut fields = own();
        fields.extend(closing());
        fields.extend(relations());
        fields.push(stalled::field());
        fields.extend(committee::fields());
        fields.extend(owner::groups());
        let about = "A sale in the making, won or lost.";
        stepped(measured(Meta::new::<Entity>("Opportunity", "opportunities", about, rules, fields)))
    });
    &META
}

fn own() -> Vec<Field> {
    vec![
        graph::text(C::Name, "The name people see.").required().write().filter().order().search(),
        graph::word::<OppType, _>(C::OppType, "What sort of business it is; NEW unless given.").named("type").write().filter().order().group(),
        graph::money("amount", C::AmountMinor, C::Currency, "What it is worth. Greater than 0 once it is won.").write().filter().order(),
        graph::date(C::CloseDate, "The day it is expected to be won, or was won or lost; then it follows `closedAt`, in the organisation's time zone.").write().filter().order().group(),
        graph::integer(C::Probability, "Chance of winning, in percent: the stage's, until given; the next move takes it from the stage again. 100 when won, 0 when lost.")
            .max(100)
            .write()
            .filter()
            .order(),
        graph::word::<ForecastCategory, _>(C::ForecastCategory, "Which part of the forecast it counts in: the stage's, until given; the next move takes it from the stage again.")
            .write()
            .filter()
            .order()
            .group(),
        graph::text(C::NextStep, "What is to be done next, in a line.").write(),
        graph::text(C::Description, "What it is about, in plain text.").max(10_000).write(),
        custom_field::field(C::Custom),
        quality::record::field(entity::data_quality_rule::Subject::Opportunity),
    ]
}

fn closing() -> Vec<Field> {
    vec![
        graph::word::<StageType, _>(C::StageType, "Whether it is open, won or lost; follows the stage.").filter().order().group(),
        graph::time(C::StageChangedAt, "When it came to stand in its stage.").filter().order().group(),
        graph::time(C::OpenedAt, "When work on it began; now unless given. Not later than it was closed.").once().filter().order().group(),
        graph::time(C::ClosedAt, "When it was won or lost. For history: may be given on create with a WON or LOST stage; without it the close date counts if it is past, else now.")
            .once()
            .filter()
            .order()
            .group(),
        graph::word::<LossReason, _>(C::LossReason, "Why it was lost; only for a LOST stage, which needs one. History created as lost without a reason gets OTHER.")
            .write()
            .filter()
            .order()
            .group(),
        graph::text(C::LossNote, "Why it was lost, in somebody's words.").max(2000).write(),
        graph::text(C::Competitor, "Who else wants to sell, or sold. The same name everywhere, so that it can be grouped by.").write().filter().order().group(),
        graph::decimal(C::FxRateAtCloseE10, entity::money::RATE_DECIMALS, "Units of the organisation's currency for one of its own on the day it was closed, frozen then; null where no rate was known.")
            .named("fxRateAtClose"),
    ]
}

fn relations() -> Vec<Field> {
    vec![
        link(C::AccountId, account::meta, "The company that may buy.").ordered_by(entity::account::Column::Name, graph::Kind::Text),
        link(C::PrimaryContactId, contact::meta, "The person there we deal with."),
        link(C::PipelineId, pipeline::meta, "The way it is sold; the organisation's default unless given.").optional().once(),
        link(C::StageId, stage::meta, "Where it stands; its pipeline's first open stage unless given. Type, chance and forecast follow it, and every move is kept in `stageChanges`.")
            .optional()
            .ordered_by(entity::stage::Column::Position, graph::Kind::Integer),
        link(C::OwnerId, user::meta, "Who sells it; its maker unless given.").ordered_by(entity::user::Column::Name, graph::Kind::Text),
        link(C::SourceLeadId, lead::meta, "The lead it began with. Who works that lead may read it with OPPORTUNITY_READ_LINKED."),
        link(C::SourceCampaignId, campaign::meta, "The campaign it began with. Who runs that campaign may read it with OPPORTUNITY_READ_LINKED."),
        link(C::ProductId, product::meta, "The main thing sold."),
        graph::many("lines", lines::Column::OpportunityId, opportunity_line::meta, "What exactly it would sell.").filter(),
        graph::many("splits", splits::Column::OpportunityId, opportunity_split::meta, "Who is credited for it, and how much; none when its owner has all of it. See `opportunitySplitsSet`.").filter(),
        graph::many("stage_changes", changes::Column::OpportunityId, stage_change::meta, "Every move, and what it was worth before and after.").filter(),
        graph::many("committee_members", members::Column::OpportunityId, committee::meta, "Who has a say in it.").filter(),
        graph::many("buyer_confirmations", confirmations::Column::OpportunityId, criterion::confirmation::meta, "What the buyer has confirmed.").filter(),
        graph::many("attribution_credits", credits::Column::OpportunityId, attribution::meta, "What touches earned for it, by each agreement in force.").filter(),
        graph::many("disputes", disputes::Column::OpportunityId, dispute::meta, "Quarrels over that.").filter(),
        graph::many("activities", activities::Column::OpportunityId, activity::meta, "What was said and is to be done.").filter(),
        graph::many("external_refs", refs::Column::EntityId, external_ref::meta, "What other systems call it.")
            .only(refs::Column::EntityType, "opportunity"),
    ]
}

fn of(types: &[StageType]) -> Condition {
    Condition::all().add(Expr::col(("opportunity", C::StageType)).is_in(types.iter().copied()))
}

/// Lost, but never a sale of its own.
fn no_sale() -> SimpleExpr {
    let reason = || Expr::col(("opportunity", C::LossReason));
    reason().is_not_null().and(reason().is_in([LossReason::Duplicate, LossReason::Invalid]))
}

fn measured(meta: Meta) -> Meta {
    let won = || of(&[StageType::Won]);
    let lost = || of(&[StageType::Lost]);
    let open = || of(&[StageType::Open]);
    let closed = || of(&[StageType::Won, StageType::Lost]).add(no_sale().not());
    let amount = || (C::AmountMinor, C::Currency);
    meta.measure("won", won, "How many are won.")
        .measure("lost", lost, "How many are lost.")
        .measure("open", open, "How many are open.")
        .ratio("winRate", won, closed, "Won ones out of those that are closed; lost as DUPLICATE or INVALID there was no sale to be won, and they do not count.")
        .sum("wonAmount", amount(), won, "What the won ones are worth, by currency.")
        .sum("lostAmount", amount(), lost, "What the lost ones were worth, by currency.")
        .sum("openAmount", amount(), open, "What the open ones are worth, by currency.")
}

fn stepped(meta: Meta) -> Meta {
    let stage = |about| graph::one(C::StageId, stage::meta, about).optional();
    let reason = || {
        let about = "Why it may go on although exit criteria are not met. Then needs OPPORTUNITY_OVERRIDE; kept in `stageChanges` with what was not met.";
        graph::told("override_reason", Kind::Text, about).max(2000)
    };
    let closed_at = || graph::time(C::ClosedAt, "When; now unless given. Not in the future.");
    meta.step::<Entity>(
        "Move",
        Permission::OpportunityUpdate,
        "Moves an open opportunity to another stage of its pipeline, forward or back. Forward only when the exit criteria of every stage on the way are met, else CRITERIA_UNMET for each that is not; see `opportunityExitCriteria`. Emits `opportunity.moved`.",
        vec![stage("Where to.").required(), reason()],
        steps::shift,
    )
    .step::<Entity>(
        "Win",
        Permission::OpportunityUpdate,
        "Wins an open opportunity. Needs an amount greater than 0 and what the exit criteria of its stage and those after it ask for, else CRITERIA_UNMET. Emits `opportunity.won`.",
        vec![
            stage("Which WON stage; the pipeline's first unless given."),
            graph::money("amount", C::AmountMinor, C::Currency, "What it was sold for, if not what it says already."),
            closed_at(),
            reason(),
        ],
        steps::win,
    )
    .step::<Entity>(
        "Lose",
        Permission::OpportunityUpdate,
        "Loses an open opportunity. Emits `opportunity.lost`.",
        vec![
            graph::word::<LossReason, _>(C::LossReason, "Why.").named("reason").required(),
            graph::text(C::LossNote, "Why, in your words.").named("note").max(2000),
            graph::text(C::Competitor, "Who sold instead, where that is known."),
            stage("Which LOST stage; the pipeline's first unless given."),
            closed_at(),
        ],
        steps::lose,
    )
    .step::<Entity>(
        "Reopen",
        Permission::OpportunityReopen,
        "Reopens a won or lost opportunity: it has no closing time, frozen rate and loss reason any more. Emits `opportunity.reopened`.",
        vec![stage("Which open stage; the one it was closed from unless given.")],
        steps::reopen,
    )
}
