//! Items of any length, many to a compressed block, found by their number.
//!
//! May touch: a file.
//! A block is its unpacked length and a zstd frame; unpacked it is items, each with its length before it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::damaged;
use super::packed::{Column, Section, pack, put_number, take_number};
use super::pages::{CacheKey, Keep, PageWriter, PagedFile};
use crate::store::StoreError;

/// Unpacked bytes a block may have: one message with a million recipients fits.
const BLOCK_BYTES_MAX: u64 = 1 << 30;
/// Blocks larger than this are not kept in the cache.
const CACHED_BYTES_MAX: usize = 1 << 20;
/// Packed bytes held before they are written.
const SPILL_BYTES: usize = 4 << 20;
/// How hard zstd tries: sealing has time, and unpacking costs the same at every level.
const LEVEL: i32 = 6;

/// Where the blocks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct BlockTable {
    /// Names the table in the cache.
    pub(crate) part: u16,
    /// Bytes of all blocks.
    pub(crate) bytes: u64,
    /// Offset of each block, and the end of the last.
    offsets: Section,
    /// Number of the first item of each block, and how many items there are.
    firsts: Section,
}

/// Gathers items into blocks.
pub(crate) struct BlockWriter {
    part: u16,
    target: usize,
    raw: Vec<u8>,
    items: u64,
    firsts: Vec<u64>,
    offsets: Vec<u64>,
    /// Blocks not written to the file yet.
    packed: Vec<u8>,
    /// Where those begin that are, and their bytes.
    spilled: (Option<u64>, u64),
    compressor: zstd::bulk::Compressor<'static>,
}

impl BlockWriter {
    /// Blocks of about `target` unpacked bytes, packed with a dictionary if there is one.
    pub(crate) fn new(part: u16, target: usize, dictionary: &[u8]) -> Result<BlockWriter, StoreError> {
        let compressor =
            zstd::bulk::Compressor::with_dictionary(LEVEL, dictionary).map_err(StoreError::sealed)?;
        Ok(BlockWriter {
            part,
            target,
            raw: Vec::new(),
            items: 0,
            firsts: Vec::new(),
            offsets: Vec::new(),
            packed: Vec::new(),
            spilled: (None, 0),
            compressor,
        })
    }

    /// Adds an item made of pieces.
    pub(crate) fn add(&mut self, pieces: &[&[u8]]) -> Result<(), StoreError> {
        if self.raw.is_empty() {
            self.firsts.push(self.items);
        }
        let len: usize = pieces.iter().map(|piece| piece.len()).sum();
        put_number(&mut self.raw, u64::try_from(len).unwrap_or(u64::MAX));
        pieces.iter().for_each(|piece| self.raw.extend_from_slice(piece));
        self.items = self.items.saturating_add(1);
        if self.raw.len() >= self.target { self.close() } else { Ok(()) }
    }

    /// Blocks begun so far.
    pub(crate) fn begun(&self) -> usize {
        self.firsts.len()
    }

    fn close(&mut self) -> Result<(), StoreError> {
        if self.raw.is_empty() {
            return Ok(());
        }
        self.offsets.push(self.end());
        put_number(&mut self.packed, u64::try_from(self.raw.len()).unwrap_or(u64::MAX));
        let frame = self.compressor.compress(&self.raw).map_err(StoreError::sealed)?;
        self.packed.extend_from_slice(&frame);
        self.raw.clear();
        Ok(())
    }

    fn end(&self) -> u64 {
        self.spilled.1.saturating_add(u64::try_from(self.packed.len()).unwrap_or(u64::MAX))
    }

    /// Writes what is packed so far, if it is much. Nothing else may be written to the file before the end of it.
    pub(crate) fn spill(&mut self, out: &mut PageWriter) -> Result<(), StoreError> {
        if self.packed.len() >= SPILL_BYTES {
            self.spilled = (Some(self.spilled.0.unwrap_or(out.offset())), self.end());
            out.write(&self.packed)?;
            self.packed.clear();
        }
        Ok(())
    }

    /// Writes all of it.
    pub(crate) fn finish(mut self, out: &mut PageWriter) -> Result<BlockTable, StoreError> {
        self.close()?;
        let start = self.spilled.0.unwrap_or(out.offset());
        let bytes = self.end();
        self.offsets.push(bytes);
        self.firsts.push(self.items);
        out.write(&self.packed)?;
        self.offsets.iter_mut().for_each(|offset| *offset = offset.saturating_add(start));
        Ok(BlockTable {
            part: self.part,
            bytes,
            offsets: put_column(out, &self.offsets)?,
            firsts: put_column(out, &self.firsts)?,
        })
    }
}

/// Writes a column.
pub(crate) fn put_column(out: &mut PageWriter, values: &[u64]) -> Result<Section, StoreError> {
    let (bytes, width, base) = pack(values);
    let (count, len) = (values.len(), bytes.len());
    let section = Section {
        offset: out.offset(),
        len: u64::try_from(len).unwrap_or(u64::MAX),
        count: u64::try_from(count).unwrap_or(u64::MAX),
        width,
        base,
    };
    out.write(&bytes)?;
    Ok(section)
}

