//! The server: every part of it on one simulated machine, wired as the binary wires them.
//!
//! May touch: the handles of a simulated world.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use admin::services::{Listeners, PreparedListeners};
use admin::{Instance, Services};
use directory::{Credentials, Directory, PasswordHash, Seed};
use futures::future::BoxFuture;
use jiff::Span;
use mailbox::MailboxStore;
use spool::Spool;
use trace::{Feed, Trace};
use transport::queue::view::MessageView;
use transport::{Listen, Parts, Prepared, Transport};
use world::sim::SimWorld;
use world::{CertStore, Certificate, Executor, World};

use super::Fault;

/// The organization's domain.
pub const DOMAIN: &str = "contoso.example";
/// The server's name.
pub const SERVER: &str = "mx1.contoso.example";
/// The server's address.
pub const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 25));
/// The port for other servers.
pub const SMTP: u16 = 25;
/// The port for people.
pub const SUBMISSION: u16 = 587;
/// A spool segment here: small, because each is written with zeros.
const SEGMENT_BYTES: u64 = 4 << 20;
/// Every event of a scenario stays readable, also those of segments that were freed: the contract counts them.
const EVENT_MEMORY_BYTES: u64 = 64 << 20;

/// How often [`House::settle`] waits a moment for what is ready to go.
const MOMENTS_MAX: u32 = 4;
/// A moment: longer than workers wait between two looks at their queue.
const MOMENT: Duration = Duration::from_millis(25);

/// The running server.
pub struct House {
    /// Its handles.
    pub world: World,
    /// Recipients, domains, connectors.
    pub directory: Directory,
    /// The durable log.
    pub spool: Spool,
    /// The mailboxes.
    pub mailboxes: MailboxStore,
    /// The trace.
    pub trace: Trace,
    /// Its feed.
    pub feed: Feed,
    /// The pipeline.
    pub transport: Transport,
    /// What cmdlets work on.
    pub instance: Instance,
}

impl House {
    /// Starts the server on what the machine's disk holds; an empty disk gets the organization first.
    pub fn start(sim: &SimWorld) -> Result<House, Fault> {
        sim.net().add_own_ip(ADDRESS);
        sim.run(Box::pin(Self::open(sim.world())))
    }

    async fn open(world: World) -> Result<House, Fault> {
        let data = Path::new("/data");
        for dir in ["spool", "trace", "mailboxes", "logs"] {
            world.disk.create_dir_all(&data.join(dir)).map_err(text)?;
        }
        let directory = Directory::open(&world.disk, &data.join("directory.db"), &world.clock, &world.chance)
            .map_err(text)?;
        seed(&directory)?;
        let credentials = Credentials::new(&directory, &world.clock, &world.chance, &world.exec);
        let config = spool::Config {
            segment_bytes: SEGMENT_BYTES,
            event_memory_bytes: EVENT_MEMORY_BYTES,
            ..spool::Config::default()
        };
        let (spool, report) =
            Spool::open(&world.disk, &world.clock, &world.exec, data.join("spool"), config).map_err(text)?;
        if !report.is_clean() {
            return Err(format!("the spool is damaged: {report}"));
        }
        let server = directory.snapshot().organization().server_name.clone();
        let config = trace::Config::new(&server);
        let trace =
            Trace::open(&world.disk, &world.clock, &world.exec, &data.join("trace"), config).map_err(text)?;
        let feed = trace.feed(&spool).await.map_err(text)?;
        let bounds = mailbox::Config::default();
        let mailboxes =
            MailboxStore::open(&world.disk, &world.clock, &world.exec, data, bounds).map_err(text)?;
        let lag = feed.clone();
        let parts = Parts {
            world: world.clone(),
            directory: directory.clone(),
            credentials: credentials.clone(),
            spool: spool.clone(),
            mailboxes: mailboxes.clone(),
            refusals: trace.refusals().clone(),
            certificates: certificates(&world)?,
            log_dir: data.join("logs"),
            data_dir: data.to_owned(),
            feed_lag: Arc::new(move || lag.lag().events),
        };
        let (transport, start) = Transport::open(parts).await.map_err(text)?;
        if start.unreadable > 0 {
            return Err(format!("unreadable records in the spool: {start:?}"));
        }
        transport.start();
        let listen = Listen {
            smtp: SocketAddr::new(ADDRESS, SMTP),
            submission: SocketAddr::new(ADDRESS, SUBMISSION),
            submissions: None,
        };
        transport.listen(listen).await.map_err(text)?;
        let doors =
            Doors { transport: transport.clone(), directory: directory.clone(), exec: world.exec.clone() };
        let services = Services {
            listeners: Some(Arc::new(doors)),
            transport: Some(transport.clone()),
            mailboxes: Some(mailboxes.clone()),
            trace: Some(trace.clone()),
            feed: Some(feed.clone()),
            ..Services::default()
        };
        let (directory_of, world_of) = (directory.clone(), world.clone());
        let (seats, just_made) = Default::default();
        let instance =
            Instance { directory: directory_of, credentials, world: world_of, services, seats, just_made };
        admin::background::start(&instance);
        Ok(House { world, directory, spool, mailboxes, trace, feed, transport, instance })
    }

