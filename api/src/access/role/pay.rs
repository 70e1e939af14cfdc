//! Who lets somebody see everybody's pay: whoever sees it. Whoever gives out roles makes no exception for themselves by way of
//! somebody else's account. Where nobody holds such a role yet, the first one is given like any other, and the log says so.

use super::permissions::{holds_pay, rights_of, shows_pay};
use crate::{
    actor::{Permission, Rights, Via},
    error::{Error, Result},
    store::{Access, Tx},
};

/// The permission by which somebody gives and takes roles: whoever lets others see pay gives those that show it, as they hold them
/// themselves. Programs do not.
pub fn giver(access: &Access) -> Permission {
    let actor = access.actor();
    let shower = actor.reaches_all(Permission::IncentiveGrant) && matches!(actor.via, Via::Session(_));
    if shower && !actor.may(Permission::RoleUpdate) { Permission::IncentiveGrant } else { Permission::RoleUpdate }
}

/// Refuses to let rights that show everybody's pay be given, changed or taken over by who does not hold them, unless nobody holds
/// any. Whether they are the first.
pub async fn guard(tx: &Tx, given: &Rights) -> Result<bool> {
    let shown = shows_pay(given);
    if tx.permission() == Permission::IncentiveGrant && !shown {
        return Err(Error::Forbidden(Permission::RoleUpdate));
    }
    if !shown || holds_pay(&tx.access().actor().rights, given) {
        return Ok(false);
    }
    if tx.roles_held().await?.iter().any(|role| shows_pay(&rights_of(role))) {
        return Err(Error::Forbidden(Permission::IncentiveRead));
    }
    Ok(true)
}
