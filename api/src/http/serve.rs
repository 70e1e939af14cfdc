//! The accept loop: a cap of connections, header timeouts, and an end in order. It routes nothing.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::extract::ConnectInfo;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
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
    /// Mutations and sockets that have begun.
    pub tasks: TaskTracker,
}

/// Serves until `shutdown` ends, then lets everything in flight finish, for at most `drain_ms`.
pub async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) {
    let (limits, life) = (app.limits.clone(), app.life.clone());
    let service = router(app);
    let builder = builder(&limits);
    let graceful = GracefulShutdown::new();
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
                connection(stream, peer, slot, service.clone(), &builder, &graceful);
            }
            // over the cap: closed at once
            (Ok(_), Err(_)) => {}
            // out of file descriptors: a pause, not a busy loop
            (Err(_), _) => sleep(Duration::from_millis(50)).await,
        }
    }
    drop(listener);
    life.tasks.close();
    let ended = async {
        graceful.shutdown().await;
        life.tasks.wait().await;
    };
    if timeout(ms(limits.drain_ms), ended).await.is_err() {
        tracing::warn!("drain took too long, connections are cut");
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(ms(limits.header_ms))
        .max_buf_size(limits.header_bytes)
        .keep_alive(true);
    builder
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    slot: OwnedSemaphorePermit,
    service: axum::Router,
    builder: &Builder<TokioExecutor>,
    graceful: &GracefulShutdown,
) {
    // without it small answers wait for an acknowledgement
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = axum::Extension(ConnectInfo(peer)).layer(service);
    let service = TowerToHyperService::new(service);
    let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
    let watched = graceful.watch(served);
    tokio::spawn(async move {
        let _held = (slot, Alive::connection());
        if let Err(error) = watched.await {
            tracing::debug!(%error, "connection ended");
        }
    });
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
