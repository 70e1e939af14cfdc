//! Reports on credit in the schema. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::collections::BTreeMap;

use async_graphql::{
    Context, ID, Object, OutputType, Result as Answer, SimpleObject,
    registry::{MetaField, Registry},
};
use entity::{
    agreement_version,
    attribution::{Anchor, Group},
    campaign::Channel,
    id::{AgreementVersionId, CampaignId, RowId},
    money::{Currency, Money, divide_half_even, print_scaled},
};
use rust_decimal::Decimal as Number;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Asked, Figures, Key, Report,
    ask::{agreed, days, money},
    figures::{MOST_GROUPS, Of},
    performance::{Performance, Wanted, performance},
    report,
};
use crate::{
    actor::Permission,
    alignment::attribution::{Agreed, graphql::said_money},
    error::{Error, Result},
    graph::{
        Node,
        derived::{self, Period, Term},
        root::access,
        said::{Said, Sayings},
        scalar::{CurrencyCode, Decimal},
        sdl::{out, word_type},
    },
    insight::metric::graphql::inputs::MissingRate,
    marketing::campaign,
};

/// Sales counted whole: one that several groups have a part of is in each of them.
#[derive(SimpleObject)]
pub struct AttributedDeals {
    /// How many.
    count: i32,
    /// What they are worth.
    amount: derived::Money,
    /// One may be counted in several groups, so these are never added up. Always true for influenced sales, never for
    /// sourced ones.
    overlapping: bool,
}

/// What touches earned by one agreement.
#[derive(SimpleObject)]
pub struct AttributionFigures {
    /// The version of the agreement: an id that begins with `agreement_version_`.
    model_id: ID,
    /// Some of it rests on fewer than five sales and the caller does not see them all, or would tell such a figure: that is
    /// null.
    withheld: bool,
    /// Their credit, corrections among it. Of all groups together it is the whole, to the cent.
    amount: Option<derived::Money>,
    /// Corrections of credit of periods that had been frozen.
    adjustments: Option<derived::Money>,
    /// Their part of the whole, rounded half-even to six places; null when the whole is 0.
    share: Option<Decimal>,
    /// Parts of sales, added up: fractional sales, with twelve decimals.
    deals: Option<Decimal>,
    /// Sales before which at least one of these touches counted.
    influenced: Option<AttributedDeals>,
    /// Sales that began with one of these touches: the first that the lead or contact was touched by at all.
    sourced: Option<AttributedDeals>,
    /// Their credit for which no rate of exchange is known, left out of all amounts, by currency; only with BUCKET. Null where
    /// it is of fewer than five sales in a currency, or would tell what is, and the caller does not see all sales.
    unconverted: Option<Vec<derived::Money>>,
}

/// An agreement's figures over all groups.
#[derive(SimpleObject)]
pub struct AttributionReportModel {
    /// The version of the agreement.
    agreement_version: Node<agreement_version::Entity>,
    /// The agreement's key.
    key: String,
    /// Which version it is, from 1.
    version: i32,
    /// Over all groups.
    total: AttributionFigures,
    /// Credit for which no rate of exchange is known, left out; only with BUCKET. Null where it is of fewer than five sales
    /// in a currency and the caller does not see all sales.
    unconverted: Option<Vec<derived::Money>>,
}

/// Credit of a period, by any agreements side by side.
#[derive(SimpleObject)]
pub struct AttributionReport {
    /// What credit is given for.
    anchor: Term<Anchor>,
    /// The currency of its amounts.
    currency: CurrencyCode,
    /// The agreements, in the order in which they were asked for.
    models: Vec<AttributionReportModel>,
    /// The groups, those that earned most by the first agreement first; none unless `groupBy` is given.
    rows: Sayings<Shown>,
}

/// A group, ready to be said.
pub struct Shown {
    by: Option<Group>,
    key: Key,
    figures: Vec<Value>,
}

/// How figures are shown.
#[derive(Clone, Copy)]
pub struct Lens {
    pub currency: Currency,
}

