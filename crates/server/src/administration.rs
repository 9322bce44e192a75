//! The ways in for administrators: HTTP, HTTPS and the local socket, opened, moved and closed together.
//!
//! May touch: network, executor, certificates.

use admin::Instance;
use axum::Router;
use parking_lot::Mutex;
use std::net::SocketAddr;
use tokio::sync::watch;
use world::{TlsAcceptor, World};

use crate::certificates::Certificates;
use crate::config::Listen;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::health::Health;
use crate::http::{self, Door};
use crate::port_holder;
use crate::ports::HttpAddresses;

/// Application protocols offered under TLS.
const ALPN: &[&str] = &["http/1.1"];

/// What serves administrators.
pub(crate) struct Administration {
    world: World,
    routes: Router,
    certificates: Certificates,
    doors: Mutex<Doors>,
    close_local: watch::Sender<bool>,
}

struct Doors {
    wanted: (SocketAddr, Option<SocketAddr>),
    http: Door,
    https: Option<Door>,
}

impl Administration {
    /// Opens every way in.
    pub(crate) async fn open(
        dir: &DataDir,
        listen: &Listen,
        instance: &Instance,
        health: &Health,
        certificates: &Certificates,
    ) -> Result<Self, Failure> {
        let world = instance.world.clone();
        let routes = http::signed_in(instance, health);
        let wanted = (listen.http, listen.https);
        let http = plain_door(&world, listen.http, &routes).await?;
        let https = match listen.https {
            Some(address) => Some(tls_door(&world, address, &routes, certificates).await?),
            None => None,
        };
        let socket = dir.socket();
        let local = world
            .net
            .listen_local(&socket)
            .await
            .map_err(|error| Failure::of(format!("cannot listen on {}", socket.display()), error))?;
        let (close_local, closed) = watch::channel(false);
        let serving = http::serve_local(world.clone(), local, http::local(instance, health), closed);
        world.exec.spawn("local socket", serving);
        let doors = Mutex::new(Doors { wanted, http, https });
        Ok(Self { world, routes, certificates: certificates.clone(), doors, close_local })
    }

    /// Where it listens.
    pub(crate) fn addresses(&self) -> HttpAddresses {
        let doors = self.doors.lock();
        HttpAddresses { http: doors.http.address, https: doors.https.as_ref().map(|door| door.address) }
    }

    /// Moves to other addresses; on an error the present ones stay.
    pub(crate) async fn reopen(&self, listen: &Listen) -> Result<(), Failure> {
        let (http, https) = self.doors.lock().wanted;
        let new_http = match listen.http == http {
            true => None,
            false => Some(plain_door(&self.world, listen.http, &self.routes).await?),
        };
        let new_https = match listen.https {
            Some(address) if https != Some(address) => {
                Some(tls_door(&self.world, address, &self.routes, &self.certificates).await?)
            }
            _ => None,
        };
        let mut doors = self.doors.lock();
        doors.wanted = (listen.http, listen.https);
        if let Some(door) = new_http {
            std::mem::replace(&mut doors.http, door).close();
        }
        if listen.https != https
            && let Some(door) = std::mem::replace(&mut doors.https, new_https)
        {
            door.close();
        }
        Ok(())
    }

    /// Accepts no more; what runs is answered.
    pub(crate) fn close(&self) {
        let doors = self.doors.lock();
        doors.http.close();
        if let Some(https) = &doors.https {
            https.close();
        }
        self.close_local.send_replace(true);
    }
}

async fn plain_door(world: &World, address: SocketAddr, routes: &Router) -> Result<Door, Failure> {
    door(world, address, None, routes).await
}

async fn tls_door(
    world: &World,
    address: SocketAddr,
    routes: &Router,
    certificates: &Certificates,
) -> Result<Door, Failure> {
    let tls = TlsAcceptor::new(certificates.https(), None, ALPN, &world.clock)
        .map_err(|error| Failure::of("cannot set up TLS for [listen] https", error))?;
    door(world, address, Some(tls), routes).await
}

async fn door(
    world: &World,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    routes: &Router,
) -> Result<Door, Failure> {
    let failed = |error: std::io::Error| Failure(port_holder::explain(address, &error));
    let listener = world.net.listen(address).await.map_err(failed)?;
    Door::open(world, listener, tls, routes.clone()).map_err(failed)
}
