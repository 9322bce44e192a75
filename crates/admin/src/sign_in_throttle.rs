//! Slows down whoever guesses passwords: a delay that doubles, per user name and address, and per address.
//! May touch: nothing (pure); the time is a parameter.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

/// Tries of one user name from one address before the first delay.
const FREE_OF_NAME: u32 = 4;
/// Tries from one address, whatever the names, before the first delay: an office may share an address.
const FREE_OF_ADDRESS: u32 = 20;
/// Requests of one name or address looked at at once, where none was wrong before.
const LOOKS_MAX: u32 = 64;
/// What a request waits where others are looked at.
const FIRST_DELAY: Duration = Duration::from_secs(1);
/// Longest delay.
const DELAY_MAX: Duration = Duration::from_secs(15 * 60);
/// Tries that long ago are forgotten.
const MEMORY: Duration = Duration::from_secs(60 * 60);
/// Names and addresses remembered; those tried longest ago make room.
const ENTRIES_MAX: usize = 20_000;
/// Dropped when there is no room, those tried longest ago.
const DROPPED_AT_ONCE: usize = ENTRIES_MAX / 10;
/// Longest user name remembered, in bytes; longer ones count as one.
const NAME_BYTES_MAX: usize = 320;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Name(String, IpAddr),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy, Default)]
struct Tries {
    count: u32,
    last: Duration,
    /// Requests whose password is being looked at.
    looks: u32,
}

/// A request whose password is being looked at, until this is dropped.
#[derive(Debug)]
pub struct Look {
    throttle: SignInThrottle,
    keys: [(Key, u32); 2],
}

impl Look {
    /// The password was wrong.
    pub fn wrong(self, now: Duration) {
        count(&mut self.throttle.0.lock(), now, &self.keys);
    }

    /// The password was right: what was wrong before under this name is forgotten.
    pub fn right(self) {
        let mut table = self.throttle.0.lock();
        let [(name, _), _] = &self.keys;
        if let Some(tries) = table.get_mut(name) {
            tries.count = 0;
        }
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        let mut table = self.throttle.0.lock();
        for (key, _) in &self.keys {
            let Some(tries) = table.get_mut(key) else { continue };
            tries.looks = tries.looks.saturating_sub(1);
            if tries.count == 0 && tries.looks == 0 {
                table.remove(key);
            }
        }
    }
}

impl Tries {
    /// When the next try is taken.
    fn next(&self, free: u32) -> Duration {
        let Some(over) = self.count.checked_sub(free) else { return Duration::ZERO };
        let delay = Duration::from_secs(1_u64.checked_shl(over).unwrap_or(u64::MAX)).min(DELAY_MAX);
        self.last.saturating_add(delay)
    }

    /// How many requests may be looked at at once.
    fn looks_max(&self, free: u32) -> u32 {
        if self.count == 0 { LOOKS_MAX } else { free.saturating_sub(self.count).max(1) }
    }
}

/// Who tried how often.
///
/// Cheap to clone; clones are the same table.
#[derive(Debug, Clone, Default)]
pub struct SignInThrottle(Arc<Mutex<HashMap<Key, Tries>>>);

impl SignInThrottle {
    /// Counts a try, before the password is looked at: many at once count too.
    ///
    /// # Errors
    /// How long to wait; the try does not count then.
    pub fn admit(&self, now: Duration, name: &str, address: IpAddr) -> Result<(), Duration> {
        let mut table = self.0.lock();
        let keys = keys(name, address);
        let wait = wait(&table, now, &keys);
        if !wait.is_zero() {
            return Err(wait);
        }
        count(&mut table, now, &keys);
        Ok(())
    }

    /// Begins to look at a request's name and password. It counts only when they are wrong, by [`Look::wrong`]: a program
    /// that knows its password sends many such requests at once. Who was wrong before is looked at one by one, or many
    /// guesses at once would pass before the first counts.
    ///
    /// # Errors
    /// How long to wait.
    pub fn look(&self, now: Duration, name: &str, address: IpAddr) -> Result<Look, Duration> {
        let mut table = self.0.lock();
        let keys = keys(name, address);
        let wait = wait(&table, now, &keys);
        if !wait.is_zero() {
            return Err(wait);
        }
        for (key, free) in &keys {
            if table.get(key).is_some_and(|tries| tries.looks >= tries.looks_max(*free)) {
                return Err(FIRST_DELAY);
            }
        }
        for (key, _) in &keys {
            make_room(&mut table, now, key);
            let tries = table.entry(key.clone()).or_insert(Tries { last: now, ..Tries::default() });
            tries.looks = tries.looks.saturating_add(1);
        }
        Ok(Look { throttle: self.clone(), keys })
    }

    /// The try that was admitted was right: the name is forgotten, and the address has one try less.
    pub fn succeeded(&self, name: &str, address: IpAddr) {
        let mut table = self.0.lock();
        let [(name, _), (address, _)] = keys(name, address);
        table.remove(&name);
        if let Some(tries) = table.get_mut(&address) {
            tries.count = tries.count.saturating_sub(1);
        }
    }
}

/// How long until all keys may be tried again.
fn wait(table: &HashMap<Key, Tries>, now: Duration, keys: &[(Key, u32)]) -> Duration {
    let next = keys.iter().filter_map(|(key, free)| table.get(key).map(|tries| tries.next(*free)));
    next.filter_map(|next| next.checked_sub(now)).max().unwrap_or_default()
}

