//! The frozen inputs of a calculation, read back: what it is reckoned from, and what clawbacks are reckoned from later.

use std::collections::{BTreeMap, HashMap};

use entity::{
    id::{AgreementVersionId, OpportunityId, RowId, UserId},
    incentive_adjustment::{AdjustmentReason, Column as J, Entity as Adjustments},
    incentive_run::{Column as R, Entity as Runs, Model as Run, RunStatus},
    incentive_source::{Column as C, Entity as Sources, Model as Source, SourceKind},
    incentive_statement::{Column as S, Entity as Statements},
    opportunity_split::SplitRole,
    user::Side,
};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Order, Query, SelectStatement},
};
use uuid::Uuid;

use super::frozen::Frozen;
use crate::{
    crm::Reader,
    error::Result,
    incentive::{
        pay::{
            input::{Credit, Due, DueReason, Event, Inputs, Sums},
            plan::{Participant, Plan},
        },
        plan::read::role,
    },
    store::{Access, Guarded, Scoped, within_ids},
};

/// Sources that are read together.
const PAGE: u64 = 5_000;

/// A page of a calculation's sources behind a place, in their order. For the next page take the last one's `position`.
pub async fn sources(reader: Reader<'_>, run: &Run, revision: i32, behind: i64) -> Result<Vec<Source>> {
    let col = |c: C| Expr::col((Sources::NAME, c));
    let page = Scoped::<Sources>::read(&reader.everything())
        .filter(col(C::RunId).eq(run.id.uuid()))
        .filter(col(C::Revision).eq(revision))
        .filter(col(C::Position).gt(behind))
        .shape(|q| _ = q.order_by((Sources::NAME, C::Position), Order::Asc).limit(PAGE));
    reader.models(page).await
}

/// What a source says to pay: a share of a sale, or something that a SPIFF pays for.
pub enum Said {
    Credit(Credit),
    Event(Event),
    /// Of a goal, which the run itself keeps.
    Goal,
}

pub fn said(plan: &Plan, source: &Source) -> Option<Said> {
    let component = plan.components.iter().position(|c| c.key == source.component)?;
    let user = source.user_id;
    Some(match source.kind {
        SourceKind::Deal => Said::Credit(Credit {
            component,
            user,
            deal: source.opportunity_id.unwrap_or(OpportunityId::from_uuid(source.record_id)),
            role: role(source.role.unwrap_or(SplitRole::Owner)),
            base: source.base_minor.unwrap_or(0),
        }),
        SourceKind::Event => Said::Event(Event {
            user,
            component,
            at: source.happened_at,
            record: source.record_id,
            deal: source.opportunity_id,
        }),
        SourceKind::Goal => Said::Goal,
    })
}

/// Sums of all sources of a calculation; `look` sees each of them.
pub async fn sums(
    reader: Reader<'_>,
    run: &Run,
    plan: &Plan,
    revision: i32,
    mut look: impl FnMut(&Source),
) -> Result<Sums> {
    let (mut sums, mut behind) = (Sums::default(), -1);
    loop {
        let page = sources(reader, run, revision, behind).await?;
        let Some(last) = page.last() else { return Ok(sums) };
        behind = last.position;
        for source in &page {
            look(source);
            match said(plan, source) {
                Some(Said::Credit(credit)) => sums.credit(&credit),
                Some(Said::Event(event)) => sums.event(&event),
                Some(Said::Goal) | None => {}
            }
        }
    }
}

/// All that a calculation hangs on beside its plan, but for what is due.
pub fn inputs(run: &Run, people: &[Participant], sums: Sums) -> Result<Inputs> {
    let frozen = Frozen::of(run)?;
    Ok(Inputs {
        participants: people.to_vec(),
        sums,
        goals: frozen.attainments(),
        health: frozen.healths(),
        ..Inputs::default()
    })
}

/// Adjustments of earlier runs of the same plan, in any of its versions, that wait for a run; also those of people who are in it
/// no more.
pub async fn due(reader: Reader<'_>, run: &Run) -> Result<Vec<Due>> {
    let waiting =
        Condition::all().add(J::PostedRunId.is_null()).add(J::AmountMinor.ne(0)).add(J::Currency.eq(run.currency));
    let of_plan = Expr::col((Adjustments::NAME, J::AgreementVersionId)).in_subquery(same_plan(&reader, run));
    let rows = reader.models(Scoped::<Adjustments>::read(&reader.everything()).filter(waiting).filter(of_plan)).await?;
    let one = |row: entity::incentive_adjustment::Model| Due {
        user: row.user_id,
        id: row.id.uuid(),
        reason: match row.reason {
            AdjustmentReason::Clawback => DueReason::Clawback,
            AdjustmentReason::CarryForward => DueReason::CarryForward,
            AdjustmentReason::Dispute => DueReason::Dispute,
            AdjustmentReason::Correction => DueReason::Correction,
            AdjustmentReason::Reversal => DueReason::Reversal,
            AdjustmentReason::LateSale => DueReason::LateSale,
        },
        amount: row.amount_minor,
    };
    Ok(rows.into_iter().map(one).collect())
}

