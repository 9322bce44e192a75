//! Importing a file or a folder: rotated and compressed logs in their order, with progress, stoppable between pieces.
//!
//! May touch: the disk (reading), the store through [`Places`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use world::{FileKind, OpenMode};

use super::blocks::{Gunzip, is_gzip};
use super::files::{LogFile, oldest_first};
use super::format::Format;
use super::identity::Place;
use super::read::{Options, Reader};
use super::surroundings::Surroundings;
use super::tally::Tally;
use super::work::{EVENTS_AT_ONCE, ImportError, Imported, Places, Stop};

/// Octets read at once.
const PIECE_BYTES: usize = 256 * 1_024;
/// Files of one folder that are read.
const FILES_MAX: usize = 100_000;

/// How far an import has come.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// The file that is read.
    pub file: String,
    /// Octets read, as they lie on disk.
    pub bytes: u64,
    /// Octets there are.
    pub bytes_total: u64,
    /// Events read.
    pub events: u64,
    /// Lines, rows or objects of which these events are written.
    pub lines: u64,
    /// Those of the events that were not there before.
    pub new: u64,
    /// The earliest time read.
    pub first: Option<Timestamp>,
    /// The latest time read.
    pub last: Option<Timestamp>,
}

/// What became of one log: a file, or the files it was rotated into.
#[derive(Debug, Clone, PartialEq)]
pub struct LogReport {
    /// Its name, without what rotation adds.
    pub name: String,
    /// Its files, in the order in which they were read.
    pub files: Vec<String>,
    /// Its format, if it has one that is read.
    pub format: Option<Format>,
    /// What was read.
    pub tally: Tally,
    /// What was new.
    pub imported: Imported,
    /// Why it was not read, or not to its end.
    pub refused: Option<String>,
}

/// What became of a file or a folder.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PathReport {
    /// Each log, by name.
    pub logs: Vec<LogReport>,
    /// Octets read.
    pub bytes: u64,
}

/// One import under way.
struct Run<'a> {
    places: &'a Places,
    place: &'a Place,
    around: &'a Arc<Surroundings>,
    options: &'a Options,
    now: Timestamp,
    progress: Progress,
    /// Lines of the logs that were read to their end.
    lines: u64,
    /// Events, and refusals, that were not there before.
    new: u64,
    /// The earliest and the latest time of those logs.
    times: (Option<Timestamp>, Option<Timestamp>),
    /// Told now and then; `false` stops.
    go_on: &'a dyn Fn(&Progress) -> bool,
}

impl Places {
    /// Reads a file, or every file of a folder, into the trace. Reading the same again changes nothing. Blocks.
    ///
    /// # Errors
    /// If the path cannot be read, if a file named by itself is in no format that is read, if the trace cannot be
    /// written, or if `go_on` said no. What was read before that is kept.
    pub fn import_path(
        &self,
        path: &Path,
        place: &Place,
        around: &Arc<Surroundings>,
        options: &Options,
        now: Timestamp,
        go_on: &dyn Fn(&Progress) -> bool,
    ) -> Result<PathReport, ImportError> {
        // Where it leads counts, not how it is written.
        let path = &self.disk().canonical(path)?;
        let own = self.dir().parent().map(|own| self.disk().canonical(own)).transpose()?;
        let sent = self.disk().canonical(&self.uploads()).is_ok_and(|sent| path.starts_with(sent));
        if !sent && own.is_some_and(|own| path.starts_with(own)) {
            let cause = "the folder of this server is not imported from; name a path outside it";
            return Err(std::io::Error::other(cause).into());
        }
        let found = self.disk().metadata(path)?;
        let is_folder = found.kind == FileKind::Directory;
        let (folder, files) = if is_folder {
            (path.to_owned(), self.files_of(path)?)
        } else {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            (folder, Vec::from([(LogFile { name, modified: found.modified }, found.len)]))
        };
        let bytes_total = files.iter().map(|(_, len)| *len).fold(0, u64::saturating_add);
        let progress = Progress { bytes_total, ..Progress::default() };
        let times = (None, None);
        let mut run =
            Run { places: self, place, around, options, now, progress, lines: 0, new: 0, times, go_on };
        let (mut report, losses) = (PathReport::default(), self.losses());
        for (name, files) in oldest_first(files.into_iter().map(|(file, _)| file).collect()) {
            let log = match run.log(&folder, name, &files) {
                Err(ImportError::Stopped(stop)) => {
                    // What is said to be written is there after a power cut, too.
                    self.sync(losses)?;
                    return Err(ImportError::Stopped(stop));
                }
                log => log?,
            };
            if let (false, Some(cause)) = (is_folder, &log.refused) {
                return Err(std::io::Error::other(cause.clone()).into());
            }
            report.logs.push(log);
        }
        report.bytes = run.progress.bytes;
        self.sync(losses)?;
        if let Some(newest) = report.logs.iter().filter_map(|log| log.tally.last).max() {
            self.note_imported(&place.to_string(), newest)?;
        }
        Ok(report)
    }

