//! The same change of many rows in one statement, each with its event: what follows when a record becomes another or
//! part of another. Whoever owns the rows, they follow; only the organisation bounds it.

use std::collections::HashMap;

use entity::id::RowId;
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, ModelTrait, Order, Value,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use super::{
    super::{
        Guarded, differ,
        event::Op,
        row::{column, decode, id_of, returning, stale},
        scoped::{all_columns, within_ids},
    },
    Tx, changeable, own,
};
use crate::error::{Error, Result};

/// Rows in one statement.
const ROWS: usize = 500;

/// Values for columns of a table.
pub type Values = Vec<(&'static str, Value)>;

impl Tx {
    /// Rows of the organisation that meet a condition, whoever may see them and deleted ones too, locked in the order
    /// of their ids.
    pub async fn lock_followers<E: Guarded>(&mut self, condition: Condition) -> Result<Vec<E::Model>> {
        let mut query = Query::select();
        query
            .from(E::NAME)
            .and_where(Expr::col((E::NAME, "organization_id")).eq(self.access.actor().organization.uuid()))
            .cond_where(condition)
            .order_by((E::NAME, "id"), Order::Asc)
            .lock_exclusive();
        all_columns::<E>(&mut query);
        let rows = self.models::<E>(&query).await?;
        for row in &rows {
            self.remember::<E>(id_of::<E>(row)?, row.clone());
        }
        Ok(rows)
    }

    /// Gives rows that this work has locked or made these values, in one statement for a few hundred; those that have them
    /// already stay as they are. They must lie within the permission's reach afterwards, too. Answers the rows that changed.
    pub async fn update_all<E: Guarded>(
        &mut self,
        rows: &[E::Model],
        values: &[(&'static str, Value)],
        kind: &'static str,
    ) -> Result<Vec<E::Model>> {
        let changed = self.set_all_named::<E>(rows, values, Op::Updated, |_, _| Some(kind)).await?;
        self.check_reach::<E>(None, &changed).await?;
        Ok(changed)
    }

    /// The same of followers, which nobody need reach.
    pub async fn set_all<E: Guarded>(
        &mut self,
        rows: &[E::Model],
        values: &[(&'static str, Value)],
        op: Op,
    ) -> Result<Vec<E::Model>> {
        self.set_all_named::<E>(rows, values, op, |_, _| None).await
    }

    /// The same, each event with the name that its change has.
    pub async fn set_all_named<E: Guarded>(
        &mut self,
        rows: &[E::Model],
        values: &[(&'static str, Value)],
        op: Op,
        name: impl Fn(&E::Model, &E::Model) -> Option<&'static str>,
    ) -> Result<Vec<E::Model>> {
        changeable::<E>()?;
        let columns = values.iter().map(|(name, value)| Ok((column::<E>(name)?, value))).collect::<Result<Vec<_>>>()?;
        let differs = |row: &&E::Model| columns.iter().any(|(c, value)| !differ::same(&row.get(*c), value));
        let before: Vec<&E::Model> = rows.iter().filter(differs).collect();
        let mut changed = Vec::with_capacity(before.len());
        for some in before.chunks(ROWS) {
            let after = self.set_some::<E>(some, values).await?;
            let own = own::changed::<E>(some.iter().map(|row| Some(*row)).zip(&after))?;
            self.own_changed(E::NAME, own).await?;
            for (was, now) in some.iter().zip(after) {
                self.events.record::<E>(&self.access, self.permission, op, Some(*was), &now)?;
                if let Some(kind) = name(was, &now) {
                    self.events.name_last(kind);
                }
                self.remember::<E>(id_of::<E>(&now)?, now.clone());
                changed.push(now);
            }
        }
        if !changed.is_empty() {
            self.rights |= E::RIGHTS;
            self.last = None;
        }
        Ok(changed)
    }

    /// One statement; the rows as they are afterwards, in their order.
    async fn set_some<E: Guarded>(
        &self,
        rows: &[&E::Model],
        values: &[(&'static str, Value)],
    ) -> Result<Vec<E::Model>> {
        let ids = rows.iter().map(|row| id_of::<E>(row)).collect::<Result<Vec<Uuid>>>()?;
        let mut update = Query::update();
        update
            .table(E::NAME)
            .values(values.iter().map(|(name, value)| (*name, Expr::val(value.clone()))))
            .value("version", Expr::col((E::NAME, "version")).add(1))
            .value("updated_at", self.access.now())
            .value("updated_by", self.access.actor().user.map(RowId::uuid))
            .and_where(Expr::col((E::NAME, "organization_id")).eq(self.access.actor().organization.uuid()))
            .cond_where(within_ids((E::NAME, "id"), &ids, self.access.store().backend()))
            .returning(returning::<E>());
        self.access.store().count();
        let after = decode::<E>(&self.db.query_all(&update).await?)?;
        let mut by_id = after.into_iter().map(|row| Ok((id_of::<E>(&row)?, row))).collect::<Result<HashMap<_, _>>>()?;
        ids.into_iter().map(|id| by_id.remove(&id).ok_or_else(|| stale(0))).collect()
    }

    /// The versions that rows of this work have by now.
    pub fn versions<E: Guarded>(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, i32>> {
        let version = column::<E>("version")?;
        ids.iter().map(|id| Ok((*id, self.before::<E>(*id)?.get(version).unwrap()))).collect()
    }

    /// Marks a locked row as merged into another: it is deleted, and its event says where it went.
    pub async fn merge_away<E: Guarded>(&mut self, mut row: E::ActiveModel, winner: Uuid) -> Result<E::Model> {
        super::set::<E>(&mut row, "deleted_at", Value::from(Some(self.access.now())))?;
        let row = self.write::<E>(row, Op::Merged).await?;
        self.events.tell_last("merged_into_id", &[serde_json::Value::Null, serde_json::json!(winner)]);
        Ok(row)
    }

    /// Brings a locked deleted row back with other changes of it.
    pub async fn bring_back<E: Guarded>(&mut self, mut row: E::ActiveModel) -> Result<E::Model> {
        super::set::<E>(&mut row, "deleted_at", Value::ChronoDateTimeUtc(None))?;
        self.write::<E>(row, Op::Restored).await
    }

    /// From here on ids of merged records lead to another.
    pub async fn redirect<E: Guarded>(&mut self, losers: &[Uuid], winner: Uuid, merge: Uuid) -> Result<()> {
        let mut insert = Query::insert();
        insert.into_table("merged_record").columns(["loser_id", "organization_id", "entity", "winner_id", "merge_id"]);
        let organization = self.access.actor().organization.uuid();
        for loser in losers {
            let ids =
                [Expr::val(*loser), Expr::val(organization), Expr::val(E::NAME), Expr::val(winner), Expr::val(merge)];
            insert.values(ids).map_err(Error::internal)?;
        }
        self.db().execute(&insert).await?;
        Ok(())
    }

    /// The ids that a merge led elsewhere are their own again.
    pub async fn undirect(&mut self, merge: Uuid) -> Result<()> {
        let delete = Query::delete()
            .from_table("merged_record")
            .and_where(Expr::col("merge_id").eq(merge))
            .and_where(Expr::col("organization_id").eq(self.access.actor().organization.uuid()))
            .take();
        self.db().execute(&delete).await?;
        Ok(())
    }
}
