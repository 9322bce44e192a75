//! Decides which hosts a queue's mail may go to, and in which order they are tried.
//!
//! May touch: DNS, chance (the order of equal exchangers); otherwise pure.
//! Standards: RFC 5321 §5.1 (MX, implicit MX, own name among the exchangers), §4.1.3 (address literals); RFC 7505.

use std::collections::VecDeque;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use directory::{ErrorPolicy, SendConnector, SmartHost, Snapshot};
use events::{Reason, Source};
use world::{DnsError, Mx, World};

use crate::failure::Failure;
use crate::queue::key::{DeliveryType, QueueKey};

/// Addresses tried before a connection counts as failed; RFC 5321 §5.1 asks for at least two.
pub(super) const ADDRESSES_TRIED_MAX: usize = 10;
/// Exchangers of one domain that are looked up.
pub(super) const EXCHANGERS_MAX: usize = 20;

/// One address of a host mail may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    /// Its name, or its address where it has none.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) address: SocketAddr,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ip = self.address.ip().to_string();
        if self.name == ip { write!(f, "[{ip}]") } else { write!(f, "{} [{ip}]", self.name) }
    }
}

/// Why there is no host to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoHost {
    /// There never will be: every recipient fails.
    Never(Failure),
    /// There may be later: the queue waits.
    Later {
        /// The cause.
        reason: Reason,
        /// The cause in words, as a reply.
        error: String,
    },
}

/// What is still to be looked at, the next one first.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lead {
    /// A recipient domain: MX, else its own address.
    Domain(String),
    /// A smart host by name: MX, else its own address.
    SmartHost(String),
    /// A host by name: its addresses.
    Named(String),
    /// An address.
    Address(Host),
}

/// The hosts of one queue, found as they are needed: a second exchanger is looked up when the first does not answer.
#[derive(Debug)]
pub(super) struct Hosts {
    leads: VecDeque<Lead>,
    port: u16,
    /// Local address connections come from: hosts of the other family cannot be reached.
    source: Option<IpAddr>,
    /// Names of this server, lower case.
    own: Vec<String>,
    downgrade: bool,
    for_domain: bool,
    given: usize,
    /// Why a lead led nowhere for now.
    obstacle: Option<(Reason, String)>,
}

/// The Send connector of a queue; nothing where it is gone, disabled, or leads elsewhere now, so that the messages
/// have to be categorized again.
pub(crate) fn connector_of(snapshot: &Snapshot, key: &QueueKey) -> Option<Arc<SendConnector>> {
    let connector = snapshot.send_connectors().find(|connector| connector.guid == key.connector)?;
    let leads_there = match key.delivery_type {
        DeliveryType::SmartHostConnectorDelivery => connector.smart_hosts_string() == key.next_hop_domain,
        DeliveryType::DnsConnectorDelivery => connector.dns_routing_enabled(),
        DeliveryType::SmtpDeliveryToMailbox | DeliveryType::Unreachable => false,
    };
    (connector.enabled && leads_there).then(|| Arc::clone(connector))
}

impl Hosts {
    /// Where the mail of a queue begins to look.
    pub(super) fn new(snapshot: &Snapshot, connector: &SendConnector, key: &QueueKey) -> Self {
        let for_domain = connector.dns_routing_enabled();
        let mut own = vec![snapshot.organization().server_fqdn.to_ascii_lowercase()];
        own.extend(connector.fqdn.as_ref().map(|name| name.to_ascii_lowercase()));
        let mut hosts = Self {
            leads: VecDeque::new(),
            port: connector.port,
            source: connector.source_ip_address,
            own,
            downgrade: connector.error_policies.contains(&ErrorPolicy::DowngradeDnsFailures),
            for_domain,
            given: 0,
            obstacle: None,
        };
        if for_domain {
            let lead = match literal(&key.next_hop_domain) {
                Some(ip) => hosts.address(ip.to_string(), ip),
                None => Lead::Domain(key.next_hop_domain.to_ascii_lowercase()),
            };
            hosts.leads.push_back(lead);
        }
        for smart_host in &connector.smart_hosts {
            let lead = match smart_host {
                SmartHost::Ip(ip) => hosts.address(ip.to_string(), *ip),
                SmartHost::Name(name) => Lead::SmartHost(name.clone()),
            };
            hosts.leads.push_back(lead);
        }
        hosts
    }

