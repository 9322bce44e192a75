//! Chooses the connector: for a client that comes in, and for a message that goes out.
//!
//! May touch: nothing (pure).

use std::cmp::Reverse;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::certificate::{Certificate, CertificateService};
use crate::domain_pattern::key_of;
use crate::name::fold;
use crate::receive_connector::ReceiveConnector;
use crate::send_connector::{AddressSpace, SendConnector};
use crate::snapshot::Snapshot;

/// The Send connector for a recipient.
#[derive(Debug, Clone)]
pub enum Selection {
    /// This one.
    Connector {
        /// The connector.
        connector: Arc<SendConnector>,
        /// Its address space that fits best.
        space: AddressSpace,
    },
    /// No enabled connector is for the domain: the Unreachable queue.
    NoMatch,
    /// There are connectors for the domain, but the message is too large for each: an NDR.
    AllTooSmall {
        /// The largest message one of them takes, bytes.
        largest: u64,
    },
}

impl Snapshot {
    /// The local addresses of a connector: those its listeners really have, else its Bindings.
    pub fn effective_bindings<'a>(&'a self, connector: &'a ReceiveConnector) -> &'a [SocketAddr] {
        self.bound.get(&connector.guid).map_or(connector.bindings.as_slice(), Vec::as_slice)
    }

    /// The Receive connector for a client at `peer` who reached us at `local`: of the enabled
    /// connectors with that binding the one whose range holds the client most closely. A binding to the address
    /// itself comes before one to all addresses (`0.0.0.0`, `::`).
    pub fn select_receive_connector(&self, local: SocketAddr, peer: IpAddr) -> Option<Arc<ReceiveConnector>> {
        let local = SocketAddr::new(local.ip().to_canonical(), local.port());
        let is_exact = |binding: &SocketAddr| binding.ip().to_canonical() == local.ip();
        // `[::]` takes IPv4 clients as well where the system lets it.
        let is_wildcard =
            |binding: &SocketAddr| binding.ip().is_unspecified() && (binding.is_ipv6() || local.is_ipv4());
        self.most_specific(peer, |connector| self.bindings_at(connector, local.port()).any(is_exact)).or_else(
            || {
                self.most_specific(peer, |connector| {
                    self.bindings_at(connector, local.port()).any(is_wildcard)
                })
            },
        )
    }

    /// The same among connectors already known to share a listener.
    pub fn select_receive_connector_of(
        &self,
        connectors: &[Uuid],
        peer: IpAddr,
    ) -> Option<Arc<ReceiveConnector>> {
        self.most_specific(peer, |connector| connectors.contains(&connector.guid))
    }

    fn bindings_at<'a>(
        &'a self,
        connector: &'a ReceiveConnector,
        port: u16,
    ) -> impl Iterator<Item = &'a SocketAddr> {
        self.effective_bindings(connector).iter().filter(move |binding| binding.port() == port)
    }

    fn most_specific(
        &self,
        peer: IpAddr,
        is_candidate: impl Fn(&ReceiveConnector) -> bool,
    ) -> Option<Arc<ReceiveConnector>> {
        self.receive_connectors
            .values()
            .filter(|connector| connector.enabled && is_candidate(connector))
            .filter_map(|connector| connector.range_for(peer).map(|range| (range.span(), connector)))
            .min_by_key(|(span, _)| *span)
            .map(|(_, connector)| Arc::clone(connector))
    }

    /// The Send connector for a recipient's domain and a message of `size` bytes: the closest
    /// address space, then the lowest cost, then the lowest name.
    pub fn select_send_connector(&self, domain: &str, size: u64) -> Selection {
        let domain = key_of(domain);
        let mut best = None;
        let mut largest: Option<u64> = None;
        for connector in self.send_connectors.values().filter(|connector| connector.enabled) {
            let fitting = connector.address_spaces.iter().filter_map(|space| {
                space.space.closeness(&domain).map(|closeness| (Reverse(closeness), space.cost, space))
            });
            let Some((closeness, cost, space)) = fitting.min() else { continue };
            if let Some(limit) = connector.limits.max_message_size.filter(|limit| *limit < size) {
                largest = largest.max(Some(limit));
                continue;
            }
            let rank = (closeness, cost, fold(&connector.name));
            if best.as_ref().is_none_or(|(best_rank, _, _)| rank < *best_rank) {
                best = Some((rank, connector, space));
            }
        }
        match (best, largest) {
            (Some((_, connector, space)), _) => {
                Selection::Connector { connector: Arc::clone(connector), space: space.clone() }
            }
            (None, Some(largest)) => Selection::AllTooSmall { largest },
            (None, None) => Selection::NoMatch,
        }
    }

    /// The certificate to show: the one a connector names, else of those for the service one that covers `host`
    /// (SNI, or our own name). Valid ones come before others, then the one that ends last.
    pub fn select_certificate(
        &self,
        named: Option<&str>,
        service: CertificateService,
        host: Option<&str>,
        now: Timestamp,
    ) -> Option<Arc<Certificate>> {
        if let Some(name) = named
            && let Some(certificate) =
                self.certificates.values().find(|certificate| certificate.is_named(name))
        {
            return Some(Arc::clone(certificate));
        }
        self.certificates
            .values()
            .filter(|certificate| certificate.services.contains(&service))
            .max_by_key(|certificate| {
                (
                    certificate.is_valid_at(now),
                    host.is_some_and(|host| certificate.covers(host)),
                    !certificate.is_self_signed,
                    certificate.not_after,
                )
            })
            .cloned()
    }
}
