//! What a definition says of one lead at one instant, criterion by criterion. Pure.

use super::QualificationBody;
use crate::alignment::rule::{Criterion, Facts};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub met: bool,
    pub criteria: Vec<Criterion>,
}

/// Every criterion must be met.
pub fn verdict(body: &QualificationBody, facts: &Facts<'_>) -> Verdict {
    let criteria: Vec<Criterion> = body.criteria.iter().map(|it| it.when.named(&it.label, facts)).collect();
    Verdict { met: criteria.iter().all(|criterion| criterion.met), criteria }
}
