//! Subjects of a sealed day: which messages have a text in them, by the words of all subjects.
//!
//! May touch: a file.
//! A text without separators lies inside one word: the words that hold it give the messages, and no subject is read.
//! A text of several words is looked up by its rarest one and compared with the subjects that have it.

use super::blocks::items_at;
use super::damaged;
use super::layout::Part;
use super::packed::take_number;
use super::pages::{Keep, PAGE_BYTES};
use super::sets::MessageSet;
use super::{SealedDay, StoreError};
use crate::search::{Piece, SubjectFilter, SubjectFilterType, SubjectFold, pieces};

/// Messages that may have a text in their subject.
#[derive(Debug, Clone, Default)]
pub(crate) struct SubjectHits {
    /// Numbers of the words that hold the rarest piece.
    words: Vec<u64>,
    /// Messages of these words together, each counted once a word.
    pub(crate) messages: u64,
    /// Whether the subject itself must be compared.
    pub(crate) compare: bool,
    /// Rows of the messages, where that is known without reading them.
    pub(crate) rows: Option<u64>,
}

impl SubjectHits {
    /// What it costs to read the lists of the words, in entries; `list` is the cost of one list.
    pub(crate) fn cost(&self, list: u64) -> u64 {
        let words = u64::try_from(self.words.len()).unwrap_or(u64::MAX);
        self.messages.saturating_add(words.saturating_mul(list))
    }
}

/// A condition on the subject, folded.
#[derive(Debug, Clone)]
pub(crate) struct SubjectTest {
    kind: SubjectFilterType,
    text: String,
    fold: SubjectFold,
}

impl SubjectTest {
    /// `None` if every subject satisfies it.
    pub(crate) fn new(filter: &SubjectFilter, fold: SubjectFold) -> Option<SubjectTest> {
        let test = || SubjectTest { kind: filter.kind, text: fold.fold(&filter.text), fold };
        (!filter.text.is_empty()).then(test)
    }

    /// Whether a subject as it was written satisfies it.
    pub(crate) fn matches(&self, subject: &[u8]) -> bool {
        let text = self.text.as_bytes();
        let folded = self.fold.fold(&String::from_utf8_lossy(subject));
        let subject = folded.as_bytes();
        match self.kind {
            SubjectFilterType::Contains => memchr::memmem::find(subject, text).is_some(),
            SubjectFilterType::StartsWith => subject.starts_with(text),
            SubjectFilterType::EndsWith => subject.ends_with(text),
            SubjectFilterType::Equals => subject == text,
        }
    }
}

impl SealedDay {
    /// A condition on the subjects of this file.
    pub(crate) fn subject_test(&self, filter: &SubjectFilter) -> Option<SubjectTest> {
        SubjectTest::new(filter, self.fold)
    }

    /// What the words say of a condition; `None` if it has no word in it, so that every subject must be read.
    pub(crate) fn subject_hits(&self, test: &SubjectTest) -> Result<Option<SubjectHits>, StoreError> {
        let whole = test.kind == SubjectFilterType::Equals;
        let starts = whole || test.kind == SubjectFilterType::StartsWith;
        let ends = whole || test.kind == SubjectFilterType::EndsWith;
        let pieces = pieces(&test.text, starts, ends);
        if pieces.is_empty() {
            return Ok(None);
        }
        let alone = matches!(pieces.as_slice(), [only] if only.text == test.text)
            && test.kind == SubjectFilterType::Contains;
        let mut found: Vec<Vec<u64>> = vec![Vec::new(); pieces.len()];
        self.match_words(&pieces, &mut found)?;
        let mut counts = self.column(Part::WordMessages, Keep::Yes);
        let mut best: Option<SubjectHits> = None;
        for words in found {
            let mut messages = 0_u64;
            for word in &words {
                messages = messages.saturating_add(counts.get(*word)?);
            }
            if best.as_ref().is_none_or(|best| messages < best.messages) {
                best = Some(SubjectHits { words, messages, compare: !alone, rows: None });
            }
        }
        if let Some(best) = best.as_mut().filter(|best| alone && best.words.len() <= 1) {
            best.rows = Some(match best.words.first() {
                Some(word) => self.column(Part::WordRows, Keep::Yes).get(*word)?,
                None => 0,
            });
        }
        Ok(best)
    }

    /// Goes through the words once, for all pieces.
    fn match_words(&self, pieces: &[Piece], found: &mut [Vec<u64>]) -> Result<(), StoreError> {
        let finders: Vec<_> =
            pieces.iter().map(|piece| memchr::memmem::Finder::new(piece.text.as_bytes())).collect();
        let mut blocks = self.blocks(Part::Words, Keep::Yes)?;
        for number in 0..blocks.count() {
            let block = blocks.block(number)?;
            let first = blocks.first_of(number)?;
            for ((piece, finder), found) in pieces.iter().zip(&finders).zip(found.iter_mut()) {
                words_with(&block, first, piece, finder, found);
            }
        }
        Ok(())
    }

    /// The messages of the words found.
    pub(crate) fn subject_messages(&self, hits: &SubjectHits) -> Result<MessageSet, StoreError> {
        let section = self.section(Part::WordLists);
        let mut starts = self.column(Part::WordStart, Keep::Yes);
        let mut messages = MessageSet::for_about(hits.messages, self.messages());
        let pages = section.len / PAGE_BYTES as u64;
        // With many words one read of all lists is cheaper than a page for each.
        let many = u64::try_from(hits.words.len()).unwrap_or(u64::MAX) > pages / 4;
        let all = if many { self.plain(Part::WordLists)? } else { Vec::new() };
        let mut own;
        for word in &hits.words {
            let (start, end) = (starts.get(*word)?, starts.get(word.saturating_add(1))?);
            let bytes = if many {
                let range =
                    usize::try_from(start).unwrap_or(usize::MAX)..usize::try_from(end).unwrap_or(usize::MAX);
                all.get(range).ok_or_else(|| damaged("a list of words in it points behind the end"))?
            } else {
                own = self.file.bytes(section.offset.saturating_add(start), end.saturating_sub(start))?;
                own.as_slice()
            };
            let (mut rest, mut next) = (bytes, 0_u64);
            while !rest.is_empty() {
                let message = next.saturating_add(take_number(&mut rest)?);
                messages.put(message);
                next = message.saturating_add(1);
            }
        }
        Ok(messages.settled())
    }
}

/// The words of a block that a piece matches. The block is searched as a whole and its words are only stepped over.
fn words_with(
    block: &[u8],
    first: u64,
    piece: &Piece,
    finder: &memchr::memmem::Finder<'_>,
    found: &mut Vec<u64>,
) {
    let text = piece.text.as_bytes();
    let mut words = (first..).zip(items_at(block));
    let mut word = words.next();
    for hit in finder.find_iter(block) {
        // Hits stand in order: the walk never goes back.
        while word.as_ref().is_some_and(|(_, (start, item))| start.saturating_add(item.len()) <= hit) {
            word = words.next();
        }
        let Some((number, (start, item))) = &word else { return };
        let inside = *start <= hit && hit.saturating_add(text.len()) <= start.saturating_add(item.len());
        let holds = inside
            && match (piece.starts, piece.ends) {
                (true, true) => *item == text,
                (true, false) => item.starts_with(text),
                (false, true) => item.ends_with(text),
                (false, false) => true,
            };
        if holds && found.last() != Some(number) {
            found.push(*number);
        }
    }
}
