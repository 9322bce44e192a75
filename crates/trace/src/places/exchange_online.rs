//! Exchange Online's traces: summary and enhanced summary rows, extended rows, and Graph's objects.
//!
//! May touch: nothing (pure).
//! A status word is all a summary says; what it rests on has the time the message was received.

use events::csv::Layout;
use events::{Directionality, Event, EventId, EventRecipient, MessageFacts, NextHop, Reason, Source};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use mail::{MessageId, NetworkMessageId};
use serde_json::{Map, Value};

use super::build::{At, Builder};
use super::csv_rows::{plain_name, values};
use super::tally::{Heard, Sink};

/// Recipients of one enhanced row.
const RECIPIENTS_MAX: usize = 100_000;

/// What kind of rows the header announces.
#[derive(Debug)]
enum Columns {
    /// No header yet.
    Unknown,
    /// One row per event.
    Extended(Layout),
    /// One row per message, or per recipient: the names in order.
    Summary(Vec<String>),
}

/// The reader.
#[derive(Debug)]
pub(crate) struct ExchangeOnline {
    build: Builder,
    zone: TimeZone,
    columns: Columns,
}

/// What is known of one message and recipient.
#[derive(Debug, Default)]
struct Trace<'a> {
    id: Option<NetworkMessageId>,
    received: Option<Timestamp>,
    message_id: &'a str,
    sender: &'a str,
    subject: &'a str,
    size: u64,
    from_ip: &'a str,
    to_ip: &'a str,
    direction: Directionality,
    connector: &'a str,
}

/// Whether a header is one of those read here.
pub(crate) fn is_header(line: &str) -> bool {
    let names: Vec<String> = values(line).iter().map(|name| plain_name(name)).collect();
    let has = |wanted: &[&str]| wanted.iter().any(|name| names.iter().any(|known| known == name));
    let extended = has(&["datetimeutc", "datetime"]) && has(&["eventid"]) && has(&["recipientaddress"]);
    let enhanced = has(&["recipientstatus"]) && has(&["origintimestamputc", "origintimestamp"]);
    let summary = has(ADDRESS) && has(&["status"]) && has(RECEIVED) && has(SENDER);
    extended || enhanced || summary
}

/// The pair of custom data with the word that a detail has for its event.
pub(crate) const WORD_OF_DETAIL: &str = "Event";

const ADDRESS: &[&str] = &["recipientaddress", "recipient"];
const SENDER: &[&str] = &["senderaddress", "sender"];
const RECEIVED: &[&str] = &["received", "date", "receiveddatetime", "origintimestamputc", "origintimestamp"];

impl ExchangeOnline {
    pub(crate) fn new(build: Builder, zone: TimeZone) -> ExchangeOnline {
        ExchangeOnline { build, zone, columns: Columns::Unknown }
    }

    /// A row of a CSV file; the first is the header.
    pub(crate) fn row(&mut self, row: &str, sink: &mut Sink) -> Heard {
        if row.trim().is_empty() || row.starts_with("#TYPE") {
            return Heard::Idle;
        }
        // Files joined together have their header again.
        if matches!(self.columns, Columns::Unknown) || is_header(row) {
            return self.header(row);
        }
        match &self.columns {
            Columns::Extended(layout) => match layout.read(row) {
                Ok(event) => self.extended(event, row, sink),
                Err(reason) => Heard::Unknown(reason),
            },
            Columns::Summary(names) => {
                let values = values(row);
                if values.len() != names.len() {
                    return Heard::Unknown(format!(
                        "{} values where the header names {}",
                        values.len(),
                        names.len()
                    ));
                }
                let get = |wanted: &[&str]| -> String {
                    let found = wanted.iter().find_map(|name| names.iter().position(|known| known == name));
                    found
                        .and_then(|at| values.get(at))
                        .map_or_else(String::new, |value| value.trim().to_owned())
                };
                self.summary(&get, sink)
            }
            Columns::Unknown => Heard::Idle,
        }
    }

