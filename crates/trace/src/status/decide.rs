//! The precedence of the rules: from a recipient's slots to its status, stage and final address.
//!
//! May touch: nothing (pure).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use events::Event;
use jiff::{SignedDuration, Timestamp};

use super::row::{HANDED_ON_CODE, Replacement, Row, Stage, Status, SubStatus};
use super::state::{Failure, Fold, Mark, RowState, What};
use super::words;

/// Longest chain of replacements followed for a final address; loops are cut by the addresses seen.
const CHAIN_MAX: usize = 64;
/// Final addresses named when one address was replaced by several.
const FINAL_ADDRESSES_MAX: usize = 10;

/// Counts by status over the rows of a message that stand for themselves.
pub type Rollup = BTreeMap<Status, u64>;

/// Counts by status; Expanded and Resolved rows stand for others and are left out.
pub fn roll_up<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Rollup {
    let mut counts = Rollup::new();
    for row in rows.into_iter().filter(|row| row.status.is_leaf()) {
        let count = counts.entry(row.status).or_default();
        *count = count.saturating_add(1);
    }
    counts
}

/// Flags a row that has had no end for longer than a message may live (S53), as seen at `now`.
///
/// Such a row is Pending, never Failed: nobody recorded a failure. Rows held on purpose are left alone.
/// A next attempt that has passed is not shown either: that nothing was recorded of it is all that is known.
/// `received` is the message's receive time, from which a row is measured that nothing else happened to.
pub fn no_end_seen(row: &mut Row, received: Timestamp, now: Timestamp, expiration: Duration) {
    if row.status == Status::Pending && row.next_retry.is_some_and(|at| at <= now) {
        row.next_retry = None;
        row.detail = Some(words::waiting_in_words(row));
    }
    let held = matches!(
        row.sub_status,
        Some(SubStatus::Poison | SubStatus::WaitingForModerator | SubStatus::Suppressed)
    );
    if row.status.is_end() || held {
        return;
    }
    let last = match row.status {
        Status::GettingStatus => received,
        _ => row.expires.max(row.last_event_at).unwrap_or(received),
    };
    if last.as_microsecond() < overdue_before(now, expiration) {
        if row.sub_status == Some(SubStatus::NotSeenThereYet) {
            row.detail = Some(words::handed_on_long_ago(row));
            // What the next host said stands; only where its records are read is it amiss that they have nothing.
            if row.place.is_some() {
                row.sub_status = Some(SubStatus::NoEndSeen);
            }
            return;
        }
        row.status = Status::Pending;
        row.sub_status = Some(SubStatus::NoEndSeen);
        row.detail = Some(
            "No end seen: nothing more was recorded for longer than a message may stay in a queue".into(),
        );
    }
}

/// So long after a hand-on to this server its own record must be here, where its feed is not behind: clocks of joined
/// places differ by minutes, and what was accepted is recorded with it.
const SEEN_HERE_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Flags a row that another place handed on to this server, by whatever of its names, and of which it has no record.
/// Only for a server whose own records are all here.
pub fn never_seen_here(row: &mut Row, server: &str, now: Timestamp) {
    let is_open = matches!(row.sub_status, Some(SubStatus::NotSeenThereYet | SubStatus::NoEndSeen));
    let is_here = row.place.as_deref().is_some_and(|place| is_same_host(place, server));
    let is_late = row.last_event_at.is_some_and(|last| now.duration_since(last) > SEEN_HERE_WITHIN);
    if row.status == Status::Pending && is_open && is_here && is_late {
        row.sub_status = Some(SubStatus::NeverSeenHere);
        row.detail = Some(words::never_seen_here(row));
    }
}

/// Whether two names are those of one host: the same, or one is the other without its domain.
fn is_same_host(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim_end_matches('.'), other.trim_end_matches('.'));
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_bare = !one.contains('.') || !other.contains('.');
    one.eq_ignore_ascii_case(other) || is_bare && label(one) == label(other)
}

/// What was last heard of before this, in microseconds, is overdue.
pub(crate) fn overdue_before(now: Timestamp, expiration: Duration) -> i64 {
    now.as_microsecond().saturating_sub(i64::try_from(expiration.as_micros()).unwrap_or(i64::MAX))
}

/// A status and the event it rests on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decision {
    pub(crate) status: Status,
    pub(crate) sub_status: Option<SubStatus>,
    pub(crate) mark: Option<Mark>,
}

