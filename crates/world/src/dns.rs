//! Name resolution: MX, addresses, TXT, SRV, PTR.
//!
//! May touch: UDP and TCP to the DNS servers, `resolv.conf` and `hosts` (the real resolver only).
//! Standards: RFC 1035, RFC 2782, RFC 5321 §5.1, RFC 7505.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, join};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as HickoryDnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use crate::{RealConfig, WorldError};

/// An answer is kept at most this long, whatever its own time to live.
const POSITIVE_TTL_MAX: Duration = Duration::from_secs(24 * 3600);
/// "No such name" is kept at most this long: somebody may be waiting for a record just added.
const NEGATIVE_TTL_MAX: Duration = Duration::from_secs(15 * 60);
/// Records used of one answer; a longer one is cut.
const RECORDS_MAX: usize = 256;

/// A mail exchanger, RFC 1035 §3.3.9.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mx {
    /// Lower is tried first.
    pub preference: u16,
    /// Lower-case A-label name without a trailing dot.
    pub host: String,
}

/// The place of a service, RFC 2782.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Srv {
    /// Lower is tried first.
    pub priority: u16,
    /// Share among those of the same priority.
    pub weight: u16,
    /// TCP or UDP port.
    pub port: u16,
    /// Lower-case A-label name without a trailing dot.
    pub target: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    /// The name does not exist, or cannot (too long, not a domain name).
    #[error("the name does not exist")]
    NxDomain,
    /// The name exists but has no records of this type.
    #[error("the name has no such records")]
    NoRecords,
    /// The domain says it takes no mail, RFC 7505 (MX lookups only).
    #[error("the domain does not accept mail (null MX)")]
    NullMx,
    /// No usable answer now: a timeout, a server failure, no server. Worth trying again.
    #[error("{0}")]
    Temporary(String),
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    Mx,
    A,
    Aaaa,
    Txt,
    Srv,
    Ptr,
}

/// One record of an answer. Names are lower-case without a trailing dot; the root is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Mx(Mx),
    Ip(IpAddr),
    Txt(String),
    Srv(Srv),
    Ptr(String),
}

/// What a resolver has to be able to do; simulated in `sim/dns.rs`. `Ok` is never empty.
pub(crate) trait DnsBackend: Send + Sync {
    fn lookup(&self, name: &str, question: Question) -> BoxFuture<'_, Result<Vec<Answer>, DnsError>>;
}

/// A handle on a resolver. Cheap to clone.
#[derive(Clone)]
pub struct Dns(Arc<dyn DnsBackend>);

impl Dns {
    pub(crate) fn from_backend(backend: Arc<dyn DnsBackend>) -> Self {
        Self(backend)
    }

    /// A caching resolver that asks the configured servers. Needs a tokio runtime when used.
    pub fn real(config: &RealConfig) -> Result<Self, WorldError> {
        Ok(Self(Arc::new(RealDns::new(config).map_err(|error| WorldError::Dns(error.to_string()))?)))
    }

