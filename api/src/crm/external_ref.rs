//! What records are called in other systems.

use entity::{
    external_ref::Entity,
    id::ExternalRefId,
};
use sea_orm::Condition;

use crate::{
    actor::{Actor, Permission},
    store::Guarded,
};

impl Guarded for Entity {
    type Id = ExternalRefId;
    const NAME: &'static str = "external_ref";
    const READ: Permission = Permission::ExternalRefRead;

    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}
