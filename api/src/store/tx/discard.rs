//! Rows that are computed from others and no record of their own, `Guarded::TOLD` says which: gone for good when they
//! are computed anew, so that what nobody misses is not kept.

use entity::id::RowId;
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use super::Tx;
use crate::{
    error::{Error, Result},
    store::{Guarded, within_ids},
};

impl Tx {
    /// Deletes these rows. One statement, whose text does not depend on them.
    pub async fn discard<E: Guarded>(&mut self, ids: &[Uuid]) -> Result<()> {
        if E::TOLD {
            return Err(Error::internal(format!("{} is not computed from other rows", E::NAME)));
        }
        if ids.is_empty() {
            return Ok(());
        }
        let delete = Query::delete()
            .from_table(E::NAME)
            .and_where(Expr::col((E::NAME, "organization_id")).eq(self.access().actor().organization.uuid()))
            .cond_where(within_ids((E::NAME, "id"), ids, self.access().store().backend()))
            .take();
        self.db().execute(&delete).await?;
        Ok(())
    }
}
