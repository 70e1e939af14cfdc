//! The parameters of a request, their shape checked by hand so that each wrong type is a 400 with words.
//! What the document says is the front door's matter.

use axum::http::StatusCode;
use serde_json_bytes::{ByteString, Map, Value};

use super::{
    fault::{Code, Fault},
    front::Asked,
};

/// Reads a JSON body.
pub fn from_body(body: &[u8]) -> Result<Asked, Fault> {
    match serde_json::from_slice(body) {
        Ok(value) => from_value(value),
        Err(_) => refuse("the body is not JSON"),
    }
}

/// Reads the query string of a GET.
pub fn from_query(query: &str) -> Result<Asked, Fault> {
    let mut map = Map::new();
    for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = match name.as_ref() {
            _ if text.is_empty() && name != "query" => continue,
            "query" | "operationName" | "documentId" => Value::String(text.into_owned().into()),
            "variables" | "extensions" => match serde_json::from_str(&text) {
                Ok(value) => value,
                Err(_) => return refuse(format!("{name} is not JSON")),
            },
            _ => continue,
        };
        map.insert(name.into_owned(), value);
    }
    from_value(Value::Object(map))
}

/// Reads one request object; also the payload of a socket's `subscribe`.
pub fn from_value(value: Value) -> Result<Asked, Fault> {
    let mut map = match value {
        Value::Object(map) => map,
        Value::Array(_) => {
            let fault = Fault::new(Code::BatchingDisabled, "batches are not accepted");
            return Err(fault.with_status(StatusCode::BAD_REQUEST));
        }
        _ => return misshapen("the request must be a JSON object"),
    };
    let extensions = object(&mut map, "extensions")?.unwrap_or_default();
    if extensions.contains_key("persistedQuery") {
        // the words Apollo's clients know; they send the text then
        return misshapen("PersistedQueryNotSupported");
    }
    Ok(Asked {
        text: string(&mut map, "query")?,
        document_id: string(&mut map, "documentId")?,
        operation: string(&mut map, "operationName")?,
        variables: object(&mut map, "variables")?.unwrap_or_default(),
    })
    .and_then(complete)
}

fn complete(asked: Asked) -> Result<Asked, Fault> {
    if asked.text.is_none() && asked.document_id.is_none() {
        return misshapen("query is missing");
    }
    Ok(asked)
}

fn string(map: &mut Map<ByteString, Value>, name: &str) -> Result<Option<String>, Fault> {
    match map.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str().to_owned())),
        Some(_) => misshapen(format!("{name} must be a string")),
    }
}

type Object = Map<ByteString, Value>;

fn object(map: &mut Object, name: &str) -> Result<Option<Object>, Fault> {
    match map.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(inner)) => Ok(Some(inner)),
        Some(_) => misshapen(format!("{name} must be an object")),
    }
}

/// JSON, but not a request.
fn misshapen<T>(message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::http(StatusCode::UNPROCESSABLE_ENTITY, message))
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::http(StatusCode::BAD_REQUEST, message))
}
