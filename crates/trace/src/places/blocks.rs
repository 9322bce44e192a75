//! Compressed log files: gzip, several members one after another, in pieces.
//!
//! May touch: nothing (pure).
//! Standards: RFC 1952 §2.3.

use std::io::Write;

use flate2::write::MultiGzDecoder;

/// Compressed octets taken at once: at most a thousand times as many come out.
const PIECE_BYTES: usize = 16 * 1_024;

/// Why a text was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum NotUnpacked {
    /// It is no whole gzip file.
    #[error("this is no gzip, or it is damaged: {0}")]
    Damaged(#[from] std::io::Error),
    /// It unpacks to more.
    #[error("this unpacks to more than {0} octets; send it in parts")]
    TooLong(usize),
}

/// What a gzip file unpacks to, if that is no more than so many octets.
///
/// # Errors
/// If it is damaged, or more.
pub fn unpack(bytes: &[u8], most: usize) -> Result<Vec<u8>, NotUnpacked> {
    let (mut text, mut unpack) = (Vec::new(), Gunzip::default());
    let mut take = |piece: &[u8]| {
        if text.len().saturating_add(piece.len()) > most {
            return Err(NotUnpacked::TooLong(most));
        }
        text.extend_from_slice(piece);
        Ok(())
    };
    unpack.feed(bytes, &mut take)?;
    unpack.finish(&mut take)?;
    Ok(text)
}

/// Whether these are the first bytes of a gzip file.
pub fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&[0x1f, 0x8b])
}

/// Unpacks a file in pieces.
#[derive(Debug)]
pub(crate) struct Gunzip {
    decoder: MultiGzDecoder<Vec<u8>>,
}

impl Default for Gunzip {
    fn default() -> Gunzip {
        Gunzip { decoder: MultiGzDecoder::new(Vec::new()) }
    }
}

impl Gunzip {
    /// Gives what these bytes unpack to, piece by piece, to `take`.
    ///
    /// # Errors
    /// If the file is damaged, or what `take` says.
    pub(crate) fn feed<E: From<std::io::Error>>(
        &mut self,
        bytes: &[u8],
        take: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for piece in bytes.chunks(PIECE_BYTES) {
            self.decoder.write_all(piece)?;
            let text = std::mem::take(self.decoder.get_mut());
            take(&text)?;
        }
        Ok(())
    }

    /// Gives what the bytes so far unpack to and was not given yet.
    ///
    /// # Errors
    /// As [`Gunzip::feed`].
    pub(crate) fn flush<E: From<std::io::Error>>(
        &mut self,
        take: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let flushed = self.decoder.flush();
        take(&std::mem::take(self.decoder.get_mut()))?;
        Ok(flushed?)
    }

    /// The last of it.
    ///
    /// # Errors
    /// If the file ends too early, after what there is of it was given; or what `take` says.
    pub(crate) fn finish<E: From<std::io::Error>>(
        mut self,
        take: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let finished = self.decoder.try_finish();
        take(&std::mem::take(self.decoder.get_mut()))?;
        Ok(finished?)
    }
}
