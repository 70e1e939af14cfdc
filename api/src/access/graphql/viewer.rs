//! Who the caller is, and what anybody may do and why.

use async_graphql::{Context, ID, Object, SimpleObject};
use entity::{id::RowId, organization, role, session, team, user};

use super::access;
use crate::{
    access::explain::{self, Explanation, Held},
    actor::{Permission, Scope, Via},
    error::{Error, Result},
    graph::{Node, Nodes, derived::Term},
    store::Access,
};

/// The questions of this theme.
#[derive(Default)]
pub struct Query;

/// One permission that somebody holds.
#[derive(SimpleObject)]
pub struct HeldPermission {
    /// The permission.
    permission: Term<Permission>,
    /// How far it reaches.
    scope: Term<Scope>,
    /// Also records that nobody owns.
    unassigned: bool,
    /// Only for records whose owner is in this team; null when it holds for all.
    team: Node<team::Entity>,
}

impl From<Held> for HeldPermission {
    fn from(Held { permission, reach, team, .. }: Held) -> Self {
        let (scope, unassigned) = (Term(reach.scope), reach.unassigned);
        Self { permission: Term(permission), scope, unassigned, team: team.map(RowId::uuid).into() }
    }
}

/// One permission that somebody holds, and through which roles.
#[derive(SimpleObject)]
pub struct EffectivePermission {
    /// The permission.
    permission: Term<Permission>,
    /// How far it reaches: the widest of what the roles give.
    scope: Term<Scope>,
    /// Also records that nobody owns.
    unassigned: bool,
    /// Only for records whose owner is in this team; null when it holds for all.
    team: Node<team::Entity>,
    /// Keys of the roles that give it.
    roles: Vec<String>,
}

/// Whether somebody may do something with a record, and why.
#[derive(SimpleObject)]
pub struct AccessExplanation {
    /// The answer.
    allowed: bool,
    /// What was asked about.
    permission: Term<Permission>,
    /// How far they hold it; null when they do not.
    scope: Option<Term<Scope>>,
    /// The reasons, one sentence each, in English.
    because: Vec<String>,
}

impl From<Explanation> for AccessExplanation {
    fn from(why: Explanation) -> Self {
        let Explanation { allowed, permission, reach, because } = why;
        Self { allowed, permission: Term(permission), scope: reach.map(|reach| Term(reach.scope)), because }
    }
}

/// The caller.
pub struct Viewer(Access);

/// Who is calling, by what credential, and what they may do at this moment.
#[Object]
impl Viewer {
    /// The user who is signed in, or whose key is used; null without USER_READ.
    async fn user(&self) -> Node<user::Entity> {
        self.0.actor().user.map(RowId::uuid).into()
    }

    /// The organisation they belong to; null for a key without ORGANIZATION_READ.
    async fn organization(&self) -> Node<organization::Entity> {
        Some(self.0.actor().organization.uuid()).into()
    }

    /// This session; null for keys.
    async fn session(&self) -> Node<session::Entity> {
        match self.0.actor().via {
            Via::Session(id) => Some(id.uuid()).into(),
            _ => None.into(),
        }
    }

    /// The teams they are in; empty without TEAM_READ.
    async fn teams(&self) -> Result<Nodes<team::Entity>> {
        Ok(explain::teams(&self.0).await?.into())
    }

    /// The roles they hold; empty without ROLE_READ.
    async fn roles(&self) -> Result<Nodes<role::Entity>> {
        Ok(explain::roles(&self.0).await?.into())
    }

    /// What they may do with this credential, as far as it reaches.
    async fn permissions(&self) -> Vec<HeldPermission> {
        explain::held(&self.0.actor().rights).map(HeldPermission::from).collect()
    }
}

#[Object(name = "AccessQuery")]
impl Query {
    /// The caller; null without a credential.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        ctx.data_opt::<Access>().cloned().map(Viewer)
    }

    /// What a user may do, and through which roles; null when there is no such user. Requires ROLE_READ.
    async fn effective_permissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which user: an id that begins with `user_`.")] user_id: ID,
    ) -> Result<Option<Vec<EffectivePermission>>> {
        let user = user_id.parse().map_err(|_| Error::BadInput("userId: not an id of user".into()))?;
        let one = |Held { permission, reach, team, roles }| EffectivePermission {
            permission: Term(permission),
            scope: Term(reach.scope),
            unassigned: reach.unassigned,
            team: team.map(RowId::uuid).into(),
            roles,
        };
        Ok(explain::effective(access(ctx)?, user).await?.map(|held| held.into_iter().map(one).collect()))
    }

    /// Whether a user may do something with a record, and why; null when the caller sees no such user or record.
    /// Requires ROLE_READ.
    async fn explain_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which user: an id that begins with `user_`.")] user_id: ID,
        #[graphql(desc = "Which record.")] id: ID,
        #[graphql(desc = "What they would do with it.")] permission: Term<Permission>,
    ) -> Result<Option<AccessExplanation>> {
        let user = user_id.parse().map_err(|_| Error::BadInput("userId: not an id of user".into()))?;
        let why = explain::explain(access(ctx)?, user, id.as_str(), permission.0).await?;
        Ok(why.map(AccessExplanation::from))
    }
}
