//! The parts of a sealed day's file, its directory and its end.
//!
//! May touch: nothing (pure).

use serde::{Deserialize, Serialize};

use super::blocks::BlockTable;
use super::damaged;
use super::packed::Section;
use crate::search::SubjectFold;
use crate::store::StoreError;

/// The version written now; files of a higher one are refused. Version 1 has no ids of other servers and is read:
/// such days are looked through for them. Before version 3 words of subjects are folded one character for one.
pub(crate) const VERSION: u32 = 3;
/// The newest version with that rule.
const SIMPLE_FOLD_VERSION: u32 = 2;
/// The oldest version read.
pub(crate) const VERSION_MIN: u32 = 1;
/// Begins and ends the file.
pub(crate) const MAGIC: [u8; 8] = *b"PrTrSeal";
/// Bits of a hash that are left out: what the others find is compared with the message itself.
pub(crate) const HASH_SHIFT: u32 = 32;
/// Rows in [`Part::Slowest`]: some pages of them, whatever else is asked for. Few in tests, so that it is used up there.
pub(crate) const SLOWEST_MAX: usize = if cfg!(test) { 20 } else { 4_096 };
/// Bytes of the [`Trailer`].
pub(crate) const TRAILER_BYTES: u64 = 40;

/// Declares the parts with their numbers, which are never changed or given again.
macro_rules! parts {
    ($($(#[$meta:meta])* $name:ident = $code:literal,)+) => {
        /// A part of the file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Part { $($(#[$meta])* $name,)+ }
        impl Part {
            pub(crate) fn code(self) -> u16 {
                match self { $(Part::$name => $code,)+ }
            }

            pub(crate) fn name(code: u16) -> &'static str {
                match code { $($code => stringify!($name),)+ _ => "unknown" }
            }
        }
    };
}

parts! {
    /// Per message: microseconds from its receive time to the end of the day.
    Slot = 1,
    /// Its first row; one more than messages.
    RowStart = 2,
    /// Internal message id plus one, or 0.
    Internal = 3,
    /// Address of MAIL FROM plus one, or 0.
    Sender = 4,
    /// Address of From plus one where it is another, or 0.
    Author = 5,
    /// Client address plus one, or 0.
    FromIp = 6,
    Direction = 7,
    Size = 8,
    /// Seconds from its receive time to its last event, rounded up.
    Last = 9,
    /// Which of the sets of event ids it has.
    EventIds = 10,
    /// Which of the sets of facets it has.
    FacetSet = 11,
    /// Per row: address.
    Address = 20,
    Status = 21,
    /// Next hop plus one, or 0.
    ToIp = 22,
    /// Milliseconds to its end plus one, or 0.
    Latency = 23,
    /// The slowest rows that have an end, the slowest first and the newest of equal ones: at most [`SLOWEST_MAX`].
    Slowest = 24,
    /// Rows by address.
    ByAddress = 30,
    ByAddressStart = 31,
    /// Messages by MAIL FROM.
    BySender = 32,
    BySenderStart = 33,
    /// Messages by From, where it is another.
    ByAuthor = 34,
    ByAuthorStart = 35,
    /// Messages by client.
    ByIp = 36,
    ByIpStart = 37,
    /// Hashes of network message ids, rising, and their messages.
    NetworkId = 40,
    NetworkIdMessage = 41,
    MessageId = 42,
    MessageIdMessage = 43,
    Reference = 44,
    ReferenceMessage = 45,
    /// Hashes of the ids that other servers gave, and their messages; since version 2.
    RemoteId = 46,
    RemoteIdMessage = 47,
    /// IPv4 addresses, rising; IPv6 addresses follow in number.
    Ip4 = 50,
    /// IPv6 addresses, rising, 16 bytes each.
    Ip6 = 51,
    /// Addresses by domain, then local part.
    Addresses = 60,
    /// The first address of each block.
    AddressIndex = 59,
    /// Words of subjects, rising.
    Words = 61,
    /// Where the list of a word begins.
    WordStart = 62,
    /// Messages whose subject has the word, and their rows.
    WordMessages = 63,
    WordRows = 64,
    /// Lists of messages, as differences.
    WordLists = 65,
    /// Subjects as they were written; events leave them out.
    Subjects = 66,
    /// Packed events.
    Events = 70,
    EventsDictionary = 71,
    /// Sets of facets.
    Facets = 72,
}

/// Where everything is, and what is asked most.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Directory {
    pub(crate) day: i32,
    pub(crate) messages: u64,
    pub(crate) rows: u64,
    /// Sets of event ids that occur, as bits.
    pub(crate) event_ids: Vec<i64>,
    /// Rows by hour and status code.
    pub(crate) counters: Vec<(u8, u8, u64)>,
    pub(crate) applied: Vec<(u16, u64)>,
    pub(crate) last_event_at: i64,
    pub(crate) sections: Vec<(u16, Section)>,
    pub(crate) tables: Vec<BlockTable>,
}

/// The last bytes of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trailer {
    /// Where the directory begins: so far go the pages.
    pub(crate) directory: u64,
    /// Its bytes; checksums of the pages follow.
    pub(crate) len: u64,
    /// Checksum of both.
    pub(crate) sum: u32,
    /// How the words of subjects are folded.
    pub(crate) fold: SubjectFold,
}

impl Trailer {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from(MAGIC);
        let version = if self.fold == SubjectFold::Simple { SIMPLE_FOLD_VERSION } else { VERSION };
        bytes.extend(version.to_le_bytes());
        bytes.extend(self.directory.to_le_bytes());
        bytes.extend(self.len.to_le_bytes());
        bytes.extend(self.sum.to_le_bytes());
        bytes.extend(MAGIC);
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Trailer, StoreError> {
        let bad = || damaged("it does not end as a sealed day does");
        let (magic, rest) = bytes.split_first_chunk::<8>().ok_or_else(bad)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(bad)?;
        let (directory, rest) = rest.split_first_chunk::<8>().ok_or_else(bad)?;
        let (len, rest) = rest.split_first_chunk::<8>().ok_or_else(bad)?;
        let (sum, rest) = rest.split_first_chunk::<4>().ok_or_else(bad)?;
        if *magic != MAGIC || rest != MAGIC {
            return Err(bad());
        }
        match u32::from_le_bytes(*version) {
            version @ VERSION_MIN..=VERSION => Ok(Trailer {
                directory: u64::from_le_bytes(*directory),
                len: u64::from_le_bytes(*len),
                sum: u32::from_le_bytes(*sum),
                fold: if version > SIMPLE_FOLD_VERSION { SubjectFold::Full } else { SubjectFold::Simple },
            }),
            found => Err(StoreError::Newer { found: i32::try_from(found).unwrap_or(i32::MAX) }),
        }
    }

    /// Directory and checksums out of what stands before the trailer.
    pub(crate) fn check(&self, tail: &[u8]) -> Result<(Directory, Vec<u32>), StoreError> {
        if crc32fast::hash(tail) != self.sum {
            return Err(damaged("its directory does not have its checksum"));
        }
        let len = usize::try_from(self.len).unwrap_or(usize::MAX);
        let (directory, sums) =
            tail.split_at_checked(len).ok_or_else(|| damaged("its directory is cut short"))?;
        let directory =
            postcard::from_bytes(directory).map_err(|_| damaged("its directory cannot be read"))?;
        let sums = sums.as_chunks::<4>().0.iter().map(|sum| u32::from_le_bytes(*sum)).collect();
        Ok((directory, sums))
    }
}
