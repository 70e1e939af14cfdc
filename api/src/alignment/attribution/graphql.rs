//! Credit in the schema: what is kept, and one opportunity's computed with its reasons. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::sync::LazyLock;

use async_graphql::{
    Context, ID, Object, Result as Answer, SimpleObject,
    registry::{MetaField, Registry},
};
use entity::{
    agreement_version,
    attribution::{Anchor, Exclusion, Milestone},
    attribution_credit::{Column as C, Entity},
    attribution_freeze as freezes,
    campaign::Channel,
    id::{OpportunityId, RowId},
    money::{Money, print_scaled},
    opportunity,
    word::Word,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{entry, models};
use crate::{
    actor::Permission,
    alignment::agreement::graphql::version,
    crm::opportunity as opportunities,
    error::Error,
    graph::{
        self, Field, Meta, Node, Rules,
        derived::{self, Term},
        root::access,
        said::{Said, Sayings},
        scalar::DateTime,
        sdl::{out, word_type},
    },
    marketing::{
        attribution::{Credit, Left},
        campaign, touchpoint,
    },
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::OpportunityRead, create: None, update: None, delete: None, assign: None };
        let about = "Credit that a touch earned for a sale, as it is kept for reports: within a second of every change what `attribution` computes. Seen with its opportunity.";
        let mut fields = of();
        fields.extend(said());
        Meta::new::<Entity>("AttributionCredit", "attributionCredits", about, rules, fields)
    });
    &META
}

fn of() -> Vec<Field> {
    vec![
        graph::one(C::OpportunityId, opportunities::meta, "The sale.").filter().group(),
        graph::one(C::AgreementVersionId, version, "The version of the agreement by which it is given.")
            .filter()
            .group(),
        graph::word::<Anchor, _>(C::Anchor, "What it is given for.").filter().group(),
        graph::one(
            C::TouchpointId,
            touchpoint::meta,
            "The touch that earned it; null when no touch counted, and for who may not see the touch.",
        )
        .filter(),
        graph::word::<Channel, _>(C::Channel, "The touch's channel; null when no touch counted.").filter().group(),
        graph::one(C::CampaignId, campaign::meta, "The touch's campaign.").filter().group(),
        graph::text(C::Source, "`utm_source` of the touch.").filter().group(),
        graph::text(C::Content, "`utm_content` of the touch.").filter().group(),
    ]
}

fn said() -> Vec<Field> {
    vec![
        graph::decimal(
            C::WeightE12,
            12,
            "Its share of the sale, from 0 to 1; those of one sale add up to 1 exactly. Negative where it takes back.",
        )
        .named("weight"),
        graph::money(
            "amount",
            C::AmountMinor,
            C::Currency,
            "Its share of the sale's amount; null while that has none.",
        ),
        graph::money(
            "home_amount",
            C::HomeMinor,
            C::HomeCurrency,
            "The same in the organisation's currency, at the rate of the day for which it counts; null without a rate.",
        ),
        graph::time(C::CountsAt, "When it counts: the instant of the anchor, or that of a correction.")
            .filter()
            .group(),
        graph::boolean(C::Adjusts, "It corrects credit of a period that was frozen.").filter().group(),
        graph::boolean(C::Sourcing, "Whoever the sale began with came by this touch.").filter().group(),
    ]
}

pub fn freeze() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        use freezes::{Column as F, Entity};
        let rules = Rules {
            read: Permission::MetricRead,
            create: Some(Permission::AttributionFreeze),
            update: None,
            delete: None,
            assign: None,
        };
        let about = "A period whose credit stays as it is, by the agreements that were in force when it was frozen; what changes later is added as corrections, which count when they are found. Not to be taken back. Periods do not overlap, else DUPLICATE. Emits `attribution.frozen`.";
        Meta::new::<Entity>(
            "AttributionFreeze",
            "attributionFreezes",
            about,
            rules,
            vec![
                graph::time(F::Start, "Its first instant.").required().once().filter().order(),
                graph::time(F::End, "The first instant after it; not in the future.").required().once().filter(),
                graph::text(F::Note, "What it was frozen for, in plain text.").max(2000).once(),
            ],
        )
    });
    &META
}

/// A touch and what it earned, for one opportunity.
pub struct Line {
    touch: Option<Uuid>,
    channel: Option<Channel>,
    milestones: Vec<Milestone>,
    weight_e12: i64,
    amount: Option<Money>,
    sourcing: bool,
}

impl Said for Line {
    const NAME: &'static str = "AttributedTouch";
    const ABOUT: &'static str = "A touch and the credit that it earned.";
    const RECORD: &'static str = "touchpoint";
    const ALWAYS: bool = true;

    fn fields(registry: &mut Registry) -> Vec<MetaField> {
        word_type::<Channel>(registry);
        word_type::<Milestone>(registry);
        vec![
            out("touchpoint", "Touchpoint", "The touch; null when no touch counted, and for who may not see it."),
            out("unattributed", "Boolean!", "No touch counted: the whole is nobody's."),
            out("channel", "Channel", "The touch's channel; null when no touch counted."),
            out("milestones", "[AttributionMilestone!]!", "What the touch was to the sale."),
            out("weight", "Decimal!", "Its share, from 0 to 1, with twelve decimals; together they are 1 exactly."),
            out(
                "amount",
                "Money",
                "Its share of the amount; together they are the amount exactly. Null while the opportunity has none.",
            ),
            out("sourcing", "Boolean!", "Whoever the sale began with came by this touch."),
        ]
    }