impl Lens {
    fn money(self, minor: i64) -> Value {
        said_money(Money::new(minor, self.currency))
    }

    /// The same as `figures`, as JSON.
    pub fn say(self, version: Uuid, of: &Figures, whole: Option<i64>) -> Value {
        let Figures { sums, hidden, lost } = of;
        let money = |minor: i64, told: bool| told.then(|| self.money(minor));
        let deals = |count: i64, minor: i64, overlapping: bool| json!({ "count": count, "amount": self.money(minor), "overlapping": overlapping });
        json!({
            "modelId": AgreementVersionId::from_uuid(version).to_string(),
            "withheld": hidden.any(),
            "amount": money(sums.amount, !hidden.earned),
            "adjustments": money(sums.adjustments, !hidden.corrected),
            "share": share(sums.amount, whole).filter(|_| !hidden.earned).map(|share| print_scaled(share, 6)),
            "deals": (!hidden.earned).then(|| print_scaled(sums.weight_e12, 12)),
            "influenced": (!hidden.influenced).then(|| deals(sums.influenced, sums.influenced_amount, true)),
            "sourced": (!hidden.sourced).then(|| deals(sums.sourced, sums.sourced_amount, false)),
            "unconverted": lost.told().map(|lost| lost.iter().copied().map(said_money).collect::<Vec<_>>()),
        })
    }

    fn figures(self, version: Uuid, of: Figures) -> AttributionFigures {
        let Figures { sums, hidden, lost } = of;
        let money = |minor: i64| derived::Money(Money::new(minor, self.currency));
        let deals = |count: i64, minor: i64, overlapping: bool| AttributedDeals {
            count: i32::try_from(count).unwrap_or(i32::MAX),
            amount: money(minor),
            overlapping,
        };
        let share = share(sums.amount, Some(sums.amount)).filter(|_| !hidden.earned);
        AttributionFigures {
            model_id: ID(AgreementVersionId::from_uuid(version).to_string()),
            withheld: hidden.any(),
            amount: (!hidden.earned).then(|| money(sums.amount)),
            adjustments: (!hidden.corrected).then(|| money(sums.adjustments)),
            share: share.map(|share| Decimal(Number::new(share, 6))),
            deals: (!hidden.earned).then(|| Decimal(Number::new(sums.weight_e12, 12))),
            influenced: (!hidden.influenced).then(|| deals(sums.influenced, sums.influenced_amount, true)),
            sourced: (!hidden.sourced).then(|| deals(sums.sourced, sums.sourced_amount, false)),
            unconverted: lost.told().map(|lost| lost.iter().copied().map(derived::Money).collect()),
        }
    }
}

/// A part of a whole in millionths.
fn share(part: i64, whole: Option<i64>) -> Option<i64> {
    let whole = whole.filter(|whole| *whole > 0)?;
    i64::try_from(divide_half_even(i128::from(part) * 1_000_000, i128::from(whole))).ok()
}

impl Said for Shown {
    const NAME: &'static str = "AttributionReportRow";
    const ABOUT: &'static str = "The credit of a group of touches.";
    const RECORD: &'static str = "campaign";
    const ALWAYS: bool = true;

    fn fields(registry: &mut Registry) -> Vec<MetaField> {
        word_type::<Channel>(registry);
        <AttributionFigures as OutputType>::create_type_info(registry);
        vec![
            out("unattributed", "Boolean!", "Sales before which no touch counted: nobody's, and in no other group."),
            out("channel", "Channel", "Of groups by CHANNEL: the channel."),
            out(
                "campaign",
                "Campaign",
                "Of groups by CAMPAIGN: the campaign; null for touches of none, and for who may not see it.",
            ),
            out("content", "String", "Of groups by CONTENT: `utmContent` of the touches; null for touches without."),
            out("source", "String", "Of groups by SOURCE: `utmSource` of the touches; null for touches without."),
            out(
                "figures",
                "[AttributionFigures!]!",
                "What they earned, by each agreement in the order in which they were asked for.",
            ),
        ]
    }

