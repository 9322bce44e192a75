//! The reader of one record: bytes in, events out, whatever its format.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use events::Event;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::build::Builder;
use super::csv_rows::Rows;
use super::decode::{Decoder, LINE_BYTES_MAX, Line, Lines};
use super::exchange_online::{self, ExchangeOnline};
use super::exim::Exim;
use super::exim_line;
use super::format::{Format, WrongFormat, of_program};
use super::identity::Place;
use super::json_values::{Found, Objects};
use super::postfix::Postfix;
use super::proofpoint::{self, Proofpoint};
use super::sendmail::Sendmail;
use super::surroundings::Surroundings;
use super::syslog;
use super::syslog_time::LogClocks;
use super::tally::{AHEAD, Heard, Repeats, Sink, Tally};
use super::tracking::Tracking;
use crate::status::EventKey;

/// Bytes of a record that are looked at to tell its format.
const HEAD_BYTES: usize = 256 * 1_024;
/// Messages of a log that may be open at once, by default.
pub const OPEN_MAX_DEFAULT: usize = 200_000;

/// What a reader must be told that the record does not say.
#[derive(Debug, Clone)]
pub struct Options {
    /// The format; told from the content if it is not given.
    pub format: Option<Format>,
    /// Takes the format as given without looking: for a log that is taken up in its middle.
    pub trust: bool,
    /// The zone of times without one.
    pub zone: TimeZone,
    /// The year of the first line, for logs that name none.
    pub year: Option<i16>,
    /// When the record was written to last: no line is newer.
    pub as_of: Timestamp,
    /// Messages of a log that may be open at once.
    pub open_max: usize,
    /// Whether what is said of lines that cannot be understood quotes them.
    pub quotes: bool,
    /// Whether the same records come again and again: those that cannot be understood count once then.
    pub repeats: bool,
}

impl Options {
    /// Everything told from the content, times in UTC.
    pub fn new(as_of: Timestamp) -> Options {
        Options {
            format: None,
            trust: false,
            zone: TimeZone::UTC,
            year: None,
            as_of,
            open_max: OPEN_MAX_DEFAULT,
            quotes: true,
            repeats: false,
        }
    }
}

/// What reads the lines.
#[derive(Debug)]
enum Machine {
    Tracking(Tracking),
    MailLog(Box<MailLog>),
    Graph(ExchangeOnline, Objects),
    Proofpoint(Proofpoint, Objects),
    ExchangeOnline(ExchangeOnline, Rows),
    SmartSearch(Proofpoint, Rows),
}

/// The logs that come through syslog share a clock and are told apart by the program.
#[derive(Debug)]
struct MailLog {
    clocks: LogClocks,
    postfix: Postfix,
    exim: Exim,
    sendmail: Sendmail,
}

/// Reads one record, or the files of a rotated log one after another.
#[derive(Debug)]
pub struct Reader {
    build: Builder,
    options: Options,
    decoder: Decoder,
    lines: Lines,
    /// What came before the format was known.
    head: Vec<u8>,
    machine: Option<(Format, Machine)>,
    /// What read records of other formats before; at most one for each kind.
    resting: Vec<(Format, Machine)>,
    number: u64,
    sink: Sink,
}

impl Reader {
    /// A reader for the records of a place.
    pub fn new(place: Place, around: Arc<Surroundings>, options: Options) -> Reader {
        let mut sink = Sink::default();
        sink.repeats = options.repeats.then(Repeats::default);
        Reader {
            build: Builder { place, around },
            options,
            decoder: Decoder::new(),
            lines: Lines::default(),
            head: Vec::new(),
            machine: None,
            resting: Vec::new(),
            number: 0,
            sink,
        }
    }

    /// The format, once it is known.
    pub fn format(&self) -> Option<Format> {
        self.machine.as_ref().map(|(format, _)| *format)
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// If they are in none of the formats, or not in the one that was asked for. Nothing was read then.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), WrongFormat> {
        let text = self.decoder.feed(bytes);
        if self.machine.is_some() {
            self.read(&text);
            return Ok(());
        }
        self.head.extend_from_slice(&text);
        if self.head.len() < HEAD_BYTES {
            return Ok(());
        }
        self.begin()
    }

