//! Steps on the tables that have no rows of their own in the schema: passwords and who is below whom. And the one
//! lock that must see every grant of a role, whatever the caller sees.

use std::collections::HashMap;

use entity::{
    credential,
    id::{RowId, UserId},
    role, user,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, QueryFilter, Statement, Value,
    sea_query::{Expr, ExprTrait, JoinType, LockType, OnConflict, Query},
};

use super::{
    Tx,
    door::{Failures, HOLDER, Held, held_by, rows},
};
use crate::error::{Error, Result};

impl Tx {
    /// The password of a user, locked until the end of the work.
    pub async fn credential(&mut self, user: UserId) -> Result<Option<credential::Model>> {
        let mut query = rows::<credential::Entity>().filter(credential::Column::UserId.eq(user));
        if self.access().store().backend() == DbBackend::Postgres {
            query = sea_orm::QuerySelect::lock(query, LockType::Update);
        }
        Ok(query.one(self.db()).await?)
    }

    /// Sets a user's password; wrong tries before it are forgotten.
    pub async fn set_password(&mut self, user: UserId, hash: &str) -> Result<()> {
        let (organization, now) = (self.access().actor().organization.uuid(), self.access().now());
        let values: [Value; 5] = [user.uuid().into(), organization.into(), hash.into(), 0.into(), now.into()];
        let columns = ["password_hash", "failed_count", "last_failed_at", "changed_at"];
        let insert = Query::insert()
            .into_table("credential")
            .columns(["user_id", "organization_id", "password_hash", "failed_count", "changed_at"])
            .values(values.map(Expr::val))
            .map_err(Error::internal)?
            .on_conflict(OnConflict::column("user_id").update_columns(columns).to_owned())
            .take();
        self.db().execute(&insert).await?;
        Ok(())
    }

    /// A better hash of the same password.
    pub async fn rehash(&mut self, user: UserId, hash: &str) -> Result<()> {
        self.change_credential(user, [("password_hash", hash.into())]).await
    }

    pub async fn set_failures(&mut self, user: UserId, failures: Failures) -> Result<()> {
        let columns = [("failed_count", failures.count.into()), ("last_failed_at", failures.last.into())];
        self.change_credential(user, columns).await
    }

