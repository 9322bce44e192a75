//! An authoritative DNS server on loopback for tests, so that the real resolver has something to ask.
//!
//! May touch: a UDP and a TCP socket on 127.0.0.1. For tests only: production code never starts it.
//! Standards: RFC 1035, RFC 2782, RFC 7505.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, PTR, SOA, SRV, TXT};
use hickory_resolver::proto::rr::{LowerName, Name, RData, Record, RrKey};
use hickory_server::Server;
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};

use crate::dns::{absolute_name, reverse_name};

/// Time to live of every record, in seconds; also for "no such name".
const TTL_SECS: u32 = 60;
/// How often a port that is free for UDP is tried for TCP as well.
const BIND_ATTEMPTS: usize = 32;
/// A TCP client that asks nothing for this long is cut off.
const TCP_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of one TCP answer held before it is written.
const TCP_BUFFER_BYTES: usize = 64 * 1024;
/// Longest character-string of a TXT record, RFC 1035 §3.3.
const TXT_STRING_BYTES_MAX: usize = 255;

/// A running server that is the authority for every name. Stops when dropped.
pub struct TestDns {
    address: SocketAddr,
    zone: Arc<InMemoryZoneHandler>,
    _server: Server<Catalog>,
}

fn name_of(text: &str) -> io::Result<Name> {
    absolute_name(text)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, format!("{text} is no domain name")))
}

impl TestDns {
    /// Starts an empty server on a free port of 127.0.0.1: every name is NXDOMAIN.
    pub async fn start() -> io::Result<Self> {
        let (udp, tcp) = bind_both().await?;
        let address = udp.local_addr()?;
        let root = Name::root();
        let zone = Arc::new(InMemoryZoneHandler::empty(root.clone(), ZoneType::Primary, AxfrPolicy::Deny));
        let authority = name_of("testdns.invalid")?;
        let lifetime = i32::try_from(TTL_SECS).unwrap_or(i32::MAX);
        let soa = SOA::new(authority.clone(), authority, 1, lifetime, lifetime, lifetime, TTL_SECS);
        zone.upsert(Record::from_rdata(root.clone(), TTL_SECS, RData::SOA(soa)), 1).await;
        let mut catalog = Catalog::new();
        catalog.upsert(LowerName::new(&root), vec![Arc::clone(&zone) as _]);
        let mut server = Server::new(catalog);
        server.register_socket(udp);
        server.register_listener(tcp, TCP_TIMEOUT, TCP_BUFFER_BYTES);
        Ok(Self { address, zone, _server: server })
    }

    /// Where it listens, UDP and TCP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    async fn add(&self, name: &str, data: RData) -> io::Result<()> {
        if self.zone.upsert(Record::from_rdata(name_of(name)?, TTL_SECS, data), 1).await {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name} cannot take this record as well")))
    }

    /// Adds an MX record; the host `.` makes it a null MX (RFC 7505).
    pub async fn add_mx(&self, domain: &str, preference: u16, host: &str) -> io::Result<()> {
        self.add(domain, RData::MX(MX::new(preference, name_of(host)?))).await
    }

    /// Adds an A or AAAA record.
    pub async fn add_ip(&self, host: &str, ip: IpAddr) -> io::Result<()> {
        let data = match ip {
            IpAddr::V4(ip) => RData::A(A(ip)),
            IpAddr::V6(ip) => RData::AAAA(AAAA(ip)),
        };
        self.add(host, data).await
    }

    /// Adds a TXT record, cut into strings of at most 255 bytes.
    pub async fn add_txt(&self, name: &str, text: &str) -> io::Result<()> {
        let strings = text.as_bytes().chunks(TXT_STRING_BYTES_MAX).collect();
        self.add(name, RData::TXT(TXT::from_bytes(strings))).await
    }

    /// Adds a CNAME record.
    pub async fn add_cname(&self, alias: &str, name: &str) -> io::Result<()> {
        self.add(alias, RData::CNAME(CNAME(name_of(name)?))).await
    }

    /// Adds an SRV record.
    pub async fn add_srv(&self, name: &str, srv: &crate::Srv) -> io::Result<()> {
        let target = name_of(&srv.target)?;
        self.add(name, RData::SRV(SRV::new(srv.priority, srv.weight, srv.port, target))).await
    }

    /// Adds a PTR record for an address.
    pub async fn add_ptr(&self, ip: IpAddr, name: &str) -> io::Result<()> {
        self.add(&reverse_name(ip), RData::PTR(PTR(name_of(name)?))).await
    }

    /// Removes all records of a name.
    pub async fn remove(&self, name: &str) -> io::Result<()> {
        let name = LowerName::new(&name_of(name)?);
        self.zone.records_mut().await.retain(|key: &RrKey, _| *key.name() != name);
        Ok(())
    }
}

impl std::fmt::Debug for TestDns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TestDns({})", self.address)
    }
}

/// UDP and TCP sockets on the same free port.
async fn bind_both() -> io::Result<(tokio::net::UdpSocket, tokio::net::TcpListener)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..BIND_ATTEMPTS {
        let udp = tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match tokio::net::TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => last = error,
        }
    }
    Err(last)
}
