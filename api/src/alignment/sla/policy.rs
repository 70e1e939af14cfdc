//! SLA: what both sides promise each other about leads. Sales answers within a time; marketing brings so many. Pure.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::Duration;
use entity::{
    agreement::Kind,
    id::BusinessCalendarId,
    lead,
    sla_clock::{Kind as ClockKind, Priority},
    words,
};
use serde::{Deserialize, Serialize};

use crate::{
    alignment::{agreement::Body, rule::Rule},
    error::{Fault, FaultCode},
    graph::derived::Term,
};

/// The key of the agreement on how leads are answered.
pub const KEY: &str = "LEAD_RESPONSE";
const AT_RISK_PCT: i32 = 80;
/// Ninety days.
const MOST_MINUTES: i32 = 90 * 24 * 60;

words! {
    /// When the clock of the first response begins to run.
    pub enum ClockStart as "SlaClockStart" {
        /// When the lead is offered to sales.
        Offered = "OFFERED",
        /// When sales accepts it.
        Accepted = "ACCEPTED",
        /// When it was qualified.
        Qualified = "QUALIFIED",
    }

    /// What is done when a lead has waited so long.
    pub enum EscalationAction as "SlaEscalationAction" {
        /// Tell who is to act, and from 100 percent on their manager too.
        Notify = "NOTIFY",
        /// Give the lead to somebody else.
        Reassign = "REASSIGN",
        /// Take the lead back.
        Reclaim = "RECLAIM",
    }

    /// How long a promise of a number of leads counts.
    pub enum VolumePeriod as "SlaVolumePeriod" {
        /// Each week.
        Week = "WEEK",
        /// Each month.
        Month = "MONTH",
        /// Each quarter.
        Quarter = "QUARTER",
    }
}

/// How soon sales answers leads, what happens when it does not, and how many leads marketing brings. Key `LEAD_RESPONSE`.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "SlaBodyInput")]
pub struct SlaBody {
    /// What is promised, 1 to 50, each kind, number and priority once.
    pub targets: Vec<SlaTarget>,
    /// Whose hours count: an id that begins with `business_calendar_`. Without it those of whoever is to act, else the
    /// organisation's, else every hour.
    pub calendar_id: Option<ID>,
    /// When the clock of the first response begins to run; OFFERED unless given. ACCEPTED needs a target for ACCEPT.
    pub clock_start: Option<Term<ClockStart>>,
    /// From which part of its time on a clock is at risk, in percent: 1 to 99; 80 unless given.
    pub at_risk_pct: Option<i32>,
    /// What is done when nobody answers, at most 10 steps in the order of their percentages.
    #[serde(default)]
    #[graphql(default)]
    pub ladder: Vec<EscalationStep>,
    /// How much a lead hurries: the first of these that holds when its clock is started, else NORMAL. At most 10.
    #[serde(default)]
    #[graphql(default)]
    pub priorities: Vec<PriorityRule>,
    /// How many leads marketing brings, at most 10.
    #[serde(default)]
    #[graphql(default)]
    pub volumes: Vec<VolumeCommitment>,
}

/// How long a lead may wait.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "SlaTarget", input_name = "SlaTargetInput")]
pub struct SlaTarget {
    /// What for.
    pub kind: Term<ClockKind>,
    /// Which follow-up, from 1, counted from the answer before; only for `FOLLOW_UP`.
    pub number: Option<i32>,
    /// Only leads that hurry so; without it all for which there is no other.
    pub priority: Option<Term<Priority>>,
    /// How long, in business minutes: 1 to 129600.
    pub minutes: i32,
}

/// Which leads hurry so.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "SlaPriorityRule", input_name = "SlaPriorityRuleInput")]
pub struct PriorityRule {
    /// How much they hurry.
    pub priority: Term<Priority>,
    /// Which leads.
    pub when: Rule,
}

/// What is done when a lead has waited so long.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "SlaEscalationStep", input_name = "SlaEscalationStepInput")]
pub struct EscalationStep {
    /// After which part of the target, in percent: 1 to 1000.
    pub after_pct: i32,
    /// What is done.
    pub action: Term<EscalationAction>,
}

/// How many leads marketing brings.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "SlaVolumeCommitment", input_name = "SlaVolumeCommitmentInput")]
pub struct VolumeCommitment {
    /// How far the leads have come, e.g. MQL.
    pub status: Term<lead::Status>,
    /// How many, 1 to 1000000.
    pub leads: i32,
    /// In each of these.
    pub period: Term<VolumePeriod>,
}

fn fault(field: &str, message: &str) -> Fault {
    Fault::new(FaultCode::Validation, field, message)
}

impl Body for SlaBody {
    const KIND: Kind = Kind::Sla;

    fn check(&self) -> Vec<Fault> {
        let mut faults = self.check_targets();
        if self.calendar_id.is_some() && self.calendar().is_none() {
            faults.push(fault("calendarId", "not an id of business_calendar"));
        }
        let accepted = self.starts() == ClockStart::Accepted;
        if accepted && !self.targets.iter().any(|t| t.kind.0 == ClockKind::Accept) {
            faults.push(fault("clockStart", "ACCEPTED needs a target for ACCEPT, whose end starts the clock"));
        }
        if self.at_risk_pct.is_some_and(|pct| !(1..=99).contains(&pct)) {
            faults.push(fault("atRiskPct", "this must be between 1 and 99"));
        }
        faults.extend(self.check_ladder());
        if self.priorities.len() > 10 {
            faults.push(fault("priorities", "give at most 10"));
        }
        for (place, rule) in self.priorities.iter().take(10).enumerate() {
            let at = |fault: Fault| fault.under("when").under(place.to_string()).under("priorities");
            faults.extend(rule.when.check().into_iter().map(at));
        }
        let wrong = |v: &VolumeCommitment| !(1..=1_000_000).contains(&v.leads);
        if self.volumes.len() > 10 || self.volumes.iter().any(wrong) {
            faults.push(fault("volumes", "give at most 10, each of 1 to 1000000 leads"));
        }
        faults
    }
}

