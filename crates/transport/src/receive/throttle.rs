//! How many connections and messages one source may have: counted per connector, bounded in memory.
//!
//! May touch: nothing (pure; the present time is an argument).

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

/// Sources whose message rate is remembered; the one heard of longest ago is forgotten first.
pub const RATED_SOURCES_MAX: usize = 10_000;
/// The window of MessageRateLimit.
const RATE_WINDOW: Duration = Duration::from_secs(60);

/// The limits on connections of one Receive connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// MaxInboundConnection; `None` = unlimited.
    pub total: Option<u32>,
    /// MaxInboundConnectionPerSource; `None` = unlimited.
    pub per_source: Option<u32>,
    /// MaxInboundConnectionPercentagePerSource, of the connections that remain.
    pub percent_per_source: u32,
}

/// Why a connection is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMany {
    /// The connector has as many connections as it may.
    Total,
    /// This source has.
    FromSource,
}

#[derive(Default)]
struct Counts {
    total: u32,
    by_source: HashMap<IpAddr, u32>,
}

/// The open connections of one connector. Cheap to clone.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<Counts>>);

impl Connections {
    /// Takes one connection, to be given back when the permit is dropped.
    ///
    /// # Errors
    /// Which limit stands in the way.
    pub fn enter(&self, source: IpAddr, limits: ConnectionLimits) -> Result<Permit, TooMany> {
        let mut counts = self.0.lock();
        if limits.total.is_some_and(|max| counts.total >= max) {
            return Err(TooMany::Total);
        }
        let from_source = counts.by_source.get(&source).copied().unwrap_or(0);
        let share = limits.total.filter(|_| limits.percent_per_source < 100).map(|total| {
            let remaining = u64::from(total.saturating_sub(counts.total));
            let share = remaining.saturating_mul(u64::from(limits.percent_per_source)).div_ceil(100);
            u32::try_from(share).unwrap_or(u32::MAX).max(1)
        });
        let over = |max: Option<u32>| max.is_some_and(|max| from_source >= max);
        if over(limits.per_source) || over(share) {
            return Err(TooMany::FromSource);
        }
        counts.total = counts.total.saturating_add(1);
        let count = counts.by_source.entry(source).or_default();
        *count = count.saturating_add(1);
        Ok(Permit { connections: self.clone(), source })
    }

    /// Connections that are open.
    #[must_use]
    pub fn open(&self) -> u32 {
        self.0.lock().total
    }
}

/// One open connection.
pub struct Permit {
    connections: Connections,
    source: IpAddr,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.connections.0.lock();
        counts.total = counts.total.saturating_sub(1);
        if let Some(count) = counts.by_source.get_mut(&self.source) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.by_source.remove(&self.source);
            }
        }
    }
}

/// Messages in the last minute, per key (a user, a client address, or all together).
#[derive(Clone, Default)]
pub struct MessageRates(Arc<Mutex<HashMap<String, VecDeque<Duration>>>>);

impl MessageRates {
    /// Counts a message of `key` at `now` (time since start), unless that would be more than `limit` in a minute.
    #[must_use]
    pub fn admit(&self, key: &str, limit: u32, now: Duration) -> bool {
        let mut rates = self.0.lock();
        if rates.len() >= RATED_SOURCES_MAX && !rates.contains_key(key) {
            rates.retain(|_, times| times.back().is_some_and(|last| now.saturating_sub(*last) < RATE_WINDOW));
            if rates.len() >= RATED_SOURCES_MAX {
                // All of them are active: better to count too little than to refuse somebody who sent nothing.
                return true;
            }
        }
        let times = rates.entry(key.to_owned()).or_default();
        while times.front().is_some_and(|first| now.saturating_sub(*first) >= RATE_WINDOW) {
            times.pop_front();
        }
        let free = times.len() < limit as usize;
        if free {
            times.push_back(now);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn one_source_has_its_limit_and_gets_its_place_back() {
        let connections = Connections::default();
        let limits = ConnectionLimits { total: Some(5_000), per_source: Some(2), percent_per_source: 100 };
        let first = connections.enter(HERE, limits).ok();
        let second = connections.enter(HERE, limits).ok();
        assert!(first.is_some() && second.is_some());
        assert_eq!(connections.enter(HERE, limits).err(), Some(TooMany::FromSource));
        assert!(connections.enter(THERE, limits).is_ok());
        drop(first);
        assert!(connections.enter(HERE, limits).is_ok());
    }

    #[test]
    fn the_percentage_is_of_what_remains() {
        let connections = Connections::default();
        let limits = ConnectionLimits { total: Some(100), per_source: None, percent_per_source: 2 };
        let held: Vec<Permit> = (0..2).filter_map(|_| connections.enter(HERE, limits).ok()).collect();
        assert_eq!(held.len(), 1 + 1);
        assert_eq!(connections.enter(HERE, limits).err(), Some(TooMany::FromSource));
    }

    #[test]
    fn the_connector_is_full() {
        let connections = Connections::default();
        let limits = ConnectionLimits { total: Some(1), per_source: None, percent_per_source: 100 };
        let _held = connections.enter(HERE, limits).ok();
        assert_eq!(connections.enter(THERE, limits).err(), Some(TooMany::Total));
    }

    #[test]
    fn five_messages_a_minute() {
        let rates = MessageRates::default();
        let at = Duration::from_secs;
        for second in 0..5 {
            assert!(rates.admit("ann", 5, at(second)));
        }
        assert!(!rates.admit("ann", 5, at(59)));
        assert!(rates.admit("bob", 5, at(59)));
        assert!(rates.admit("ann", 5, at(60)));
    }
}
