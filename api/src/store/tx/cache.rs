//! Columns that are mere caches of what is computed from other rows: `Guarded::QUIET`. Written for many rows at once,
//! without version and event.

use entity::id::RowId;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use uuid::Uuid;

use super::Tx;
use crate::{
    error::{Error, Result},
    store::Guarded,
};

impl Tx {
    /// Keeps a whole number for each of these rows, and when that was: one statement, whose text does not depend on the
    /// rows. The work has locked them.
    pub async fn cache<E: Guarded>(
        &mut self,
        column: &'static str,
        stamp: &'static str,
        values: &[(Uuid, i32)],
    ) -> Result<()> {
        if !E::QUIET.contains(&column) || !E::QUIET.contains(&stamp) {
            return Err(Error::internal(format!("{column} of {} is no cache", E::NAME)));
        }
        if values.is_empty() {
            return Ok(());
        }
        let backend = self.access.store().backend();
        let list: Vec<_> = values.iter().map(|(id, n)| serde_json::json!([id.simple().to_string(), n])).collect();
        let list = serde_json::Value::Array(list);
        let (from, id, number, list) = match backend {
            DbBackend::Postgres => (
                "jsonb_array_elements($1)",
                "(\"was\".\"value\" ->> 0)::uuid",
                "(\"was\".\"value\" ->> 1)::int",
                Value::from(list),
            ),
            _ => (
                "json_each($1)",
                "unhex(\"was\".\"value\" ->> 0)",
                "\"was\".\"value\" ->> 1",
                Value::from(list.to_string()),
            ),
        };
        let table = E::NAME;
        let sql = format!(
            "UPDATE \"{table}\" SET \"{column}\" = {number}, \"{stamp}\" = $2 FROM {from} AS \"was\" \
             WHERE \"{table}\".\"id\" = {id} AND \"{table}\".\"organization_id\" = $3"
        );
        let organization = self.access.actor().organization.uuid();
        let bound: [Value; 3] = [list, self.access.now().into(), organization.into()];
        self.db().execute_raw(Statement::from_sql_and_values(backend, sql, bound)).await?;
        self.cached = true;
        Ok(())
    }
}
