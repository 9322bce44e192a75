//! Reads tracking log files of any layout, binding columns by the names in `#Fields`.
//!
//! May touch: nothing (pure).
//! Known gaps: a quoted value may not run over a line end; no known writer makes one.

use std::borrow::Cow;
use std::net::IpAddr;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use mail::{InternalMessageId, MessageId, NetworkMessageId};

use super::quote::{split_line, split_list, split_pairs};
use super::{FIELDS, detail};
use crate::event::{Event, EventRecipient, MessageFacts};
use crate::vocabulary::{Directionality, EventId, Source};

/// Longest line read, in octets; an EXPAND of a very large group stays far below.
pub const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A line that could not be read; the reader goes on with the next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BadLine {
    /// Counted from 1.
    pub line: u64,
    /// What is wrong with it, for an administrator.
    pub reason: String,
}

/// The text of a log file: UTF-8 with or without a byte order mark, or UTF-16 with one.
///
/// Damaged characters become U+FFFD: the rest of the line is still worth reading.
pub fn decode_text(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.chunks(2).map(|pair| match pair {
            [first, second] => unit([*first, *second]),
            _ => 0xfffd,
        });
        char::decode_utf16(units).map(|ch| ch.unwrap_or('\u{fffd}')).collect::<String>()
    };
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        Cow::Owned(wide(rest, u16::from_le_bytes))
    } else if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        Cow::Owned(wide(rest, u16::from_be_bytes))
    } else {
        String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
    }
}

/// Which column of a line is which field.
#[derive(Debug, Clone)]
pub struct Layout {
    columns: Vec<Option<usize>>,
    width: usize,
}

impl Default for Layout {
    /// The 30 fields of [`FIELDS`], in their order.
    fn default() -> Layout {
        Layout { columns: (0..FIELDS.len()).map(Some).collect(), width: FIELDS.len() }
    }
}

impl Layout {
    /// From the names of the columns, in their order; dashes and underscores are the same.
    ///
    /// # Errors
    /// If a field is missing without which a line is no event.
    pub fn bind(names: &[String]) -> Result<Layout, String> {
        let find = |field: &str| {
            names.iter().position(|name| name.trim().replace('_', "-").eq_ignore_ascii_case(field))
        };
        for needed in ["date-time", "event-id", "source"] {
            if find(needed).is_none() {
                return Err(format!("#Fields has no {needed}: not a message tracking log"));
            }
        }
        Ok(Layout { columns: FIELDS.iter().map(|field| find(field)).collect(), width: names.len() })
    }

    /// From a line that begins with `#`; `None` if it is not the one that names the fields.
    ///
    /// # Errors
    /// As [`Layout::bind`], and for a quote that is not closed.
    pub fn of_comment(line: &str) -> Result<Option<Layout>, String> {
        let Some((name, value)) = line.split_once(':') else { return Ok(None) };
        if !name.trim().eq_ignore_ascii_case("#Fields") {
            return Ok(None);
        }
        let names = split_line(value.trim()).ok_or("the #Fields line has an unclosed quote")?;
        Layout::bind(&names).map(Some)
    }

    /// The event of one line.
    ///
    /// # Errors
    /// What is wrong with the line, for an administrator.
    pub fn read(&self, line: &str) -> Result<Event, String> {
        read_line(line, &self.columns, self.width)
    }
}

/// Iterator over the events of a log file's text.
///
/// Without a `#Fields` line the 30 fields of [`FIELDS`] are assumed; a `#Fields` line in the middle
/// (files joined together) binds anew.
#[derive(Debug)]
pub struct LogReader<'a> {
    lines: std::str::Lines<'a>,
    line: u64,
    layout: Layout,
}

impl<'a> LogReader<'a> {
    /// Over the text of one or more files; see [`decode_text`].
    pub fn new(text: &'a str) -> LogReader<'a> {
        LogReader { lines: text.lines(), line: 0, layout: Layout::default() }
    }

    fn comment(&mut self, line: &str) -> Result<(), String> {
        if let Some(layout) = Layout::of_comment(line)? {
            self.layout = layout;
        }
        Ok(())
    }
}

impl Iterator for LogReader<'_> {
    type Item = Result<Event, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.lines.next()?;
            self.line += 1;
            let line = line.trim_start_matches('\u{feff}');
            let result = if line.trim().is_empty() {
                continue;
            } else if line.starts_with('#') {
                match self.comment(line) {
                    Ok(()) => continue,
                    Err(reason) => Err(reason),
                }
            } else {
                self.layout.read(line)
            };
            return Some(result.map_err(|reason| BadLine { line: self.line, reason }));
        }
    }
}

/// The values of one line by field name.
struct Row<'a> {
    values: &'a [String],
    columns: &'a [Option<usize>],
}

