//! Whether an opportunity may leave its stage: forward and to a win only when the criteria of every stage on the way are
//! met, unless somebody who may says why not. Both are kept with the move.

use entity::{
    id::{OpportunityId, RowId, StageId},
    opportunity::{Entity, Model},
    overridden_criterion,
    stage::{self, StageType},
    stage_change,
    stage_criterion::{self, CriterionKind},
};
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, IntoActiveModel, Value, sea_query::Expr};

use super::{Book, moves};
use crate::{
    actor::Permission,
    crm::criterion::sheet::{Judged, Leaving, Reader, judged},
    error::{Fault, FaultCode, Result},
    graph::{Change, Patch},
    store::{Access, Guarded, Scoped, Tx},
};

/// Refuses the changes that leave a stage whose criteria are not met, naming each. A new opportunity leaves those before
/// the one it begins in, unless whoever brings it may override criteria.
pub async fn guard(tx: &Tx, book: &Book, changes: &mut [Change<Entity>]) -> Result<()> {
    if tx.permission() == Permission::OpportunityOverride {
        return Ok(());
    }
    let may = tx.access().actor().may(Permission::OpportunityOverride);
    let going: Vec<usize> = (0..changes.len()).filter(|at| left(&changes[*at], book, may).is_some()).collect();
    if going.is_empty() {
        return Ok(());
    }
    let all: Vec<Leaving<'_>> = going.iter().filter_map(|at| left(&changes[*at], book, may)).collect();
    let found = judged(Reader::Work(tx), &all).await?;
    for (at, judged) in going.into_iter().zip(found) {
        changes[at].faults.extend(judged.iter().filter(|j| !j.judgement.met).map(fault));
    }
    Ok(())
}

fn left<'a>(change: &'a Change<Entity>, book: &Book, may: bool) -> Option<Leaving<'a>> {
    match change.before {
        None if may => None,
        None => skipping(change, book),
        Some(_) => leaving(change, book),
    }
}

/// The stages that a change leaves behind.
fn leaving<'a>(change: &'a Change<Entity>, book: &Book) -> Option<Leaving<'a>> {
    let (before, to) = (change.before.as_ref()?, change.row.stage_id.try_as_ref()?);
    let stages = moves::passed(book.stages(), before.stage_id, *to);
    (change.faults.is_empty() && !stages.is_empty()).then_some(Leaving { id: before.id, row: &change.row, stages })
}

/// The stages that a new opportunity never stood in.
fn skipping<'a>(change: &'a Change<Entity>, book: &Book) -> Option<Leaving<'a>> {
    let to = change.row.stage_id.try_as_ref()?;
    let pipeline = book.stages().iter().find(|stage| stage.id == *to)?.pipeline_id;
    let open = |s: &&stage::Model| s.pipeline_id == pipeline && s.stage_type == StageType::Open;
    let first = book.stages().iter().filter(open).min_by_key(|stage| stage.position)?;
    let stages = moves::passed(book.stages(), first.id, *to);
    let id = change.row.id.try_as_ref().copied().unwrap_or(OpportunityId::from_uuid(uuid::Uuid::nil()));
    (change.faults.is_empty() && !stages.is_empty()).then_some(Leaving { id, row: &change.row, stages })
}

fn fault(Judged { criterion, judgement }: &Judged) -> Fault {
    let message = format!("{}: this must be {}; it is {}", criterion.label, judgement.expected, judgement.actual);
    Fault { code: FaultCode::CriteriaUnmet, message, field: path(criterion) }
}

/// Where that lies, seen from the opportunity, which a criterion looks at.
pub fn path(criterion: &stage_criterion::Model) -> Vec<String> {
    let place = match criterion.kind {
        CriterionKind::Field => criterion.field.as_deref().unwrap_or_default(),
        CriterionKind::Activity => "activities",
        CriterionKind::BuyerEvidence => "buyerConfirmations",
    };
    place.split('.').map(str::to_owned).collect()
}

/// Takes `overrideReason` out of what a step is told. If it is needed, the work goes on under the permission to
/// override, and the reason is kept.
pub async fn excused(tx: &mut Tx, before: &Model, mut told: Patch) -> Result<Patch> {
    let Some(Value::String(Some(reason))) = told.remove("override_reason") else { return Ok(told) };
    let book = Book::load(tx).await?;
    let probe = told.clone().apply::<Entity>(Some(before.clone()), tx.access().now());
    let Some(going) = leaving(&probe, &book) else { return Ok(told) };
    if unmet(tx, going).await?.is_empty() {
        return Ok(told);
    }
    tx.lock_as::<Entity>(Permission::OpportunityOverride, before.id).await?;
    tx.under(Permission::OpportunityOverride)?;
    tx.because(reason);
    Ok(told)
}

async fn unmet(tx: &Tx, going: Leaving<'_>) -> Result<Vec<Judged>> {
    let all = judged(Reader::Work(tx), &[going]).await?;
    Ok(all.into_iter().flatten().filter(|j| !j.judgement.met).collect())
}

/// Keeps with an overriding move what it passed over.
pub async fn keep(tx: &mut Tx, written: &[(Option<Model>, Model)], moved: &[stage_change::Model]) -> Result<()> {
    if tx.permission() != Permission::OpportunityOverride {
        return Ok(());
    }
    let book = Book::load(tx).await?;
    let mut rows = Vec::new();
    for (before, after) in written {
        let Some(change) = moved.iter().find(|change| change.opportunity_id == after.id) else { continue };
        let row = after.clone().into_active_model();
        let probe = Change { before: before.clone(), row, faults: vec![] };
        let Some(going) = leaving(&probe, &book) else { continue };
        rows.extend(unmet(tx, going).await?.into_iter().map(|Judged { criterion, judgement }| {
            overridden_criterion::ActiveModel {
                stage_change_id: Set(change.id),
                stage_criterion_id: Set(criterion.id),
                label: Set(criterion.label),
                expected: Set(judgement.expected),
                actual: Set(judgement.actual),
                ..Default::default()
            }
        }));
    }
    if !rows.is_empty() {
        tx.insert_many::<overridden_criterion::Entity>(rows).await?;
    }
    Ok(())
}

/// The criteria on the way to a stage, or out of the one it stands in; none for who may not see the opportunity.
pub async fn ask(access: &Access, id: OpportunityId, to: Option<StageId>) -> Result<Option<Vec<Judged>>> {
    let this = Condition::all().add(Expr::col((Entity::NAME, "id")).eq(id));
    let Some(row) = Scoped::<Entity>::read(access).filter(this).one().await? else { return Ok(None) };
    let theirs = Expr::col((stage::Entity::NAME, stage::Column::PipelineId)).eq(row.pipeline_id);
    let stages = Scoped::<stage::Entity>::read(access).filter(Condition::all().add(theirs)).models().await?;
    let stages = match to {
        Some(to) if !stages.iter().any(|stage| stage.id == to) => return Ok(None),
        Some(to) => moves::passed(&stages, row.stage_id, to),
        None if row.stage_type == StageType::Open => vec![row.stage_id],
        None => vec![],
    };
    let row = row.into_active_model();
    let found = judged(Reader::Answer(access), &[Leaving { id, row: &row, stages }]).await?;
    Ok(found.into_iter().next())
}
