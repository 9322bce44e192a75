//! A range of IP addresses as a Receive connector's RemoteIPRanges have them.
//!
//! May touch: nothing (pure).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::DirectoryError;

/// Addresses from `first` to `last`, both included, of one family. IPv4-mapped IPv6 addresses count as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IpRange {
    first: IpAddr,
    last: IpAddr,
}

/// How two ranges lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// They share no address.
    None,
    /// They are the same.
    Equal,
    /// One lies wholly within the other and is smaller.
    Nested,
    /// They share some addresses, and each has some of its own.
    Partial,
}

impl IpRange {
    /// Every IPv4 address.
    pub const ALL_V4: IpRange =
        IpRange { first: IpAddr::V4(Ipv4Addr::UNSPECIFIED), last: IpAddr::V4(Ipv4Addr::BROADCAST) };
    /// Every IPv6 address.
    pub const ALL_V6: IpRange = IpRange {
        first: IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        last: IpAddr::V6(Ipv6Addr::from_bits(u128::MAX)),
    };

    /// Every IPv4 address of this machine alone (RFC 1122 §3.2.1.3).
    pub const LOOPBACK_V4: IpRange = IpRange {
        first: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)),
        last: IpAddr::V4(Ipv4Addr::new(127, 255, 255, 255)),
    };

    /// One address.
    pub fn single(address: IpAddr) -> IpRange {
        let address = address.to_canonical();
        IpRange { first: address, last: address }
    }

    /// The lowest address.
    pub fn first(self) -> IpAddr {
        self.first
    }

    /// The highest address.
    pub fn last(self) -> IpAddr {
        self.last
    }

    /// Whether `address` is in the range.
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }

    /// The number of addresses less one: smaller is more specific.
    pub fn span(self) -> u128 {
        bits(self.last).saturating_sub(bits(self.first))
    }

    /// Whether this is every address of its family.
    pub fn is_whole_family(self) -> bool {
        self == IpRange::ALL_V4 || self == IpRange::ALL_V6
    }

    /// Whether the range holds more hosts than one organization has: wider than an IPv4 /8 (the widest private
    /// network, RFC 1918 §3), or than an IPv6 /16 outside the unique local addresses (RFC 4193 §3.1).
    pub fn is_wider_than_a_site(self) -> bool {
        match (self.first, self.last) {
            (IpAddr::V4(_), _) | (_, IpAddr::V4(_)) => self.span() >= 1 << 24,
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                self.span() >= 1 << 112 && !(first.is_unique_local() && last.is_unique_local())
            }
        }
    }

    /// How this range lies to another.
    pub fn overlap(self, other: IpRange) -> Overlap {
        if self == other {
            return Overlap::Equal;
        }
        let same_family = self.first.is_ipv4() == other.first.is_ipv4();
        if !same_family || self.last < other.first || other.last < self.first {
            return Overlap::None;
        }
        let holds = |outer: IpRange, inner: IpRange| outer.first <= inner.first && inner.last <= outer.last;
        if holds(self, other) || holds(other, self) { Overlap::Nested } else { Overlap::Partial }
    }

    /// The range of a CIDR prefix; `None` if the length is too long or bits below it are set.
    fn from_prefix(base: IpAddr, length: u8) -> Option<IpRange> {
        match base {
            IpAddr::V4(base) => {
                let host = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
                (length <= 32 && base.to_bits() & host == 0).then(|| IpRange {
                    first: IpAddr::V4(base),
                    last: IpAddr::V4(Ipv4Addr::from_bits(base.to_bits() | host)),
                })
            }
            IpAddr::V6(base) => {
                let host = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
                (length <= 128 && base.to_bits() & host == 0).then(|| IpRange {
                    first: IpAddr::V6(base),
                    last: IpAddr::V6(Ipv6Addr::from_bits(base.to_bits() | host)),
                })
            }
        }
    }

    /// The prefix length, if the range is one a CIDR prefix can say.
    fn prefix(self) -> Option<u8> {
        let width: u8 = if self.first.is_ipv4() { 32 } else { 128 };
        (0..=width).find(|length| IpRange::from_prefix(self.first, *length) == Some(self))
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return write!(f, "{}", self.first);
        }
        // Exchange writes the whole families out, and administrators know them so.
        match self.prefix().filter(|_| !self.is_whole_family()) {
            Some(length) => write!(f, "{}/{length}", self.first),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl FromStr for IpRange {
    type Err = DirectoryError;

    /// Reads `192.0.2.1`, `192.0.2.1-192.0.2.9` or `192.0.2.0/24`, and the same with IPv6 addresses.
    fn from_str(text: &str) -> Result<IpRange, DirectoryError> {
        let expected = || {
            DirectoryError::invalid(
                "RemoteIPRanges",
                format!(
                    "\"{text}\" is not a range; write 192.0.2.1, 192.0.2.1-192.0.2.9 or 192.0.2.0/24 (or the same with IPv6 addresses)."
                ),
            )
        };
        let ip = |part: &str| part.trim().parse::<IpAddr>().map_err(|_| expected());
        if let Some((base, length)) = text.split_once('/') {
            let base = ip(base)?;
            let length: u8 = length.trim().parse().map_err(|_| expected())?;
            let range = IpRange::from_prefix(base, length).ok_or_else(|| {
                DirectoryError::invalid(
                    "RemoteIPRanges",
                    format!(
                        "\"{text}\": the prefix is too long, or the address has bits set behind it; write the first address of the network, such as 192.0.2.0/24."
                    ),
                )
            })?;
            return Ok(range);
        }
        let Some((first, last)) = text.split_once('-') else {
            return ip(text).map(IpRange::single);
        };
        let (first, last) = (ip(first)?.to_canonical(), ip(last)?.to_canonical());
        if first.is_ipv4() != last.is_ipv4() || first > last {
            return Err(expected());
        }
        Ok(IpRange { first, last })
    }
}

impl Serialize for IpRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IpRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<IpRange, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> IpRange {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_are_read_and_written() {
        for (text, shown) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9"),
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("192.0.2.0-192.0.2.255", "192.0.2.0/24"),
            ("0.0.0.0/0", "0.0.0.0-255.255.255.255"),
            ("::1", "::1"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("2001:db8::1-2001:db8::5", "2001:db8::1-2001:db8::5"),
            ("::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("192.0.2.7/32", "192.0.2.7"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(range(text).to_string(), shown);
            assert_eq!(range(shown), range(text));
        }
        for bad in
            ["", "192.0.2", "192.0.2.0/33", "192.0.2.1/24", "::/129", "9.0.0.0-8.0.0.0", "1.2.3.4-::1", "a-b"]
        {
            assert!(bad.parse::<IpRange>().is_err(), "{bad}");
        }
    }

    #[test]
    fn containing_and_overlapping() {
        assert!(range("192.0.2.0/24").contains("192.0.2.255".parse().unwrap()));
        assert!(range("192.0.2.0/24").contains("::ffff:192.0.2.9".parse().unwrap()));
        assert!(!range("192.0.2.0/24").contains("192.0.3.0".parse().unwrap()));
        assert!(!IpRange::ALL_V4.contains("::1".parse().unwrap()));
        assert!(!IpRange::ALL_V6.contains("192.0.2.1".parse().unwrap()));
        for (a, b, overlap) in [
            ("10.0.0.0/8", "10.0.0.0-10.255.255.255", Overlap::Equal),
            ("10.0.0.0/8", "10.1.2.3", Overlap::Nested),
            ("10.0.0.0/8", "10.0.0.0/9", Overlap::Nested),
            ("10.0.0.0-10.0.0.9", "10.0.0.5-10.0.0.20", Overlap::Partial),
            ("10.0.0.0-10.0.0.9", "10.0.0.9-10.0.0.20", Overlap::Partial),
            ("10.0.0.0-10.0.0.9", "10.0.0.10-10.0.0.20", Overlap::None),
            ("0.0.0.0/0", "::/0", Overlap::None),
        ] {
            assert_eq!(range(a).overlap(range(b)), overlap, "{a} {b}");
            assert_eq!(range(b).overlap(range(a)), overlap, "{b} {a}");
        }
        for wide in ["0.0.0.0/0", "::/0", "0.0.0.0/1", "10.0.0.0-11.0.0.0", "2000::/8"] {
            assert!(range(wide).is_wider_than_a_site(), "{wide}");
        }
        for narrow in ["10.0.0.0/8", "192.0.2.1", "fc00::/7", "2001:db8::/32", "::1", "127.0.0.0/8"] {
            assert!(!range(narrow).is_wider_than_a_site(), "{narrow}");
        }
        assert!(range("10.1.2.3").span() < range("10.0.0.0/24").span());
    }
}
