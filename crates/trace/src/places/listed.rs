//! An import that is listed while it runs and afterwards, and the removal of a place: never both of the same place.
//!
//! May touch: the disk, the store through [`Places`], the clock.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use world::Clock;

use super::identity::{Place, place_key};
use super::imported::{IMPORT_FILES_MAX, ImportEntry, ImportState};
use super::path::{PathReport, Progress};
use super::read::Options;
use super::surroundings::Surroundings;
use super::work::{ImportError, Places, TakenOut};

/// How often it is noted how far an import is, for those who ask and for the next start.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(5);

/// What is done to a place now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Busy {
    /// An import, or a piece of a source's work.
    Importing,
    Removing,
}

/// Something that is done to a place, until it is dropped.
#[must_use]
pub(super) struct Claim<'a> {
    places: &'a Places,
    place: String,
    what: Busy,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut busy = self.places.busy().lock();
        if let Some(at) = busy.iter().position(|(place, what)| *place == self.place && *what == self.what) {
            busy.swap_remove(at);
        }
    }
}

impl Places {
    /// For a piece of a source's work: what it remembers to have read must not be taken out while it writes it.
    ///
    /// # Errors
    /// While the place is being removed.
    pub(super) fn claim_to_read(&self, place: &str) -> Result<Claim<'_>, ImportError> {
        self.claim(place, Busy::Importing)
    }

    /// # Errors
    /// If something else is done to the place; says what.
    fn claim(&self, place: &str, what: Busy) -> Result<Claim<'_>, ImportError> {
        let key = place_key(place);
        let mut busy = self.busy().lock();
        // Several imports may go on at once.
        let is_in_the_way = |other: &Busy| (*other, what) != (Busy::Importing, Busy::Importing);
        let mut others = busy.iter().filter(|(of, _)| *of == key).map(|(_, other)| *other);
        let other = others.find(is_in_the_way);
        let cause = match other {
            None => {
                busy.push((key.clone(), what));
                return Ok(Claim { places: self, place: key, what });
            }
            Some(Busy::Importing) => {
                format!(
                    "records of the place \"{place}\" are being read; wait for the end of that, or stop it"
                )
            }
            Some(Busy::Removing) => {
                format!("the place \"{place}\" is being removed; wait for the end of that")
            }
        };
        Err(ImportError::Busy(cause))
    }

    /// Whether an import into the place is running.
    pub fn is_importing(&self, place: &str) -> bool {
        let key = place_key(place);
        self.busy().lock().iter().any(|(of, what)| *of == key && *what == Busy::Importing)
    }

    /// [`Places::import_path`], listed with who imports. Blocks.
    ///
    /// # Errors
    /// As there; and if the place is being removed, or the list cannot be written.
    pub fn import_listed(
        &self,
        (path, by): (&Path, &str),
        place: &Place,
        around: &Arc<Surroundings>,
        options: &Options,
        clock: &Clock,
        go_on: &dyn Fn(&Progress) -> bool,
    ) -> Result<PathReport, ImportError> {
        let _claim = self.claim(place.name(), Busy::Importing)?;
        let now = clock.now();
        let mut entry = ImportEntry::new(place.name(), by, Some(now));
        entry.asked = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        entry.files.extend(Some(entry.asked.clone()).filter(|name| !name.is_empty()));
        entry.file_count = u64::try_from(entry.files.len()).unwrap_or(0);
        entry.id = self.note_import(entry.clone())?;
        let (noted, so_far) = (Cell::new(now), RefCell::new(entry.clone()));
        let result = self.import_path(path, place, around, options, now, &|progress| {
            let mut entry = so_far.borrow_mut();
            (entry.lines, entry.new) = (progress.lines, progress.new);
            (entry.first, entry.last) = (progress.first, progress.last);
            let now = clock.now();
            if progress.events > 0 && now.duration_since(noted.get()) >= NOTED_EVERY {
                noted.set(now);
                if let Err(error) = self.renew_import(&entry) {
                    tracing::warn!(%error, "how far an import is cannot be listed");
                }
            }
            go_on(progress)
        });
        let mut entry = so_far.into_inner();
        finish(&mut entry, &result, clock.now());
        if let Err(error) = self.renew_import(&entry) {
            // What was read is in the trace; only its line of the list is not.
            tracing::warn!(%error, "the end of an import cannot be listed");
        }
        result
    }

    /// Takes a place out of the trace, see [`Places::take_out`], and forgets that it was imported, so that the same files
    /// can be imported under another name. Blocks.
    ///
    /// # Errors
    /// As there; and while an import into the place is running.
    pub fn remove_place(
        &self,
        place: &str,
        clock: &Clock,
        go_on: &dyn Fn(&TakenOut) -> bool,
    ) -> Result<TakenOut, ImportError> {
        let _claim = self.claim(place, Busy::Removing)?;
        self.note_removal(place, clock.now())?;
        let done = match self.take_out(place, go_on) {
            Ok(done) => done,
            Err(error) => {
                let took = !matches!(&error, ImportError::Stopped(stop) if stop.events == 0);
                if let Err(error) = self.note_removal_stopped(place, took) {
                    tracing::warn!(%error, "the end of a removal cannot be listed");
                }
                return Err(error);
            }
        };
        self.forget_imported(place, clock.now())?;
        Ok(done)
    }
}

