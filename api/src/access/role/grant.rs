//! Who holds which role. Nobody gives or takes more than they hold, nobody touches their own, and the last active
//! administrator stays one.

use std::sync::LazyLock;

use entity::{
    id::{RoleGrantId, RoleId, RowId, TeamId, UserId},
    role,
    role_grant::{ActiveModel, Column as C, Entity, Model},
    team, user,
    word::Word,
};
use sea_orm::{ActiveValue::Set, Condition};

use super::{
    pay,
    permissions::{given, may_give, shows_pay},
    templates::Template,
};
use crate::{
    actor::{Actor, Permission, Rights},
    error::{Error, FaultCode, Result},
    graph::{self, Meta, Record, Rules, record::remembered},
    store::{Access, Guarded, Tx},
};

impl Guarded for Entity {
    type Id = RoleGrantId;
    const NAME: &'static str = "role_grant";
    const READ: Permission = Permission::RoleRead;
    const RIGHTS: bool = true;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        match permission {
            // who deletes a team takes back what holds only in it
            Permission::RoleRead | Permission::TeamDelete => Condition::all(),
            _ => actor.reach(permission, (Self::NAME, C::UserId)),
        }
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

/// Gives a role to somebody, perhaps only for the records of a team.
pub async fn create(access: &Access, user: UserId, role: RoleId, team: Option<TeamId>) -> Result<RoleGrantId> {
    let mut tx = access.begin(pay::giver(access)).await?;
    not_oneself(access, user)?;
    let user = tx.lock_as::<user::Entity>(Permission::UserRead, user).await.map_err(|e| at(e, "userId"))?;
    if let Some(team) = team {
        tx.lock_as::<team::Entity>(Permission::TeamRead, team).await.map_err(|e| at(e, "teamId"))?;
    }
    let (grant, rights) = give(&mut tx, user.id, role, team).await?;
    if user.activated_at.is_none() && shows_pay(&rights) && shows_pay(&access.actor().rights) {
        let message = "they have not come yet: whoever invited them could come in their place";
        return Err(Error::refused(FaultCode::InvalidTransition, "userId", message));
    }
    tx.commit(remembered(grant.id.uuid())).await?;
    Ok(grant.id)
}

/// A step: one more role for a user, and what it gives them.
pub async fn give(tx: &mut Tx, user: UserId, role: RoleId, team: Option<TeamId>) -> Result<(Model, Rights)> {
    let role = tx.lock_as::<role::Entity>(Permission::RoleRead, role).await.map_err(|e| at(e, "roleId"))?;
    let rights = given(&role, team);
    may_give(&tx.access().actor().rights, &rights)?;
    let first = pay::guard(tx, &rights).await?;
    tx.rights_changed();
    let row = ActiveModel { user_id: Set(user), role_id: Set(role.id), team_id: Set(team), ..Default::default() };
    let grant = tx.insert::<Entity>(row).await?;
    if first {
        tx.emit("role_grant.founded");
    }
    Ok((grant, rights))
}

/// Takes a role from somebody.
pub async fn delete(access: &Access, id: RoleGrantId) -> Result<RoleGrantId> {
    let mut tx = access.begin(pay::giver(access)).await?;
    let grant = tx.lock::<Entity>(id).await?;
    not_oneself(access, grant.user_id)?;
    let role = tx.lock_as::<role::Entity>(Permission::RoleRead, grant.role_id).await?;
    let rights = given(&role, grant.team_id);
    may_give(&access.actor().rights, &rights)?;
    pay::guard(&tx, &rights).await?;
    if role.built_in && role.key == Template::Admin.word() && grant.team_id.is_none() {
        another_admin(&mut tx, grant.user_id).await?;
    }
    tx.delete::<Entity>(grant).await?;
    tx.commit(remembered(id.uuid())).await?;
    Ok(id)
}

/// A step: somebody else must still be able to administer.
pub async fn another_admin(tx: &mut Tx, leaving: UserId) -> Result<()> {
    let admins = tx.lock_holders(Template::Admin.word()).await?;
    if admins.contains(&leaving) && !admins.iter().any(|admin| *admin != leaving) {
        let message = "the last active administrator: make another one first";
        return Err(Error::refused(FaultCode::Locked, "id", message));
    }
    Ok(())
}

fn not_oneself(access: &Access, user: UserId) -> Result<()> {
    if access.actor().user == Some(user) {
        return Err(Error::refused(FaultCode::Locked, "userId", "nobody changes their own roles: ask somebody else"));
    }
    Ok(())
}

/// The same refusal, blamed on another member of the input.
fn at(error: Error, field: &str) -> Error {
    match error {
        Error::Refused(mut faults) => {
            for fault in &mut faults {
                fault.field = vec![field.to_owned()];
            }
            Error::Refused(faults)
        }
        other => other,
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::RoleRead, create: None, update: None, delete: None, assign: None };
        Meta::new::<Entity>(
            "RoleGrant",
            "roleGrants",
            "A role that somebody holds.",
            rules,
            vec![
                graph::one(C::UserId, crate::access::user::meta, "Who holds it.").filter().group(),
                graph::one(C::RoleId, super::meta, "What they hold.").filter().group(),
                graph::one(
                    C::TeamId,
                    crate::access::team::meta,
                    "It counts only for records whose owner is in this team; null when it counts for all.",
                )
                .filter()
                .group(),
            ],
        )
    });
    &META
}
