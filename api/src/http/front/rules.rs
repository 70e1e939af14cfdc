//! Who may send which kind of operation at all, by its root fields. Rights on rows are not decided here.

use async_graphql::parser::types::OperationType;

use super::plan::Plan;
use crate::http::{
    fault::{Code, Fault},
    limits::{Introspection, Limits},
};

/// What a caller without a credential may ask for.
const OPEN: [&str; 6] = ["__typename", "viewer", "sessionCreate", "sessionRefresh", "userActivate", "passwordReset"];
/// One try per request, or the count of attempts would lie.
const ALONE: [&str; 4] = ["sessionCreate", "sessionRefresh", "userActivate", "passwordReset"];
/// Their answers hold secrets that are shown once: a repeated key finds the record again, not the secret.
const SECRET: [&str; 5] = ["apiKeyCreate", "apiKeyRotate", "userInvite", "userInviteRenew", "userPasswordReset"];
const INTROSPECTION: [&str; 2] = ["__schema", "__type"];

pub fn introspects(plan: &Plan) -> bool {
    any(plan, |name| INTROSPECTION.contains(&name))
}

pub fn answers_secret(plan: &Plan) -> bool {
    any(plan, |name| SECRET.contains(&name))
}

pub fn check(plan: &Plan, signed_in: bool, limits: &Limits) -> Result<(), Fault> {
    let refuse = |code, message: &str| Err(Fault::new(code, message));
    if plan.root.len() > 1 && any(plan, |name| ALONE.contains(&name)) {
        let message = format!("{} must be the only field of their operation", ALONE.join(", "));
        return refuse(Code::BadUserInput, &message);
    }
    if plan.kind == OperationType::Mutation && plan.root.len() > limits.root_mutations {
        let message = format!("more than {} mutations in one operation", limits.root_mutations);
        return refuse(Code::QueryTooLarge, &message);
    }
    if introspects(plan) && limits.introspection == Introspection::Off {
        return refuse(Code::Forbidden, "introspection is switched off");
    }
    let open_schema = limits.introspection == Introspection::On;
    let open = |name: &str| OPEN.contains(&name) || (open_schema && INTROSPECTION.contains(&name));
    if !signed_in && any(plan, |name| !open(name)) {
        return refuse(Code::Unauthenticated, "sign in first");
    }
    Ok(())
}

fn any(plan: &Plan, test: impl Fn(&str) -> bool) -> bool {
    plan.root.iter().any(|name| test(name))
}
