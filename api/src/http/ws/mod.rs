//! graphql-transport-ws, to the letter of its protocol, behind the same front door, identity and limits as HTTP.
//! This file opens the socket, or refuses to; `session` speaks, `operation` runs, `outbox` writes.

mod message;
mod operation;
mod outbox;
mod session;

use axum::{
    extract::{Request, State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

use super::{
    App,
    fault::{Code, Fault},
    negotiate::Media,
    reply, request_id,
};

const PROTOCOL: &str = "graphql-transport-ws";
/// Idle sockets keep their buffers: small ones.
const BUFFER: usize = 4 << 10;

pub async fn upgrade(State(app): State<App>, ws: WebSocketUpgrade, request: Request) -> Response {
    let info = request_id::info(&request);
    if !app.origins.admit(request.headers()) {
        let fault = Fault::new(Code::Forbidden, "this origin may not open a socket").with_status(StatusCode::FORBIDDEN);
        return reply::refusal(&fault, Media::Json, &info.request_id);
    }
    let limits = &app.limits;
    ws.protocols([PROTOCOL])
        .max_frame_size(limits.frame_bytes)
        .max_message_size(limits.frame_bytes)
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(limits.socket_buffer_bytes + limits.frame_bytes)
        .on_upgrade(move |socket| {
            let tasks = app.life.tasks.clone();
            tasks.track_future(session::serve(app, info, socket))
        })
}

/// The browser origins that may talk to us besides our own: for sockets here, for CORS in the router.
#[derive(Debug, Default, Clone)]
pub struct Origins(pub Vec<String>);

impl Origins {
    /// No Origin header means no browser, and so nobody whose browser could be abused.
    pub fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
        let own = origin.split_once("://").map(|(_, host)| host);
        (own.is_some() && own == host) || self.0.iter().any(|known| known == origin)
    }
}
