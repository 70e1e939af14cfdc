//! The payroll file on the command line: all pages behind each other, with the rights of whom it is asked for.

use std::io::Write;

use crate::{
    error::{Error, Result},
    store::Access,
};

const LINES: u64 = 1_000;

/// Writes the lines of a run, the names of the columns first; how many people there are in it.
pub async fn export(access: &Access, run: &str, to: &mut impl Write) -> Result<usize> {
    let nothing = || Error::not_found("run");
    let id = run.parse().map_err(|_| nothing())?;
    let (mut after, mut people) = (None, 0);
    loop {
        // each page at its own instant, as the log tells it
        let page = super::page(&access.next(), id, after, LINES).await?.ok_or_else(nothing)?;
        to.write_all(page.csv.as_bytes()).map_err(Error::internal)?;
        people += page.people;
        after = page.last;
        if !page.more {
            to.flush().map_err(Error::internal)?;
            return Ok(people);
        }
    }
}
