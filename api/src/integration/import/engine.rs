//! Reads a file part by part and writes it batch by batch. Its memory is one part and one batch, however long the
//! file is; the same engine serves the command line and the API.

use std::time::Instant;

use entity::{
    id::ImportJobId,
    import_job::{self, Model as Job},
};

use super::{
    batch::{self, Work},
    lookup::Lookups,
    mapping::Mapping,
    plan::{self, Step},
    sheet::{Header, Read, Row, Sheet},
};
use crate::{
    actor::Permission,
    error::{Error, FaultCode, Result},
    store::Access,
};

/// Rows of a batch, unless the engine is told to take smaller ones.
const BATCH_ROWS: usize = 1000;
const BATCH_BYTES: usize = 4 << 20;

pub struct Engine {
    access: Access,
    pub job: Job,
    /// Rows of a batch: other writers wait for one at most.
    pub rows: usize,
    /// After this no further batch is begun: the rest of the part is left for the next call.
    pub until: Option<Instant>,
    mapping: Mapping,
    header: Option<Header>,
    steps: Vec<Step>,
    lookups: Lookups,
}

/// Rows waiting to be written.
#[derive(Default)]
struct Batch {
    rows: Vec<Row>,
    bytes: usize,
    number: i64,
}

impl Engine {
    pub async fn open(access: &Access, id: ImportJobId) -> Result<Self> {
        // locked and let go again: what is read this way is never old, even beside a replica
        let job = access.begin(Permission::ImportCreate).await?.lock::<import_job::Entity>(id).await?;
        let mapping: Mapping = serde_json::from_value(job.mapping.clone()).map_err(Error::internal)?;
        let header: Option<Header> =
            job.header.clone().map(serde_json::from_value).transpose().map_err(Error::internal)?;
        let steps = header.as_ref().map(|h| plan::steps(&mapping, Some(&h.columns))).transpose()?.unwrap_or_default();
        Ok(Self {
            access: access.clone(),
            job,
            rows: BATCH_ROWS,
            until: None,
            mapping,
            header,
            steps,
            lookups: Lookups::default(),
        })
    }

    /// Takes a part that begins `offset` bytes into the file; what was read before is skipped, what comes too early
    /// is refused. `failed` is given the failed rows of each batch.
    pub async fn take(
        &mut self,
        offset: i64,
        part: &[u8],
        last: bool,
        failed: &mut (dyn FnMut(&Header, &[Row]) -> Result<()> + Send),
    ) -> Result<()> {
        let known = self.job.bytes_read - offset;
        let size = i64::try_from(part.len()).map_err(Error::internal)?;
        if known < 0 {
            let message = format!("this leaves a gap: go on from byte {}", self.job.bytes_read);
            return Err(Error::refused(FaultCode::Conflict, "offset", message));
        }
        if batch::open(&self.job).is_err() && known >= size && last {
            return Ok(());
        }
        batch::open(&self.job)?;
        let new = usize::try_from(known.min(size)).map_err(Error::internal)?;
        self.read(&part[new..], last, failed).await
    }

    async fn read(
        &mut self,
        part: &[u8],
        last: bool,
        failed: &mut (dyn FnMut(&Header, &[Row]) -> Result<()> + Send),
    ) -> Result<()> {
        let (mut header, begin, fresh) = match self.header.take() {
            Some(header) => (header, 0, false),
            None => match Header::read(part, last)? {
                Some((header, begin)) => (header, begin, true),
                None => return Ok(()),
            },
        };
        if fresh {
            self.steps = plan::steps(&self.mapping, Some(&header.columns))?;
        }
        let start = self.job.bytes_read;
        let end = |at: usize| Ok::<_, Error>(start + i64::try_from(begin + at).map_err(Error::internal)?);
        let mut sheet = Sheet::new(&part[begin..], header.delimiter, last);
        sheet.skips = header.skips;
        let mut first = fresh;
        let mut batch = Batch { number: self.job.rows_read, ..Batch::default() };
        loop {
            let read = sheet.next();
            let done = read.is_none();
            if let Some(read) = read {
                batch.push(&header, read);
            }
            if done || batch.full(self.rows) {
                let whole = if done && last { end(part.len() - begin)? } else { end(sheet.at())? };
                if first || whole > self.job.bytes_read || (done && last) {
                    header.skips = sheet.skips;
                    self.write(&mut batch, (&header, first), whole, done && last).await?;
                    failed(&header, &batch.rows)?;
                    first = false;
                    batch.clear();
                }
            }
            if done || (!first && batch.rows.is_empty() && self.until.is_some_and(|until| Instant::now() >= until)) {
                break;
            }
        }
        self.header = Some(header);
        Ok(())
    }

    async fn write(&mut self, batch: &mut Batch, (header, first): (&Header, bool), end: i64, last: bool) -> Result<()> {
        let access = self.access.next();
        let work = Work { job: &self.job, steps: &self.steps, lookups: &mut self.lookups, header, first, end, last };
        let done = batch::write(&access, work, &mut batch.rows).await;
        if done.is_err() {
            self.lookups.forget();
        }
        self.job = done?;
        Ok(())
    }
}

impl Batch {
    fn push(&mut self, header: &Header, read: Read) {
        self.number += 1;
        let row = header.row(self.number, read);
        self.bytes += row.cells.iter().map(String::len).sum::<usize>();
        self.rows.push(row);
    }

    fn full(&self, most: usize) -> bool {
        self.rows.len() >= most || self.bytes >= BATCH_BYTES
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.bytes = 0;
    }
}
