//! The versions of goals' agreements: which of them counts at an instant.

use chrono::{DateTime, Utc};
use entity::{
    agreement_version::{Column as V, Entity, Model, Status},
    goal::Model as Goal,
    id::{AgreementId, RowId},
};
use sea_orm::Condition;
use uuid::Uuid;

use super::body::GoalBody;
use crate::{
    alignment::agreement::{Active, body::decode},
    error::Result,
    store::{Access, Guarded, Scoped, within_ids},
};

/// The versions of some agreements, in the order in which they came into force.
pub struct Versions(Vec<Model>);

impl Versions {
    /// One statement.
    pub async fn of(access: &Access, agreements: &[AgreementId]) -> Result<Self> {
        let ids: Vec<_> = agreements.iter().map(|id| id.uuid()).collect();
        let theirs = within_ids((Entity::NAME, "agreement_id"), &ids, access.store().backend());
        let rows = Scoped::<Entity>::read(access).filter(theirs).models().await?;
        Ok(Self::new(rows))
    }

    pub fn new(mut rows: Vec<Model>) -> Self {
        rows.sort_by_key(|row| (row.agreement_id, row.effective_from, row.ratified_at, row.number));
        Self(rows)
    }

    /// The version in force until an instant: what comes into force at the instant itself counts from then on.
    pub fn in_force(&self, agreement: AgreementId, at: DateTime<Utc>) -> Option<&Model> {
        let began = |row: &&Model| row.effective_from.is_some_and(|from| from < at);
        self.0.iter().rfind(|row| row.agreement_id == agreement && signed(row) && began(row))
    }

    /// The version that stands for the goal: the one marked as in force, else the latest that may still be, else the latest.
    pub fn shown(&self, agreement: AgreementId) -> Option<&Model> {
        let of = || self.0.iter().filter(|row| row.agreement_id == agreement);
        let open = |row: &&Model| matches!(row.status, Status::Draft | Status::Proposed | Status::Ratified);
        let latest_open = || of().filter(open).max_by_key(|row| row.number);
        of().find(|row| row.status == Status::Active).or_else(latest_open).or_else(|| of().max_by_key(|row| row.number))
    }

    /// What counts at an instant; before anything does, what is proposed.
    pub fn at(&self, agreement: AgreementId, at: DateTime<Utc>) -> Result<Option<Active<GoalBody>>> {
        let found = self.in_force(agreement, at).or_else(|| self.shown(agreement));
        found.cloned().map(decode).transpose()
    }
}

/// What goals said that were in force at an instant; the others are left out. One statement.
pub async fn in_force(access: &Access, goals: Vec<Goal>, at: DateTime<Utc>) -> Result<Vec<(Uuid, GoalBody)>> {
    let agreements: Vec<_> = goals.iter().map(|goal| goal.agreement_id).collect();
    let versions = Versions::of(access, &agreements).await?;
    let mut all = vec![];
    for goal in goals {
        let Some(version) = versions.in_force(goal.agreement_id, at) else { continue };
        let said: Active<GoalBody> = decode(version.clone())?;
        all.push((goal.id.uuid(), said.body));
    }
    Ok(all)
}

fn signed(row: &Model) -> bool {
    row.ratified_at.is_some() && matches!(row.status, Status::Ratified | Status::Active | Status::Superseded)
}

/// All versions of one agreement.
pub fn of_agreement(agreement: AgreementId) -> Condition {
    use sea_orm::ColumnTrait;
    Condition::all().add(V::AgreementId.eq(agreement.uuid()))
}
