//! ROUTING: to whom leads go, as both sides agreed. The agreement's key is `LEADS`. Pure but for its place in the schema.

use async_graphql::{ID, InputObject, SimpleObject};
use entity::{
    agreement::Kind,
    id::{PoolId, UserId},
    routing_decision::Action,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::{Act, Way};
use crate::{
    alignment::{
        agreement::{Body, text},
        rule::{Facts, Rule},
    },
    error::{Fault, FaultCode},
    graph::{derived::Term, value},
};

/// The key under which leads are routed.
pub const KEY: &str = "LEADS";

/// To whom leads go. Ways are tried in order until somebody is found: the owner of the account that the lead matches,
/// then the rules that hold, then the fallback.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "RoutingBodyInput")]
pub struct RoutingBody {
    /// Whether new leads that nobody owns are given an owner at once.
    pub on_create: bool,
    /// Whether the active owner of the matched account comes before all rules.
    pub account_owner_first: bool,
    /// The rules, at most 50. Each that holds is tried.
    pub rules: Vec<RoutingRule>,
    /// What is done when no rule finds anybody.
    pub fallback: Option<RoutingStep>,
    /// Minutes until an offer that nobody answers goes to somebody else, 1 to 43200; never unless given.
    pub offer_minutes: Option<i32>,
}

/// A rule of routing.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "RoutingRuleInput")]
pub struct RoutingRule {
    /// What people call it, at most 100 characters; each once.
    pub label: String,
    /// When it holds; always unless given.
    pub when: Option<Rule>,
    /// What is done then.
    pub then: RoutingStep,
}

/// What is done with a lead.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "RoutingStepInput")]
pub struct RoutingStep {
    /// How somebody is found.
    pub action: Term<Action>,
    /// Of POOL and QUEUE: the pool, an id that begins with `pool_`.
    pub pool_id: Option<ID>,
    /// Of USER: the user, an id that begins with `user_`.
    pub user_id: Option<ID>,
    /// Of POOL: what they must be able to do, at most 20 words.
    pub skills: Option<Vec<String>>,
}

impl Body for RoutingBody {
    const KIND: Kind = Kind::Routing;

    fn check(&self) -> Vec<Fault> {
        let wrong = |field: &str, what: &str| Fault::new(FaultCode::Validation, field, what);
        let mut faults = vec![];
        if self.rules.len() > 50 {
            faults.push(wrong("rules", "give at most 50 rules"));
        }
        for (at, rule) in self.rules.iter().enumerate() {
            let mut of = text::required("label", &rule.label, 100);
            of.extend(rule.when.iter().flat_map(Rule::check).map(|fault| fault.under("when")));
            of.extend(rule.then.check().into_iter().map(|fault| fault.under("then")));
            faults.extend(of.into_iter().map(|fault| fault.under(at.to_string()).under("rules")));
            if self.rules[..at].iter().any(|earlier| earlier.label == rule.label) {
                faults.push(wrong("label", "another rule is called the same").under(at.to_string()).under("rules"));
            }
        }
        faults.extend(self.fallback.iter().flat_map(RoutingStep::check).map(|fault| fault.under("fallback")));
        if self.offer_minutes.is_some_and(|minutes| !(1..=43_200).contains(&minutes)) {
            faults.push(wrong("offerMinutes", "this must be between 1 and 43200"));
        }
        faults
    }
}

impl RoutingStep {
    fn check(&self) -> Vec<Fault> {
        let wrong = |field: &str, what: &str| Fault::new(FaultCode::Validation, field, what);
        let mut faults = vec![];
        let of_pool = matches!(self.action.0, Action::Pool | Action::Queue);
        let pool = self.pool_id.as_ref().map(|id| value::id("pool", id).is_some());
        let user = self.user_id.as_ref().map(|id| value::id("user", id).is_some());
        if pool != of_pool.then_some(true) {
            faults.push(wrong("poolId", "POOL and QUEUE need the id of a pool, others have none"));
        }
        if user != (self.action.0 == Action::User).then_some(true) {
            faults.push(wrong("userId", "USER needs the id of a user, others have none"));
        }
        let skills = self.skills.as_deref().unwrap_or_default();
        if !skills.is_empty() && self.action.0 != Action::Pool {
            faults.push(wrong("skills", "only POOL asks for skills"));
        }
        faults.extend(text::list("skills", skills, 20, 100));
        faults
    }

    fn act(&self) -> Option<Act> {
        let pool = || self.pool_id.as_ref().and_then(|id| value::id("pool", id)).map(PoolId);
        Some(match self.action.0 {
            Action::AccountOwner => Act::AccountOwner,
            Action::User => Act::User(UserId(value::id("user", self.user_id.as_ref()?)?)),
            Action::Pool => Act::Pool(pool()?, self.skills.clone().unwrap_or_default()),
            Action::Queue => Act::Queue(pool()?),
        })
    }
}

impl RoutingBody {
    /// The ways to try for a lead, and a note of each rule that does not hold.
    pub fn ways(&self, facts: &Facts<'_>) -> (Vec<Way>, Vec<Value>) {
        let (mut ways, mut trace) = (vec![], vec![]);
        if self.account_owner_first {
            ways.push(Way { label: "account owner first".to_owned(), act: Act::AccountOwner });
        }
        for rule in &self.rules {
            if rule.when.as_ref().is_none_or(|when| when.holds(facts)) {
                ways.extend(rule.then.act().map(|act| Way { label: rule.label.clone(), act }));
            } else {
                let why = rule.when.as_ref().map(Rule::text);
                trace.push(json!({ "rule": rule.label, "action": rule.then.action, "result": "NOT_MET", "why": why }));
            }
        }
        let fallback = self.fallback.as_ref().and_then(RoutingStep::act);
        ways.extend(fallback.map(|act| Way { label: "fallback".to_owned(), act }));
        (ways, trace)
    }

    /// Whether a rule looks at touches or activities, which must be read then.
    pub fn looks_back(&self) -> bool {
        fn looks(rule: &Rule) -> bool {
            matches!(rule, Rule::Touchpoints(_) | Rule::Activities(_)) || rule.parts().iter().any(looks)
        }
        self.rules.iter().filter_map(|rule| rule.when.as_ref()).any(looks)
    }
}