    /// Tells the format from what there is so far, for a log that is still being written.
    ///
    /// # Errors
    /// As [`Reader::feed`].
    pub fn decide(&mut self) -> Result<(), WrongFormat> {
        if self.machine.is_none() && self.head.contains(&b'\n') { self.begin() } else { Ok(()) }
    }

    /// The end of a file; messages stay open for the next one.
    ///
    /// # Errors
    /// As [`Reader::feed`].
    pub fn end_file(&mut self) -> Result<(), WrongFormat> {
        let rest = self.decoder.finish();
        self.head.extend_from_slice(&rest);
        if self.machine.is_none() {
            self.begin()?;
        } else {
            let rest = std::mem::take(&mut self.head);
            self.read(&rest);
        }
        let Reader { lines, machine, number, sink, .. } = self;
        if let Some((_, machine)) = machine {
            lines.finish(&mut |line| {
                *number = number.saturating_add(1);
                machine.line(line, *number, sink);
            });
            machine.end(*number, sink);
        }
        self.decoder = Decoder::new();
        self.number = 0;
        Ok(())
    }

    /// The next file of the same record: its name, and when it was written to last.
    pub fn next_file(&mut self, name: &str, as_of: Timestamp) {
        self.options.as_of = as_of;
        name.clone_into(&mut self.sink.file);
        for (_, machine) in self.machine.iter_mut().chain(&mut self.resting) {
            if let Machine::MailLog(log) = machine {
                log.clocks.next_file(as_of);
            }
        }
    }

    /// The next bytes are a record by themselves, whatever became of the one before: its encoding and its format are
    /// told anew. Messages that are open stay so.
    pub(crate) fn next_record(&mut self) {
        self.decoder = Decoder::new();
        self.lines = Lines::default();
        self.head.clear();
        self.number = 0;
        if let Some((_, machine)) = &mut self.machine {
            machine.forget_rest();
        }
        self.resting.extend(self.machine.take());
    }

    /// When reading goes on: what is dated more than a day later is refused, see [`AHEAD`].
    pub fn read_at(&mut self, now: Timestamp) {
        self.sink.newest = now.checked_add(AHEAD).ok();
    }

    /// The events read since the last call.
    pub fn take(&mut self) -> Vec<(EventKey, Event)> {
        // As many are likely to come again.
        let room = self.sink.events.len();
        std::mem::replace(&mut self.sink.events, Vec::with_capacity(room))
    }

    /// How many events wait to be taken.
    pub fn waiting(&self) -> usize {
        self.sink.events.len()
    }

    /// The counts so far.
    pub fn tally(&self) -> Tally {
        let mut tally = self.sink.tally.clone();
        let (mut open, mut early) = (0_usize, 0_u64);
        for (_, machine) in self.machine.iter().chain(&self.resting) {
            let each = match machine {
                Machine::MailLog(log) => vec![log.postfix.open(), log.exim.open(), log.sendmail.open()],
                Machine::Proofpoint(reader, _) | Machine::SmartSearch(reader, _) => vec![reader.open()],
                _ => Vec::new(),
            };
            for one in each {
                (open, early) = (open.saturating_add(one.0), early.saturating_add(one.1));
            }
        }
        tally.open = u64::try_from(open).unwrap_or(u64::MAX);
        tally.closed_early = early;
        tally
    }

