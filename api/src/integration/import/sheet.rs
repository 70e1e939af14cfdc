//! Rows out of a stream of bytes: any part of a file, read as far as whole rows go. Nothing is kept from part to
//! part but the header; longer rows, more columns and other encodings than the limits allow are refused.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Fault, FaultCode, Result};

/// Bytes of the longest row.
pub const LONGEST_ROW: usize = 1 << 20;
pub const MOST_COLUMNS: usize = 500;

/// What the first row of a file says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Header {
    pub delimiter: u8,
    pub columns: Vec<String>,
}

/// A row of a file, as text. What cannot be read has a fault.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// From 1, the header not counted.
    pub number: i64,
    pub cells: Vec<String>,
    pub faults: Vec<Fault>,
}

/// Reads one part.
pub struct Sheet<'a> {
    reader: Reader,
    part: &'a [u8],
    at: usize,
    last: bool,
    out: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> Sheet<'a> {
    /// `last`: nothing follows this part, so that its end is the end of a row.
    pub fn new(part: &'a [u8], delimiter: u8, last: bool) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, part, at: 0, last, out: vec![0; 4096], ends: vec![0; MOST_COLUMNS + 1] }
    }

    /// How many bytes whole rows took so far.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The cells of the next whole row; none when the rest of the part is only the beginning of one.
    pub fn next(&mut self) -> Result<Option<Vec<Result<String, String>>>> {
        let (mut read, mut out, mut ends) = (0, 0, 0);
        loop {
            let rest = &self.part[self.at + read..];
            if rest.is_empty() && !self.last {
                return Ok(None);
            }
            let (result, taken, written, ended) =
                self.reader.read_record(rest, &mut self.out[out..], &mut self.ends[ends..]);
            (read, out, ends) = (read + taken, out + written, ends + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.out.len() < LONGEST_ROW => {
                    self.out.resize(self.out.len() * 2, 0);
                }
                ReadRecordResult::OutputFull => {
                    return Err(broken("a row is longer than 1 MiB; is a quote not closed?"));
                }
                ReadRecordResult::OutputEndsFull => return Err(broken("a row has more than 500 columns")),
                ReadRecordResult::Record => {
                    self.at += read;
                    return Ok(Some(self.cells(ends)));
                }
                ReadRecordResult::End => {
                    self.at += read;
                    return Ok(None);
                }
            }
        }
    }

    fn cells(&self, ends: usize) -> Vec<Result<String, String>> {
        let mut from = 0;
        let cell = |to: &usize| {
            let bytes = &self.out[from..*to];
            from = *to;
            String::from_utf8(bytes.to_vec()).map_err(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
        };
        self.ends[..ends].iter().map(cell).collect()
    }
}

impl Header {
    /// Reads the first row, and how far it went; none while it is not all there.
    pub fn read(part: &[u8], last: bool) -> Result<Option<(Self, usize)>> {
        if part.starts_with(&[0xff, 0xfe]) || part.starts_with(&[0xfe, 0xff]) {
            return Err(broken("the file is UTF-16: save it as CSV in UTF-8"));
        }
        let mark = if part.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
        let delimiter = delimiter(&part[mark..]);
        let mut sheet = Sheet::new(&part[mark..], delimiter, last);
        let Some(cells) = sheet.next()? else {
            return if last { Err(broken("the file is empty: its first row must name the columns")) } else { Ok(None) };
        };
        let cells: Option<Vec<String>> = cells.into_iter().map(Result::ok).collect();
        let columns = cells.ok_or_else(|| broken("the first row is not UTF-8"))?;
        let columns: Vec<String> = columns.iter().map(|name| name.trim().to_owned()).collect();
        if columns.iter().any(|name| name.chars().any(char::is_control)) {
            return Err(broken("the first row holds control characters: is this a CSV file?"));
        }
        let twice = columns.iter().enumerate().find(|(at, name)| !name.is_empty() && columns[..*at].contains(name));
        if let Some((_, name)) = twice {
            return Err(broken(&format!("two columns are named {name}")));
        }
        Ok(Some((Self { delimiter, columns }, mark + sheet.at())))
    }

    /// The row's cells as text, with what is wrong with them.
    pub fn row(&self, number: i64, cells: Vec<Result<String, String>>) -> Row {
        let mut row = Row { number, ..Row::default() };
        if cells.len() != self.columns.len() {
            let message = format!("this row has {} columns, the first row {}", cells.len(), self.columns.len());
            row.faults.push(Fault::new(FaultCode::Validation, "", message));
        }
        for (at, cell) in cells.into_iter().enumerate() {
            row.cells.push(cell.unwrap_or_else(|lossy| {
                let column = self.columns.get(at).map_or("", String::as_str);
                row.faults.push(Fault::new(FaultCode::Validation, column, "this is not UTF-8"));
                lossy
            }));
        }
        row
    }
}

pub fn broken(what: &str) -> Error {
    Error::invalid("text", what)
}

/// The one of `,` `;` tab `|` that the first line has most of, quotes aside.
fn delimiter(part: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in part.iter().take(LONGEST_ROW) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => counts.iter_mut().filter(|(mark, _)| mark == byte).for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    counts.iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(mark, _)| *mark)
}

#[cfg(test)]
mod tests;
