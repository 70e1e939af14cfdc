//! Says no to a step that a state does not allow, in the same words everywhere. Pure.

use entity::word::Word;

use crate::error::{Error, FaultCode, Result};

/// Refuses unless `to` is among the states that may follow.
pub fn ensure<W: Word>(field: &str, from: W, to: W, allowed: &[W]) -> Result<()> {
    if allowed.contains(&to) { Ok(()) } else { Err(refused(field, from, to, allowed)) }
}

/// `INVALID_TRANSITION`, naming both states and those that may follow.
pub fn refused<W: Word>(field: &str, from: W, to: W, allowed: &[W]) -> Error {
    let allowed: Vec<&str> = allowed.iter().map(|w| w.word()).collect();
    let next =
        if allowed.is_empty() { "nothing may follow".to_owned() } else { format!("allowed: {}", allowed.join(", ")) };
    let message = format!("{} cannot become {}; {next}", from.word(), to.word());
    Error::refused(FaultCode::InvalidTransition, field, message)
}

/// Compares a table of transitions with a text of one line per state: the state, then those that may follow.
///
/// # Panics
/// When they differ: it is for tests.
#[cfg(test)]
pub fn assert_table<W: Word + std::fmt::Debug>(next: impl Fn(W) -> &'static [W], table: &str) {
    let lines: Vec<Vec<&str>> =
        table.lines().map(|l| l.split_whitespace().collect()).filter(|l: &Vec<_>| !l.is_empty()).collect();
    assert_eq!(lines.len(), W::VALUES.len(), "a line for every state");
    for line in lines {
        let from = W::parse(line[0]).expect("a state");
        for (to, _) in W::VALUES {
            let to = W::parse(to).expect("a state");
            let done = ensure("status", from, to, next(from));
            assert_eq!(done.is_ok(), line[1..].contains(&to.word()), "{from:?} -> {to:?}");
        }
    }
}
