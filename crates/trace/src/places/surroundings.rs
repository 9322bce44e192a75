//! What a reader is told of the world around a record: accepted domains, and which host is which place.
//!
//! May touch: nothing (pure).

use std::collections::HashMap;

use events::{DomainKind, NextHop};

/// Domains and hosts as they were when a record was read.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Accepted domains, in lower case; `*.contoso.example` stands for its subdomains.
    pub domains: HashMap<String, DomainKind>,
    /// Hosts of places that are read, in lower case, and our own servers: the name is that of the place.
    pub hosts: HashMap<String, String>,
}

impl Surroundings {
    /// Whose the domain of an address is; `None` where no domains were given at all.
    pub(crate) fn domain(&self, address: &str) -> Option<DomainKind> {
        if self.domains.is_empty() {
            return None;
        }
        let (_, domain) = address.rsplit_once('@')?;
        let domain = domain.to_ascii_lowercase();
        if let Some(kind) = self.domains.get(&domain) {
            return Some(*kind);
        }
        let mut rest = domain.as_str();
        while let Some((_, parent)) = rest.split_once('.') {
            if let Some(kind) = self.domains.get(&format!("*.{parent}")) {
                return Some(*kind);
            }
            rest = parent;
        }
        Some(DomainKind::Outside)
    }

    /// What is known of a next hop by its name: a place, this very machine, or the outside.
    pub(crate) fn next_hop(&self, host: &str, ip: Option<std::net::IpAddr>) -> NextHop {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let label = host.split('.').next().unwrap_or_default();
        let known = self.hosts.get(&host).or_else(|| self.hosts.get(label));
        if let Some(place) = known {
            return NextHop::Place(place.clone());
        }
        // A filter on the same machine gives the message back to it.
        if ip.is_some_and(|ip| ip.to_canonical().is_loopback()) || host == "localhost" {
            return NextHop::Internal;
        }
        NextHop::Outside
    }
}
