//! Paste anything: the ids in a report, a header block, a message or a line of a log, and the search they lead to.
//!
//! May touch: nothing itself; [`Trace::find_pasted`] asks the trace.
//! Standards: RFC 3464 §2.2, §2.3 (fields of a report); RFC 5322 §3.6.4 (identification fields).

use std::collections::HashSet;

use events::EventId;
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use serde::Serialize;
use uuid::Uuid;

use super::{paste_lines, paste_logs};
use crate::Trace;
use crate::search::{Answer, Gap, PAGE_SIZE_MAX, Query, SearchError, SourceAsked, TraceRow};
use crate::store::{Day, StoreError, remote_id_number};

/// Ids of one kind taken from a paste; more are left out.
const IDS_MAX: usize = 50;
/// Longest id or address in angle brackets that is looked at, in bytes.
const BRACKETED_BYTES_MAX: usize = 2_048;
/// Rows of days that are not sealed looked through for all queue ids of a paste, newest first: they have no index of
/// what other servers answered.
const QUEUE_ID_ROWS_MAX: u64 = 500_000;
/// Gaps that an answer names.
const GAPS_MAX: usize = 100;
/// Shortest and longest queue id of another system.
const QUEUE_ID_CHARS: std::ops::RangeInclusive<usize> = 5..=80;
/// From so many digits on a number may be a queue id too.
const HEX_QUEUE_ID_CHARS: usize = 9;

/// What a paste seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub enum PasteKind {
    /// A non-delivery or delivery report.
    Report,
    /// The header of a message, with or without its body.
    Message,
    /// A reply to the end of the data: `250 …`.
    Reply,
    /// One id, or text around ids.
    #[default]
    Text,
}

impl PasteKind {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            PasteKind::Report => "a delivery report",
            PasteKind::Message => "a message or its header",
            PasteKind::Reply => "the reply of a mail server",
            PasteKind::Text => "text",
        }
    }
}

/// The ids in a paste, each once, the most telling first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paste {
    /// What it seems to be.
    pub kind: PasteKind,
    /// Network message ids.
    pub network_message_ids: Vec<NetworkMessageId>,
    /// This server's numbers, from `InternalId=`.
    pub internal_message_ids: Vec<InternalMessageId>,
    /// Message-IDs: that of a report's original before that of the report.
    pub message_ids: Vec<MessageId>,
    /// Queue ids of other systems.
    pub queue_ids: Vec<String>,
    /// Whom the message was to reach, as the report or header says.
    pub recipients: Vec<String>,
    /// Addresses of whom the text may be about, where it has no id that is known here.
    pub addresses: Vec<String>,
    /// A refusal as a server worded it: a reply, or a piece of one.
    pub diagnostic: Option<String>,
    /// Whether the text was cut because it is too long.
    pub is_cut: bool,
}

/// One look-up made for a paste.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Searched {
    /// By what: `Network message id`, `InternalId`, `Message-ID`, `Queue id`, `Remote queue id`, `Recipient`, `Sender`,
    /// `Reply`.
    pub by: &'static str,
    /// The value.
    pub value: String,
    /// How many rows it found.
    pub found: u64,
    /// Where not everything was looked at.
    pub limit: Option<String>,
}

/// What a paste led to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pasted {
    /// The rows of the first look-up that found any.
    pub rows: Vec<TraceRow>,
    /// How many rows that look-up has in all.
    pub total: u64,
    /// The look-ups in their order.
    pub searched: Vec<Searched>,
    /// Which sources were asked.
    pub sources: Vec<SourceAsked>,
    /// What could hide the message, as far as it is known, each once.
    pub gaps: Vec<Gap>,
    /// Other recipients that the reply was given for, where the paste names one that it was not: the newest of them.
    pub others: Vec<String>,
    /// How many rows that were refused in the same words have no recipient: refused before one was named.
    pub without_recipient: u64,
}

impl Paste {
    /// Reads a paste: any text, `.eml` included.
    pub fn read(bytes: &[u8]) -> Paste {
        let (lines, is_cut) = paste_lines::lines(bytes);
        let mut reader = Reader { paste: Paste { is_cut, ..Paste::default() }, ..Reader::default() };
        for line in &lines {
            reader.line(line);
        }
        reader.finish(&lines)
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.network_message_ids.is_empty()
            && self.internal_message_ids.is_empty()
            && self.message_ids.is_empty()
            && self.queue_ids.is_empty()
            && self.addresses.is_empty()
            && self.diagnostic.is_none()
    }
}

