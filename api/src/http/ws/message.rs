//! What a client may say on a socket, and the frames we say ourselves. No state.

use axum::extract::ws::{CloseFrame, Message};
use serde_json_bytes::{ByteString, Map, Value, json};

use crate::http::{front::Asked, params};

pub enum Said {
    Init(Map<ByteString, Value>),
    Ping(Option<Value>),
    Pong,
    Subscribe { id: String, asked: Box<Asked> },
    Complete { id: String },
}

/// Reads a message; what the protocol does not know ends the socket with 4400.
pub fn read(text: &str) -> Result<Said, CloseFrame> {
    let Ok(Value::Object(mut message)) = serde_json::from_str::<Value>(text) else {
        return Err(invalid("not a JSON object"));
    };
    let payload = match message.remove("payload") {
        None | Some(Value::Null) => None,
        Some(payload @ Value::Object(_)) => Some(payload),
        Some(_) => return Err(invalid("payload must be an object")),
    };
    let kind = message.remove("type");
    match kind.as_ref().and_then(Value::as_str) {
        Some("connection_init") => Ok(Said::Init(match payload {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        })),
        Some("ping") => Ok(Said::Ping(payload)),
        Some("pong") => Ok(Said::Pong),
        Some("subscribe") => {
            let id = id(&message)?;
            let payload = payload.ok_or_else(|| invalid("payload is missing"))?;
            let asked = params::from_value(payload);
            let asked =
                Box::new(asked.map_err(|fault| invalid(fault.problems.first().map_or("payload", |p| &p.message)))?);
            Ok(Said::Subscribe { id, asked })
        }
        Some("complete") => Ok(Said::Complete { id: id(&message)? }),
        _ => Err(invalid("unknown type")),
    }
}

fn id(message: &Map<ByteString, Value>) -> Result<String, CloseFrame> {
    let id = message.get("id").and_then(Value::as_str);
    let id = id.filter(|id| !id.is_empty() && id.len() <= 100);
    id.map(str::to_owned).ok_or_else(|| invalid("id is missing or too long"))
}

fn invalid(why: &str) -> CloseFrame {
    close(4400, &format!("Invalid message: {why}"))
}

/// A close reason is at most 123 bytes, or the frame is not valid.
pub fn close(code: u16, reason: &str) -> CloseFrame {
    let mut end = reason.len().min(120);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    CloseFrame { code, reason: reason[..end].into() }
}

pub fn ack() -> Message {
    text(&json!({"type": "connection_ack"}))
}

pub fn ping() -> Message {
    text(&json!({"type": "ping"}))
}

pub fn pong(payload: Option<Value>) -> Message {
    let mut message = json!({"type": "pong"});
    if let (Some(payload), Some(message)) = (payload, message.as_object_mut()) {
        message.insert("payload", payload);
    }
    text(&message)
}

pub fn complete(id: &str) -> Message {
    text(&json!({"id": id, "type": "complete"}))
}

/// `next` or `error` with a payload that is JSON already.
pub fn carrying(id: &str, kind: &str, payload: &[u8]) -> Message {
    let id = Value::String(id.into());
    let payload = String::from_utf8_lossy(payload);
    Message::Text(format!(r#"{{"id":{id},"type":"{kind}","payload":{payload}}}"#).into())
}

fn text(value: &Value) -> Message {
    Message::Text(value.to_string().into())
}
