//! Completes a calculation: what everybody is paid, worked out from the frozen inputs, takes the place of the last one's
//! statements in one commit.

use std::collections::{BTreeSet, HashMap};

use entity::{
    id::{IncentiveStatementId, RowId, UserId},
    incentive_run::{ActiveModel as Running, Entity as Runs, RunStatus},
    incentive_source::{Column as C, Entity as Sources, Model as Source},
    incentive_statement::{ActiveModel as Stating, Column as S, Entity as Statements},
    incentive_statement_line::{ActiveModel as Lining, Entity as Lines, LineCause, LineKind},
    user::Side,
    word::Word,
};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, Condition,
};
use serde_json::Value;

use super::{calculate::Task, freeze::line_id, frozen::Frozen, inputs, totals};
use crate::{
    actor::Permission,
    crm::Reader,
    error::{Error, Result},
    incentive::pay::{
        calculate::calculate,
        digest::Digest,
        input::{Due, Inputs},
        result::{self, Because, Line, Statement},
    },
    insight::metric::exact::Exact,
    store::{Tx, jobs::Job},
};

pub async fn complete(task: &Task, frozen: &Frozen, job: Option<&Job>) -> Result<()> {
    let reader = Reader::Access(&task.access);
    let mut digest = Digest::default();
    let sums =
        inputs::sums(reader, &task.run, &task.plan, task.attempt, |source| of_source(&mut digest, source)).await?;
    let mut all = inputs::inputs(&task.run, &task.people, sums)?;
    all.due = inputs::due(reader, &task.run).await?;
    let sides = sides(reader, task, &all.due).await?;
    all.owed = inputs::owed(reader, &task.run).await?;
    let frozen = &frozen.owing(&all.owed);
    of_rest(&mut digest, task, frozen, &all);
    let hash = digest.finish();
    let plan = task.plan.clone();
    // many people take a while: not on a thread that others wait for
    let statements = tokio::task::spawn_blocking(move || calculate(&plan, &all)).await.map_err(Error::internal)?;
    let statements = statements.map_err(|error| Error::BadInput(error.to_string()))?;
    let totals = totals::of(task, &statements, &sides).await?;
    let mut tx = task.access.begin(Permission::IncentiveRun).await?;
    let run = tx.lock::<Runs>(task.run.id).await?;
    if !task.goes_on(&run)? {
        return Ok(());
    }
    former(&mut tx, task).await?;
    // what calculations that came to nothing have left
    let lost = Condition::all()
        .add(C::RunId.eq(task.run.id.uuid()))
        .add(C::Revision.gt(run.revision))
        .add(C::Revision.lt(task.attempt));
    tx.clear::<Sources>(lost).await?;
    write(&mut tx, task, &statements, &sides).await?;
    let row = Running {
        id: Unchanged(run.id),
        status: Set(RunStatus::Calculated),
        revision: Set(task.attempt),
        inputs_hash: Set(Some(hash)),
        calculating: Set(None),
        failure: Set(None),
        totals: Set(Some(totals)),
        frozen: Set(Some(frozen.json()?)),
        calculated_at: Set(Some(task.access.now())),
        ..Default::default()
    };
    tx.update::<Runs>(row).await?;
    tx.emit("incentive_run.calculated");
    if let Some(job) = job {
        match job.done_in(&tx).await {
            Err(Error::Refused(_)) => return Ok(()), // another runner goes on with it
            done => done?,
        }
    }
    tx.commit(Value::Null).await
}

fn of_source(digest: &mut Digest, source: &Source) {
    let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
    let role = source.role.map_or("", Word::word);
    let fields = [
        source.user_id.to_string(),
        source.component.clone(),
        source.kind.word().to_owned(),
        source.record_id.to_string(),
        role.to_owned(),
        number(source.percent_e2),
        number(source.amount_minor),
        number(source.base_minor),
        source.attained.clone().unwrap_or_default(),
    ];
    // when a goal was looked at changes nothing
    let at = if source.attained.is_some() { String::new() } else { source.happened_at.to_rfc3339() };
    let fields: Vec<&str> = fields.iter().map(String::as_str).chain([at.as_str()]).collect();
    digest.row("source", &fields);
}

/// The plan's text, everybody's terms, what goals came to, and what is due.
fn of_rest(digest: &mut Digest, task: &Task, frozen: &Frozen, inputs: &Inputs) {
    digest.row("salt", &[&task.run.salt]);
    digest.row("plan", &[&task.version.hash]);
    for who in &inputs.participants {
        digest.row("terms", &[&format!("{who:?}")]);
    }
    for (goal, reached) in &frozen.goals {
        digest.row("goal", &[goal, reached]);
    }
    for (at, health) in frozen.health.iter().enumerate() {
        digest.row("health", &[&at.to_string(), health.as_deref().unwrap_or("")]);
    }
    for Due { user, id, reason, amount } in &inputs.due {
        digest.row("due", &[&user.to_string(), &id.to_string(), &format!("{reason:?}"), &amount.to_string()]);
    }
    for (user, owed) in &inputs.owed {
        digest.row("owed", &[&user.to_string(), &owed.to_string()]);
    }
}