#[derive(Default)]
struct Reader {
    paste: Paste,
    /// Message-IDs of what the report is about.
    original: Vec<MessageId>,
    /// Message-IDs as they come.
    plain: Vec<MessageId>,
    /// Ids that stand anywhere in angle brackets.
    bracketed: Vec<MessageId>,
    /// Header fields seen.
    headers: usize,
    /// Whom the refusal names: in its line, else in the one before, as a report says it to people.
    refused: Vec<String>,
    /// Addresses in the line before, lines of the sender left out.
    before: Vec<String>,
    /// Addresses in lines of the sender: the message was not for them.
    senders: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        if let Some((name, value)) = line.split_once(':')
            && !name.is_empty()
            && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
        {
            self.field(&name.to_ascii_lowercase(), value.trim());
        }
        self.anywhere(line);
    }

    fn field(&mut self, name: &str, value: &str) {
        match name {
            "message-id" => {
                self.headers = self.headers.saturating_add(1);
                push_parsed(&mut self.plain, value);
            }
            "original-message-id" | "in-reply-to" | "x-ms-exchange-parent-message-id" => {
                push_parsed(&mut self.original, value);
            }
            "x-ms-exchange-organization-network-message-id"
            | "x-ms-exchange-crosstenant-network-message-id"
            | "network-message-id"
            | "networkmessageid"
            | "messagetraceid"
            | "message-trace-id" => {
                push(&mut self.paste.network_message_ids, value.parse().ok().map(NetworkMessageId));
            }
            "final-recipient" | "original-recipient" => {
                self.paste.kind = PasteKind::Report;
                let address = value.split_once(';').map_or(value, |(_, address)| address).trim();
                push(&mut self.paste.recipients, Some(bare(address)));
            }
            "x-failed-recipients" => {
                self.paste.kind = PasteKind::Report;
                for address in value.split(',') {
                    push(&mut self.paste.recipients, Some(bare(address.trim())));
                }
            }
            "x-postfix-queue-id" | "x-original-queue-id" => self.queue_id(value),
            "action" | "diagnostic-code" | "reporting-mta" => self.paste.kind = PasteKind::Report,
            "to" | "cc" => {
                self.headers = self.headers.saturating_add(1);
                for address in addresses(value) {
                    push(&mut self.paste.recipients, Some(address));
                }
            }
            "from" | "subject" | "date" | "received" | "return-path" => {
                self.headers = self.headers.saturating_add(1);
            }
            _ => {}
        }
    }

    /// Ids that need no field around them.
    fn anywhere(&mut self, line: &str) {
        let lower = line.to_ascii_lowercase();
        if let Some(number) = after(&lower, "internalid=") {
            let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
            push(&mut self.paste.internal_message_ids, digits.parse().ok().map(InternalMessageId));
        }
        for word in line.split(|letter: char| !letter.is_ascii_hexdigit() && letter != '-') {
            if word.len() == 36 {
                push(&mut self.paste.network_message_ids, Uuid::try_parse(word).ok().map(NetworkMessageId));
            }
        }
        let is_about_ids = paste_logs::is_about_ids(&lower);
        for (place, _) in line.match_indices('<') {
            let rest = line.get(place..).unwrap_or_default();
            let rest = rest.get(..rest.floor_char_boundary(BRACKETED_BYTES_MAX)).unwrap_or_default();
            let inside = rest.find('>').and_then(|end| rest.get(..=end)).filter(|text| text.contains('@'));
            let Some(id) = inside else { continue };
            // A log says of whom it speaks.
            if paste_logs::is_person(lower.get(..place).unwrap_or_default()) {
                push(&mut self.paste.recipients, Some(bare(id)));
            } else {
                push_parsed(&mut self.bracketed, id);
            }
            if !is_about_ids {
                push(&mut self.paste.addresses, paste_logs::address(id));
            }
        }
        if let Some(id) = paste_logs::queue_id(line) {
            self.queue_id(id);
        }
        self.people(line, is_about_ids);
        // A place in the ASCII form of a line is one in the line itself.
        for mark in ["queued as ", "queue id ", "queueid=", "queue-id: ", " id="] {
            if let Some(rest) = after(&lower, mark) {
                let from = line.len().saturating_sub(rest.len());
                self.queue_id(line.get(from..).unwrap_or_default());
            }
        }
        // `2.0.0 OK  1700000000 a1-20020a05.123 - gsmtp`
        if lower.trim_end().ends_with("- gsmtp") {
            let id = line.split_whitespace().rev().nth(2).unwrap_or_default();
            self.queue_id(id);
        }
    }

    /// Addresses without brackets, and the refusal they may be about.
    fn people(&mut self, line: &str, is_about_ids: bool) {
        let here = if is_about_ids { Vec::new() } else { paste_logs::bare_addresses(line) };
        for address in &here {
            push(&mut self.paste.addresses, Some(address.clone()));
        }
        let is_of_sender = paste_logs::is_about_sender(&line.to_lowercase());
        if is_of_sender {
            here.iter().for_each(|address| push(&mut self.senders, Some(address.clone())));
        }
        if self.paste.diagnostic.is_none() {
            self.paste.diagnostic = paste_logs::diagnostic(line);
            if self.paste.diagnostic.is_some() {
                self.refused = if here.is_empty() { std::mem::take(&mut self.before) } else { here.clone() };
            }
        }
        if !line.trim().is_empty() && !is_of_sender {
            self.before = here;
        }
    }

    fn queue_id(&mut self, text: &str) {
        let word = text.split_whitespace().next().unwrap_or_default();
        let word = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let is_one = QUEUE_ID_CHARS.contains(&word.chars().count())
            && word.bytes().any(|letter| letter.is_ascii_digit() || letter.is_ascii_uppercase())
            && word
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.' | b'_'));
        push(&mut self.paste.queue_ids, is_one.then(|| word.to_owned()));
    }

    fn finish(mut self, lines: &[String]) -> Paste {
        let mut filled = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        let only = filled.next().filter(|_| filled.next().is_none());
        if let Some(only) = only {
            self.single(only);
        }
        if self.paste.kind == PasteKind::Text && self.headers > 2 {
            self.paste.kind = PasteKind::Message;
        }
        let mut ids = self.original;
        if self.paste.kind == PasteKind::Report {
            // A report has its own Message-ID first; those of the message it returns come behind it.
            let own = usize::from(self.plain.len() > 1);
            let returned = self.plain.split_off(own.min(self.plain.len()));
            ids.extend(returned);
        }
        ids.extend(self.plain);
        if ids.is_empty() {
            let people: HashSet<String> =
                self.paste.recipients.iter().map(|one| one.to_lowercase()).collect();
            let others = self
                .bracketed
                .into_iter()
                .filter(|id| !people.contains(&id.as_str().trim_matches(['<', '>']).to_lowercase()));
            ids.extend(others);
        }
        for id in ids {
            push(&mut self.paste.message_ids, Some(id));
        }
        self.refused.retain(|address| !self.senders.contains(address));
        for address in &self.refused {
            push(&mut self.paste.recipients, Some(address.clone()));
        }
        // The rows of whom the refusal names are asked for first.
        self.paste.addresses.sort_by_key(|address| !self.refused.contains(address));
        if matches!(self.paste.kind, PasteKind::Report | PasteKind::Message) {
            // Both name many addresses that are not what they are about; who was to get it is known.
            self.paste.addresses.clear();
            self.paste.diagnostic = None;
        }
        self.paste
    }

    /// One line alone: a reply, or an id.
    fn single(&mut self, line: &str) {
        // Many ids begin with three digits too; behind the code of a reply stands a blank, or a hyphen and then text.
        let is_reply = match line.as_bytes() {
            [a, b, c, b' ' | b'\t', ..] => [a, b, c].iter().all(|letter| letter.is_ascii_digit()),
            [a, b, c, b'-', ..] if line.contains(' ') => {
                [a, b, c].iter().all(|letter| letter.is_ascii_digit())
            }
            _ => false,
        };
        if is_reply {
            self.paste.kind = PasteKind::Reply;
            return;
        }
        if line.contains(char::is_whitespace) {
            return;
        }
        if line.contains('@') {
            push_parsed(&mut self.plain, line);
            push(&mut self.paste.addresses, paste_logs::address(line));
        } else if self.paste.network_message_ids.is_empty() {
            match line.parse() {
                Ok(number) => {
                    push(&mut self.paste.internal_message_ids, Some(InternalMessageId(number)));
                    // A hexadecimal queue id may happen to have no letter.
                    if line.len() >= HEX_QUEUE_ID_CHARS {
                        self.queue_id(line);
                    }
                }
                Err(_) => self.queue_id(line),
            }
        }
    }
}

