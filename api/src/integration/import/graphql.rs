//! Imports over the API: set one up, send its file in parts, stop it, fetch what failed. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::time::{Duration, Instant};

use async_graphql::{Context, ID, InputObject, Object, Result as Answer, SimpleObject};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use entity::{
    id::{ImportJobId, RowId},
    import_job,
};

use super::{Engine, Mapping, preset};
use crate::{
    actor::Permission,
    error::{Error, FaultCode, Result},
    graph::{Payload, root::access, value},
    store::Access,
};

/// How long one call goes on beginning batches: well below what an operation may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Rows of a batch: small enough that other writers hardly notice.
const BATCH: usize = 250;

/// The import of one file.
#[derive(InputObject)]
pub struct ImportCreateInput {
    /// The name of a mapping that comes with Accord: see `importPresets`. Either this or `mapping`.
    preset: Option<String>,
    /// A mapping in TOML, at most 64 KiB: which column goes to which field. Either this or `preset`.
    mapping: Option<String>,
    /// The file's name: a mapping for several files has steps for each, by its name.
    file_name: String,
    /// Check every row and write nothing. Relations to records that the same file would create are not found.
    #[graphql(default)]
    dry_run: bool,
}

/// The next part of a file.
#[derive(InputObject)]
pub struct ImportAppendInput {
    /// The import.
    id: ID,
    /// Where in the file this part begins, in bytes: 0 at first, then the import's `bytesRead`. A part that was read
    /// before is skipped, so that a part whose answer was lost can be sent again.
    offset: i32,
    /// The part as text; any cut will do, what is after its last whole row is not read. Either this or `base64`.
    text: Option<String>,
    /// The part as bytes, in base64: the file as it is, whatever is in it. Either this or `text`.
    base64: Option<String>,
    /// Nothing comes after this part.
    #[graphql(default)]
    last: bool,
}

/// Which import to stop.
#[derive(InputObject)]
pub struct ImportCancelInput {
    /// The import.
    id: ID,
}

/// A mapping that comes with Accord.
#[derive(SimpleObject)]
pub struct ImportPreset {
    /// Its name, for `importCreate`.
    name: String,
    /// What it is for.
    about: String,
    /// The files it reads, in the order in which to import them.
    files: Vec<String>,
    /// The mapping itself, in TOML: a beginning for one's own.
    mapping: String,
}

#[derive(Default)]
pub struct ImportReads;

#[Object]
impl ImportReads {
    /// The mappings that come with Accord. Needs to be signed in.
    async fn import_presets(&self, ctx: &Context<'_>) -> Answer<Vec<ImportPreset>> {
        access(ctx)?;
        let preset = |name: &'static str| {
            let text = preset::find(name)?;
            let mapping = Mapping::read(text).ok()?;
            let files = mapping.files().into_iter().map(str::to_owned).collect();
            Some(ImportPreset { name: name.to_owned(), about: mapping.about.clone(), files, mapping: text.to_owned() })
        };
        Ok(preset::names().filter_map(preset).collect())
    }

    /// The rows of an import that could not be brought in, the first 1000, as CSV: the file's own columns and what is
    /// wrong in a last one, `__error`. Rows over 16 KiB come back empty but for that. Corrected, it can be imported with the same mapping. Cells that a spreadsheet
    /// would run as formulas begin with `'`, which importing takes away again. Null when there is no such import or
    /// nothing was read yet. Requires IMPORT_READ.
    async fn import_failed_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The import.")] id: ID,
    ) -> Answer<Option<String>> {
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(super::failed_rows(access(ctx)?, id).await?)
    }
}

#[derive(Default)]
pub struct ImportWrites;

#[Object]
impl ImportWrites {
    /// Sets up the import of one CSV file; then send the file with `importAppend`. The mapping is checked against the
    /// records here, against the file's columns with its first part. User errors: VALIDATION. Takes an idempotency
    /// key; writes an event. Requires IMPORT_CREATE; the rows need the permissions of their records.
    async fn import_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the file holds, and how its columns are read.")] input: ImportCreateInput,
    ) -> Answer<Payload<import_job::Entity>> {
        let access = access(ctx)?;
        let made = match access.require(Permission::ImportCreate).and_then(|()| mapping(&input)) {
            Ok(mapping) => super::create(access, mapping, &input.file_name, input.dry_run).await,
            Err(error) => Err(error),
        };
        Ok(made.map(RowId::uuid).into())
    }

    /// Brings in the next part of a file, in batches of up to 250 rows, each in one unit of work. Rows that cannot be
    /// brought in are counted and kept in `errors`; the others are not held up. What takes longer than a few seconds is
    /// left off between two rows: go on from the import's `bytesRead` until its `status` says that it ended, which it
    /// does when a part with `last` was read to its end. A part of less than 1 MiB that holds no whole row moves nothing:
    /// send more at once. User errors: VALIDATION (the file is no table, a column of the mapping is missing), CONFLICT (`offset` leaves a gap, or another part came meanwhile), INVALID_TRANSITION
    /// (the import has ended), NOT_FOUND. Writes events. Requires IMPORT_CREATE; the rows need the permissions of
    /// their records.
    async fn import_append(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which import, and the next part of its file.")] input: ImportAppendInput,
    ) -> Answer<Payload<import_job::Entity>> {
        Ok(append(access(ctx)?, input).await.map(RowId::uuid).into())
    }

    /// Stops an import; what it has written stays. User errors: INVALID_TRANSITION when it has ended, NOT_FOUND. Takes
    /// an idempotency key; writes an event. Requires IMPORT_CREATE.
    async fn import_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which import.")] input: ImportCancelInput,
    ) -> Answer<Payload<import_job::Entity>> {
        let access = access(ctx)?;
        let done = match access.require(Permission::ImportCreate).and_then(|()| value::typed("id", &input.id)) {
            Ok(id) => super::cancel(access, id).await,
            Err(error) => Err(error),
        };
        Ok(done.map(RowId::uuid).into())
    }
}

fn mapping(input: &ImportCreateInput) -> Result<&str> {
    match (&input.preset, &input.mapping) {
        (Some(name), None) => {
            let known = || preset::names().collect::<Vec<_>>().join(", ");
            preset::find(name)
                .ok_or_else(|| Error::refused(FaultCode::NotFound, "preset", format!("there are {}", known())))
        }
        (None, Some(text)) => Ok(text),
        _ => Err(Error::invalid("mapping", "give either a preset or a mapping")),
    }
}

async fn append(access: &Access, input: ImportAppendInput) -> Result<ImportJobId> {
    access.require(Permission::ImportCreate)?;
    let id: ImportJobId = value::typed("id", &input.id)?;
    let part = match (input.text, input.base64) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(base64)) => {
            BASE64_STANDARD.decode(base64).map_err(|_| Error::invalid("base64", "this is not base64"))?
        }
        _ => return Err(Error::invalid("text", "give either text or base64")),
    };
    let mut engine = Engine::open(&access.next(), id).await?;
    engine.rows = BATCH;
    engine.until = Instant::now().checked_add(PATIENCE);
    engine.take(input.offset.into(), &part, input.last, &mut |_, _| Ok(())).await?;
    Ok(id)
}
