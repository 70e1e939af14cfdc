//! Keys turned on a version. Rows are only added, and marked when they stop counting.

use entity::{
    agreement_approval::{ActiveModel, Column as C, Decision, Entity},
    id::{AgreementApprovalId, AgreementVersionId},
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition,
};

use super::{graphql, keys::Turned};
use crate::{
    actor::{Actor, Permission},
    error::Result,
    graph::{Meta, Record},
    store::{Guarded, Tx},
};

impl Guarded for Entity {
    type Id = AgreementApprovalId;
    const NAME: &'static str = "agreement_approval";
    const READ: Permission = Permission::AgreementRead;

    /// Agreements are the whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        graphql::approval()
    }
}

fn counting(version: AgreementVersionId) -> Condition {
    Condition::all().add(C::AgreementVersionId.eq(version)).add(C::ClearedAt.is_null())
}

/// A step: the keys that are turned on a version, which is locked.
pub async fn turned(tx: &mut Tx, version: AgreementVersionId) -> Result<Vec<Turned>> {
    let rows = tx.lock_where::<Entity>(counting(version)).await?;
    let turned = rows.into_iter().filter(|row| row.decision == Decision::Approved);
    Ok(turned.map(|row| Turned { side: row.side, user: row.user_id }).collect())
}

/// A step: the keys on a version stop counting.
pub async fn clear(tx: &mut Tx, version: AgreementVersionId) -> Result<()> {
    let now = tx.access().now();
    for row in tx.lock_where::<Entity>(counting(version)).await? {
        let cleared = ActiveModel { id: Unchanged(row.id), cleared_at: Set(Some(now)), ..Default::default() };
        tx.update::<Entity>(cleared).await?;
    }
    Ok(())
}
