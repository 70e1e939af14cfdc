//! Which media type the client wants, and whether what it sends is JSON. It refuses nothing itself.

use axum::http::{HeaderMap, header};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    GraphQl,
    Json,
    EventStream,
}

/// The type with the highest weight; wildcards and no header at all mean plain JSON. `None`: we have none of them.
pub fn accepted(headers: &HeaderMap) -> Option<Media> {
    let values = headers.get_all(header::ACCEPT).iter();
    let listed = values.filter_map(|v| v.to_str().ok());
    let items: Vec<&str> = listed.flat_map(|v| v.split(',')).map(str::trim).collect();
    if items.iter().all(|item| item.is_empty()) {
        return Some(Media::Json);
    }
    let mut best: Option<(f32, Media)> = None;
    for (weight, media) in items.into_iter().filter_map(weighted) {
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, media));
        }
    }
    best.map(|(_, media)| media)
}

fn weighted(item: &str) -> Option<(f32, Media)> {
    let mut parts = item.split(';').map(str::trim);
    let media = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/graphql-response+json" => Media::GraphQl,
        "application/json" | "application/*" | "*/*" => Media::Json,
        "text/event-stream" => Media::EventStream,
        _ => return None,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    Some((weight.and_then(|q| q.parse().ok()).unwrap_or(1.0), media))
}

/// Only JSON in UTF-8 and not compressed: other types are what a foreign page can send without asking.
pub fn is_plain_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE);
    let parsed = given.and_then(|v| v.to_str().ok()?.parse::<mime::Mime>().ok());
    let json = parsed.is_some_and(|m| {
        m.essence_str() == "application/json" && m.get_param("charset").is_none_or(|c| c == mime::UTF_8)
    });
    json && !headers.contains_key(header::CONTENT_ENCODING)
}