/// Applies the precedence of trace rules 1 to 7 to one recipient.
pub(crate) fn decide(row: &RowState) -> Decision {
    if let Some(mark) = row.recalled {
        return by(Status::Recalled, None, mark);
    }
    if let Some(mark) = row.end {
        let sub_status = match mark.what {
            What::DuplicateDelivered => Some(SubStatus::DuplicateDropped),
            What::HandedOutside => Some(SubStatus::HandedOn),
            _ => None,
        };
        return by(Status::Delivered, sub_status, mark);
    }
    if let Some(mark) = row.replaced
        && !has_open_path_after(row, mark)
    {
        return match mark.what {
            What::Replaced(Replacement::Expanded) => {
                let is_empty = row.targets.is_empty() && !row.unlisted;
                by(Status::Expanded, is_empty.then_some(SubStatus::EmptyGroup), mark)
            }
            _ => by(Status::Resolved, None, mark),
        };
    }
    if let Some(mark) = row.quarantine
        && mark.what == What::Quarantined
    {
        return by(Status::Quarantined, Some(SubStatus::Quarantined), mark);
    }
    if let Some(mark) = row.failure {
        return failed(row, mark);
    }
    // A verdict is all that another system's record has of what it holds.
    if let Some(mark) = row.spam_verdict
        && mark.what == What::SpamToQuarantine
        && row.waiting.is_none_or(|waiting| waiting.order < mark.order)
    {
        return by(Status::Quarantined, Some(SubStatus::Quarantined), mark);
    }
    if let Some(mark) = row.waiting {
        let sub_status = match mark.what {
            // The place's own record is there: it is no longer unseen, only not at its end.
            What::Waiting(SubStatus::NotSeenThereYet) | What::HandedUnread
                if row.received_last > Some(mark.order) =>
            {
                SubStatus::InTransit
            }
            What::Waiting(sub_status) => sub_status,
            What::HandedUnread => SubStatus::NotSeenThereYet,
            _ => SubStatus::Queued,
        };
        return by(Status::Pending, Some(sub_status), mark);
    }
    let status = if row.processed.is_some() { Status::Pending } else { Status::GettingStatus };
    Decision { status, sub_status: None, mark: None }
}

/// Whether the address has, beside having been replaced, a path of its own that came to something else later.
fn has_open_path_after(row: &RowState, replaced: Mark) -> bool {
    let later = |slot: Option<Mark>| slot.is_some_and(|mark| mark.order > replaced.order);
    later(row.failure) || later(row.waiting) || later(row.quarantine)
}

fn failed(row: &RowState, mark: Mark) -> Decision {
    let dropped_as_spam = row.spam_verdict.is_some();
    match mark.what {
        What::Failed(Failure::Spam) => by(Status::FilteredAsSpam, Some(SubStatus::Rejected), mark),
        What::Failed(Failure::AgentUnexplained) if dropped_as_spam => {
            by(Status::FilteredAsSpam, Some(SubStatus::Rejected), mark)
        }
        What::Failed(Failure::Other(sub_status)) => by(Status::Failed, Some(sub_status), mark),
        _ => by(Status::Failed, Some(SubStatus::Rejected), mark),
    }
}

fn by(status: Status, sub_status: Option<SubStatus>, mark: Mark) -> Decision {
    Decision { status, sub_status, mark: Some(mark) }
}

impl Fold {
    /// The decision on a row. What was handed on is not unseen where its next place has it, though that one's clock, or
    /// a reply that was noted late, says that it did what it did before.
    fn decide(&self, row: &RowState) -> Decision {
        let decision = decide(row);
        let unseen = decision.mark.filter(|_| decision.sub_status == Some(SubStatus::NotSeenThereYet));
        let there = unseen.and_then(|mark| self.clocks.arrived(mark.order.node, mark.order.at));
        let (Some(there), Some(unseen)) = (there, unseen) else { return decision };
        match row.held.filter(|held| held.order.node == there) {
            Some(held) => match held.what {
                What::Waiting(sub_status) => by(Status::Pending, Some(sub_status), held),
                _ => by(Status::Pending, Some(SubStatus::Queued), held),
            },
            // Taken there for this recipient too.
            None if [row.received, row.received_last]
                .into_iter()
                .flatten()
                .any(|came| came.node == there) =>
            {
                by(Status::Pending, Some(SubStatus::InTransit), unseen)
            }
            None => decision,
        }
    }

    /// The status of each row, in row order.
    pub fn statuses(&self) -> impl Iterator<Item = Status> {
        self.rows.iter().map(|row| self.decide(row).status)
    }

    /// The status of each row with its number in the store, and for one that came to an end of its own the microseconds
    /// from receiving to it.
    pub(crate) fn ends(&self) -> impl Iterator<Item = (Status, u8, Option<i64>)> {
        self.rows.iter().map(|row| {
            let decision = self.decide(row);
            let is_unread = decision.sub_status == Some(SubStatus::NotSeenThereYet)
                && decision.mark.is_some_and(|mark| mark.what == What::HandedUnread);
            let code = if is_unread { HANDED_ON_CODE } else { decision.status.code() };
            let ended = decision.mark.filter(|_| decision.status.is_end() && decision.status.is_leaf());
            let took = ended.zip(self.received).map(|(end, start)| {
                let clocks = self.clocks.within(end.order.node, end.order.at, start.at);
                end.order.at.saturating_sub(start.at).saturating_sub(clocks)
            });
            (decision.status, code, took)
        })
    }

