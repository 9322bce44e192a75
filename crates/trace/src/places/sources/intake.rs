//! The intake of a source that is not a file: text in, events written, nothing lost between the two.
//!
//! May touch: the store through [`Places`].

use events::Event;
use jiff::Timestamp;

use super::super::follow::Polled;
use super::super::read::Reader;
use super::super::work::{EVENTS_AT_ONCE, ImportError, Imported, Places};
use crate::status::EventKey;

/// Octets of a text that are read at once.
const PIECE_BYTES: usize = 64 * 1_024;

/// Whether a text is a record by itself, or goes on where the one before ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// Whole lines of a record without an end.
    Lines,
    /// A record with a beginning and an end, such as a posted file.
    Whole,
}

/// Reads the text of one source.
#[derive(Debug)]
pub(super) struct Intake {
    place: String,
    reader: Reader,
    told: (u64, u64),
    /// Events that could not be written yet.
    waiting: Vec<(EventKey, Event)>,
}

impl Intake {
    pub(super) fn new(place: &str, reader: Reader) -> Intake {
        Intake { place: place.to_owned(), reader, told: (0, 0), waiting: Vec::new() }
    }

    /// Reads a text and writes what it tells. Blocks. After an error of the store the events are kept and written
    /// with the next text, so that what was read once is not lost; before they are written nothing more is read. Of a
    /// whole record that is cut short by such an error the rest is not read: its sender is told, and sends it again.
    pub(super) fn take(
        &mut self,
        text: &[u8],
        kind: Text,
        places: &Places,
        now: Timestamp,
    ) -> Result<Polled, ImportError> {
        let mut imported = self.write(places, now)?;
        self.reader.next_file("", now);
        self.reader.read_at(now);
        let read = match kind {
            Text::Lines => self.lines(text, places, now, &mut imported),
            Text::Whole => self.whole(text, places, now, &mut imported),
        };
        let tally = self.reader.tally();
        let named = tally.unknown_lines.iter().skip(usize::try_from(self.told.1).unwrap_or(usize::MAX));
        let polled = Polled {
            imported,
            lines: tally.lines.saturating_sub(self.told.0),
            unknown: tally.unknown.saturating_sub(self.told.1),
            unknown_lines: named.map(ToString::to_string).collect(),
            last_record: tally.last,
            refused: Vec::new(),
        };
        self.told = (tally.lines, tally.unknown);
        read.map(|()| polled)
    }

    /// Lines that do not come again: all are read before any is written.
    fn lines(
        &mut self,
        text: &[u8],
        places: &Places,
        now: Timestamp,
        imported: &mut Imported,
    ) -> Result<(), ImportError> {
        let read = self.reader.feed(text).and_then(|()| self.reader.decide());
        self.waiting = self.reader.take();
        imported.add(self.write(places, now)?);
        Ok(read?)
    }

    /// A record by itself, whose format is told anew; so many events of it at a time are in memory.
    fn whole(
        &mut self,
        text: &[u8],
        places: &Places,
        now: Timestamp,
        imported: &mut Imported,
    ) -> Result<(), ImportError> {
        self.reader.next_record();
        for piece in text.chunks(PIECE_BYTES) {
            self.reader.feed(piece)?;
            if self.reader.waiting() >= EVENTS_AT_ONCE {
                self.waiting = self.reader.take();
                imported.add(self.write(places, now)?);
            }
        }
        self.reader.end_file()?;
        self.waiting = self.reader.take();
        imported.add(self.write(places, now)?);
        Ok(())
    }

    /// Writes what waits.
    pub(super) fn write(&mut self, places: &Places, now: Timestamp) -> Result<Imported, ImportError> {
        if self.waiting.is_empty() {
            return Ok(Imported::default());
        }
        let _claim = places.claim_to_read(&self.place)?;
        let losses = places.losses();
        let imported = places.import(self.waiting.clone(), now)?;
        // Before the sender is told, and before anybody remembers how far was read.
        places.sync(losses)?;
        self.waiting = Vec::new();
        Ok(imported)
    }
}
