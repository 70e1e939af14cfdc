//! Answers as bytes: errors first, data in query order, raw JSON passed on as it is, in one pass into one buffer.
//! It also decides what a client may read of an error; it sets no status and no header.

use async_graphql::{ErrorExtensionValues, Name, PathSegment, Pos, Response, ServerError, Value, indexmap::IndexMap};
use serde::Serialize;

use super::{
    fault::{Code, Fault, MASKED, cut},
    limits::Limits,
};

/// The key under which the engine hides text that is JSON already.
const RAW: &str = "$serde_json::private::RawValue";

/// Nothing was executed: no data, and no error has a place in it.
pub fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|e| e.path.is_empty())
}

/// A whole answer of the engine, and where its data begins.
pub fn answer(response: &Response, id: &str, limits: &Limits) -> (Vec<u8>, usize) {
    let mut out = Vec::with_capacity(1_024);
    out.push(b'{');
    if !response.errors.is_empty() {
        out.extend_from_slice(b"\"errors\":");
        errors(&mut out, &response.errors, id, limits);
    }
    let mut data_at = out.len();
    if !is_request_error(response) {
        comma(&mut out);
        out.extend_from_slice(b"\"data\":");
        data_at = out.len();
        value(&mut out, &response.data);
    }
    out.push(b'}');
    (out, data_at)
}

/// A refusal as a whole answer.
pub fn refusal(fault: &Fault, id: &str) -> Vec<u8> {
    let mut out = b"{\"errors\":".to_vec();
    problems(&mut out, fault, id);
    out.push(b'}');
    out
}

/// A refusal's list of errors alone.
pub fn problems(out: &mut Vec<u8>, fault: &Fault, id: &str) {
    list(out, fault.problems.iter(), |out, problem| {
        let places = problem.location.map(|(line, column)| Pos { line, column });
        let places: Vec<Pos> = places.into_iter().collect();
        head(out, &problem.message, &places);
        tail(out, fault.code.as_str(), None, id);
    });
}

/// The engine's list of errors alone.
pub fn errors(out: &mut Vec<u8>, errors: &[ServerError], id: &str, limits: &Limits) {
    let shown = errors.iter().take(limits.errors_per_answer);
    list(out, shown, |out, error| {
        let (code, message) = seen(error);
        head(out, &cut(message.to_owned(), limits.message_chars), &error.locations);
        if !error.path.is_empty() {
            out.extend_from_slice(b",\"path\":");
            list(out, error.path.iter(), |out, segment| match segment {
                PathSegment::Field(name) => json(out, name),
                PathSegment::Index(index) => json(out, index),
            });
        }
        tail(out, &code, error.extensions.as_ref(), id);
    });
}

/// The code of an error and the words a client may read: an error with neither code nor source is the engine's own
/// (coercion); one with a source came through `?` from somewhere inside and is nobody's business.
pub fn seen(error: &ServerError) -> (String, &str) {
    let given = error.extensions.as_ref().and_then(|e| e.get("code"));
    match given {
        Some(Value::String(code)) => (code.clone(), &error.message),
        Some(Value::Enum(code)) => (code.to_string(), &error.message),
        _ if error.source.is_none() => (Code::BadUserInput.as_str().into(), &error.message),
        _ => (Code::Internal.as_str().into(), MASKED),
    }
}

fn head(out: &mut Vec<u8>, message: &str, places: &[Pos]) {
    out.extend_from_slice(b"{\"message\":");
    json(out, message);
    if !places.is_empty() {
        out.extend_from_slice(b",\"locations\":");
        json(out, places);
    }
}

fn tail(out: &mut Vec<u8>, code: &str, extensions: Option<&ErrorExtensionValues>, id: &str) {
    out.extend_from_slice(b",\"extensions\":{\"code\":");
    json(out, code);
    if let Some(Ok(serde_json::Value::Object(more))) = extensions.map(serde_json::to_value) {
        for (key, value) in more.iter().filter(|(k, _)| *k != "code" && *k != "requestId") {
            out.push(b',');
            json(out, key);
            out.push(b':');
            json(out, value);
        }
    }
    out.extend_from_slice(b",\"requestId\":");
    json(out, id);
    out.extend_from_slice(b"}}");
}

fn value(out: &mut Vec<u8>, this: &Value) {
    match this {
        Value::List(items) => list(out, items.iter(), value),
        Value::Object(map) => match raw(map) {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => object(out, map.iter().map(|(k, v)| (k.as_str(), v))),
        },
        scalar => json(out, scalar),
    }
}

fn raw(map: &IndexMap<Name, Value>) -> Option<&str> {
    match map.first() {
        Some((key, Value::String(text))) if map.len() == 1 && key == RAW => Some(text),
        _ => None,
    }
}

fn object<'a>(out: &mut Vec<u8>, entries: impl Iterator<Item = (&'a str, &'a Value)>) {
    out.push(b'{');
    for (index, (key, entry)) in entries.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        json(out, key);
        out.push(b':');
        value(out, entry);
    }
    out.push(b'}');
}

fn list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

fn comma(out: &mut Vec<u8>) {
    if out.len() > 1 {
        out.push(b',');
    }
}

/// Scalars and strings cannot fail to become JSON in memory; should one, the answer stays well formed.
fn json(out: &mut Vec<u8>, scalar: &(impl Serialize + ?Sized)) {
    let before = out.len();
    if serde_json::to_writer(&mut *out, scalar).is_err() {
        out.truncate(before);
        out.extend_from_slice(b"null");
    }
}
