//! Bodies: the large ones' own files, and reading any of them.
//!
//! May touch: Disk.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use world::{Disk, OpenMode};

use crate::batch::{Batch, BodyFrom, MessageNo, Op};
use crate::config::Config;
use crate::error::SpoolError;
use crate::segment::{self, DAMAGED_ENDING};
use crate::shared::{Shared, log_dir};
use crate::state::Place;

/// The ending of a body file's name; before it stands the number of the message that brought it.
const ENDING: &str = ".body";
/// Bodies set aside under one number.
const SAME_NAME_MAX: u32 = 1000;
/// How often a read is tried again when compaction moved the body meanwhile.
const READ_TRIES: usize = 8;

pub(crate) fn bodies_dir(dir: &Path) -> PathBuf {
    dir.join("bodies")
}

pub(crate) fn path_of(dir: &Path, id: u64) -> PathBuf {
    bodies_dir(dir).join(format!("{id:016x}{ENDING}"))
}

fn id_of(path: &Path) -> Option<u64> {
    u64::from_str_radix(path.file_name()?.to_str()?.strip_suffix(ENDING)?, 16).ok()
}

/// The bodies of a batch that get a file of their own.
#[derive(Debug, Default)]
pub(crate) struct Large(Vec<(MessageNo, Bytes)>);

impl Large {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.0.iter().map(|(no, _)| no.0).collect()
    }
}

/// Decides for the bodies of one batch, in their order, which stay in the log.
pub(crate) struct Inline {
    /// Larger ones get a file.
    file_bytes: u64,
    /// What those that stay may take together.
    room: u64,
}

impl Inline {
    pub(crate) fn new(config: &Config) -> Self {
        Self { file_bytes: config.body_file_bytes, room: config.segment_bytes / 4 }
    }

    /// Whether the next body stays in the log.
    pub(crate) fn keeps(&mut self, len: u64) -> bool {
        let keeps = len <= self.file_bytes && len <= self.room;
        if keeps {
            self.room -= len;
        }
        keeps
    }
}

/// Computes the checksums of the bodies in `batch` and takes out those that get a file.
pub(crate) fn take_large(batch: &mut Batch, config: &Config) -> Large {
    let mut large = Large::default();
    let mut inline = Inline::new(config);
    for op in &mut batch.ops {
        let Op::Message { no, body, .. } = op else { continue };
        let BodyFrom::Bytes(bytes, crc) = body else { continue };
        let len = bytes.len() as u64;
        *crc = crc32fast::hash(bytes);
        if !inline.keeps(len) {
            large.0.push((*no, bytes.clone()));
            *body = BodyFrom::File { len, crc: *crc };
        }
    }
    large
}

/// Writes body files: each synced, then their directory. Must be done before the commit that names them.
pub(crate) fn write_files(disk: &Disk, dir: &Path, large: &Large) -> io::Result<()> {
    for (no, bytes) in &large.0 {
        let file = disk.open(&path_of(dir, no.0), OpenMode::CreateOrOpen)?;
        file.set_len(0)?;
        file.write_all_at(bytes, 0)?;
        file.sync_all()?;
    }
    disk.sync_dir(&bodies_dir(dir))
}

/// Removes body files nobody names; what cannot be removed now goes at the next start.
pub(crate) fn remove_files(disk: &Disk, dir: &Path, ids: &[u64]) {
    for id in ids {
        let path = path_of(dir, *id);
        if let Err(error) = disk.remove_file(&path) {
            tracing::warn!(file = %path.display(), %error, "cannot remove a body file");
        }
    }
}

/// The body files on disk: those that are not in `named`, and which of `named` are there.
pub(crate) fn list(
    disk: &Disk,
    dir: &Path,
    named: &HashSet<u64>,
) -> io::Result<(Vec<PathBuf>, HashSet<u64>)> {
    let mut nameless = Vec::new();
    let mut there = HashSet::new();
    for entry in disk.read_dir(&bodies_dir(dir))? {
        match id_of(&entry.path) {
            Some(id) if named.contains(&id) => {
                there.insert(id);
            }
            Some(_) => nameless.push(entry.path),
            None => {}
        }
    }
    Ok((nameless, there))
}

