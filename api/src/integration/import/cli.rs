//! `accord import`: a file, or a folder with the files of a mapping, read with the same engine as over the API.
//! It prints nothing but a bar of progress; what became of the rows it answers.

use std::{
    fmt::Write as _,
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
};

use entity::import_job::Model as Job;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Engine, Mapping, failed, preset,
    sheet::{Header, Row},
};
use crate::{error::Error, store::Access};

/// What is shown to who typed the command.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Bytes read at once.
const BLOCK: usize = 256 * 1024;

pub struct Order<'a> {
    /// A file, or a folder.
    pub path: &'a Path,
    /// The mapping, as TOML.
    pub mapping: String,
    pub dry_run: bool,
    /// Where failed rows go; one more file for each further file of the mapping.
    pub errors: Option<&'a Path>,
}

/// The text of a preset or of a mapping file.
pub fn mapping(name: &str) -> Result<String, Failure> {
    match preset::find(name) {
        Some(text) => Ok(text.to_owned()),
        None => Ok(std::fs::read_to_string(name).map_err(|e| format!("{name}: {e}; presets are {}", presets()))?),
    }
}

fn presets() -> String {
    preset::names().collect::<Vec<_>>().join(", ")
}

/// Imports the file or files; an error when rows failed.
pub async fn import(access: &Access, order: &Order<'_>) -> Result<String, Failure> {
    let mut said = String::new();
    let mut failed = 0;
    for path in files(order)? {
        let job = one(access, order, &path).await.map_err(|e| format!("{}: {}", path.display(), told(&e)))?;
        failed += job.rows_failed;
        writeln!(
            said,
            "{}: {} rows, {} created, {} updated, {} unchanged, {} failed",
            path.display(),
            job.rows_read,
            job.rows_created,
            job.rows_updated,
            job.rows_unchanged,
            job.rows_failed
        )?;
    }
    said.truncate(said.trim_end().len());
    if failed > 0 { Err(format!("{said}\n{failed} rows could not be brought in").into()) } else { Ok(said) }
}

fn told(error: &Failure) -> String {
    match error.downcast_ref::<Error>() {
        Some(Error::Refused(faults)) => faults.iter().map(|f| f.message.as_str()).collect::<Vec<_>>().join("; "),
        _ => error.to_string(),
    }
}

fn files(order: &Order<'_>) -> Result<Vec<PathBuf>, Failure> {
    if !order.path.is_dir() {
        return Ok(vec![order.path.to_owned()]);
    }
    let mapping = Mapping::read(&order.mapping).map_err(|e| told(&e.into()))?;
    Ok(mapping.files().into_iter().map(|name| order.path.join(name)).collect())
}

async fn one(access: &Access, order: &Order<'_>, path: &Path) -> Result<Job, Failure> {
    let mut file = File::open(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let id = super::create(&access.next(), &order.mapping, &name, order.dry_run).await?;
    let mut engine = Engine::open(&access.next(), id).await?;
    // written beside it and put in its place at the end: it may be the very file that is read
    let out = order.errors.map(|errors| beside(errors, order.path, &name));
    let mut failures = Failures { draft: out.as_ref().map(|out| out.with_added_extension("part")), sheet: None };
    if let Err(error) = read(&mut engine, &mut file, &mut failures).await {
        // nobody goes on with it; that it stays open where the database is gone does no harm
        _ = super::cancel(&access.next(), id).await;
        return Err(match failures.finish()? {
            Some(draft) => format!("{}; the rows that failed before are in {}", told(&error), draft.display()).into(),
            None => error,
        });
    }
    if let (Some(draft), Some(out)) = (failures.finish()?, &out) {
        std::fs::rename(draft, out)?;
    }
    Ok(engine.job)
}

async fn read(engine: &mut Engine, file: &mut File, failures: &mut Failures) -> Result<(), Failure> {
    let bar = bar(file.metadata()?.len());
    let mut part = Vec::new();
    loop {
        let held = part.len();
        let read = Read::by_ref(file).take(BLOCK as u64).read_to_end(&mut part)?;
        let (offset, last) = (engine.job.bytes_read, read == 0);
        engine.take(offset, &part, last, &mut |header, rows| failures.take(header, rows)).await?;
        let taken = usize::try_from(engine.job.bytes_read - offset)?;
        part.drain(..taken.min(held + read));
        bar.set_position(u64::try_from(engine.job.bytes_read)?);
        if last {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// The failed rows of one file, in a file that is made with the first of them.
struct Failures {
    draft: Option<PathBuf>,
    sheet: Option<failed::Sheet<File>>,
}

impl Failures {
    fn take(&mut self, header: &Header, rows: &[Row]) -> crate::error::Result<()> {
        let Some(draft) = &self.draft else { return Ok(()) };
        if self.sheet.is_none() && rows.iter().any(|row| !row.faults.is_empty()) {
            self.sheet = Some(failed::Sheet::new(File::create(draft).map_err(Error::internal)?, header)?);
        }
        self.sheet.as_mut().map_or(Ok(()), |sheet| sheet.rows(rows))
    }

    /// Where they are; none when no row failed.
    fn finish(&mut self) -> Result<Option<&Path>, Failure> {
        let Some(sheet) = self.sheet.take() else { return Ok(None) };
        sheet.finish()?.flush()?;
        Ok(self.draft.as_deref())
    }
}

/// The errors file; of a folder's files each has its own.
fn beside(errors: &Path, path: &Path, name: &str) -> PathBuf {
    if path.is_dir() {
        errors.with_file_name(format!("{}.{name}", errors.file_name().unwrap_or_default().to_string_lossy()))
    } else {
        errors.to_owned()
    }
}

fn bar(bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {eta}");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
