//! GOAL: a number that both sides answer for. Pure.

use async_graphql::{ID, InputObject, SimpleObject};
use entity::{
    agreement::Kind,
    id::{GoalId, UserId},
    user::Side,
};
use serde::{Deserialize, Serialize};

use super::{curve::PaceCurve, pace::Way};
use crate::{
    alignment::agreement::Body,
    error::{Error, Fault, FaultCode, Result},
    graph::{
        derived::Term,
        scalar::{CurrencyCode, Date, Decimal},
    },
    insight::metric::{
        Metric, Past,
        answer::fits,
        exact::Exact,
        graphql::inputs::{MetricFilter, MetricOptionsInput},
        key::Key,
        prior::Days,
    },
};

/// A number that both sides answer for: what is measured, of which records, in which period, from where to where, and by
/// whom. It is proposed only with an owner on each side. A change of it is the agreement's next version: days that are over
/// keep the one that was in force then.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "GoalBodyInput")]
pub struct GoalBody {
    /// What is measured.
    pub metric: Term<Key>,
    /// Only these records; all of the organisation unless given.
    pub scope: Option<MetricFilter>,
    /// What the metric can be told beside.
    pub options: Option<MetricOptionsInput>,
    /// The currency of money; the organisation's unless given.
    pub currency: Option<CurrencyCode>,
    /// The first day.
    pub period_start: Date,
    /// The first day after it; at most 3660 days later.
    pub period_end: Date,
    /// Where it begins, in the metric's unit; money in whole units of the currency. At most six decimals.
    pub baseline: Decimal,
    /// What is to be reached; below the baseline where less is better.
    pub target: Decimal,
    /// What would be better still, beyond the target.
    pub stretch: Option<Decimal>,
    /// How much is expected by when; the same each day unless given.
    pub curve: Option<PaceCurve>,
    /// Who answers for it in marketing: at most 20, each an id that begins with `user_`.
    pub marketing_owner_ids: Vec<ID>,
    /// Who answers for it in sales: at most 20, each an id that begins with `user_`.
    pub sales_owner_ids: Vec<ID>,
    /// The goal that it is a part of, of the same metric and a period around this one: an id that begins with `goal_`.
    pub parent_id: Option<ID>,
    /// How many days after its end it is still kept day by day before it is decided whether it was reached, for data that comes
    /// late: 0 to 90; 0 unless given.
    pub grace_days: Option<i32>,
    /// Both sides give it up.
    pub cancelled: Option<bool>,
}

const MOST_DAYS: i64 = 3660;
const MOST_OWNERS: usize = 20;
const MOST_GRACE: i32 = 90;
/// Values are kept in millionths, as whole numbers of 64 bits.
const DECIMALS: u32 = 6;
const MOST: i64 = 1_000_000_000_000;

fn fault(field: &str, message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::Validation, field, message)
}

fn said(error: &Error) -> String {
    if let Error::BadInput(message) = error { message.clone() } else { error.to_string() }
}

impl Body for GoalBody {
    const KIND: Kind = Kind::Goal;

    fn check(&self) -> Vec<Fault> {
        let mut faults = self.check_period();
        faults.extend(self.check_values());
        faults.extend(self.check_question());
        for (field, ids) in [("marketingOwnerIds", &self.marketing_owner_ids), ("salesOwnerIds", &self.sales_owner_ids)]
        {
            let twice = (1..ids.len()).any(|at| ids[..at].contains(&ids[at]));
            if ids.len() > MOST_OWNERS || twice {
                faults.push(fault(field, format!("give at most {MOST_OWNERS}, each once")));
            }
            if ids.iter().any(|id| id.parse::<UserId>().is_err()) {
                faults.push(fault(field, "not an id of user"));
            }
        }
        if self.parent_id.is_some() && self.parent().is_none() {
            faults.push(fault("parentId", "not an id of goal"));
        }
        faults
    }
}

impl GoalBody {
    fn check_period(&self) -> Vec<Fault> {
        let (start, end) = self.days();
        let days = (end - start).num_days();
        if !(1..=MOST_DAYS).contains(&days) {
            return vec![fault("periodEnd", format!("this must be 1 to {MOST_DAYS} days after periodStart"))];
        }
        let curve = self.pace_curve().check((start, end)).into_iter().map(|fault| fault.under("curve"));
        let grace = self.grace_days.is_some_and(|days| !(0..=MOST_GRACE).contains(&days));
        let grace = grace.then(|| fault("graceDays", format!("this must be between 0 and {MOST_GRACE}")));
        curve.chain(grace).collect()
    }

