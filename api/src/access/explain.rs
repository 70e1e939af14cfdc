//! What somebody may do, and why, in words. It asks the same predicates that guard the rows; it decides nothing.

use std::sync::Arc;

use entity::{
    id::{RowId, TeamId, UserId},
    membership, role, role_grant, user,
    word::Word,
};
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::role::permissions::{rights_of, union};
use crate::{
    actor::{Actor, Permission, Reach, Rights, Scope, Via},
    error::Result,
    graph::{Meta, root::catalog},
    store::{Access, Scoped, door::Held as Grant},
};

/// A permission somebody holds, and the keys of the roles that give it.
pub struct Held {
    pub permission: Permission,
    pub reach: Reach,
    /// Only for records whose owner is in this team.
    pub team: Option<TeamId>,
    pub roles: Vec<String>,
}

pub struct Explanation {
    pub allowed: bool,
    pub permission: Permission,
    pub reach: Option<Reach>,
    pub because: Vec<String>,
}

pub fn held(rights: &Rights) -> impl Iterator<Item = Held> + '_ {
    Permission::all().flat_map(move |permission| {
        let everywhere = rights.reach(permission).map(|reach| (None, reach));
        let in_teams = rights.in_teams(permission).map(|(team, reach)| (Some(team), reach));
        let one = move |(team, reach)| Held { permission, reach, team, roles: vec![] };
        everywhere.into_iter().chain(in_teams).map(one)
    })
}

/// The teams that the caller is in.
pub async fn teams(access: &Access) -> Result<Vec<Uuid>> {
    let Some(me) = access.actor().user else { return Ok(vec![]) };
    let mine = Condition::all().add(membership::Column::UserId.eq(me));
    let rows = Scoped::<membership::Entity>::read(access).filter(mine).models().await?;
    Ok(rows.into_iter().map(|row| row.team_id.uuid()).collect())
}

/// The roles that the caller holds.
pub async fn roles(access: &Access) -> Result<Vec<Uuid>> {
    let Some(me) = access.actor().user else { return Ok(vec![]) };
    let mut roles: Vec<Uuid> = grants(access, me).await?.into_iter().map(|held| held.role.id.uuid()).collect();
    roles.dedup();
    Ok(roles)
}

/// What a user holds, in the order of the roles' keys, as far as the caller may read roles.
async fn grants(access: &Access, user: UserId) -> Result<Vec<Grant>> {
    let theirs = Condition::all().add(role_grant::Column::UserId.eq(user));
    let grants = Scoped::<role_grant::Entity>::read(access).filter(theirs).models().await?;
    let ids: Vec<Uuid> = grants.iter().map(|grant| grant.role_id.uuid()).collect();
    let ordered = |q: &mut sea_orm::sea_query::SelectStatement| {
        q.order_by(("role", "key"), sea_orm::Order::Asc);
    };
    let roles = Scoped::<role::Entity>::read(access).ids(&ids).shape(ordered).models().await?;
    let held = |role: &role::Model| {
        let of = grants.iter().filter(|grant| grant.role_id == role.id);
        of.map(|grant| Grant { role: role.clone(), team: grant.team_id }).collect::<Vec<_>>()
    };
    Ok(roles.iter().flat_map(held).collect())
}

async fn seen(access: &Access, user: UserId) -> Result<Option<user::Model>> {
    if !access.actor().may(Permission::RoleRead) {
        return Ok(None);
    }
    Scoped::<user::Entity>::read(access).ids(&[user.uuid()]).one().await
}

/// What a user may do; none when the caller may not know.
pub async fn effective(access: &Access, user: UserId) -> Result<Option<Vec<Held>>> {
    let Some(user) = seen(access, user).await? else { return Ok(None) };
    if !user.active {
        return Ok(Some(vec![]));
    }
    let grants = grants(access, user.id).await?;
    let all = union(&grants);
    let named = |one: Held| {
        let givers = givers(&grants, one.permission).filter(|grant| grant.team == one.team);
        Held { roles: givers.map(|grant| grant.role.key.clone()).collect(), ..one }
    };
    Ok(Some(held(&all).map(named).collect()))
}

fn givers(grants: &[Grant], permission: Permission) -> impl Iterator<Item = &Grant> {
    grants.iter().filter(move |grant| rights_of(&grant.role).reach(permission).is_some())
}

/// Whether a user may do something with a record; none when the caller sees no such user or record.
pub async fn explain(access: &Access, user: UserId, id: &str, permission: Permission) -> Result<Option<Explanation>> {
    let Some((meta, id)) = catalog().and_then(|catalog| catalog.by_id(id)) else { return Ok(None) };
    let Some(user) = seen(access, user).await? else { return Ok(None) };
    if !exists(access, meta, id, Condition::all()).await? {
        return Ok(None);
    }
    let grants = grants(access, user.id).await?;
    let rights = union(&grants);
    let mut because: Vec<String> = givers(&grants, permission).map(|grant| given(grant, permission)).collect();
    if because.is_empty() {
        because.push(format!("No role of {} gives {permission}.", user.name));
    }
    if !user.active {
        because.push(format!("{} is not active and may do nothing.", user.name));
    }
    let about = concerns(meta, permission);
    if !about {
        because.push(format!("{permission} is not about a record of type {}.", meta.name));
    }
    let mut within = false;
    let reach = rights.reach(permission).or_else(|| rights.in_teams(permission).map(|(_, reach)| reach).next());
    if reach.is_some() && about {
        let actor = theirs(&user, rights);
        within = exists(access, meta, id, (meta.within)(&actor, permission)).await?;
        let lies = if within { "lies within" } else { "lies outside" };
        because.push(format!("The record {lies} that reach."));
    }
    Ok(Some(Explanation { allowed: user.active && within, permission, reach, because }))
}

/// A permission of another record says nothing about this one.
fn concerns(meta: &Meta, permission: Permission) -> bool {
    let rules = meta.rules;
    let word = meta.table.to_ascii_uppercase();
    [Some(rules.read), rules.create, rules.update, rules.delete, rules.assign].contains(&Some(permission))
        || permission.word().strip_prefix(&word).is_some_and(|rest| rest.starts_with('_') && !rest[1..].contains('_'))
}

fn theirs(user: &user::Model, rights: Rights) -> Actor {
    Actor { organization: user.organization_id, user: Some(user.id), via: Via::System, rights: Arc::new(rights) }
}

fn given(Grant { role, team }: &Grant, permission: Permission) -> String {
    let reach = rights_of(role).reach(permission);
    let how = match reach.map(|r| r.scope) {
        Some(Scope::Own) => "what the user owns",
        Some(Scope::Team) => "what the user or somebody in a team of theirs owns",
        Some(Scope::Subtree) => "what the user, their teams or those below them own",
        _ => "everything",
    };
    let pool = reach.is_some_and(|r| r.unassigned && r.scope != Scope::All);
    let more = match team {
        Some(team) => format!(", of what the members of {team} own"),
        None if pool => " and on what nobody owns".to_owned(),
        None => String::new(),
    };
    format!("Role {} gives {permission} on {how}{more}.", role.key)
}

/// Whether the caller sees the record, and it meets the condition.
async fn exists(access: &Access, meta: &Meta, id: Uuid, condition: Condition) -> Result<bool> {
    let one = Expr::col((meta.table, "id")).eq(id);
    let rows = (meta.scoped)(access).filter(one).filter(condition).shape(|q| _ = q.expr(Expr::val(1))).rows().await?;
    Ok(!rows.is_empty())
}