/// What stands behind a mark.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

fn push<T: PartialEq>(list: &mut Vec<T>, one: Option<T>) {
    if let Some(one) = one
        && list.len() < IDS_MAX
        && !list.contains(&one)
    {
        list.push(one);
    }
}

fn push_parsed(list: &mut Vec<MessageId>, text: &str) {
    let first = text.split_whitespace().next().unwrap_or_default();
    push(list, MessageId::parse(first).ok());
}

fn bare(address: &str) -> String {
    address.trim_start_matches('<').trim_end_matches('>').to_owned()
}

fn addresses(value: &str) -> impl Iterator<Item = String> {
    let words = value.split([',', ' ', ';']).map(bare);
    words.filter(|word| word.contains('@') && !word.contains(['"', '=']))
}

impl Trace {
    /// Looks for the message that a paste is about: by network message id, then this server's number, Message-ID, and
    /// the queue ids of other systems. The first that finds anything decides. Where the paste names recipients, their
    /// rows come first.
    ///
    /// # Errors
    /// As a search has them.
    pub async fn find_pasted(&self, paste: &Paste) -> Result<Pasted, SearchError> {
        let mut pasted = self.look_up_pasted(paste).await?;
        if !pasted.rows.is_empty() {
            // What was found is not among what is too old.
            pasted.gaps.retain(|gap| !crate::completeness::is_of_retention(gap));
        }
        Ok(pasted)
    }

