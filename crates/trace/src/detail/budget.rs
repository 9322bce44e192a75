//! Where the time went: parts per hop and agent that add up to the end-to-end time, to the millisecond.
//!
//! May touch: nothing (pure).
//!
//! Two sources: the latencies that Exchange writes into message-info, and else the times of the events. Either way
//! what no record explains is a part of its own, so that nothing is lost and nothing is counted twice.

use events::{Event, EventId, NextHop, Source};
use jiff::Timestamp;
use serde::Serialize;

use super::latencies::{self, Asked, Server};
use super::{one_clock, snapshot};
use crate::places::Join;
use crate::search::TraceRow;
use crate::status::{Stage, address_key, ahead_of, is_there_already};

/// Parts of one budget; a message deferred more often has its first and last attempts.
const PARTS_MAX: usize = 1_000;

/// So much more than the time there was servers may have measured, in milliseconds: each figure is rounded.
const ROUNDED_MS: i64 = 1_000;
/// What the categorizer does, agents included.
const CATEGORIZER: &str = "Categorizer";
/// What ends so soon after an attempt was due is taken for the end of that one.
const OF_ONE_ATTEMPT_MS: i64 = 10_000;
/// What a queue does between an attempt that is recorded and the last one.
const LATER_ATTEMPTS: &str = "Waiting for later attempts of the queue";
/// From the last octet of a message to its being taken over.
const RECEPTION: &str = "SMTP reception";

/// The time of one recipient from the message's origin to its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeBudget {
    /// The origin: when the first server of the message's way took it, as far as known. By the clock of this server, if
    /// it is on the way, else of the first place; so is the end.
    pub start: Timestamp,
    /// The end; of a recipient still on its way the time of asking.
    pub end: Timestamp,
    /// Whether the end is one.
    pub is_final: bool,
    /// From start to end, in milliseconds: what the parts add up to.
    pub total_ms: i64,
    /// In order.
    pub parts: Vec<BudgetPart>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BudgetPart {
    /// The server; none for the way between servers.
    pub hop: Option<String>,
    /// What was done, in words.
    pub what: String,
    /// In milliseconds.
    pub ms: i64,
    /// Whether no other part took longer.
    pub is_slowest: bool,
    /// What agents spent of it, where that was measured.
    pub agents: Vec<AgentTime>,
    /// Whether it is no time that passed, but two clocks that differ.
    #[serde(skip)]
    pub is_clock: bool,
}

impl BudgetPart {
    fn new(what: String, hop: Option<String>, ms: i64) -> BudgetPart {
        BudgetPart { hop, what, ms, is_slowest: false, agents: Vec::new(), is_clock: false }
    }
}

/// What one agent spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AgentTime {
    /// Its name.
    pub agent: String,
    /// In milliseconds.
    pub ms: i64,
}

/// The budget of a row; `events` are all of the message, oldest first. Of a recipient still on its way the time until
/// `now` counts. Times are those of one clock: what is seen of others that differ is taken off.
pub(super) fn of(row: &TraceRow, events: &[Event], now: Timestamp) -> Option<TimeBudget> {
    if row.stage == Stage::NotReceived {
        return None;
    }
    let (events, ended) = one_clock::of(row, events);
    let way = way(&row.row.key, &events);
    let first = way.first()?;
    let end = ended.or_else(|| way.last().map(|event| event.at))?;
    let last = way.iter().rev().find(|event| event.at == end && event.message_info.is_some());
    let measured = last.and_then(|event| latencies::read(event.message_info.as_deref().unwrap_or_default()));
    let heads = way.iter().filter_map(|event| {
        let origin = latencies::origin(event.message_info.as_deref()?)?;
        Some(one_clock::told(origin, one_clock::ahead(&row.hops, event)))
    });
    let start = heads.chain([first.at]).min()?.min(end);
    let clock = Clock { start };
    let mut parts = match measured {
        Some(servers) if !servers.is_empty() => {
            let place = last.and_then(|event| event.detail.place.as_deref());
            let (mut parts, before) = before_servers(row, &way, place, &servers, &clock, end);
            of_servers(&servers, clock.at(end).saturating_sub(before), &mut parts);
            parts
        }
        _ => of_events(&row.hops, &way, &clock, end),
    };
    // Clocks of places may be ahead of ours.
    let now = now.max(end);
    let end = if ended.is_some() {
        end
    } else {
        let ms = clock.at(now).saturating_sub(clock.at(end));
        if ms > 0 {
            let (what, hop) = since_then(&way);
            push(&mut parts, BudgetPart::new(what, hop, ms));
        }
        now
    };
    slowest(&mut parts);
    Some(TimeBudget { start, end, is_final: ended.is_some(), total_ms: clock.at(end), parts })
}