/// On which side people were paid last by any version of the plan.
pub async fn sides(reader: Reader<'_>, run: &Run, users: &[Uuid]) -> Result<HashMap<UserId, Side>> {
    let of = |c: S| Expr::col((Statements::NAME, c));
    let theirs = Scoped::<Statements>::read(&reader.everything())
        .filter(within_ids((Statements::NAME, "user_id"), users, reader.backend()))
        .filter(of(S::AgreementVersionId).in_subquery(same_plan(&reader, run)))
        .shape(|q| {
            q.columns([S::UserId, S::Side].map(|c| (Statements::NAME, c)));
            q.order_by((Statements::NAME, S::PeriodEnd), Order::Asc).order_by((Statements::NAME, S::Id), Order::Asc);
        });
    let rows = reader.cells(theirs).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// The versions of the run's plan.
fn same_plan(reader: &Reader<'_>, run: &Run) -> SelectStatement {
    of_plan(reader.access(), run.agreement_version_id)
}

/// The versions of the plan of which this is one.
pub fn of_plan(access: &Access, version: AgreementVersionId) -> SelectStatement {
    use entity::agreement_version::{Column as V, Entity as Versions};
    let column = |table: &'static str, c: V| Expr::col((table, c));
    let mine = Query::select()
        .column(("own", V::AgreementId))
        .from_as(Versions::NAME, "own")
        .and_where(column("own", V::Id).eq(version.uuid()))
        .take();
    Query::select()
        .column((Versions::NAME, V::Id))
        .from(Versions::NAME)
        .and_where(column(Versions::NAME, V::OrganizationId).eq(access.actor().organization.uuid()))
        .and_where(column(Versions::NAME, V::AgreementId).in_subquery(mine))
        .take()
}

/// Runs of the same plan for earlier days that may still change, so that what people owe may.
pub async fn open_before(reader: Reader<'_>, run: &Run) -> Result<bool> {
    let col = |c: R| Expr::col((Runs::NAME, c));
    let open = [RunStatus::Draft, RunStatus::Calculated, RunStatus::InReview, RunStatus::Approved];
    let before = Scoped::<Runs>::read(&reader.everything())
        .filter(col(R::Status).is_in(open))
        .filter(col(R::PeriodEnd).lte(run.period_start))
        .filter(col(R::AgreementVersionId).in_subquery(same_plan(&reader, run)))
        .shape(|q| _ = q.limit(1));
    Ok(!reader.models(before).await?.is_empty())
}

/// Whether a run of the same plan for later days is locked: it counts what people owed after this one.
pub async fn locked_after(reader: Reader<'_>, run: &Run) -> Result<bool> {
    let col = |c: R| Expr::col((Runs::NAME, c));
    let after = Scoped::<Runs>::read(&reader.everything())
        .filter(col(R::Status).is_in([RunStatus::Locked, RunStatus::Paid]))
        .filter(col(R::PeriodStart).gte(run.period_end))
        .filter(col(R::AgreementVersionId).in_subquery(same_plan(&reader, run)))
        .shape(|q| _ = q.limit(1));
    Ok(!reader.models(after).await?.is_empty())
}

/// What people still owe of recoverable draws: each by their last statement of a locked run of the same plan before this one.
pub async fn owed(reader: Reader<'_>, run: &Run) -> Result<BTreeMap<UserId, i64>> {
    let col = |c: R| Expr::col((Runs::NAME, c));
    let runs = Scoped::<Runs>::read(&reader.everything())
        .filter(col(R::Status).is_in([RunStatus::Locked, RunStatus::Paid]))
        .filter(col(R::PeriodEnd).lte(run.period_start))
        .filter(col(R::AgreementVersionId).in_subquery(same_plan(&reader, run)))
        .shape(|q| _ = q.column((Runs::NAME, R::Id)));
    let of = |c: S| Expr::col((Statements::NAME, c));
    let theirs = Scoped::<Statements>::read(&reader.everything())
        .filter(of(S::RunId).in_subquery(runs.into_query()))
        .filter(of(S::Current).eq(true))
        .shape(|q| {
            q.columns([S::UserId, S::OwedMinor].map(|c| (Statements::NAME, c)));
            q.order_by((Statements::NAME, S::PeriodEnd), Order::Asc).order_by((Statements::NAME, S::Id), Order::Asc);
        });
    let mut owed = BTreeMap::new();
    for row in reader.cells(theirs).await? {
        owed.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    }
    owed.retain(|_, minor: &mut i64| *minor != 0);
    Ok(owed)
}
