//! One look of one person: what it showed so far, and its row of the audit log.
//! May touch: directory (audit log).
//!
//! Who reads an answer page after page, and keeps the search open, has looked once. All that is shown is added up here, and
//! the row says so before a page is given.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use directory::{AuditEnd, CommandId, Directory, DirectoryError};
use parking_lot::Mutex;
use serde_json::Value;

use crate::audit::{self, FOLLOW};
use crate::output::{Beyond, Output, Row};
use crate::row_names::RowNames;

/// Rows shown that are remembered, of each search that stays open: of an older one it is not told that it is gone.
const SHOWN_MAX: usize = 10_000;
/// Rows remembered of a look that is not open: one that is read again counts once.
pub(super) const REMEMBERED_MAX: usize = 1_000;
/// Addresses kept of those whose mail a search showed.
const ADDRESSES_MAX: usize = 1_000;
/// Further addresses that are counted.
const COUNTED_MAX: usize = 20_000;

/// A look that is in the log. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Look(Arc<Recorded>);

#[derive(Debug)]
struct Recorded {
    id: CommandId,
    shown: Mutex<Shown>,
    is_open: AtomicBool,
    /// Held from when it is counted what was shown until the log has it: who writes later has counted later.
    writing: Mutex<()>,
}

impl Look {
    /// That of a recorded look-up, which has shown this.
    pub(crate) fn new(id: CommandId, shown: Shown) -> Look {
        let (shown, writing) = (Mutex::new(shown), Mutex::new(()));
        Look(Arc::new(Recorded { id, shown, is_open: AtomicBool::new(false), writing }))
    }

    /// The number of its record.
    #[cfg(test)]
    pub(crate) fn id(&self) -> CommandId {
        self.0.id
    }

    /// Of whom it told.
    #[cfg(test)]
    pub(crate) fn about(&self) -> Option<String> {
        self.0.shown.lock().end().about
    }

    /// Keeps that a row was shown.
    pub(super) fn show(&self, row: &Row) {
        self.0.shown.lock().add(row);
    }

    /// Keeps of whose mail was told beside the rows.
    pub(super) fn tell_of(&self, to: &str) {
        self.0.shown.lock().tell_of(to);
    }

    /// Forgets a row that is no longer shown; whether it was.
    pub(super) fn take(&self, row: &Row) -> bool {
        self.0.shown.lock().take(row)
    }

    /// Opens its record again, for a search that stays open; `None` where the log no longer has it. Blocks for a disk sync.
    pub(super) fn go_on(self, directory: &Directory) -> Result<Option<Look>, DirectoryError> {
        self.0.is_open.store(true, Ordering::Relaxed);
        Ok(directory.go_on_with_look_up(self.0.id, FOLLOW)?.then_some(self))
    }

    /// Adds what a further page is about to show.
    pub(crate) fn add_page(&self, output: &Output) {
        let max = if self.0.is_open.load(Ordering::Relaxed) { SHOWN_MAX } else { REMEMBERED_MAX };
        self.0.shown.lock().add_answer(output, max);
    }

    /// Writes what was shown so far; whether the log still has the record. Blocks for a disk sync.
    ///
    /// # Errors
    /// When it cannot be written; what was added must not be shown then.
    pub(crate) fn write(&self, directory: &Directory) -> Result<bool, DirectoryError> {
        let _order = self.0.writing.lock();
        let so_far = self.0.shown.lock().end();
        directory.add_to_look_up(self.0.id, &so_far)
    }

    /// Writes that it has ended. Blocks for a disk sync.
    pub(super) fn end(&self, directory: &Directory) {
        let _order = self.0.writing.lock();
        let end = self.0.shown.lock().end();
        audit::record_end(directory, self.0.id, &end);
    }
}

/// What a search showed so far, for the audit log.
#[derive(Debug)]
pub(crate) struct Shown {
    rows: u64,
    about: BTreeSet<String>,
    /// Numbers for the addresses beyond those.
    counted: HashSet<u64>,
    /// Whether there were more than are counted.
    is_more: bool,
    names: RowNames,
}