    fn begin(&mut self) -> Result<(), WrongFormat> {
        let head = std::mem::take(&mut self.head);
        let text = String::from_utf8_lossy(&head);
        let trusted = self.options.format.filter(|_| self.options.trust);
        let found = trusted.map_or_else(|| Format::detect(&text), Ok);
        let found = found.or_else(|wrong| self.goes_on(&text).ok_or(wrong));
        let was_read = |found: Format| self.resting.iter().any(|(known, _)| known.is_read_with(found));
        let format = match (self.options.format, found) {
            (None, found) => found?,
            (Some(asked), Ok(found)) if asked == found || was_read(found) => found,
            // A search result is a Proofpoint record by either name.
            (Some(Format::SmartSearch), Ok(found @ Format::ProofpointPoD)) => found,
            (Some(asked), Ok(found)) => {
                let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                let reason = format!("this is {found}, not {asked}");
                return Err(WrongFormat::at(1, first, &reason));
            }
            (Some(_), Err(wrong)) => return Err(wrong),
        };
        let known = self.resting.iter().position(|(known, _)| known.is_read_with(format));
        let machine = match known {
            Some(at) => self.resting.swap_remove(at).1,
            None => self.machine_for(format),
        };
        self.machine = Some((format, machine));
        self.read(&head);
        Ok(())
    }

    /// The format of a text that tells none by itself and goes on where an earlier one ended: lines of a mail log that
    /// are all of other programs, or nothing.
    fn goes_on(&self, text: &str) -> Option<Format> {
        if text.trim().is_empty() {
            return self.resting.first().map(|(format, _)| *format);
        }
        let log = self.resting.iter().find(|(_, machine)| matches!(machine, Machine::MailLog(_)));
        log.map(|(format, _)| *format).filter(|_| Format::is_of_a_log(text))
    }

    fn machine_for(&self, format: Format) -> Machine {
        let Options { zone, year, as_of, open_max, .. } = self.options.clone();
        let build = self.build.clone();
        match format {
            Format::TrackingLog => Machine::Tracking(Tracking::new(build)),
            Format::Postfix | Format::Exim | Format::Sendmail => Machine::MailLog(Box::new(MailLog {
                clocks: LogClocks::new(zone, year, as_of),
                postfix: Postfix::new(build.clone(), open_max),
                exim: Exim::new(build.clone(), open_max),
                sendmail: Sendmail::new(build, open_max),
            })),
            Format::ExchangeOnline => {
                Machine::ExchangeOnline(ExchangeOnline::new(build, zone), Rows::default())
            }
            Format::Graph => Machine::Graph(ExchangeOnline::new(build, zone), Objects::default()),
            Format::ProofpointPoD => {
                Machine::Proofpoint(Proofpoint::new(build, zone, open_max), Objects::default())
            }
            Format::SmartSearch => {
                Machine::SmartSearch(Proofpoint::new(build, zone, open_max), Rows::default())
            }
        }
    }

    fn read(&mut self, text: &[u8]) {
        let Reader { lines, machine, number, sink, .. } = self;
        let Some((_, machine)) = machine else { return };
        let mut next = || {
            *number = number.saturating_add(1);
            *number
        };
        match machine {
            Machine::Graph(reader, objects) => {
                objects.feed(text, &mut |found| object(found, next(), sink, &mut Takes::Graph(reader)));
            }
            Machine::Proofpoint(reader, objects) => {
                objects.feed(text, &mut |found| object(found, next(), sink, &mut Takes::Proofpoint(reader)));
            }
            _ => lines.feed(text, &mut |line| machine.line(line, next(), sink)),
        }
    }
}

/// What reads one object.
enum Takes<'a> {
    Graph(&'a ExchangeOnline),
    Proofpoint(&'a mut Proofpoint),
}

fn object(found: Found, number: u64, sink: &mut Sink, takes: &mut Takes<'_>) {
    let bytes = match found {
        Found::Object(bytes) => bytes,
        none => return no_object(&none, number, sink),
    };
    let heard = match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => match takes {
            Takes::Graph(reader) => reader.object(&object, sink),
            Takes::Proofpoint(reader) => reader.object(&object, sink),
        },
        Ok(_) => Heard::Unknown("no JSON object".to_owned()),
        Err(error) => Heard::Unknown(format!("not JSON ({error})")),
    };
    sink.heard(number, &String::from_utf8_lossy(&bytes), heard);
}

