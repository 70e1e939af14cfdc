//! `INCENTIVE_PLAN`: what is paid for what. Pure.

use async_graphql::{InputObject, SimpleObject};
use entity::{agreement::Kind, id::GoalId, opportunity::OppType, word::Word};
use serde::{Deserialize, Serialize};

use super::{
    parts::{IncentiveClawback, IncentiveComponent, IncentiveGate, IncentiveHealthRule},
    read,
};
use crate::{
    alignment::agreement::{Body, text},
    error::{Fault, FaultCode},
    graph::scalar::{CurrencyCode, Date},
    incentive::pay::{plan::Plan, validate},
};

/// What is paid for what. Who is in it, and on what terms, is said by `IncentiveAssignment`s of the version. It is signed by
/// marketing, sales and finance.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentivePlanBodyInput")]
pub struct IncentivePlanBody {
    /// The first day.
    pub period_start: Date,
    /// The first day after it; at most 366 days later.
    pub period_end: Date,
    /// The currency of everything that is paid.
    pub currency: CurrencyCode,
    /// What is paid for: 1 to 20.
    pub components: Vec<IncentiveComponent>,
    /// All must be passed, or nothing is paid but guarantees and adjustments.
    #[serde(default)]
    #[graphql(default)]
    pub gates: Vec<IncentiveGate>,
    /// What lowers pay while records are not kept well.
    #[serde(default)]
    #[graphql(default)]
    pub data_health: Vec<IncentiveHealthRule>,
    /// The most that is paid to all people together, in the plan's currency.
    pub plan_cap: Option<crate::graph::scalar::Decimal>,
    /// The most that is paid to one person, in the plan's currency.
    pub person_cap: Option<crate::graph::scalar::Decimal>,
    /// What is taken back of sales that come to nothing.
    pub clawback: Option<IncentiveClawback>,
    /// How many days after a run was locked its statements may be disputed: 0 to 90; 14 unless given.
    pub dispute_window_days: Option<i32>,
    /// A statement that is disputed is not paid before that is settled.
    pub hold_on_dispute: Option<bool>,
    /// Pay follows later versions of its goals; by the versions in force at the period's start unless true.
    pub reprices_incentives: Option<bool>,
}

const MOST_DAYS: i64 = 366;
const MOST_PARTS: usize = 20;
const MOST_WINDOW: i32 = 90;
pub const WINDOW: i32 = 14;

impl Body for IncentivePlanBody {
    const KIND: Kind = Kind::IncentivePlan;

    fn check(&self) -> Vec<Fault> {
        let mut faults = self.check_shape();
        match self.plan() {
            // what is wrong with the whole is said once its numbers can be read
            Ok(plan) => faults.extend(validate::plan(&plan).into_iter().map(|fault| self.at_home(fault))),
            Err(wrong) => faults.extend(wrong),
        }
        faults
    }
}

fn fault(field: &str, message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::Validation, field, message)
}

impl IncentivePlanBody {
    fn check_shape(&self) -> Vec<Fault> {
        let (start, end) = self.days();
        let mut faults = Vec::new();
        if (end - start).num_days() > MOST_DAYS {
            faults.push(fault("periodEnd", format!("this must be at most {MOST_DAYS} days after periodStart")));
        }
        for (field, len) in [("components", self.components.len()), ("gates", self.gates.len())] {
            if len > MOST_PARTS {
                faults.push(fault(field, format!("give at most {MOST_PARTS}")));
            }
        }
        if self.data_health.len() > 2 {
            faults.push(fault("dataHealth", "give at most 2"));
        }
        if self.dispute_window_days.is_some_and(|days| !(0..=MOST_WINDOW).contains(&days)) {
            faults.push(fault("disputeWindowDays", format!("this must be between 0 and {MOST_WINDOW}")));
        }
        for (at, component) in self.components.iter().enumerate() {
            let mut own = text::required("key", &component.key, 40);
            own.extend(text::required("name", &component.name, 200));
            faults.extend(own.into_iter().map(|fault| fault.under(at.to_string()).under("components")));
        }
        faults
    }

    /// The plan as it is reckoned with, or what cannot be read.
    pub fn plan(&self) -> Result<Plan, Vec<Fault>> {
        read::plan(self)
    }

    /// A fault about a component's rule, under the member that says the rule.
    fn at_home(&self, mut fault: Fault) -> Fault {
        if let [components, at, member, ..] = fault.field.as_slice()
            && components == "components"
            && !["key", "cap", "gates"].contains(&member.as_str())
            && let Some(said) = at.parse().ok().and_then(|at: usize| self.components.get(at)?.member())
        {
            fault.field.insert(2, said.to_owned());
        }
        fault
    }

    pub fn days(&self) -> (chrono::NaiveDate, chrono::NaiveDate) {
        (self.period_start.0, self.period_end.0)
    }

    pub fn window(&self) -> i32 {
        self.dispute_window_days.unwrap_or(WINDOW)
    }

    pub fn holds_on_dispute(&self) -> bool {
        self.hold_on_dispute == Some(true)
    }

    /// Whether pay follows later versions of its goals.
    pub fn reprices(&self) -> bool {
        self.reprices_incentives == Some(true)
    }

    /// Every goal that it hangs on.
    pub fn goals(&self) -> Vec<GoalId> {
        self.plan().map(|plan| plan.goals()).unwrap_or_default()
    }
}

impl IncentiveComponent {
    /// The member that says how it pays.
    pub fn member(&self) -> Option<&'static str> {
        let members = [
            ("goalAttainment", self.goal_attainment.is_some()),
            ("commissionMarginal", self.commission_marginal.is_some()),
            ("commissionRetroactive", self.commission_retroactive.is_some()),
            ("spiff", self.spiff.is_some()),
            ("pool", self.pool.is_some()),
        ];
        let mut given = members.into_iter().filter(|(_, given)| *given);
        let first = given.next()?;
        given.next().is_none().then_some(first.0)
    }

    /// Whether a commission counts sales of this type.
    pub fn takes(&self, of: OppType) -> bool {
        let commission = self.commission_marginal.as_ref().or(self.commission_retroactive.as_ref());
        commission.is_none_or(|c| {
            c.opportunity_types.is_empty() || c.opportunity_types.iter().any(|t| t.0.word() == of.word())
        })
    }
}
