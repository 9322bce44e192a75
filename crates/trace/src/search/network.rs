//! A network as it is typed: an address, or one with the length of its prefix (CIDR).
//!
//! May touch: nothing (pure).
//! Standards: RFC 4632 §3.1, RFC 4291 §2.3.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// All addresses with the same first bits. IPv4 addresses written as IPv6 are IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IpNetwork {
    first: IpAddr,
    prefix: u8,
}

/// The text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an address or network: give one like 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32")]
pub struct NetworkError(String);

impl IpNetwork {
    /// The network an address is in, by the number of bits that count; `None` if the address has fewer.
    pub fn new(ip: IpAddr, prefix: u8) -> Option<IpNetwork> {
        let canonical = ip.to_canonical();
        // A prefix written for the IPv6 form of an IPv4 address.
        let prefix = match (ip, canonical) {
            (IpAddr::V6(_), IpAddr::V4(_)) => prefix.checked_sub(96)?,
            _ => prefix,
        };
        let first = match canonical {
            IpAddr::V4(ip) if prefix <= 32 => {
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(u32::from(prefix))).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() & mask))
            }
            IpAddr::V6(ip) if prefix <= 128 => {
                let mask = u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(prefix))).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & mask))
            }
            _ => return None,
        };
        Some(IpNetwork { first, prefix })
    }

    /// Its first address.
    pub fn first(&self) -> IpAddr {
        self.first
    }

    /// Its last address.
    pub fn last(&self) -> IpAddr {
        match self.first {
            IpAddr::V4(ip) => {
                let rest = u32::MAX.checked_shr(u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() | rest))
            }
            IpAddr::V6(ip) => {
                let rest = u128::MAX.checked_shr(u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() | rest))
            }
        }
    }

    /// Whether an address is in it.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        ip.is_ipv4() == self.first.is_ipv4() && (self.first..=self.last()).contains(&ip)
    }
}

impl From<IpAddr> for IpNetwork {
    fn from(ip: IpAddr) -> IpNetwork {
        let first = ip.to_canonical();
        IpNetwork { first, prefix: if first.is_ipv4() { 32 } else { 128 } }
    }
}

impl FromStr for IpNetwork {
    type Err = NetworkError;
    fn from_str(text: &str) -> Result<IpNetwork, NetworkError> {
        let bad = || NetworkError(text.chars().take(64).collect());
        let (ip, prefix) = match text.trim().split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix.parse().map_err(|_| bad())?)),
            None => (text.trim(), None),
        };
        let ip: IpAddr = ip.parse().map_err(|_| bad())?;
        match prefix {
            Some(prefix) => IpNetwork::new(ip, prefix).ok_or_else(bad),
            None => Ok(IpNetwork::from(ip)),
        }
    }
}

impl fmt::Display for IpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_their_networks() {
        let table = [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.77/24", "192.0.2.1", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.9", "192.0.2.9", true),
            ("192.0.2.9", "192.0.2.8", false),
            ("0.0.0.0/0", "203.0.113.5", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("::/0", "2001:db8::1", true),
            ("::ffff:192.0.2.0/120", "192.0.2.200", true),
        ];
        for (network, ip, expected) in table {
            let parsed: IpNetwork = network.parse().unwrap();
            assert_eq!(parsed.contains(ip.parse().unwrap()), expected, "{network} {ip}");
        }
        for bad in ["", "192.0.2.0/33", "2001:db8::/129", "192.0.2/24", "192.0.2.0/x", "contoso.example"] {
            assert!(bad.parse::<IpNetwork>().is_err(), "{bad}");
        }
    }
}