/// The statements of the calculation before are kept, and are not the current ones any more.
async fn former(tx: &mut Tx, task: &Task) -> Result<()> {
    let theirs = Condition::all().add(S::RunId.eq(task.run.id.uuid())).add(S::Current.eq(true));
    let rows = tx.lock_where::<Statements>(theirs).await?;
    tx.update_all::<Statements>(&rows, &[("current", false.into())], "incentive_statement.superseded").await?;
    Ok(())
}

/// On which side each is paid: by their terms, or as they were while they were in the plan.
async fn sides(reader: Reader<'_>, task: &Task, due: &[Due]) -> Result<HashMap<UserId, Side>> {
    let left: BTreeSet<UserId> =
        due.iter().map(|due| due.user).filter(|user| !task.places.contains_key(user)).collect();
    let left: Vec<_> = left.into_iter().map(RowId::uuid).collect();
    let mut sides = if left.is_empty() { HashMap::new() } else { inputs::sides(reader, &task.run, &left).await? };
    sides.extend(task.people.iter().map(|person| (person.user, person.side)));
    Ok(sides)
}

async fn write(tx: &mut Tx, task: &Task, statements: &[Statement], sides: &HashMap<UserId, Side>) -> Result<()> {
    for some in statements.chunks(500) {
        let of = |statement: &Statement| {
            let side = sides.get(&statement.user).copied();
            side.map(|side| stated(task, statement, side)).ok_or_else(|| Error::internal("a statement of nobody"))
        };
        let rows = tx.insert_many::<Statements>(some.iter().map(of).collect::<Result<_>>()?).await?;
        let ids: HashMap<UserId, IncentiveStatementId> = rows.into_iter().map(|row| (row.user_id, row.id)).collect();
        let mut lines = vec![];
        for statement in some {
            let id = ids.get(&statement.user).copied().ok_or_else(|| Error::internal("a statement was not written"))?;
            for (line, position) in statement.lines.iter().zip(1..) {
                lines.push(lined(task, statement.user, id, line, position)?);
            }
        }
        for lines in lines.chunks(500) {
            tx.insert_many::<Lines>(lines.to_vec()).await?;
        }
    }
    Ok(())
}

fn stated(task: &Task, statement: &Statement, side: Side) -> Stating {
    Stating {
        run_id: Set(task.run.id),
        agreement_version_id: Set(task.run.agreement_version_id),
        user_id: Set(statement.user),
        side: Set(side),
        revision: Set(task.attempt),
        current: Set(true),
        period_start: Set(task.run.period_start),
        period_end: Set(task.run.period_end),
        currency: Set(task.run.currency),
        total_minor: Set(statement.total),
        owed_minor: Set(statement.owed),
        carried_minor: Set(statement.carried),
        paid_at: Set(None),
        ..Default::default()
    }
}

fn lined(task: &Task, user: UserId, statement: IncentiveStatementId, line: &Line, position: i32) -> Result<Lining> {
    let millionths = |value: Option<Exact>| value.and_then(|v| v.scaled(6)).and_then(|n| i64::try_from(n).ok());
    let kind = kind(line.kind);
    // what a cap takes has no sources of its own
    let own = line.component.filter(|_| line.kind != result::LineKind::Forfeited);
    let events = line.count.map(i32::try_from).transpose().map_err(Error::internal)?;
    Ok(Lining {
        id: own.map_or(NotSet, |at| Set(line_id(task, user, at))),
        statement_id: Set(statement),
        run_id: Set(task.run.id),
        revision: Set(task.attempt),
        user_id: Set(user),
        position: Set(position),
        kind: Set(kind),
        component: Set(line.component.map(|at| task.plan.components[at].key.clone())),
        basis_minor: Set(line.basis),
        events: Set(events),
        attainment_e6: Set(millionths(line.attainment)),
        factor_e6: Set(millionths(line.factor)),
        uncapped_minor: Set(line.uncapped),
        forfeited_minor: Set(line.forfeited),
        amount_minor: Set(line.amount),
        currency: Set(task.run.currency),
        because: Set(line.because.map(cause)),
        adjustment_id: Set(line.due.map(RowId::from_uuid)),
        ..Default::default()
    })
}

/// A line of a reckoning, as a statement keeps it.
pub fn kind(kind: result::LineKind) -> LineKind {
    use result::LineKind as Pay;
    match kind {
        Pay::GoalAttainment => LineKind::GoalAttainment,
        Pay::CommissionMarginal => LineKind::CommissionMarginal,
        Pay::CommissionRetroactive => LineKind::CommissionRetroactive,
        Pay::Spiff => LineKind::Spiff,
        Pay::Pool => LineKind::Pool,
        Pay::Forfeited => LineKind::Forfeited,
        Pay::Guarantee => LineKind::Guarantee,
        Pay::Draw => LineKind::Draw,
        Pay::Clawback => LineKind::Clawback,
        Pay::Adjustment => LineKind::Adjustment,
    }
}

fn cause(because: Because) -> LineCause {
    match because {
        Because::Gate => LineCause::Gate,
        Because::ComponentCap => LineCause::ComponentCap,
        Because::PlanCap => LineCause::PlanCap,
        Because::PersonCap => LineCause::PersonCap,
    }
}
