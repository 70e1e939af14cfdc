//! Looks at people's pay, in the schema.

use std::sync::LazyLock;

use entity::incentive_access_grant::{Column as C, Entity};

use super::revoke;
use crate::{
    access::user,
    actor::Permission,
    graph::{self, Meta, Rules, record::link},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::IncentiveGrantRead,
            create: Some(Permission::IncentiveGrant),
            update: None,
            delete: None,
            assign: None,
        };
        let about = "A look at somebody's pay: whoever is named as `user` reads the incentive records of `subject` until it \
                     expires, at most an hour later, signed in with INCENTIVE_READ. Given by somebody else, with a reason; the \
                     subject sees that it was given. API keys neither give nor use one.";
        Meta::new::<Entity>(
            "IncentiveAccessGrant",
            "incentiveAccessGrants",
            about,
            rules,
            vec![
                link(C::UserId, user::meta, "Who may look. Never oneself: LOCKED.").once(),
                link(C::SubjectId, user::meta, "At whose pay.").once(),
                graph::text(C::Reason, "Why, in plain text.").max(1000).required().once(),
                graph::time(C::ExpiresAt, "Until when: at most an hour from now, and an hour unless given.")
                    .once()
                    .filter()
                    .order(),
                graph::time(C::RevokedAt, "When it was taken back; null while it was not."),
            ],
        )
        .step::<Entity>(
            "Revoke",
            Permission::IncentiveGrant,
            "Takes a look back before it expires. Emits `incentive_access_grant.revoked`.",
            vec![],
            revoke,
        )
    });
    &META
}
