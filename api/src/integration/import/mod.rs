//! Files of rows brought in through a mapping, by the same rules and rights as the API's own upserts. A row that
//! cannot be brought in is kept with what is wrong and never stops the others.

mod batch;
mod cell;
pub mod cli;
mod engine;
mod failed;
pub mod graphql;
mod lookup;
mod mapping;
mod people;
mod plan;
pub mod preset;
pub mod record;
mod rows;
mod sheet;
mod template;

use entity::{
    id::{ImportJobId, RowId},
    import_error, import_job,
    import_job::{Model as Job, Status},
};
use sea_orm::{
    ActiveValue::Set,
    IntoActiveModel,
    sea_query::{Expr, ExprTrait, Order},
};

pub use engine::Engine;
pub use mapping::Mapping;

use crate::{
    actor::Permission,
    error::{Error, Result},
    store::{Access, Guarded, Scoped},
};

/// Sets up the import of one file; nothing is read yet.
pub async fn create(access: &Access, mapping: &str, file: &str, dry_run: bool) -> Result<ImportJobId> {
    if file.trim().is_empty() || file.chars().count() > 255 {
        return Err(Error::invalid("fileName", "a file's name has 1 to 255 characters"));
    }
    let mapping = Mapping::read(mapping)?.of_file(file)?;
    let steps = plan::steps(&mapping, None)?;
    let Some(main) = steps.last() else { return Err(Error::internal("a mapping without steps")) };
    let mut tx = access.begin(Permission::ImportCreate).await?;
    let blank = import_job::ActiveModel {
        rows_total: Set(None),
        rows_read: Set(0),
        rows_created: Set(0),
        rows_updated: Set(0),
        rows_unchanged: Set(0),
        rows_failed: Set(0),
        bytes_read: Set(0),
        ..Default::default()
    };
    let job = import_job::ActiveModel {
        entity: Set(main.meta.table.to_owned()),
        file_name: Set(Some(file.to_owned())),
        mapping: Set(serde_json::to_value(&mapping).map_err(Error::internal)?),
        status: Set(Status::Waiting),
        dry_run: Set(dry_run),
        ..blank
    };
    let job = tx.insert::<import_job::Entity>(job).await?;
    tx.commit(crate::graph::record::remembered(job.id.uuid())).await?;
    Ok(job.id)
}

/// Stops an import; what it has written stays.
pub async fn cancel(access: &Access, id: ImportJobId) -> Result<ImportJobId> {
    let mut tx = access.begin(Permission::ImportCreate).await?;
    let job = tx.lock::<import_job::Entity>(id).await?;
    batch::open(&job)?;
    let mut next = job.into_active_model();
    (next.status, next.finished_at) = (Set(Status::Cancelled), Set(Some(tx.access().now())));
    tx.update::<import_job::Entity>(next).await?;
    tx.commit(crate::graph::record::remembered(id.uuid())).await?;
    Ok(id)
}

/// The failed rows that are kept, as a file; none before the first row was read.
pub async fn failed_rows(access: &Access, id: ImportJobId) -> Result<Option<String>> {
    let job: Option<Job> = Scoped::<import_job::Entity>::read(access).ids(&[id.uuid()]).one().await?;
    let Some(header) = job.and_then(|job| job.header) else { return Ok(None) };
    let header = serde_json::from_value(header).map_err(Error::internal)?;
    let errors = Scoped::<import_error::Entity>::read(access)
        .filter(Expr::col((import_error::Entity::NAME, "import_id")).eq(id.uuid()))
        .shape(|q| _ = q.order_by((import_error::Entity::NAME, "row_number"), Order::Asc))
        .models()
        .await?;
    let mut sheet = failed::Sheet::new(Vec::new(), &header)?;
    for error in errors {
        let cells: Vec<String> = serde_json::from_value(error.row).unwrap_or_default();
        let field = error.field.map(|field| format!(" {field}")).unwrap_or_default();
        sheet.row(&cells, &format!("{}{field}: {}", error.code, error.message))?;
    }
    String::from_utf8(sheet.finish()?).map(Some).map_err(Error::internal)
}