/// What goes on since the last event of a recipient that is still on its way, and where.
fn since_then(way: &[&Event]) -> (String, Option<String>) {
    let Some(last) = way.iter().rev().find(|event| event.event_id != EventId::AgentInfo) else {
        return ("No record since".to_owned(), None);
    };
    let here = last.server_hostname.clone();
    match (last.event_id, &last.detail.next_hop) {
        (EventId::Defer, _) => {
            let here = here.filter(|_| last.server_hostname != last.detail.remote_host);
            ("Waiting for the next attempt".to_owned(), here)
        }
        (EventId::Queued, _) => (
            last.detail
                .queue
                .as_deref()
                .map_or_else(|| "Waiting in a queue".to_owned(), |name| format!("Waiting in queue {name}")),
            here,
        ),
        (EventId::Send | EventId::SendExternal, Some(NextHop::Place(place))) => {
            (format!("Handed on to {place}, not seen there yet"), None)
        }
        _ => ("No record since".to_owned(), None),
    }
}

/// Milliseconds since the start, of times as they are shown: to the millisecond. Differences of these add up, and are
/// those of the times beside them.
struct Clock {
    start: Timestamp,
}

impl Clock {
    fn at(&self, at: Timestamp) -> i64 {
        at.as_millisecond().saturating_sub(self.start.as_millisecond())
    }
}

/// The events that moved this recipient on, up to its end.
fn way<'a>(key: &str, events: &'a [Event]) -> Vec<&'a Event> {
    let path = snapshot::path(key, events);
    let on_path = |address: &str| path.iter().any(|one| address_key(address) == one.as_str());
    let moves = |event: &&Event| {
        let is_note = matches!(
            event.event_id,
            EventId::HaDiscard
                | EventId::HaReceive
                | EventId::HaRedirect
                | EventId::HaRedirectFail
                | EventId::NotifyShadow
                | EventId::Refused
        );
        let named = event.recipients.iter().any(|recipient| on_path(&recipient.address))
            || event.related_recipient_address.as_deref().is_some_and(on_path);
        !is_note && (named || matches!(event.event_id, EventId::Receive | EventId::Dsn))
    };
    let mut way: Vec<&Event> = events.iter().filter(moves).collect();
    if let Some(end) = way.iter().rposition(|event| is_end(event.event_id) && names(event, key)) {
        way.truncate(end.saturating_add(1));
    }
    way
}

fn names(event: &Event, key: &str) -> bool {
    event.recipients.iter().any(|recipient| address_key(&recipient.address) == key)
}

fn is_end(id: EventId) -> bool {
    matches!(
        id,
        EventId::Deliver
            | EventId::DuplicateDeliver
            | EventId::SendExternal
            | EventId::Send
            | EventId::Fail
            | EventId::Drop
            | EventId::BadMail
    )
}