    /// The next host to try; nothing when all were tried.
    ///
    /// # Errors
    /// Why there was no host at all.
    pub(super) async fn next(&mut self, world: &World) -> Result<Option<Host>, NoHost> {
        while self.given < ADDRESSES_TRIED_MAX
            && let Some(lead) = self.leads.pop_front()
        {
            match lead {
                Lead::Domain(name) => {
                    let found = world.dns.mx(&name).await;
                    let found =
                        self.exchangers(&name, found, world).map_err(|no_host| self.judge(no_host))?;
                    self.lead_on(found);
                }
                Lead::SmartHost(name) => {
                    let found = match world.dns.mx(&name).await {
                        // The administrator named this host: without exchangers it is the host itself.
                        Err(DnsError::NxDomain | DnsError::NoRecords | DnsError::NullMx) => {
                            Ok(vec![name.clone()])
                        }
                        found => self.exchangers(&name, found, world),
                    };
                    match found {
                        Ok(found) => self.lead_on(found),
                        Err(NoHost::Never(failure)) => self.note(failure.reason, failure.reply),
                        Err(NoHost::Later { reason, error }) => self.note(reason, error),
                    }
                }
                Lead::Named(name) => match world.dns.ips(&name).await {
                    Ok(ips) => {
                        for ip in ips.into_iter().rev() {
                            let lead = self.address(name.clone(), ip);
                            self.leads.push_front(lead);
                        }
                    }
                    Err(DnsError::Temporary(error)) => {
                        self.note(Reason::DnsTemporary, dns_failed(&name, &error))
                    }
                    Err(error) if !self.for_domain => {
                        self.note(Reason::DnsNoRecords, dns_failed(&name, &error.to_string()));
                    }
                    Err(_) => {}
                },
                Lead::Address(host) => {
                    if self.source.is_some_and(|source| source.is_ipv4() != host.address.is_ipv4()) {
                        let error = format!("441 4.4.1 {host} cannot be reached from SourceIPAddress");
                        self.note(Reason::ConnectionRefused, error);
                        continue;
                    }
                    self.given = self.given.saturating_add(1);
                    return Ok(Some(host));
                }
            }
        }
        if self.given > 0 { Ok(None) } else { Err(self.nobody()) }
    }

    /// The exchangers in the order they are tried.
    fn exchangers(
        &self,
        name: &str,
        found: Result<Vec<Mx>, DnsError>,
        world: &World,
    ) -> Result<Vec<String>, NoHost> {
        let found = match found {
            Ok(found) => found,
            // RFC 5321 §5.1: the domain itself is its exchanger, with preference 0.
            Err(DnsError::NoRecords) => vec![Mx { preference: 0, host: name.to_owned() }],
            Err(DnsError::NxDomain) => return Err(NoHost::Never(Failure::nx_domain())),
            Err(DnsError::NullMx) => return Err(NoHost::Never(Failure::null_mx())),
            Err(DnsError::Temporary(error)) => {
                return Err(NoHost::Later { reason: Reason::DnsTemporary, error: dns_failed(name, &error) });
            }
        };
        let usable = before_own(found, &self.own);
        if usable.is_empty() {
            return Err(NoHost::Never(routes_to_self()));
        }
        Ok(in_order(usable, || world.chance.u64()))
    }

    fn lead_on(&mut self, names: Vec<String>) {
        for name in names.into_iter().take(EXCHANGERS_MAX).rev() {
            self.leads.push_front(Lead::Named(name));
        }
    }

    fn address(&self, name: String, ip: IpAddr) -> Lead {
        Lead::Address(Host { name, address: SocketAddr::new(ip, self.port) })
    }

    fn note(&mut self, reason: Reason, error: String) {
        self.obstacle.get_or_insert((reason, error));
    }

    fn nobody(&mut self) -> NoHost {
        match self.obstacle.take() {
            Some((reason, error)) => NoHost::Later { reason, error },
            // RFC 5321 §5.1: MX records none of which can be used are an error to report.
            None => self.judge(NoHost::Never(Failure::no_mail_host())),
        }
    }

    fn judge(&self, no_host: NoHost) -> NoHost {
        match no_host {
            NoHost::Never(failure) if self.downgrade => {
                NoHost::Later { reason: failure.reason, error: failure.reply }
            }
            other => other,
        }
    }
}

/// RFC 5321 §5.1: where this server is an exchanger itself, only better ones may be used, lest mail goes in circles.
fn before_own(mut found: Vec<Mx>, own: &[String]) -> Vec<Mx> {
    let mine = found.iter().filter(|mx| own.contains(&mx.host)).map(|mx| mx.preference).min();
    if let Some(mine) = mine {
        found.retain(|mx| mx.preference < mine);
    }
    found
}

/// RFC 5321 §5.1: by preference, equals in any order, so that they share the load.
fn in_order(mut found: Vec<Mx>, mut chance: impl FnMut() -> u64) -> Vec<String> {
    found.sort_by_cached_key(|mx| (mx.preference, chance()));
    found.into_iter().map(|mx| mx.host).collect()
}

/// The address in `[192.0.2.1]` or `[IPv6:2001:db8::1]`, RFC 5321 §4.1.3.
fn literal(domain: &str) -> Option<IpAddr> {
    let inside = domain.strip_prefix('[')?.strip_suffix(']')?;
    match inside.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => {
            inside.get(5..)?.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
        }
        _ => inside.parse().ok(),
    }
}

fn dns_failed(name: &str, error: &str) -> String {
    format!("451 4.4.0 DNS query failed for {name}: {error}")
}

fn routes_to_self() -> Failure {
    Failure::new(
        Reason::RoutesToSelf,
        Source::Dns,
        "5.4.6",
        "SMTPSEND.DNS.MxLoopback; DNS records for this domain are configured in a loop",
    )
}

#[cfg(test)]
mod tests;
