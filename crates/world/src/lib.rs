//! Ambient authority as handles: clock, chance, executor, disk, network, TLS and DNS, each real and simulated.
//!
//! May touch: everything a process can reach; no other crate may.
//!
//! A program part that needs the time, a random number, a file or a socket takes the handle as a parameter. In
//! production the handles come from [`World::real`], in a test from [`sim::SimWorld`], where two days of retries or a
//! power cut take milliseconds and come out the same for the same seed.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this crate is where ambient authority lives"
)]

mod certificate;
mod chance;
mod clock;
mod dial;
mod disk;
mod dns;
mod executor;
mod net;
pub mod sim;
pub mod testdns;
mod tls;

#[cfg(test)]
mod tests;

pub use certificate::{Certificate, CertificateInfo, self_signed};
pub use chance::Chance;
pub use clock::{Clock, TimedOut};
pub use dial::is_public;
pub use disk::{
    DirEntry, Disk, DiskFile, DiskLock, FileKind, LockError, Metadata, OpenMode, SQLITE_BUSY_TIMEOUT,
    SQLITE_VERSION_MIN, Space, SqliteError, SqliteMode,
};
pub use dns::{Dns, DnsError, Mx, Srv, reverse_name};
pub use executor::{Executor, Writer, WriterGone};
pub use net::{BoxedIo, Conn, Io, LISTEN_BACKLOG, Listener, LocalConn, LocalListener, Net};
pub use tls::{CertStore, Roots, TlsAcceptor, TlsConnector, TlsError, TlsInfo, Verification};

use std::net::SocketAddr;
use std::time::Duration;

/// Every handle a part of the program may be given. Cheap to clone.
#[derive(Clone, Debug)]
pub struct World {
    /// Wall-clock and elapsed time, sleeping, timeouts.
    pub clock: Clock,
    /// Random numbers.
    pub chance: Chance,
    /// Tasks, blocking work and writer threads.
    pub exec: Executor,
    /// Files, directories, locks, SQLite.
    pub disk: Disk,
    /// TCP and Unix sockets.
    pub net: Net,
    /// Name resolution.
    pub dns: Dns,
    /// Whom clients trust that verify the certificate of the server they talk to.
    pub roots: Roots,
}

/// Default time one DNS query to one server may take.
pub const DNS_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);
/// Default number of times a DNS query that timed out is sent again.
pub const DNS_ATTEMPTS_DEFAULT: usize = 2;
/// Default bound of the DNS cache, in answers.
pub const DNS_CACHE_ENTRIES_DEFAULT: u64 = 32_768;

/// What the real world has to be told.
#[derive(Clone, Debug)]
pub struct RealConfig {
    /// DNS servers to ask, UDP and TCP; empty = those of the system's `resolv.conf`.
    pub dns_servers: Vec<SocketAddr>,
    /// Time one query to one server may take.
    pub dns_timeout: Duration,
    /// How often a query that timed out is sent again.
    pub dns_attempts: usize,
    /// Bound of the DNS cache, in answers.
    pub dns_cache_entries: u64,
    /// Whom clients trust.
    pub roots: Roots,
}

impl Default for RealConfig {
    fn default() -> Self {
        Self {
            dns_servers: Vec::new(),
            dns_timeout: DNS_TIMEOUT_DEFAULT,
            dns_attempts: DNS_ATTEMPTS_DEFAULT,
            dns_cache_entries: DNS_CACHE_ENTRIES_DEFAULT,
            roots: Roots::System,
        }
    }
}

/// Why the real world could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// [`World::real`] was called outside a tokio runtime.
    #[error("no tokio runtime is running")]
    NoRuntime,
    /// The resolver could not be configured, for example because `resolv.conf` cannot be read.
    #[error("cannot set up name resolution: {0}")]
    Dns(String),
}

impl World {
    /// The real machine. Must be called inside a tokio runtime with IO and time enabled, on which tasks then run.
    pub fn real(config: &RealConfig) -> Result<Self, WorldError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| WorldError::NoRuntime)?;
        Ok(Self {
            clock: Clock::real(),
            chance: Chance::real(),
            exec: Executor::real(runtime),
            disk: Disk::real(),
            net: Net::real(),
            dns: Dns::real(config)?,
            roots: config.roots.clone(),
        })
    }
}
