//! Rows out of a stream of bytes: any part of a file, read as far as whole rows go. Nothing is kept from part to
//! part but the header; longer rows and more columns than the limits allow are left out, other encodings are refused.

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
    /// What comes next is the rest of a line that is left out.
    #[serde(default)]
    pub skips: bool,
}

/// A row of a file, as text. What cannot be read has a fault.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// From 1, the header not counted.
    pub number: i64,
    pub cells: Vec<String>,
    pub faults: Vec<Fault>,
}

/// A row as it stands in the file; of a cell that is not UTF-8 what can be read.
pub enum Read {
    Cells(Vec<Result<String, String>>),
    /// Left out, and why.
    Refused(&'static str),
}

const TOO_LONG: &str = "this row is longer than 1 MiB; is a quote not closed? It is left out up to the end of its line";
const TOO_WIDE: &str = "this row has more than 500 columns";

/// Reads one part.
pub struct Sheet<'a> {
    reader: Reader,
    part: &'a [u8],
    at: usize,
    last: bool,
    /// In the middle of a line that is left out.
    pub skips: bool,
    out: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> Sheet<'a> {
    /// `last`: nothing follows this part, so that its end is the end of a row.
    pub fn new(part: &'a [u8], delimiter: u8, last: bool) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, part, at: 0, last, skips: false, out: vec![0; 4096], ends: vec![0; MOST_COLUMNS + 1] }
    }

    /// How many bytes were read so far: whole rows, and what is left out.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The next whole row; none when the rest of the part is only the beginning of one.
    pub fn next(&mut self) -> Option<Read> {
        if self.skips {
            self.skip();
        }
        self.at += self.part[self.at..].iter().take_while(|byte| ends_line(**byte)).count();
        let (mut read, mut out, mut ends, mut wide) = (0, 0, 0, false);
        let row = &self.part[self.at..];
        let row = &row[..row.len().min(LONGEST_ROW)];
        loop {
            let rest = &row[read..];
            if rest.is_empty() && row.len() == LONGEST_ROW {
                // where it ends nobody knows: with the line, so that a quote that is not closed takes no other rows along
                self.reader.reset();
                self.skip();
                return Some(Read::Refused(TOO_LONG));
            }
            if rest.is_empty() && !self.last {
                return None;
            }
            let (result, taken, written, ended) =
                self.reader.read_record(rest, &mut self.out[out..], &mut self.ends[ends..]);
            (read, out, ends) = (read + taken, out + written, ends + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.out.resize(self.out.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => (out, ends, wide) = (0, 0, true),
                ReadRecordResult::Record => {
                    self.at += read;
                    return Some(if wide { Read::Refused(TOO_WIDE) } else { Read::Cells(self.cells(ends)) });
                }
                ReadRecordResult::End => {
                    self.at += read;
                    return None;
                }
            }
        }
    }

    /// Goes on behind the end of this line, or of the part.
    fn skip(&mut self) {
        let rest = &self.part[self.at..];
        let end = rest.iter().position(|byte| ends_line(*byte));
        self.at += end.map_or(rest.len(), |end| end + 1);
        self.skips = end.is_none() && !self.last;
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

fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
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
        let cells = match sheet.next() {
            Some(Read::Cells(cells)) => cells,
            Some(Read::Refused(why)) => return Err(broken(&format!("the first row names no columns: {why}"))),
            None if last => return Err(broken("the file is empty: its first row must name the columns")),
            None => return Ok(None),
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
        Ok(Some((Self { delimiter, columns, skips: false }, mark + sheet.at())))
    }

    /// The row's cells as text, with what is wrong with them.
    pub fn row(&self, number: i64, read: Read) -> Row {
        let mut row = Row { number, ..Row::default() };
        let cells = match read {
            Read::Cells(cells) => cells,
            Read::Refused(why) => {
                row.faults.push(Fault::new(FaultCode::Validation, "", format!("row {number}: {why}")));
                return row;
            }
        };
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
