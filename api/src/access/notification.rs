//! What users are told without having asked. Each sees their own; Accord alone writes them.

use std::sync::LazyLock;

use entity::{
    id::{NotificationId, UserId},
    notification::{ActiveModel, Column as C, Entity, Model},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};
use uuid::Uuid;

use super::user;
use crate::{
    actor::{Actor, Permission},
    error::Result,
    graph::{self, Meta, Patch, Record, Rules},
    store::{Guarded, Tx},
};

impl Guarded for Entity {
    type Id = NotificationId;
    const NAME: &'static str = "notification";
    const READ: Permission = Permission::NotificationRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, C::UserId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

/// What to tell, and what it is about.
pub struct Word<'a> {
    pub kind: &'a str,
    pub subject: &'a str,
    pub about: (&'static str, Uuid),
}

/// A step: tells it to these users, in one statement.
pub async fn tell(tx: &mut Tx, users: &[UserId], word: &Word<'_>) -> Result<()> {
    let row = |user: &UserId| ActiveModel {
        user_id: Set(*user),
        kind: Set(word.kind.to_owned()),
        subject: Set(word.subject.to_owned()),
        entity_type: Set(word.about.0.to_owned()),
        entity_id: Set(word.about.1),
        read_at: Set(None),
        ..Default::default()
    };
    if !users.is_empty() {
        tx.insert_many::<Entity>(users.iter().map(row).collect()).await?;
    }
    Ok(())
}

fn read<'a>(tx: &'a mut Tx, before: &'a Model, _: Patch) -> BoxFuture<'a, Result<Patch>> {
    let at = before.read_at.unwrap_or_else(|| tx.access().now());
    Box::pin(async move { Ok(Patch::default().with("read_at", Some(at))) })
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules =
            Rules { read: Permission::NotificationRead, create: None, update: None, delete: None, assign: None };
        let about = "Something that Accord told a user.";
        Meta::new::<Entity>(
            "Notification",
            "notifications",
            about,
            rules,
            vec![
                graph::one(C::UserId, user::meta, "Whom it was told.").filter(),
                graph::text(C::Kind, "What happened, in the words of events, e.g. \"sla.breached\".").filter().group(),
                graph::text(C::Subject, "The same for people, in a line."),
                graph::any("subject_id", C::EntityType, C::EntityId, "The record it is about."),
                graph::time(C::ReadAt, "When they read it; null until then.").filter().order(),
            ],
        )
        .step::<Entity>(
            "Read",
            Permission::NotificationRead,
            "Marks one as read; once it is, nothing changes.",
            vec![],
            read,
        )
    });
    &META
}