    fn check_values(&self) -> Vec<Fault> {
        let values =
            [("baseline", Some(&self.baseline)), ("target", Some(&self.target)), ("stretch", self.stretch.as_ref())];
        let most = Exact::whole(MOST);
        let fits = |value: &Decimal| {
            let read = exact(value);
            value.0.scale() <= DECIMALS && most.at_least(read) && read.at_least(Exact::ZERO.minus(most).unwrap_or(read))
        };
        let wrong = values.into_iter().filter(|(_, value)| value.is_some_and(|value| !fits(value)));
        let mut faults: Vec<Fault> =
            wrong.map(|(field, _)| fault(field, "give at most six decimals and 1000000000000")).collect();
        let way = self.way();
        if way.baseline == way.target {
            faults.push(fault("target", "this must differ from the baseline"));
        } else if self.stretch.as_ref().is_some_and(|stretch| !way.reached(exact(stretch))) {
            faults.push(fault("stretch", "this must lie beyond the target"));
        }
        faults
    }

    /// Whether the metric can be asked so.
    fn check_question(&self) -> Vec<Fault> {
        let metric = self.measures();
        let mut faults = Vec::new();
        if metric.past() == Past::None {
            faults.push(fault(
                "metric",
                "this is known only as it is now, and a goal is measured at the end of its days",
            ));
        }
        match self.options.clone().unwrap_or_default().read() {
            Ok(options) => faults.extend(fits(&options, metric).err().map(|wrong| fault("options", wrong))),
            Err(error) => faults.push(fault("options", said(&error))),
        }
        match self.scope.clone().unwrap_or_default().read() {
            Ok(only) => {
                let unknown = only.iter().find(|only| metric.parts.iter().any(|p| !only.dimension.filters(p.grain)));
                let unknown = unknown.map(|only| format!("{} does not know {}", metric.key, only.dimension));
                let whole = (metric.past() == Past::Days && !only.is_empty())
                    .then(|| "the past of this is kept of all records together".into());
                faults.extend(unknown.or(whole).map(|wrong| fault("scope", wrong)));
            }
            Err(error) => faults.push(fault("scope", said(&error))),
        }
        faults
    }

    pub fn measures(&self) -> &'static Metric {
        self.metric.0.metric()
    }

    pub fn days(&self) -> Days {
        (self.period_start.0, self.period_end.0)
    }

    pub fn pace_curve(&self) -> PaceCurve {
        self.curve.clone().unwrap_or_default()
    }

    pub fn way(&self) -> Way {
        Way { baseline: exact(&self.baseline), target: exact(&self.target) }
    }

    pub fn parent(&self) -> Option<GoalId> {
        self.parent_id.as_ref()?.parse().ok()
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled == Some(true)
    }

    pub fn grace(&self) -> u64 {
        self.grace_days.unwrap_or(0).unsigned_abs().into()
    }

    /// Who answers for it, and on which side.
    pub fn owners(&self) -> Vec<(Side, UserId)> {
        let sides = [(Side::Marketing, &self.marketing_owner_ids), (Side::Sales, &self.sales_owner_ids)];
        let of = |(side, ids): (Side, &Vec<ID>)| {
            ids.iter().filter_map(move |id| Some((side, id.parse().ok()?))).collect::<Vec<_>>()
        };
        sides.into_iter().flat_map(of).collect()
    }

    /// What decides its value, as a text: goals with the same are measured once.
    pub fn question(&self) -> Result<String> {
        let question = (&self.metric, &self.scope, &self.options, &self.currency, &self.period_start, &self.period_end);
        serde_json::to_string(&question).map_err(Error::internal)
    }
}

/// A decimal as a number to reckon with.
pub fn exact(value: &Decimal) -> Exact {
    Exact::parse(&value.to_string()).unwrap_or(Exact::ZERO)
}

/// In millionths; none where that is too large to be kept.
pub fn kept(value: Exact) -> Option<i64> {
    value.scaled(DECIMALS).and_then(|units| i64::try_from(units).ok())
}