/// Notes how an import ended.
fn finish(entry: &mut ImportEntry, result: &Result<PathReport, ImportError>, now: Timestamp) {
    entry.end = Some(now);
    match result {
        Ok(report) => {
            entry.state = ImportState::Completed;
            report_of(entry, report);
        }
        Err(ImportError::Stopped(stop)) => {
            entry.state = ImportState::Stopped;
            (entry.lines, entry.new) = (stop.lines, stop.new);
            (entry.first, entry.last) = (stop.first, stop.last);
            entry.reason = Some(format!("stopped in {}; importing the same again reads the rest", stop.file));
        }
        Err(error) => {
            entry.state = ImportState::Failed;
            entry.reason = Some(reason(error));
        }
    }
}

fn report_of(entry: &mut ImportEntry, report: &PathReport) {
    // In the place of what was noted on the way.
    (entry.lines, entry.new) = (0, 0);
    let files = report.logs.iter().flat_map(|log| &log.files);
    entry.file_count = u64::try_from(files.clone().count()).unwrap_or(u64::MAX);
    entry.files = files.take(IMPORT_FILES_MAX).cloned().collect();
    for log in &report.logs {
        if let Some(format) = log.format.map(|format| format.to_string())
            && !entry.formats.contains(&format)
        {
            entry.formats.push(format);
        }
        entry.lines = entry.lines.saturating_add(log.tally.records());
        entry.unknown = entry.unknown.saturating_add(log.tally.unknown);
        entry.new = entry.new.saturating_add(log.imported.new);
        entry.first = [entry.first, log.tally.first].into_iter().flatten().min();
        entry.last = [entry.last, log.tally.last].into_iter().flatten().max();
    }
    let refused = report.logs.iter().filter(|log| log.refused.is_some()).count();
    if refused > 0 {
        entry.reason = Some(format!("{refused} of {} logs were not read to their end", report.logs.len()));
    }
}

/// Why an import failed, in words that quote nothing of a file: whoever reads the list may not be allowed to read it.
fn reason(error: &ImportError) -> String {
    match error {
        ImportError::Store(_) => "the trace could not be written; the service log says why".to_owned(),
        ImportError::Io(cause) if cause.kind() == io::ErrorKind::NotFound => {
            "there is no such file".to_owned()
        }
        ImportError::Io(_) => {
            "it is in no format that is read, or cannot be read to its end; who imported it was told which"
                .to_owned()
        }
        _ => "it is in no format that is read, or not in the one that was named".to_owned(),
    }
}
