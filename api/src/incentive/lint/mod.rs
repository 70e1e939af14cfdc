//! Looking a plan through for what it rewards that nobody wants. The rules are `pay::lint`; here is what they look at.

pub mod graphql;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days as Span, NaiveDate};
use entity::{
    agreement::Kind,
    agreement_version as versions,
    id::{AgreementVersionId, GoalId, RowId},
    incentive_assignment::{Column as A, Entity as Assignments},
    money::{Currency, Money},
    word::Word,
};
use sea_orm::{ColumnTrait, Condition};

use super::{
    IncentivePlanBody,
    assignment::participant,
    pay::{
        lint::{Ask, Axes, Choice, Finding, Offer, lint, people},
        plan::{Participant, Plan},
    },
    plan::SpiffEvent,
    trial::Days,
};
use crate::{
    actor::Permission,
    alignment::agreement::body::{decode, kind_of},
    error::{Error, Result},
    graph::scalar::Decimal,
    insight::{
        goal::{measure::Progress, past::told_in},
        metric::exact::Exact,
    },
    store::{Access, Scoped},
};

/// At most so many periods are looked back at.
pub const MOST_PERIODS: i32 = 8;
const MOST_CHOICES: usize = 20;
const MOST_OFFERS: usize = 10;

/// A plan, what was found, and whether its people were made up.
pub struct Report {
    pub plan: Plan,
    pub findings: Vec<Finding>,
    pub notional: bool,
}

/// A version of a plan that the caller sees; none for what they do not.
pub async fn version_of(access: &Access, id: AgreementVersionId) -> Result<Option<versions::Model>> {
    let Some(row) = Scoped::<versions::Entity>::read(access).ids(&[id.uuid()]).one().await? else { return Ok(None) };
    if kind_of(&row.body) == Some(Kind::IncentivePlan) {
        return Ok(Some(row));
    }
    Err(Error::BadInput("agreementVersionId: this is no incentive plan".into()))
}

/// What the caller gives to choose from.
pub struct Chosen {
    pub name: String,
    pub offers: Vec<Offered>,
}

pub struct Offered {
    pub name: String,
    pub value: Option<Decimal>,
    pub sales: Vec<(String, Decimal)>,
}

pub async fn report(
    access: &Access,
    id: AgreementVersionId,
    chosen: Vec<Chosen>,
    periods: i32,
) -> Result<Option<Report>> {
    if !(0..=MOST_PERIODS).contains(&periods) {
        return Err(Error::BadInput(format!("periods must be between 0 and {MOST_PERIODS}")));
    }
    let Some(version) = version_of(access, id).await? else { return Ok(None) };
    let body = decode::<IncentivePlanBody>(version)?.body;
    let plan = body.plan().map_err(|faults| Error::BadInput(told(&faults)))?;
    let choices = choices(&plan, chosen)?;
    let (people, notional) = who(access, id, &plan).await?;
    let axes = axes(access, &body, &plan).await?;
    let seen = seen(access, &plan, periods).await?;
    let ask = Ask { plan: plan.clone(), people, choices, axes, seen };
    // a large plan takes a while: not on a thread that others wait for
    let findings = tokio::task::spawn_blocking(move || lint(&ask)).await.map_err(Error::internal)?;
    Ok(Some(Report { plan, findings, notional }))
}

pub fn told(faults: &[crate::error::Fault]) -> String {
    faults.first().map_or_else(String::new, |fault| format!("{}: {}", fault.field.join("."), fault.message))
}

/// The people in the plan for who sees everybody's pay; made-up ones for everybody else, and where nobody is in it.
async fn who(access: &Access, id: AgreementVersionId, plan: &Plan) -> Result<(Vec<Participant>, bool)> {
    if access.actor().reaches_all(Permission::IncentiveRead) {
        let theirs = Condition::all().add(A::AgreementVersionId.eq(id.uuid()));
        let rows = Scoped::<Assignments>::read(access).filter(theirs).models().await?;
        if !rows.is_empty() {
            return Ok((rows.iter().map(participant).collect(), false));
        }
    }
    Ok((people(plan.currency), true))
}

fn choices(plan: &Plan, chosen: Vec<Chosen>) -> Result<Vec<Choice>> {
    let wrong = |message: String| Error::BadInput(format!("choices: {message}"));
    let names: BTreeSet<&str> = chosen.iter().map(|choice| choice.name.as_str()).collect();
    if chosen.len() > MOST_CHOICES || names.len() < chosen.len() {
        return Err(wrong(format!("give at most {MOST_CHOICES}, each with a name of its own")));
    }
    let amount = |value: &Decimal| amount(value, plan.currency).map_err(wrong);
    let place = |key: &str| {
        let component = plan.components.iter().position(|part| part.key == key && !part.roles().is_empty());
        component.ok_or_else(|| wrong(format!("{key} is no component that counts sales")))
    };
    let offer = |offered: Offered| -> Result<Offer> {
        let sales = offered.sales.iter().map(|(key, worth)| Ok((place(key)?, amount(worth)?)));
        let credits = sales.collect::<Result<Vec<(usize, i64)>>>()?;
        let sum = credits.iter().try_fold(0_i64, |sum, (_, worth)| sum.checked_add(*worth));
        let sum = sum.ok_or_else(|| wrong("too large an amount".into()))?;
        let value = offered.value.as_ref().map(amount).transpose()?.unwrap_or(sum);
        Ok(Offer { name: offered.name, value, credits })
    };
    let one = |choice: Chosen| {
        let sales = choice.offers.iter().map(|offer| offer.sales.len()).max().unwrap_or(0);
        if !(2..=MOST_OFFERS).contains(&choice.offers.len()) || sales > MOST_OFFERS {
            return Err(wrong(format!("give 2 to {MOST_OFFERS} offers of at most {MOST_OFFERS} sales")));
        }
        let offers = choice.offers.into_iter().map(offer).collect::<Result<_>>()?;
        Ok(Choice { name: choice.name, offers })
    };
    chosen.into_iter().map(one).collect()
}

