//! What if, in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, InputObject, Object, Result as Answer, SimpleObject};
use entity::{
    agreement_version as versions,
    id::{AgreementVersionId, OpportunityId, RowId, UserId},
    incentive_statement_line::LineKind,
    money::{Currency, Money as Amount},
    opportunity, user, words,
};

use super::{Outcome, Projection, currency, project};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        derived::{Money, Term, Tried},
        root::access,
        scalar::Decimal,
        value,
    },
    incentive::{
        lint::graphql::decimal,
        pay::{
            plan::Plan,
            result::{Line, Statement},
        },
        run::done::kind,
    },
    store::{Access, Guarded},
};

words! {
    /// How a sale may come out.
    pub enum ProjectedOutcome as "IncentiveProjectedOutcome" {
        /// It is won in the plan's period.
        Won = "WON",
        /// It is not.
        Lost = "LOST",
    }
}

/// A sale that may come out so.
#[derive(InputObject)]
pub struct IncentiveOutcomeInput {
    /// The sale: an id that begins with `opportunity_`.
    opportunity_id: ID,
    /// How it comes out; WON unless given.
    outcome: Option<Term<ProjectedOutcome>>,
    /// What it is worth then, in the plan's currency; its own amount at today's rate unless given.
    amount: Option<Decimal>,
}

/// A line that a statement would have.
#[derive(SimpleObject)]
pub struct IncentiveProjectedLine {
    /// What it is.
    kind: Term<LineKind>,
    /// The key of the plan's component that it is of.
    component: Option<String>,
    /// What is multiplied.
    basis: Option<Money>,
    /// How far the goal or the quota is reached: 1 is all of it.
    attainment: Option<Decimal>,
    /// What the basis is multiplied by.
    factor: Option<Decimal>,
    /// What would be paid if nothing was taken away.
    uncapped: Money,
    /// What would be paid; below 0 what would be taken.
    amount: Money,
}

/// What a statement would say.
#[derive(SimpleObject)]
pub struct IncentiveProjectedStatement {
    /// What would be paid: the sum of its lines.
    total: Money,
    /// What it is made of.
    lines: Vec<IncentiveProjectedLine>,
}

/// What a statement says by now, and what it would say.
#[derive(SimpleObject)]
pub struct IncentiveProjection {
    /// By what has happened up to now.
    now: IncentiveProjectedStatement,
    /// If the sales come out as told.
    then: IncentiveProjectedStatement,
}

fn statement(plan: &Plan, said: Statement) -> IncentiveProjectedStatement {
    let money = |minor: i64| Money(Amount::new(minor, plan.currency));
    let line = |line: Line| IncentiveProjectedLine {
        kind: Term(kind(line.kind)),
        component: line.component.and_then(|at| plan.components.get(at)).map(|component| component.key.clone()),
        basis: line.basis.map(money),
        attainment: line.attainment.and_then(decimal),
        factor: line.factor.and_then(decimal),
        uncapped: money(line.uncapped),
        amount: money(line.amount),
    };
    IncentiveProjectedStatement { total: money(said.total), lines: said.lines.into_iter().map(line).collect() }
}

impl From<Projection> for IncentiveProjection {
    fn from(found: Projection) -> Self {
        Self { now: statement(&found.plan, found.now), then: statement(&found.plan, found.then) }
    }
}

fn outcome(said: &IncentiveOutcomeInput, currency: Currency) -> Result<Outcome> {
    let wrong = |message: String| Error::BadInput(format!("outcomes: {message}"));
    let sale = value::id(opportunity::Entity::NAME, &said.opportunity_id).map(OpportunityId::from_uuid);
    let sale = sale.ok_or_else(|| wrong("not an id of opportunity".into()))?;
    let amount =
        said.amount.as_ref().map(|amount| Amount::parse(&amount.0.normalize().to_string(), currency)).transpose();
    let amount = amount.map_err(|error| wrong(error.to_string()))?.map(|money| money.amount_minor);
    if amount.is_some_and(|minor| minor < 0) {
        return Err(wrong("an amount cannot be negative".into()));
    }
    Ok(Outcome { sale, won: said.outcome.is_none_or(|outcome| outcome.0 == ProjectedOutcome::Won), amount })
}

async fn projection(
    access: &Access,
    id: AgreementVersionId,
    user: UserId,
    said: &[IncentiveOutcomeInput],
) -> Result<Option<IncentiveProjection>> {
    let Some(currency) = currency(access, id).await? else { return Ok(None) };
    let outcomes = said.iter().map(|one| outcome(one, currency)).collect::<Result<_>>()?;
    Ok(project(access, id, user, outcomes).await?.map(IncentiveProjection::from))
}

#[derive(Default)]
pub struct ProjectReads;

#[Object]
impl ProjectReads {
    /// What somebody's statement by a version of an incentive plan says by what has happened up to now, and what it would say if
    /// sales came out as told. Corrections that wait and draws that are owed are in both; pools, the plan's cap for all and data
    /// health are in neither, as they hang on others too. Null for a version that the caller does not see, and for somebody
    /// who is not in it or whose pay they do not see. Errors: BAD_USER_INPUT for more than 50 outcomes, for sales that the
    /// caller does not see or that were won in another period, and for currencies without a rate of exchange. Requires
    /// INCENTIVE_READ.
    async fn incentive_statement_project(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan's version: an id that begins with `agreement_version_`.")] agreement_version_id: ID,
        #[graphql(desc = "Whose statement: an id that begins with `user_`; one's own unless given.")] user_id: Option<
            ID,
        >,
        #[graphql(default, desc = "Sales and how they come out, each once: at most 50.")] outcomes: Vec<
            IncentiveOutcomeInput,
        >,
    ) -> Answer<Tried<IncentiveProjection>> {
        let access = access(ctx)?;
        let id = value::id(versions::Entity::NAME, &agreement_version_id).map(AgreementVersionId::from_uuid);
        let user = match user_id {
            Some(id) => value::id(user::Entity::NAME, &id).map(UserId::from_uuid),
            None => access.actor().user,
        };
        let Some((id, user)) = id.zip(user).filter(|_| access.actor().may(Permission::IncentiveRead)) else {
            return Ok(Tried(Ok(None)));
        };
        Ok(Tried(projection(access, id, user, &outcomes).await))
    }
}
