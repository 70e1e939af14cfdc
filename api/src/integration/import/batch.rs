//! One batch of rows in one unit of work: the records, the failed rows and how far the import has come commit
//! together, so that every row is brought in exactly once, whatever breaks in between.

use std::collections::HashMap;

use entity::{
    id::ImportJobId,
    import_error, import_job,
    import_job::{Model as Job, Status},
    word::Word,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

use super::{
    lookup::Lookups,
    people,
    plan::Step,
    rows,
    sheet::{Header, Row},
};
use crate::{
    actor::Permission,
    error::{Error, Fault, FaultCode, Result},
    graph::upsert::{Bulk, Outcome, Status as Done},
    store::{Access, Tx},
};

/// Failed rows that are kept in the database; the command line writes all of them to a file.
pub const MOST_ERRORS: i64 = 1000;
/// Bytes of a failed row that are kept.
const MOST_KEPT: usize = 16 * 1024;

/// What became of the rows of a batch.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
}

/// What a batch is about, beside its rows.
pub struct Work<'a> {
    pub job: &'a Job,
    pub steps: &'a [Step],
    pub lookups: &'a mut Lookups,
    pub header: &'a Header,
    /// The rows that are in the mapping are written before it.
    pub first: bool,
    /// Where the next row begins.
    pub end: i64,
    pub last: bool,
}

/// Writes a batch and answers the import as it then is; the rows that failed have faults.
pub async fn write(access: &Access, work: Work<'_>, rows: &mut [Row]) -> Result<Job> {
    let mut tx = access.begin(Permission::ImportCreate).await?;
    let job = lock(&mut tx, work.job).await?;
    let mut tally = Tally::default();
    if work.first {
        prepare(&mut tx, work.steps, work.lookups).await?;
    }
    for (at, step) in work.steps.iter().enumerate().filter(|(_, step)| step.rows.is_empty()) {
        write_step(&mut tx, work.lookups, (at, step), rows, &mut tally).await?;
    }
    let (mut tx, job) = if job.dry_run {
        drop(tx);
        work.lookups.forget();
        let mut tx = access.begin(Permission::ImportCreate).await?;
        let job = lock(&mut tx, work.job).await?;
        (tx, job)
    } else {
        (tx, job)
    };
    keep_failed(&mut tx, &job, rows).await?;
    let job = advance(&mut tx, job, &work, rows, tally).await?;
    tx.commit(serde_json::Value::Null).await?;
    Ok(job)
}

/// The import, if it is where this batch begins.
async fn lock(tx: &mut Tx, read: &Job) -> Result<Job> {
    let job = tx.lock::<import_job::Entity>(read.id).await?;
    open(&job)?;
    if job.bytes_read != read.bytes_read {
        let message = format!("another part was brought in meanwhile: go on from byte {}", job.bytes_read);
        return Err(Error::refused(FaultCode::Conflict, "offset", message));
    }
    Ok(job)
}

/// Refuses work on an import that has ended.
pub fn open(job: &Job) -> Result<()> {
    match job.status {
        Status::Waiting | Status::Running => Ok(()),
        ended => Err(Error::refused(FaultCode::InvalidTransition, "id", format!("this import is {ended}"))),
    }
}

/// The rows that are in the mapping itself: all of them, or the import does not begin.
async fn prepare(tx: &mut Tx, steps: &[Step], lookups: &mut Lookups) -> Result<()> {
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| !step.rows.is_empty()) {
        let mut rows = step.rows.clone();
        write_step(tx, lookups, (at, step), &mut rows, &mut Tally::default()).await?;
        if let Some(fault) = rows.into_iter().flat_map(|row| row.faults).next() {
            let message = format!("a row of the mapping's step {} is refused: {}", at + 1, fault.message);
            return Err(Error::refused(fault.code, "mapping", message));
        }
    }
    Ok(())
}

/// One step over the rows that are still good.
async fn write_step(
    tx: &mut Tx,
    lookups: &mut Lookups,
    (at, step): (usize, &Step),
    rows: &mut [Row],
    tally: &mut Tally,
) -> Result<()> {
    let good: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].faults.is_empty()).collect();
    let these: Vec<&Row> = good.iter().map(|at| &rows[*at]).collect();
    let inputs = rows::inputs(tx, lookups, at, step, &these).await?;
    let (mut waiting, mut places): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (place, input) in good.into_iter().zip(inputs) {
        let input = match input {
            Ok(input) => input,
            Err(faults) => {
                rows[place].faults = faults;
                continue;
            }
        };
        if let Some(key) = rows::key(step, &input) {
            match seen.get(&key) {
                // The same again: a manager named in every row of a team.
                Some(first) if waiting[*first] == input => {
                    tally.unchanged += 1;
                    continue;
                }
                // Another word on the same record: it comes after the first, as it stands in the file.
                Some(_) => {
                    send(tx, step, &mut waiting, &mut places, rows, tally).await?;
                    seen.clear();
                }
                None => {}
            }
            seen.insert(key, waiting.len());
        }
        waiting.push(input);
        places.push(place);
    }
    send(tx, step, &mut waiting, &mut places, rows, tally).await
}