fn amount(value: &Decimal, currency: Currency) -> std::result::Result<i64, String> {
    let money = Money::parse(&value.0.normalize().to_string(), currency).map_err(|error| error.to_string())?;
    if money.amount_minor < 0 { Err("an amount cannot be negative".into()) } else { Ok(money.amount_minor) }
}

/// What goals measure, as far as the caller reads them, and what SPIFFs reward.
async fn axes(access: &Access, body: &IncentivePlanBody, plan: &Plan) -> Result<Axes> {
    let ids: Vec<_> = plan.goals().iter().map(|goal| goal.uuid()).collect();
    let said = if ids.is_empty() { vec![] } else { Progress::said(access, &ids, access.now()).await? };
    let goals = said.into_iter().map(|(goal, said)| (goal.id, axis(said.body.metric.0.word()).to_owned())).collect();
    let spiffs = body.components.iter().filter_map(|part| {
        let event = part.spiff.as_ref()?.event.0;
        Some((part.key.clone(), rewarded(event).to_owned()))
    });
    Ok(Axes { goals, spiffs: spiffs.collect(), commission: REVENUE.to_owned() })
}

const REVENUE: &str = "REVENUE";
const ACCEPTANCE: &str = "ACCEPTANCE";

fn rewarded(event: SpiffEvent) -> &'static str {
    match event {
        SpiffEvent::LeadAcceptedInSla | SpiffEvent::OfferAccepted => ACCEPTANCE,
        SpiffEvent::OpportunityWon => REVENUE,
    }
}

/// Metrics that pull the same way.
fn axis(metric: &str) -> &str {
    let has = |words: &[&str]| words.iter().any(|word| metric.contains(word));
    if has(&["SLA", "ACCEPT", "RESPONSE", "HANDOFF"]) {
        return ACCEPTANCE;
    }
    if has(&["REVENUE", "WON", "WIN_RATE", "NRR", "GRR", "DEAL", "BOOKING", "FORECAST"]) {
        return REVENUE;
    }
    metric
}

/// The best that was reached of each goal in periods of the same length before the plan's, for who may read metrics.
async fn seen(access: &Access, plan: &Plan, periods: i32) -> Result<BTreeMap<GoalId, Exact>> {
    let (mut best, mut unknown) = (BTreeMap::new(), BTreeSet::new());
    if periods == 0 || !access.actor().may(Permission::MetricRead) {
        return Ok(best);
    }
    let goals = plan.goals();
    let ids: Vec<_> = goals.iter().map(|goal| goal.uuid()).collect();
    for days in before((plan.start, plan.end), periods) {
        let found = told_in(access, &ids, days).await?;
        for goal in &goals {
            // few records may have reached it: nothing is said of its best
            let Some(value) = found.get(&goal.uuid()) else {
                unknown.insert(*goal);
                continue;
            };
            let known: &mut Exact = best.entry(*goal).or_insert(*value);
            *known = if value.at_least(*known) { *value } else { *known };
        }
    }
    best.retain(|goal, _| !unknown.contains(goal));
    Ok(best)
}

/// The periods of the same length before these days, the latest first.
pub fn before((start, end): Days, periods: i32) -> Vec<Days> {
    let length = Span::new(u64::try_from((end - start).num_days()).unwrap_or(1).max(1));
    let mut all = Vec::new();
    let mut end: NaiveDate = start;
    for _ in 0..periods {
        let Some(start) = end.checked_sub_days(length) else { break };
        all.push((start, end));
        end = start;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_periods_are_as_long_and_end_where_the_next_begins() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let all = before((day("2026-07-01"), day("2026-07-31")), 2);
        assert_eq!(all, [(day("2026-06-01"), day("2026-07-01")), (day("2026-05-02"), day("2026-06-01"))]);
        assert!(before((day("2026-07-01"), day("2026-07-31")), 0).is_empty());
    }

    #[test]
    fn metrics_pull_in_few_directions() {
        assert_eq!([axis("SLA_ATTAINMENT"), axis("ACCEPTANCE_RATE"), axis("LEAD_RESPONSE_TIME")], [ACCEPTANCE; 3]);
        assert_eq!([axis("REVENUE"), axis("WIN_RATE"), axis("AVG_DEAL_SIZE")], [REVENUE; 3]);
        assert_eq!(axis("DATA_HEALTH"), "DATA_HEALTH");
    }
}