impl Default for Shown {
    fn default() -> Shown {
        Shown {
            rows: 0,
            about: BTreeSet::new(),
            counted: HashSet::new(),
            is_more: false,
            names: RowNames::new(SHOWN_MAX),
        }
    }
}

impl Shown {
    /// What an answer shows.
    pub(super) fn of(output: &Output) -> Shown {
        let mut shown = Shown::default();
        shown.add_answer(output, REMEMBERED_MAX);
        shown
    }

    fn add_answer(&mut self, output: &Output, remembered_max: usize) {
        output.also_about.iter().for_each(|address| self.tell_of(address));
        output.rows.iter().for_each(|row| self.add_of_answer(row, remembered_max));
    }

    /// Keeps that a row was shown, and whose mail it is. One shown before counts once.
    pub(crate) fn add(&mut self, row: &Row) {
        if !self.names.add(row) {
            return;
        }
        self.count(row);
    }

    /// The same of a row of an answer, of which only so many are remembered, the first.
    fn add_of_answer(&mut self, row: &Row, remembered_max: usize) {
        if self.names.add_up_to(row, remembered_max) {
            self.count(row);
        }
    }

    fn count(&mut self, row: &Row) {
        self.rows = self.rows.saturating_add(1);
        self.tell_of(row.get("RecipientAddress").and_then(Value::as_str).unwrap_or_default());
    }

    /// Keeps whose mail it was.
    fn tell_of(&mut self, to: &str) {
        if to.is_empty() || self.about.contains(to) {
            return;
        }
        if self.about.len() < ADDRESSES_MAX {
            self.about.insert(to.to_owned());
            return;
        }
        let number = number(to);
        if self.counted.len() < COUNTED_MAX {
            self.counted.insert(number);
        } else {
            self.is_more |= !self.counted.contains(&number);
        }
    }

    /// Forgets a row that is no longer shown; whether it was.
    pub(crate) fn take(&mut self, row: &Row) -> bool {
        self.names.take(row)
    }

    /// What the audit log keeps of it at the end.
    pub(crate) fn end(&self) -> AuditEnd {
        let beyond = self.counted.len();
        let beyond = if self.is_more { Beyond::MoreThan(beyond) } else { Beyond::Exactly(beyond) };
        let about = audit::about_some(self.about.iter().map(String::as_str).collect(), beyond);
        AuditEnd { error: None, rows: Some(self.rows), about }
    }
}

/// A number for an address: those that are not named need no text.
fn number(address: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn about(people: usize) -> String {
        let mut shown = Shown::default();
        // Of each person two messages.
        for number in 0..people * 2 {
            let row = json!({
                "MessageTraceId": number.to_string(),
                "RecipientAddress": format!("p{:05}@contoso.example", number % people),
            });
            shown.add(row.as_object().unwrap());
        }
        shown.end().about.unwrap()
    }

    #[test]
    fn all_people_whose_mail_was_shown_are_counted_and_the_first_named() {
        for (people, end) in [
            (2, "p00000@contoso.example p00001@contoso.example"),
            (101, " p00099@contoso.example and 1 more"),
            (1_000, " and 900 more"),
            (5_000, " and 4900 more"),
            (21_000, " and 20900 more"),
            (21_001, " and more than 20900 more"),
        ] {
            let told = about(people);
            assert!(told.starts_with("p00000@contoso.example ") && told.ends_with(end), "{people}: {told}");
        }
    }

    #[test]
    fn a_row_without_a_recipient_is_about_nobody() {
        let mut shown = Shown::default();
        shown.add(json!({ "MessageTraceId": "1", "RecipientAddress": "" }).as_object().unwrap());
        assert_eq!(shown.end(), AuditEnd { error: None, rows: Some(1), about: None });
    }
}