fn count(table: &mut HashMap<Key, Tries>, now: Duration, keys: &[(Key, u32)]) {
    for (key, _) in keys {
        make_room(table, now, key);
        let tries = table.entry(key.clone()).or_insert(Tries { last: now, ..Tries::default() });
        let is_old = now.saturating_sub(tries.last) >= MEMORY;
        tries.count = if is_old { 1 } else { tries.count.saturating_add(1) };
        tries.last = now;
    }
}

fn keys(name: &str, address: IpAddr) -> [(Key, u32); 2] {
    let address = network(address);
    let name = if name.len() > NAME_BYTES_MAX { String::new() } else { name.trim().to_lowercase() };
    [(Key::Name(name, address), FREE_OF_NAME), (Key::Address(address), FREE_OF_ADDRESS)]
}

/// One customer has a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// Makes room for many at once, so that whoever fills the table does not make each try look through all of it.
fn make_room(table: &mut HashMap<Key, Tries>, now: Duration, key: &Key) {
    if table.len() < ENTRIES_MAX || table.contains_key(key) {
        return;
    }
    table.retain(|_, tries| now.saturating_sub(tries.last) < MEMORY);
    let mut times: Vec<Duration> = table.values().map(|tries| tries.last).collect();
    times.sort_unstable();
    let Some(newest_to_go) = times.get(DROPPED_AT_ONCE).copied() else { return };
    let mut left = DROPPED_AT_ONCE;
    table.retain(|_, tries| {
        let goes = left > 0 && tries.last <= newest_to_go;
        left = left.saturating_sub(usize::from(goes));
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn at(secs: u64) -> Duration {
        Duration::from_secs(1_000 + secs)
    }

    #[test]
    fn the_fifth_try_waits_and_each_further_one_longer() {
        let throttle = SignInThrottle::default();
        for _ in 0..4 {
            assert_eq!(throttle.admit(at(0), "Kim", HERE), Ok(()));
        }
        assert_eq!(throttle.admit(at(0), "kim ", HERE), Err(Duration::from_secs(1)));
        assert_eq!(throttle.admit(at(0), "kim", THERE), Ok(()), "another address is not held up");
        assert_eq!(throttle.admit(at(0), "ann", HERE), Ok(()), "nor another name");
        assert_eq!(throttle.admit(at(1), "kim", HERE), Ok(()));
        assert_eq!(throttle.admit(at(1), "kim", HERE), Err(Duration::from_secs(2)));
        let mut now = 3;
        for _ in 0..12 {
            assert_eq!(throttle.admit(at(now), "kim", HERE), Ok(()));
            now += throttle.admit(at(now), "kim", HERE).unwrap_err().as_secs();
        }
        let longest =
            throttle.admit(at(now), "kim", HERE).and_then(|()| throttle.admit(at(now), "kim", HERE));
        assert_eq!(longest, Err(DELAY_MAX));
    }

    #[test]
    fn success_and_an_hour_forgive() {
        let throttle = SignInThrottle::default();
        for _ in 0..4 {
            throttle.admit(at(0), "kim", HERE).unwrap();
        }
        throttle.succeeded("KIM", HERE);
        for _ in 0..4 {
            throttle.admit(at(0), "kim", HERE).unwrap();
        }
        assert!(throttle.admit(at(0), "kim", HERE).is_err());
        for _ in 0..4 {
            throttle.admit(at(3_600), "kim", HERE).unwrap();
        }
        assert!(throttle.admit(at(3_600), "kim", HERE).is_err());
    }

    #[test]
    fn guesses_at_once_do_not_pass_before_the_first_counts() {
        let throttle = SignInThrottle::default();
        let looks: Vec<Look> = (0..LOOKS_MAX).map(|_| throttle.look(at(0), "kim", HERE).unwrap()).collect();
        assert_eq!(throttle.look(at(0), "kim", HERE).unwrap_err(), FIRST_DELAY);
        drop(looks);
        assert!(throttle.0.lock().is_empty(), "who was right leaves nothing behind");
        throttle.look(at(0), "kim", HERE).unwrap().wrong(at(0));
        let three: Vec<Look> = (0..3).map(|_| throttle.look(at(0), "kim", HERE).unwrap()).collect();
        assert!(throttle.look(at(0), "kim", HERE).is_err());
        three.into_iter().for_each(|look| look.wrong(at(0)));
        assert_eq!(throttle.look(at(0), "kim", HERE).unwrap_err(), FIRST_DELAY);
        let one = throttle.look(at(1), "kim", HERE).unwrap();
        assert!(throttle.look(at(1), "kim", HERE).is_err(), "one by one from now on");
        drop(one);
        assert!(throttle.look(at(1), "kim", HERE).is_ok());
    }

    #[test]
    fn many_names_from_one_address_wait_too() {
        let throttle = SignInThrottle::default();
        for number in 0..20 {
            throttle.admit(at(0), &format!("user{number}"), HERE).unwrap();
        }
        assert!(throttle.admit(at(0), "user20", HERE).is_err());
        let first: IpAddr = "2001:db8::1".parse().unwrap();
        let second: IpAddr = "2001:db8::2".parse().unwrap();
        assert_eq!(network(first), network(second));
        assert_ne!(network(first), network("2001:db8:0:1::1".parse().unwrap()));
    }

    #[test]
    fn the_table_is_bounded() {
        let throttle = SignInThrottle::default();
        for number in 0..ENTRIES_MAX + 10 {
            let address = IpAddr::from((number as u32).to_be_bytes());
            throttle.admit(at(0), "kim", address).unwrap();
        }
        let kept = throttle.0.lock().len();
        assert!(kept <= ENTRIES_MAX && kept > ENTRIES_MAX - 2 * DROPPED_AT_ONCE, "{kept}");
    }
}
