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
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match bare.parse::<IpAddr>() {
            Ok(address) => Vec::from([address]),
            Err(_) => self.dns.ips(bare).await.map_err(|error| format!("{bare} was not found: {error}"))?,
        };
        let mut last = format!("{bare} has no address");
        for address in addresses.into_iter().take(ADDRESSES_MAX) {
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
