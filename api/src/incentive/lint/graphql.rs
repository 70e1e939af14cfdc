//! Looking a plan through, in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, InputObject, Object, Result as Answer, SimpleObject};
use entity::{agreement_version as versions, money::Money as Amount, words};

use super::{Chosen, Offered, Report, report};
use crate::{
    actor::Permission,
    graph::{
        derived::{Money, Term, Tried},
        root::access,
        scalar::Decimal,
        value,
    },
    incentive::pay::lint::{self as pay, Kind, Value},
    insight::metric::exact::Exact,
    store::Guarded,
};

words! {
    /// What a plan rewards that nobody wants.
    pub enum FindingKind as "IncentiveFindingKind" {
        /// Somebody earns most by what is worth less to the company.
        PayeeAgainstCompany = "PAYEE_AGAINST_COMPANY",
        /// A cent more or less decides over much.
        Cliff = "CLIFF",
        /// A SPIFF rewards what none of the plan's goals measures.
        SpiffOffAxis = "SPIFF_OFF_AXIS",
        /// What one side wins is taken from the other.
        SidesAgainstEachOther = "SIDES_AGAINST_EACH_OTHER",
        /// Somebody earns more by holding a sale back for the next period.
        Sandbagging = "SANDBAGGING",
        /// Nobody can earn anything by it.
        Unreachable = "UNREACHABLE",
        /// It has no end.
        Unlimited = "UNLIMITED",
    }
}

impl From<Kind> for FindingKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::PayeeAgainstCompany => Self::PayeeAgainstCompany,
            Kind::Cliff => Self::Cliff,
            Kind::SpiffOffAxis => Self::SpiffOffAxis,
            Kind::SidesAgainstEachOther => Self::SidesAgainstEachOther,
            Kind::Sandbagging => Self::Sandbagging,
            Kind::Unreachable => Self::Unreachable,
            Kind::Unlimited => Self::Unlimited,
        }
    }
}

/// Ways to serve the same customer, one of which is sold.
#[derive(InputObject)]
pub struct IncentiveChoiceInput {
    /// Its name; findings name it.
    name: String,
    /// What could be sold: 2 to 10.
    offers: Vec<IncentiveOfferInput>,
}

/// One way to serve a customer.
#[derive(InputObject)]
pub struct IncentiveOfferInput {
    /// Its name.
    name: String,
    /// What the company gets out of it, in the plan's currency; the sum of its sales unless given.
    value: Option<Decimal>,
    /// What is sold: at most 10.
    sales: Vec<IncentiveOfferSaleInput>,
}

/// A sale of an offer.
#[derive(InputObject)]
pub struct IncentiveOfferSaleInput {
    /// The key of the plan's component that counts it.
    component: String,
    /// What it is worth, in the plan's currency.
    amount: Decimal,
}

impl From<IncentiveChoiceInput> for Chosen {
    fn from(said: IncentiveChoiceInput) -> Self {
        let offer = |said: IncentiveOfferInput| Offered {
            name: said.name,
            value: said.value,
            sales: said.sales.into_iter().map(|sale| (sale.component, sale.amount)).collect(),
        };
        Self { name: said.name, offers: said.offers.into_iter().map(offer).collect() }
    }
}

/// A number of a finding: exactly one of money, share and count.
#[derive(SimpleObject)]
pub struct IncentiveFigure {
    /// What it is.
    name: &'static str,
    /// An amount.
    money: Option<Money>,
    /// A share: 1 is all.
    share: Option<Decimal>,
    /// A number.
    count: Option<i32>,
}

/// Something that a plan rewards and should not.
#[derive(SimpleObject)]
pub struct IncentiveFinding {
    /// What.
    kind: Term<FindingKind>,
    /// The component's key, the choice's name or the side that it is about.
    subject: String,
    /// What somebody does, and what they get, in a sentence.
    scenario: String,
    /// Its numbers.
    figures: Vec<IncentiveFigure>,
    /// The smallest change of those that were tried and removes it without bringing another finding, as sentences: all of
    /// them together. Empty where none does.
    changes: Vec<String>,
}

/// What was found in a plan.
#[derive(SimpleObject)]
pub struct IncentiveLint {
    /// What was found, by kind.
    findings: Vec<IncentiveFinding>,
    /// Whether it was looked through with one made-up person of each side, with a target bonus of 20,000 and a quota of 500,000:
    /// so for who does not see everybody's pay, and as long as nobody is in the plan.
    notional: bool,
}

impl From<Report> for IncentiveLint {
    fn from(report: Report) -> Self {
        let currency = report.plan.currency;
        let figure = |figure: pay::Figure| {
            let mut told = IncentiveFigure { name: figure.name, money: None, share: None, count: None };
            match figure.value {
                Value::Amount(minor) => told.money = Some(Money(Amount::new(minor, currency))),
                Value::Share(value) => told.share = decimal(value),
                Value::Count(count) => told.count = Some(i32::try_from(count).unwrap_or(i32::MAX)),
            }
            told
        };
        let plan = &report.plan;
        let one = |finding: pay::Finding| IncentiveFinding {
            kind: Term(finding.kind.into()),
            subject: finding.subject,
            scenario: finding.scenario,
            changes: finding.changes.iter().map(|change| change.said(plan)).collect(),
            figures: finding.figures.into_iter().map(figure).collect(),
        };
        Self { findings: report.findings.into_iter().map(one).collect(), notional: report.notional }
    }
}

/// To six decimals.
pub fn decimal(value: Exact) -> Option<Decimal> {
    let millionths = value.scaled(6)?;
    rust_decimal::Decimal::try_from_i128_with_scale(millionths, 6).ok().map(|value| Decimal(value.normalize()))
}

#[derive(Default)]
pub struct LintReads;

#[Object]
impl LintReads {
    /// Looks a version of an incentive plan through for what it rewards that nobody wants: what pays somebody most and is worth
    /// less, cliffs, SPIFFs beside the plan's goals, sides that win at each other's cost, sales that are worth holding back,
    /// components that pay nobody or without end. Each finding tells its scenario, numbers and the smallest change that
    /// removes it. Null for a version that the caller does not see. Errors: BAD_USER_INPUT for an agreement of another kind,
    /// and for choices or `periods` out of range. Requires AGREEMENT_READ.
    async fn incentive_plan_lint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan's version: an id that begins with `agreement_version_`.")] agreement_version_id: ID,
        #[graphql(default, desc = "What could be sold instead of each other, e.g. by the price book: at most 20.")]
        choices: Vec<IncentiveChoiceInput>,
        #[graphql(
            default = 0,
            desc = "How many periods of the same length before the plan's to look back at, for goals that were never reached: 0 to \
                    8. Needs METRIC_READ, else none."
        )]
        periods: i32,
    ) -> Answer<Tried<IncentiveLint>> {
        let access = access(ctx)?;
        let id = value::id(versions::Entity::NAME, &agreement_version_id).map(entity::id::RowId::from_uuid);
        let Some(id) = id.filter(|_| access.actor().may(Permission::AgreementRead)) else { return Ok(Tried(Ok(None))) };
        let found = report(access, id, choices.into_iter().map(Chosen::from).collect(), periods).await;
        Ok(Tried(found.map(|report| report.map(IncentiveLint::from))))
    }
}
