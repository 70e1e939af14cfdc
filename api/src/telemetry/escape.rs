//! One event, one line: control characters in a value are written as escapes, so that no caller can forge a line or
//! move the cursor of who reads the log.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

/// Fields as `name=value`, the message bare.
pub struct Fields;

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut line = Line { writer: &mut writer, first: true, result: Ok(()) };
        fields.record(&mut line);
        line.result
    }
}

struct Line<'a, W> {
    writer: &'a mut W,
    first: bool,
    result: fmt::Result,
}

impl<W: Write> Line<'_, W> {
    fn field(&mut self, name: &str, value: &dyn fmt::Debug) -> fmt::Result {
        if !std::mem::take(&mut self.first) {
            self.writer.write_char(' ')?;
        }
        if name != "message" {
            write!(self.writer, "{name}=")?;
        }
        write!(Escaped(self.writer), "{value:?}")
    }
}

impl<W: Write> Visit for Line<'_, W> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // The log bridge adds where a line came from; the line says it already.
        if self.result.is_ok() && !field.name().starts_with("log.") {
            self.result = self.field(field.name(), value);
        }
    }
}

struct Escaped<'a, W>(&'a mut W);

impl<W: Write> Write for Escaped<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(forbidden) {
            let end = part.char_indices().next_back().filter(|&(_, last)| forbidden(last));
            self.0.write_str(end.map_or(part, |(at, _)| &part[..at]))?;
            if let Some((_, last)) = end {
                write!(self.0, "{}", last.escape_unicode())?;
            }
        }
        Ok(())
    }
}

/// Control characters, and the ones that turn the direction of writing or break lines in some readers.
fn forbidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::Escaped;

    #[test]
    fn a_forged_line_stays_in_its_line() {
        let mut line = String::new();
        write!(Escaped(&mut line), "no such user: x\n2026 INFO all is well \u{1b}[2J\u{202e}ü").unwrap();
        assert_eq!(line, r"no such user: x\u{a}2026 INFO all is well \u{1b}[2J\u{202e}ü");
    }
}