    fn header(&mut self, row: &str) -> Heard {
        let names: Vec<String> = values(row).iter().map(|name| plain_name(name)).collect();
        if names.iter().any(|name| name == "eventid") {
            let dashed: Vec<String> = values(row)
                .iter()
                .map(|name| {
                    let name = name.trim().to_ascii_lowercase().replace('_', "-");
                    if name == "date-time-utc" { "date-time".to_owned() } else { name }
                })
                .collect();
            match Layout::bind(&dashed) {
                Ok(layout) => self.columns = Columns::Extended(layout),
                Err(reason) => return Heard::Unknown(reason),
            }
        } else {
            self.columns = Columns::Summary(names);
        }
        Heard::Idle
    }

    fn extended(&self, mut event: Event, row: &str, sink: &mut Sink) -> Heard {
        if event.network_message_id == NetworkMessageId::default() {
            return Heard::Unknown("a row without a network message id".to_owned());
        }
        sink.saw(event.at);
        event.detail.place = Some(self.build.place.name().to_owned());
        let key = match event.detail.log_id {
            Some(id) => self.build.place.key(&[b"log", id.as_bytes()]),
            None => self.build.place.key(&[b"row", row.as_bytes()]),
        };
        self.build.note_domain(&mut event);
        sink.put(key, event);
        Heard::Taken
    }

    fn summary(&self, get: &dyn Fn(&[&str]) -> String, sink: &mut Sink) -> Heard {
        let (received, id) = (get(RECEIVED), get(&["networkmessageid", "messagetraceid", "id"]));
        let (message_id, sender) = (get(&["messageid"]), get(SENDER));
        let (subject, size) = (get(&["messagesubject", "subject"]), get(&["totalbytes", "size"]));
        let (from_ip, to_ip) = (get(&["originalclientip", "fromip"]), get(&["toip"]));
        let (direction, connector) = (get(&["directionality"]), get(&["connectorid"]));
        let trace = Trace {
            id: id.parse().ok(),
            received: self.time(&received),
            message_id: &message_id,
            sender: &sender,
            subject: &subject,
            size: size.parse().unwrap_or(0),
            from_ip: &from_ip,
            to_ip: &to_ip,
            direction: match direction.as_str() {
                "1" => Directionality::Incoming,
                "2" => Directionality::Originating,
                word => word.parse().unwrap_or_default(),
            },
            connector: &connector,
        };
        let chains = get(&["recipientstatus"]);
        if !chains.is_empty() {
            let mut words: Vec<(String, Vec<String>)> = Vec::new();
            for one in split_recipients(&chains).into_iter().take(RECIPIENTS_MAX) {
                let Some((address, events)) = one.rsplit_once("##") else {
                    return Heard::Unknown("a recipient_status without ##".to_owned());
                };
                let chain = events.split(',').map(|word| word.trim().to_owned()).collect();
                words.push((address.trim().to_owned(), chain));
            }
            return self.told(&trace, &words, sink);
        }
        let recipient = get(ADDRESS);
        if recipient.is_empty() {
            return Heard::Unknown("a row without a recipient".to_owned());
        }
        self.told(&trace, &[(recipient, Vec::from([get(&["status"])]))], sink)
    }

    /// One of Graph's objects: a trace, or a detail to which the asker added recipientAddress and messageTraceId.
    pub(crate) fn object(&self, object: &Map<String, Value>, sink: &mut Sink) -> Heard {
        let get = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
        if object.contains_key("event") && object.contains_key("dateTime") {
            return self.detail(&|name| get(name).to_owned(), sink);
        }
        if !object.contains_key("receivedDateTime") {
            return Heard::Unknown("neither a message trace nor a detail".to_owned());
        }
        let trace = Trace {
            id: get("id").parse().ok(),
            received: self.time(get("receivedDateTime")),
            message_id: get("messageId"),
            sender: get("senderAddress"),
            subject: get("subject"),
            size: object.get("size").and_then(Value::as_u64).unwrap_or(0),
            from_ip: get("fromIP"),
            to_ip: get("toIP"),
            ..Trace::default()
        };
        if get("recipientAddress").is_empty() {
            return Heard::Unknown("a message trace without a recipient".to_owned());
        }
        self.told(
            &trace,
            &[(get("recipientAddress").to_owned(), Vec::from([get("status").to_owned()]))],
            sink,
        )
    }

