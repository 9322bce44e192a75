//! Messages a log has begun and not ended: a bounded table, the oldest closed first.
//!
//! May touch: nothing (pure).

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};

/// Longest queue id, in octets.
const ID_BYTES: usize = 46;

/// Which message: its host's number and its id in the queue there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct OpenId {
    host: u8,
    len: u8,
    bytes: [u8; ID_BYTES],
}

impl OpenId {
    /// The number of the host.
    pub(crate) fn host(&self) -> u8 {
        self.host
    }

    /// `None` for an id that is longer than any queue id.
    pub(crate) fn new(host: u8, id: &str) -> Option<OpenId> {
        let mut bytes = [0; ID_BYTES];
        bytes.get_mut(..id.len())?.copy_from_slice(id.as_bytes());
        Some(OpenId { host, len: u8::try_from(id.len()).ok()?, bytes })
    }
}

/// The table.
#[derive(Debug)]
pub(crate) struct OpenTable<T> {
    by_id: HashMap<OpenId, (u64, T)>,
    /// In the order in which they were begun; ended ones stay until they come to the front or are swept.
    order: VecDeque<(u64, OpenId)>,
    next: u64,
    max: usize,
    closed_early: u64,
}

impl<T> OpenTable<T> {
    pub(crate) fn new(max: usize) -> OpenTable<T> {
        OpenTable { by_id: HashMap::new(), order: VecDeque::new(), next: 0, max: max.max(1), closed_early: 0 }
    }

    pub(crate) fn get(&mut self, id: &OpenId) -> Option<&mut T> {
        self.by_id.get_mut(id).map(|(_, open)| open)
    }

    /// The open message, begun now if there is none.
    pub(crate) fn get_or_begin(&mut self, id: OpenId, begin: impl FnOnce() -> T) -> &mut T {
        if !self.by_id.contains_key(&id) {
            self.make_room();
        }
        let number = self.next;
        match self.by_id.entry(id) {
            Entry::Occupied(found) => &mut found.into_mut().1,
            Entry::Vacant(free) => {
                self.next = self.next.wrapping_add(1);
                self.order.push_back((number, id));
                &mut free.insert((number, begin())).1
            }
        }
    }

    pub(crate) fn end(&mut self, id: &OpenId) -> Option<T> {
        self.by_id.remove(id).map(|(_, open)| open)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Messages closed because there were too many.
    pub(crate) fn closed_early(&self) -> u64 {
        self.closed_early
    }

    fn make_room(&mut self) {
        while self.by_id.len() >= self.max {
            let Some((number, id)) = self.order.pop_front() else { return };
            if self.by_id.get(&id).is_some_and(|(known, _)| *known == number) {
                self.by_id.remove(&id);
                self.closed_early = self.closed_early.saturating_add(1);
            }
        }
        if self.order.len() > self.by_id.len().saturating_mul(2).saturating_add(1_024) {
            let by_id = &self.by_id;
            self.order.retain(|(number, id)| by_id.get(id).is_some_and(|(known, _)| known == number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_closed_first_and_counted() {
        let mut table: OpenTable<u32> = OpenTable::new(2);
        let id = |text: &str| OpenId::new(0, text).unwrap();
        *table.get_or_begin(id("A"), || 0) += 1;
        *table.get_or_begin(id("A"), || 0) += 1;
        table.get_or_begin(id("B"), || 0);
        table.get_or_begin(id("C"), || 0);
        assert_eq!((table.len(), table.closed_early(), table.get(&id("A")).copied()), (2, 1, None));
        assert_eq!(table.end(&id("B")), Some(0));
        for number in 0..5_000 {
            table.get_or_begin(id(&number.to_string()), || 0);
            table.end(&id(&number.to_string()));
        }
        assert!(table.order.len() < 1_100, "{}", table.order.len());
        assert_eq!((table.len(), table.closed_early()), (1, 1));
        assert_eq!(OpenId::new(0, &"x".repeat(60)), None);
    }
}
