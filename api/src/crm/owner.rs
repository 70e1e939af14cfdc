//! Who owns a new record when its maker does not say, and the groups that follow from the owner.

use entity::{id::UserId, user};
use sea_orm::ActiveValue::{self, Set};

use crate::{
    access::user as users,
    actor::{Actor, Permission, Scope},
    graph::{self, Field},
};

/// The maker, unless the row says otherwise.
pub fn or_me(actor: &Actor, owner: &mut ActiveValue<Option<UserId>>) {
    if owner.is_not_set() {
        *owner = Set(actor.user);
    }
}

/// Nobody, for the pool; the maker only if a record of nobody would be out of their own reach.
pub fn or_pool(actor: &Actor, permission: Permission, owner: &mut ActiveValue<Option<UserId>>) {
    let reach = actor.rights.reach(permission);
    if reach.is_none_or(|r| r.scope != Scope::All && !r.unassigned) {
        or_me(actor, owner);
    }
}

/// By the owner's region and by whom the owner reports to.
pub fn groups() -> [Field; 2] {
    [
        graph::text(user::Column::Region, "The owner's region or office.").via("owner_id", "owner_region"),
        graph::one(user::Column::ReportsToId, users::meta, "Whom the owner reports to.")
            .via("owner_id", "owner_manager"),
    ]
}