impl SlaBody {
    fn check_targets(&self) -> Vec<Fault> {
        if !(1..=50).contains(&self.targets.len()) {
            return vec![fault("targets", "give 1 to 50 targets")];
        }
        let at = |place: usize, fault: Fault| fault.under(place.to_string()).under("targets");
        let mut faults = Vec::new();
        for (place, target) in self.targets.iter().enumerate() {
            if !(1..=MOST_MINUTES).contains(&target.minutes) {
                faults.push(at(place, fault("minutes", "this must be between 1 and 129600")));
            }
            let numbered = target.number.is_some_and(|n| (1..=20).contains(&n));
            if (target.kind.0 == ClockKind::FollowUp) != numbered || (!numbered && target.number.is_some()) {
                faults.push(at(place, fault("number", "follow-ups have a number from 1 to 20, others have none")));
            }
            let same = |other: &SlaTarget| {
                (other.kind, other.number, other.priority) == (target.kind, target.number, target.priority)
            };
            if self.targets[..place].iter().any(same) {
                faults.push(at(place, fault("kind", "this is promised twice")));
            }
        }
        faults
    }

    fn check_ladder(&self) -> Vec<Fault> {
        let apart = self.ladder.windows(2).all(|two| two[0].after_pct < two[1].after_pct);
        let within = self.ladder.iter().all(|step| (1..=1000).contains(&step.after_pct));
        if self.ladder.len() <= 10 && apart && within {
            return vec![];
        }
        vec![fault("ladder", "give at most 10 steps, each after more percent than the one before, 1 to 1000")]
    }

    pub fn calendar(&self) -> Option<BusinessCalendarId> {
        self.calendar_id.as_ref()?.parse().ok()
    }

    pub fn starts(&self) -> ClockStart {
        self.clock_start.map_or(ClockStart::Offered, |start| start.0)
    }

    /// How long this may take; none where nothing is promised.
    pub fn target(&self, kind: ClockKind, number: i32, priority: Priority) -> Option<i64> {
        let of = |target: &&SlaTarget| target.kind.0 == kind && target.number.unwrap_or(1) == number;
        let exact = self.targets.iter().filter(of).find(|t| t.priority.is_some_and(|p| p.0 == priority));
        let any = exact.or_else(|| self.targets.iter().filter(of).find(|t| t.priority.is_none()));
        any.map(|target| i64::from(target.minutes) * 60)
    }

    /// How much of a target passes before it is at risk.
    pub fn risk(&self, target_seconds: i64) -> Duration {
        share(target_seconds, self.at_risk_pct.unwrap_or(AT_RISK_PCT))
    }
}

/// So many percent of a target.
pub fn share(target_seconds: i64, pct: i32) -> Duration {
    Duration::microseconds(target_seconds.saturating_mul(10_000).saturating_mul(pct.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(json: serde_json::Value) -> SlaBody {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_nearest_promise_counts() {
        let body = body(serde_json::json!({ "targets": [
            { "kind": "FIRST_RESPONSE", "minutes": 60 },
            { "kind": "FIRST_RESPONSE", "priority": "URGENT", "minutes": 5 },
            { "kind": "FOLLOW_UP", "number": 2, "minutes": 480 },
        ] }));
        assert!(body.check().is_empty());
        assert_eq!(body.target(ClockKind::FirstResponse, 1, Priority::Urgent), Some(300));
        assert_eq!(body.target(ClockKind::FirstResponse, 1, Priority::Low), Some(3600));
        assert_eq!(body.target(ClockKind::FollowUp, 2, Priority::Low), Some(28_800));
        assert_eq!(body.target(ClockKind::FollowUp, 1, Priority::Low), None);
        assert_eq!(body.target(ClockKind::Accept, 1, Priority::Low), None);
        assert_eq!((body.risk(3600), share(3600, 150)), (Duration::minutes(48), Duration::minutes(90)));
    }

    #[test]
    fn what_cannot_be_promised_is_refused_with_its_place() {
        let first = serde_json::json!({ "kind": "FIRST_RESPONSE", "minutes": 60 });
        for (json, field) in [
            (serde_json::json!({ "targets": [] }), "targets"),
            (serde_json::json!({ "targets": [first, first] }), "targets.1.kind"),
            (serde_json::json!({ "targets": [{ "kind": "ACCEPT", "minutes": 0 }] }), "targets.0.minutes"),
            (serde_json::json!({ "targets": [{ "kind": "FOLLOW_UP", "minutes": 5 }] }), "targets.0.number"),
            (serde_json::json!({ "targets": [{ "kind": "ACCEPT", "number": 1, "minutes": 5 }] }), "targets.0.number"),
            (serde_json::json!({ "targets": [first], "clockStart": "ACCEPTED" }), "clockStart"),
            (serde_json::json!({ "targets": [first], "atRiskPct": 100 }), "atRiskPct"),
            (serde_json::json!({ "targets": [first], "calendarId": "lead_1" }), "calendarId"),
            (
                serde_json::json!({ "targets": [first], "ladder": [
                    { "afterPct": 100, "action": "NOTIFY" }, { "afterPct": 100, "action": "RECLAIM" }] }),
                "ladder",
            ),
        ] {
            let faults = body(json.clone()).check();
            assert_eq!(faults.first().map(|f| f.field.join(".")).as_deref(), Some(field), "{json}");
        }
    }
}
