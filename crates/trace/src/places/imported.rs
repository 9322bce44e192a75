//! What was imported: each import with its outcome, and each place with its newest record. Imported places are sources
//! of an answer as those read all the time.
//!
//! May touch: the disk (one small file).

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::identity::{is_same_place, place_key};
use super::work::Places;
use crate::search::SourceAsked;

/// Name of the file.
const FILE: &str = "imported.json";
/// Version of the file; the one before held the places alone.
const VERSION: u32 = 3;
/// The version without removals.
const NO_REMOVALS: u32 = 2;
/// Places remembered; those silent for longest are forgotten first.
const PLACES_MAX: usize = 1_000;
/// Imports remembered; the oldest are forgotten first.
pub const IMPORTS_MAX: usize = 1_000;
/// Files of one import that are named.
pub const IMPORT_FILES_MAX: usize = 10;

/// Removals remembered; the oldest are forgotten first.
const REMOVALS_MAX: usize = 100;

/// How the reason of an entry begins that stands for a trace source that was removed.
const REMOVED: &str = "the trace source";

/// How an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportState {
    /// It reads.
    Running,
    /// It came to its end; [`ImportEntry::reason`] says if files of it were not read.
    Completed,
    /// Somebody stopped it, or the server ended; what was read is kept.
    Stopped,
    /// It could not go on; what was read is kept, and not counted.
    Failed,
}

impl ImportState {
    /// The word shown.
    pub fn as_str(self) -> &'static str {
        match self {
            ImportState::Running => "Running",
            ImportState::Completed => "Completed",
            ImportState::Stopped => "Stopped",
            ImportState::Failed => "Failed",
        }
    }
}

/// One import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportEntry {
    /// Its number, rising.
    pub id: u64,
    /// The place.
    pub place: String,
    /// The formats read, each once.
    pub formats: Vec<String>,
    /// What was asked to be imported: the last name of its path; empty for imports of before this was noted.
    #[serde(default)]
    pub asked: String,
    /// The files read, the first [`IMPORT_FILES_MAX`] of them.
    pub files: Vec<String>,
    /// How many files there were.
    pub file_count: u64,
    /// Who imported; empty for imports of before this was noted.
    pub by: String,
    /// When it began; `None` as above.
    pub start: Option<Timestamp>,
    /// When it ended.
    pub end: Option<Timestamp>,
    /// Lines, rows or objects read.
    pub lines: u64,
    /// Events, and refusals, that were not in the trace before.
    pub new: u64,
    /// Lines that could not be understood.
    pub unknown: u64,
    /// The earliest time read.
    pub first: Option<Timestamp>,
    /// The latest time read.
    pub last: Option<Timestamp>,
    /// How it stands.
    pub state: ImportState,
    /// Why it did not read everything.
    pub reason: Option<String>,
}

impl ImportEntry {
    /// An import that begins.
    pub(super) fn new(place: &str, by: &str, start: Option<Timestamp>) -> ImportEntry {
        ImportEntry {
            id: 0,
            place: place.to_owned(),
            formats: Vec::new(),
            asked: String::new(),
            files: Vec::new(),
            file_count: 0,
            by: by.to_owned(),
            start,
            end: None,
            lines: 0,
            new: 0,
            unknown: 0,
            first: None,
            last: None,
            state: ImportState::Running,
            reason: None,
        }
    }
}

/// A place whose records are taken out, or were.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RemovedPlace {
    pub(super) place: String,
    pub(super) start: Timestamp,
    /// When all were gone.
    pub(super) end: Option<Timestamp>,
    /// Not after a restart.
    #[serde(skip)]
    pub(super) is_running: bool,
    /// Whether one begun before it did not come to its end.
    #[serde(skip)]
    pub(super) was_half: bool,
}

/// What the file holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Remembered {
    version: u32,
    /// Imported places and their newest records.
    places: BTreeMap<String, Timestamp>,
    /// The number of the next import.
    next: u64,
    /// Imports, the oldest first.
    pub(super) imports: Vec<ImportEntry>,
    /// Removals, the oldest first; one of each place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) removals: Vec<RemovedPlace>,
}

/// The version alone, of a file of whatever version.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Remembered {
    fn new() -> Remembered {
        Remembered { version: VERSION, next: 1, ..Remembered::default() }
    }

    /// From the places alone, as they were kept before imports were.
    fn of_places(places: BTreeMap<String, Timestamp>) -> Remembered {
        let mut remembered = Remembered::new();
        for (place, newest) in &places {
            let mut entry = ImportEntry::new(place, "", None);
            (entry.state, entry.last) = (ImportState::Completed, Some(*newest));
            remembered.add(entry);
        }
        Remembered { places, ..remembered }
    }

    /// Adds an import, which gets its number.
    fn add(&mut self, entry: ImportEntry) -> u64 {
        let id = self.next;
        self.next = id.saturating_add(1);
        self.imports.push(ImportEntry { id, ..entry });
        let over = self.imports.len().saturating_sub(IMPORTS_MAX);
        self.imports.drain(..over);
        id
    }

    fn note(&mut self, place: &str, newest: Timestamp) {
        // As it was named first.
        let known = self.places.keys().find(|known| is_same_place(known, place)).cloned();
        let latest = self.places.entry(known.unwrap_or_else(|| place.to_owned())).or_insert(newest);
        *latest = newest.max(*latest);
        while self.places.len() > PLACES_MAX {
            let oldest = self.places.iter().min_by_key(|(_, at)| **at).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { break };
            self.places.remove(&oldest);
        }
    }
}

