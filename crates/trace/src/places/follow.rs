//! Following a folder of logs as they grow and rotate.
//!
//! May touch: the disk, the store through [`Places`].
//! A file is known again by its first octets, so that a rotation's new names do not matter. Where a file was left is
//! kept with the trace after what was read is stored; reading a piece twice changes nothing.
//! Known gaps: a file in UTF-16 is read from its beginning again after a restart.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use world::{DiskFile, FileKind, OpenMode};

use super::blocks::{Gunzip, is_gzip};
use super::files::{LogFile, oldest_first};
use super::format::Format;
use super::identity::Place;
use super::read::{Options, Reader};
use super::surroundings::Surroundings;
use super::work::{EVENTS_AT_ONCE, ImportError, Imported, Places};

/// Octets by which a file is known again.
const HEAD_BYTES: usize = 256;
/// Octets read at once.
const PIECE_BYTES: usize = 256 * 1_024;
/// Files remembered; the ones not seen for longest are forgotten first.
const KNOWN_MAX: usize = 4_096;
/// Refused files that are named.
const REFUSED_NAMED: usize = 20;

/// What is remembered of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// Hash of the first octets, and how many they are.
    head: u64,
    head_len: usize,
    /// Octets read, before compression.
    offset: u64,
    /// Its format, if it has one.
    format: Option<String>,
    /// Whether nothing more is expected: it is compressed, or of no known format.
    done: bool,
}

/// What one look at the folder gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Polled {
    pub(crate) imported: Imported,
    pub(crate) lines: u64,
    pub(crate) unknown: u64,
    pub(crate) unknown_lines: Vec<String>,
    pub(crate) last_record: Option<Timestamp>,
    pub(crate) refused: Vec<String>,
}

/// A log that is read, with its file.
#[derive(Debug)]
struct Log {
    reader: Reader,
    file: Option<(u64, usize)>,
    told: (u64, u64),
}

/// Reads a folder again and again.
#[derive(Debug)]
pub(crate) struct Follower {
    places: Places,
    place: Place,
    around: Arc<Surroundings>,
    path: PathBuf,
    format: Option<Format>,
    zone: TimeZone,
    state_path: PathBuf,
    known: Vec<Known>,
    logs: HashMap<String, Log>,
}

impl Follower {
    /// Takes up where the state file says. Blocks.
    pub(crate) fn new(
        places: Places,
        place: Place,
        path: PathBuf,
        (format, zone): (Option<Format>, TimeZone),
        state_path: PathBuf,
    ) -> Result<Follower, ImportError> {
        let known = match places.disk().exists(&state_path)? {
            true => serde_json::from_slice(&places.disk().read(&state_path)?).unwrap_or_default(),
            false => Vec::new(),
        };
        let around = Arc::new(Surroundings::default());
        Ok(Follower { places, place, around, path, format, zone, state_path, known, logs: HashMap::new() })
    }

    /// Reads what is new. Blocks.
    pub(crate) fn poll(&mut self, around: &Arc<Surroundings>, now: Timestamp) -> Result<Polled, ImportError> {
        self.around = Arc::clone(around);
        let mut polled = Polled::default();
        let (before, losses) = (self.known.clone(), self.places.losses());
        let read = self.read(now, &mut polled);
        if self.known != before
            && let Err(error) = self.keep(losses)
        {
            // Read again from where it is certain.
            self.known = before;
            return Err(error);
        }
        read.map(|()| polled)
    }

    /// Remembers where the files were left, after what was read is durable.
    fn keep(&mut self, losses: u64) -> Result<(), ImportError> {
        self.places.sync(losses)?;
        let keep_from = self.known.len().saturating_sub(KNOWN_MAX);
        self.known.drain(..keep_from);
        let bytes = serde_json::to_vec(&self.known).map_err(std::io::Error::other)?;
        Ok(self.places.disk().write_atomic(&self.state_path, &bytes)?)
    }

