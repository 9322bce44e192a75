//! Writes a sealed day: takes messages from the newest to the oldest, holds their columns in memory, streams events.
//!
//! May touch: a file.
//! Known gaps: a day's columns are held until it is written, about 250 bytes a message.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use events::Event;
use world::DiskFile;

use super::blocks::{BlockWriter, put_column};
use super::layout::{Directory, HASH_SHIFT, MAGIC, Part, SLOWEST_MAX, Trailer};
use super::packed::{Section, put_number};
use super::pages::PageWriter;
use super::slim;
use crate::search::SubjectFold;
use crate::search::words;
use crate::status::EventKey;
use crate::store::day::{DAY_MICROS, HOUR_MICROS};
use crate::store::dictionary::domain_of;
use crate::store::open_message::OpenMessage;
use crate::store::remote_ids::{remote_id_number, remote_ids};
use crate::store::{Day, StoreError};

/// Unpacked bytes of a block of events.
const EVENTS_BLOCK: usize = 16 << 10;
/// Unpacked bytes of a block of subjects.
const SUBJECTS_BLOCK: usize = 16 << 10;
/// Unpacked bytes of a block of addresses.
const NAMES_BLOCK: usize = 16 << 10;
/// Unpacked bytes of a block of words, which are searched as a whole.
const WORDS_BLOCK: usize = 64 << 10;
/// Bytes of events a dictionary is trained on, and the bytes it may have.
const SAMPLE_BYTES: usize = 2 << 20;
const DICTIONARY_BYTES: usize = 64 << 10;
/// Messages below which a dictionary would cost more than it saves.
const SAMPLE_MESSAGES_MIN: usize = 2_000;

/// Gives things numbers in the order in which they come.
struct Numbers<K>(HashMap<K, u32>);

impl<K: Hash + Eq> Numbers<K> {
    fn new() -> Numbers<K> {
        Numbers(HashMap::new())
    }

    fn of<Q>(&mut self, key: &Q) -> u32
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ToOwned + ?Sized,
        for<'a> K: From<&'a Q>,
    {
        if let Some(known) = self.0.get(key) {
            return *known;
        }
        let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.insert(K::from(key), number);
        number
    }
}

/// The messages with a word in their subject.
#[derive(Default)]
struct WordList {
    /// The last one plus one.
    next: u32,
    messages: u32,
    rows: u32,
    differences: Vec<u8>,
}

/// Columns of messages and rows while they are gathered.
#[derive(Default)]
struct Columns {
    slot: Vec<u64>,
    row_start: Vec<u64>,
    internal: Vec<u64>,
    sender: Vec<u64>,
    author: Vec<u64>,
    from_ip: Vec<u64>,
    direction: Vec<u64>,
    size: Vec<u64>,
    last: Vec<u64>,
    event_ids: Vec<u64>,
    facets: Vec<u64>,
    address: Vec<u64>,
    status: Vec<u64>,
    to_ip: Vec<u64>,
    latency: Vec<u64>,
}

/// A sealed day being written.
pub(crate) struct SealWriter {
    out: PageWriter,
    directory: Directory,
    columns: Columns,
    addresses: Numbers<Box<str>>,
    ips: HashMap<IpAddr, u32>,
    event_ids: HashMap<i64, u32>,
    facets: Numbers<Box<[u8]>>,
    network_ids: Vec<(u64, u64)>,
    message_ids: Vec<(u64, u64)>,
    references: Vec<(u64, u64)>,
    remote_ids: Vec<(u64, u64)>,
    words: HashMap<Box<str>, WordList>,
    subjects: BlockWriter,
    events: Option<BlockWriter>,
    /// Events held back until there is enough to train a dictionary on.
    sample: Vec<Vec<u8>>,
    sample_bytes: usize,
    counters: HashMap<(u8, u8), u64>,
}

impl SealWriter {
    pub(crate) fn new(file: DiskFile, day: Day) -> Result<SealWriter, StoreError> {
        let mut out = PageWriter::new(file);
        out.write(&MAGIC)?;
        Ok(SealWriter {
            out,
            directory: Directory { day: day.0, last_event_at: i64::MIN, ..Directory::default() },
            columns: Columns::default(),
            addresses: Numbers::new(),
            ips: HashMap::new(),
            event_ids: HashMap::new(),
            facets: Numbers::new(),
            network_ids: Vec::new(),
            message_ids: Vec::new(),
            references: Vec::new(),
            remote_ids: Vec::new(),
            words: HashMap::new(),
            subjects: BlockWriter::new(Part::Subjects.code(), SUBJECTS_BLOCK, &[])?,
            events: None,
            sample: Vec::new(),
            sample_bytes: 0,
            counters: HashMap::new(),
        })
    }