impl Places {
    /// Remembers the newest record of a place. Blocks.
    pub(super) fn note_imported(&self, place: &str, newest: Timestamp) -> io::Result<()> {
        self.change_imported(|remembered| remembered.note(place, newest))
    }

    /// Remembers the place of a trace source that was removed, and that it is read no more. Blocks.
    pub(super) fn note_removed(&self, place: &str, source: &str, newest: Timestamp) -> io::Result<()> {
        self.change_imported(|remembered| {
            remembered.note(place, newest);
            let mut entry = ImportEntry::new(place, "", None);
            (entry.state, entry.last) = (ImportState::Stopped, Some(newest));
            entry.reason = Some(format!("{REMOVED} {source} was removed; its place is read no more"));
            remembered.add(entry);
        })
    }

    /// Remembers the place of a trace source that was removed before it read anything: what its system knows is not
    /// here. Blocks.
    pub(super) fn note_removed_unread(&self, place: &str, source: &str, now: Timestamp) -> io::Result<()> {
        self.change_imported(|remembered| {
            // What was read otherwise tells of the place already.
            if remembered.places.keys().any(|known| is_same_place(known, place)) {
                return;
            }
            let mut entry = ImportEntry::new(place, "", None);
            (entry.state, entry.end) = (ImportState::Stopped, Some(now));
            entry.reason = Some(format!(
                "{REMOVED} {source} was removed before it read anything; Remove-MessageTraceImport -Place {place} forgets it"
            ));
            remembered.add(entry);
        })
    }

    /// Places whose trace source was removed and that nothing was imported from since: name, newest record if there is
    /// one, and what is to be said. Blocks.
    pub(crate) fn no_longer_read(&self, kept_from: Timestamp) -> Vec<(String, Option<Timestamp>, String)> {
        let mut known = self.imported_places().lock();
        // That the list cannot be read is said where the places are asked for.
        let Ok(remembered) = self.remembered(&mut known) else { return Vec::new() };
        let mut told: BTreeMap<String, &ImportEntry> = BTreeMap::new();
        for entry in &remembered.imports {
            told.insert(place_key(&entry.place), entry);
        }
        told.into_values()
            .filter_map(|entry| {
                let reason = entry.reason.clone().filter(|reason| reason.starts_with(REMOVED))?;
                let named = remembered.places.iter().find(|(name, _)| is_same_place(name, &entry.place));
                let newest = named.map(|(_, newest)| *newest);
                let is_kept = newest.or(entry.end).is_some_and(|at| at >= kept_from);
                let place = named.map_or(&entry.place, |(name, _)| name);
                is_kept.then(|| (place.clone(), newest, reason))
            })
            .collect()
    }

    /// Lists an import; gives its number. Blocks.
    pub(super) fn note_import(&self, entry: ImportEntry) -> io::Result<u64> {
        self.change_imported(|remembered| remembered.add(entry))
    }

    /// Notes that a place is being removed. Blocks.
    pub(super) fn note_removal(&self, place: &str, start: Timestamp) -> io::Result<()> {
        self.change_imported(|remembered| {
            let was_half =
                remembered.removals.iter().any(|one| one.end.is_none() && is_same_place(&one.place, place));
            remembered.removals.retain(|one| !is_same_place(&one.place, place));
            let place = place.to_owned();
            remembered.removals.push(RemovedPlace { place, start, end: None, is_running: true, was_half });
            let over = remembered.removals.len().saturating_sub(REMOVALS_MAX);
            remembered.removals.drain(..over);
        })
    }

    /// Notes that a removal did not come to its end, or, where it took nothing out, forgets it. Blocks.
    pub(super) fn note_removal_stopped(&self, place: &str, took: bool) -> io::Result<()> {
        self.change_imported(|remembered| {
            remembered.removals.retain(|one| took || one.was_half || !is_same_place(&one.place, place));
            for one in remembered.removals.iter_mut().filter(|one| is_same_place(&one.place, place)) {
                one.is_running = false;
            }
        })
    }

    /// Lists how an import went on, and the place with its newest record. Blocks.
    pub(super) fn renew_import(&self, entry: &ImportEntry) -> io::Result<()> {
        self.change_imported(|remembered| {
            if let Some(newest) = entry.last.filter(|_| entry.new > 0) {
                remembered.note(&entry.place, newest);
            }
            if let Some(known) = remembered.imports.iter_mut().find(|known| known.id == entry.id) {
                known.clone_from(entry);
            }
        })
    }