    /// Lets everything that can happen now happen, the trace included. Time passes only for workers that look at their
    /// queue again in a moment: a tenth of a second at most.
    pub fn settle(&self, sim: &SimWorld) {
        for _ in 0..MOMENTS_MAX {
            sim.run_until_stalled();
            sim.run(self.feed.caught_up());
            sim.run_until_stalled();
            let ready = |message: &MessageView| matches!(message.status, "Ready" | "Active");
            if !self.transport.queued_messages(None).iter().any(ready) {
                return;
            }
            sim.advance(MOMENT);
        }
        sim.run(self.feed.caught_up());
        sim.run_until_stalled();
    }
}

fn certificates(world: &World) -> Result<CertStore, Fault> {
    let now = world.clock.now();
    let year = now.checked_add(Span::new().hours(365 * 24)).map_err(text)?;
    let (certificate, key) = world::self_signed(&[SERVER.to_owned()], now, year).map_err(text)?;
    let store = CertStore::new();
    store.replace(vec![Certificate::from_pem(&certificate, &key).map_err(text)?], None);
    Ok(store)
}

/// The listeners as cmdlets change them.
struct Doors {
    transport: Transport,
    directory: Directory,
    exec: Executor,
}

/// Sockets opened for a change.
struct Opened {
    transport: Transport,
    exec: Executor,
    sockets: Option<Prepared>,
}

fn apply(transport: &Transport, exec: &Executor) {
    let transport = transport.clone();
    exec.spawn("apply connectors", async move {
        transport.apply_connectors().await.expect("the addresses were opened before the change");
    });
}

impl Listeners for Doors {
    fn bound(&self, connector: &str) -> Vec<SocketAddr> {
        let found = self.directory.snapshot().resolve_receive_connector(connector);
        let guid = found.map(|connector| connector.guid).unwrap_or_default();
        self.transport.bound().remove(&guid).unwrap_or_default()
    }

    fn prepare<'a>(
        &'a self,
        _connector: &'a str,
        bindings: &'a [SocketAddr],
    ) -> BoxFuture<'a, Result<Box<dyn PreparedListeners>, String>> {
        Box::pin(async move {
            let sockets = self.transport.prepare_bindings(bindings).await.map_err(text)?;
            let opened = Opened { transport: self.transport.clone(), exec: self.exec.clone(), sockets };
            Ok(Box::new(opened) as Box<dyn PreparedListeners>)
        })
    }

    // Sockets belong to a connector's GUID, which a new name leaves as it is.
    fn rename(&self, _from: &str, _to: &str) {}

    fn close(&self, _connector: &str) {
        apply(&self.transport, &self.exec);
    }
}

impl PreparedListeners for Opened {
    fn activate(self: Box<Self>) {
        self.transport.keep_prepared(self.sockets);
        apply(&self.transport, &self.exec);
    }
}

fn text(error: impl std::fmt::Display) -> Fault {
    error.to_string()
}

/// Makes the organization, where there is none yet.
fn seed(directory: &Directory) -> Result<(), Fault> {
    if directory.snapshot().is_seeded() {
        return Ok(());
    }
    // Nobody signs in as the administrator, so the hash need not be one.
    let password = PasswordHash::from_phc("none".to_owned());
    let seed = Seed { domain: DOMAIN, server_name: SERVER, password };
    directory.change("init", |draft| draft.seed(&seed)).map_err(text)?;
    Ok(())
}
