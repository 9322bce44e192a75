//! Which numbers of a sealed day's dictionaries an address or a network means.
//!
//! May touch: a file.

use std::net::IpAddr;

use super::blocks::items_of;
use super::damaged;
use super::layout::Part;
use super::packed::take_number;
use super::pages::Keep;
use super::{SealedDay, StoreError};
use crate::search::{AddressPattern, IpNetwork};
use crate::status::address_key;
use crate::store::dictionary::domain_of;

/// Numbers as ranges, rising and apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct NumberSet(Vec<(u64, u64)>);

impl NumberSet {
    /// From ranges in any order; ends are not in them.
    pub(crate) fn new(mut ranges: Vec<(u64, u64)>) -> NumberSet {
        ranges.retain(|(low, high)| low < high);
        ranges.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match joined.last_mut() {
                Some((_, end)) if *end >= low => *end = high.max(*end),
                _ => joined.push((low, high)),
            }
        }
        NumberSet(joined)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn ranges(&self) -> &[(u64, u64)] {
        &self.0
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        let after = self.0.partition_point(|(low, _)| *low <= number);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, high)| number < *high)
    }
}

/// Messages, rising: as a list, or as a bit each where they are many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MessageSet {
    List(Vec<u64>),
    Bits(Vec<u64>),
}

impl MessageSet {
    /// An empty one for about so many of the messages of a day.
    pub(crate) fn for_about(count: u64, messages: u64) -> MessageSet {
        if count.saturating_mul(64) < messages {
            MessageSet::List(Vec::with_capacity(usize::try_from(count).unwrap_or(0)))
        } else {
            MessageSet::Bits(vec![0; usize::try_from(messages / 64).unwrap_or(0).saturating_add(1)])
        }
    }

    #[inline]
    pub(crate) fn put(&mut self, message: u64) {
        match self {
            MessageSet::List(list) => list.push(message),
            MessageSet::Bits(bits) => {
                let word = usize::try_from(message / 64).ok().and_then(|at| bits.get_mut(at));
                if let Some(word) = word {
                    *word |= 1_u64 << (message % 64);
                }
            }
        }
    }

    /// Puts what was put in order.
    pub(crate) fn settled(self) -> MessageSet {
        match self {
            MessageSet::List(mut list) => {
                list.sort_unstable();
                list.dedup();
                MessageSet::List(list)
            }
            bits => bits,
        }
    }

    pub(crate) fn contains(&self, message: u64) -> bool {
        match self {
            MessageSet::List(list) => list.binary_search(&message).is_ok(),
            MessageSet::Bits(bits) => {
                let word = usize::try_from(message / 64).ok().and_then(|at| bits.get(at));
                word.is_some_and(|word| word >> (message % 64) & 1 == 1)
            }
        }
    }

    /// The messages from `from` on and below `end`, rising.
    pub(crate) fn walk(&self, from: u64, end: u64) -> Walk<'_> {
        match self {
            MessageSet::List(list) => {
                let (low, high) =
                    (list.partition_point(|one| *one < from), list.partition_point(|one| *one < end));
                Walk::List(list.get(low..high).unwrap_or_default().iter())
            }
            MessageSet::Bits(bits) => {
                let at = usize::try_from(from / 64).unwrap_or(usize::MAX);
                let word = bits.get(at).map_or(0, |word| word & (u64::MAX << (from % 64)));
                Walk::Bits { bits, at, word, end }
            }
        }
    }
}

/// Goes through messages, rising.
pub(crate) enum Walk<'s> {
    All(std::ops::Range<u64>),
    List(std::slice::Iter<'s, u64>),
    Bits {
        bits: &'s [u64],
        /// Where the word at hand stands.
        at: usize,
        /// What is left of it.
        word: u64,
        end: u64,
    },
}

impl Iterator for Walk<'_> {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        match self {
            Walk::All(range) => range.next(),
            Walk::List(list) => list.next().copied(),
            Walk::Bits { bits, at, word, end } => {
                while *word == 0 {
                    *at = at.checked_add(1)?;
                    *word = *bits.get(*at)?;
                }
                let message = u64::try_from(*at)
                    .ok()?
                    .saturating_mul(64)
                    .saturating_add(u64::from(word.trailing_zeros()));
                // Takes the lowest bit away.
                *word &= word.wrapping_sub(1);
                (message < *end).then_some(message)
            }
        }
    }
}