    /// Forgets a place that is removed, and its imports. Blocks.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn forget_imported(&self, place: &str, now: Timestamp) -> io::Result<()> {
        self.change_imported(|remembered| {
            remembered.places.retain(|name, _| !is_same_place(name, place));
            remembered.imports.retain(|entry| !is_same_place(&entry.place, place));
            for one in remembered.removals.iter_mut().filter(|one| is_same_place(&one.place, place)) {
                (one.end, one.is_running) = (Some(now), false);
            }
        })
    }

    /// The imports remembered, the newest first. Blocks.
    ///
    /// # Errors
    /// If the list cannot be read.
    pub fn imports(&self) -> io::Result<Vec<ImportEntry>> {
        let mut known = self.imported_places().lock();
        let remembered = self.remembered(&mut known)?;
        Ok(remembered.imports.iter().rev().cloned().collect())
    }

    /// The imported places, by name, whatever is still kept of them. Blocks.
    ///
    /// # Errors
    /// If the list cannot be read.
    pub fn imported_names(&self) -> io::Result<Vec<String>> {
        let mut known = self.imported_places().lock();
        let remembered = self.remembered(&mut known)?;
        let mut names: Vec<String> = remembered.places.keys().cloned().collect();
        names.extend(remembered.imports.iter().map(|entry| entry.place.clone()));
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The imported places whose newest record is kept, by name. Blocks.
    pub(crate) fn imported(&self, kept_from: Timestamp) -> Vec<SourceAsked> {
        let mut known = self.imported_places().lock();
        let places = match self.remembered(&mut known) {
            Ok(remembered) => &remembered.places,
            Err(error) => {
                tracing::warn!(%error, "the list of imported places cannot be read");
                return Vec::new();
            }
        };
        let kept = places.iter().filter(|(_, newest)| **newest >= kept_from);
        kept.map(|(name, newest)| SourceAsked::imported(name, *newest)).collect()
    }

    /// From when to when records of each imported place were read, as far as that is known, by name. Blocks.
    pub(crate) fn coverage(&self) -> BTreeMap<String, (Option<Timestamp>, Timestamp)> {
        let mut known = self.imported_places().lock();
        // That the list cannot be read is said where the places are asked for.
        let Ok(remembered) = self.remembered(&mut known) else { return BTreeMap::new() };
        let of = |(place, newest): (&String, &Timestamp)| {
            let own = remembered.imports.iter();
            let own = own.filter(|entry| is_same_place(&entry.place, place) && entry.last.is_some());
            // Where one import does not say from when on, nothing is said of the place.
            let first = own.map(|entry| entry.first).min().flatten();
            (place.clone(), (first, *newest))
        };
        remembered.places.iter().map(of).collect()
    }

    fn change_imported<T>(&self, change: impl FnOnce(&mut Remembered) -> T) -> io::Result<T> {
        let mut known = self.imported_places().lock();
        let remembered = self.remembered(&mut known)?;
        // What cannot be written is not remembered either.
        let mut now = remembered.clone();
        let changed = change(&mut now);
        let bytes = serde_json::to_vec(&now).map_err(io::Error::other)?;
        self.disk().write_atomic(&self.dir().join(FILE), &bytes)?;
        *remembered = now;
        Ok(changed)
    }

    pub(super) fn remembered<'a>(&self, known: &'a mut Option<Remembered>) -> io::Result<&'a mut Remembered> {
        if known.is_none() {
            *known = Some(self.read_imported()?);
        }
        known.as_mut().ok_or_else(|| io::Error::other("no list of imports"))
    }

    fn read_imported(&self) -> io::Result<Remembered> {
        let bytes = match self.disk().read(&self.dir().join(FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Remembered::new()),
            Err(error) => return Err(error),
        };
        // Version 1 named no version: every value of it is a time.
        if let Ok(places) = serde_json::from_slice(&bytes) {
            return Ok(Remembered::of_places(places));
        }
        let of_file: Versioned = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
        let found = of_file.version;
        if found != VERSION && found != NO_REMOVALS {
            let cause = format!("{FILE} has version {found}, this program reads up to {VERSION}");
            return Err(io::Error::other(cause));
        }
        let mut remembered: Remembered = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
        remembered.version = VERSION;
        for entry in remembered.imports.iter_mut().filter(|entry| entry.state == ImportState::Running) {
            entry.state = ImportState::Stopped;
            let counted = match entry.lines {
                0 => "how much it read by then is not known",
                _ => "at least what is counted here was read by then",
            };
            entry.reason = Some(format!(
                "the server ended while it ran, and {counted}; importing the same again reads the rest"
            ));
        }
        Ok(remembered)
    }
}