    fn id(&self) -> Uuid {
        self.touch.unwrap_or_default()
    }

    fn say(&self, field: &str) -> Value {
        match field {
            "unattributed" => json!(self.touch.is_none()),
            "channel" => json!(self.channel.map(Word::word)),
            "milestones" => self.milestones.iter().map(|stone| stone.word()).collect(),
            "weight" => json!(print_scaled(self.weight_e12, 12)),
            "amount" => self.amount.map_or(Value::Null, said_money),
            _ => json!(self.sourcing),
        }
    }
}

/// Money as its type writes it.
pub fn said_money(money: Money) -> Value {
    json!({ "amount": money.amount(), "currency": money.currency.code() })
}

/// A touch that earned nothing.
pub struct LeftOut {
    touch: Uuid,
    why: Exclusion,
}

impl Said for LeftOut {
    const NAME: &'static str = "LeftOutTouch";
    const ABOUT: &'static str = "A touch that earned no credit, and why.";
    const RECORD: &'static str = "touchpoint";

    fn fields(registry: &mut Registry) -> Vec<MetaField> {
        word_type::<Exclusion>(registry);
        vec![
            out("touchpoint", "Touchpoint!", "The touch."),
            out("reason", "AttributionExclusion!", "Why it earned none."),
        ]
    }

    fn id(&self) -> Uuid {
        self.touch
    }

    fn say(&self, _: &str) -> Value {
        json!(self.why.word())
    }
}

/// Who gets credit for one opportunity, and why others do not.
#[derive(SimpleObject)]
pub struct Attribution {
    /// The opportunity.
    opportunity: Node<opportunity::Entity>,
    /// The version of the agreement that was asked for.
    agreement_version: Node<agreement_version::Entity>,
    /// The agreement's key.
    key: String,
    /// Which version that is, from 1.
    version: i32,
    /// What credit is given for.
    anchor: Term<Anchor>,
    /// When the opportunity came to that: touches after it do not count.
    anchored_at: DateTime,
    /// What is shared; null while the opportunity has no amount.
    amount: Option<derived::Money>,
    /// Every touch that counts, in order of time, with its credit; one without a touch when none counts.
    credits: Sayings<Line>,
    /// The first 500 touches of the account's people that do not count and that the caller may see, in order of time.
    left_out: Sayings<LeftOut>,
    /// How many do not count, whether the caller may see them or not.
    left_out_count: i32,
}

/// Most touches that are listed as left out.
const MOST_LEFT: usize = 500;

#[derive(Default)]
pub struct AttributionReads;

#[Object]
impl AttributionReads {
    /// Who gets credit for an opportunity by an ATTRIBUTION agreement, computed from its touches at once. The figures are
    /// the same for whoever may read the opportunity; touches are shown as far as the caller may see them. Null when
    /// there is no such opportunity or agreement, and while the opportunity has not come to the anchor.
    /// Requires OPPORTUNITY_READ.
    async fn attribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The opportunity.")] opportunity_id: ID,
        #[graphql(
            desc = "An agreement, for its version in force, or a version of one, which may be a draft that nobody has signed."
        )]
        model_id: ID,
        #[graphql(desc = "What credit is given for; WON unless given.")] anchor: Option<Term<Anchor>>,
    ) -> Answer<Option<Attribution>> {
        let access = access(ctx)?;
        let anchor = anchor.map_or(Anchor::Won, |anchor| anchor.0);
        let Ok(id) = opportunity_id.parse::<OpportunityId>() else { return Ok(None) };
        let Some(agreed) = models::named(access, &model_id).await? else { return Ok(None) };
        let Some(deal) = super::deal(access, id).await? else { return Ok(None) };
        let Some(shared) = super::shared(&deal, &agreed, anchor) else { return Ok(None) };
        let anchored_at = deal.moments.of(anchor).ok_or_else(|| Error::internal("an anchor without a moment"))?;
        let amount = entry::amount(&deal.row);
        let amounts = amount.map(|money| shared.split(money.amount_minor));
        let weights = shared.split(entry::WHOLE_DEAL);
        let line = |(at, credit): (usize, &Credit<'_>)| Line {
            touch: credit.touch.map(|touch| touch.id),
            channel: credit.touch.map(|touch| touch.channel),
            milestones: credit.milestones.clone(),
            weight_e12: weights[at],
            amount: amount.zip(amounts.as_ref()).map(|(money, parts)| Money::new(parts[at], money.currency)),
            sourcing: credit.sourcing,
        };
        let left = |left: &Left<'_>| LeftOut { touch: left.touch.id, why: left.why };
        Ok(Some(Attribution {
            opportunity: Some(id.uuid()).into(),
            agreement_version: Some(agreed.version.uuid()).into(),
            key: agreed.key.clone(),
            version: agreed.number,
            anchor: Term(anchor),
            anchored_at: DateTime(anchored_at),
            amount: amount.map(derived::Money),
            credits: Sayings::new(touchpoint::meta(), shared.credits.iter().enumerate().map(line).collect()),
            left_out: Sayings::new(touchpoint::meta(), shared.left.iter().take(MOST_LEFT).map(left).collect()),
            left_out_count: i32::try_from(shared.left.len()).unwrap_or(i32::MAX),
        }))
    }
}
