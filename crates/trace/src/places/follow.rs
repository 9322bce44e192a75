//! Following a folder of logs as they grow and rotate.
//!
//! May touch: the disk, the store through [`Places`].
//! A file is known again by what was read of it, so that a rotation's new names do not matter. Where a file was left is
//! kept with the trace after what was read is durable; reading a piece twice changes nothing. A file that is as it was
//! is not opened.
//! A compressed file is read once it is complete. Known gaps: a file in UTF-16 is read from its beginning again after a
//! restart.

mod known;
mod packed;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use world::{DiskFile, FileKind, OpenMode};

use super::files::{LogFile, oldest_first};
use super::format::Format;
use super::identity::Place;
use super::read::{Options, Reader};
use super::surroundings::Surroundings;
use super::work::{EVENTS_AT_ONCE, ImportError, Imported, Places};
use known::{Known, KnownFiles, Look, WINDOW_BYTES};
use packed::{Unsettled, head};

/// Octets read at once.
const PIECE_BYTES: usize = 256 * 1_024;
/// Files of one folder that are followed.
const FILES_MAX: usize = 100_000;
/// Logs that are kept open for more; the one fed longest ago is closed first.
const READERS_MAX: usize = 256;
/// A log that nothing was added to for so long is closed.
const READER_IDLE: SignedDuration = SignedDuration::from_hours(1);
/// Refused files that are named.
const REFUSED_NAMED: usize = 20;

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
    /// The number of the file.
    file: u64,
    told: (u64, u64),
    /// When something was read last.
    fed: Timestamp,
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
    /// Whether the path is a folder, as of the last look.
    is_folder: bool,
    known: KnownFiles,
    /// Compressed files that may still be written.
    unsettled: Unsettled,
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
            true => KnownFiles::from_kept(&places.disk().read(&state_path)?),
            false => KnownFiles::default(),
        };
        let around = Arc::new(Surroundings::default());
        Ok(Follower {
            places,
            place,
            around,
            path,
            format,
            zone,
            state_path,
            known,
            unsettled: Unsettled::default(),
            is_folder: false,
            logs: HashMap::new(),
        })
    }

    /// Reads what is new. Blocks.
    pub(crate) fn poll(&mut self, around: &Arc<Surroundings>, now: Timestamp) -> Result<Polled, ImportError> {
        self.around = Arc::clone(around);
        let places = self.places.clone();
        let _claim = places.claim_to_read(self.place.name())?;
        let mut polled = Polled::default();
        let losses = self.places.losses();
        self.known.begin();
        let read = self.read(now, &mut polled);
        if self.known.is_changed()
            && let Err(error) = self.keep(losses)
        {
            // Read again from where it is certain.
            self.known.undo();
            return Err(error);
        }
        read.map(|()| polled)
    }

    /// Remembers where the files were left, after what was read is durable.
    fn keep(&mut self, losses: u64) -> Result<(), ImportError> {
        self.places.sync(losses)?;
        let bytes = self.known.to_kept().map_err(std::io::Error::other)?;
        Ok(self.places.disk().write_atomic(&self.state_path, &bytes)?)
    }

    fn read(&mut self, now: Timestamp, polled: &mut Polled) -> Result<(), ImportError> {
        let found = self.files()?;
        let names: HashSet<&str> = found.iter().map(|(file, _)| file.name.as_str()).collect();
        let mut changed = Vec::new();
        let mut lens: HashMap<&str, u64> = HashMap::new();
        for (file, len) in &found {
            if !self.known.is_unchanged(&file.name, Look { len: *len, modified: file.modified }) {
                changed.push(file.clone());
                lens.insert(&file.name, *len);
            }
        }
        for (base, files) in oldest_first(changed) {
            for file in files {
                let len = lens.get(file.name.as_str()).copied().unwrap_or_default();
                let look = Look { len, modified: file.modified };
                match self.file(&base, &file, look, now, polled) {
                    Ok(true) => {}
                    // What came after it is read after it.
                    Ok(false) => break,
                    // It was turned or removed under our eyes; the next look finds it.
                    Err(ImportError::Io(cause)) if cause.kind() == std::io::ErrorKind::NotFound => {}
                    Err(other) => return Err(other),
                }
            }
        }
        self.known.end(|name| names.contains(name));
        self.unsettled.retain(|name| names.contains(name));
        self.logs.retain(|_, log| now.duration_since(log.fed) < READER_IDLE);
        Ok(())
    }

    fn files(&mut self) -> Result<Vec<(LogFile, u64)>, ImportError> {
        let disk = self.places.disk();
        let found = disk.metadata(&self.path)?;
        self.is_folder = found.kind == FileKind::Directory;
        if !self.is_folder {
            let name =
                self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            return Ok(Vec::from([(LogFile { name, modified: found.modified }, found.len)]));
        }
        let mut files = Vec::new();
        for entry in disk.read_dir(&self.path)?.into_iter().filter(|entry| entry.kind == FileKind::File) {
            if files.len() >= FILES_MAX {
                let cause = format!("more than {FILES_MAX} files; move the old ones to another folder");
                return Err(std::io::Error::other(cause).into());
            }
            let name = entry.name.to_string_lossy().into_owned();
            if !name.starts_with('.') {
                match disk.metadata(&entry.path) {
                    Ok(found) => files.push((LogFile { name, modified: found.modified }, found.len)),
                    Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
                    Err(cause) => return Err(cause.into()),
                }
            }
        }
        Ok(files)
    }

    fn full_path(&self, name: &str) -> PathBuf {
        if self.is_folder { self.path.join(name) } else { self.path.clone() }
    }

    /// Reads what is new in a file; `false` while it is not whole yet.
    fn file(
        &mut self,
        base: &str,
        file: &LogFile,
        look: Look,
        now: Timestamp,
        polled: &mut Polled,
    ) -> Result<bool, ImportError> {
        let open = self.places.disk().open(&self.full_path(&file.name), OpenMode::Read)?;
        let (head, packed) = head(&open)?;
        if packed && !self.unsettled.is_settled(&file.name, look, &open, now)? {
            return Ok(false);
        }
        if head.is_empty() {
            if packed && let Some(why) = packed::unpacked(&open, &mut |_| Ok(()))? {
                refuse(polled, &file.name, &format!("damaged ({why})"));
            }
            self.known.looked(&file.name, look, None);
            return Ok(true);
        }
        let id = self.known.identify(&file.name, (&head, packed), &open)?;
        let Some(known) = self.known.get(id).cloned() else { return Ok(true) };
        if known.is_done() || (!packed && open.len()? <= known.offset) {
            self.known.looked(&file.name, look, Some(id));
            return Ok(true);
        }
        let (mut log, begins) = self.log(base, file, &known, (id, unit(&head)), now);
        let start = if begins { 0 } else { known.offset };
        let result = if packed {
            self.packed(&open, start, &mut log, now, polled).map(|damage| (start, damage))
        } else {
            self.plain(&open, (start, unit(&head)), &mut log, now, polled).map(|offset| (offset, None))
        };
        log.told = tell(&mut log, polled);
        log.fed = now;
        let format = log.reader.format().map(|format| format.to_string());
        match result {
            Ok((offset, damage)) => {
                self.keep_open(base, log);
                if let Some(why) = damage {
                    refuse(polled, &file.name, &format!("damaged ({why}); what comes before was read"));
                }
                if packed {
                    self.known.finish(id, look.len);
                } else {
                    self.known.read_to(id, offset, &open, format)?;
                }
            }
            Err(ImportError::Format(wrong)) => {
                refuse(polled, &file.name, &wrong);
                // A short file may yet become a log.
                if head.len() == WINDOW_BYTES {
                    self.known.finish(id, look.len);
                }
            }
            Err(other) => {
                self.keep_open(base, log);
                return Err(other);
            }
        }
        self.known.looked(&file.name, look, Some(id));
        Ok(true)
    }

    fn keep_open(&mut self, base: &str, log: Log) {
        if self.logs.len() >= READERS_MAX {
            let oldest = self.logs.iter().min_by_key(|(_, log)| log.fed).map(|(base, _)| base.clone());
            oldest.and_then(|base| self.logs.remove(&base));
        }
        self.logs.insert(base.to_owned(), log);
    }

    /// The log's reader, turned to this file; and whether the file must be read from its beginning.
    fn log(
        &mut self,
        base: &str,
        file: &LogFile,
        known: &Known,
        (id, line_end): (u64, &[u8]),
        now: Timestamp,
    ) -> (Log, bool) {
        let as_of = file.modified.min(now);
        if let Some(mut log) = self.logs.remove(base) {
            if log.file != id {
                // What the last file left unfinished is only its last line.
                let _ = log.reader.end_file();
            }
            log.file = id;
            log.reader.next_file(&file.name, as_of);
            log.reader.read_at(now);
            return (log, false);
        }
        let format = known.format.as_deref().and_then(|word| word.parse().ok());
        let by_line = matches!(
            format,
            Some(Format::Postfix | Format::Exim | Format::Sendmail | Format::Graph | Format::ProofpointPoD)
        );
        let resumes = known.offset > 0 && by_line && line_end.len() == 1;
        let options = Options {
            format: if resumes { format } else { self.format },
            trust: resumes,
            zone: self.zone.clone(),
            ..Options::new(as_of)
        };
        let mut reader = Reader::new(self.place.clone(), Arc::clone(&self.around), options);
        reader.next_file(&file.name, as_of);
        reader.read_at(now);
        (Log { reader, file: id, told: (0, 0), fed: now }, known.offset > 0 && !resumes)
    }

    /// Reads whole lines from here on; gives where the next one begins.
    fn plain(
        &self,
        file: &DiskFile,
        (mut offset, line_end): (u64, &[u8]),
        log: &mut Log,
        now: Timestamp,
        polled: &mut Polled,
    ) -> Result<u64, ImportError> {
        let mut piece = vec![0_u8; PIECE_BYTES];
        loop {
            let read = file.read_at(&mut piece, offset)?;
            let bytes = piece.get(..read).unwrap_or_default();
            let whole = whole_lines(bytes, line_end);
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

    /// Reads a compressed file whole, but for what is known of it already; gives what is wrong with it.
    fn packed(
        &self,
        file: &DiskFile,
        skip: u64,
        log: &mut Log,
        now: Timestamp,
        polled: &mut Polled,
    ) -> Result<Option<String>, ImportError> {
        let mut left = skip;
        let mut take = |text: &[u8]| -> Result<(), ImportError> {
            let known = usize::try_from(left).unwrap_or(usize::MAX).min(text.len());
            left = left.saturating_sub(u64::try_from(known).unwrap_or(0));
            log.reader.feed(text.get(known..).unwrap_or_default())?;
            if log.reader.waiting() >= EVENTS_AT_ONCE {
                polled.imported.add(self.places.import(log.reader.take(), now)?);
            }
            Ok(())
        };
        let damage = packed::unpacked(file, &mut take)?;
        // Nothing is added to it any more.
        log.reader.end_file()?;
        polled.imported.add(self.places.import(log.reader.take(), now)?);
        Ok(damage)
    }

    /// The folder or file that is followed.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Names a file that is not read, or not whole.
fn refuse(polled: &mut Polled, name: &str, why: &dyn std::fmt::Display) {
    if polled.refused.len() < REFUSED_NAMED {
        polled.refused.push(format!("{name}: {why}"));
    }
}

/// How a text writes a line end, by its first octets; UTF-16 takes two octets for it.
fn unit(head: &[u8]) -> &'static [u8] {
    match head {
        [0xff, 0xfe, ..] => b"\n\0",
        [0xfe, 0xff, ..] => b"\0\n",
        _ => b"\n",
    }
}

/// The octets up to the last line end; all, if they are a whole piece without one.
fn whole_lines(bytes: &[u8], line_end: &[u8]) -> usize {
    let last = match line_end {
        [one, two] => {
            let (units, _) = bytes.as_chunks::<2>();
            units.iter().rposition(|unit| *unit == [*one, *two]).map(|at| at.saturating_mul(2))
        }
        _ => memchr::memrchr(b'\n', bytes),
    };
    match last {
        Some(at) => at.saturating_add(line_end.len()),
        // A line longer than a piece.
        None if bytes.len() == PIECE_BYTES => PIECE_BYTES,
        None => 0,
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

#[cfg(test)]
impl Follower {
    /// Logs that are open for more.
    pub(crate) fn open_logs(&self) -> usize {
        self.logs.len()
    }
}
