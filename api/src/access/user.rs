//! People who sign in.

use std::sync::LazyLock;

use entity::{
    id::UserId,
    user::{self, ActiveModel, Column as C, Entity},
};
use sea_orm::{ActiveValue, Condition};

use crate::{
    actor::{Actor, Permission},
    graph::{self, Meta, Record, Rules},
    store::Guarded,
};

impl Guarded for Entity {
    type Id = UserId;
    const NAME: &'static str = "user";
    const READ: Permission = Permission::UserRead;
    const PERSONAL: &'static [&'static str] = &["email", "name"];

    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        let (ActiveValue::Set(name) | ActiveValue::Unchanged(name)) = &row.name else { return None };
        let (ActiveValue::Set(email) | ActiveValue::Unchanged(email)) = &row.email else { return None };
        Some(graph::text::search_text([Some(name.as_str()), Some(email.as_str())]))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::UserRead, create: None, update: None, delete: None, assign: None };
        Meta::new::<Entity>(
            "User",
            "users",
            "A person who signs in.",
            rules,
            vec![
                graph::email(C::Email, "Where to reach them; they sign in with it. Unique in the organisation.")
                    .unique()
                    .filter()
                    .order()
                    .search(),
                graph::text(C::Name, "Their name.").filter().order().search(),
                graph::word::<user::Side, _>(C::Side, "Which side of the agreement they stand for.").filter().group(),
                graph::text(C::Region, "Their region or office.").filter().order().group(),
                graph::boolean(C::Active, "Whether they may sign in.").filter(),
                graph::one(C::ReportsToId, meta, "Whom they report to.").filter(),
            ],
        )
    });
    &META
}