/// From one event to the next.
fn of_events(hops: &[Join], way: &[&Event], clock: &Clock, end: Timestamp) -> Vec<BudgetPart> {
    let mut parts: Vec<BudgetPart> = Vec::new();
    let mut agents: Vec<AgentTime> = Vec::new();
    let mut since = 0_i64;
    let mut before: Option<&Event> = None;
    let mut queue: Option<&str> = None;
    for (number, event) in way.iter().enumerate() {
        if event.event_id == EventId::AgentInfo {
            let Some((time, asked)) = latencies::spent(event) else { continue };
            match (asked, parts.last_mut()) {
                (Some(Asked::Reception), _) => {
                    // The message is there when it is received, and taken over when its agents have seen it.
                    let (what, hop) = (RECEPTION.to_owned(), event.server_hostname.clone());
                    let until = clock.at(event.at.min(end)).max(since);
                    let ms = until.saturating_sub(std::mem::replace(&mut since, until));
                    push(&mut parts, BudgetPart { agents: vec![time], ..BudgetPart::new(what, hop, ms) });
                }
                // The categorizer notes what its agents spent behind what it decided.
                (Some(Asked::Categorizer), Some(last)) if last.what == CATEGORIZER => {
                    last.agents.push(time);
                    within(last);
                }
                // Else a note belongs to the step that follows.
                _ => agents.push(time),
            }
            continue;
        }
        let until = clock.at(event.at.min(end));
        // The next place, which has it since, goes on with it while its reply is noted here.
        let is_last = until == since || number.saturating_add(1) < way.len();
        if is_last && is_there_already(event, way.get(..number).unwrap_or_default()) {
            continue;
        }
        let differs = one_clock::difference(hops, event);
        if let Some(what) = differs.filter(|what| parts.iter().all(|part| part.what != *what)) {
            push(&mut parts, BudgetPart { is_clock: true, ..BudgetPart::new(what, None, 0) });
            if until == since {
                before = Some(event);
                continue;
            }
        } else if let Some((from, _)) = ahead_of(event, way) {
            let no_time = BudgetPart::new(clocks(from, event), None, until.saturating_sub(since));
            push(&mut parts, BudgetPart { is_clock: true, ..no_time });
            since = until;
            before = Some(event);
            continue;
        }
        for (what, hop, upto) in steps(before, queue, event, clock, until) {
            let ms = upto.saturating_sub(since);
            since = upto;
            if ms == 0 && before.is_none() {
                continue;
            }
            let agents = std::mem::take(&mut agents);
            push(&mut parts, BudgetPart { agents, ..BudgetPart::new(what, hop, ms) });
        }
        before = Some(event);
        queue = event.detail.queue.as_deref().or(queue);
    }
    let left = clock.at(end).saturating_sub(since);
    if left != 0 {
        let what = "Not explained by a record".to_owned();
        push(&mut parts, BudgetPart { agents, ..BudgetPart::new(what, None, left) });
    }
    parts
}

/// Adds a part; several of the same kind in a row become one.
fn push(parts: &mut Vec<BudgetPart>, mut part: BudgetPart) {
    let full = parts.len() >= PARTS_MAX;
    match parts.last_mut() {
        Some(last) if full || last.what == part.what && last.hop == part.hop => {
            last.ms = last.ms.saturating_add(part.ms);
            last.agents.extend(part.agents);
            within(last);
        }
        _ => {
            within(&mut part);
            parts.push(part);
        }
    }
}

/// Agents are within their part, each once: what rounding gives them above it is not theirs.
fn within(part: &mut BudgetPart) {
    let mut each: Vec<AgentTime> = Vec::new();
    for time in std::mem::take(&mut part.agents) {
        match each.iter_mut().find(|known| known.agent == time.agent) {
            Some(known) => known.ms = known.ms.saturating_add(time.ms),
            None => each.push(time),
        }
    }
    let mut left = part.ms.max(0);
    for agent in &mut each {
        agent.ms = agent.ms.clamp(0, left);
        left = left.saturating_sub(agent.ms);
    }
    each.retain(|agent| agent.ms > 0);
    part.agents = each;
}