    /// Highest numbers of events applied, by node.
    pub(crate) fn set_applied(&mut self, applied: impl IntoIterator<Item = (u16, u64)>) {
        self.directory.applied = applied.into_iter().collect();
    }

    /// Adds a message with its events, each once; each message older than the one before.
    pub(crate) fn add(&mut self, slot: i64, events: &[(EventKey, Event)]) -> Result<(), StoreError> {
        let message = &OpenMessage::of(events, slot);
        let number = u64::try_from(self.columns.slot.len()).unwrap_or(u64::MAX);
        let left = u64::try_from(DAY_MICROS.saturating_sub(slot)).unwrap_or(0);
        if self.columns.slot.last().is_some_and(|before| *before >= left) {
            return Err(StoreError::Inconsistent("messages to be sealed do not stand in their order"));
        }
        self.columns.slot.push(left);
        self.columns.row_start.push(self.directory.rows);
        self.columns.internal.push(message.internal_id.map_or(0, |id| id.0.saturating_add(1)));
        self.directory.last_event_at = self.directory.last_event_at.max(message.last_at);
        let late = message.last_at.saturating_sub(i64::from(self.directory.day).saturating_mul(DAY_MICROS));
        let late = u64::try_from(late.saturating_sub(slot)).unwrap_or(0);
        self.columns.last.push(late.div_ceil(1_000_000));
        let next = u32::try_from(self.event_ids.len()).unwrap_or(u32::MAX);
        let event_ids = *self.event_ids.entry(message.event_ids).or_insert(next);
        self.columns.event_ids.push(u64::from(event_ids));
        let facets = self.facets.of(message.facets.stored().as_slice());
        self.columns.facets.push(u64::from(facets));
        let id = super::super::open_message::hash(message.network_message_id.0.as_bytes());
        self.network_ids.push((id.cast_unsigned() >> HASH_SHIFT, number));
        for remote in events.iter().flat_map(|(_, event)| remote_ids(event)) {
            self.remote_ids.push((remote_id_number(remote).cast_unsigned() >> HASH_SHIFT, number));
        }
        let rows = self.add_rows(slot, message);
        self.add_facts(message, number, rows);
        self.subjects.add(&[message.subject().as_bytes()])?;
        let at = i64::from(self.directory.day).saturating_mul(DAY_MICROS).saturating_add(slot);
        self.add_events(slim::write(events, at, message.subject()))
    }

    fn add_rows(&mut self, slot: i64, message: &OpenMessage) -> u32 {
        let hour = u8::try_from(slot / HOUR_MICROS).unwrap_or(23);
        let mut rows = 0_u32;
        for (row, (_, key)) in message.rows().zip(message.fold.addresses()) {
            let address = self.addresses.of(key);
            self.columns.address.push(u64::from(address));
            self.columns.status.push(u64::from(row.code));
            let hop = row.to_ip.map_or(0, |ip| self.ip(ip));
            self.columns.to_ip.push(hop);
            self.columns.latency.push(row.latency.map_or(0, |ms| u64::from(ms).saturating_add(1)));
            let count = self.counters.entry((hour, row.code)).or_default();
            *count = count.saturating_add(1);
            rows = rows.saturating_add(1);
        }
        self.directory.rows = self.directory.rows.saturating_add(u64::from(rows));
        rows
    }

    /// The number of an address plus one.
    fn ip(&mut self, ip: IpAddr) -> u64 {
        let next = u32::try_from(self.ips.len()).unwrap_or(u32::MAX);
        u64::from(*self.ips.entry(ip.to_canonical()).or_insert(next)).saturating_add(1)
    }

