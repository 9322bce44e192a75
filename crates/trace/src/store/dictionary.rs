//! Addresses and domains as small numbers, per day file, with the recent ones in memory.
//!
//! May touch: a SQLite connection.

use std::collections::HashMap;
use std::hash::Hash;

use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;

/// Entries of each of the two generations kept in memory.
const GENERATION: usize = 32_768;

/// A bounded map that forgets what was not asked for during the last one to two generations.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    max: usize,
    weight: usize,
    weight_max: usize,
}

impl<K: Hash + Eq, V> Recent<K, V> {
    pub(crate) fn new(max: usize) -> Recent<K, V> {
        Recent { young: HashMap::new(), old: HashMap::new(), max, weight: 0, weight_max: usize::MAX }
    }

    /// Bounds the weight of a generation beside its count.
    pub(crate) fn with_weight(self, weight_max: usize) -> Recent<K, V> {
        Recent { weight_max, ..self }
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.insert_weighing(key, value, 0);
    }

    pub(crate) fn insert_weighing(&mut self, key: K, value: V, weight: usize) {
        if self.young.len() >= self.max || self.weight.saturating_add(weight) > self.weight_max {
            // The room of the forgotten is used again.
            std::mem::swap(&mut self.old, &mut self.young);
            self.young.clear();
            self.weight = 0;
        }
        self.weight = self.weight.saturating_add(weight);
        self.young.insert(key, value);
    }

    /// Takes the entry out.
    pub(crate) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    pub(crate) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }

    /// A copy of the entry, which counts as asked for.
    pub(crate) fn fetch(&mut self, key: &K, weight: impl FnOnce(&V) -> usize) -> Option<V>
    where
        V: Clone,
    {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = self.old.remove_entry(key)?;
        self.insert_weighing(key, value.clone(), weight(&value));
        Some(value)
    }
}

impl<V: Copy> Recent<Box<str>, V> {
    pub(crate) fn get(&mut self, key: &str) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(*value);
        }
        let (key, value) = self.old.remove_entry(key)?;
        self.insert(key, value);
        Some(value)
    }
}

/// The numbers of an address: its own and its domain's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddressIds {
    pub(crate) address: i64,
    pub(crate) domain: i64,
}

/// The dictionary of one day file.
#[derive(Debug)]
pub(crate) struct Dictionary {
    addresses: Recent<Box<str>, AddressIds>,
    domains: Recent<Box<str>, i64>,
}

/// The part behind the last `@`, or nothing.
pub(crate) fn domain_of(key: &str) -> &str {
    key.rsplit_once('@').map_or("", |(_, domain)| domain)
}

impl Dictionary {
    pub(crate) fn new() -> Dictionary {
        Dictionary { addresses: Recent::new(GENERATION), domains: Recent::new(GENERATION) }
    }

    /// After a rolled back transaction numbers in memory may not exist in the file.
    pub(crate) fn clear(&mut self) {
        self.addresses.clear();
        self.domains.clear();
    }

    /// The numbers of a case-folded address, given to it now if it has none.
    pub(crate) fn ids(&mut self, connection: &Connection, key: &str) -> Result<AddressIds, StoreError> {
        if let Some(ids) = self.addresses.get(key) {
            return Ok(ids);
        }
        let domain = self.domain(connection, domain_of(key))?;
        // What was not seen lately is new more often than not; so one search of the index does for both.
        let mut insert = connection
            .prepare_cached("INSERT INTO address(key, domain) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
        let ids = if insert.execute(params![key, domain])? > 0 {
            AddressIds { address: connection.last_insert_rowid(), domain }
        } else {
            connection
                .prepare_cached("SELECT id, domain FROM address WHERE key = ?1")?
                .query_row([key], |row| Ok(AddressIds { address: row.get(0)?, domain: row.get(1)? }))?
        };
        self.addresses.insert(key.into(), ids);
        Ok(ids)
    }

    fn domain(&mut self, connection: &Connection, name: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.domains.get(name) {
            return Ok(id);
        }
        let known = connection
            .prepare_cached("SELECT id FROM domain WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => connection.prepare_cached("INSERT INTO domain(name) VALUES (?1)")?.insert([name])?,
        };
        self.domains.insert(name.into(), id);
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut recent: Recent<Box<str>, u32> = Recent::new(2);
        recent.insert("a".into(), 1);
        recent.insert("b".into(), 2);
        recent.insert("c".into(), 3);
        assert_eq!(recent.get("a"), Some(1));
        recent.insert("d".into(), 4);
        recent.insert("e".into(), 5);
        assert_eq!(recent.get("b"), None);
        assert_eq!(recent.get("a"), Some(1));
        assert_eq!(recent.remove("e"), Some(5));
        assert_eq!(recent.get("e"), None);
    }
}