/// Reads items; those near each other cost one block.
pub(crate) struct Blocks<'a> {
    file: &'a PagedFile,
    table: BlockTable,
    keep: Keep,
    firsts: Column<'a>,
    offsets: Column<'a>,
    decompressor: Option<zstd::bulk::Decompressor<'a>>,
    dictionary: Option<&'a zstd::dict::DecoderDictionary<'static>>,
    /// First and end item of the block at hand.
    span: (u64, u64),
    block: Arc<[u8]>,
    /// Item and byte the walk through the block stands at.
    at: (u64, usize),
}

impl<'a> Blocks<'a> {
    pub(crate) fn new(
        file: &'a PagedFile,
        table: BlockTable,
        dictionary: Option<&'a zstd::dict::DecoderDictionary<'static>>,
        keep: Keep,
    ) -> Blocks<'a> {
        Blocks {
            file,
            table,
            keep,
            firsts: Column::new(file, table.firsts, Keep::Yes),
            offsets: Column::new(file, table.offsets, Keep::Yes),
            decompressor: None,
            dictionary,
            span: (0, 0),
            block: Arc::from([]),
            at: (0, 0),
        }
    }

    /// How many blocks there are.
    pub(crate) fn count(&self) -> u64 {
        self.table.firsts.count.saturating_sub(1)
    }

    /// How many items there are.
    pub(crate) fn items(&mut self) -> Result<u64, StoreError> {
        self.firsts.get(self.count())
    }

    /// The number of the first item of a block.
    pub(crate) fn first_of(&mut self, block: u64) -> Result<u64, StoreError> {
        self.firsts.get(block)
    }

    /// A block, unpacked.
    pub(crate) fn block(&mut self, number: u64) -> Result<Arc<[u8]>, StoreError> {
        let key = CacheKey::Block(self.file.id(), self.table.part, number);
        if let Some(block) = self.file.cache().get(key) {
            return Ok(block);
        }
        let start = self.offsets.get(number)?;
        let end = self.offsets.get(number.saturating_add(1))?;
        let packed = self.file.bytes(start, end.saturating_sub(start))?;
        let mut frame = packed.as_slice();
        let len = take_number(&mut frame)?;
        if len > BLOCK_BYTES_MAX {
            return Err(damaged("a block of it is too long"));
        }
        if self.decompressor.is_none() {
            let fresh = match self.dictionary {
                Some(dictionary) => zstd::bulk::Decompressor::with_prepared_dictionary(dictionary),
                None => zstd::bulk::Decompressor::new(),
            };
            self.decompressor = Some(fresh.map_err(StoreError::sealed)?);
        }
        let Some(decompressor) = &mut self.decompressor else { return Err(damaged("no decompressor")) };
        let size = usize::try_from(len).unwrap_or(usize::MAX);
        let raw = decompressor.decompress(frame, size).map_err(StoreError::sealed)?;
        let block: Arc<[u8]> = raw.into();
        if self.keep == Keep::Yes && block.len() <= CACHED_BYTES_MAX {
            self.file.cache().put(key, &block);
        }
        Ok(block)
    }

    /// An item.
    pub(crate) fn item(&mut self, number: u64) -> Result<&[u8], StoreError> {
        if number < self.span.0 || number >= self.span.1 {
            let blocks = self.count();
            let after = self.firsts.lower_bound(0, blocks, number.saturating_add(1))?;
            let block = after.saturating_sub(1);
            self.block = self.block(block)?;
            self.span = (self.firsts.get(block)?, self.firsts.get(block.saturating_add(1))?);
            self.at = (self.span.0, 0);
        }
        if self.at.0 > number {
            self.at = (self.span.0, 0);
        }
        let (mut item, mut byte) = self.at;
        loop {
            let mut rest = self.block.get(byte..).unwrap_or_default();
            let before = rest.len();
            let len = usize::try_from(take_number(&mut rest)?).unwrap_or(usize::MAX);
            let head = before.saturating_sub(rest.len());
            if item == number {
                self.at = (item, byte);
                let start = byte.saturating_add(head);
                return self
                    .block
                    .get(start..start.saturating_add(len))
                    .ok_or_else(|| damaged("an item of it is cut short"));
            }
            byte = byte.saturating_add(head).saturating_add(len);
            item = item.saturating_add(1);
        }
    }
}

/// The items of an unpacked block.
pub(crate) fn items_of(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    items_at(block).map(|(_, item)| item)
}

/// The same, with where each begins.
pub(crate) fn items_at(block: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = block;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let len = usize::try_from(take_number(&mut rest).ok()?).ok()?;
        let start = block.len().saturating_sub(rest.len());
        let (item, left) = rest.split_at_checked(len)?;
        rest = left;
        Some((start, item))
    })
}
