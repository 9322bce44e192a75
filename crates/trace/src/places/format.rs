//! What format a record is in, told from its content.
//!
//! May touch: nothing (pure).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::exim_line;
use super::syslog;
use super::syslog_time::LogClocks;
use super::tally::shown;
use super::{exchange_online, proofpoint};

/// Lines looked at before a file is refused.
const LINES_LOOKED_AT: usize = 200;

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Message tracking log of Exchange, or our own, with `#Fields`.
    TrackingLog,
    /// Postfix through syslog or its own log file.
    Postfix,
    /// Exim's main log, by itself or through syslog.
    Exim,
    /// Sendmail through syslog.
    Sendmail,
    /// Exchange Online: summary, enhanced summary or extended CSV.
    ExchangeOnline,
    /// Exchange Online: Graph's message traces and details as JSON.
    Graph,
    /// Proofpoint: `message` and `maillog` objects.
    ProofpointPoD,
    /// Proofpoint: Smart Search results as CSV; as JSON they are read by [`Format::ProofpointPoD`] too.
    SmartSearch,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Format] = &[
        Format::TrackingLog,
        Format::Postfix,
        Format::Exim,
        Format::Sendmail,
        Format::ExchangeOnline,
        Format::Graph,
        Format::ProofpointPoD,
        Format::SmartSearch,
    ];

    /// The word of the `-Format` parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::TrackingLog => "TrackingLog",
            Format::Postfix => "Postfix",
            Format::Exim => "Exim",
            Format::Sendmail => "Sendmail",
            Format::ExchangeOnline => "ExchangeOnline",
            Format::Graph => "Graph",
            Format::ProofpointPoD => "ProofpointPoD",
            Format::SmartSearch => "SmartSearch",
        }
    }

    /// Tells the format of a text from its beginning.
    ///
    /// # Errors
    /// The line at which it is no longer any of them, and why.
    pub fn detect(head: &str) -> Result<Format, WrongFormat> {
        let mut clock = LogClocks::new(TimeZone::UTC, None, Timestamp::UNIX_EPOCH);
        let mut first: Option<(u64, &str)> = None;
        for (number, line) in (1_u64..).zip(head.lines()).take(LINES_LOOKED_AT) {
            let trimmed = line.trim_start();
            if trimmed.is_empty() {
                continue;
            }
            if first.is_none()
                && let Some(found) = by_first_line(trimmed, head)
            {
                return Ok(found);
            }
            first.get_or_insert((number, line));
            if trimmed.starts_with('#') {
                if trimmed.get(..8).is_some_and(|word| word.eq_ignore_ascii_case("#Fields:")) {
                    return match trimmed.contains("event-id") || trimmed.contains("event_id") {
                        true => Ok(Format::TrackingLog),
                        false => Err(WrongFormat::at(
                            number,
                            line,
                            "#Fields names no event-id: not a message tracking log",
                        )),
                    };
                }
                continue;
            }
            if let Some(found) = by_log_line(line, &mut clock) {
                return Ok(found);
            }
        }
        let (number, line) = first.unwrap_or((1, ""));
        let reason = if line.is_empty() {
            "there is nothing in it"
        } else {
            "neither a tracking log, a mail log of Postfix, Exim or Sendmail, an Exchange Online trace nor a Proofpoint record"
        };
        Err(WrongFormat::at(number, line, reason))
    }
}

impl Format {
    /// Whether one reader takes records of both: mail logs come mixed.
    pub(crate) fn is_read_with(self, other: Format) -> bool {
        let is_mail_log = |one| matches!(one, Format::Postfix | Format::Exim | Format::Sendmail);
        self == other || (is_mail_log(self) && is_mail_log(other))
    }

    /// Whether the first line of a text is one of a log, of whatever program.
    pub(crate) fn is_of_a_log(text: &str) -> bool {
        let mut clock = LogClocks::new(TimeZone::UTC, None, Timestamp::UNIX_EPOCH);
        let first = text.lines().find(|line| !line.trim().is_empty());
        first.is_some_and(|line| {
            syslog::split(line, &mut clock).is_some() || exim_line::time(line, clock.of("")).is_some()
        })
    }
}

/// JSON and CSV tell by their first line.
fn by_first_line(line: &str, head: &str) -> Option<Format> {
    if line.starts_with(['{', '[']) {
        let has = |name: &str| head.contains(name);
        if has("\"receivedDateTime\"") || (has("\"dateTime\"") && has("\"event\"")) {
            return Some(Format::Graph);
        }
        let pod = has("\"filter\"") || has("\"sm\"") || has("Final_Action") || has("\"finalAction\"");
        return pod.then_some(Format::ProofpointPoD);
    }
    if exchange_online::is_header(line) || line.starts_with("#TYPE") {
        return Some(Format::ExchangeOnline);
    }
    proofpoint::is_header(line).then_some(Format::SmartSearch)
}

fn by_log_line(line: &str, clock: &mut LogClocks) -> Option<Format> {
    if let Some(split) = syslog::split(line, clock) {
        return of_program(split.program);
    }
    let (_, rest) = exim_line::time(line, clock.of(""))?;
    let word = rest.split(' ').next().unwrap_or_default();
    let exim = exim_line::is_message_id(word)
        || rest.starts_with("exim ")
        || rest.starts_with("Start queue run")
        || rest.starts_with("End queue run")
        || word.starts_with("H=");
    exim.then_some(Format::Exim)
}

/// Which log a program's lines belong to.
pub(crate) fn of_program(program: &str) -> Option<Format> {
    let first = program.split('/').next().unwrap_or_default();
    if first.starts_with("postfix") {
        Some(Format::Postfix)
    } else if first.starts_with("exim") {
        Some(Format::Exim)
    } else if first.starts_with("sendmail")
        || matches!(first, "sm-mta" | "sm-msp-queue" | "sm-msp" | "sm-que")
    {
        Some(Format::Sendmail)
    } else {
        None
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = events::UnknownWord;

    fn from_str(text: &str) -> Result<Format, events::UnknownWord> {
        let found =
            Format::ALL.iter().copied().find(|format| format.as_str().eq_ignore_ascii_case(text.trim()));
        found.ok_or_else(|| events::UnknownWord { kind: "format", word: text.chars().take(64).collect() })
    }
}

/// Why a record is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}: {text}")]
pub struct WrongFormat {
    /// Counted from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
    /// The beginning of the line.
    pub text: String,
}

impl WrongFormat {
    /// The same without a word of the record.
    pub(crate) fn without_text(&self) -> String {
        format!("line {}: {}", self.line, self.reason)
    }

    pub(crate) fn at(line: u64, text: &str, reason: &str) -> WrongFormat {
        WrongFormat { line, reason: reason.to_owned(), text: shown(text) }
    }
}
