//! `ALIGNMENT_INDEX`: how both sides weigh what their working together is measured by. Pure.

use async_graphql::{InputObject, SimpleObject};
use entity::agreement::Kind;
use serde::{Deserialize, Serialize};

use crate::{
    alignment::agreement::Body,
    error::{Fault, FaultCode},
    graph::scalar::Decimal,
    insight::metric::{
        exact::Exact,
        options::REQUIRED_ATTEMPTS,
        weights::{COMPONENTS, Weights},
    },
};

/// How the alignment index is weighed, and what the two sides promise each other beside the SLA. Key `INDEX`.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "AlignmentIndexBodyInput")]
pub struct AlignmentIndexBody {
    /// What each part weighs; together 1.
    pub weights: AlignmentWeights,
    /// Which share of its offers marketing wants accepted: more than 0, at most 1; 0.85 unless given.
    pub acceptance_target: Option<Decimal>,
    /// Which share of its clocks sales wants met: more than 0, at most 1; 0.9 unless given.
    pub attainment_target: Option<Decimal>,
    /// How often sales tries each lead that it accepted, 1 to 20; 3 unless given.
    pub required_attempts: Option<i32>,
    /// For how many days sales may still try a lead before it owes what is missing, 0 to 365; 14 unless given.
    pub attempt_days: Option<i32>,
}

/// How long sales has to try a lead unless both sides say otherwise.
pub const ATTEMPT_DAYS: i64 = 14;

/// What each part of the index weighs: 0 to 1 with at most six decimals, together 1.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "AlignmentWeightsInput")]
pub struct AlignmentWeights {
    /// The metric `LEAD_ACCEPTANCE`.
    pub acceptance: Decimal,
    /// The metric `SLA_ATTAINMENT`.
    pub sla_attainment: Decimal,
    /// The metric `FOLLOW_UP_DEPTH`.
    pub follow_up_depth: Decimal,
    /// The metric `TARGET_LIST_AGREEMENT`.
    pub target_list_agreement: Decimal,
    /// The metric `GOAL_OWNERSHIP`.
    pub goal_ownership: Decimal,
    /// The metric `CONTENT_UTILISATION`.
    pub content_utilisation: Decimal,
    /// The metric `DATA_HEALTH`.
    pub data_health: Decimal,
}

impl AlignmentWeights {
    fn all(&self) -> [(&'static str, &Decimal); COMPONENTS] {
        [
            ("acceptance", &self.acceptance),
            ("slaAttainment", &self.sla_attainment),
            ("followUpDepth", &self.follow_up_depth),
            ("targetListAgreement", &self.target_list_agreement),
            ("goalOwnership", &self.goal_ownership),
            ("contentUtilisation", &self.content_utilisation),
            ("dataHealth", &self.data_health),
        ]
    }
}

const DECIMALS: u32 = 6;

fn exact(value: &Decimal) -> Exact {
    Exact::parse(&value.to_string()).unwrap_or(Exact::ZERO)
}

fn is_share(value: &Decimal) -> bool {
    let read = exact(value);
    value.0.scale() <= DECIMALS && !read.is_negative() && Exact::whole(1).at_least(read)
}

impl Body for AlignmentIndexBody {
    const KIND: Kind = Kind::AlignmentIndex;

    fn check(&self) -> Vec<Fault> {
        let wrong = |field: &str, what: &str| Fault::new(FaultCode::Validation, field, what);
        let mut faults: Vec<Fault> = vec![];
        for (field, weight) in self.weights.all() {
            if !is_share(weight) {
                faults.push(wrong(field, "give 0 to 1 with at most six decimals").under("weights"));
            }
        }
        let sum = self.weights.all().iter().try_fold(Exact::ZERO, |sum, (_, weight)| sum.plus(exact(weight)));
        if faults.is_empty() && sum != Some(Exact::whole(1)) {
            faults.push(wrong("weights", "together they are 1"));
        }
        for (field, target) in
            [("acceptanceTarget", &self.acceptance_target), ("attainmentTarget", &self.attainment_target)]
        {
            if target.as_ref().is_some_and(|target| !is_share(target) || !exact(target).is_positive()) {
                faults.push(wrong(field, "give more than 0, at most 1, with at most six decimals"));
            }
        }
        if self.required_attempts.is_some_and(|n| !(1..=20).contains(&n)) {
            faults.push(wrong("requiredAttempts", "this must be between 1 and 20"));
        }
        if self.attempt_days.is_some_and(|days| !(0..=365).contains(&days)) {
            faults.push(wrong("attemptDays", "this must be between 0 and 365"));
        }
        faults
    }
}

impl AlignmentIndexBody {
    pub fn weighed(&self) -> Weights {
        let mut weights = Weights::default();
        for (at, (_, weight)) in self.weights.all().into_iter().enumerate() {
            weights.weights[at] = exact(weight);
        }
        for (at, target) in [&self.acceptance_target, &self.attainment_target].into_iter().enumerate() {
            if let Some(target) = target {
                weights.targets[at] = exact(target);
            }
        }
        weights
    }

    pub fn attempts(&self) -> i64 {
        self.required_attempts.map_or(REQUIRED_ATTEMPTS, i64::from)
    }

    pub fn time_to_try(&self) -> i64 {
        self.attempt_days.map_or(ATTEMPT_DAYS, i64::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(acceptance: &str, more: &serde_json::Value) -> AlignmentIndexBody {
        let mut json = serde_json::json!({ "weights": {
            "acceptance": acceptance, "slaAttainment": "0.2", "followUpDepth": "0.1", "targetListAgreement": "0.15",
            "goalOwnership": "0.15", "contentUtilisation": "0.1", "dataHealth": "0.1" } });
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn weights_are_one_together() {
        let fields = |body: &AlignmentIndexBody| body.check().iter().map(|f| f.field.join(".")).collect::<Vec<_>>();
        let none = serde_json::json!({});
        assert_eq!(fields(&body("0.2", &none)), Vec::<String>::new());
        assert_eq!(body("0.2", &none).weighed(), Weights::default());
        assert_eq!(fields(&body("0.3", &none)), ["weights"]);
        assert_eq!(fields(&body("-0.2", &none)), ["weights.acceptance"]);
        let wrong = serde_json::json!({ "acceptanceTarget": "0", "attainmentTarget": "1.1", "requiredAttempts": 0, "attemptDays": -1 });
        let all = ["acceptanceTarget", "attainmentTarget", "requiredAttempts", "attemptDays"];
        assert_eq!(fields(&body("0.2", &wrong)), all);
    }
}
