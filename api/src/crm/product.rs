//! What an organisation sells. Everybody with `PRODUCT_READ` sees all of it.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    external_ref as refs,
    id::ProductId,
    opportunity as opportunities, opportunity_line as lines,
    product::{ActiveModel, Column as C, Entity},
};
use sea_orm::{ActiveValue::Set, Condition};

use super::{external_ref, opportunity, opportunity_line};
use crate::{
    actor::{Actor, Permission},
    graph::{self, Meta, Record, Rules},
    store::Guarded,
};

impl Guarded for Entity {
    type Id = ProductId;
    const NAME: &'static str = "product";
    const READ: Permission = Permission::ProductRead;

    /// The whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::Name, C::Sku, C::Family]))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { active: Set(true), ..Default::default() }
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::ProductRead,
            create: Some(Permission::ProductCreate),
            update: Some(Permission::ProductUpdate),
            delete: Some(Permission::ProductDelete),
            assign: None,
        };
        Meta::new::<Entity>(
            "Product",
            "products",
            "Something that the organisation sells.",
            rules,
            vec![
                graph::text(C::Name, "The name people see.").required().write().filter().order().search(),
                graph::text(C::Sku, "Article number. Unique in the organisation.")
                    .max(100)
                    .unique()
                    .write()
                    .filter()
                    .order()
                    .search(),
                graph::text(C::Family, "What it is a kind of, in the organisation's own words.")
                    .max(100)
                    .write()
                    .filter()
                    .order()
                    .group()
                    .search(),
                graph::money("list_price", C::ListPriceMinor, C::ListPriceCurrency, "Price on the list, for one.")
                    .write()
                    .filter()
                    .order(),
                graph::boolean(C::Active, "Whether it may be put on opportunities; true unless given.").write(),
                graph::text(C::Description, "What it is, in plain text.").max(10_000).write(),
                graph::many(
                    "opportunities",
                    opportunities::Column::ProductId,
                    opportunity::meta,
                    "Opportunities of which it is the main thing.",
                )
                .filter(),
                graph::many(
                    "opportunity_lines",
                    lines::Column::ProductId,
                    opportunity_line::meta,
                    "Lines that sell it.",
                )
                .filter(),
                graph::many("external_refs", refs::Column::EntityId, external_ref::meta, "What other systems call it.")
                    .only(refs::Column::EntityType, "product"),
            ],
        )
    });
    &META
}
