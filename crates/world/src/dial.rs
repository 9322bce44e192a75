//! Connecting to a host by its name: its addresses in turn, over TLS where asked.
//!
//! May touch: DNS and network, through their handles.

use std::net::{IpAddr, SocketAddr};

use crate::{BoxedIo, TlsConnector, World};

/// Addresses of a host that are tried.
const ADDRESSES_MAX: usize = 4;

impl World {
    /// Connects to `host` (a name, an address, or an address in brackets). With `tls` the peer's certificate is judged
    /// as the connector says. Has no timeout of its own.
    ///
    /// # Errors
    /// One sentence: there is no such host, none of its addresses answers, or TLS did not come about.
    pub async fn dial(&self, host: &str, port: u16, tls: Option<&TlsConnector>) -> Result<BoxedIo, String> {
        self.dial_where(host, port, tls, &|_| true).await
    }

    /// The same, but never to an address of this machine or of a private network: for hosts that somebody named who may
    /// not reach those.
    ///
    /// # Errors
    /// As [`World::dial`]; and where the host has such addresses only.
    pub async fn dial_public(
        &self,
        host: &str,
        port: u16,
        tls: Option<&TlsConnector>,
    ) -> Result<BoxedIo, String> {
        self.dial_where(host, port, tls, &is_public).await
    }

    async fn dial_where(
        &self,
        host: &str,
        port: u16,
        tls: Option<&TlsConnector>,
        may_reach: &(dyn Fn(IpAddr) -> bool + Sync),
    ) -> Result<BoxedIo, String> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match bare.parse::<IpAddr>() {
            Ok(address) => Vec::from([address]),
            Err(_) => self.dns.ips(bare).await.map_err(|error| format!("{bare} was not found: {error}"))?,
        };
        // What is judged is what is connected to: the name is not looked up again.
        let reachable: Vec<IpAddr> = addresses.iter().copied().filter(|ip| may_reach(*ip)).collect();
        if reachable.is_empty() && !addresses.is_empty() {
            return Err(format!("{bare} is on this machine or a private network"));
        }
        let mut last = format!("{bare} has no address");
        for address in reachable.into_iter().take(ADDRESSES_MAX) {
            match (self.net.connect(SocketAddr::new(address, port), None).await, tls) {
                (Ok(connection), None) => return Ok(connection.io),
                (Ok(connection), Some(tls)) => {
                    let connected = tls.connect(connection.io, bare).await;
                    return connected.map(|(io, _)| io).map_err(|error| format!("{bare}: {error}"));
                }
                (Err(error), _) => last = format!("{bare} ({address}): {error}"),
            }
        }
        Err(last)
    }
}

/// Whether an address is none of this machine, its link, or a private network.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            // 0/8 is this host, 100.64/10 the network of a provider (RFC 6598).
            let is_special = first == 0 || first == 100 && (64..128).contains(&second);
            !(is_special
                || ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast())
        }
        IpAddr::V6(ip) => match (ip.to_ipv4(), ip.segments()) {
            // Mapped, and those that were once compatible: `::1` and `::` too.
            (Some(inner), _) => is_public(IpAddr::V4(inner)),
            // NAT64 (RFC 6052 §2.1).
            (None, [0x64, 0xff9b, 0, 0, 0, 0, high, low]) => {
                let [a, b] = high.to_be_bytes();
                let [c, d] = low.to_be_bytes();
                is_public(IpAddr::from([a, b, c, d]))
            }
            (None, _) => !(ip.is_unicast_link_local() || ip.is_unique_local() || ip.is_multicast()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_of_private_networks_are_told() {
        let inner = "127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1 255.255.255.255 ::1 :: fe80::1 fd00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1";
        for text in inner.split(' ') {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in
            ["192.0.2.1", "100.128.0.1", "172.32.0.1", "2001:db8::1", "::ffff:192.0.2.1", "64:ff9b::c000:201"]
        {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }
}