    async fn look_up_pasted(&self, paste: &Paste) -> Result<Pasted, SearchError> {
        let mut pasted = Pasted::default();
        let ids = |query: Query| Query { page_size: PAGE_SIZE_MAX, ..query };
        let network = paste.network_message_ids.iter().map(|id| {
            let query = Query { network_message_ids: Vec::from([*id]), ..Query::default() };
            ("Network message id", id.to_string(), query)
        });
        let internal = paste.internal_message_ids.iter().map(|id| {
            let query = Query { internal_message_ids: Vec::from([*id]), ..Query::default() };
            ("InternalId", id.to_string(), query)
        });
        let header = paste.message_ids.iter().map(|id| {
            let query = Query { message_ids: Vec::from([id.clone()]), ..Query::default() };
            ("Message-ID", id.to_string(), query)
        });
        for (by, value, query) in network.chain(internal).chain(header) {
            let answer = self.search(ids(query)).await?;
            pasted.note(&answer);
            pasted.searched.push(Searched { by, value, found: answer.total, limit: None });
            if !answer.rows.is_empty() {
                // What was found by its id is hidden by nothing.
                (pasted.rows, pasted.total, pasted.gaps) = (answer.rows, answer.total, answer.gaps);
                return Ok(pasted.preferring(&paste.recipients));
            }
        }
        if !paste.queue_ids.is_empty() {
            self.by_queue_ids(&paste.queue_ids, &mut pasted).await?;
        }
        if pasted.rows.is_empty() {
            self.by_addresses(paste, &mut pasted).await?;
        }
        if pasted.rows.is_empty()
            && let Some(diagnostic) = &paste.diagnostic
        {
            self.by_diagnostic(diagnostic, &mut pasted).await?;
            if !(paste.addresses.is_empty() && paste.recipients.is_empty()) {
                pasted.offer_only();
            }
        }
        Ok(pasted.preferring(&paste.recipients))
    }

