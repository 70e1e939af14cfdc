//! How long the texts of bodies may be. Pure.

use crate::error::{Fault, FaultCode};

fn fault(field: &str, message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::Validation, field, message)
}

/// Neither empty nor longer than so many characters.
pub fn required(field: &str, text: &str, most: usize) -> Vec<Fault> {
    if text.trim().is_empty() { vec![fault(field, "this cannot be empty")] } else { optional(field, Some(text), most) }
}

pub fn optional(field: &str, text: Option<&str>, most: usize) -> Vec<Fault> {
    let text = text.unwrap_or_default();
    let mut faults = Vec::new();
    if text.chars().count() > most {
        faults.push(fault(field, format!("this is longer than {most} characters")));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        faults.push(fault(field, "this holds control characters"));
    }
    faults
}

/// At most so many, none empty or longer than so many characters.
pub fn list(field: &str, items: &[String], most: usize, length: usize) -> Vec<Fault> {
    if items.len() > most {
        return vec![fault(field, format!("there are more than {most}"))];
    }
    let each = items.iter().enumerate().flat_map(|(at, item)| required(&at.to_string(), item, length));
    each.map(|fault| fault.under(field)).collect()
}
