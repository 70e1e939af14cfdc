//! Merges as records: who made what one, and when. Seen by who may merge; which rows moved is kept beside and never
//! shown.

use std::sync::LazyLock;

use entity::{
    id::{MergeId, MergeMoveId},
    merge::{Column as C, Entity},
    merge_move,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use crate::{
    actor::{Actor, Permission},
    graph::{self, Meta, Record, Rules, root::catalog},
    store::Guarded,
};

/// Record types that can be merged.
const ENTITIES: [&str; 3] = ["lead", "contact", "account"];

impl Guarded for Entity {
    type Id = MergeId;
    const NAME: &'static str = "merge";
    const READ: Permission = Permission::DuplicateRead;
    /// What was taken may be an address or a name.
    const PERSONAL: &'static [&'static str] = &["losers", "taken"];

    /// With the record that stayed.
    fn within(actor: &Actor, _: Permission) -> Condition {
        seen(actor, Self::NAME, &["winner_id"])
    }
}

/// Rows of `table` whose `columns` all name records that the actor sees; the type is in `entity`.
pub fn seen(actor: &Actor, table: &'static str, columns: &[&'static str]) -> Condition {
    let metas = ENTITIES.iter().filter_map(|table| catalog()?.by_table(table));
    let of = |meta: &'static Meta| {
        let mut all = Condition::all().add(Expr::col((table, "entity")).eq(meta.table));
        if !actor.reaches_all(meta.rules.read) {
            for column in columns {
                let visible = (meta.visible)(actor, meta.rules.read);
                all = all.add(Expr::col((table, *column)).in_subquery(visible));
            }
        }
        all
    };
    metas.map(of).fold(Condition::any(), Condition::add)
}

impl Guarded for merge_move::Entity {
    type Id = MergeMoveId;
    const NAME: &'static str = "merge_move";
    const READ: Permission = Permission::DuplicateRead;
    const TOLD: bool = false;

    /// Nobody reads it but the machinery.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::DuplicateRead, create: None, update: None, delete: None, assign: None };
        let about = "Records that were made one. Seen with the record that stayed.";
        Meta::new::<Entity>(
            "Merge",
            "merges",
            about,
            rules,
            vec![
                graph::text(C::Entity, "The records' type, as their ids begin.").filter().group(),
                graph::any("winner_id", C::Entity, C::WinnerId, "The record that stayed."),
                graph::json(C::Moved, "How many rows of each table went to it: an object from table to number."),
                graph::time(C::UndoneAt, "When it was undone; null while it stands. It can be for 30 days.")
                    .filter()
                    .order(),
            ],
        )
    });
    &META
}
