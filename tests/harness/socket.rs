//! One graphql-transport-ws socket, as a client library holds it.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use super::{PATIENCE, Site};

pub struct Socket(WebSocketStream<TcpStream>);

/// How a socket is opened.
#[derive(Clone, Copy)]
pub struct Opening<'a> {
    pub protocol: Option<&'static str>,
    pub origin: Option<&'a str>,
}

impl Default for Opening<'_> {
    fn default() -> Self {
        Self { protocol: Some("graphql-transport-ws"), origin: None }
    }
}

impl Site {
    pub async fn socket(&self) -> Socket {
        self.open(Opening::default()).await.expect("a socket")
    }

    /// A socket, or the status of the refusal.
    pub async fn open(&self, how: Opening<'_>) -> Result<Socket, u16> {
        let mut request = format!("ws://{}/graphql/ws", self.address).into_client_request().expect("a request");
        let headers = request.headers_mut();
        if let Some(protocol) = how.protocol {
            headers.insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
        }
        if let Some(origin) = how.origin {
            headers.insert("origin", origin.parse().expect("an origin"));
        }
        let stream = TcpStream::connect(self.address).await.expect("a connection");
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// A socket of somebody who is signed in.
    pub async fn socket_of(&self, token: &str) -> Socket {
        let mut socket = self.socket().await;
        assert_eq!(socket.init(Some(token)).await["type"], "connection_ack");
        socket
    }
}

impl Socket {
    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("the socket is open");
    }

    /// The first message; what it is answered.
    pub async fn init(&mut self, token: Option<&str>) -> Value {
        let payload = token.map_or(json!({}), |token| json!({ "authorization": format!("Bearer {token}") }));
        self.say(json!({ "type": "connection_init", "payload": payload })).await;
        self.hear().await
    }

    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query, "variables": variables } })).await;
    }

    /// The next message; pings come as messages too. The end of the socket is `{"close": code, "reason": text}`.
    pub async fn hear(&mut self) -> Value {
        let next = timeout(PATIENCE, self.0.next()).await.expect("something is said in time");
        match next {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("JSON"),
            Some(Ok(Message::Close(Some(frame)))) => {
                json!({ "close": u16::from(frame.code), "reason": frame.reason.as_str() })
            }
            other => json!({ "close": null, "reason": format!("{other:?}") }),
        }
    }

    /// The data of the next event of an operation.
    pub async fn next(&mut self, id: &str) -> Value {
        let message = self.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!(id)), "{message}");
        message["payload"]["data"].clone()
    }

    /// The code with which the socket is closed, whatever comes before.
    pub async fn closed(&mut self) -> Value {
        loop {
            let message = self.hear().await;
            if let Some(code) = message.get("close") {
                return code.clone();
            }
        }
    }

    /// Cuts the connection without a word.
    pub fn cut(self) {
        let stream = self.0.into_inner();
        // no time to send what waits: the other side sees a reset
        _ = stream.set_zero_linger();
    }
}
