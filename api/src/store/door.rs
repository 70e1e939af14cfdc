//! The two doors that are not people's: what sign-in must read before it knows who is there, and the first breath of
//! an organisation. Reads single rows by a secret or an id somebody proved; writes nothing. `tests/house.rs` lists
//! the callers.

use chrono::{DateTime, Utc};
use entity::{
    api_key, credential,
    id::{ApiKeyId, OrganizationId, RowId, SessionId, TeamId, UserId},
    invitation, organization, password_reset, role, session, user,
};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SelectStatement},
};

use uuid::Uuid;

use super::{Store, row::new_id};
use crate::error::Result;

/// Sign-in's unfiltered reads.
pub struct Door<'a>(&'a Store);

/// Who may be signing in, and how they prove it.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub user: user::Model,
    pub credential: credential::Model,
}

/// A counted wrong try.
#[derive(Clone, Copy, Debug)]
pub struct Failures {
    pub count: i32,
    pub last: Option<DateTime<Utc>>,
}

impl Store {
    /// For sign-in only: rows without a caller.
    pub fn door(&self) -> Door<'_> {
        Door(self)
    }

    /// The id of an organisation that does not exist yet; `Actor::system` of it may insert it.
    pub fn new_organization(&self) -> OrganizationId {
        OrganizationId::from_uuid(new_id())
    }
}

impl Door<'_> {
    /// A replica may lag behind a sign-out; SQLite's readers never do.
    async fn all<E: EntityTrait>(&self, query: Select<E>) -> Result<Vec<E::Model>> {
        let Door(store) = self;
        let rows = store.all(store.backend() == DbBackend::Postgres, &query.into_query()).await?;
        Ok(rows.iter().map(|row| E::Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
    }

    async fn one<E: EntityTrait>(&self, query: Select<E>) -> Result<Option<E::Model>> {
        Ok(self.all(query.limit(1)).await?.pop())
    }

    /// The organisation with this slug; without one the only organisation there is, or none when there are several.
    pub async fn organization(&self, slug: Option<&str>) -> Result<Option<organization::Model>> {
        let mut query = rows::<organization::Entity>().filter(organization::Column::DeletedAt.is_null()).limit(2);
        if let Some(slug) = slug {
            query = query.filter(organization::Column::Slug.eq(slug));
        }
        let mut found = self.all(query).await?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    /// Every organisation, for what is done to all of them at the start.
    pub async fn organizations(&self) -> Result<Vec<OrganizationId>> {
        let found = rows::<organization::Entity>().filter(organization::Column::DeletedAt.is_null());
        Ok(self.all(found).await?.into_iter().map(|row| row.id).collect())
    }

    pub async fn candidate(&self, organization: OrganizationId, email: &str) -> Result<Option<Candidate>> {
        let found = rows::<user::Entity>()
            .filter(user::Column::OrganizationId.eq(organization))
            .filter(user::Column::Email.eq(email))
            .filter(user::Column::DeletedAt.is_null());
        let Some(user) = self.one(found).await? else { return Ok(None) };
        let proof = rows::<credential::Entity>().filter(credential::Column::UserId.eq(user.id));
        Ok(self.one(proof).await?.map(|credential| Candidate { user, credential }))
    }

    /// The hash of a user's password.
    pub async fn password(&self, user: UserId) -> Result<Option<String>> {
        let found = rows::<credential::Entity>().filter(credential::Column::UserId.eq(user));
        Ok(self.one(found).await?.map(|row| row.password_hash))
    }

    pub async fn session(&self, id: SessionId) -> Result<Option<session::Model>> {
        let found = rows::<session::Entity>().filter(session::Column::Id.eq(id));
        self.one(found.filter(session::Column::DeletedAt.is_null())).await
    }

    /// The session whose present or last refresh token this is.
    pub async fn refreshed(&self, hash: &str) -> Result<Option<session::Model>> {
        let either = session::Column::RefreshHash.eq(hash).or(session::Column::PreviousHash.eq(hash));
        self.one(rows::<session::Entity>().filter(either).filter(session::Column::DeletedAt.is_null())).await
    }

    /// The organisation of the sessions that came of one sign-in.
    pub async fn family(&self, family: Uuid) -> Result<Option<OrganizationId>> {
        let found = rows::<session::Entity>().filter(session::Column::Family.eq(family)).limit(1);
        Ok(self.one(found).await?.map(|row| row.organization_id))
    }

    pub async fn api_key(&self, id: ApiKeyId) -> Result<Option<api_key::Model>> {
        let found = rows::<api_key::Entity>().filter(api_key::Column::Id.eq(id));
        self.one(found.filter(api_key::Column::DeletedAt.is_null())).await
    }

    pub async fn invitation(&self, hash: &str) -> Result<Option<invitation::Model>> {
        let found = rows::<invitation::Entity>().filter(invitation::Column::TokenHash.eq(hash));
        self.one(found.filter(invitation::Column::DeletedAt.is_null())).await
    }

    pub async fn password_reset(&self, hash: &str) -> Result<Option<password_reset::Model>> {
        let found = rows::<password_reset::Entity>().filter(password_reset::Column::TokenHash.eq(hash));
        self.one(found.filter(password_reset::Column::DeletedAt.is_null())).await
    }

    /// The sessions that a user began last, ended ones too.
    pub async fn last_sessions(&self, user: UserId) -> Result<Vec<session::Model>> {
        let found = rows::<session::Entity>().filter(session::Column::UserId.eq(user));
        self.all(found.order_by_desc(session::Column::CreatedAt).limit(50)).await
    }

    pub async fn user(&self, id: UserId) -> Result<Option<user::Model>> {
        let found = rows::<user::Entity>().filter(user::Column::Id.eq(id));
        self.one(found.filter(user::Column::DeletedAt.is_null())).await
    }

    /// The roles that a user holds.
    pub async fn roles(&self, user: UserId) -> Result<Vec<Held>> {
        let Door(store) = self;
        let rows = store.all(store.backend() == DbBackend::Postgres, &held_by(&[user])).await?;
        rows.iter().map(Held::of).collect()
    }
}

/// A role that somebody holds, perhaps only for the records of a team.
#[derive(Clone, Debug)]
pub struct Held {
    pub role: role::Model,
    pub team: Option<TeamId>,
}

impl Held {
    pub(super) fn of(row: &QueryResult) -> Result<Self> {
        Ok(Self { role: role::Model::from_query_result(row, "")?, team: row.try_get("", TEAM)? })
    }
}

const TEAM: &str = "grant_team_id";

/// Whose grant it is.
pub(super) const HOLDER: &str = "grant_user_id";

/// The roles of users with the teams that they are limited to.
pub(super) fn held_by(users: &[UserId]) -> SelectStatement {
    let grant = |column: &'static str| Expr::col(("role_grant", column));
    rows::<role::Entity>()
        .filter(role::Column::DeletedAt.is_null())
        .into_query()
        .expr_as(grant("team_id"), TEAM)
        .expr_as(grant("user_id"), HOLDER)
        .join(JoinType::InnerJoin, "role_grant", grant("role_id").equals(("role", "id")))
        .and_where(grant("user_id").is_in(users.iter().map(|user| user.uuid())))
        .and_where(grant("deleted_at").is_null())
        .take()
}

#[expect(clippy::disallowed_methods, reason = "the door: there is no caller yet whose rights could filter")]
pub(super) fn rows<E: EntityTrait>() -> Select<E> {
    E::find()
}
