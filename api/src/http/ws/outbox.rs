//! The writing half of a socket, bounded in bytes: operations wait for a slow reader, and one that stalls is dropped.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::{SinkExt, stream::SplitSink};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::http::limits::{Limits, ms};

const MESSAGES: usize = 256;

type Waiting = (Message, Option<OwnedSemaphorePermit>);

#[derive(Clone)]
pub struct Outbox {
    queue: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
    most: usize,
    patience: Duration,
    /// Set when nothing can be written any more.
    pub gone: CancellationToken,
}

/// The task that owns the socket's writing half.
pub struct Writer(JoinHandle<()>);

pub fn open(sink: SplitSink<WebSocket, Message>, limits: &Limits) -> (Outbox, Writer) {
    let (queue, waiting) = mpsc::channel(MESSAGES);
    let outbox = Outbox {
        queue,
        room: Arc::new(Semaphore::new(limits.socket_buffer_bytes)),
        most: limits.socket_buffer_bytes,
        patience: ms(limits.socket_stall_ms),
        gone: CancellationToken::new(),
    };
    let work = write(sink, waiting, outbox.patience, outbox.gone.clone());
    (outbox, Writer(tokio::spawn(work)))
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut waiting: mpsc::Receiver<Waiting>,
    patience: Duration,
    gone: CancellationToken,
) {
    while let Some((message, room)) = waiting.recv().await {
        let last = matches!(message, Message::Close(_));
        let sent = timeout(patience, sink.send(message)).await;
        drop(room);
        if last || !matches!(sent, Ok(Ok(()))) {
            break;
        }
    }
    gone.cancel();
}

impl Outbox {
    /// Waits until the reader has made room; false when it never will.
    pub async fn send(&self, message: Message) -> bool {
        let put = async {
            let room = self.room.clone().acquire_many_owned(self.size(&message));
            let room = room.await.ok()?;
            self.queue.send((message, Some(room))).await.ok()
        };
        let sent = matches!(timeout(self.patience, put).await, Ok(Some(())));
        if !sent {
            self.gone.cancel();
        }
        sent
    }

    /// Never waits: the session must keep reading. A reader too slow for this is dropped.
    pub fn say(&self, message: Message) {
        let room = self.room.clone().try_acquire_many_owned(self.size(&message));
        let put = room.map(|room| self.queue.try_send((message, Some(room))));
        if !matches!(put, Ok(Ok(()))) {
            self.gone.cancel();
        }
    }

    fn size(&self, message: &Message) -> u32 {
        let bytes = match message {
            Message::Text(text) => text.len(),
            _ => 128,
        };
        u32::try_from(bytes.min(self.most)).unwrap_or(u32::MAX)
    }
}

impl Writer {
    /// Says goodbye if there is still somebody, but not for long.
    pub async fn close(self, outbox: Outbox, frame: Option<CloseFrame>) {
        let _ = outbox.queue.try_send((Message::Close(frame), None));
        drop(outbox);
        let abort = self.0.abort_handle();
        if timeout(Duration::from_secs(1), self.0).await.is_err() {
            abort.abort();
        }
    }
}
