//! What helps to sell: case studies, demos, playbooks. Everybody reads it; `content_use` says who used it. Files lie elsewhere.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    content_asset::{ActiveModel, Column as C, Entity, Kind, Status},
    content_use::Column as U,
    id::ContentAssetId,
    user::Side,
};
use sea_orm::{ActiveValue::Set, Condition};

use super::content_use;
use crate::{
    actor::{Actor, Permission},
    graph::{self, Meta, Record, Rules},
    store::Guarded,
};

impl Guarded for Entity {
    type Id = ContentAssetId;
    const NAME: &'static str = "content_asset";
    const READ: Permission = Permission::ContentRead;

    /// The whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::Title]))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { status: Set(Status::Draft), ..Default::default() }
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::ContentRead,
            create: Some(Permission::ContentCreate),
            update: Some(Permission::ContentUpdate),
            delete: Some(Permission::ContentDelete),
            assign: None,
        };
        let about = "Something that helps to sell. The metric CONTENT_UTILISATION says how much of it is used.";
        let own = |c, about| graph::text(c, about).max(100).write().filter().order().group();
        Meta::new::<Entity>(
            "ContentAsset",
            "contentAssets",
            about,
            rules,
            vec![
                graph::text(C::Title, "The name people see.").max(200).required().write().filter().order().search(),
                graph::word::<Kind, _>(C::Kind, "What sort it is.").required().write().filter().order().group(),
                graph::word::<Status, _>(C::Status, "Whether it is to be used; DRAFT unless given.")
                    .write()
                    .filter()
                    .order()
                    .group(),
                graph::word::<Side, _>(C::OwnerSide, "The side that keeps it.")
                    .required()
                    .write()
                    .filter()
                    .order()
                    .group(),
                own(C::Persona, "For whom it is, in the organisation's own words."),
                own(C::Stage, "For which of a buyer's steps, in the organisation's own words."),
                graph::text(C::Url, "Where it is on the web.").max(2000).write(),
                graph::many("uses", U::ContentAssetId, content_use::meta, "When it was used.").filter(),
            ],
        )
    });
    &META
}
