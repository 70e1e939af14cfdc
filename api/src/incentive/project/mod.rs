//! What if: what somebody's statement would say if open sales came out as they think. Nothing is written.

pub mod graphql;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use entity::{
    id::{AgreementVersionId, OpportunityId, RowId, UserId},
    incentive_assignment::{Column as A, Entity as Assignments},
    money::Currency,
    opportunity::{Entity as Opportunities, Model as Opportunity},
    stage::StageType,
};
use sea_orm::{ColumnTrait, Condition};

use super::{
    assignment::participant,
    lint::version_of,
    pay::{
        calculate::calculate,
        input::Inputs,
        plan::Plan,
        result::{LineKind, Statement},
    },
    run::{calculate::Task, deals::as_if_won, inputs},
    trial::{self, Gathered, alone, take},
};
use crate::{
    alignment::agreement::body::decode,
    crm::Reader,
    error::{Error, Result},
    incentive::IncentivePlanBody,
    insight::goal::reached,
    store::{Access, Scoped},
};

const MOST_SALES: usize = 50;

/// A sale that comes out in some way.
pub struct Outcome {
    pub sale: OpportunityId,
    pub won: bool,
    /// In minor units of the plan's currency; the sale's own amount unless given.
    pub amount: Option<i64>,
}

pub struct Projection {
    pub plan: Plan,
    pub now: Statement,
    pub then: Statement,
}

/// The currency of a plan whose version the caller sees.
pub async fn currency(access: &Access, id: AgreementVersionId) -> Result<Option<Currency>> {
    let Some(version) = version_of(access, id).await? else { return Ok(None) };
    Ok(Some(decode::<IncentivePlanBody>(version)?.body.currency.0))
}

/// None where the caller does not see the plan or the person's pay by it.
pub async fn project(
    access: &Access,
    id: AgreementVersionId,
    user: UserId,
    outcomes: Vec<Outcome>,
) -> Result<Option<Projection>> {
    let Some(version) = version_of(access, id).await? else { return Ok(None) };
    let theirs = Condition::all().add(A::AgreementVersionId.eq(id.uuid())).add(A::UserId.eq(user.uuid()));
    let Some(terms) = Scoped::<Assignments>::read(access).filter(theirs).one().await? else { return Ok(None) };
    let days = decode::<IncentivePlanBody>(version.clone())?.body.days();
    let mut task = trial::task(access, &version, days, vec![participant(&terms)], Some(user)).await?;
    alone(&mut task.plan);
    let sales = sales(access, &task, &outcomes).await?;
    let asked: BTreeSet<OpportunityId> = outcomes.iter().map(|outcome| outcome.sale).collect();
    let gathered = trial::gather(&task, &asked).await?;
    let all = rest(&task, &gathered).await?;
    let now = one(&task.plan, &all)?;
    let then = one(&task.plan, &Inputs { sums: changed(&task, gathered, &sales).await?, ..all })?;
    Ok(Some(Projection { plan: task.plan, now, then }))
}

/// The sales that are won in the end, as the caller sees them.
async fn sales(access: &Access, task: &Task, outcomes: &[Outcome]) -> Result<Vec<(Opportunity, Option<i64>)>> {
    let wrong = |message: String| Err(Error::BadInput(format!("outcomes: {message}")));
    let asked: BTreeSet<OpportunityId> = outcomes.iter().map(|outcome| outcome.sale).collect();
    if outcomes.len() > MOST_SALES || asked.len() < outcomes.len() {
        return wrong(format!("give at most {MOST_SALES} opportunities, each once"));
    }
    let ids: Vec<_> = asked.iter().map(|id| id.uuid()).collect();
    let rows = if ids.is_empty() { vec![] } else { Scoped::<Opportunities>::read(access).ids(&ids).models().await? };
    let (start, end) = task.body.days();
    let mut won = Vec::new();
    for outcome in outcomes {
        let Some(row) = rows.iter().find(|row| row.id == outcome.sale) else {
            return wrong(format!("there is no {} that you see", outcome.sale));
        };
        let before = row.closed_at.filter(|_| row.stage_type == StageType::Won).map(|at| task.home.day(at));
        if before.is_some_and(|day| day < start || end <= day) {
            return wrong(format!("{} was won in another period", outcome.sale));
        }
        if outcome.won {
            won.push((row.clone(), outcome.amount));
        }
    }
    Ok(won)
}

/// All that a statement hangs on beside what was done.
async fn rest(task: &Task, gathered: &Gathered) -> Result<Inputs> {
    let ids: Vec<_> = task.plan.goals().iter().map(|goal| goal.uuid()).collect();
    let by = task.home.begins(if task.body.reprices() { task.body.days().1 } else { task.body.days().0 });
    let found = if ids.is_empty() { HashMap::default() } else { reached(&task.access, &ids, by).await? };
    let reader = Reader::Access(&task.access);
    Ok(Inputs {
        participants: task.people.clone(),
        sums: gathered.sums.clone(),
        goals: task.plan.goals().into_iter().filter_map(|goal| Some((goal, *found.get(&goal.uuid())?))).collect(),
        health: vec![],
        due: inputs::due(reader, &task.run)
            .await?
            .into_iter()
            .filter(|due| task.places.contains_key(&due.user))
            .collect(),
        owed: inputs::owed(reader, &task.run).await?.into_iter().collect(),
    })
}

/// What was done, as if the sales that were asked for had come out as told.
async fn changed(
    task: &Task,
    gathered: Gathered,
    sales: &[(Opportunity, Option<i64>)],
) -> Result<super::pay::input::Sums> {
    let (start, end) = task.body.days();
    let last = end.pred_opt().unwrap_or(end);
    let day: NaiveDate = task.home.day(task.access.now()).clamp(start, last.max(start));
    let mut then = Gathered { sums: gathered.sums, ..Gathered::default() };
    for credit in &gathered.credits {
        then.sums.without(credit);
    }
    for event in &gathered.events {
        then.sums.without_event(event);
    }
    for source in as_if_won(task, sales, day).await? {
        take(task, &source, &BTreeSet::new(), &mut then);
    }
    Ok(then.sums)
}

fn one(plan: &Plan, inputs: &Inputs) -> Result<Statement> {
    let all = calculate(plan, inputs).map_err(|error| Error::BadInput(error.to_string()))?;
    let mut statement = all.into_iter().next().ok_or_else(|| Error::internal("a projection of nobody"))?;
    statement.lines.retain(|line| line.kind != LineKind::Pool);
    Ok(statement)
}
