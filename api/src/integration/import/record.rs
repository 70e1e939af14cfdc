//! Imports and their failed rows as records: read through the API like any other, written only by importing.

use std::sync::LazyLock;

use entity::{
    id::{ImportErrorId, ImportJobId},
    import_error, import_job,
    import_job::Status,
};
use sea_orm::{
    Condition,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    actor::{Actor, Permission},
    graph::{self, Item, Meta, Record, Rules},
    store::{Guarded, visible},
};

const RULES: Rules = Rules { read: Permission::ImportRead, create: None, update: None, delete: None, assign: None };

impl Guarded for import_job::Entity {
    type Id = ImportJobId;
    const NAME: &'static str = "import_job";
    const READ: Permission = Permission::ImportRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, import_job::Column::CreatedBy))
    }
}

impl Record for import_job::Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

impl Guarded for import_error::Entity {
    type Id = ImportErrorId;
    const NAME: &'static str = "import_error";
    const READ: Permission = Permission::ImportRead;
    const TOLD: bool = false;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        let imports = visible::<import_job::Entity>(actor, permission);
        Condition::all().add(Expr::col((Self::NAME, import_error::Column::ImportId)).in_subquery(imports))
    }
}

impl Record for import_error::Entity {
    fn meta() -> &'static Meta {
        errors()
    }
}

/// The records of imports.
pub fn records() -> Vec<&'static Meta> {
    vec![meta(), errors()]
}

pub fn meta() -> &'static Meta {
    use import_job::Column as C;
    static META: LazyLock<Meta> = LazyLock::new(|| {
        Meta::new::<import_job::Entity>(
            "ImportJob",
            "importJobs",
            "A file being brought in, and how far it has come.",
            RULES,
            vec![
                graph::text(
                    C::Entity,
                    "What its rows become, e.g. \"opportunity\"; of the last step where there are several.",
                )
                .filter()
                .group(),
                graph::text(C::FileName, "The file's name, as it was given.").filter().order(),
                graph::word::<Status, _>(C::Status, "How far it has come.").filter().order().group(),
                graph::boolean(C::DryRun, "Every row is checked and nothing written.").filter(),
                amount(
                    "bytes_read",
                    "How far the file was read, in bytes, to the start of a row: the `offset` of the next part.",
                ),
                amount("rows_read", "Rows read so far."),
                amount("rows_created", "Records created; one row may make several."),
                amount("rows_updated", "Records changed."),
                amount(
                    "rows_unchanged",
                    "Records that already were as the row says, or were left as they are, as asked.",
                ),
                amount("rows_failed", "Rows that could not be brought in; the first 1000 are kept as `importErrors`."),
                graph::time(C::StartedAt, "When the first part came.").filter().order(),
                graph::time(C::FinishedAt, "When it ended, however it ended.").filter().order(),
                graph::many(
                    "errors",
                    import_error::Column::ImportId,
                    errors,
                    "Its rows that could not be brought in, the first 1000.",
                ),
            ],
        )
    });
    &META
}

/// A count that may be larger than 32 bits.
fn amount(column: &'static str, about: &'static str) -> graph::Field {
    graph::field::base(column, graph::field::Kind::Amount, about)
}

pub fn errors() -> &'static Meta {
    use import_error::Column as C;
    static META: LazyLock<Meta> = LazyLock::new(|| {
        Meta::new::<import_error::Entity>(
            "ImportError",
            "importErrors",
            "A row of a file that could not be brought in.",
            RULES,
            vec![
                graph::one(C::ImportId, meta, "The import.").filter(),
                amount("row_number", "The row, from 1, the header not counted.").order(),
                graph::text(C::Code, "What kind of fault, as a `UserErrorCode`.").filter().group(),
                graph::text(C::Field, "The field that is wrong; null when it is the whole row.").filter().group(),
                graph::text(C::Message, "What is wrong and what to do, for people."),
                graph::list(
                    C::Row,
                    Item::Text,
                    "The row's cells as they were read; null when they were larger than 16 KiB.",
                ),
            ],
        )
    });
    &META
}
