//! A lexical look at the document before any parser sees it: its size and how deep its brackets nest.
//! It understands nothing else; a text that is not GraphQL passes and is refused by the parser.

use crate::http::{
    fault::{Code, Fault},
    limits::Limits,
};

/// Recursive parsers and visitors die on deep nesting with the whole process, so depth is bounded first.
pub fn check(text: &str, limits: &Limits) -> Result<(), Fault> {
    let refuse = |message: String| Err(Fault::new(Code::QueryTooLarge, message));
    if text.len() > limits.document_bytes {
        return refuse(format!("the document is over {} bytes", limits.document_bytes));
    }
    if deepest(text.as_bytes()) > limits.brackets {
        return refuse(format!("brackets are nested more than {} deep", limits.brackets));
    }
    Ok(())
}

/// The deepest nesting of `{`, `[` and `(` outside strings and comments.
fn deepest(text: &[u8]) -> usize {
    let (mut depth, mut most, mut at) = (0_usize, 0, 0);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'{' | b'[' | b'(' => {
                depth += 1;
                most = most.max(depth);
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => at = line_end(text, at),
            b'"' if text[at..].starts_with(b"\"\"\"") => at = block_end(text, at + 3),
            b'"' => at = string_end(text, at + 1),
            _ => {}
        }
        at += 1;
    }
    most
}

fn line_end(text: &[u8], from: usize) -> usize {
    let rest = text[from..].iter();
    from + rest.take_while(|b| !matches!(b, b'\n' | b'\r')).count()
}

/// The last byte of a string; a line break ends it too, as an unclosed string must not hide what follows.
fn string_end(text: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' | b'\n' | b'\r' => return at,
            b'\\' if !matches!(text.get(at + 1), Some(b'\n' | b'\r')) => at += 1,
            _ => {}
        }
        at += 1;
    }
    at
}

fn block_end(text: &[u8], mut at: usize) -> usize {
    while at < text.len() {
        if text[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if text[at..].starts_with(b"\"\"\"") {
            return at + 2;
        } else {
            at += 1;
        }
    }
    at
}