    /// Rows of messages that a place knows by one of these ids, or that were handed on to a server which answered with
    /// one.
    async fn by_queue_ids(&self, ids: &[String], pasted: &mut Pasted) -> Result<(), SearchError> {
        let (places, wanted) = (self.places().clone(), ids.to_vec());
        let look_up =
            move || wanted.iter().map(|id| places.with_queue_id(id)).collect::<Result<Vec<_>, StoreError>>();
        let known = self.0.exec.blocking(look_up).await?;
        for (id, kept) in ids.iter().zip(known) {
            if kept.is_empty() {
                continue;
            }
            let query = Query { network_message_ids: kept, page_size: PAGE_SIZE_MAX, ..Query::default() };
            let answer = self.search(query).await?;
            pasted.note(&answer);
            let (by, value) = ("Queue id", id.clone());
            pasted.searched.push(Searched { by, value, found: answer.total, limit: None });
            if !answer.rows.is_empty() {
                (pasted.rows, pasted.total) = (answer.rows, answer.total);
                return Ok(());
            }
        }
        let mut read = 0;
        for id in ids {
            let (rows, limit) = self.by_queue_id(id, &mut read, pasted).await?;
            let found = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            pasted.searched.push(Searched { by: "Remote queue id", value: id.clone(), found, limit });
            if !rows.is_empty() {
                (pasted.rows, pasted.total) = (rows, found);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Rows handed on to a server that answered with this id: those of the newest day that has any. Sealed days have an
    /// index of these ids; the others are looked through.
    /// `read` counts the rows looked through for all ids of the paste.
    async fn by_queue_id(
        &self,
        id: &str,
        read: &mut u64,
        pasted: &mut Pasted,
    ) -> Result<(Vec<TraceRow>, Option<String>), SearchError> {
        let (store, number) = (self.store().clone(), remote_id_number(id));
        let days = self.0.exec.blocking(move || store.by_remote_id(number)).await?;
        let mut cut = None;
        for one in days {
            if !one.found.is_empty() {
                let query = Query {
                    network_message_ids: one.found,
                    start: Some(jiff::Timestamp::UNIX_EPOCH),
                    page_size: PAGE_SIZE_MAX,
                    ..Query::default()
                };
                let answer = self.search(query).await?;
                pasted.note(&answer);
                let mut rows = answer.rows;
                rows.retain(|row| names_queue_id(row, id));
                if !rows.is_empty() {
                    return Ok((rows, cut));
                }
            }
            if one.is_whole || cut.is_some() {
                continue;
            }
            let rows = self.look_through((one.day, id), read, &mut cut, pasted).await?;
            if !rows.is_empty() {
                return Ok((rows, None));
            }
        }
        Ok((Vec::new(), cut))
    }

    /// Looks through a day without an index, newest first, until something is found; `cut` says where it was given up.
    async fn look_through(
        &self,
        (day, id): (Day, &str),
        read: &mut u64,
        cut: &mut Option<String>,
        pasted: &mut Pasted,
    ) -> Result<Vec<TraceRow>, SearchError> {
        let at = |day: Day| jiff::Timestamp::from_microsecond(day.midnight()).ok();
        let mut query = Query {
            event_ids: Vec::from([EventId::SendExternal, EventId::Send]),
            start: at(day),
            end: at(Day(day.0.saturating_add(1))),
            page_size: PAGE_SIZE_MAX,
            ..Query::default()
        };
        if *read >= QUEUE_ID_ROWS_MAX {
            *cut = Some("days that are not sealed were looked through for the ids before only".to_owned());
            return Ok(Vec::new());
        }
        loop {
            let answer = self.search(query.clone()).await?;
            pasted.note(&answer);
            *read = read.saturating_add(u64::try_from(answer.rows.len()).unwrap_or(u64::MAX));
            let oldest = answer.rows.last().map(|row| row.received);
            let mut rows = answer.rows;
            rows.retain(|row| names_queue_id(row, id));
            match answer.next {
                _ if !rows.is_empty() => return Ok(rows),
                None => return Ok(rows),
                Some(_) if *read >= QUEUE_ID_ROWS_MAX => {
                    let since = oldest.map(|at| format!(", back to {at:.0}")).unwrap_or_default();
                    *cut = Some(format!(
                        "of days that are not sealed only the newest {read} rows were looked through{since}"
                    ));
                    return Ok(rows);
                }
                Some(next) => query.cursor = Some(next),
            }
        }
    }
}

fn names_queue_id(row: &TraceRow, id: &str) -> bool {
    row.row.remote_queue_id.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(id))
        || row.hops.iter().any(|hop| hop.queue_ids.iter().any(|own| own.eq_ignore_ascii_case(id)))
        || row.row.remote_reply.as_deref().is_some_and(|reply| {
            let words = reply
                .split(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '.' | '_'));
            words.map(|word| word.trim_matches('.')).any(|word| word.eq_ignore_ascii_case(id))
        })
}

impl Pasted {
    /// Keeps what an answer says of its own completeness: the sources of the last, the gaps of all.
    fn note(&mut self, answer: &Answer) {
        self.sources.clone_from(&answer.sources);
        for gap in &answer.gaps {
            if !self.gaps.contains(gap) && self.gaps.len() < GAPS_MAX {
                self.gaps.push(gap.clone());
            }
        }
    }

    /// The rows of these recipients first, the others behind them, each in their order.
    fn preferring(mut self, recipients: &[String]) -> Pasted {
        let is_meant =
            |row: &TraceRow| recipients.iter().any(|one| one.eq_ignore_ascii_case(&row.recipient_address));
        self.rows.sort_by_key(|row| !is_meant(row));
        self
    }
}

mod people;
#[cfg(test)]
mod tests;