impl Row<'_> {
    /// Empty where the file has no such column.
    fn get(&self, field: &str) -> &str {
        FIELDS
            .iter()
            .position(|name| *name == field)
            .and_then(|at| self.columns.get(at).copied().flatten())
            .and_then(|column| self.values.get(column))
            .map_or("", |value| value.trim())
    }

    fn text(&self, field: &str) -> Option<String> {
        Some(self.get(field)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// An empty value is `None`, a wrong one an error.
    fn parse<T: FromStr>(&self, field: &str, what: &str) -> Result<Option<T>, String> {
        match self.get(field) {
            "" => Ok(None),
            value => {
                value.parse().map(Some).map_err(|_| format!("{field} is not {what}: \"{}\"", short(value)))
            }
        }
    }

    /// Real logs hold `%`-scoped addresses and other oddities here, never worth losing a line for.
    fn ip(&self, field: &str) -> Option<IpAddr> {
        self.get(field).split('%').next().unwrap_or_default().parse().ok()
    }
}

fn short(value: &str) -> String {
    value.chars().take(64).collect()
}

fn read_line(line: &str, columns: &[Option<usize>], width: usize) -> Result<Event, String> {
    if line.len() > LINE_BYTES_MAX {
        return Err(format!("longer than {LINE_BYTES_MAX} octets"));
    }
    let values = split_line(line).ok_or("unclosed quote, or text after a closing quote")?;
    if values.len() != width {
        return Err(format!("{} fields where #Fields names {width}", values.len()));
    }
    let row = Row { values: &values, columns };
    let at = read_time(row.get("date-time"))
        .ok_or_else(|| format!("date-time is not a time: \"{}\"", short(row.get("date-time"))))?;
    let event_id: EventId = row.get("event-id").parse().map_err(|error| format!("{error}"))?;
    let source: Source = row.get("source").parse().map_err(|error| format!("{error}"))?;
    // 26-field files have no network-message-id; the importer joins their lines by other means.
    let id: Option<NetworkMessageId> = row.parse("network-message-id", "a GUID")?;
    let mut event = Event::new(at, event_id, source, id.unwrap_or_default());
    event.internal_message_id = row.parse::<InternalMessageId>("internal-message-id", "a number")?;
    event.message_id = MessageId::parse(row.get("message-id")).ok();
    event.recipients = recipients(row.get("recipient-address"), row.get("recipient-status"));
    event.related_recipient_address = row.text("related-recipient-address");
    event.reference = split_list(row.get("reference"));
    event.message = facts(&row)?;
    event.client_ip = row.ip("client-ip");
    event.client_hostname = row.text("client-hostname");
    event.server_ip = row.ip("server-ip");
    event.server_hostname = row.text("server-hostname");
    event.source_context = row.text("source-context");
    event.connector_id = row.text("connector-id");
    event.message_info = row.text("message-info");
    // It only tells doubles apart: without it the rest of the line is as good.
    event.detail.log_id = row.get("log-id").parse().ok();
    event.detail.tenant_id = row.text("tenant-id");
    event.detail.traffic_type = row.text("transport-traffic-type");
    let has_received = detail::read(split_pairs(row.get("custom-data")), &mut event);
    if !has_received
        && let Some(origin) =
            event.message_info.as_deref().and_then(|info| read_time(info.split(';').next()?))
        && event_id != EventId::Receive
    {
        // The origin time at the head of message-info is when the message entered the organization.
        event.received = origin;
    }
    Ok(event)
}

fn facts(row: &Row<'_>) -> Result<Option<MessageFacts>, String> {
    let fields = ["message-subject", "sender-address", "return-path", "total-bytes", "directionality"];
    if fields.iter().all(|field| row.get(field).is_empty()) {
        return Ok(None);
    }
    Ok(Some(MessageFacts {
        subject: row.get("message-subject").to_owned(),
        sender_address: row.get("sender-address").to_owned(),
        from_address: None,
        return_path: row.get("return-path").to_owned(),
        total_bytes: row.parse("total-bytes", "a number")?.unwrap_or_default(),
        directionality: directionality(row.get("directionality")),
        original_client_ip: row.ip("original-client-ip"),
        original_server_ip: row.ip("original-server-ip"),
        authenticated_as: None,
    }))
}

/// Microsoft's documents say 1 and 2, real files say Incoming and Originating.
fn directionality(value: &str) -> Directionality {
    match value {
        "1" => Directionality::Incoming,
        "2" => Directionality::Originating,
        word => word.parse().unwrap_or_default(),
    }
}

/// With or without `Z`, with `T` or a space: all in UTC unless an offset is given.
fn read_time(value: &str) -> Option<Timestamp> {
    if let Ok(at) = value.parse() {
        return Some(at);
    }
    let civil: DateTime = value.parse().ok()?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Pairs recipient-address with recipient-status.
fn recipients(addresses: &str, statuses: &str) -> Vec<EventRecipient> {
    let addresses = split_list(addresses);
    if addresses.is_empty() && !statuses.is_empty() {
        // A refused connection: a reply, and nobody it was for.
        return vec![EventRecipient { address: String::new(), status: statuses.to_owned() }];
    }
    let mut list = split_list(statuses);
    if list.len() != addresses.len() && addresses.len() == 1 {
        // One recipient: a status of several clauses was not quoted.
        list = vec![statuses.to_owned()];
    } else if list.len() == 1 && addresses.len() > 1 {
        // One status for all.
        list = vec![statuses.to_owned(); addresses.len()];
    }
    let mut list = list.into_iter();
    addresses
        .into_iter()
        .map(|address| EventRecipient { address, status: list.next().unwrap_or_default() })
        .collect()
}