    /// The rows; `events` are those absorbed, in that order.
    pub fn rows(&self, events: &[&Event]) -> Vec<Row> {
        let decisions: Vec<Decision> = self.rows.iter().map(|row| self.decide(row)).collect();
        let by_key: HashMap<&str, usize> =
            self.rows.iter().enumerate().map(|(place, row)| (row.key.as_ref(), place)).collect();
        let family = Family {
            rows: &self.rows,
            decisions: &decisions,
            by_key: &by_key,
            received: self.received.is_some(),
        };
        let states = self.rows.iter().zip(&decisions);
        let mut rows: Vec<Row> = states
            .map(|(state, decision)| words::row(state, decision, events, self.received, self.not_redundant))
            .collect();
        for (place, row) in rows.iter_mut().enumerate() {
            row.stage = family.stage(place);
            let end = decisions.get(place).and_then(|decision| decision.mark);
            row.clocks_differ = end
                .zip(self.received)
                .map(|(end, start)| self.clocks.within(end.order.node, end.order.at, start.at))
                .filter(|micros| *micros != 0)
                .map(SignedDuration::from_micros);
            if row.status == Status::Resolved {
                (row.final_recipient_address, row.final_status) = family.final_of(place);
            }
        }
        rows
    }
}

/// The rows of a message as a graph of replacements.
struct Family<'a> {
    rows: &'a [RowState],
    decisions: &'a [Decision],
    by_key: &'a HashMap<&'a str, usize>,
    received: bool,
}

impl Family<'_> {
    fn status(&self, place: usize) -> Status {
        self.decisions.get(place).map_or(Status::GettingStatus, |decision| decision.status)
    }

    fn targets(&self, place: usize) -> impl Iterator<Item = usize> {
        let links = self.rows.get(place).map_or(&[][..], |row| row.targets.as_slice());
        links.iter().filter_map(|(_, _, key)| self.by_key.get(key.as_ref()).copied())
    }

    /// The rows that stand for themselves below this one; each once, loops cut.
    fn leaves(&self, place: usize, follow: impl Fn(Status) -> bool) -> Vec<usize> {
        let mut seen = HashSet::from([place]);
        let mut open: Vec<usize> = self.targets(place).collect();
        open.reverse();
        let mut leaves = Vec::new();
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            if follow(self.status(next)) {
                let before = open.len();
                open.extend(self.targets(next));
                if let Some(added) = open.get_mut(before..) {
                    added.reverse();
                }
            } else {
                leaves.push(next);
            }
            if seen.len() > self.rows.len().saturating_add(CHAIN_MAX) {
                break;
            }
        }
        leaves
    }

    /// Where a Resolved row ends: its address and status; of several the worst status.
    fn final_of(&self, place: usize) -> (Option<String>, Option<Status>) {
        let ends = self.leaves(place, |status| status == Status::Resolved);
        let named: Vec<&str> = ends
            .iter()
            .take(FINAL_ADDRESSES_MAX)
            .filter_map(|end| self.rows.get(*end).map(|row| row.address.as_ref()))
            .collect();
        let worst = ends.iter().map(|end| self.status(*end)).max_by_key(|status| severity(*status));
        ((!named.is_empty()).then(|| named.join(";")), worst)
    }

    fn stage(&self, place: usize) -> Stage {
        let Some((row, decision)) = self.rows.get(place).zip(self.decisions.get(place)) else {
            return Stage::Received;
        };
        match decision.status {
            Status::Delivered => end_stage(decision),
            Status::Failed | Status::Quarantined | Status::FilteredAsSpam => Stage::NotDelivered,
            Status::Expanded | Status::Resolved => self.stage_of_replaced(place),
            Status::Recalled => Stage::Processed,
            Status::Pending | Status::GettingStatus if row.processed.is_some() => Stage::Processed,
            Status::Pending | Status::GettingStatus if self.received => Stage::Received,
            Status::Pending | Status::GettingStatus => Stage::NotReceived,
        }
    }

    /// Green only when all below ended well; an empty group reached nobody.
    fn stage_of_replaced(&self, place: usize) -> Stage {
        let leaves = self.leaves(place, |status| !status.is_leaf());
        if leaves.is_empty() || leaves.iter().any(|leaf| self.status(*leaf) != Status::Delivered) {
            return Stage::Processed;
        }
        let handed_on =
            |leaf: &usize| self.decisions.get(*leaf).is_some_and(|leaf| end_stage(leaf) == Stage::HandedOn);
        if leaves.iter().all(handed_on) { Stage::HandedOn } else { Stage::Delivered }
    }
}

fn end_stage(decision: &Decision) -> Stage {
    if decision.sub_status == Some(SubStatus::HandedOn) { Stage::HandedOn } else { Stage::Delivered }
}

/// Which of several ends a reader must hear of first.
fn severity(status: Status) -> u8 {
    match status {
        Status::Failed => 8,
        Status::FilteredAsSpam => 7,
        Status::Quarantined => 6,
        Status::Pending => 5,
        Status::GettingStatus => 4,
        Status::Recalled => 3,
        Status::Expanded => 2,
        Status::Resolved => 1,
        Status::Delivered => 0,
    }
}
