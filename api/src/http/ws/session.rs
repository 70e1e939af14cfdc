//! One socket from its first message to its close code. It keeps the protocol's states and the caller's limits;
//! operations run elsewhere and never block it.

use std::pin::Pin;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::{StreamExt, stream::SplitStream};
use serde_json_bytes::{ByteString, Map, Value};
use tokio::time::{Instant, interval_at, sleep_until};

use super::{
    message::{self, Said, close},
    operation::{Open, Operation, Refused},
    outbox::{self, Outbox},
};
use crate::http::{
    App,
    auth::{self, Identified, RequestInfo},
    fault::{Code, Fault},
    front::Asked,
    limits::ms,
    run::Call,
    seats::Seat,
    wire,
};

struct Session {
    app: App,
    info: RequestInfo,
    out: Outbox,
    open: Open,
    who: Option<(Identified, Seat)>,
    serial: u64,
    second: Instant,
    heard: u32,
}

/// Ends the socket; `None` when the client has gone by itself.
type End = Option<CloseFrame>;

pub async fn serve(app: App, info: RequestInfo, socket: WebSocket) {
    let spoken = socket.protocol().is_some();
    let (sink, input) = socket.split();
    let (out, writer) = outbox::open(sink, &app.limits);
    let mut session = Session {
        app,
        info,
        out: out.clone(),
        open: Open::default(),
        who: None,
        serial: 0,
        second: Instant::now(),
        heard: 0,
    };
    let end = if spoken { session.talk(input).await } else { Some(close(4406, "Subprotocol not acceptable")) };
    session.open.stop_all();
    drop(session);
    writer.close(out, end).await;
}

impl Session {
    async fn talk(&mut self, mut input: SplitStream<WebSocket>) -> End {
        let limits = self.app.limits.clone();
        let (gone, draining) = (self.out.gone.clone(), self.app.life.draining.clone());
        let init_by = sleep_until(Instant::now() + ms(limits.init_ms));
        let mut init_by = Box::pin(init_by);
        let every = ms(limits.ping_ms);
        let mut ping = interval_at(Instant::now() + every, every);
        let mut over: Option<Pin<Box<dyn Future<Output = ()> + Send>>> = None;
        loop {
            let watched = async {
                match over.as_mut() {
                    Some(over) => over.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = gone.cancelled() => return None,
                () = draining.cancelled() => return Some(close(1001, "Going away")),
                () = watched => return Some(close(4403, "Forbidden")),
                () = &mut init_by, if self.who.is_none() => {
                    return Some(close(4408, "Connection initialisation timeout"));
                }
                _ = ping.tick(), if self.who.is_some() => self.out.say(message::ping()),
                heard = input.next() => {
                    if let Err(end) = self.hear(heard).await {
                        return end;
                    }
                }
            }
            if let (None, Some((who, _))) = (&over, &self.who) {
                over = Some(Box::pin(auth::ended(who.clone(), limits.clone())));
            }
        }
    }

    async fn hear(&mut self, heard: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.count()?;
        match heard {
            Some(Ok(Message::Text(text))) => {
                let said = message::read(text.as_str()).map_err(Some)?;
                self.answer(said).await.map_err(Some)
            }
            Some(Ok(Message::Binary(_))) => Err(Some(close(4400, "Binary messages are not accepted"))),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            // the library tells only by words which it was; too large is the one that deserves an answer
            Some(Err(e)) if e.to_string().contains("too long") || e.to_string().contains("too big") => {
                Err(Some(close(1009, "Message too big")))
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(None),
        }
    }

    /// A flood of messages, of whatever kind, is not a conversation.
    fn count(&mut self) -> Result<(), End> {
        if self.second.elapsed() >= ms(1_000) {
            (self.second, self.heard) = (Instant::now(), 0);
        }
        self.heard += 1;
        if self.heard > self.app.limits.messages_per_second {
            return Err(Some(close(1008, "Too many messages")));
        }
        Ok(())
    }

    async fn answer(&mut self, said: Said) -> Result<(), CloseFrame> {
        match said {
            Said::Init(payload) => self.init(&payload).await,
            Said::Ping(payload) => {
                self.out.say(message::pong(payload));
                Ok(())
            }
            Said::Pong => Ok(()),
            Said::Subscribe { id, asked } => self.subscribe(&id, *asked),
            Said::Complete { id } => {
                self.open.stop(&id);
                Ok(())
            }
        }
    }

    /// No credential is an anonymous caller; a credential that fails is nobody, and the socket closes.
    async fn init(&mut self, payload: &Map<ByteString, Value>) -> Result<(), CloseFrame> {
        if self.who.is_some() {
            return Err(close(4429, "Too many initialisation requests"));
        }
        let forbidden = || close(4403, "Forbidden");
        let given = payload.get("authorization").or(payload.get("Authorization"));
        let bearer = match given {
            None | Some(Value::Null) => None,
            Some(Value::String(value)) => Some(auth::token(value.as_str()).ok_or_else(forbidden)?),
            Some(_) => return Err(forbidden()),
        };
        let known = auth::identified(&self.app.identify, bearer, self.info.clone()).await;
        let who = known.map_err(|fault| match fault.code {
            Code::Unauthenticated => forbidden(),
            _ => close(4500, "Internal server error"),
        })?;
        let seat = self.app.seats.take(&who.key);
        let seat = seat.map_err(|_| close(1008, "Too many sockets"))?;
        self.who = Some((who, seat));
        self.out.say(message::ack());
        Ok(())
    }

    fn subscribe(&mut self, id: &str, asked: Asked) -> Result<(), CloseFrame> {
        let Some((who, _)) = &self.who else {
            return Err(close(4401, "Unauthorized"));
        };
        self.serial += 1;
        let most = self.app.limits.operations_per_socket;
        match self.open.reserve(id, self.serial, most) {
            Ok(()) => {}
            Err(Refused::Duplicate) => {
                let reason = format!("Subscriber for {id} already exists");
                return Err(close(4409, &reason));
            }
            Err(Refused::TooMany) => {
                let fault = Fault::new(Code::RateLimited, "too many operations on this socket");
                let mut payload = Vec::new();
                wire::problems(&mut payload, &fault, &self.info.request_id);
                self.out.say(message::carrying(id, "error", &payload));
                return Ok(());
            }
        }
        let call = Call {
            app: self.app.clone(),
            who: who.clone(),
            id: self.info.request_id.clone(),
            client: self.info.client(),
            shows_cost: false,
        };
        let operation =
            Operation { id: id.to_owned(), serial: self.serial, open: self.open.clone(), out: self.out.clone() };
        let task = tokio::spawn(operation.run(call, asked));
        self.open.started(id, self.serial, task.abort_handle());
        Ok(())
    }
}
