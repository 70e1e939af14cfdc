//! Which opportunities came to a stage of their pipeline, and reached a later one, as conditions over their history. A stage
//! that was left out was passed when a later one was reached; a later step back undoes nothing.

use chrono::TimeDelta;
use entity::{
    id::RowId,
    opportunity_state::{Column as S, Entity as Stood},
    stage::{Column as G, Entity as Stage, StageType},
};
use sea_orm::{
    Condition, ExprTrait, IdenStatic,
    sea_query::{Expr, JoinType, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{ask::Ask, cycles::not_later};
use crate::{
    crm::whole,
    error::{Error, FaultCode, Result},
    store::{Guarded, Scoped},
};

/// Two stages can be asked for that are there, in one pipeline, the first on the way and the second behind it, no loss.
pub async fn check(ask: &Ask) -> Result<()> {
    let Some((from, to)) = ask.options.from_stage.zip(ask.options.to_stage) else { return Ok(()) };
    let rows = Scoped::<Stage>::read(&whole(&ask.access)).ids(&[from, to]).models().await?;
    let find = |name: &str, id: Uuid| {
        let none = || Error::refused(FaultCode::NotFound, name, format!("options.{name}: there is no such stage"));
        rows.iter().find(|row| row.id.uuid() == id).ok_or_else(none)
    };
    let (from, to) = (find("fromStageId", from)?, find("toStageId", to)?);
    let wrong = |name: &str, what: &str| Err(Error::invalid(name, format!("options.{name}: {what}")));
    if from.stage_type != StageType::Open {
        return wrong("fromStageId", "this must be a stage on the way, not an end");
    }
    if to.pipeline_id != from.pipeline_id {
        return wrong("toStageId", "this must be a stage of the same pipeline");
    }
    if to.position <= from.position || to.stage_type == StageType::Lost {
        return wrong("toStageId", "this must be a later stage, and not a lost one");
    }
    Ok(())
}

fn stood(c: S) -> SimpleExpr {
    Expr::col((Stood::NAME, c))
}

/// This stage and those behind it, not the lost ones.
fn from_on(ask: &Ask, stage: Option<Uuid>) -> SelectStatement {
    let (own, first) = (Stage::NAME, "first_");
    let same = Expr::col((first, G::PipelineId)).equals((own, G::PipelineId));
    Query::select()
        .column((own, G::Id))
        .from(own)
        .join_as(JoinType::InnerJoin, own, first, same)
        .and_where(Expr::col((own, G::OrganizationId)).eq(ask.access.actor().organization))
        .and_where(Expr::col((first, G::OrganizationId)).eq(ask.access.actor().organization))
        .and_where(Expr::col((first, G::Id)).eq(stage.unwrap_or_default()))
        .and_where(Expr::col((own, G::StageType)).ne(StageType::Lost))
        .and_where(Expr::col((own, G::Position)).gte(Expr::col((first, G::Position))))
        .take()
}

/// Other states of the same opportunity.
fn others(ask: &Ask, table: &'static str) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from_as(Stood::NAME, table)
        .and_where(Expr::col((table, S::OrganizationId)).eq(ask.access.actor().organization))
        .and_where(Expr::col((table, S::DeletedAt)).is_null())
        .and_where(Expr::col((table, S::OpportunityId)).equals((Stood::NAME, S::OpportunityId)))
        .take()
}

/// The state in which an opportunity first came to the stage or a later one, in the period and before now; of those that are
/// there still.
pub fn came(ask: &Ask, stage: Option<Uuid>) -> Condition {
    let (end, other) = (std::cmp::Ord::min(ask.end, ask.now()), "before_");
    let at = |table: &'static str| Expr::col((table, S::At));
    let tie = at(other).eq(stood(S::At)).and(Expr::col((other, S::Id)).lt(stood(S::Id)));
    let sooner = others(ask, other)
        .and_where(Expr::col((other, S::StageId)).in_subquery(from_on(ask, stage)))
        .and_where(at(other).lt(stood(S::At)).or(tie))
        .take();
    let there = others(ask, "now_").cond_where(now(ask, "now_")).take();
    Condition::all()
        .add(stood(S::StageId).in_subquery(from_on(ask, stage)))
        .add(stood(S::At).gte(ask.start))
        .add(stood(S::At).lt(end))
        .add(Expr::exists(sooner).not())
        .add(Expr::exists(there))
}

/// How it stands at the instant that is meant.
fn now(ask: &Ask, table: &'static str) -> Condition {
    let open = Expr::col((table, S::Until)).is_null();
    match ask.at {
        None => Condition::all().add(open),
        Some(at) => {
            Condition::all().add(Expr::col((table, S::At)).lt(at)).add(open.or(Expr::col((table, S::Until)).gte(at)))
        }
    }
}

/// The same of the stage that is asked for.
pub fn entered(ask: &Ask) -> Condition {
    came(ask, ask.options.from_stage)
}

/// Of these, those that reached the other stage or a later one by now, and soon enough where that is asked.
pub fn reached(ask: &Ask) -> Condition {
    entered(ask).add(goal(ask))
}

fn goal(ask: &Ask) -> SimpleExpr {
    let (other, at) = ("later_", S::At.as_str());
    let backend = ask.access.store().backend();
    let soon = |days| not_later(Expr::col((other, S::At)), (other, at), (Stood::NAME, at), days, backend);
    let later = others(ask, other)
        .and_where(Expr::col((other, S::StageId)).in_subquery(from_on(ask, ask.options.to_stage)))
        .and_where(Expr::col((other, S::At)).lt(ask.now()))
        .cond_where(Condition::all().add_option(ask.options.within_days.map(soon)))
        .take();
    Expr::exists(later)
}

/// Of these, those that did not, are open and have time left.
pub fn open(ask: &Ask) -> Condition {
    let still = others(ask, "now_")
        .cond_where(now(ask, "now_"))
        .and_where(Expr::col(("now_", S::StageType)).eq(StageType::Open))
        .take();
    let in_time = ask.options.within_days.map(|days| stood(S::At).gte(ask.now() - TimeDelta::days(days)));
    entered(ask).add(goal(ask).not()).add(Expr::exists(still)).add_option(in_time)
}