    fn add_facts(&mut self, message: &OpenMessage, number: u64, rows: u32) {
        let Some(facts) = &message.facts else {
            let columns = &mut self.columns;
            [
                &mut columns.sender,
                &mut columns.author,
                &mut columns.from_ip,
                &mut columns.direction,
                &mut columns.size,
            ]
            .into_iter()
            .for_each(|column| column.push(0));
            return;
        };
        let sender = self.addresses.of(facts.sender.as_str());
        self.columns.sender.push(u64::from(sender).saturating_add(1));
        let author = facts.author.as_deref().map(|author| self.addresses.of(author));
        self.columns.author.push(author.map_or(0, |author| u64::from(author).saturating_add(1)));
        let ip = facts.from_ip.map_or(0, |ip| self.ip(ip));
        self.columns.from_ip.push(ip);
        self.columns.direction.push(u64::from(facts.direction.code()));
        self.columns.size.push(facts.size);
        if let Some(id) = &facts.message_id {
            let hash = super::super::message_id_number(id);
            self.message_ids.push((hash.cast_unsigned() >> HASH_SHIFT, number));
        }
        let references = facts.references.iter();
        self.references.extend(references.map(|hash| (hash.cast_unsigned() >> HASH_SHIFT, number)));
        let message = u32::try_from(number).unwrap_or(u32::MAX);
        for word in words(&facts.subject) {
            if !self.words.contains_key(word) {
                self.words.insert(word.into(), WordList::default());
            }
            let Some(list) = self.words.get_mut(word) else { continue };
            if list.next <= message {
                put_number(&mut list.differences, u64::from(message.saturating_sub(list.next)));
                list.next = message.saturating_add(1);
                list.messages = list.messages.saturating_add(1);
                list.rows = list.rows.saturating_add(rows);
            }
        }
    }

    fn add_events(&mut self, item: Vec<u8>) -> Result<(), StoreError> {
        match &mut self.events {
            Some(events) => {
                events.add(&[&item])?;
                events.spill(&mut self.out)
            }
            None => {
                self.sample_bytes = self.sample_bytes.saturating_add(item.len());
                self.sample.push(item);
                if self.sample_bytes >= SAMPLE_BYTES { self.begin_events() } else { Ok(()) }
            }
        }
    }

    /// Trains the dictionary and writes what was held back.
    fn begin_events(&mut self) -> Result<(), StoreError> {
        let sample = std::mem::take(&mut self.sample);
        let dictionary = if sample.len() >= SAMPLE_MESSAGES_MIN {
            // A sample that gives no dictionary (all messages alike) is packed without one.
            zstd::dict::from_samples(&sample, DICTIONARY_BYTES).unwrap_or_default()
        } else {
            Vec::new()
        };
        self.plain(Part::EventsDictionary, &dictionary)?;
        let mut events = BlockWriter::new(Part::Events.code(), EVENTS_BLOCK, &dictionary)?;
        for item in sample {
            events.add(&[&item])?;
        }
        self.events = Some(events);
        Ok(())
    }

    fn plain(&mut self, part: Part, bytes: &[u8]) -> Result<(), StoreError> {
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let section = Section { offset: self.out.offset(), len, ..Section::default() };
        self.out.write(bytes)?;
        self.directory.sections.push((part.code(), section));
        Ok(())
    }

    fn column(&mut self, part: Part, values: &[u64]) -> Result<(), StoreError> {
        let section = put_column(&mut self.out, values)?;
        self.directory.sections.push((part.code(), section));
        Ok(())
    }

    /// Writes everything and makes it durable; the name is the caller's.
    pub(crate) fn finish(mut self) -> Result<(), StoreError> {
        if self.events.is_none() {
            self.begin_events()?;
        }
        if let Some(events) = self.events.take() {
            let table = events.finish(&mut self.out)?;
            self.directory.tables.push(table);
        }
        self.directory.messages = u64::try_from(self.columns.slot.len()).unwrap_or(u64::MAX);
        let mut columns = std::mem::take(&mut self.columns);
        columns.row_start.push(self.directory.rows);
        self.finish_names(&mut columns)?;
        self.finish_ips(&mut columns)?;
        self.finish_words()?;
        self.finish_messages(&columns)?;
        for (part, hashes) in [
            ((Part::NetworkId, Part::NetworkIdMessage), std::mem::take(&mut self.network_ids)),
            ((Part::MessageId, Part::MessageIdMessage), std::mem::take(&mut self.message_ids)),
            ((Part::Reference, Part::ReferenceMessage), std::mem::take(&mut self.references)),
            ((Part::RemoteId, Part::RemoteIdMessage), std::mem::take(&mut self.remote_ids)),
        ] {
            self.hashes(part, hashes)?;
        }
        self.finish_sets()?;
        self.finish_file()
    }

    fn finish_sets(&mut self) -> Result<(), StoreError> {
        let mut event_ids: Vec<(u32, i64)> =
            self.event_ids.drain().map(|(bits, number)| (number, bits)).collect();
        event_ids.sort_unstable();
        self.directory.event_ids = event_ids.into_iter().map(|(_, bits)| bits).collect();
        let mut sets: Vec<(u32, Box<[u8]>)> =
            self.facets.0.drain().map(|(set, number)| (number, set)).collect();
        sets.sort_unstable();
        let mut facets = BlockWriter::new(Part::Facets.code(), NAMES_BLOCK, &[])?;
        for (_, set) in &sets {
            facets.add(&[set])?;
        }
        let table = facets.finish(&mut self.out)?;
        self.directory.tables.push(table);
        let mut counters: Vec<(u8, u8, u64)> =
            self.counters.drain().map(|((hour, status), rows)| (hour, status, rows)).collect();
        counters.sort_unstable();
        self.directory.counters = counters;
        Ok(())
    }