    /// The events a status or a chain of events stands for.
    fn told(&self, trace: &Trace<'_>, recipients: &[(String, Vec<String>)], sink: &mut Sink) -> Heard {
        let (Some(id), Some(received)) = (trace.id, trace.received) else {
            return Heard::Unknown("no id, or no time of receipt".to_owned());
        };
        sink.saw(received);
        let message_id = MessageId::parse(trace.message_id).ok();
        let of = At { id, received, message_id: message_id.as_ref(), queue_id: "", host: "" };
        let key = |kind: &[u8], address: &str| {
            self.build.place.key(&[id.0.as_bytes(), kind, address.to_lowercase().as_bytes()])
        };
        for (address, words) in recipients {
            let mut event = self
                .build
                .event(&of, received, EventId::Receive, Source::Smtp)
                .recipient(address.as_str(), "");
            event.message = Some(MessageFacts {
                subject: trace.subject.to_owned(),
                sender_address: trace.sender.to_owned(),
                return_path: if trace.sender.is_empty() { "<>".to_owned() } else { trace.sender.to_owned() },
                total_bytes: trace.size,
                directionality: trace.direction,
                original_client_ip: trace.from_ip.parse().ok(),
                ..MessageFacts::default()
            });
            event.client_ip = trace.from_ip.parse().ok();
            event.connector_id = Some(trace.connector.to_owned()).filter(|id| !id.is_empty());
            sink.put(key(b"receive", address), event);
            for word in words {
                let Some(meaning) = meaning(word) else {
                    return Heard::Unknown(format!("the status \"{word}\" is not known"));
                };
                if let Some(event) = self.outcome(&of, address, meaning, trace) {
                    sink.put(key(word.to_lowercase().as_bytes(), address), event);
                }
            }
        }
        Heard::Taken
    }

    fn outcome(&self, of: &At<'_>, address: &str, meaning: Meaning, trace: &Trace<'_>) -> Option<Event> {
        let to_ip = trace.to_ip.parse().ok();
        let (event_id, source) = match meaning {
            Meaning::Nothing => return None,
            Meaning::Newer => (EventId::AgentInfo, Source::Agent),
            // Delivered to another server has its address, delivered to a mailbox has none.
            Meaning::Delivered if to_ip.is_some() => (EventId::SendExternal, Source::Smtp),
            Meaning::Delivered | Meaning::Stored => (EventId::Deliver, Source::StoreDriver),
            Meaning::Sent => (EventId::SendExternal, Source::Smtp),
            Meaning::Failed => (EventId::Fail, Source::Smtp),
            Meaning::Spam => (EventId::Fail, Source::Agent),
            Meaning::Pending => (EventId::Defer, Source::Smtp),
            Meaning::Quarantined => (EventId::Quarantine, Source::Agent),
            Meaning::Expanded => (EventId::Expand, Source::Routing),
            Meaning::Resolved => (EventId::Resolve, Source::Routing),
            Meaning::Recalled => (EventId::Recall, Source::Admin),
            Meaning::Transferred => (EventId::Transfer, Source::Routing),
            Meaning::Dropped => (EventId::Drop, Source::Agent),
        };
        let mut event = self.build.event(of, of.received, event_id, source);
        match event_id {
            // Who the members are, or the new address, is in rows of their own.
            EventId::Expand | EventId::Resolve => event.related_recipient_address = Some(address.to_owned()),
            _ => {
                event.recipients =
                    Vec::from([EventRecipient { address: address.to_owned(), status: String::new() }])
            }
        }
        match event_id {
            EventId::SendExternal => {
                event.detail.next_hop = Some(NextHop::Outside);
                event.server_ip = to_ip;
            }
            EventId::Fail if meaning == Meaning::Spam => event.detail.reason = Some(Reason::Spam),
            EventId::Drop => event.detail.reason = Some(Reason::TransportRule),
            EventId::AgentInfo => {
                event.recipients.iter_mut().for_each(|one| NEWER.clone_into(&mut one.status));
            }
            _ => {}
        }
        Some(event)
    }

