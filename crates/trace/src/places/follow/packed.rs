//! Compressed files of a folder: what they begin with, whether they are complete, and what they unpack to.
//!
//! May touch: open files.
//! A compressor writes its file over some time. So one that was touched in the last minute is read once it is complete;
//! what is not complete after a minute without a change is damaged.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use world::DiskFile;

use super::super::blocks::{Gunzip, is_gzip};
use super::super::work::ImportError;
use super::PIECE_BYTES;
use super::known::{Look, WINDOW_BYTES};

/// A file nothing was written to for so long is not being written any more.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// Files that may still be written.
#[derive(Debug, Default)]
pub(super) struct Unsettled(HashMap<String, Seen>);

#[derive(Debug)]
struct Seen {
    look: Look,
    since: Timestamp,
    /// Whether it was looked through, and its end was not there.
    is_cut: bool,
}

impl Unsettled {
    /// Whether a compressed file is to be read now.
    pub(super) fn is_settled(
        &mut self,
        name: &str,
        look: Look,
        file: &DiskFile,
        now: Timestamp,
    ) -> std::io::Result<bool> {
        if now.duration_since(look.modified) >= SETTLED {
            self.0.remove(name);
            return Ok(true);
        }
        let Some(seen) = self.0.get_mut(name).filter(|seen| seen.look == look) else {
            self.0.insert(name.to_owned(), Seen { look, since: now, is_cut: false });
            return Ok(false);
        };
        let is_settled = now.duration_since(seen.since) >= SETTLED || (!seen.is_cut && !is_cut(file)?);
        if is_settled {
            self.0.remove(name);
        } else {
            seen.is_cut = true;
        }
        Ok(is_settled)
    }

    /// Forgets what is not there any more.
    pub(super) fn retain(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| is_there(name));
    }
}

/// Whether the end of a compressed file is missing. One that is damaged before its end is not cut: reading it tells.
fn is_cut(file: &DiskFile) -> std::io::Result<bool> {
    let (mut piece, mut offset, mut unpack) = (vec![0_u8; PIECE_BYTES], 0_u64, Gunzip::default());
    let mut drop_it = |_: &[u8]| -> std::io::Result<()> { Ok(()) };
    loop {
        let read = file.read_at(&mut piece, offset)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        offset = offset.saturating_add(u64::try_from(read).unwrap_or(0));
        if unpack.feed(bytes, &mut drop_it).is_err() {
            return Ok(false);
        }
    }
    Ok(unpack.finish(&mut drop_it).is_err())
}

/// Gives what a file unpacks to, piece by piece, to `take`; and why that is not all of it, if it is damaged.
pub(super) fn unpacked(
    file: &DiskFile,
    take: &mut dyn FnMut(&[u8]) -> Result<(), ImportError>,
) -> Result<Option<String>, ImportError> {
    let (mut piece, mut offset, mut unpack) = (vec![0_u8; PIECE_BYTES], 0_u64, Gunzip::default());
    // What comes from the decoder is told from what comes of the text.
    let mut failed = None;
    let mut give = |text: &[u8]| -> std::io::Result<()> {
        take(text).map_err(|error| {
            failed = Some(error);
            std::io::Error::other("not taken")
        })
    };
    let done = loop {
        let read = file.read_at(&mut piece, offset)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break unpack.finish(&mut give);
        };
        offset = offset.saturating_add(u64::try_from(read).unwrap_or(0));
        if let Err(error) = unpack.feed(bytes, &mut give) {
            // What was unpacked before the damage is still to be had.
            break unpack.flush(&mut give).and(Err(error));
        }
    };
    match (failed, done) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(None),
        (None, Err(error)) => Ok(Some(error.to_string())),
    }
}

/// The first octets of a file, unpacked if need be, and whether it is packed.
pub(super) fn head(file: &DiskFile) -> std::io::Result<(Vec<u8>, bool)> {
    let mut bytes = vec![0_u8; 16 * 1_024];
    let read = file.read_at(&mut bytes, 0)?;
    bytes.truncate(read);
    let packed = is_gzip(&bytes);
    if packed {
        let (mut text, mut unpack) = (Vec::new(), Gunzip::default());
        let mut take = |piece: &[u8]| -> std::io::Result<()> {
            text.extend_from_slice(piece.get(..WINDOW_BYTES.min(piece.len())).unwrap_or_default());
            Ok(())
        };
        // That it is damaged is told when it is read; a small one comes out with the end of its input alone.
        let _ = unpack.feed(&bytes, &mut take);
        let _ = unpack.flush(&mut take);
        bytes = text;
    }
    bytes.truncate(WINDOW_BYTES);
    Ok((bytes, packed))
}
