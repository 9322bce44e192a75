//! What is there, as the rows that scenarios compare: trace, queues, mailboxes, reports, messages at remote servers.
//!
//! May touch: the server of the scenario (reading), the remote servers' memory.

use std::collections::BTreeMap;

use events::{Event, EventId};
use jiff::SignedDuration;
use mail::{Address, NetworkMessageId};
use mailbox::{FolderSelector, ItemRow, PAGE_ITEMS_MAX};
use spool::EventSeq;
use trace::search::Refused;
use trace::{Query, TraceRow};
use uuid::Uuid;
use world::sim::SIM_START;

use super::Fault;
use super::house::House;
use super::remote::{Got, Remote};

/// Events read of a spool at a time.
const EVENTS_PER_READ: usize = 100_000;
/// Rows of one page of the trace.
const ROWS_MAX: usize = 5_000;

/// Every event the spool holds, in order.
pub async fn events(house: &House) -> Result<Vec<(u64, Event)>, Fault> {
    let mut all = Vec::new();
    let mut after = EventSeq(0);
    loop {
        let stored = house.spool.events_after(after, EVENTS_PER_READ).await.map_err(text)?;
        let Some(last) = stored.last() else { return Ok(all) };
        after = last.seq;
        for event in stored {
            all.push((event.seq.0, events::decode(&event.bytes).map_err(text)?));
        }
    }
}

/// The id of the message that a `250` called `[InternalId=…]`.
pub async fn network_id(house: &House, internal_id: u64) -> Result<NetworkMessageId, Fault> {
    let events = events(house).await?;
    let entered = events.iter().map(|(_, event)| event).find(|event| {
        event.event_id == EventId::Receive && event.internal_message_id.is_some_and(|id| id.0 == internal_id)
    });
    entered
        .map(|event| event.network_message_id)
        .ok_or_else(|| format!("no RECEIVE has InternalId {internal_id}"))
}

/// The rows a search finds; all of the simulation's time, refusals where the search names somebody.
pub async fn trace_rows(house: &House, query: Query) -> Result<Vec<TraceRow>, Fault> {
    let start = SIM_START.checked_sub(SignedDuration::from_hours(1)).map_err(text)?;
    let mut query = Query { start: Some(start), page_size: ROWS_MAX, ..query };
    let mut rows = Vec::new();
    loop {
        let answer = house.trace.search(query.clone()).await.map_err(text)?;
        if !answer.gaps.is_empty() {
            return Err(format!("the trace has gaps: {:?}", answer.gaps));
        }
        rows.extend(answer.rows);
        match answer.next {
            Some(next) => query.cursor = Some(next),
            None => return Ok(rows),
        }
    }
}

/// A query for everything.
pub fn everything() -> Query {
    Query { refused: Refused::Include, ..Query::default() }
}

/// `recipient | status | stage | folder; detail`; a Resolved row's final status stands in brackets.
pub fn trace_row(row: &TraceRow) -> Vec<String> {
    let status = match row.final_status {
        Some(last) => format!("{} ({last})", row.status),
        None => row.status.to_string(),
    };
    let recipient = if row.recipient_address.is_empty() { "(none)" } else { &row.recipient_address };
    let mut detail: Vec<String> = Vec::new();
    detail.extend(row.folder.clone());
    detail.extend(row.detail.clone());
    detail.extend(row.row.last_reply.clone().filter(|reply| !detail.iter().any(|said| said.contains(reply))));
    vec![recipient.to_owned(), status, format!("{:?}", row.stage), detail.join("; ")]
}

/// `next hop | status | messages | last error` of every queue that holds something.
pub fn queues(house: &House) -> Vec<Vec<String>> {
    let filled = house.transport.queues().into_iter().filter(|queue| queue.message_count > 0);
    filled
        .map(|queue| {
            let last_error = queue.last_error.unwrap_or_default();
            vec![queue.next_hop_domain, queue.status.to_owned(), queue.message_count.to_string(), last_error]
        })
        .collect()
}