    /// The domain's mail exchangers, lowest preference first; those of the same preference are in order of name and
    /// still to be shuffled (RFC 5321 §5.1). [`DnsError::NoRecords`] means the domain itself is its only exchanger,
    /// [`DnsError::NullMx`] that it takes no mail.
    pub async fn mx(&self, domain: &str) -> Result<Vec<Mx>, DnsError> {
        let mut found: Vec<Mx> = self
            .0
            .lookup(domain, Question::Mx)
            .await?
            .into_iter()
            .filter_map(|answer| if let Answer::Mx(mx) = answer { Some(mx) } else { None })
            .collect();
        // RFC 7505 §3: the exchanger "." stands alone; beside others it is a mistake and names no host.
        found.retain(|mx| !mx.host.is_empty());
        if found.is_empty() {
            return Err(DnsError::NullMx);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// The host's addresses, IPv4 first. An address literal (without brackets) is returned as it is. If only one of
    /// the two lookups fails, what the other found is returned.
    pub async fn ips(&self, host: &str) -> Result<Vec<IpAddr>, DnsError> {
        if let Ok(ip) = IpAddr::from_str(host) {
            return Ok(vec![ip]);
        }
        let (v4, v6) = join(self.0.lookup(host, Question::A), self.0.lookup(host, Question::Aaaa)).await;
        let found = match (v4, v6) {
            (Ok(v4), Ok(v6)) => v4.into_iter().chain(v6).collect(),
            (Ok(one), Err(_)) | (Err(_), Ok(one)) => one,
            (Err(error @ DnsError::Temporary(_)), Err(_)) | (Err(_), Err(error @ DnsError::Temporary(_))) => {
                return Err(error);
            }
            (Err(DnsError::NxDomain), Err(DnsError::NxDomain)) => return Err(DnsError::NxDomain),
            (Err(_), Err(_)) => return Err(DnsError::NoRecords),
        };
        Ok(found
            .into_iter()
            .filter_map(|answer| if let Answer::Ip(ip) = answer { Some(ip) } else { None })
            .collect())
    }

    /// The name's TXT records, the strings of each joined without a separator; bytes that are not UTF-8 are replaced.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let found = self.0.lookup(name, Question::Txt).await?;
        Ok(found
            .into_iter()
            .filter_map(|answer| if let Answer::Txt(text) = answer { Some(text) } else { None })
            .collect())
    }

    /// The places of a service such as `_autodiscover._tcp.contoso.example`, by priority, then greatest weight first.
    /// The target "." (service decidedly not available) is [`DnsError::NoRecords`].
    pub async fn srv(&self, name: &str) -> Result<Vec<Srv>, DnsError> {
        let mut found: Vec<Srv> = self
            .0
            .lookup(name, Question::Srv)
            .await?
            .into_iter()
            .filter_map(|answer| if let Answer::Srv(srv) = answer { Some(srv) } else { None })
            .filter(|srv| !srv.target.is_empty())
            .collect();
        if found.is_empty() {
            return Err(DnsError::NoRecords);
        }
        found.sort_by(|a, b| (a.priority, b.weight, &a.target).cmp(&(b.priority, a.weight, &b.target)));
        Ok(found)
    }

    /// The names an address maps back to.
    pub async fn ptr(&self, ip: IpAddr) -> Result<Vec<String>, DnsError> {
        let found = self.0.lookup(&reverse_name(ip), Question::Ptr).await?;
        Ok(found
            .into_iter()
            .filter_map(|answer| if let Answer::Ptr(name) = answer { Some(name) } else { None })
            .collect())
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dns")
    }
}

/// The name that PTR records of an address stand under, without a trailing dot (RFC 1035 §3.5, RFC 3596 §2.5).
pub fn reverse_name(ip: IpAddr) -> String {
    host_text(&Name::from(ip.to_canonical()))
}

/// Lower-case A-label text without a trailing dot; empty for the root.
pub(crate) fn host_text(name: &Name) -> String {
    let mut text = name.to_ascii().to_ascii_lowercase();
    if text.ends_with('.') {
        text.pop();
    }
    text
}

/// A name as asked: never completed from a search list. `None` if it is no domain name.
pub(crate) fn absolute_name(name: &str) -> Option<Name> {
    let mut parsed = Name::from_utf8(name).ok()?;
    parsed.set_fqdn(true);
    Some(parsed)
}

struct RealDns(TokioResolver);

impl RealDns {
    fn new(config: &RealConfig) -> Result<Self, NetError> {
        let mut builder = if config.dns_servers.is_empty() {
            let mut builder = TokioResolver::builder_tokio()?;
            builder.options_mut().use_hosts_file = ResolveHosts::Always;
            builder
        } else {
            let servers = config.dns_servers.iter().map(|address| server_config(*address)).collect();
            let parts = ResolverConfig::from_parts(None, Vec::new(), servers);
            let mut builder = TokioResolver::builder_with_config(parts, TokioRuntimeProvider::default());
            builder.options_mut().use_hosts_file = ResolveHosts::Never;
            builder
        };
        let options = builder.options_mut();
        options.timeout = config.dns_timeout;
        options.attempts = config.dns_attempts.max(1);
        options.cache_size = config.dns_cache_entries;
        options.positive_max_ttl = Some(POSITIVE_TTL_MAX);
        options.negative_max_ttl = Some(NEGATIVE_TTL_MAX);
        Ok(Self(builder.build()?))
    }
}

fn server_config(address: SocketAddr) -> NameServerConfig {
    let mut udp = ConnectionConfig::udp();
    udp.port = address.port();
    let mut tcp = ConnectionConfig::tcp();
    tcp.port = address.port();
    NameServerConfig::new(address.ip(), true, vec![udp, tcp])
}

impl DnsBackend for RealDns {
    fn lookup(&self, name: &str, question: Question) -> BoxFuture<'_, Result<Vec<Answer>, DnsError>> {
        let name = absolute_name(name);
        Box::pin(async move {
            let name = name.ok_or(DnsError::NxDomain)?;
            let record_type = match question {
                Question::Mx => RecordType::MX,
                Question::A => RecordType::A,
                Question::Aaaa => RecordType::AAAA,
                Question::Txt => RecordType::TXT,
                Question::Srv => RecordType::SRV,
                Question::Ptr => RecordType::PTR,
            };
            let found = self.0.lookup(name, record_type).await.map_err(|error| sort_error(&error))?;
            // A CNAME on the way stands in the answer too and is passed over here.
            let answers: Vec<Answer> = found
                .answers()
                .iter()
                .filter(|record| record.record_type() == record_type)
                .filter_map(|record| read_record(&record.data))
                .take(RECORDS_MAX)
                .collect();
            if answers.is_empty() { Err(DnsError::NoRecords) } else { Ok(answers) }
        })
    }
}

fn sort_error(error: &NetError) -> DnsError {
    match error {
        NetError::Dns(HickoryDnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => DnsError::NxDomain,
            ResponseCode::NoError => DnsError::NoRecords,
            code => DnsError::Temporary(format!("the DNS server answered {code}")),
        },
        NetError::Dns(HickoryDnsError::ResponseCode(code)) => {
            DnsError::Temporary(format!("the DNS server answered {code}"))
        }
        NetError::Timeout => DnsError::Temporary("no DNS server answered in time".to_owned()),
        other => DnsError::Temporary(other.to_string()),
    }
}

fn read_record(data: &RData) -> Option<Answer> {
    Some(match data {
        RData::MX(mx) => Answer::Mx(Mx { preference: mx.preference, host: host_text(&mx.exchange) }),
        RData::A(ip) => Answer::Ip(IpAddr::V4(ip.0)),
        RData::AAAA(ip) => Answer::Ip(IpAddr::V6(ip.0)),
        RData::TXT(text) => Answer::Txt(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
        RData::SRV(srv) => Answer::Srv(Srv {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            target: host_text(&srv.target),
        }),
        RData::PTR(name) => Answer::Ptr(host_text(&name.0)),
        _ => return None,
    })
}
