//! The accept loop: a cap of connections, header timeouts, and an end in order. It routes nothing.

use std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::extract::ConnectInfo;
use hyper::server::conn::http1::Builder;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Layer;

use super::{
    App,
    limits::{Limits, ms},
    metrics::Alive,
    router,
};

/// The process's own life: what it still does, and whether it is going.
#[derive(Clone, Default)]
pub struct Life {
    pub draining: CancellationToken,
    /// Nobody new is listened to: connections end with the request they are at.
    closing: CancellationToken,
    /// Connections, mutations and sockets that have begun.
    pub tasks: TaskTracker,
}

/// Serves until `shutdown` ends, then lets everything in flight finish, for at most `drain_ms`.
pub async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) {
    let (limits, life) = (app.limits.clone(), app.life.clone());
    let service = router(app);
    let builder = builder(&limits);
    let slots = Arc::new(Semaphore::new(limits.connections));
    // once told to go, readiness is red and sockets say goodbye, but balancers get a moment before we stop listening
    let over = async {
        shutdown.await;
        life.draining.cancel();
        sleep(ms(limits.grace_ms)).await;
    };
    tokio::pin!(over);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut over => break,
        };
        match (accepted, slots.clone().try_acquire_owned()) {
            (Ok((stream, peer)), Ok(slot)) => {
                life.tasks.spawn(connection(
                    stream,
                    peer,
                    slot,
                    service.clone(),
                    builder.clone(),
                    life.closing.clone(),
                ));
            }
            // over the cap: closed at once
            (Ok(_), Err(_)) => {}
            // out of file descriptors: a pause, not a busy loop
            (Err(_), _) => sleep(Duration::from_millis(50)).await,
        }
    }
    drop(listener);
    life.closing.cancel();
    life.tasks.close();
    if timeout(ms(limits.drain_ms), life.tasks.wait()).await.is_err() {
        tracing::warn!("drain took too long, connections are cut");
    }
}

/// Not hyper-util's builder for both versions: before it knows which one it waits for ever.
fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(ms(limits.header_ms))
        .max_buf_size(limits.header_bytes)
        .keep_alive(true);
    builder
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    slot: OwnedSemaphorePermit,
    service: axum::Router,
    builder: Builder,
    closing: CancellationToken,
) {
    // without it small answers wait for an acknowledgement
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let _held = (slot, Alive::connection());
    let service = TowerToHyperService::new(axum::Extension(ConnectInfo(peer)).layer(service));
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = closing.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

/// Ends at SIGTERM or SIGINT; a second signal ends the process without waiting.
pub async fn signals() {
    signal().await;
    tokio::spawn(async {
        signal().await;
        std::process::exit(130);
    });
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