    /// Sorts the addresses, renumbers the columns by them, and writes who is where.
    fn finish_names(&mut self, columns: &mut Columns) -> Result<(), StoreError> {
        let mut names: Vec<(Box<str>, u32)> = self.addresses.0.drain().collect();
        names.sort_unstable_by(|(a, _), (b, _)| (domain_of(a), a.as_ref()).cmp(&(domain_of(b), b.as_ref())));
        let mut numbers = vec![0_u64; names.len()];
        let mut table = BlockWriter::new(Part::Addresses.code(), NAMES_BLOCK, &[])?;
        let mut index = Vec::new();
        for (number, (name, old)) in (0_u64..).zip(&names) {
            let blocks = table.begun();
            table.add(&[name.as_bytes()])?;
            if table.begun() > blocks {
                put_number(&mut index, u64::try_from(name.len()).unwrap_or(u64::MAX));
                index.extend_from_slice(name.as_bytes());
            }
            if let Some(place) = usize::try_from(*old).ok().and_then(|old| numbers.get_mut(old)) {
                *place = number;
            }
        }
        let table = table.finish(&mut self.out)?;
        self.directory.tables.push(table);
        self.plain(Part::AddressIndex, &index)?;
        let new = |old: u64| usize::try_from(old).ok().and_then(|old| numbers.get(old)).copied().unwrap_or(0);
        columns.address.iter_mut().for_each(|address| *address = new(*address));
        for column in [&mut columns.sender, &mut columns.author] {
            column
                .iter_mut()
                .filter(|one| **one > 0)
                .for_each(|one| *one = new(one.saturating_sub(1)).saturating_add(1));
        }
        let count = numbers.len();
        let rows: Vec<Option<u64>> = columns.address.iter().copied().map(Some).collect();
        self.sorted((Part::ByAddress, Part::ByAddressStart), &rows, count)?;
        for (part, column) in [
            ((Part::BySender, Part::BySenderStart), &columns.sender),
            ((Part::ByAuthor, Part::ByAuthorStart), &columns.author),
        ] {
            let values: Vec<Option<u64>> = column.iter().map(|one| one.checked_sub(1)).collect();
            self.sorted(part, &values, count)?;
        }
        for (part, column) in [
            (Part::Address, &columns.address),
            (Part::Sender, &columns.sender),
            (Part::Author, &columns.author),
        ] {
            self.column(part, column)?;
        }
        Ok(())
    }

    /// Writes the numbers of all that have a value, sorted by it, and where each value begins.
    fn sorted(
        &mut self,
        (list, start): (Part, Part),
        values: &[Option<u64>],
        count: usize,
    ) -> Result<(), StoreError> {
        let mut starts = vec![0_u64; count.saturating_add(1)];
        for value in values.iter().flatten() {
            let next = usize::try_from(*value).ok().and_then(|value| starts.get_mut(value.saturating_add(1)));
            if let Some(count) = next {
                *count = count.saturating_add(1);
            }
        }
        let mut sum = 0_u64;
        for start in &mut starts {
            sum = sum.saturating_add(*start);
            *start = sum;
        }
        self.column(start, &starts)?;
        let mut sorted = vec![0_u64; usize::try_from(sum).unwrap_or(0)];
        for (number, value) in (0_u64..).zip(values) {
            let Some(next) = value.and_then(|value| starts.get_mut(usize::try_from(value).ok()?)) else {
                continue;
            };
            if let Some(place) = usize::try_from(*next).ok().and_then(|at| sorted.get_mut(at)) {
                *place = number;
            }
            *next = next.saturating_add(1);
        }
        self.column(list, &sorted)
    }