    fn detail(&self, get: &dyn Fn(&str) -> String, sink: &mut Sink) -> Heard {
        let id: Option<NetworkMessageId> = get("messageTraceId").parse().ok();
        let recipient = get("recipientAddress");
        let (Some(id), Some(at), false) = (id, self.time(&get("dateTime")), recipient.is_empty()) else {
            return Heard::Unknown(
                "a detail without messageTraceId, dateTime or recipientAddress".to_owned(),
            );
        };
        sink.saw(at);
        let message_id = MessageId::parse(&get("messageId")).ok();
        let of = At { id, received: at, message_id: message_id.as_ref(), queue_id: "", host: "" };
        let word = get("event");
        let (event_id, source) = match meaning(&word) {
            Some(Meaning::Stored | Meaning::Delivered) => (EventId::Deliver, Source::StoreDriver),
            Some(Meaning::Sent) => (EventId::SendExternal, Source::Smtp),
            Some(Meaning::Failed) => (EventId::Fail, Source::Smtp),
            Some(Meaning::Pending) => (EventId::Defer, Source::Smtp),
            Some(Meaning::Transferred) => (EventId::Transfer, Source::Routing),
            _ => (EventId::AgentInfo, Source::Agent),
        };
        let (description, action) = (get("description"), get("action"));
        let mut event =
            self.build.event(&of, at, event_id, source).recipient(recipient.as_str(), description);
        event.custom_data = [(WORD_OF_DETAIL, word), ("Action", action), ("Data", get("data"))]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let text = [get("dateTime"), get("event"), get("action"), get("description"), recipient];
        let parts: Vec<&[u8]> = text.iter().map(String::as_bytes).collect();
        sink.put(self.build.place.key(&[&[id.0.as_bytes().as_slice()], parts.as_slice()].concat()), event);
        Heard::Taken
    }

    fn time(&self, text: &str) -> Option<Timestamp> {
        moment(text, &self.zone)
    }
}

/// A time with an offset in any spelling, or without one in the zone given.
pub(crate) fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    // `-0700`, with a blank before it or not.
    if let Some((head, tail)) = text.len().checked_sub(5).and_then(|at| text.split_at_checked(at))
        && tail.starts_with(['+', '-'])
        && tail.bytes().skip(1).all(|b| b.is_ascii_digit())
        && let (Some(hours), Some(minutes)) = (tail.get(..3), tail.get(3..))
    {
        return format!("{}{hours}:{minutes}", head.trim_end().replace(' ', "T")).parse().ok();
    }
    let civil: DateTime = match text.parse() {
        Ok(civil) => civil,
        Err(_) => DateTime::strptime("%m/%d/%Y %I:%M:%S %p", text).ok()?,
    };
    civil.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// What is told of a status that is there and has no word.
const NEWER: &str =
    "the service names a status that its interface has no word for yet; its own portal shows it";

/// What a status, or an event of a chain, tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Nothing,
    /// A status newer than the interface, which has no word for it.
    Newer,
    Delivered,
    Stored,
    Sent,
    Failed,
    Spam,
    Pending,
    Quarantined,
    Expanded,
    Resolved,
    Recalled,
    Transferred,
    Dropped,
}

fn meaning(word: &str) -> Option<Meaning> {
    Some(match plain_name(word).as_str() {
        "receive" | "gettingstatus" | "unknown" | "submit" => Meaning::Nothing,
        "unknownfuturevalue" => Meaning::Newer,
        "delivered" => Meaning::Delivered,
        "deliver" => Meaning::Stored,
        "send" | "sendexternal" => Meaning::Sent,
        "fail" | "failed" => Meaning::Failed,
        "filteredasspam" | "spam" => Meaning::Spam,
        "pending" | "defer" => Meaning::Pending,
        "quarantined" | "quarantine" => Meaning::Quarantined,
        "expanded" | "expand" => Meaning::Expanded,
        "resolved" | "resolve" => Meaning::Resolved,
        "recalled" => Meaning::Recalled,
        "transfer" | "transferred" => Meaning::Transferred,
        "none" | "drop" => Meaning::Dropped,
        _ => return None,
    })
}

/// `addr##Ev, Ev;addr##Ev`: at semicolons outside quotes.
fn split_recipients(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                found.extend(text.get(start..at).filter(|one| !one.trim().is_empty()));
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    found.extend(text.get(start..).filter(|one| !one.trim().is_empty()));
    found
}