    async fn change_credential<const N: usize>(
        &mut self,
        user: UserId,
        columns: [(&'static str, Value); N],
    ) -> Result<()> {
        let update = Query::update()
            .table("credential")
            .values(columns.map(|(name, value)| (name, Expr::val(value))))
            .and_where(Expr::col("user_id").eq(user.uuid()))
            .and_where(Expr::col("organization_id").eq(self.access().actor().organization.uuid()))
            .take();
        self.db().execute(&update).await?;
        Ok(())
    }

    /// The roles that a user holds, as this work sees them.
    pub async fn roles(&self, user: UserId) -> Result<Vec<Held>> {
        Ok(self.roles_of(&[user]).await?.remove(&user).unwrap_or_default())
    }

    /// The roles that each of these users holds; whoever holds none is missing. A statement for every 500 users.
    pub async fn roles_of(&self, users: &[UserId]) -> Result<HashMap<UserId, Vec<Held>>> {
        let mut roles: HashMap<UserId, Vec<Held>> = HashMap::new();
        for users in users.chunks(500) {
            let mine = Expr::col(("role", "organization_id")).eq(self.access().actor().organization.uuid());
            for row in self.db().query_all(held_by(users).and_where(mine)).await? {
                roles.entry(row.try_get("", HOLDER)?).or_default().push(Held::of(&row)?);
            }
        }
        Ok(roles)
    }

    /// The roles that somebody who has come holds, active or not, everywhere or in a team.
    pub async fn roles_held(&self) -> Result<Vec<role::Model>> {
        let grant = |column: &'static str| Expr::col(("role_grant", column));
        let held = Query::select()
            .expr(Expr::val(1))
            .from("role_grant")
            .join(JoinType::InnerJoin, "user", Expr::col(("user", "id")).equals(("role_grant", "user_id")))
            .and_where(grant("role_id").equals(("role", "id")))
            .and_where(grant("deleted_at").is_null())
            .and_where(Expr::col(("user", "activated_at")).is_not_null())
            .take();
        let mine = role::Column::OrganizationId.eq(self.access().actor().organization);
        let query = rows::<role::Entity>().filter(mine).filter(role::Column::DeletedAt.is_null());
        Ok(query.filter(Expr::exists(held)).all(self.db()).await?)
    }

    /// The active users who hold a role. Its grants stay locked: of two who would take the last one, one waits and
    /// then sees what the other did.
    pub async fn lock_holders(&self, key: &str) -> Result<Vec<UserId>> {
        let organization = self.access().actor().organization.uuid();
        let grants = "SELECT g.user_id FROM role_grant g JOIN role r ON r.id = g.role_id \
                      WHERE g.organization_id = $1 AND r.key = $2 AND g.team_id IS NULL \
                      AND g.deleted_at IS NULL AND r.deleted_at IS NULL ORDER BY g.id";
        let postgres = self.access().store().backend() == DbBackend::Postgres;
        let grants = format!("{grants}{}", if postgres { " FOR UPDATE OF g" } else { "" });
        let locked = self.sql(&grants, [organization.into(), key.into()]).await?;
        let ids = locked.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<UserId>, _>>()?;
        // a new statement: it sees what was committed while this one waited
        let active = user::Column::Id.is_in(ids).and(user::Column::Active.eq(true));
        let found = rows::<user::Entity>().filter(active).filter(user::Column::DeletedAt.is_null());
        Ok(found.all(self.db()).await?.into_iter().map(|row| row.id).collect())
    }

    /// Whether `above` is `below` or over them, at any depth.
    pub async fn is_above(&self, above: UserId, below: UserId) -> Result<bool> {
        let sql = "SELECT 1 FROM reporting_line WHERE above_id = $1 AND below_id = $2";
        Ok(!self.sql(sql, [above.uuid().into(), below.uuid().into()]).await?.is_empty())
    }

    /// Whoever is below somebody at any depth, and they themselves.
    pub async fn all_below(&self, above: UserId) -> Result<Vec<UserId>> {
        let rows = self.sql("SELECT below_id FROM reporting_line WHERE above_id = $1", [above.uuid().into()]).await?;
        Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?)
    }

    /// A new user is at depth 0 of themselves.
    pub async fn add_line(&mut self, user: UserId) -> Result<()> {
        let sql = "INSERT INTO reporting_line (above_id, below_id, organization_id, depth) VALUES ($1, $1, $2, 0)";
        let organization = self.access().actor().organization.uuid();
        self.sql(sql, [user.uuid().into(), organization.into()]).await?;
        Ok(())
    }

    /// Moves a user, with all below them, under another manager or under none.
    pub async fn move_below(&mut self, user: UserId, manager: Option<UserId>) -> Result<()> {
        let cut = "DELETE FROM reporting_line \
                   WHERE below_id IN (SELECT below_id FROM reporting_line WHERE above_id = $1) \
                   AND above_id NOT IN (SELECT below_id FROM reporting_line WHERE above_id = $1)";
        self.sql(cut, [user.uuid().into()]).await?;
        let Some(manager) = manager else { return Ok(()) };
        let tie = "INSERT INTO reporting_line (above_id, below_id, organization_id, depth) \
                   SELECT up.above_id, down.below_id, up.organization_id, up.depth + down.depth + 1 \
                   FROM reporting_line up CROSS JOIN reporting_line down \
                   WHERE up.below_id = $2 AND down.above_id = $1";
        self.sql(tie, [user.uuid().into(), manager.uuid().into()]).await?;
        Ok(())
    }

    async fn sql<const N: usize>(&self, sql: &str, values: [Value; N]) -> Result<Vec<sea_orm::QueryResult>> {
        let backend = self.access().store().backend();
        Ok(self.db().query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?)
    }
}
