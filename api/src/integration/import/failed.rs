//! The failed rows of an import as a file: the rows as they were, and what is wrong in a last column `__error`.
//! Corrected, it can be imported with the same mapping.

use super::{
    cell::harmless,
    sheet::{Header, Row},
};
use crate::error::{Error, Fault, Result};
use entity::word::Word;

/// The added column.
pub const COLUMN: &str = "__error";

pub struct Sheet<W: std::io::Write>(csv::Writer<W>, usize);

impl<W: std::io::Write> Sheet<W> {
    /// Begins the file; an `__error` column from an earlier round is replaced.
    pub fn new(out: W, header: &Header) -> Result<Self> {
        let mut sheet = Self(csv::WriterBuilder::new().delimiter(header.delimiter).from_writer(out), header.width());
        let names = header.columns.iter().take(sheet.1).map(|name| harmless(name));
        sheet.0.write_record(names.chain([COLUMN.to_owned()])).map_err(Error::internal)?;
        Ok(sheet)
    }

    pub fn row(&mut self, cells: &[String], error: &str) -> Result<()> {
        let blank = String::new();
        let cells = (0..self.1).map(|at| harmless(cells.get(at).unwrap_or(&blank)));
        self.0.write_record(cells.chain([harmless(error)])).map_err(Error::internal)
    }

    pub fn rows(&mut self, rows: &[Row]) -> Result<()> {
        rows.iter().filter(|row| !row.faults.is_empty()).try_for_each(|row| self.row(&row.cells, &words(&row.faults)))
    }

    pub fn finish(self) -> Result<W> {
        self.0.into_inner().map_err(|e| Error::internal(e.error()))
    }
}

impl Header {
    /// Its columns without `__error`.
    fn width(&self) -> usize {
        let own = self.columns.last().is_some_and(|name| name == COLUMN);
        self.columns.len() - usize::from(own)
    }
}

/// `VALIDATION email: not an e-mail address; …`
fn words(faults: &[Fault]) -> String {
    let one = |f: &Fault| match f.field.first() {
        Some(field) => format!("{} {field}: {}", f.code.word(), f.message),
        None => format!("{}: {}", f.code.word(), f.message),
    };
    faults.iter().map(one).collect::<Vec<_>>().join("; ")
}