async fn send(
    tx: &mut Tx,
    step: &Step,
    waiting: &mut Vec<async_graphql::Value>,
    places: &mut Vec<usize>,
    rows: &mut [Row],
    tally: &mut Tally,
) -> Result<()> {
    let (inputs, places) = (std::mem::take(waiting), std::mem::take(places));
    if inputs.is_empty() {
        return Ok(());
    }
    for (outcome, place) in outcomes(tx, step, inputs).await?.into_iter().zip(places) {
        match outcome.status {
            Done::Created => tally.created += 1,
            Done::Updated => tally.updated += 1,
            Done::Unchanged | Done::Skipped => tally.unchanged += 1,
            Done::Failed if outcome.faults.is_empty() => {
                rows[place].faults.push(Fault::new(FaultCode::Validation, "", "this row was refused"));
            }
            Done::Failed => rows[place].faults = outcome.faults,
        }
    }
    Ok(())
}

async fn outcomes(tx: &mut Tx, step: &Step, inputs: Vec<async_graphql::Value>) -> Result<Vec<Outcome>> {
    let rules = step.meta.rules;
    let permission = if step.people { Some(Permission::UserCreate) } else { rules.update };
    let former = tx.under(permission.ok_or_else(|| Error::internal("a step without a permission"))?)?;
    let outcomes = if step.people {
        people::write(tx, &inputs, step.on_conflict).await?
    } else {
        let match_on = step.key.as_ref().map(super::plan::Key::column);
        let bulk = Bulk { match_on, on_conflict: step.on_conflict, atomic: false, dry_run: false, rows: inputs };
        step.meta.verbs.write(tx, bulk).await?
    };
    tx.under(former)?;
    Ok(outcomes)
}

async fn keep_failed(tx: &mut Tx, job: &Job, rows: &[Row]) -> Result<()> {
    let room = usize::try_from(MOST_ERRORS - job.rows_failed).unwrap_or(0);
    let failed: Vec<import_error::ActiveModel> =
        rows.iter().filter(|row| !row.faults.is_empty()).take(room).map(|row| kept(job.id, row)).collect();
    for some in failed.chunks(500) {
        tx.insert_many::<import_error::Entity>(some.to_vec()).await?;
    }
    Ok(())
}

fn kept(import: ImportJobId, row: &Row) -> import_error::ActiveModel {
    let fault = row.faults.first();
    let whole = row.cells.iter().map(String::len).sum::<usize>() <= MOST_KEPT;
    let cells = if whole {
        serde_json::json!(row.cells.iter().map(|c| c.replace('\0', "\u{fffd}")).collect::<Vec<_>>())
    } else {
        serde_json::Value::Null
    };
    import_error::ActiveModel {
        import_id: Set(import),
        row_number: Set(row.number),
        code: Set(fault.map_or("", |f| f.code.word()).to_owned()),
        field: Set(fault.and_then(|f| f.field.first().cloned())),
        message: Set(row
            .faults
            .iter()
            .map(|f| f.message.as_str())
            .collect::<Vec<_>>()
            .join("; ")
            .replace('\0', "\u{fffd}")),
        row: Set(cells),
        ..Default::default()
    }
}

/// Writes down how far the import has come.
async fn advance(tx: &mut Tx, job: Job, work: &Work<'_>, rows: &[Row], tally: Tally) -> Result<Job> {
    let now = tx.access().now();
    let count = |n: usize| i64::try_from(n).map_err(Error::internal);
    let failed = job.rows_failed + count(rows.iter().filter(|row| !row.faults.is_empty()).count())?;
    let mut next = job.clone().into_active_model();
    next.bytes_read = Set(work.end);
    next.rows_read = Set(job.rows_read + count(rows.len())?);
    next.rows_created = Set(job.rows_created + tally.created);
    next.rows_updated = Set(job.rows_updated + tally.updated);
    next.rows_unchanged = Set(job.rows_unchanged + tally.unchanged);
    next.rows_failed = Set(failed);
    next.header = Set(Some(serde_json::to_value(work.header).map_err(Error::internal)?));
    if work.first {
        next.started_at = Set(Some(now));
    }
    next.status = Set(match (work.last, failed) {
        (false, _) => Status::Running,
        (true, 0) => Status::Completed,
        (true, _) => Status::CompletedWithErrors,
    });
    if work.last {
        next.rows_total = Set(Some(job.rows_read + count(rows.len())?));
        next.finished_at = Set(Some(now));
    }
    tx.update::<import_job::Entity>(next).await
}
