//! A password from standard input: one line, so that it is in no process list and no shell history. Whether it is a
//! good one is `access`'s question.

use std::fmt;
use std::io::BufRead;

const SHORTEST: usize = 8;
const LONGEST: usize = 1_024;

/// `Debug` shows nothing of it.
pub struct Password(String);

impl Password {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("the password comes as one line on standard input: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("the password needs 8 to 1024 bytes, as one line on standard input")]
    Length,
}

pub(super) fn read(input: impl BufRead) -> Result<Password, PasswordError> {
    let mut line = String::new();
    input.take(LONGEST as u64 + 3).read_line(&mut line)?;
    let text = line.strip_suffix('\n').unwrap_or(&line);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if (SHORTEST..=LONGEST).contains(&text.len()) { Ok(Password(text.to_owned())) } else { Err(PasswordError::Length) }
}
