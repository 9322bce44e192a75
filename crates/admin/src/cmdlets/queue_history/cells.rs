//! From when recipients waited to how many waited when, by queue.
//! May touch: nothing (pure).

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use trace::{Status, TraceRow};
use transport::send::trial;

/// Queues told apart; those of further ones are counted together.
pub(super) const QUEUES_MAX: usize = 60;
/// What stands for them.
pub(super) const OTHERS: &str = "(others)";
/// Cells of a queue.
pub(super) const CELLS_MAX: usize = 400;

/// One queue in one span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cell {
    /// Recipients that were in it at any time of the span.
    pub(super) passed: u64,
    /// Recipients that were in it when the span ended.
    pub(super) waiting: u64,
}

/// The table so far.
pub(super) struct Cells {
    start: Timestamp,
    end: Timestamp,
    /// When each span begins and ends.
    spans: Vec<(Timestamp, Timestamp)>,
    queues: HashMap<String, Vec<Cell>>,
}

impl Cells {
    /// For `start` to `end` in spans of `step`; nothing where that is none, or more than [`CELLS_MAX`].
    pub(super) fn new(start: Timestamp, end: Timestamp, step: SignedDuration) -> Option<Cells> {
        let count = end.duration_since(start).as_secs().checked_div(step.as_secs())?;
        let count = usize::try_from(count).ok()?;
        if step.as_secs() <= 0 || start >= end || count >= CELLS_MAX {
            return None;
        }
        let mut spans = Vec::new();
        let mut from = start;
        while from < end && spans.len() < CELLS_MAX {
            let to = from.checked_add(step).unwrap_or(end).min(end);
            spans.push((from, to));
            from = to;
        }
        Some(Cells { start, end, spans, queues: HashMap::new() })
    }

    /// When each span begins and ends; the last one may be shorter.
    pub(super) fn spans(&self) -> &[(Timestamp, Timestamp)] {
        &self.spans
    }

    /// Counts a recipient in the spans it waited in; nothing for one that never was in a queue, as a test message is not.
    pub(super) fn add(&mut self, row: &TraceRow) {
        let Some(queue) = row.row.queue.as_deref().filter(|queue| *queue != trial::CALLED) else { return };
        let Some(from) = row.row.processed_at.or(row.row.received_at) else { return };
        let waits = matches!(row.status, Status::Pending | Status::GettingStatus);
        let to = match row.row.ended_at {
            Some(to) => to,
            None if waits => Timestamp::MAX,
            None => return,
        };
        self.wait(queue, from, to);
    }

    fn wait(&mut self, queue: &str, from: Timestamp, to: Timestamp) {
        if to < self.start || from >= self.end {
            return;
        }
        let spans = &self.spans;
        let room = self.queues.len() < QUEUES_MAX || self.queues.contains_key(queue);
        let name = if room { queue } else { OTHERS };
        let cells = self.queues.entry(name.to_owned()).or_insert_with(|| vec![Cell::default(); spans.len()]);
        for (cell, (begins, ends)) in cells.iter_mut().zip(spans) {
            if from < *ends && to >= *begins {
                cell.passed = cell.passed.saturating_add(1);
            }
            if from < *ends && to >= *ends {
                cell.waiting = cell.waiting.saturating_add(1);
            }
        }
    }

    /// The queues, those with the most waiting first.
    pub(super) fn sorted(self) -> Vec<(String, Vec<Cell>)> {
        let mut queues: Vec<(String, Vec<Cell>)> = self.queues.into_iter().collect();
        queues.sort_by_cached_key(|(name, cells)| {
            let sum = |one: fn(&Cell) -> u64| cells.iter().map(one).fold(0, u64::saturating_add);
            (std::cmp::Reverse((sum(|cell| cell.waiting), sum(|cell| cell.passed))), name.clone())
        });
        queues
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64, minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_132_800 + hour * 3_600 + minute * 60).unwrap()
    }

    #[test]
    fn a_recipient_is_counted_where_it_waited() {
        let mut cells = Cells::new(at(0, 0), at(3, 30), SignedDuration::from_hours(1)).unwrap();
        let spans = cells.spans();
        assert_eq!((spans.len(), spans[3]), (4, (at(3, 0), at(3, 30))));
        cells.wait("a.example", at(0, 10), at(0, 11));
        cells.wait("a.example", at(0, 50), at(2, 5));
        cells.wait("b.example", at(-2, 0), Timestamp::MAX);
        cells.wait("c.example", at(-2, 0), at(-1, 0));
        cells.wait("c.example", at(3, 30), Timestamp::MAX);
        let shown: Vec<(String, Vec<(u64, u64)>)> = cells
            .sorted()
            .into_iter()
            .map(|(name, cells)| (name, cells.iter().map(|cell| (cell.passed, cell.waiting)).collect()))
            .collect();
        let expected = [
            ("b.example".to_owned(), vec![(1, 1), (1, 1), (1, 1), (1, 1)]),
            ("a.example".to_owned(), vec![(2, 1), (1, 1), (1, 0), (0, 0)]),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn spans_and_queues_are_bounded() {
        let minute = SignedDuration::from_mins(1);
        assert!(Cells::new(at(0, 0), at(24, 0), minute).is_none());
        assert!(Cells::new(at(1, 0), at(0, 0), minute).is_none());
        assert!(Cells::new(at(0, 0), at(1, 0), SignedDuration::ZERO).is_none());
        let mut cells = Cells::new(at(0, 0), at(1, 0), minute).unwrap();
        for number in 0..QUEUES_MAX + 3 {
            cells.wait(&format!("{number}.example"), at(0, 0), at(0, 1));
        }
        let queues = cells.sorted();
        assert_eq!(queues.len(), QUEUES_MAX + 1);
        assert!(queues.iter().any(|(name, cells)| name == OTHERS && cells[0].passed == 3));
    }
}
