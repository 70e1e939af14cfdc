//! A successor for a key: the same name, scopes, networks and life, another secret. The old one ends after an overlap, so
//! that programs can be changed over without a gap.

use chrono::TimeDelta;
use entity::{
    api_key::{ActiveModel, Entity},
    id::{ApiKeyId, RowId},
};
use sea_orm::{ActiveValue, ActiveValue::Set};

use super::{LONGEST, for_program, insert};
use crate::{
    actor::{Permission, Via},
    error::{Error, FaultCode, Result},
    graph::record::remembered,
    store::Access,
};

/// Longest overlap, in hours: a week.
const MOST: i32 = 168;

pub async fn rotate(access: &Access, id: ApiKeyId, overlap_hours: i32) -> Result<(ApiKeyId, String)> {
    let Via::Session(_) = access.actor().via else { return Err(Error::Forbidden(Permission::ApiKeyCreate)) };
    if !(0..=MOST).contains(&overlap_hours) {
        return Err(Error::invalid("overlapHours", format!("an overlap is 0 to {MOST} hours")));
    }
    let (mut tx, now) = (access.begin(Permission::ApiKeyCreate).await?, access.now());
    tx.under(Permission::ApiKeyUpdate)?;
    let old = tx.lock::<Entity>(id).await?;
    tx.under(Permission::ApiKeyCreate)?;
    if old.revoked_at.is_some() || old.expires_at <= now {
        return Err(Error::refused(FaultCode::InvalidTransition, "id", "it has ended: make another one"));
    }
    if access.actor().user != Some(old.user_id) {
        for_program(&mut tx, old.user_id).await?;
    }
    let row = ActiveModel {
        name: Set(old.name.clone()),
        scopes: Set(old.scopes.clone()),
        networks: Set(old.networks.clone()),
        user_id: Set(old.user_id),
        expires_at: Set(now + (old.expires_at - old.created_at).min(LONGEST)),
        ..Default::default()
    };
    let made = insert(&mut tx, row).await?;
    let end = old.expires_at.min(now + TimeDelta::hours(overlap_hours.into()));
    tx.under(Permission::ApiKeyUpdate)?;
    tx.update::<Entity>(ActiveModel { id: ActiveValue::Unchanged(id), expires_at: Set(end), ..Default::default() })
        .await?;
    tx.emit("api_key.rotated");
    tx.commit(remembered(made.0.uuid())).await?;
    Ok(made)
}
