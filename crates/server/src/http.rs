//! Administration over HTTP: health, metrics and the cmdlets, on plain, TLS and Unix sockets.
//!
//! May touch: network, clock, executor, what the routes use.
//! Standards: RFC 9110 (hyper).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use admin::Instance;
use admin::http::{Access, Authenticate, Credentials as Shown, Peer, router};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Extension, Router};
use directory::{Credentials, SignedIn};
use futures::future::BoxFuture;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::{Semaphore, watch};
use world::{BoxedIo, Listener, LocalListener, TlsAcceptor, World};

use crate::health::Health;

/// Connections at once, per way in; further ones wait to be accepted.
pub(crate) const CONNECTIONS_MAX: usize = 256;
/// Time for the head of a request, and for the TLS handshake.
pub(crate) const HEAD_WAIT_MAX: Duration = Duration::from_secs(30);
/// Rest after a failed accept: out of file descriptors, mostly.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// The routes for callers who sign in.
pub(crate) fn signed_in(instance: &Instance, health: &Health) -> Router {
    let checker = Arc::new(Users(instance.credentials.clone()));
    let routes = router(instance.clone(), Access::Authenticated(checker)).merge(open_routes(health));
    console::protect(routes.merge(console::router(instance.clone())))
}

/// The routes for the local administrator.
pub(crate) fn local(instance: &Instance, health: &Health) -> Router {
    router(instance.clone(), Access::LocalSocket).merge(open_routes(health))
}

/// What a monitor asks without signing in.
fn open_routes(health: &Health) -> Router {
    let (ready, metrics) = (health.clone(), health.clone());
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route(
            "/readyz",
            get(move || {
                let health = ready.clone();
                async move {
                    match health.ready().await {
                        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
                        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
                    }
                }
            }),
        )
        .route(
            "/metrics",
            get(move || {
                let health = metrics.clone();
                async move {
                    let kind = "text/plain; version=0.0.4; charset=utf-8";
                    ([(header::CONTENT_TYPE, kind)], health.metrics().await).into_response()
                }
            }),
        )
}

/// Users, with a mailbox or without one, sign in with name and password; their role groups say what they may do.
struct Users(Credentials);

impl Authenticate for Users {
    fn authenticate<'a>(&'a self, shown: &'a Shown) -> BoxFuture<'a, Option<SignedIn>> {
        Box::pin(async move {
            let Shown::Basic { user, password } = shown else { return None };
            match self.0.verify_anyone(user, password.as_bytes()).await {
                Ok(found) => Some(found),
                Err(error) => {
                    tracing::warn!(user, %error, "a sign-in over HTTP was refused");
                    None
                }
            }
        })
    }
}

/// One way in that can be closed.
pub(crate) struct Door {
    /// Where it is, with the port that was picked.
    pub(crate) address: SocketAddr,
    close: watch::Sender<bool>,
}

impl Door {
    /// Begins to serve.
    pub(crate) fn open(
        world: &World,
        listener: Listener,
        tls: Option<TlsAcceptor>,
        routes: Router,
    ) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (close, closed) = watch::channel(false);
        world.exec.spawn("http listener", serve(world.clone(), listener, tls, routes, closed));
        Ok(Self { address, close })
    }

    /// Accepts no more; requests that run end.
    pub(crate) fn close(&self) {
        self.close.send_replace(true);
    }
}

async fn serve(
    world: World,
    listener: Listener,
    tls: Option<TlsAcceptor>,
    routes: Router,
    mut closed: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let conn = tokio::select! {
            conn = listener.accept() => conn,
            () = is_closed(&mut closed) => return,
        };
        let conn = match conn {
            Ok(conn) => conn,
            Err(error) => {
                tracing::warn!(%error, "a connection for administration could not be taken");
                world.clock.sleep(ACCEPT_REST).await;
                continue;
            }
        };
        let (tls, routes, closed, clock) = (tls.clone(), routes.clone(), closed.clone(), world.clock.clone());
        world.exec.spawn("http connection", async move {
            let _place = place;
            let peer = Peer { address: conn.peer.ip(), is_tls: tls.is_some() };
            let io = match tls {
                None => conn.io,
                Some(tls) => match clock.timeout(HEAD_WAIT_MAX, tls.accept(conn.io)).await {
                    Ok(Ok((io, _))) => io,
                    // Scanners and browsers that do not trust the certificate.
                    _ => return,
                },
            };
            connection(io, routes.layer(Extension(peer)), closed).await;
        });
    }
}

/// Serves the local administrator on the Unix socket until it is closed.
pub(crate) async fn serve_local(
    world: World,
    listener: LocalListener,
    routes: Router,
    mut closed: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let own = nix::unistd::geteuid().as_raw();
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let conn = tokio::select! {
            conn = listener.accept() => conn,
            () = is_closed(&mut closed) => return,
        };
        match conn {
            Ok(conn) if conn.peer_uid == own || conn.peer_uid == 0 => {
                let (routes, closed) = (routes.clone(), closed.clone());
                world.exec.spawn("local connection", async move {
                    let _place = place;
                    connection(conn.io, routes, closed).await;
                });
            }
            Ok(conn) => tracing::warn!(user = conn.peer_uid, "another user opened the local socket; refused"),
            Err(error) => {
                tracing::warn!(%error, "a local connection could not be taken");
                world.clock.sleep(ACCEPT_REST).await;
            }
        }
    }
}

/// Serves one connection until its end; after a close, until the request that runs is answered.
async fn connection(io: BoxedIo, routes: Router, mut closed: watch::Receiver<bool>) {
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .serve_connection(TokioIo::new(io), TowerToHyperService::new(routes));
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => Some(ended),
        () = is_closed(&mut closed) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection for administration broke");
    }
}

/// Waits until the way in is closed.
async fn is_closed(closed: &mut watch::Receiver<bool>) {
    // An error says that the sender is gone, and with it the way in.
    let _ = closed.wait_for(|closed| *closed).await;
}