/// What lies between two events: words, server, and the millisecond at which it was over.
///
/// `queue` is the one it was given to last. When an attempt began is not recorded, only how it ended: a part
/// that ends with one is waiting and attempt together.
fn steps(
    before: Option<&Event>,
    queue: Option<&str>,
    event: &Event,
    clock: &Clock,
    until: i64,
) -> Vec<(String, Option<String>, i64)> {
    let is_theirs = names_the_other(event);
    let here = event.server_hostname.clone().filter(|_| !is_theirs);
    let was_put_off = before.filter(|before| before.event_id == EventId::Defer);
    let mut steps = Vec::new();
    if let Some(retry) = was_put_off.and_then(|before| before.detail.next_retry) {
        let retry = clock.at(retry);
        let began = was_put_off.map_or(0, |before| clock.at(before.at));
        if (began..until).contains(&retry) {
            steps.push(("Waiting for the next attempt".to_owned(), here.clone(), retry));
        }
    }
    let was_queued = before.is_some_and(|before| before.event_id == EventId::Queued);
    let waiting =
        || queue.map_or_else(|| "Waiting in a queue".to_owned(), |name| format!("Waiting in queue {name}"));
    let is_waiting = was_put_off.is_some() && steps.is_empty() && event.source == Source::Queue;
    // Logs of other systems have a line for each attempt; a queue of ours tries a host without a message in hand.
    let was_due = steps.last().map(|(.., due)| *due).filter(|_| event.detail.place.is_none());
    let had_others = was_due.is_some_and(|due| until.saturating_sub(due) > OF_ONE_ATTEMPT_MS);
    let what = match event.event_id {
        _ if is_waiting => "Waiting for the next attempt".to_owned(),
        EventId::Receive | EventId::Dsn if before.is_none() => "Before this server".to_owned(),
        EventId::Receive | EventId::HaReceive => {
            return Vec::from([on_the_way(before, event, waiting, until)]);
        }
        EventId::Resubmit => waiting(),
        EventId::Fail if event.source == Source::Admin => waiting(),
        EventId::Deliver | EventId::DuplicateDeliver | EventId::DeliverFail if was_queued => {
            format!("{}, and delivery to the mailbox", waiting())
        }
        EventId::Deliver | EventId::DuplicateDeliver | EventId::DeliverFail => {
            "Delivery to the mailbox".to_owned()
        }
        EventId::Send | EventId::SendExternal => {
            let to = event.detail.remote_host.as_deref().or(event.server_hostname.as_deref());
            let to = to.unwrap_or("the next hop");
            if had_others {
                format!("{LATER_ATTEMPTS}, and hand-on to {to}")
            // A mail log has no line for the queue.
            } else if was_queued || !is_theirs {
                format!("{}, and hand-on to {to}", waiting())
            } else {
                format!("Hand-on to {to}")
            }
        }
        EventId::Defer => match event.detail.remote_host.as_deref() {
            Some(host) => format!("{}, with an attempt at {host}", waiting()),
            None => waiting(),
        },
        EventId::Fail | EventId::BadMail
            if matches!(event.source, Source::Smtp | Source::Dns | Source::StoreDriver) =>
        {
            if had_others {
                format!("{LATER_ATTEMPTS}, with the one that failed")
            } else if was_queued {
                format!("{}, with the attempt that failed", waiting())
            } else {
                "Attempt that failed".to_owned()
            }
        }
        EventId::Fail if event.source == Source::Queue => "Waiting until the message expired".to_owned(),
        EventId::ModeratorApprove | EventId::ModeratorReject | EventId::ModerationExpire => {
            "Waiting for a moderator".to_owned()
        }
        EventId::Release => "In quarantine".to_owned(),
        EventId::Submit | EventId::NotifyMapi | EventId::ClientSubmission => {
            "Submission from the mailbox".to_owned()
        }
        _ => CATEGORIZER.to_owned(),
    };
    steps.push((what, here, until));
    steps
}