    fn files_of(&self, path: &Path) -> Result<Vec<(LogFile, u64)>, ImportError> {
        let mut files = Vec::new();
        for entry in self.disk().read_dir(path)?.into_iter().filter(|entry| entry.kind == FileKind::File) {
            if files.len() >= FILES_MAX {
                let cause = format!("more than {FILES_MAX} files; import part of them at a time");
                return Err(std::io::Error::other(cause).into());
            }
            let found = self.disk().metadata(&entry.path)?;
            let name = entry.name.to_string_lossy().into_owned();
            if !name.starts_with('.') {
                files.push((LogFile { name, modified: found.modified }, found.len));
            }
        }
        Ok(files)
    }
}

impl Run<'_> {
    fn log(&mut self, folder: &Path, name: String, files: &[LogFile]) -> Result<LogReport, ImportError> {
        let mut reader = Reader::new(self.place.clone(), Arc::clone(self.around), self.options.clone());
        let mut report = LogReport {
            name,
            files: Vec::new(),
            format: None,
            tally: Tally::default(),
            imported: Imported::default(),
            refused: None,
        };
        for file in files {
            let shown = if files.len() > 1 { file.name.as_str() } else { "" };
            reader.next_file(shown, file.modified.min(self.now));
            reader.read_at(self.now);
            report.files.push(file.name.clone());
            let path = folder.join(&file.name);
            match self.file(&path, &file.name, &mut reader, &mut report.imported) {
                Ok(()) => {}
                Err(ImportError::Format(wrong)) if !self.options.quotes => {
                    report.refused = Some(format!("{}: {}", file.name, wrong.without_text()));
                    break;
                }
                Err(error @ (ImportError::Format(_) | ImportError::Io(_))) => {
                    report.refused = Some(format!("{}: {error}", file.name));
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        self.write(&mut reader, &mut report.imported, 1)?;
        report.format = reader.format();
        report.tally = reader.tally();
        self.lines = self.lines.saturating_add(report.tally.lines);
        self.times = self.times_with(&report.tally);
        if !self.options.quotes {
            for line in &mut report.tally.unknown_lines {
                "cannot be understood".clone_into(&mut line.reason);
            }
        }
        Ok(report)
    }

    fn file(
        &mut self,
        path: &Path,
        name: &str,
        reader: &mut Reader,
        done: &mut Imported,
    ) -> Result<(), ImportError> {
        self.progress.file = name.to_owned();
        let file = self.places.disk().open(&PathBuf::from(path), OpenMode::Read)?;
        let mut piece = vec![0_u8; PIECE_BYTES];
        let (mut offset, mut unpack) = (0_u64, None);
        loop {
            if !(self.go_on)(&self.progress) {
                // Whole lines only have become events: what is read is kept, and a repeat doubles nothing of it.
                self.write(reader, done, 1)?;
                let tally = reader.tally();
                if let Some(newest) = tally.last.filter(|_| self.progress.events > 0) {
                    self.places.note_imported(&self.place.to_string(), newest)?;
                }
                let (first, last) = self.times_with(&tally);
                return Err(ImportError::Stopped(Box::new(Stop {
                    file: name.to_owned(),
                    lines: self.lines.saturating_add(tally.lines),
                    events: self.progress.events,
                    new: self.new,
                    first,
                    last,
                })));
            }
            let read = file.read_at(&mut piece, offset)?;
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            if offset == 0 && is_gzip(bytes) {
                unpack = Some(Gunzip::default());
            }
            offset = offset.saturating_add(u64::try_from(read).unwrap_or(0));
            self.progress.bytes = self.progress.bytes.saturating_add(u64::try_from(read).unwrap_or(0));
            match &mut unpack {
                Some(unpack) => unpack.feed(bytes, &mut |text| -> Result<(), ImportError> {
                    reader.feed(text)?;
                    self.write(reader, done, EVENTS_AT_ONCE)
                })?,
                None => {
                    reader.feed(bytes)?;
                    self.write(reader, done, EVENTS_AT_ONCE)?;
                }
            }
        }
        if let Some(unpack) = unpack {
            unpack.finish(&mut |text| -> Result<(), ImportError> { Ok(reader.feed(text)?) })?;
        }
        Ok(reader.end_file()?)
    }

    /// The earliest and the latest time, with those of a log that is read now.
    fn times_with(&self, tally: &Tally) -> (Option<Timestamp>, Option<Timestamp>) {
        let (first, last) = self.times;
        let first = [first, tally.first].into_iter().flatten().min();
        (first, [last, tally.last].into_iter().flatten().max())
    }

    /// Hands on what was read, if it is at least so much.
    fn write(&mut self, reader: &mut Reader, done: &mut Imported, least: usize) -> Result<(), ImportError> {
        if reader.waiting() < least {
            return Ok(());
        }
        let events = reader.take();
        self.progress.events = self.progress.events.saturating_add(u64::try_from(events.len()).unwrap_or(0));
        let imported = self.places.import(events, self.now)?;
        self.new = self.new.saturating_add(imported.new);
        done.add(imported);
        let tally = reader.tally();
        let (first, last) = self.times_with(&tally);
        let lines = self.lines.saturating_add(tally.records());
        self.progress = Progress { lines, new: self.new, first, last, ..std::mem::take(&mut self.progress) };
        Ok(())
    }
}
