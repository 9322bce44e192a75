//! Which of the hops that may belong together do: the best joins first, and never two of our own messages in one.
//!
//! May touch: nothing (pure).
//!
//! Taken as one node, our own messages make the joins a graph whose minimal spanning forest this is. There is one such
//! forest, whatever the order in which its edges are told, and one of a part of the graph holds no edge that the forest
//! of the whole does not have among the hops it joins: so it may be found piece by piece, as the records come.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::super::joins::{Basis, Edge, Hop, edge, parts};

/// A join found: which hops, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) a: u128,
    pub(super) b: u128,
    pub(super) edge: Edge,
}

impl Found {
    /// What is certain goes first, then the closest in time; the keys decide between equal ones.
    fn order(&self) -> (Reverse<Basis>, u64, u128, u128) {
        let closeness = self.edge.skew.map_or(u64::MAX, i64::unsigned_abs);
        (Reverse(self.edge.basis), closeness, self.a.min(self.b), self.a.max(self.b))
    }

    /// From the hop that handed the message on to the one that took it.
    pub(super) fn way(&self) -> (u128, u128) {
        if self.edge.forward { (self.a, self.b) } else { (self.b, self.a) }
    }
}

/// Sets of hops that grow together.
#[derive(Debug, Default)]
pub(super) struct Sets(HashMap<u128, u128>);

impl Sets {
    /// The hop that stands for the set.
    pub(super) fn of(&mut self, key: u128) -> u128 {
        let mut root = key;
        while let Some(next) = self.0.get(&root).copied().filter(|next| *next != root) {
            root = next;
        }
        // The way is shorter the next time.
        let mut at = key;
        while let Some(next) = self.0.insert(at, root).filter(|next| *next != root && at != root) {
            at = next;
        }
        root
    }

    /// Makes one of two; says whether they were two.
    pub(super) fn unite(&mut self, one: u128, other: u128) -> bool {
        let (one, other) = (self.of(one), self.of(other));
        let (low, high) = (one.min(other), one.max(other));
        self.0.insert(high, low);
        low != high
    }
}

/// The joins there are between these hops, each compared with each.
pub(super) fn compared(keys: &[u128], hops: &HashMap<u128, Hop>) -> Vec<Found> {
    let all: Vec<(u128, &Hop)> = keys.iter().filter_map(|key| Some((*key, hops.get(key)?))).collect();
    let mut found = Vec::new();
    for (at, (a, one)) in all.iter().enumerate() {
        for (b, other) in all.iter().skip(at.saturating_add(1)) {
            let Some(edge) = edge(one, other) else { continue };
            if !all.iter().any(|(_, hop)| parts(hop, one, other)) {
                found.push(Found { a: *a, b: *b, edge });
            }
        }
    }
    found
}

/// The joins taken, and the groups they make of the hops; each group rises.
pub(super) fn forest(
    hops: &[u128],
    mut edges: Vec<Found>,
    is_own: impl Fn(u128) -> bool,
) -> (Vec<Found>, Vec<Vec<u128>>) {
    edges.sort_by_key(Found::order);
    let mut sets = Sets::default();
    let mut own: HashMap<u128, bool> = hops.iter().map(|key| (*key, is_own(*key))).collect();
    let mut taken = Vec::new();
    for found in edges {
        let (a, b) = (sets.of(found.a), sets.of(found.b));
        let has_own = |set: u128| own.get(&set).copied().unwrap_or(false);
        // Two of our own messages stay two: their events are written under their own ids.
        if a == b || (has_own(a) && has_own(b)) {
            continue;
        }
        let either = has_own(a) || has_own(b);
        sets.unite(a, b);
        own.insert(sets.of(a), either);
        taken.push(found);
    }
    let mut groups: BTreeMap<u128, Vec<u128>> = BTreeMap::new();
    for key in hops {
        groups.entry(sets.of(*key)).or_default().push(*key);
    }
    let mut groups: Vec<Vec<u128>> = groups.into_values().collect();
    groups.iter_mut().for_each(|group| group.sort_unstable());
    (taken, groups)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found((a, b, certain, skew): (u128, u128, bool, i64)) -> Found {
        let basis = if certain { Basis::Certain } else { Basis::Probable };
        Found { a, b, edge: Edge { basis, skew: Some(skew), forward: true } }
    }

    fn groups(hops: &[u128], edges: Vec<Found>) -> Vec<Vec<u128>> {
        forest(hops, edges, |key| key < 3).1
    }

    proptest! {
        #[test]
        fn the_forest_of_forests_is_the_forest_of_all(
            edges in proptest::collection::vec((0_u128..8, 0_u128..8, any::<bool>(), 0_i64..4), 0..24),
            order in any::<proptest::sample::Index>(),
        ) {
            let own = |key: u128| key < 3;
            let edges: Vec<Found> = edges.into_iter().filter(|(a, b, ..)| a != b && !(own(*a) && own(*b))).map(found).collect();
            let hops: Vec<u128> = (0..8).collect();
            let whole = groups(&hops, edges.clone());
            // One after the other, from any of them on, with what was taken before.
            let mut kept: Vec<Found> = Vec::new();
            let first = if edges.is_empty() { 0 } else { order.index(edges.len()) };
            for edge in edges.iter().cycle().skip(first).take(edges.len()) {
                kept.push(*edge);
                kept = forest(&hops, kept, own).0;
            }
            prop_assert_eq!(groups(&hops, kept), whole.clone());
            for group in &whole {
                prop_assert!(group.iter().filter(|key| own(**key)).count() <= 1);
            }
        }
    }

    #[test]
    fn a_certain_join_displaces_a_probable_one() {
        let probable = found((0, 5, false, 0));
        assert_eq!(groups(&[0, 1, 5], vec![probable]), [vec![0, 5], vec![1]]);
        let certain = found((1, 5, true, 9));
        assert_eq!(groups(&[0, 1, 5], vec![probable, certain]), [vec![0], vec![1, 5]]);
    }
}