impl SealedDay {
    /// The numbers of the addresses meant.
    pub(crate) fn addresses(&self, patterns: &[AddressPattern]) -> Result<NumberSet, StoreError> {
        let mut ranges = Vec::new();
        let mut wild = Vec::new();
        for pattern in patterns {
            match pattern {
                AddressPattern::Exact(key) => {
                    let key = address_key(key);
                    let low = self.first_address(|other| order(other) >= order(&key))?;
                    if self.address(low)?.as_deref() == Some(&key) {
                        ranges.push((low, low.saturating_add(1)));
                    }
                }
                AddressPattern::Domain(domain) => ranges.push((
                    self.first_address(|other| domain_of(other) >= domain.as_str())?,
                    self.first_address(|other| domain_of(other) > domain.as_str())?,
                )),
                AddressPattern::Wild(_) => wild.push(pattern),
            }
        }
        if !wild.is_empty() {
            let mut blocks = self.blocks(Part::Addresses, Keep::No)?;
            let mut number = 0_u64;
            for block in 0..blocks.count() {
                let block = blocks.block(block)?;
                for item in items_of(&block) {
                    let address = std::str::from_utf8(item).unwrap_or_default();
                    if wild.iter().any(|pattern| pattern.matches(address)) {
                        ranges.push((number, number.saturating_add(1)));
                    }
                    number = number.saturating_add(1);
                }
            }
        }
        Ok(NumberSet::new(ranges))
    }

    /// An address by its number.
    pub(crate) fn address(&self, number: u64) -> Result<Option<String>, StoreError> {
        let mut blocks = self.blocks(Part::Addresses, Keep::Yes)?;
        if number >= blocks.items()? {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(blocks.item(number)?).into_owned()))
    }

    /// The first address from which on `reached` is true.
    fn first_address(&self, reached: impl Fn(&str) -> bool) -> Result<u64, StoreError> {
        let mut blocks = self.blocks(Part::Addresses, Keep::Yes)?;
        let later = self.address_index()?.partition_point(|first| !reached(first));
        let Some(block) = later.checked_sub(1).and_then(|block| u64::try_from(block).ok()) else {
            return Ok(0);
        };
        let first = blocks.first_of(block)?;
        let items = blocks.block(block)?;
        let before =
            items_of(&items).take_while(|item| !reached(std::str::from_utf8(item).unwrap_or_default()));
        Ok(first.saturating_add(u64::try_from(before.count()).unwrap_or(0)))
    }

    fn address_index(&self) -> Result<&[String], StoreError> {
        if self.address_index.get().is_none() {
            let bytes = self.plain(Part::AddressIndex)?;
            let mut rest = bytes.as_slice();
            let mut index = Vec::new();
            while !rest.is_empty() {
                let len = usize::try_from(take_number(&mut rest)?).unwrap_or(usize::MAX);
                let (name, left) = rest
                    .split_at_checked(len)
                    .ok_or_else(|| damaged("its index of addresses is cut short"))?;
                index.push(String::from_utf8_lossy(name).into_owned());
                rest = left;
            }
            let _ = self.address_index.set(index);
        }
        Ok(self.address_index.get().map_or(&[][..], Vec::as_slice))
    }

    /// The numbers of the addresses in these networks.
    pub(crate) fn networks(&self, networks: &[IpNetwork]) -> Result<NumberSet, StoreError> {
        let mut four = self.column(Part::Ip4, Keep::Yes);
        let fours = four.count();
        let mut six: Option<Vec<u8>> = None;
        let mut ranges = Vec::new();
        for network in networks {
            match (network.first(), network.last()) {
                (IpAddr::V4(first), IpAddr::V4(last)) => ranges.push((
                    four.lower_bound(0, fours, u64::from(first.to_bits()))?,
                    four.lower_bound(0, fours, u64::from(last.to_bits()).saturating_add(1))?,
                )),
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    let bytes = match &six {
                        Some(bytes) => bytes,
                        None => six.insert(self.plain(Part::Ip6)?),
                    };
                    let known = bytes.as_chunks::<16>().0;
                    let below = |wanted: &dyn Fn(&[u8; 16]) -> bool| {
                        fours.saturating_add(
                            u64::try_from(known.partition_point(|ip| wanted(ip))).unwrap_or(0),
                        )
                    };
                    ranges.push((below(&|ip| *ip < first.octets()), below(&|ip| *ip <= last.octets())));
                }
                _ => {}
            }
        }
        Ok(NumberSet::new(ranges))
    }
}

/// How addresses are sorted: by domain, then as a whole.
fn order(address: &str) -> (&str, &str) {
    (domain_of(address), address)
}