/// What is said of what is no object.
fn no_object(found: &Found, number: u64, sink: &mut Sink) {
    let (why, begin) = match found {
        Found::TooLong(begin) => ("an object that is too long", begin),
        Found::Stray(begin) => ("text that is no JSON object", begin),
        Found::Open(begin) | Found::Object(begin) => ("an object that is not complete", begin),
    };
    sink.heard(number, &String::from_utf8_lossy(begin), Heard::Unknown(why.to_owned()));
}

impl Machine {
    fn line(&mut self, line: Line<'_>, number: u64, sink: &mut Sink) {
        let line = match line {
            Line::Whole(line) => line,
            Line::Cut(line) => {
                // Part of a line could say something else than the whole.
                let why = format!("a line of more than {LINE_BYTES_MAX} octets");
                return sink.heard(number, line, Heard::Unknown(why));
            }
        };
        let (row, heard) = match self {
            Machine::Tracking(reader) => (None, reader.line(line, sink)),
            Machine::MailLog(log) => (None, log.line(line, sink)),
            Machine::ExchangeOnline(reader, rows) => {
                let Some(row) = rows.line(line) else { return };
                let heard = reader.row(&row, sink);
                (Some(row), heard)
            }
            Machine::SmartSearch(reader, rows) => {
                let Some(row) = rows.line(line) else { return };
                let heard = reader.row(&row, sink);
                (Some(row), heard)
            }
            Machine::Graph(..) | Machine::Proofpoint(..) => return,
        };
        let line = row.as_deref().unwrap_or(line);
        if heard != Heard::Taken && self.is_head(line) {
            sink.tally.headers = sink.tally.headers.saturating_add(1);
        }
        sink.heard(number, line, heard);
    }

    /// Whether a line that makes no event only names what others hold.
    fn is_head(&self, line: &str) -> bool {
        match self {
            Machine::Tracking(_) => line.starts_with('#'),
            Machine::ExchangeOnline(..) => line.starts_with('#') || exchange_online::is_header(line),
            Machine::SmartSearch(..) => proofpoint::is_header(line),
            _ => false,
        }
    }

    /// Drops what a record that was cut short left unfinished.
    fn forget_rest(&mut self) {
        match self {
            Machine::ExchangeOnline(_, rows) | Machine::SmartSearch(_, rows) => *rows = Rows::default(),
            Machine::Graph(_, objects) | Machine::Proofpoint(_, objects) => *objects = Objects::default(),
            Machine::Tracking(_) | Machine::MailLog(_) => {}
        }
    }

    /// What a file leaves unfinished.
    fn end(&mut self, number: u64, sink: &mut Sink) {
        match self {
            Machine::ExchangeOnline(_, rows) | Machine::SmartSearch(_, rows) => {
                if let Some(row) = rows.finish() {
                    sink.heard(number, &row, Heard::Unknown("a quote that is not closed".to_owned()));
                }
            }
            Machine::Graph(_, objects) | Machine::Proofpoint(_, objects) => {
                objects.finish(&mut |found| no_object(&found, number, sink));
            }
            _ => {}
        }
    }
}

impl MailLog {
    fn line(&mut self, line: &str, sink: &mut Sink) -> Heard {
        if let Some(split) = syslog::split(line, &mut self.clocks) {
            sink.saw(split.at);
            return match of_program(split.program) {
                Some(Format::Postfix) => self.postfix.line(&split, sink),
                Some(Format::Exim) => {
                    // Exim may repeat the time after syslog's.
                    let (at, text) = exim_line::time(split.text, self.clocks.of(split.host))
                        .unwrap_or((split.at, split.text));
                    self.exim.line(at, split.host, text, sink)
                }
                Some(Format::Sendmail) => self.sendmail.line(split.at, split.host, split.text, sink),
                _ => Heard::Other(split.program.split('/').next().unwrap_or_default().to_owned()),
            };
        }
        match exim_line::time(line, self.clocks.of("")) {
            Some((at, text)) => {
                sink.saw(at);
                self.exim.line(at, "", text, sink)
            }
            None if line.trim().is_empty() => Heard::Idle,
            None => Heard::Unknown("no line of a mail log".to_owned()),
        }
    }
}