/// Moves body files to the damaged segments; gives their new paths.
pub(crate) fn set_aside(disk: &Disk, dir: &Path, files: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let log = log_dir(dir);
    let mut moved = Vec::with_capacity(files.len());
    for from in files {
        let Some(name) = from.file_name().and_then(|name| name.to_str()) else { continue };
        // After damage a number may have been given again: what an earlier start set aside is not overwritten.
        let mut to = log.join(format!("{name}{DAMAGED_ENDING}"));
        for again in 1..=SAME_NAME_MAX {
            if !disk.exists(&to)? {
                break;
            }
            to = log.join(format!("{name}.{again}{DAMAGED_ENDING}"));
        }
        disk.rename(from, &to)?;
        moved.push(to);
    }
    disk.sync_dir(&log)?;
    disk.sync_dir(&bodies_dir(dir))?;
    Ok(moved)
}

/// Reads a message's body; blocks. `UnknownMessage` once the message is gone.
pub(crate) fn read(shared: &Shared, no: MessageNo) -> Result<Bytes, SpoolError> {
    let mut last = SpoolError::UnknownMessage(no);
    for _ in 0..READ_TRIES {
        let id = {
            let state = shared.state.read();
            state.messages.get(&no).ok_or(SpoolError::UnknownMessage(no))?.body
        };
        match read_id(shared, id) {
            Ok(bytes) => return Ok(bytes),
            Err(Failure::Moved) => {}
            Err(Failure::Error(error)) => {
                // Only believed if the message is still there: it may have gone, and its segment been reused.
                last = error;
                if shared.state.read().messages.contains_key(&no) {
                    return Err(last);
                }
            }
        }
    }
    Err(last)
}

pub(crate) enum Failure {
    /// It is somewhere else now, or gone.
    Moved,
    Error(SpoolError),
}

/// Reads a body by its own number; blocks.
pub(crate) fn read_id(shared: &Shared, id: u64) -> Result<Bytes, Failure> {
    let (place, len, crc, segment) = {
        let state = shared.state.read();
        let body = state.bodies.get(&id).ok_or(Failure::Moved)?;
        if let Some(bytes) = &body.cached {
            return Ok(bytes.clone());
        }
        let segment = match body.place {
            Place::Log(position) => {
                let segment = state.segment(position.segment()).ok_or(Failure::Moved)?;
                Some((segment.file.clone(), segment.path.clone(), position.offset()))
            }
            Place::File | Place::Lost => None,
        };
        (body.place, body.len, body.crc, segment)
    };
    let (path, offset, read) = match (place, segment) {
        (Place::Log(_), Some((file, path, offset))) => {
            let read = segment::read(&file, offset, len as usize);
            (path, offset, read)
        }
        (Place::Lost, _) => {
            return Err(Failure::Error(SpoolError::Damaged {
                file: shared.log_dir().display().to_string(),
                offset: 0,
                what: format!("the body of message {id} was lost"),
            }));
        }
        _ => {
            let path = path_of(&shared.dir, id);
            let read = shared.disk.read(&path);
            (path, 0, read)
        }
    };
    let failure = match read {
        Ok(bytes) if bytes.len() as u64 == len && crc32fast::hash(&bytes) == crc => return Ok(bytes.into()),
        Ok(_) => SpoolError::Damaged {
            file: path.display().to_string(),
            offset,
            what: format!("the body of message {id}"),
        },
        Err(error) => SpoolError::Read { file: path.display().to_string(), cause: error.to_string() },
    };
    let now = shared.state.read().bodies.get(&id).map(|body| body.place);
    Err(if now == Some(place) { Failure::Error(failure) } else { Failure::Moved })
}