/// The mailbox of an address.
pub fn mailbox(house: &House, address: &str) -> Result<Uuid, Fault> {
    let parsed = Address::parse(address).map_err(text)?;
    let snapshot = house.directory.snapshot();
    let found = snapshot.recipient_by_address(&parsed).filter(|recipient| recipient.kind.is_mailbox());
    found.map(|recipient| recipient.guid).ok_or_else(|| format!("{address} is no mailbox here"))
}

/// The items of a folder, oldest first; none where the mailbox never got anything.
pub async fn items(house: &House, address: &str, folder: &str) -> Result<Vec<ItemRow>, Fault> {
    let guid = mailbox(house, address)?;
    if !house.mailboxes.exists(guid).await.map_err(text)? {
        return Ok(Vec::new());
    }
    let folder = Some(FolderSelector::Path(folder.to_owned()));
    let mut items = house.mailboxes.items(guid, folder, None, PAGE_ITEMS_MAX).await.map_err(text)?.items;
    items.reverse();
    Ok(items)
}

/// The octets of every message an address got, oldest first: its Inbox here, or what remote servers took for it.
pub async fn messages_for(
    house: &House,
    remotes: &BTreeMap<String, Remote>,
    address: &str,
) -> Result<Vec<Vec<u8>>, Fault> {
    if let Ok(guid) = mailbox(house, address) {
        let mut all = Vec::new();
        for item in items(house, address, "Inbox").await? {
            all.push(house.mailboxes.item_bytes(guid, item.item_id).await.map_err(text)?.to_vec());
        }
        return Ok(all);
    }
    let got = remotes.values().flat_map(Remote::got);
    Ok(got
        .filter(|got| got.to.iter().any(|to| to.eq_ignore_ascii_case(address)))
        .map(|got| got.octets)
        .collect())
}

/// `action | recipient | status | the whole report` for every recipient of a report.
pub fn report_rows(message: &[u8]) -> Vec<Vec<String>> {
    let text = String::from_utf8_lossy(message).into_owned();
    if !text.contains("multipart/report") {
        return Vec::new();
    }
    let whole = format!("{}\n{}", unfold(&text), unfold(&unquote(&text)));
    let machine = text.split("message/delivery-status").nth(1).unwrap_or_default();
    let mut rows = Vec::new();
    let mut recipient = String::new();
    let mut action = String::new();
    for line in unfold(machine).lines() {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim();
        match name {
            "Final-Recipient" => recipient = value.rsplit(';').next().unwrap_or_default().trim().to_owned(),
            "Action" => action = value.to_owned(),
            "Status" => rows.push(vec![action.clone(), recipient.clone(), value.to_owned(), whole.clone()]),
            _ => {}
        }
    }
    rows
}

/// `sender | recipients | subject` of a message that arrived outside.
pub fn got_row(got: &Got) -> Vec<String> {
    vec![got.from.clone(), got.to.join(", "), subject(&got.octets)]
}

fn subject(octets: &[u8]) -> String {
    mail::summarize(octets).subject
}

/// Header lines that were folded on one line each.
fn unfold(text: &str) -> String {
    text.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ")
}

/// Quoted-printable read as text, so far as ASCII goes.
fn unquote(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.replace("=\r\n", "").chars().collect::<Vec<_>>().into_iter().peekable();
    while let Some(ch) = rest.next() {
        let hex: String = if ch == '=' { rest.clone().take(2).collect() } else { String::new() };
        match u8::from_str_radix(&hex, 16) {
            Ok(octet) if hex.len() == 2 && octet.is_ascii() => {
                rest.nth(1);
                out.push(char::from(octet));
            }
            _ => out.push(ch),
        }
    }
    out
}

/// The ids of a message's events, in order.
pub async fn event_ids(house: &House, id: NetworkMessageId) -> Result<Vec<String>, Fault> {
    let events = events(house).await?;
    let own = events.iter().filter(|(_, event)| event.network_message_id == id);
    Ok(own.map(|(_, event)| event.event_id.as_str().to_owned()).collect())
}

fn text(error: impl std::fmt::Display) -> Fault {
    error.to_string()
}