    fn id(&self) -> Uuid {
        if let Key::Record(Some(id)) = self.key { id } else { Uuid::nil() }
    }

    fn say(&self, field: &str) -> Value {
        let text = |by: Group| match &self.key {
            Key::Text(text) if self.by == Some(by) => json!(text),
            _ => Value::Null,
        };
        match field {
            "unattributed" => json!(self.key == Key::Unattributed),
            "channel" => text(Group::Channel),
            "content" => text(Group::Content),
            "source" => text(Group::Source),
            _ => Value::Array(self.figures.clone()),
        }
    }
}

impl Shown {
    fn of(key: Key, of: &BTreeMap<Of, Figures>, asked: &Asked, report: &Report) -> Self {
        let lens = Lens { currency: asked.currency };
        let figure = |one: &Agreed| {
            let whole = report.total(one.version, asked.anchors[0]);
            let figures = of.get(&(one.version, asked.anchors[0])).cloned().unwrap_or_default();
            lens.say(one.version.uuid(), &figures, Some(whole.sums.amount).filter(|_| !whole.hidden.earned))
        };
        Self { by: asked.by, figures: asked.models.iter().map(figure).collect(), key }
    }
}

/// Rows come by what they earn by the first agreement; what is withheld last.
fn worth(of: &BTreeMap<Of, Figures>, asked: &Asked) -> Option<i64> {
    let first = of.get(&(asked.models.first()?.version, *asked.anchors.first()?)).cloned().unwrap_or_default();
    Some(first.sums.amount).filter(|_| !first.hidden.earned)
}

#[derive(Default)]
pub struct CreditReads;

