//! Segment files: making them, naming them, opening them.
//!
//! May touch: Disk.

use std::io;
use std::path::{Path, PathBuf};

use world::{Disk, DiskFile, OpenMode};

use crate::batch::Position;
use crate::format::PAGE;
use crate::state::{EventOffsets, Segment, Spare};

/// Zeros are written in pieces of this many bytes.
const ZEROS: usize = 1 << 20;
/// The ending of a segment file's name; before it stands its slot, which stays when the file is reused.
const ENDING: &str = ".log";
/// The ending of a damaged segment that was set aside, or of a body that may belong to one.
pub(crate) const DAMAGED_ENDING: &str = ".damaged";

/// The file of a slot.
pub(crate) fn path_of(dir: &Path, slot: u64) -> PathBuf {
    dir.join(format!("{slot:08}{ENDING}"))
}

/// The slot of a segment file by its name.
pub(crate) fn slot_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(ENDING)?.parse().ok()
}

/// Where a damaged segment goes.
pub(crate) fn damaged_path(path: &Path, number: u32) -> PathBuf {
    path.with_extension(format!("{number}{DAMAGED_ENDING}"))
}

/// Whether this is a file set aside.
pub(crate) fn is_damaged_name(path: &Path) -> bool {
    path.to_str().is_some_and(|path| path.ends_with(DAMAGED_ENDING))
}

/// Makes a file of `length` zeros, durably. Overwriting written zeros halves the cost of a later sync, as no metadata
/// changes; `fallocate` alone gains nothing.
pub(crate) fn create(disk: &Disk, path: &Path, length: u64) -> io::Result<Spare> {
    let file = disk.open(path, OpenMode::CreateOrOpen)?;
    let zeros = vec![0; ZEROS.min(length as usize)];
    let mut at = 0;
    while at < length {
        let piece = zeros.get(..(length - at).min(ZEROS as u64) as usize).unwrap_or(&zeros);
        file.write_all_at(piece, at)?;
        at += piece.len() as u64;
    }
    file.sync_all()?;
    disk.sync_dir(path.parent().unwrap_or_else(|| Path::new(".")))?;
    Ok(Spare { was: None, path: path.to_owned(), file, file_len: length })
}

/// Reads `length` bytes at `at`, fewer at the end of the file.
pub(crate) fn read(file: &DiskFile, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut done = 0;
    while let Some(rest) = bytes.get_mut(done..)
        && !rest.is_empty()
    {
        match file.read_at(rest, at + done as u64) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(done);
    Ok(bytes)
}

impl Segment {
    /// A segment without batches.
    pub(crate) fn new(number: u32, spare: Spare, first_event: u64) -> Self {
        Self {
            number,
            path: spare.path,
            file: spare.file,
            file_len: spare.file_len,
            data_end: 2 * PAGE as u64,
            first_event,
            next_event: first_event,
            last_event: Position::default(),
            offsets: EventOffsets::Memory(Vec::new()),
            live: 0,
            messages: Vec::new(),
            bodies: Vec::new(),
            damaged: false,
        }
    }
}