    fn read(&mut self, now: Timestamp, polled: &mut Polled) -> Result<(), ImportError> {
        for (base, files) in oldest_first(self.files()?) {
            for file in files {
                if let Err(error) = self.file(&base, &file, now, polled) {
                    match error {
                        ImportError::Format(wrong) => {
                            self.refuse(&file, polled, &wrong.to_string());
                            self.logs.remove(&base);
                        }
                        // It was turned or removed under our eyes; the next look finds it.
                        ImportError::Io(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
                        other => return Err(other),
                    }
                }
            }
        }
        Ok(())
    }

    fn files(&self) -> Result<Vec<LogFile>, ImportError> {
        let disk = self.places.disk();
        let found = disk.metadata(&self.path)?;
        if found.kind != FileKind::Directory {
            let name =
                self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            return Ok(Vec::from([LogFile { name, modified: found.modified }]));
        }
        let mut files = Vec::new();
        for entry in disk.read_dir(&self.path)?.into_iter().filter(|entry| entry.kind == FileKind::File) {
            let name = entry.name.to_string_lossy().into_owned();
            if !name.starts_with('.') {
                files.push(LogFile { name, modified: disk.metadata(&entry.path)?.modified });
            }
        }
        Ok(files)
    }

    fn full_path(&self, name: &str) -> PathBuf {
        let is_it = self.path.file_name().is_some_and(|own| own.to_string_lossy() == name);
        if is_it && !self.logs_in_folder() { self.path.clone() } else { self.path.join(name) }
    }

    fn logs_in_folder(&self) -> bool {
        self.places.disk().metadata(&self.path).is_ok_and(|found| found.kind == FileKind::Directory)
    }

    fn file(
        &mut self,
        base: &str,
        file: &LogFile,
        now: Timestamp,
        polled: &mut Polled,
    ) -> Result<(), ImportError> {
        let path = self.full_path(&file.name);
        let open = self.places.disk().open(&path, OpenMode::Read)?;
        let (head, packed) = head(&open)?;
        if head.is_empty() {
            return Ok(());
        }
        let at = self.know(&head);
        let Some(known) = self.known.get(at).cloned() else { return Ok(()) };
        if known.done || (!packed && open.len()? <= known.offset) {
            return Ok(());
        }
        let mark = (known.head, known.head_len);
        let mut log = self.log(base, file, &known, mark, now);
        let start = if log.1 { 0 } else { known.offset };
        let result = if packed {
            self.packed(&open, start, &mut log.0, now, polled).map(|()| (start, true))
        } else {
            self.plain(&open, start, &mut log.0, now, polled).map(|offset| (offset, false))
        };
        let told = tell(&mut log.0, polled);
        log.0.told = told;
        let format = log.0.reader.format().map(|format| format.to_string());
        self.logs.insert(base.to_owned(), log.0);
        let (offset, done) = result?;
        if let Some(known) = self.known.get_mut(at) {
            (known.offset, known.done, known.format) = (offset, done, format);
        }
        Ok(())
    }

    /// The log's reader, turned to this file; and whether the file must be read from its beginning.
    fn log(
        &mut self,
        base: &str,
        file: &LogFile,
        known: &Known,
        mark: (u64, usize),
        now: Timestamp,
    ) -> (Log, bool) {
        let same = |log: &Log| log.file.is_some_and(|(head, _)| head == mark.0);
        let as_of = file.modified.min(now);
        if let Some(mut log) = self.logs.remove(base) {
            if !same(&log) && log.file.is_some() {
                // What the last file left unfinished is only its last line.
                let _ = log.reader.end_file();
            }
            log.file = Some(mark);
            log.reader.next_file(&file.name, as_of);
            log.reader.read_at(now);
            return (log, false);
        }
        let format = known.format.as_deref().and_then(|word| word.parse().ok());
        let by_line = matches!(
            format,
            Some(Format::Postfix | Format::Exim | Format::Sendmail | Format::Graph | Format::ProofpointPoD)
        );
        let resumes = known.offset > 0 && by_line;
        let options = Options {
            format: if resumes { format } else { self.format },
            trust: resumes,
            zone: self.zone.clone(),
            ..Options::new(as_of)
        };
        let mut reader = Reader::new(self.place.clone(), Arc::clone(&self.around), options);
        reader.next_file(&file.name, as_of);
        reader.read_at(now);
        (Log { reader, file: Some(mark), told: (0, 0) }, known.offset > 0 && !resumes)
    }

    /// Reads whole lines from here on; gives where the next one begins.
    fn plain(
        &self,
        file: &DiskFile,
        mut offset: u64,
        log: &mut Log,
        now: Timestamp,
        polled: &mut Polled,
    ) -> Result<u64, ImportError> {
        let mut piece = vec![0_u8; PIECE_BYTES];
        loop {
            let read = file.read_at(&mut piece, offset)?;
            let bytes = piece.get(..read).unwrap_or_default();
            let whole = match memchr::memrchr(b'\n', bytes) {
                Some(at) => at.saturating_add(1),
                // A line longer than a piece.
                None if read == PIECE_BYTES => read,
                None => 0,
            };
            let Some(lines) = bytes.get(..whole).filter(|lines| !lines.is_empty()) else { break };
            log.reader.feed(lines)?;
            offset = offset.saturating_add(u64::try_from(whole).unwrap_or(0));
            if log.reader.waiting() >= EVENTS_AT_ONCE {
                polled.imported.add(self.places.import(log.reader.take(), now)?);
            }
        }
        log.reader.decide()?;
        polled.imported.add(self.places.import(log.reader.take(), now)?);
        Ok(offset)
    }

    fn packed(
        &self,
        file: &DiskFile,
        skip: u64,
        log: &mut Log,
        now: Timestamp,
        polled: &mut Polled,
    ) -> Result<(), ImportError> {
        let mut piece = vec![0_u8; PIECE_BYTES];
        let (mut offset, mut left, mut unpack) = (0_u64, skip, Gunzip::default());
        let mut take = |text: &[u8], log: &mut Log, polled: &mut Polled| -> Result<(), ImportError> {
            let known = usize::try_from(left).unwrap_or(usize::MAX).min(text.len());
            left = left.saturating_sub(u64::try_from(known).unwrap_or(0));
            log.reader.feed(text.get(known..).unwrap_or_default())?;
            if log.reader.waiting() >= EVENTS_AT_ONCE {
                polled.imported.add(self.places.import(log.reader.take(), now)?);
            }
            Ok(())
        };
        loop {
            let read = file.read_at(&mut piece, offset)?;
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            offset = offset.saturating_add(u64::try_from(read).unwrap_or(0));
            unpack.feed(bytes, &mut |text| take(text, log, polled))?;
        }
        unpack.finish(&mut |text| take(text, log, polled))?;
        log.reader.decide()?;
        polled.imported.add(self.places.import(log.reader.take(), now)?);
        Ok(())
    }

    /// The number of the file among the known ones, made known now if it is new.
    fn know(&mut self, head: &[u8]) -> usize {
        let is_it = |known: &Known| head.get(..known.head_len).is_some_and(|same| hash(same) == known.head);
        match self.known.iter().rposition(is_it) {
            Some(at) => {
                if let Some(known) = self.known.get_mut(at) {
                    (known.head, known.head_len) = (hash(head), head.len());
                }
                at
            }
            None => {
                let (head, head_len) = (hash(head), head.len());
                self.known.push(Known { head, head_len, offset: 0, format: None, done: false });
                self.known.len().saturating_sub(1)
            }
        }
    }

    fn refuse(&mut self, file: &LogFile, polled: &mut Polled, cause: &str) {
        if polled.refused.len() < REFUSED_NAMED {
            polled.refused.push(format!("{}: {cause}", file.name));
        }
        let path = self.full_path(&file.name);
        let head = self.places.disk().open(&path, OpenMode::Read).and_then(|open| head(&open));
        // A short file may yet become a log.
        if let Ok((head, _)) = head
            && head.len() == HEAD_BYTES
        {
            let at = self.know(&head);
            if let Some(known) = self.known.get_mut(at) {
                known.done = true;
            }
        }
    }

    /// The folder or file that is followed.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Adds what a reader counted since it was asked last.
fn tell(log: &mut Log, polled: &mut Polled) -> (u64, u64) {
    let tally = log.reader.tally();
    let named = tally.unknown_lines.iter().skip(usize::try_from(log.told.1).unwrap_or(usize::MAX));
    polled.unknown_lines.extend(named.map(ToString::to_string));
    polled.lines = polled.lines.saturating_add(tally.lines.saturating_sub(log.told.0));
    polled.unknown = polled.unknown.saturating_add(tally.unknown.saturating_sub(log.told.1));
    polled.last_record = polled.last_record.max(tally.last);
    (tally.lines, tally.unknown)
}

/// The first octets of a file, unpacked if need be, and whether it is packed.
fn head(file: &DiskFile) -> std::io::Result<(Vec<u8>, bool)> {
    let mut bytes = vec![0_u8; 16 * 1_024];
    let read = file.read_at(&mut bytes, 0)?;
    bytes.truncate(read);
    let packed = is_gzip(&bytes);
    if packed {
        let mut text = Vec::new();
        Gunzip::default().feed(&bytes, &mut |piece| -> std::io::Result<()> {
            text.extend_from_slice(piece.get(..HEAD_BYTES.min(piece.len())).unwrap_or_default());
            Ok(())
        })?;
        bytes = text;
    }
    bytes.truncate(HEAD_BYTES);
    Ok((bytes, packed))
}

fn hash(bytes: &[u8]) -> u64 {
    blake3::hash(bytes).as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first))
}
