//! Imports and removals that an answer may have a part of: those under way, those that ended since it was asked for, and
//! those that never came to their end.
//!
//! May touch: the list of imports, see [`Places`].

use jiff::Timestamp;

use super::identity::is_same_place;
use super::imported::{ImportEntry, ImportState, RemovedPlace};
use super::work::Places;
use crate::completeness::{BEHIND_AFTER, Interval};
use crate::search::Gap;

/// How causes begin that are of what changes while it is asked for.
const RECORDS: &str = "records of ";
/// How they end.
const NOW: &[&str] =
    &[" are being imported", " were imported meanwhile", " are being removed", " were removed meanwhile"];
/// How causes begin that are of imports that did not come to their end.
const IMPORT: &str = "an import of ";

/// What is done to the records of a place, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Importing,
    Imported,
    /// The server ended before the import did.
    CutOff,
    /// Somebody stopped the import, or it could not go on.
    Stopped,
    Removing,
    Removed,
    /// The removal did not come to its end.
    HalfRemoved,
}

/// What was or is done to the records of a place, so that an answer may have a part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meanwhile {
    /// The place.
    pub(crate) place: String,
    done: Done,
    /// The earliest and the latest time of its records, where that is known.
    span: Option<(Timestamp, Timestamp)>,
    /// Its records are of before this time, where that is known.
    before: Option<Timestamp>,
}

impl Meanwhile {
    fn of_import(entry: &ImportEntry, since: Timestamp, all: &[ImportEntry]) -> Option<Meanwhile> {
        let span = entry.first.zip(entry.last);
        let is_since = entry.end.is_some_and(|end| end > since);
        let done = match entry.state {
            ImportState::Running => Done::Importing,
            // What was found to be there already changes nothing.
            _ if is_since && span.is_some() && entry.new > 0 => Done::Imported,
            ImportState::Stopped | ImportState::Failed if !is_made_good(entry, all) => match entry.end {
                None => Done::CutOff,
                Some(_) if entry.lines > 0 => Done::Stopped,
                Some(_) => return None,
            },
            _ => return None,
        };
        let is_over = done == Done::Imported;
        let before = entry.start.filter(|_| matches!(done, Done::CutOff | Done::Stopped));
        Some(Meanwhile { place: entry.place.clone(), done, span: span.filter(|_| is_over), before })
    }

    fn of_removal(removed: &RemovedPlace, since: Timestamp) -> Option<Meanwhile> {
        let done = match removed.end {
            Some(end) if end > since => Done::Removed,
            Some(_) => return None,
            None if removed.is_running => Done::Removing,
            None => Done::HalfRemoved,
        };
        let before = (done == Done::HalfRemoved).then_some(removed.start);
        Some(Meanwhile { place: removed.place.clone(), done, span: None, before })
    }

    /// Whether its records may be of this time.
    pub(crate) fn concerns(&self, (start, end): Interval) -> bool {
        // Clocks of other systems differ.
        let is_before =
            |one: Timestamp, other: Timestamp| one.checked_add(BEHIND_AFTER).is_ok_and(|one| one < other);
        let is_too_late = start.is_some_and(|start| {
            self.before.is_some_and(|before| before <= start)
                || self.span.is_some_and(|(_, last)| is_before(last, start))
        });
        let is_too_early = end.zip(self.span).is_some_and(|(end, (first, _))| is_before(end, first));
        !is_too_late && !is_too_early
    }

    /// Whether the place is one that records come from, or came.
    pub(crate) fn is_of_import(&self) -> bool {
        matches!(self.done, Done::Importing | Done::Imported | Done::CutOff | Done::Stopped)
    }

    /// As a gap of an answer.
    pub(crate) fn gap(&self) -> Gap {
        let place = &self.place;
        let records = |end: usize| format!("{RECORDS}{place}{}", NOW.get(end).copied().unwrap_or_default());
        self.gap_of(match self.done {
            Done::Importing => records(0),
            Done::Imported => records(1),
            Done::Removing => records(2),
            Done::Removed => records(3),
            Done::CutOff => {
                format!("{IMPORT}{place} did not come to its end, because the server ended; import it again")
            }
            Done::Stopped => {
                format!("{IMPORT}{place} ended before all was read; import it again")
            }
            Done::HalfRemoved => format!(
                "the removal of the records of {place} did not come to its end; run Remove-MessageTraceImport -Place {place} again"
            ),
        })
    }

    /// As a gap of a report that was written meanwhile; none where that is no matter of when it was written.
    pub(crate) fn gap_of_report(&self) -> Option<Gap> {
        let (done, how) = match self.done {
            Done::Importing | Done::Imported => ("imported", "to have them all"),
            Done::Removing | Done::Removed => ("removed", "to have it without them"),
            _ => return None,
        };
        let place = &self.place;
        Some(self.gap_of(format!(
            "{RECORDS}{place} were {done} while this report was written; start it again {how}"
        )))
    }

    fn gap_of(&self, cause: String) -> Gap {
        let (start, end) = self.span.unzip();
        Gap { source: self.place.clone(), start, end, count: None, cause }
    }
}

/// Whether a later import of the same files came to its end.
fn is_made_good(entry: &ImportEntry, all: &[ImportEntry]) -> bool {
    let is_later = |other: &&ImportEntry| {
        other.id > entry.id
            && other.state == ImportState::Completed
            && other.asked == entry.asked
            && is_same_place(&other.place, &entry.place)
    };
    // By an earlier release, that did not note what was asked for.
    entry.asked.is_empty() || all.iter().any(|other| is_later(&other))
}

/// Whether a gap is of what changed while it was asked for.
pub(crate) fn is_of_meanwhile(gap: &Gap) -> bool {
    gap.cause.starts_with(RECORDS) && NOW.iter().any(|end| gap.cause.ends_with(end))
}

impl Places {
    /// What an answer may have a part of that was begun at this time, as far as it is kept; each place once for the same
    /// reason. Blocks.
    pub(crate) fn meanwhile(&self, since: Timestamp, kept_from: Timestamp) -> Vec<Meanwhile> {
        let mut known = self.imported_places().lock();
        // That the list cannot be read is said where the places are asked for.
        let Ok(remembered) = self.remembered(&mut known) else { return Vec::new() };
        let kept =
            remembered.imports.iter().filter(|entry| entry.start.is_some_and(|start| start >= kept_from));
        let imports = kept.filter_map(|entry| Meanwhile::of_import(entry, since, &remembered.imports));
        let kept = remembered.removals.iter().filter(|removed| removed.start >= kept_from);
        let removals = kept.filter_map(|removed| Meanwhile::of_removal(removed, since));
        let mut found: Vec<Meanwhile> = Vec::new();
        for one in imports.chain(removals) {
            if !found.contains(&one) {
                found.push(one);
            }
        }
        found
    }
}
