//! A campaign's figures in the schema, and what is divided from them.

use async_graphql::registry::{MetaField, Registry};
use entity::money::{Currency, Money, divide_half_even, print_scaled};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Sums, graphql::Lens};
use crate::{
    alignment::attribution::graphql::said_money,
    graph::{said::Said, sdl::out},
};

/// What one campaign came to.
#[derive(Clone, Debug)]
pub struct Performance {
    pub(super) id: Uuid,
    pub(super) version: Uuid,
    pub(super) currency: Currency,
    pub(super) members: [i64; 2],
    /// Leads, and those that came to MQL, SAL and SQL.
    pub(super) leads: [i64; 4],
    /// Opened, and won.
    pub(super) deals: [i64; 2],
    /// Impressions and clicks.
    pub(super) delivered: [i64; 2],
    pub(super) pipeline: Option<Sums>,
    pub(super) revenue: Option<Sums>,
    /// New customers, in units of 10^-12.
    pub(super) customers_e12: i64,
    /// In minor units; none for who may not see it.
    pub(super) cost: Option<i64>,
}

impl Said for Performance {
    const NAME: &'static str = "CampaignPerformance";
    const ABOUT: &'static str = "What a campaign came to, and what that cost.";
    const RECORD: &'static str = "campaign";

    fn fields(_: &mut Registry) -> Vec<MetaField> {
        vec![
            out("campaign", "Campaign!", "The campaign."),
            out("members", "Int!", "Who takes part in it."),
            out("responses", "Int!", "Who of them has answered."),
            out("leads", "Int!", "Leads it brought: those whose `campaign` it is."),
            out("mqls", "Int!", "How many of these have been MQL, or further."),
            out("sals", "Int!", "How many of these sales has accepted, or are further."),
            out("sqls", "Int!", "How many of these have been SQL, or further."),
            out("opportunities", "Int!", "Opportunities that began with it: those whose `sourceCampaign` it is."),
            out("won", "Int!", "How many that began with it were won."),
            out(
                "pipeline",
                "AttributionFigures!",
                "Pipeline that its touches have credit for, sourced and influenced.",
            ),
            out("revenue", "AttributionFigures!", "Revenue that its touches have credit for, sourced and influenced."),
            out("impressions", "Float!", "How often platforms say it was shown."),
            out(
                "clicks",
                "Float!",
                "How often platforms say it was clicked; where none says so, the AD_CLICK touchpoints.",
            ),
            out("cost", "Money", "What it cost; null without CAMPAIGN_COST_READ for it."),
            out("roi", "Decimal", "Revenue it has credit for less cost, through cost; null without a cost."),
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
        let earned = |sums: Option<&Sums>| lens.say(self.version, sums, None);
        match field {
            "members" => json!(self.members[0]),
            "responses" => json!(self.members[1]),
            "leads" => json!(self.leads[0]),
            "mqls" => json!(self.leads[1]),
            "sals" => json!(self.leads[2]),
            "sqls" => json!(self.leads[3]),
            "opportunities" => json!(self.deals[0]),
            "won" => json!(self.deals[1]),
            "pipeline" => earned(self.pipeline.as_ref()),
            "revenue" => earned(self.revenue.as_ref()),
            "impressions" => json!(self.delivered[0]),
            "clicks" => json!(self.delivered[1]),
            "cost" => json!(self.cost.map(|minor| said_money(Money::new(minor, self.currency)))),
            "roi" => self.roi(),
            "costPerClick" => self.cost_per(self.delivered[1].into(), 0),
            "costPerLead" => self.cost_per(self.leads[0].into(), 0),
            "customers" => json!(self.revenue.map(|_| print_scaled(self.customers_e12, 12))),
            _ if self.revenue.is_none() => Value::Null,
            _ => self.cost_per(self.customers_e12.into(), 12),
        }
    }
}

/// A ratio rounded half-even to six places; nothing where there is nothing to divide by.
fn millionths(dividend: i128, divisor: i128) -> Value {
    let scaled = dividend.checked_mul(1_000_000).filter(|_| divisor > 0).map(|n| divide_half_even(n, divisor));
    scaled.and_then(|n| i64::try_from(n).ok()).map_or(Value::Null, |n| json!(print_scaled(n, 6)))
}

impl Performance {
    fn roi(&self) -> Value {
        match (self.cost, self.revenue) {
            (Some(cost), Some(revenue)) => millionths(i128::from(revenue.amount) - i128::from(cost), cost.into()),
            _ => Value::Null,
        }
    }

    /// Units of the currency for each of `count` things, counted with so many decimals.
    fn cost_per(&self, count: i128, decimals: u32) -> Value {
        let Some(cost) = self.cost else { return Value::Null };
        let units = 10_i128.pow(self.currency.exponent());
        millionths(i128::from(cost) * 10_i128.pow(decimals), count * units)
    }
}