#[Object]
impl CreditReads {
    /// Credit of a period by ATTRIBUTION agreements side by side: what touches earned in all, by channel, campaign, content
    /// or source, what they sourced and what they influenced. The figures are the same for whoever may read metrics; what
    /// rests on fewer than five sales, or would tell what does, is withheld from who does not see all of them. What lies
    /// behind is in `attributionCredits`, as far as the caller sees it. Changes are in it within a second. Errors:
    /// BAD_USER_INPUT for unknown or unsigned agreements, more than 5 of them, more than 1000 groups or a period in which no
    /// day begins, and, with `userErrorCode`, FX_RATE_MISSING for money in currencies without a rate that is young enough,
    /// CONFLICT while credit is computed anew because an agreement came into force. Null without the permission. Requires
    /// METRIC_READ.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field of the schema")]
    async fn attribution_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Credit that counts in it: anchored in it, or corrected in it after it was frozen. Days belong to it that begin in it where the organisation is."
        )]
        period: Period,
        #[graphql(
            desc = "1 to 5 agreements, for their versions in force, or versions of them; of one that is not in force any more only what was frozen is kept."
        )]
        models: Vec<ID>,
        #[graphql(desc = "One row for each of these; only totals unless given.")] group_by: Option<Term<Group>>,
        #[graphql(desc = "What credit is given for: WON, for revenue, unless given; OPP_CREATED for pipeline.")]
        anchor: Option<Term<Anchor>>,
        #[graphql(desc = "The currency of amounts; the organisation's unless given.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "What to do with money for which no rate is known; REFUSE unless given.")]
        on_missing_rate: Option<Term<MissingRate>>,
    ) -> Answer<Option<AttributionReport>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(None);
        }
        let (start, end) = period.ends()?;
        let anchor = anchor.map_or(Anchor::Won, |anchor| anchor.0);
        let ids: Vec<String> = models.into_iter().map(|id| id.0).collect();
        let models = agreed(access, &ids, &[anchor]).await?;
        let (home, base, currency) = money(access, currency.map(|code| code.0)).await?;
        let by = group_by.map(|by| by.0);
        let bucket = on_missing_rate.is_some_and(|term| term.0 == MissingRate::Bucket);
        let days = days(home, start, end)?;
        let asked = Asked { days, models, anchors: vec![anchor], by, home, base, currency, most: MOST_GROUPS, bucket };
        let mut report = report(access, &asked).await?;
        let mut groups: Vec<_> = std::mem::take(&mut report.groups).into_iter().collect();
        groups.sort_by(|(key, of), (other, others)| {
            worth(others, &asked).cmp(&worth(of, &asked)).then_with(|| key.cmp(other))
        });
        let lens = Lens { currency };
        let model = |one: &Agreed| {
            let total = report.total(one.version, anchor);
            AttributionReportModel {
                agreement_version: Some(one.version.uuid()).into(),
                key: one.key.clone(),
                version: one.number,
                unconverted: total.lost.told().map(|lost| lost.iter().copied().map(derived::Money).collect()),
                total: lens.figures(one.version.uuid(), total),
            }
        };
        let rows = groups.into_iter().map(|(key, of)| Shown::of(key, &of, &asked, &report)).collect();
        Ok(Some(AttributionReport {
            anchor: Term(anchor),
            currency: CurrencyCode(currency),
            models: asked.models.iter().map(model).collect(),
            rows: Sayings::new(campaign::meta(), rows),
        }))
    }

    /// What campaigns came to: who took part, how far the leads came, pipeline and revenue by an ATTRIBUTION agreement, and
    /// what that cost. Counts and amounts are the same for whoever may read metrics; costs and what is computed from them
    /// are null without CAMPAIGN_COST_READ for the campaign, and whatever rests on fewer than five records is withheld
    /// from who does not see all of them. Campaigns that the caller may not see are left out. Errors: BAD_USER_INPUT as
    /// for `attributionReport`. Empty without the permission. Requires METRIC_READ.
    async fn campaign_performance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "1 to 100 campaigns.")] campaign_ids: Vec<ID>,
        #[graphql(desc = "An agreement, for its version in force, or a version of one.")] model_id: ID,
        #[graphql(
            desc = "Only what happened in it: members that joined, leads that came, opportunities opened and won, credit and costs that count in it. All unless given."
        )]
        period: Option<Period>,
        #[graphql(desc = "The currency of amounts; the organisation's unless given.")] currency: Option<CurrencyCode>,
        #[graphql(
            desc = "What to do with credit and costs for which no rate is known; REFUSE unless given. BUCKET leaves them out and says so in `unconverted` and `costUnconverted`."
        )]
        on_missing_rate: Option<Term<MissingRate>>,
    ) -> Answer<Sayings<Performance>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Sayings::new(campaign::meta(), vec![]));
        }
        let span = period.map(Period::ends).transpose()?;
        let models = agreed(access, &[model_id.0], &[Anchor::OppCreated, Anchor::Won]).await?;
        let model = models.into_iter().next().ok_or_else(|| Error::internal("no agreement"))?;
        let (home, base, currency) = money(access, currency.map(|code| code.0)).await?;
        let bucket = on_missing_rate.is_some_and(|term| term.0 == MissingRate::Bucket);
        let wanted = Wanted { campaigns: campaigns(&campaign_ids)?, model, span, home, base, currency, bucket };
        Ok(Sayings::new(campaign::meta(), performance(access, &wanted).await?))
    }
}

const MOST_CAMPAIGNS: usize = 100;

fn campaigns(ids: &[ID]) -> Result<Vec<Uuid>> {
    if ids.is_empty() || ids.len() > MOST_CAMPAIGNS {
        return Err(Error::BadInput(format!("campaignIds: give 1 to {MOST_CAMPAIGNS}")));
    }
    let mut found: Vec<Uuid> = vec![];
    for (at, id) in ids.iter().enumerate() {
        let wrong = |e: entity::id::BadId| Error::BadInput(format!("campaignIds.{at}: {e}"));
        let id = id.parse::<CampaignId>().map_err(wrong)?.uuid();
        if !found.contains(&id) {
            found.push(id);
        }
    }
    Ok(found)
}
