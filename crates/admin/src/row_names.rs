//! The rows somebody was shown in a search that stays open, the newest so many, by what names a row.
//! May touch: nothing (pure).

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use crate::output::Row;

/// The names of rows as numbers, in the order in which they were shown first.
#[derive(Debug)]
pub(crate) struct RowNames {
    max: usize,
    next: u64,
    turns: HashMap<u64, u64>,
    names: BTreeMap<u64, u64>,
}

impl RowNames {
    /// Remembers at most `max` of them, the newest.
    pub(crate) fn new(max: usize) -> RowNames {
        RowNames { max, next: 0, turns: HashMap::new(), names: BTreeMap::new() }
    }

    /// Notes that a row was shown; one shown before keeps its place. Whether it was not known.
    pub(crate) fn add(&mut self, row: &Row) -> bool {
        let (name, turn) = (name(row), self.next);
        if self.turns.contains_key(&name) {
            return false;
        }
        self.next = turn.saturating_add(1);
        self.turns.insert(name, turn);
        self.names.insert(turn, name);
        if self.names.len() > self.max
            && let Some((_, oldest)) = self.names.pop_first()
        {
            self.turns.remove(&oldest);
        }
        true
    }

    /// The same, but one more than `most` is not remembered.
    pub(crate) fn add_up_to(&mut self, row: &Row, most: usize) -> bool {
        if self.names.len() < most.min(self.max) {
            self.add(row)
        } else {
            !self.turns.contains_key(&name(row))
        }
    }

    /// Forgets a row; whether it was known.
    pub(crate) fn take(&mut self, row: &Row) -> bool {
        let turn = self.turns.remove(&name(row));
        turn.is_some_and(|turn| self.names.remove(&turn).is_some())
    }
}

/// A number for what names a row: its message and its recipient.
fn name(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    for property in ["MessageTraceId", "RecipientAddress"] {
        row.get(property).and_then(Value::as_str).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(to: &str) -> Row {
        json!({ "MessageTraceId": "7", "RecipientAddress": to }).as_object().unwrap().clone()
    }

    #[test]
    fn a_row_that_left_and_came_again_is_as_new_as_any() {
        let mut names = RowNames::new(2);
        names.add(&row("kim"));
        names.add(&row("lee"));
        assert!(names.take(&row("kim")) && !names.take(&row("kim")));
        names.add(&row("kim"));
        // The oldest of three goes; the place it had before counts for nothing.
        names.add(&row("zoe"));
        assert!(!names.take(&row("lee")), "the oldest is forgotten");
        assert!(names.take(&row("kim")) && names.take(&row("zoe")));
        assert!(names.turns.is_empty() && names.names.is_empty());
    }

    #[test]
    fn no_more_are_kept_than_may_be() {
        let mut names = RowNames::new(3);
        for number in 0..50 {
            assert!(names.add(&row(&number.to_string())));
            assert!(!names.add(&row(&number.to_string())));
            if number % 2 == 0 {
                names.take(&row(&number.to_string()));
            }
        }
        assert_eq!((names.turns.len(), names.names.len()), (3, 3));
        assert!(names.take(&row("49")) && names.take(&row("47")) && !names.take(&row("43")));
    }
}