/// Until a server received it. When the place before began to hand it on is not recorded: until then it lay in its queue.
fn on_the_way(
    before: Option<&Event>,
    event: &Event,
    waiting: impl Fn() -> String,
    until: i64,
) -> (String, Option<String>, i64) {
    let to = event.server_hostname.as_deref().unwrap_or("the next server");
    let had =
        before.filter(|before| before.detail.place != event.detail.place && !is_hand_on(before.event_id));
    let what = match had {
        Some(_) => format!("{}, and on the way to {to}", waiting()),
        None => format!("On the way to {to}"),
    };
    let at = had.filter(|before| !names_the_other(before));
    (what, at.and_then(|before| before.server_hostname.clone()), until)
}

/// Whether the event's server is that of the next hop. A mail log names its own, and the next beside it.
fn names_the_other(event: &Event) -> bool {
    let (server, other) = (&event.server_hostname, &event.detail.remote_host);
    let is_of_log = event.detail.place.is_some() && other.is_some() && server != other;
    is_hand_on(event.event_id) && !is_of_log || server == other
}

/// What no time is: the place that received it says so later than the one before was told that it has it.
fn clocks(from: &Event, to: &Event) -> String {
    let name = |event: &Event| {
        event
            .detail
            .place
            .clone()
            .or_else(|| event.server_hostname.clone().filter(|_| !names_the_other(event)))
    };
    let to = name(to).unwrap_or_else(|| "the next server".to_owned());
    let from = name(from).map_or_else(|| "the clock before".to_owned(), |from| format!("that of {from}"));
    format!("No time: the clock of {to} is ahead of {from}")
}

fn is_hand_on(id: EventId) -> bool {
    matches!(id, EventId::Send | EventId::SendExternal)
}

/// What went before the servers that measured, where other places had the message before them, and until when.
fn before_servers(
    row: &TraceRow,
    way: &[&Event],
    place: Option<&str>,
    servers: &[Server],
    clock: &Clock,
    end: Timestamp,
) -> (Vec<BudgetPart>, i64) {
    let is_of = |event: &&Event| event.detail.place.as_deref() == place;
    let entry = way.iter().position(|event| event.event_id == EventId::Receive && is_of(event));
    let head = entry.and_then(|entry| way.get(..=entry)).unwrap_or_default();
    let (Some(entered), true) = (head.last(), head.iter().any(|event| !is_of(event))) else {
        return (Vec::new(), 0);
    };
    let entered = entered.at.min(end);
    let left = clock.at(end).saturating_sub(clock.at(entered));
    // What they measured of the time before is theirs to tell.
    let measured: i64 = servers.iter().map(Server::measured_ms).fold(0, i64::saturating_add);
    if measured > left.saturating_add(ROUNDED_MS) {
        return (Vec::new(), 0);
    }
    (of_events(&row.hops, head, clock, entered), clock.at(entered))
}

/// By the latencies of message-info: the parts of each server, and what is left between them.
fn of_servers(servers: &[Server], total: i64, parts: &mut Vec<BudgetPart>) {
    let mut measured = 0_i64;
    for server in servers {
        let mut inside = 0_i64;
        for component in &server.components {
            inside = inside.saturating_add(component.ms);
            let part = BudgetPart::new(component.words(), Some(server.host.clone()), component.ms);
            push(parts, BudgetPart { agents: component.agents.clone(), ..part });
        }
        let rest = server.total_ms.unwrap_or(inside).saturating_sub(inside);
        if rest != 0 {
            push(parts, BudgetPart::new("Other work".to_owned(), Some(server.host.clone()), rest));
        }
        measured = measured.saturating_add(inside).saturating_add(rest);
    }
    let left = total.saturating_sub(measured);
    if left != 0 {
        let what = if left > 0 { "Between the servers" } else { "Rounding of the servers' figures" };
        push(parts, BudgetPart::new(what.to_owned(), None, left));
    }
}

fn slowest(parts: &mut [BudgetPart]) {
    let most = parts.iter().filter(|part| !part.is_clock).map(|part| part.ms).max().unwrap_or(0);
    let found = parts.iter_mut().find(|part| !part.is_clock && part.ms == most && most > 0);
    if let Some(part) = found {
        part.is_slowest = true;
    }
}
