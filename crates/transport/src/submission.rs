//! The Submission queue: messages that are accepted and wait for the categorizer.
//!
//! May touch: nothing (pure but for waking the categorizer).

use std::collections::VecDeque;

use parking_lot::Mutex;
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
    in_work: usize,
    hold: Hold,
}

impl Default for Submission {
    fn default() -> Self {
        let state =
            State { waiting: VecDeque::new(), suspects: VecDeque::new(), in_work: 0, hold: Hold::Free };
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
                let item = if state.hold == Hold::Free { state.suspects.pop_front() } else { None };
                if let Some(item) = item {
                    state.in_work = state.in_work.saturating_add(1);
                    return vec![item];
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
        if state.hold == Hold::Suspended {
            return Vec::new();
        }
        let count = state.waiting.len().min(max);
        let taken: Vec<Item> = state.waiting.drain(..count).collect();
        state.in_work = state.in_work.saturating_add(taken.len());
        if !state.waiting.is_empty() {
            self.wake.notify_one();
        }
        taken
    }

    /// `count` messages have left the categorizer.
    pub fn done(&self, count: usize) {
        let mut state = self.state.lock();
        state.in_work = state.in_work.saturating_sub(count);
    }

    /// Messages waiting for the categorizer or in it.
    #[must_use]
    pub fn len(&self) -> usize {
        let state = self.state.lock();
        state.waiting.len().saturating_add(state.suspects.len()).saturating_add(state.in_work)
    }

    /// Messages in the categorizer.
    #[must_use]
    pub fn in_work(&self) -> usize {
        self.state.lock().in_work
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
        state.waiting.iter().chain(&state.suspects).cloned().collect()
    }
}