    fn finish_ips(&mut self, columns: &mut Columns) -> Result<(), StoreError> {
        // IPv4 before IPv6, each rising: so the derive orders them.
        let mut ips: Vec<(IpAddr, u32)> = self.ips.drain().collect();
        ips.sort_unstable();
        let mut numbers = vec![0_u64; ips.len()];
        let (mut four, mut six) = (Vec::new(), Vec::new());
        for (number, (ip, old)) in (1_u64..).zip(&ips) {
            match ip {
                IpAddr::V4(ip) => four.push(u64::from(ip.to_bits())),
                IpAddr::V6(ip) => six.extend(ip.octets()),
            }
            if let Some(place) = usize::try_from(*old).ok().and_then(|old| numbers.get_mut(old)) {
                *place = number;
            }
        }
        self.column(Part::Ip4, &four)?;
        self.plain(Part::Ip6, &six)?;
        let new = |old: u64| usize::try_from(old).ok().and_then(|old| numbers.get(old)).copied().unwrap_or(0);
        for column in [&mut columns.from_ip, &mut columns.to_ip] {
            column.iter_mut().filter(|one| **one > 0).for_each(|one| *one = new(one.saturating_sub(1)));
        }
        let values: Vec<Option<u64>> = columns.from_ip.iter().map(|one| one.checked_sub(1)).collect();
        self.sorted((Part::ByIp, Part::ByIpStart), &values, ips.len())?;
        self.column(Part::FromIp, &columns.from_ip)?;
        self.column(Part::ToIp, &columns.to_ip)
    }

    fn finish_words(&mut self) -> Result<(), StoreError> {
        let mut words: Vec<(Box<str>, WordList)> = self.words.drain().collect();
        words.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut table = BlockWriter::new(Part::Words.code(), WORDS_BLOCK, &[])?;
        let (mut starts, mut messages, mut rows, mut lists) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (word, list) in words {
            table.add(&[word.as_bytes()])?;
            starts.push(u64::try_from(lists.len()).unwrap_or(u64::MAX));
            messages.push(u64::from(list.messages));
            rows.push(u64::from(list.rows));
            lists.extend_from_slice(&list.differences);
        }
        starts.push(u64::try_from(lists.len()).unwrap_or(u64::MAX));
        let table = table.finish(&mut self.out)?;
        self.directory.tables.push(table);
        self.column(Part::WordStart, &starts)?;
        self.column(Part::WordMessages, &messages)?;
        self.column(Part::WordRows, &rows)?;
        self.plain(Part::WordLists, &lists)?;
        let subjects = BlockWriter::new(Part::Subjects.code(), SUBJECTS_BLOCK, &[])?;
        let table = std::mem::replace(&mut self.subjects, subjects).finish(&mut self.out)?;
        self.directory.tables.push(table);
        Ok(())
    }

    fn finish_messages(&mut self, columns: &Columns) -> Result<(), StoreError> {
        for (part, column) in [
            (Part::Slot, &columns.slot),
            (Part::RowStart, &columns.row_start),
            (Part::Internal, &columns.internal),
            (Part::Direction, &columns.direction),
            (Part::Size, &columns.size),
            (Part::Last, &columns.last),
            (Part::EventIds, &columns.event_ids),
            (Part::FacetSet, &columns.facets),
            (Part::Status, &columns.status),
            (Part::Latency, &columns.latency),
        ] {
            self.column(part, column)?;
        }
        self.column(Part::Slowest, &slowest(&columns.latency))
    }

    fn hashes(
        &mut self,
        (hash, message): (Part, Part),
        mut pairs: Vec<(u64, u64)>,
    ) -> Result<(), StoreError> {
        pairs.sort_unstable();
        pairs.dedup();
        let (hashes, messages): (Vec<u64>, Vec<u64>) = pairs.into_iter().unzip();
        self.column(hash, &hashes)?;
        self.column(message, &messages)
    }

    fn finish_file(self) -> Result<(), StoreError> {
        let (file, end, sums) = self.out.finish()?;
        let mut tail = postcard::to_allocvec(&self.directory)
            .map_err(|_| StoreError::Inconsistent("a directory cannot be written"))?;
        let len = u64::try_from(tail.len()).unwrap_or(u64::MAX);
        sums.iter().for_each(|sum| tail.extend(sum.to_le_bytes()));
        let trailer = Trailer { directory: end, len, sum: crc32fast::hash(&tail), fold: SubjectFold::Full };
        tail.extend(trailer.bytes());
        file.write_all_at(&tail, end).map_err(StoreError::sealed)?;
        file.sync_all().map_err(StoreError::sealed)
    }
}

/// The rows that took longest, the slowest first; 0 is a row without an end.
fn slowest(latency: &[u64]) -> Vec<u64> {
    let ended = (0_u64..).zip(latency).filter(|(_, latency)| **latency > 0);
    let mut rows: Vec<(Reverse<u64>, u64)> = ended.map(|(row, latency)| (Reverse(*latency), row)).collect();
    if rows.len() > SLOWEST_MAX {
        rows.select_nth_unstable(SLOWEST_MAX);
        rows.truncate(SLOWEST_MAX);
    }
    rows.sort_unstable();
    rows.into_iter().map(|(_, row)| row).collect()
}
