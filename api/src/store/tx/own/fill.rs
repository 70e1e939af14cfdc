//! A field becomes unique: the values that records have by then are written down. Letters beyond A to Z have no case for a
//! database, so this is done in pages, inside the work. Nobody writes a value of the field meanwhile: that needs its definition,
//! which the work has locked (`own_fields`).

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use chrono::{DateTime, Utc};
use entity::{
    custom_field::{Column as C, Entity as Field, Kind},
    id::{CustomFieldId, RowId},
};
use sea_orm::{
    ConnectionTrait, DbBackend, ExprTrait, Order,
    sea_query::{Expr, Query, SelectStatement},
};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{super::Tx, TABLE, same};
use crate::{error::Result, store::Guarded};

/// Records in one page.
const PAGE: u64 = 2000;

/// Which field, and where its values are.
#[derive(Clone, Copy)]
pub struct OwnField<'a> {
    pub id: CustomFieldId,
    pub table: &'static str,
    /// Letters, digits and underscores.
    pub key: &'a str,
    pub kind: Kind,
}

/// A record of a page: when it was made, its id, and what it says.
type Said = (DateTime<Utc>, Uuid, String);

impl Tx {
    /// Writes down what living records have of a field that becomes unique. Answers how many values several of them have: then
    /// none is written down. A field that comes `anew`, made or restored, has values only if there was one of its key before.
    /// Nobody needs its definition to delete or restore records with these, which are therefore locked themselves.
    pub async fn gather_own(&mut self, field: OwnField<'_>, anew: bool) -> Result<usize> {
        self.drop_own(field.id).await?;
        if anew {
            if !self.was_there(field).await? {
                return Ok(0);
            }
            self.hold_deleted(field).await?;
        }
        let (mut after, mut shared, hasher) = (None, HashSet::new(), RandomState::new());
        loop {
            let page = self.page(field, after, anew).await?;
            let Some((at, id, _)) = page.last() else { break };
            after = Some((*at, *id));
            let form = |(_, row, text): &Said| Some((*row, same::form(field.kind, &json(field.kind, text))?));
            let forms: Vec<(Uuid, String)> = page.iter().filter_map(form).collect();
            let id = field.id.uuid();
            let taken = self.take(forms.iter().map(|(row, form)| (id, form.as_str(), *row)).collect()).await?;
            let lost = forms.iter().filter(|(row, _)| !taken.contains(&(id, *row)));
            shared.extend(lost.map(|(_, form)| hasher.hash_one(form)));
        }
        if !shared.is_empty() {
            self.drop_own(field.id).await?;
        }
        Ok(shared.len())
    }

    /// Of this field no value is anybody's alone any more.
    pub async fn drop_own(&mut self, field: CustomFieldId) -> Result<()> {
        let delete = Query::delete()
            .from_table(TABLE)
            .and_where(Expr::col((TABLE, "organization_id")).eq(self.access.actor().organization.uuid()))
            .and_where(Expr::col((TABLE, "custom_field_id")).eq(field.uuid()))
            .take();
        self.db().execute(&delete).await?;
        Ok(())
    }

    /// Whether there was a field of this key, which is deleted.
    async fn was_there(&self, field: OwnField<'_>) -> Result<bool> {
        let col = |c| Expr::col((Field::NAME, c));
        let query = Query::select()
            .expr(Expr::cust("1"))
            .from(Field::NAME)
            .and_where(col(C::OrganizationId).eq(self.access.actor().organization.uuid()))
            .and_where(col(C::Entity).eq(field.table))
            .and_where(col(C::Key).eq(field.key))
            .and_where(col(C::DeletedAt).is_not_null())
            .limit(1)
            .take();
        Ok(!self.all(&query).await?.is_empty())
    }

    /// Deleted records with a value stay deleted until the work ends, or live before it goes on.
    async fn hold_deleted(&self, field: OwnField<'_>) -> Result<()> {
        let mut held = self.with_value(field);
        held.expr(Expr::cust("1")).and_where(Expr::col((field.table, "deleted_at")).is_not_null()).lock_shared();
        let all = Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(held, "held").take();
        self.all(&all).await?;
        Ok(())
    }

    /// The next living records with a value, in the order of their index.
    async fn page(&self, field: OwnField<'_>, after: Option<(DateTime<Utc>, Uuid)>, lock: bool) -> Result<Vec<Said>> {
        let place = [(field.table, "created_at"), (field.table, "id")];
        let mut query = self.with_value(field);
        query
            .columns(place)
            .expr(said(field, self.access.store().backend()))
            .and_where(Expr::col((field.table, "deleted_at")).is_null())
            .order_by(place[0], Order::Asc)
            .order_by(place[1], Order::Asc)
            .limit(PAGE);
        if let Some((at, id)) = after {
            let here = Expr::tuple(place.map(Expr::col));
            query.and_where(here.gt(Expr::tuple([Expr::val(at), Expr::val(id)])));
        }
        if lock {
            query.lock_shared();
        }
        let rows = self.all(&query).await?;
        let read = |row: &sea_orm::QueryResult| {
            Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
        };
        Ok(rows.iter().map(read).collect::<Result<_, sea_orm::DbErr>>()?)
    }

    /// The organisation's records that have a value of the field's kind, deleted or not.
    fn with_value(&self, field: OwnField<'_>) -> SelectStatement {
        Query::select()
            .from(field.table)
            .and_where(Expr::col((field.table, "organization_id")).eq(self.access.actor().organization.uuid()))
            .and_where(said(field, self.access.store().backend()).is_not_null())
            .take()
    }
}

/// What a record says in the field, as text; null where it says nothing of the kind.
fn said(field: OwnField<'_>, backend: DbBackend) -> Expr {
    let OwnField { table, key, kind, .. } = field;
    let custom = format!("\"{table}\".\"custom\"");
    let (types, value) = match (backend, kind) {
        (DbBackend::Postgres, Kind::Number) => ("= 'number'", format!("{custom} ->> '{key}'")),
        (DbBackend::Postgres, _) => ("= 'string'", format!("{custom} ->> '{key}'")),
        (_, Kind::Number) => ("IN ('integer', 'real')", format!("{custom} -> '$.{key}'")),
        _ => ("= 'text'", format!("{custom} ->> '$.{key}'")),
    };
    Expr::cust(match backend {
        DbBackend::Postgres => format!("(CASE WHEN jsonb_typeof({custom} -> '{key}') {types} THEN {value} END)"),
        _ => format!("(CASE WHEN json_type({custom}, '$.{key}') {types} THEN {value} END)"),
    })
}

fn json(kind: Kind, text: &str) -> Json {
    match kind {
        Kind::Number => serde_json::from_str(text).unwrap_or_default(),
        _ => text.into(),
    }
}
