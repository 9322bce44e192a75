//! The Submission queue: messages that are accepted and wait for the categorizer. A message that comes from two queues at
//! once is categorized one part after the other, so that both do not give their new recipients the same numbers.
//!
//! May touch: nothing (pure but for waking the categorizer).

use std::collections::{HashSet, VecDeque};

use parking_lot::Mutex;
use spool::MessageNo;
use tokio::sync::Notify;

use crate::envelope::Hold;
use crate::item::Item;

/// Messages that wait, in the order they came.
pub struct Submission {
    state: Mutex<State>,
    wake: Notify,
    wake_suspects: Notify,
}

struct State {
    waiting: VecDeque<Item>,
    /// Messages that were in progress when something broke; see `categorize/in_progress.rs`.
    suspects: VecDeque<Item>,
    in_work: HashSet<MessageNo>,
    /// Further parts of messages in work; they wait for the end of those.
    parked: Vec<Item>,
    hold: Hold,
}

impl Default for Submission {
    fn default() -> Self {
        let state = State {
            waiting: VecDeque::new(),
            suspects: VecDeque::new(),
            in_work: HashSet::new(),
            parked: Vec::new(),
            hold: Hold::Free,
        };
        Self { state: Mutex::new(state), wake: Notify::new(), wake_suspects: Notify::new() }
    }
}

impl Submission {
    /// Adds a message. The queue has no bound of its own: back pressure keeps it short.
    pub fn push(&self, item: Item) {
        let suspected = item.envelope.poison_count > 0;
        if suspected {
            self.state.lock().suspects.push_back(item);
            self.wake_suspects.notify_one();
        } else {
            self.state.lock().waiting.push_back(item);
            self.wake.notify_one();
        }
    }

    /// Takes one suspect, waiting for it. It counts as in work until [`Self::done`].
    pub async fn take_suspect(&self) -> Vec<Item> {
        loop {
            let woken = self.wake_suspects.notified();
            {
                let mut state = self.state.lock();
                let taken = state.take(1, |state| &mut state.suspects);
                if !taken.is_empty() {
                    return taken;
                }
            }
            woken.await;
        }
    }

    /// Takes up to `max` messages, waiting for the first. Each counts as in work until [`Self::done`].
    pub async fn take(&self, max: usize) -> Vec<Item> {
        loop {
            let woken = self.wake.notified();
            let taken = self.take_now(max);
            if !taken.is_empty() {
                return taken;
            }
            woken.await;
        }
    }

    fn take_now(&self, max: usize) -> Vec<Item> {
        let mut state = self.state.lock();
        let taken = state.take(max, |state| &mut state.waiting);
        if !taken.is_empty() && !state.waiting.is_empty() {
            self.wake.notify_one();
        }
        taken
    }

    /// These messages have left the categorizer.
    pub fn done(&self, messages: &[MessageNo]) {
        let mut state = self.state.lock();
        for no in messages {
            state.in_work.remove(no);
        }
        let parked = std::mem::take(&mut state.parked);
        drop(state);
        for item in parked {
            self.push(item);
        }
    }

    /// Messages waiting for the categorizer or in it.
    #[must_use]
    pub fn len(&self) -> usize {
        let state = self.state.lock();
        let waiting = state.waiting.len().saturating_add(state.suspects.len());
        waiting.saturating_add(state.parked.len()).saturating_add(state.in_work.len())
    }

    /// Messages in the categorizer.
    #[must_use]
    pub fn in_work(&self) -> usize {
        self.state.lock().in_work.len()
    }

    /// Whether nothing waits and nothing is in work.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Suspend-Queue, Resume-Queue.
    pub fn set_hold(&self, hold: Hold) {
        self.state.lock().hold = hold;
        self.wake.notify_one();
        self.wake_suspects.notify_one();
    }

    /// Whether it is suspended.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.state.lock().hold
    }

    /// The messages that wait, for `Get-Message`.
    #[must_use]
    pub fn waiting(&self) -> Vec<Item> {
        let state = self.state.lock();
        state.waiting.iter().chain(&state.suspects).chain(&state.parked).cloned().collect()
    }
}

impl State {
    /// Up to `max` messages of which no other part is in work, and they are from now on.
    fn take(&mut self, max: usize, from: impl Fn(&mut Self) -> &mut VecDeque<Item>) -> Vec<Item> {
        let mut taken = Vec::new();
        while self.hold == Hold::Free
            && taken.len() < max
            && let Some(item) = from(self).pop_front()
        {
            if self.in_work.insert(item.no) {
                taken.push(item);
            } else {
                self.parked.push(item);
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::set::tests::item;

    #[test]
    fn two_parts_of_a_message_are_never_in_work_together() {
        let submission = Submission::default();
        for (no, entry) in [(7, 0), (8, 0), (7, 1)] {
            submission.push(item(no, &[entry]));
        }
        let numbers = |taken: &[Item]| taken.iter().map(|item| item.no).collect::<Vec<_>>();
        let first = submission.take_now(64);
        assert_eq!(numbers(&first), [MessageNo(7), MessageNo(8)]);
        assert_eq!((submission.len(), submission.in_work(), submission.waiting().len()), (3, 2, 1));
        assert!(submission.take_now(64).is_empty());
        submission.done(&numbers(&first));
        let second = submission.take_now(64);
        assert_eq!(
            second.iter().map(|item| (item.no, item.entries.len())).collect::<Vec<_>>(),
            [(MessageNo(7), 1)]
        );
        submission.done(&numbers(&second));
        assert!(submission.is_empty());
    }
}
