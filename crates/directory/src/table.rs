//! A hash map whose copies share everything that has not changed.
//!
//! May touch: nothing (pure).
//! A change to the directory copies the snapshot and edits the copy. The map is cut into [`SHARDS`] parts behind
//! reference counts: a copy costs one count per part, an edit copies the one part it falls into.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

/// Parts of a map: at 10,000 entries an edit copies some 40 of them.
const SHARDS: usize = 256;

#[derive(Debug, Clone)]
pub(crate) struct Table<K, V> {
    shards: Vec<Arc<HashMap<K, V>>>,
    hasher: RandomState,
    len: usize,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Table<K, V> {
        let empty = Arc::new(HashMap::new());
        Table { shards: vec![empty; SHARDS], hasher: RandomState::new(), len: 0 }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Table<K, V> {
    fn shard_of<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        // The high bits, because the map within a shard uses the low ones of its own hash.
        usize::try_from(self.hasher.hash_one(key) >> 56).unwrap_or(0) % SHARDS
    }

    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.shards.get(self.shard_of(key))?.get(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let shard = self.shard_of(&key);
        let old = Arc::make_mut(self.shards.get_mut(shard)?).insert(key, value);
        if old.is_none() {
            self.len += 1;
        }
        old
    }

    pub(crate) fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let shard = self.shard_of(key);
        let shard = self.shards.get_mut(shard)?;
        if !shard.contains_key(key) {
            return None;
        }
        self.len -= 1;
        Arc::make_mut(shard).remove(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.shards.iter().flat_map(|shard| shard.values())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_not_changed_with_its_original() {
        let mut table = Table::default();
        for number in 0..1_000_u32 {
            assert_eq!(table.insert(number, number), None);
        }
        let copy = table.clone();
        assert_eq!(table.insert(7, 70), Some(7));
        assert_eq!(table.remove(&8), Some(8));
        assert_eq!(table.remove(&8), None);
        assert_eq!((table.get(&7), table.get(&8), table.len()), (Some(&70), None, 999));
        assert_eq!((copy.get(&7), copy.get(&8), copy.len()), (Some(&7), Some(&8), 1_000));
        assert_eq!(copy.values().count(), 1_000);
        assert_eq!(table.values().count(), 999);
    }

    #[test]
    fn an_edit_copies_one_part() {
        let mut table = Table::default();
        for number in 0..1_000_u32 {
            table.insert(number, number);
        }
        let copy = table.clone();
        table.insert(3, 4);
        let shared =
            table.shards.iter().zip(&copy.shards).filter(|(mine, theirs)| Arc::ptr_eq(mine, theirs)).count();
        assert_eq!(shared, SHARDS - 1);
    }
}
