//! What metrics rest on beside the records that they count: whoever waits for other figures hears of these, too. Pure.

use entity::{
    activity, agreement_version, committee_member, committee_requirement, contact, contact_account, content_use,
    data_quality_rule, dispute, duplicate_pair, stage, target_list, touchpoint,
};

use super::{Metric, catalog};
use crate::store::Guarded;

const RULES: [&str; 2] = [data_quality_rule::Entity::NAME, duplicate_pair::Entity::NAME];
const TOUCHES: [&str; 5] = [
    touchpoint::Entity::NAME,
    contact::Entity::NAME,
    contact_account::Entity::NAME,
    committee_member::Entity::NAME,
    agreement_version::Entity::NAME,
];
const COMMITTEES: [&str; 2] = [committee_member::Entity::NAME, committee_requirement::Entity::NAME];
const ANSWERS: [&str; 1] = [dispute::Entity::NAME];

/// Metrics whose parts do not say all that they rest on.
const BESIDE: &[(&Metric, &[&str])] = &[
    (&catalog::data_health::METRIC, &RULES),
    (&catalog::follow_up_depth::METRIC, &[activity::Entity::NAME]),
    (&catalog::content_utilisation::METRIC, &[content_use::Entity::NAME]),
    (&catalog::goal_ownership::METRIC, &[agreement_version::Entity::NAME]),
    (&catalog::target_list_agreement::METRIC, &[target_list::Entity::NAME]),
    (&catalog::lead_acceptance::METRIC, &ANSWERS),
    (&catalog::lead_rejections::METRIC, &ANSWERS),
    (&catalog::pipeline_sourced::METRIC, &TOUCHES),
    (&catalog::pipeline_influenced::METRIC, &TOUCHES),
    (&catalog::opportunity_conversion::METRIC, &[stage::Entity::NAME]),
    (&catalog::opportunity_conversion_flow::METRIC, &[stage::Entity::NAME]),
    (&catalog::cac_attributed::METRIC, &TOUCHES),
    (&catalog::committee_coverage::METRIC, &COMMITTEES),
    (&catalog::nps::METRIC, &[contact::Entity::NAME]),
    (&catalog::csat::METRIC, &[contact::Entity::NAME]),
];

/// Tables that a metric rests on beside those of its parts. What is made of other metrics rests on all of theirs, and on how
/// both sides have agreed to weigh them.
pub fn beside(metric: &Metric) -> Vec<&'static str> {
    let own =
        |key: &'static str| BESIDE.iter().filter(move |(known, _)| known.key == key).flat_map(|(_, tables)| *tables);
    let whole = own(metric.key).copied();
    let parts = metric.made_of().iter().flat_map(|part| own(part.key).copied());
    let agreed = (!metric.made_of().is_empty()).then_some(agreement_version::Entity::NAME);
    whole.chain(parts).chain(agreed).collect()
}

/// Those of any metric.
pub fn of_any() -> impl Iterator<Item = &'static str> {
    BESIDE.iter().flat_map(|(_, tables)| tables.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_heard_of_by_all_that_it_rests_on() {
        assert_eq!(beside(&catalog::data_health::METRIC), ["data_quality_rule", "duplicate_pair"]);
        assert!(beside(&catalog::revenue::METRIC).is_empty());
        let index = beside(&catalog::alignment_index::METRIC);
        for table in ["agreement_version", "activity", "content_use", "data_quality_rule", "target_list", "dispute"] {
            assert!(index.contains(&table), "{table}");
        }
    }
}
