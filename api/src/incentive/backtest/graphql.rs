//! Back-tests in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, Object, Result as Answer, SimpleObject};
use entity::{agreement_version as versions, id::RowId, money::Money as Amount, user, user::Side};

use super::{Backtest, OfPerson, OfSide, Tried as Period, backtest};
use crate::{
    actor::Permission,
    graph::{
        Node,
        derived::{Money, Term, Tried},
        root::access,
        scalar::Date,
        value,
    },
    store::Guarded,
};

/// What a side's people would have been paid together in a period.
#[derive(SimpleObject)]
pub struct IncentiveBacktestSide {
    /// The side.
    side: Term<Side>,
    /// How many of its people are in the plan.
    people: i32,
    /// What they would have been paid. Null of fewer than five people and for who may not be told: of a signed plan it needs
    /// INCENTIVE_TOTAL_READ, of a draft that one sees everybody's pay.
    amount: Option<Money>,
    /// What the version in force would have paid its people of this side; null as above, and where there is none.
    in_force: Option<Money>,
}

/// What a person would have been paid in a period.
#[derive(SimpleObject)]
pub struct IncentiveBacktestPerson {
    /// Who.
    user: Node<user::Entity>,
    /// On which side.
    side: Term<Side>,
    /// What they would have been paid, without draws and adjustments.
    amount: Money,
    /// What the version in force would have paid them; null where they are not in it.
    in_force: Option<Money>,
}

/// A period that is over, tried.
#[derive(SimpleObject)]
pub struct IncentiveBacktestPeriod {
    /// The first day.
    period_start: Date,
    /// The first day after it.
    period_end: Date,
    /// By side.
    sides: Vec<IncentiveBacktestSide>,
    /// The people whose pay the caller sees.
    people: Vec<IncentiveBacktestPerson>,
}

/// What a plan would have come to in periods that are over.
#[derive(SimpleObject)]
pub struct IncentiveBacktest {
    /// The version in force that it is held against; null where there is none, where it is this one, and where it pays in
    /// another currency.
    in_force: Node<versions::Entity>,
    /// The latest first.
    periods: Vec<IncentiveBacktestPeriod>,
}

impl From<Backtest> for IncentiveBacktest {
    fn from(found: Backtest) -> Self {
        let money = |minor: i64| Money(Amount::new(minor, found.currency));
        let side = |of: OfSide| IncentiveBacktestSide {
            side: Term(of.side),
            people: i32::try_from(of.people).unwrap_or(i32::MAX),
            amount: of.would.map(money),
            in_force: of.in_force.map(money),
        };
        let person = |of: OfPerson| IncentiveBacktestPerson {
            user: Some(of.user.uuid()).into(),
            side: Term(of.side),
            amount: money(of.would),
            in_force: of.in_force.map(money),
        };
        let period = |of: Period| IncentiveBacktestPeriod {
            period_start: Date(of.days.0),
            period_end: Date(of.days.1),
            sides: of.sides.into_iter().map(side).collect(),
            people: of.people.into_iter().map(person).collect(),
        };
        Self {
            in_force: found.in_force.map(RowId::uuid).into(),
            periods: found.periods.into_iter().map(period).collect(),
        }
    }
}

#[derive(Default)]
pub struct BacktestReads;

#[Object]
impl BacktestReads {
    /// What a version of an incentive plan would have come to in periods of the same length before its own, beside the version in
    /// force: by what people did then, on the terms of today, each for the whole period, and by how far goals would have been
    /// reached by the metric of those days. Data health is not looked at. Null for a version that the caller does not see.
    /// Errors: BAD_USER_INPUT for an agreement of another kind, for `periods` out of range, and for sales in currencies without
    /// a rate of exchange. Requires AGREEMENT_READ.
    async fn incentive_plan_backtest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan's version: an id that begins with `agreement_version_`.")] agreement_version_id: ID,
        #[graphql(default = 1, desc = "How many periods: 1 to 8.")] periods: i32,
    ) -> Answer<Tried<IncentiveBacktest>> {
        let access = access(ctx)?;
        let id = value::id(versions::Entity::NAME, &agreement_version_id).map(RowId::from_uuid);
        let Some(id) = id.filter(|_| access.actor().may(Permission::AgreementRead)) else { return Ok(Tried(Ok(None))) };
        Ok(Tried(backtest(access, id, periods).await.map(|found| found.map(IncentiveBacktest::from))))
    }
}
