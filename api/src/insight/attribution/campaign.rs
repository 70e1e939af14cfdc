//! A campaign's figures in the schema, and what is divided from them.

use std::collections::BTreeMap;

use async_graphql::registry::{MetaField, Registry};
use entity::money::{Currency, Money, divide_half_even, print_scaled};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Figures, graphql::Lens};
use crate::{
    alignment::attribution::graphql::said_money,
    graph::{said::Said, sdl::out},
};

/// What one campaign came to. Numbers are none where they are withheld.
#[derive(Clone, Debug)]
pub struct Performance {
    pub(super) id: Uuid,
    pub(super) version: Uuid,
    pub(super) currency: Currency,
    pub(super) members: [Option<i64>; 2],
    /// Leads, and those that came to MQL, SAL and SQL.
    pub(super) leads: [Option<i64>; 4],
    /// Opened, and won.
    pub(super) deals: [Option<i64>; 2],
    /// Impressions and clicks.
    pub(super) delivered: [Option<i64>; 2],
    pub(super) pipeline: Figures,
    pub(super) revenue: Figures,
    /// New customers, in units of 10^-12; none where that is withheld.
    pub(super) customers_e12: Option<i64>,
    /// None for who may not see it.
    pub(super) cost: Option<Cost>,
}

/// What a campaign cost.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// In minor units of the wanted currency.
    pub(super) minor: i64,
    /// What could not be converted, a sum of each currency.
    pub(super) left: BTreeMap<Currency, i64>,
}

impl Said for Performance {
    const NAME: &'static str = "CampaignPerformance";
    const ABOUT: &'static str = "What a campaign came to, and what that cost. Whatever rests on fewer than five records is null for who does not see them all, and so is what is divided from it.";
    const RECORD: &'static str = "campaign";

    fn fields(_: &mut Registry) -> Vec<MetaField> {
        vec![
            out("campaign", "Campaign!", "The campaign."),
            out("members", "Int", "Who takes part in it."),
            out("responses", "Int", "Who of them has answered."),
            out("leads", "Int", "Leads it brought: those whose `campaign` it is."),
            out("mqls", "Int", "How many of these have been MQL, or further."),
            out("sals", "Int", "How many of these sales has accepted, or are further."),
            out("sqls", "Int", "How many of these have been SQL, or further."),
            out("opportunities", "Int", "Opportunities that began with it: those whose `sourceCampaign` it is."),
            out("won", "Int", "How many that began with it were won."),
            out(
                "pipeline",
                "AttributionFigures!",
                "Pipeline that its touches have credit for, sourced and influenced.",
            ),
            out("revenue", "AttributionFigures!", "Revenue that its touches have credit for, sourced and influenced."),
            out("impressions", "Float!", "How often platforms say it was shown."),
            out(
                "clicks",
                "Float",
                "How often platforms say it was clicked; where none says so, the AD_CLICK touchpoints.",
            ),
            out("cost", "Money", "What it cost up to today; null without CAMPAIGN_COST_READ for it."),
            out(
                "costUnconverted",
                "[Money!]",
                "Costs for which no rate of exchange is known, left out of `cost`: only with `onMissingRate: BUCKET`, a sum of each currency. What is divided from a cost is then null. Null without CAMPAIGN_COST_READ for it.",
            ),
            out(
                "roi",
                "Decimal",
                "Revenue it has credit for less cost, through cost; null without a cost, and where some of either could not be converted.",
            ),
            out("costPerClick", "Decimal", "Cost through clicks, in the currency of the cost; null without clicks."),
            out("costPerLead", "Decimal", "Cost through leads; null without leads."),
            out(
                "customers",
                "Decimal",
                "Parts of new customers it has credit for: of the first sale won of an account.",
            ),
            out(
                "costPerCustomer",
                "Decimal",
                "Cost through these: the cost of acquiring a customer by campaigns alone. Null without customers.",
            ),
        ]
    }

    fn id(&self) -> Uuid {
        self.id
    }

    fn say(&self, field: &str) -> Value {
        let lens = Lens { currency: self.currency };
        let earned = |figures: &Figures| lens.say(self.version, figures, None);
        match field {
            "members" => json!(self.members[0]),
            "responses" => json!(self.members[1]),
            "leads" => json!(self.leads[0]),
            "mqls" => json!(self.leads[1]),
            "sals" => json!(self.leads[2]),
            "sqls" => json!(self.leads[3]),
            "opportunities" => json!(self.deals[0]),
            "won" => json!(self.deals[1]),
            "pipeline" => earned(&self.pipeline),
            "revenue" => earned(&self.revenue),
            "impressions" => json!(self.delivered[0]),
            "clicks" => json!(self.delivered[1]),
            "cost" => json!(self.cost.as_ref().map(|cost| said_money(Money::new(cost.minor, self.currency)))),
            "costUnconverted" => {
                let said = |(currency, minor): (&Currency, &i64)| said_money(Money::new(*minor, *currency));
                json!(self.cost.as_ref().map(|cost| cost.left.iter().map(said).collect::<Vec<_>>()))
            }
            "roi" => self.roi(),
            "costPerClick" => self.cost_per(self.delivered[1], 0),
            "costPerLead" => self.cost_per(self.leads[0], 0),
            "customers" => json!(self.customers_e12.map(|n| print_scaled(n, 12))),
            _ => self.cost_per(self.customers_e12, 12),
        }
    }
}

/// A ratio rounded half-even to six places; nothing where there is nothing to divide by.
fn millionths(dividend: i128, divisor: i128) -> Value {
    let scaled = dividend.checked_mul(1_000_000).filter(|_| divisor > 0).map(|n| divide_half_even(n, divisor));
    scaled.and_then(|n| i64::try_from(n).ok()).map_or(Value::Null, |n| json!(print_scaled(n, 6)))
}

impl Performance {
    /// In minor units, where all of it is known in one currency.
    fn whole_cost(&self) -> Option<i64> {
        self.cost.as_ref().filter(|cost| cost.left.is_empty()).map(|cost| cost.minor)
    }

    fn roi(&self) -> Value {
        let whole = !self.revenue.hidden.earned && self.revenue.lost.told().is_some_and(<[Money]>::is_empty);
        let Some(cost) = self.whole_cost().filter(|_| whole) else { return Value::Null };
        millionths(i128::from(self.revenue.sums.amount) - i128::from(cost), cost.into())
    }

    /// Units of the currency for each of `count` things, counted with so many decimals.
    fn cost_per(&self, count: Option<i64>, decimals: u32) -> Value {
        let Some((cost, count)) = self.whole_cost().zip(count) else { return Value::Null };
        let units = 10_i128.pow(self.currency.exponent());
        millionths(i128::from(cost) * 10_i128.pow(decimals), i128::from(count) * units)
    }
}
