//! Opens the parts of a server in the order in which they need each other.
//!
//! May touch: everything in the data directory; the real world.

use std::path::PathBuf;
use std::sync::Arc;

use admin::Instance;
use directory::{Credentials, Directory};
use mailbox::MailboxStore;
use spool::Spool;
use trace::{Feed, Trace};
use transport::{Parts, Transport};
use world::{RealConfig, World};

use crate::certificates::Certificates;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::health::{self, Health};
use crate::serve::Duty;

/// A server whose parts are open; nothing listens yet.
pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) directory: Directory,
    pub(crate) credentials: Credentials,
    pub(crate) spool: Spool,
    pub(crate) mailboxes: MailboxStore,
    pub(crate) trace: Trace,
    pub(crate) feed: Feed,
    pub(crate) transport: Transport,
    pub(crate) certificates: Certificates,
}

impl Server {
    /// Opens everything and applies again what a crash took back. Blocks.
    pub(crate) async fn open(dir: &DataDir, config: &Config) -> Result<Self, Failure> {
        let real = RealConfig {
            dns_servers: config.dns.servers.clone(),
            roots: config.tls.roots(dir.root())?,
            ..RealConfig::default()
        };
        let world = World::real(&real).map_err(|error| Failure(error.to_string()))?;
        let directory = open_directory(dir, &world)?;
        let credentials = Credentials::new(&directory, &world.clock, &world.chance, &world.exec);
        let certificates = Certificates::new(dir, &directory, &world.disk, &world.clock);
        certificates.load();
        let spool = open_spool(dir, &world)?;
        let mailboxes = MailboxStore::open(
            &world.disk,
            &world.clock,
            &world.exec,
            dir.root(),
            mailbox::Config::default(),
        )
        .map_err(|error| Failure::of("cannot open the mailboxes", error))?;
        let trace = open_trace(dir, &world, &directory, config)?;
        let feed =
            trace.feed(&spool).await.map_err(|error| Failure::of("cannot start the message trace", error))?;
        let lagging = feed.clone();
        let parts = Parts {
            world: world.clone(),
            directory: directory.clone(),
            credentials: credentials.clone(),
            spool: spool.clone(),
            mailboxes: mailboxes.clone(),
            refusals: trace.refusals().clone(),
            certificates: certificates.smtp().clone(),
            log_dir: dir.logs(),
            data_dir: PathBuf::from(dir.root()),
            feed_lag: Arc::new(move || lagging.lag().events),
        };
        let (transport, report) =
            Transport::open(parts).await.map_err(|error| Failure::of("cannot start the transport", error))?;
        tracing::info!(
            queued = report.queued,
            submitted = report.submitted,
            unreadable = report.unreadable,
            redo = ?report.redo,
            "the queues are as they were"
        );
        Ok(Self { world, directory, credentials, spool, mailboxes, trace, feed, transport, certificates })
    }

    /// What cmdlets see, with the services that run.
    pub(crate) fn instance(&self, services: admin::Services) -> Instance {
        Instance {
            directory: self.directory.clone(),
            credentials: self.credentials.clone(),
            world: self.world.clone(),
            services,
            seats: admin::http::Seats::default(),
            just_made: admin::http::JustMade::default(),
        }
    }

    /// What monitors see.
    pub(crate) fn health(&self, duty: Duty) -> Health {
        Health(Arc::new(health::Parts {
            duty,
            world: self.world.clone(),
            directory: self.directory.clone(),
            spool: self.spool.clone(),
            trace: self.trace.clone(),
            feed: self.feed.clone(),
            transport: self.transport.clone(),
            certificates: self.certificates.clone(),
        }))
    }
}

fn open_directory(dir: &DataDir, world: &World) -> Result<Directory, Failure> {
    let path = dir.directory();
    let directory = Directory::open(&world.disk, &path, &world.clock, &world.chance)
        .map_err(|error| Failure::of(format!("cannot open {}", path.display()), error))?;
    if directory.snapshot().is_seeded() {
        return Ok(directory);
    }
    Err(Failure(format!("{} holds no organization; restore it from a backup", path.display())))
}

fn open_spool(dir: &DataDir, world: &World) -> Result<Spool, Failure> {
    let mut config = spool::Config::default();
    world.chance.fill(&mut config.secret);
    let (spool, report) = Spool::open(&world.disk, &world.clock, &world.exec, dir.spool(), config)
        .map_err(|error| Failure::of("cannot open the spool", error))?;
    for line in report.to_string().lines() {
        if report.is_clean() { tracing::info!("{line}") } else { tracing::error!("{line}") }
    }
    for file in &report.set_aside {
        tracing::warn!(
            file,
            "a damaged segment or a body without its message is set aside; look at it and delete it"
        );
    }
    Ok(spool)
}

fn open_trace(
    dir: &DataDir,
    world: &World,
    directory: &Directory,
    config: &Config,
) -> Result<Trace, Failure> {
    let snapshot = directory.snapshot();
    let settings = trace::Config {
        retention_days: config.trace.retention_days,
        message_expiration: snapshot.transport_service().message_expiration_timeout,
        ..trace::Config::new(&snapshot.organization().server_name)
    };
    Trace::open(&world.disk, &world.clock, &world.exec, &dir.trace(), settings)
        .map_err(|error| Failure::of("cannot open the message trace", error))
}
