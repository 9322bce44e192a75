//! Decides how a body is kept: as it is, compressed inside the mailbox file, or as a blob; and gets it back.
//!
//! May touch: disk (through the blob store).

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension};

use crate::blob::{BlobHash, BlobStore};
use crate::error::MailboxError;

/// Bodies up to this many bytes are kept as they are: compressing them gains no page worth the time.
const COMPRESS_FROM_BYTES: usize = 4 * 1024;
/// Level 1: a delivery waits for it.
pub(crate) const ZSTD_LEVEL: i32 = 1;
/// A compressed body is kept only if it saves at least one part in this many.
const WORTHWHILE_PART: usize = 8;

const ENCODING_PLAIN: i64 = 0;
const ENCODING_ZSTD: i64 = 1;

/// A body ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoredBody {
    /// In the mailbox file as it is.
    Plain(Bytes),
    /// In the mailbox file, compressed.
    Zstd(Bytes),
    /// In a blob, which is durable already.
    Blob(BlobHash),
}

impl StoredBody {
    /// The `encoding` column.
    pub(crate) fn encoding(&self) -> i64 {
        match self {
            Self::Plain(_) => ENCODING_PLAIN,
            Self::Zstd(_) | Self::Blob(_) => ENCODING_ZSTD,
        }
    }
}

/// Prepares a body for the inside of the file.
pub(crate) fn inline(body: &Bytes) -> StoredBody {
    if body.len() <= COMPRESS_FROM_BYTES {
        return StoredBody::Plain(body.clone());
    }
    match zstd::bulk::compress(body, ZSTD_LEVEL) {
        Ok(small) if small.len() + body.len() / WORTHWHILE_PART <= body.len() => {
            StoredBody::Zstd(small.into())
        }
        // An error here can only be a want of memory for the encoder; the body itself is fine.
        _ => StoredBody::Plain(body.clone()),
    }
}

/// Where an item's body is.
#[derive(Debug)]
pub(crate) struct BodyPlace {
    body_id: Option<i64>,
    blob_hash: Option<Vec<u8>>,
    encoding: i64,
    size: i64,
}

/// Looks an item's body up.
pub(crate) fn place(connection: &Connection, item_id: i64) -> Result<BodyPlace, MailboxError> {
    connection
        .query_row(
            "SELECT body_id, blob_hash, encoding, size FROM item WHERE item_id = ?1",
            [item_id],
            |row| {
                Ok(BodyPlace {
                    body_id: row.get(0)?,
                    blob_hash: row.get(1)?,
                    encoding: row.get(2)?,
                    size: row.get(3)?,
                })
            },
        )
        .optional()?
        .ok_or(MailboxError::NoItem(item_id))
}

/// An item's raw bytes, exactly as they were delivered.
pub(crate) fn read(connection: &Connection, blobs: &BlobStore, item_id: i64) -> Result<Bytes, MailboxError> {
    let place = place(connection, item_id)?;
    let size = usize::try_from(place.size).map_err(|_| damaged(item_id, "negative size"))?;
    if let Some(hash) = place.blob_hash {
        let hash = BlobHash::from_stored(&hash).ok_or_else(|| damaged(item_id, "bad blob hash"))?;
        return blobs.get(&hash, size);
    }
    let body_id = place.body_id.ok_or_else(|| damaged(item_id, "no body"))?;
    let content: Option<Vec<u8>> = connection
        .query_row("SELECT content FROM body WHERE body_id = ?1", [body_id], |row| row.get(0))
        .optional()?;
    let content = content.ok_or_else(|| damaged(item_id, "its body row is missing"))?;
    let plain = match place.encoding {
        ENCODING_PLAIN => content,
        ENCODING_ZSTD => {
            zstd::bulk::decompress(&content, size).map_err(|error| damaged(item_id, &error.to_string()))?
        }
        other => return Err(damaged(item_id, &format!("unknown encoding {other}"))),
    };
    if plain.len() != size {
        return Err(damaged(item_id, "its body has another length than recorded"));
    }
    Ok(plain.into())
}

fn damaged(item_id: i64, what: &str) -> MailboxError {
    MailboxError::Corrupt(format!("item {item_id}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_gains_is_compressed() {
        let text = Bytes::from("a line of text that repeats itself\r\n".repeat(500));
        assert!(matches!(inline(&text), StoredBody::Zstd(small) if small.len() < text.len() / 4));
        let short = text.slice(..4096);
        assert_eq!(inline(&short), StoredBody::Plain(short));
        // The output of a hash does not compress.
        let mut noise = vec![0; 20_000];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        let noise = Bytes::from(noise);
        assert_eq!(inline(&noise), StoredBody::Plain(noise));
    }
}
