//! QUALIFICATION: what a lead must be and have done for a stage, as both sides sign it.

use async_graphql::{InputObject, SimpleObject};
use entity::{agreement::Kind, lead::Status, word::Word, words};
use serde::{Deserialize, Serialize};

use crate::{
    alignment::{agreement::Body, rule::Rule},
    error::{Fault, FaultCode},
};

const MOST: usize = 50;

words! {
    /// A stage that a lead is qualified for; also the key of the agreement that defines it.
    pub enum Stage as "QualificationStage" {
        /// Marketing qualified: may be offered to sales.
        Mql = "MQL",
        /// Sales accepted: sales takes it on.
        Sal = "SAL",
        /// Sales qualified: worth an opportunity.
        Sql = "SQL",
    }
}

impl Stage {
    /// The key of its agreement.
    pub fn key(self) -> &'static str {
        self.word()
    }

    /// The status of a lead that came to it.
    pub fn status(self) -> Status {
        match self {
            Self::Mql => Status::Mql,
            Self::Sal => Status::Accepted,
            Self::Sql => Status::Sql,
        }
    }
}

/// What makes a lead qualified: every criterion must be met.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "QualificationBodyInput")]
pub struct QualificationBody {
    /// 1 to 50 criteria, each with a label of its own.
    pub criteria: Vec<QualificationCriterion>,
}

/// One thing that must be so.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "QualificationCriterionInput")]
pub struct QualificationCriterion {
    /// What people call it, e.g. "Has a budget". At most 200 characters.
    pub label: String,
    /// When it is met.
    pub when: Rule,
}

impl QualificationBody {
    /// All criteria as one rule.
    pub fn rule(&self) -> Rule {
        Rule::And(self.criteria.iter().map(|criterion| criterion.when.clone()).collect())
    }
}

impl Body for QualificationBody {
    const KIND: Kind = Kind::Qualification;

    fn check(&self) -> Vec<Fault> {
        let wrong = |what: String| Fault::new(FaultCode::Validation, "criteria", what);
        if !(1..=MOST).contains(&self.criteria.len()) {
            return vec![wrong(format!("give 1 to {MOST} criteria"))];
        }
        let each = self.criteria.iter().enumerate();
        let mut faults: Vec<Fault> = each
            .flat_map(|(n, it)| it.check().into_iter().map(move |f| f.under(n.to_string()).under("criteria")))
            .collect();
        let mut seen = std::collections::HashSet::new();
        for criterion in &self.criteria {
            if !seen.insert(&criterion.label) {
                faults.push(wrong(format!("two criteria are called {:?}", criterion.label)));
            }
        }
        faults
    }
}

impl QualificationCriterion {
    fn check(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = self.when.check().into_iter().map(|fault| fault.under("when")).collect();
        if self.label.trim().is_empty() || self.label.chars().count() > 200 {
            faults.push(Fault::new(FaultCode::Validation, "label", "give 1 to 200 characters"));
        }
        faults
    }
}
