//! Routing a lead by hand, or asking where it would go. It holds no rules of its own.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::{
    id::{LeadId, RowId},
    lead, pool, routing_decision,
    routing_decision::Action,
    user,
    word::Word,
};
use serde_json::Value;

use super::{Found, by_hand};
use crate::{
    error::{Error, Result},
    graph::{
        Node,
        derived::{Term, UserError, outcome},
        value::typed,
    },
    store::Access,
};

/// Which lead to route.
#[derive(InputObject)]
pub struct LeadRouteInput {
    /// The lead: an id that begins with `lead_`.
    id: ID,
    /// Only say where it would go: nothing is written and no turn is taken.
    #[graphql(default)]
    dry_run: bool,
}

/// Where a lead goes, or would go.
#[derive(SimpleObject)]
pub struct LeadRoutePayload {
    /// The lead as it now is.
    lead: Node<lead::Entity>,
    /// The decision as it is kept; null for a dry run.
    decision: Node<routing_decision::Entity>,
    /// How it came about.
    explanation: Option<RoutingExplanation>,
    /// What was wrong with the input.
    user_errors: Vec<UserError>,
}

/// How a decision came about.
#[derive(SimpleObject)]
pub struct RoutingExplanation {
    /// Whether nobody could be found.
    failed: bool,
    /// The rule that decided, by its label.
    rule: Option<String>,
    /// What it did.
    action: Option<Term<Action>>,
    /// Who was chosen; null when anybody of the pool may take the lead.
    chosen_user: Node<user::Entity>,
    /// The pool whose turn it was, or that may take the lead.
    pool: Node<pool::Entity>,
    /// Each rule in turn.
    trace: Vec<RoutingTrace>,
    /// The members of the pool that was asked last, after the decision.
    members: Vec<RoutingMember>,
}

/// A rule, and whether it decided.
#[derive(SimpleObject)]
pub struct RoutingTrace {
    /// The rule, by its label.
    rule: String,
    /// What it would do.
    action: Option<Term<Action>>,
    /// NOT_MET when it does not hold, PASSED when it found nobody, else CHOSEN.
    result: String,
    /// Why it did not decide.
    why: Option<String>,
}

/// A member of a pool as they stood.
#[derive(SimpleObject)]
pub struct RoutingMember {
    /// The user.
    user: Node<user::Entity>,
    /// Their weight.
    weight: i32,
    /// Leads given in this calendar month.
    assigned: i32,
    /// Leads they have or are offered, counted for those who have a `capacity`.
    open: i32,
    /// Whether they could be given this lead.
    eligible: bool,
    /// Why not: INACTIVE, MAY_NOT_ANSWER (offers), NO_SHARE (weight 0), ABSENT, OUT_OF_HOURS, FULL, LACKS_SKILLS or
    /// PASSED_OVER; null when they could.
    why: Option<String>,
}

#[derive(Default)]
pub struct RoutingWrites;

#[Object]
impl RoutingWrites {
    /// Gives a lead to whom the routing agreement in force says, or with `dryRun` says whom that would be and why. Only
    /// a lead that sales does not have, else INVALID_TRANSITION. Further user errors: NOT_FOUND, AGREEMENT_REQUIRED. When
    /// nobody can be found the lead stays as it is and `routing.failed` is told of it. Takes an idempotency key; writes
    /// events. Requires LEAD_ASSIGN.
    async fn lead_route(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead, and whether only to explain.")] input: LeadRouteInput,
    ) -> async_graphql::Result<Option<LeadRoutePayload>> {
        let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?;
        let (done, user_errors) = outcome(route(access, &input).await)?;
        let Some((lead, decision, found)) = done else {
            let (lead, decision) = (None::<uuid::Uuid>.into(), None::<uuid::Uuid>.into());
            return Ok(Some(LeadRoutePayload { lead, decision, explanation: None, user_errors }));
        };
        Ok(Some(LeadRoutePayload {
            lead: Some(lead.uuid()).into(),
            decision: decision.into(),
            explanation: Some(explained(&found)),
            user_errors,
        }))
    }
}

async fn route(access: &Access, input: &LeadRouteInput) -> Result<(LeadId, Option<uuid::Uuid>, Found)> {
    access.require(crate::actor::Permission::LeadAssign)?;
    let id: LeadId = typed("id", &input.id)?;
    let (decision, found) = by_hand(access, id, input.dry_run).await?;
    Ok((id, decision.map(RowId::uuid), found))
}

fn explained(found: &Found) -> RoutingExplanation {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let trace = found.trace.iter().map(|step| RoutingTrace {
        rule: text(&step["rule"]).unwrap_or_default(),
        action: step["action"].as_str().and_then(Action::parse).map(Term),
        result: text(&step["result"]).unwrap_or_default(),
        why: text(&step["why"]),
    });
    let number = |value: &Value| value.as_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
    let members = found.pool_state.as_array().into_iter().flatten().map(|member| RoutingMember {
        user: member["user"].as_str().and_then(|id| id.parse().ok()).map(|id: entity::id::UserId| id.uuid()).into(),
        weight: number(&member["weight"]),
        assigned: number(&member["assigned"]),
        open: number(&member["open"]),
        eligible: member["eligible"] == true,
        why: text(&member["why"]),
    });
    RoutingExplanation {
        failed: found.failed(),
        rule: found.rule.clone(),
        action: found.action.map(Term),
        chosen_user: found.user.map(RowId::uuid).into(),
        pool: found.pool.map(RowId::uuid).into(),
        trace: trace.collect(),
        members: members.collect(),
    }
}
