//! What a reader has to say beside its events: lines counted by what became of them, the first unknown ones named.
//!
//! May touch: nothing (pure).

use std::collections::{BTreeMap, HashSet, VecDeque};

use events::Event;
use events::csv::BadLine;
use jiff::{SignedDuration, Timestamp};

use crate::status::EventKey;

/// Unknown lines that are named; more are only counted.
pub(crate) const UNKNOWN_NAMED: usize = 20;
/// Characters of an unknown line that are shown.
const SHOWN_CHARS: usize = 160;
/// Programs counted by name; the rest are counted together.
const PROGRAMS_MAX: usize = 50;
/// A log silent for longer is named, in microseconds: lines may be missing.
const SILENCE_MICROS: i64 = 6 * 3_600 * 1_000_000;
/// Silences named.
const SILENCES_MAX: usize = 20;

/// A record may be dated so much later than the clock of this server. What is later still is a wrong clock or a forgery:
/// it would stand on top of every list, and on a day that is never old enough to be deleted.
pub(crate) const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// A time nothing was logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The last line before.
    pub from: Timestamp,
    /// The first line after.
    pub to: Timestamp,
}

/// Counts of one reading.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// Lines, rows or objects seen.
    pub lines: u64,
    /// Those of them that only name what the others hold: column names, comments.
    pub headers: u64,
    /// Events made of them.
    pub events: u64,
    /// Lines that are known and tell nothing of a message: connects, statistics.
    pub idle: u64,
    /// Lines of programs that are not read here, by program.
    pub other_programs: BTreeMap<String, u64>,
    /// Lines that could not be understood.
    pub unknown: u64,
    /// The first of them.
    pub unknown_lines: Vec<BadLine>,
    /// Messages still open that were closed early, because too many were open at once.
    pub closed_early: u64,
    /// Messages open at the end.
    pub open: u64,
    /// The earliest time read.
    pub first: Option<Timestamp>,
    /// The latest time read.
    pub last: Option<Timestamp>,
    /// Long silences of the log.
    pub silences: Vec<Silence>,
    pub(crate) latest: Option<Timestamp>,
}

impl Tally {
    /// Lines, rows or objects that could tell something.
    pub fn records(&self) -> u64 {
        self.lines.saturating_sub(self.headers)
    }
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It was understood and made events, or will when its message is complete.
    Taken,
    /// It tells nothing of a message.
    Idle,
    /// It is another program's.
    Other(String),
    /// It cannot be understood, and why.
    Unknown(String),
}

/// Where a reader puts its events.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    pub(crate) events: Vec<(EventKey, Event)>,
    /// The file that is read, where there are several.
    pub(crate) file: String,
    pub(crate) tally: Tally,
    /// Nothing later is taken, where that is known.
    pub(crate) newest: Option<Timestamp>,
    /// Whether the line that is read is later.
    is_ahead: bool,
    /// Unknown lines that were counted, where the same come again.
    pub(crate) repeats: Option<Repeats>,
}

/// Unknown lines by which one that comes again is known; of more than so many the oldest are forgotten.
const REPEATS_MAX: usize = 10_000;

/// Unknown lines, by digest.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    known: HashSet<[u8; 16]>,
    order: VecDeque<[u8; 16]>,
}

impl Repeats {
    /// Whether a line was not there before; then it is from now on.
    fn is_new(&mut self, line: &str) -> bool {
        let Some(digest) = blake3::hash(line.as_bytes()).as_bytes().first_chunk::<16>().copied() else {
            return true;
        };
        if !self.known.insert(digest) {
            return false;
        }
        self.order.push_back(digest);
        if self.order.len() > REPEATS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

impl Sink {
    pub(crate) fn put(&mut self, key: EventKey, event: Event) {
        if self.is_too_late(event.at.max(event.received)) {
            return;
        }
        self.tally.events = self.tally.events.saturating_add(1);
        self.events.push((key, event));
    }

    fn is_too_late(&mut self, at: Timestamp) -> bool {
        let is_late = self.newest.is_some_and(|newest| at > newest);
        self.is_ahead |= is_late;
        is_late
    }

    /// Notes the time of a line.
    pub(crate) fn saw(&mut self, at: Timestamp) {
        if self.is_too_late(at) {
            return;
        }
        let tally = &mut self.tally;
        if tally.latest == Some(at) {
            return;
        }
        if let Some(latest) = tally.latest
            && at.as_microsecond().saturating_sub(latest.as_microsecond()) > SILENCE_MICROS
            && tally.silences.len() < SILENCES_MAX
        {
            tally.silences.push(Silence { from: latest, to: at });
        }
        tally.latest = Some(tally.latest.map_or(at, |latest| latest.max(at)));
        tally.first = Some(tally.first.map_or(at, |first| first.min(at)));
        tally.last = Some(tally.last.map_or(at, |last| last.max(at)));
    }

    /// Counts a line.
    pub(crate) fn heard(&mut self, number: u64, line: &str, heard: Heard) {
        let heard = match heard {
            Heard::Taken if std::mem::take(&mut self.is_ahead) => {
                Heard::Unknown("a time more than a day ahead of this server's clock".to_owned())
            }
            other => other,
        };
        self.is_ahead = false;
        let tally = &mut self.tally;
        tally.lines = tally.lines.saturating_add(1);
        match heard {
            Heard::Taken => {}
            Heard::Idle => tally.idle = tally.idle.saturating_add(1),
            Heard::Other(program) => {
                let known = tally.other_programs.len() < PROGRAMS_MAX;
                let name =
                    if known || tally.other_programs.contains_key(&program) { program } else { "…".into() };
                let count = tally.other_programs.entry(name).or_default();
                *count = count.saturating_add(1);
            }
            // Counted when it came first.
            Heard::Unknown(_) if self.repeats.as_mut().is_some_and(|repeats| !repeats.is_new(line)) => {}
            Heard::Unknown(reason) => {
                tally.unknown = tally.unknown.saturating_add(1);
                if tally.unknown_lines.len() < UNKNOWN_NAMED {
                    let mut text = shown(line);
                    if !self.file.is_empty() {
                        text = format!("{text} (in {})", self.file);
                    }
                    tally.unknown_lines.push(BadLine { line: number, reason: format!("{reason}: {text}") });
                }
            }
        }
    }
}

/// The beginning of a line, without control characters.
pub(crate) fn shown(line: &str) -> String {
    let plain = line.chars().map(|ch| if ch.is_control() { ' ' } else { ch });
    let mut text: String = plain.take(SHOWN_CHARS).collect();
    if line.chars().nth(SHOWN_CHARS).is_some() {
        text.push('…');
    }
    text
}
