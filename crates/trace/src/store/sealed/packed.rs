//! Columns of numbers, each in as many bits as the largest needs.
//!
//! May touch: a file.
//! Number `i` of a column of width `w` is bits `i·w` to `(i+1)·w` of its bytes, the lowest bit first, plus the base.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::damaged;
use super::pages::{Keep, PAGE_BYTES, PagedFile};
use crate::store::StoreError;

/// A part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Section {
    /// Where it begins.
    pub(crate) offset: u64,
    /// Its bytes.
    pub(crate) len: u64,
    /// Numbers or blocks in it.
    pub(crate) count: u64,
    /// Bits of a number.
    pub(crate) width: u32,
    /// What is added to each number.
    pub(crate) base: u64,
}

/// Packs numbers; returns the bytes, the width and the base.
pub(crate) fn pack(values: &[u64]) -> (Vec<u8>, u32, u64) {
    let base = values.iter().copied().min().unwrap_or(0);
    let most = values.iter().copied().max().unwrap_or(0).wrapping_sub(base);
    let width = u64::BITS.saturating_sub(most.leading_zeros());
    let bits = values.len().saturating_mul(usize::try_from(width).unwrap_or(64));
    let mut bytes = Vec::with_capacity(bits.div_ceil(8));
    let (mut held, mut have) = (0_u128, 0_u32);
    for value in values {
        held |= u128::from(value.wrapping_sub(base)).checked_shl(have).unwrap_or(0);
        have = have.saturating_add(width);
        while have >= 64 {
            let [low, _] = halves(held);
            bytes.extend_from_slice(&low.to_le_bytes());
            held >>= 64;
            have = have.saturating_sub(64);
        }
    }
    let rest = usize::try_from(have.div_ceil(8)).unwrap_or(0);
    bytes.extend(held.to_le_bytes().into_iter().take(rest));
    (bytes, width, base)
}

fn halves(value: u128) -> [u64; 2] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = value.to_le_bytes();
    [u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(rest)]
}

/// Reads single numbers of a column; numbers near each other cost one page.
pub(crate) struct Column<'a> {
    file: &'a PagedFile,
    section: Section,
    mask: u64,
    keep: Keep,
    number: u64,
    page: Option<Arc<[u8]>>,
}

impl<'a> Column<'a> {
    pub(crate) fn new(file: &'a PagedFile, section: Section, keep: Keep) -> Column<'a> {
        let mask = u64::MAX.checked_shr(u64::BITS.saturating_sub(section.width)).unwrap_or(0);
        Column { file, section, mask, keep, number: 0, page: None }
    }

    pub(crate) fn count(&self) -> u64 {
        self.section.count
    }

    /// The number at a place.
    #[inline]
    pub(crate) fn get(&mut self, at: u64) -> Result<u64, StoreError> {
        if at >= self.section.count {
            return Err(damaged("a number of it points behind a column's end"));
        }
        let bit = at.wrapping_mul(u64::from(self.section.width));
        let byte = self.section.offset.wrapping_add(bit / 8);
        let (number, within) = (byte / PAGE_BYTES as u64, (byte % PAGE_BYTES as u64) as usize);
        if self.number != number || self.page.is_none() {
            if self.section.width == 0 {
                return Ok(self.section.base);
            }
            self.page = Some(self.file.page(number, self.keep)?);
            self.number = number;
        }
        let page = self.page.as_deref().unwrap_or_default();
        let shift = (bit % 8) as u32;
        // Nearly all columns are narrow, and numbers of them lie in eight bytes.
        if self.section.width <= 56
            && let Some(chunk) = page.get(within..).and_then(|rest| rest.first_chunk::<8>())
        {
            return Ok(((u64::from_le_bytes(*chunk) >> shift) & self.mask).wrapping_add(self.section.base));
        }
        let raw = match page.get(within..).and_then(|rest| rest.first_chunk::<16>()) {
            Some(chunk) => u128::from_le_bytes(*chunk),
            None => self.across(within)?,
        };
        let [low, _] = halves(raw >> shift);
        Ok((low & self.mask).wrapping_add(self.section.base))
    }

    /// Sixteen bytes at the end of a page, from the next one as far as needed.
    #[cold]
    fn across(&self, within: usize) -> Result<u128, StoreError> {
        let mut bytes = [0_u8; 16];
        let page = self.page.as_deref().unwrap_or_default();
        let here = page.get(within..).unwrap_or_default();
        let next = self.number.saturating_add(1);
        let more: Arc<[u8]> = if next.saturating_mul(PAGE_BYTES as u64) < self.file.len() {
            self.file.page(next, self.keep)?
        } else {
            Arc::from([])
        };
        for (to, from) in bytes.iter_mut().zip(here.iter().chain(more.iter())) {
            *to = *from;
        }
        Ok(u128::from_le_bytes(bytes))
    }

    /// The first place from `low` to `high` whose number is not below `wanted`, the numbers rising.
    pub(crate) fn lower_bound(&mut self, low: u64, high: u64, wanted: u64) -> Result<u64, StoreError> {
        let (mut low, mut high) = (low, high);
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle)? < wanted {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// LEB128.
pub(crate) fn put_number(bytes: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = (value & 0x7f).to_le_bytes();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// The inverse of [`put_number`]; moves `rest` on.
#[inline]
pub(crate) fn take_number(rest: &mut &[u8]) -> Result<u64, StoreError> {
    // Most numbers are small.
    if let Some((&byte, left)) = rest.split_first()
        && byte & 0x80 == 0
    {
        *rest = left;
        return Ok(u64::from(byte));
    }
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let Some((&byte, left)) = rest.split_first() else { break };
        *rest = left;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(damaged("a number of it is cut short"))
}
