//! Texts by which rows of a table are found without reading all of it: an index that the rules of a table fill, in the
//! commit of the row. It is never shown; what it leads to is read through the table's own guard.

use entity::id::RowId;
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, ExprTrait,
    sea_query::{Expr, Func, OnConflict, Query, SelectStatement, SimpleExpr, extension::postgres::PgFunc},
};
use uuid::Uuid;

use super::{Access, Guarded, Tx, within_ids};
use crate::error::{Error, Result};

const TABLE: &str = "match_key";

impl Tx {
    /// These rows are found by these keys from now on, and by no others. At most two statements.
    pub async fn rekey<E: Guarded>(&mut self, rows: &[(Uuid, Vec<String>)], fresh: bool) -> Result<()> {
        let organization = self.access().actor().organization.uuid();
        if !fresh && !rows.is_empty() {
            let ids: Vec<Uuid> = rows.iter().map(|(id, _)| *id).collect();
            let old = Query::delete()
                .from_table(TABLE)
                .and_where(Expr::col((TABLE, "organization_id")).eq(organization))
                .and_where(Expr::col((TABLE, "entity")).eq(E::NAME))
                .cond_where(within_ids((TABLE, "record_id"), &ids, self.access().store().backend()))
                .take();
            self.db().execute(&old).await?;
        }
        let keys = rows.iter().flat_map(|(id, keys)| keys.iter().map(move |key| (*id, key)));
        let keys: Vec<(Uuid, &String)> = keys.collect();
        for batch in keys.chunks(5000) {
            let mut insert = Query::insert();
            insert.into_table(TABLE).columns(["organization_id", "entity", "key", "record_id"]);
            for (id, key) in batch {
                let values = [Expr::val(organization), Expr::val(E::NAME), Expr::val(key.as_str()), Expr::val(*id)];
                insert.values(values).map_err(Error::internal)?;
            }
            insert.on_conflict(OnConflict::new().do_nothing().to_owned());
            self.db().execute(&insert).await?;
        }
        Ok(())
    }
}

/// The ids of the organisation's rows that have one of these keys.
pub fn keyed<E: Guarded>(access: &Access, keys: &[String]) -> SelectStatement {
    Query::select()
        .column((TABLE, "record_id"))
        .from(TABLE)
        .and_where(Expr::col((TABLE, "organization_id")).eq(access.actor().organization.uuid()))
        .and_where(Expr::col((TABLE, "entity")).eq(E::NAME))
        .cond_where(within_texts((TABLE, "key"), keys, access.store().backend()))
        .take()
}

/// The row is found by no key.
pub fn unkeyed<E: Guarded>(access: &Access) -> SimpleExpr {
    let keys = Query::select()
        .expr(Expr::val(1))
        .from(TABLE)
        .and_where(Expr::col((TABLE, "organization_id")).eq(access.actor().organization.uuid()))
        .and_where(Expr::col((TABLE, "entity")).eq(E::NAME))
        .and_where(Expr::col((TABLE, "record_id")).equals((E::NAME, "id")))
        .take();
    Expr::exists(keys).not()
}

/// `column` is one of `texts`, with the whole list as one parameter: the statement's text does not depend on it.
pub fn within_texts(column: (&'static str, &'static str), texts: &[String], backend: DbBackend) -> Condition {
    let column = Expr::col(column);
    if backend == DbBackend::Postgres {
        return Condition::all().add(column.eq(PgFunc::any(texts.to_vec())));
    }
    let each = Func::cust("json_each").arg(serde_json::json!(texts).to_string());
    let texts = Query::select().expr(Expr::cust("value")).from_function(each, "texts").take();
    Condition::all().add(column.in_subquery(texts))
}
