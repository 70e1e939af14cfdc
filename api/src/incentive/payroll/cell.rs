//! Lines of a CSV file that no spreadsheet takes for formulas. Pure.

/// A line of cells, as RFC 4180 writes them.
pub fn line<const N: usize>(cells: [&str; N]) -> String {
    cells.map(cell).join(",") + "\r\n"
}

/// A text that begins like a formula begins with an apostrophe, which spreadsheets do not show; a number stays one.
fn cell(text: &str) -> String {
    let number = text.strip_prefix('-').unwrap_or(text);
    let number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !number {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if safe.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_formula() {
        let wanted = [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+49 30", "'+49 30"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("-1250.00", "-1250.00"),
            ("1250.00", "1250.00"),
            ("Doe, \"Jane\"", "\"Doe, \"\"Jane\"\"\""),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
        ];
        for (text, written) in wanted {
            assert_eq!(cell(text), written);
        }
        assert_eq!(line(["a", "b"]), "a,b\r\n");
    }
}
