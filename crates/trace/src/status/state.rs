//! What the fold keeps per recipient: the earliest or latest event of each kind.
//!
//! May touch: nothing (pure).

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;

use events::{DomainKind, Event, EventId, NextHop, Reason, Source};
use serde::{Deserialize, Serialize};

use super::clocks::Clocks;
use super::row::{Replacement, SubStatus};
use crate::agent_notes;

/// From this many rows on, addresses are looked up in a map instead of one by one.
const MAP_FROM_ROWS: usize = 16;

/// Which server, or which import, numbered an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u16);

/// The identity of an event: its node and the node's number for it. Equal keys are the same event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventKey {
    /// Who numbered it.
    pub node: NodeId,
    /// The number.
    pub seq: u64,
}

/// Where an event stands among the others: time, then hop, then identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order {
    pub(crate) at: i64,
    rank: u8,
    pub(crate) node: NodeId,
    seq: u64,
}

/// What an event says of one recipient, as far as the rules tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Delivered,
    DuplicateDelivered,
    HandedOutside,
    Replaced(Replacement),
    Quarantined,
    Released,
    Failed(Failure),
    Waiting(SubStatus),
    /// Handed on, not to an end, to a host that is no place whose records are read.
    HandedUnread,
    Recalled,
    SpamVerdict,
    /// Another system's verdict that sends it to quarantine.
    SpamToQuarantine,
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Spam,
    /// An agent's failure that names no cause: spam if the agents' note says so.
    AgentUnexplained,
    Other(SubStatus),
}

/// An event that fills a slot of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) order: Order,
    pub(crate) event: u32,
    pub(crate) recipient: u32,
    pub(crate) what: What,
}

/// One recipient while it is being folded.
#[derive(Debug, Clone)]
pub(crate) struct RowState {
    pub(crate) address: Box<str>,
    pub(crate) key: Box<str>,
    pub(crate) received: Option<Order>,
    pub(crate) received_last: Option<Order>,
    pub(crate) processed: Option<Order>,
    pub(crate) recalled: Option<Mark>,
    pub(crate) end: Option<Mark>,
    pub(crate) replaced: Option<Mark>,
    pub(crate) quarantine: Option<Mark>,
    pub(crate) failure: Option<Mark>,
    pub(crate) waiting: Option<Mark>,
    /// The latest of those that is no hand-on.
    pub(crate) held: Option<Mark>,
    pub(crate) spam_verdict: Option<Mark>,
    pub(crate) attempts: Option<u32>,
    /// Attempts of this server that were put off: their numbers begin anew when it starts.
    pub(crate) deferrals: u32,
    /// The address of the latest hop.
    pub(crate) hop: Option<(Order, IpAddr)>,
    /// It stands for others that another system did not name.
    pub(crate) unlisted: bool,
    pub(crate) first: Order,
    pub(crate) last: Order,
    pub(crate) targets: Vec<(Order, u32, Box<str>)>,
    pub(crate) parents: Vec<(Order, u32, Box<str>)>,
}

/// The rows of one message while events come in.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    pub(crate) rows: Vec<RowState>,
    by_key: Option<HashMap<Box<str>, usize>>,
    pub(crate) received: Option<Order>,
    pub(crate) not_redundant: bool,
    pub(crate) clocks: Clocks,
    absorbed: u32,
    /// Whether there were recipients beyond [`ROWS_MAX`].
    cut: bool,
}

/// Rows of one message: as many as its row ids in the store can number. Recipients beyond that stand in its events only.
pub(crate) const ROWS_MAX: usize = 1 << 20;

/// The case-folded form of an address: half of the row key.
pub fn address_key(address: &str) -> Cow<'_, str> {
    let folded = address.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if folded { Cow::Borrowed(address) } else { Cow::Owned(address.to_lowercase()) }
}

impl Fold {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no event has made a row yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether there were more recipients than rows are made.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// The addresses of the rows in their order: as first written, and case-folded.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows.iter().map(|row| (row.address.as_ref(), row.key.as_ref()))
    }

    /// The address the latest hop of each row went to, in row order.
    pub fn hop_addresses(&self) -> impl Iterator<Item = Option<IpAddr>> {
        self.rows.iter().map(|row| row.hop.map(|(_, ip)| ip))
    }

    /// Takes one event in. The caller drops events it has given before.
    pub fn absorb(&mut self, key: EventKey, event: &Event) {
        let order =
            Order { at: event.at.as_microsecond(), rank: rank(event.event_id), node: key.node, seq: key.seq };
        let index = self.absorbed;
        self.absorbed = self.absorbed.saturating_add(1);
        if matches!(event.event_id, EventId::Receive | EventId::Dsn) {
            earliest(&mut self.received, order);
        }
        if event.event_id == EventId::HaRedirectFail {
            self.not_redundant = true;
        }
        self.clocks.absorb(key, event);
        if !makes_rows(event.event_id) {
            return;
        }
        let parent = self.absorb_related(order, index, event);
        for (number, recipient) in event.recipients.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let Some(row) = self.row(&recipient.address, order) else { continue };
            row.absorb(order, index, number, event, &recipient.status);
            if let Some(parent) = &parent
                && row.key.as_ref() != parent.as_ref()
            {
                link(&mut row.parents, order, number, parent);
            }
        }
    }

    /// The row of the related address; returns its key.
    fn absorb_related(&mut self, order: Order, index: u32, event: &Event) -> Option<Box<str>> {
        let related = event.related_recipient_address.as_deref().filter(|address| !address.is_empty())?;
        let replacement = match event.event_id {
            EventId::Expand => Some(Replacement::Expanded),
            EventId::Resolve => Some(Replacement::Resolved),
            EventId::Redirect => Some(Replacement::Redirected),
            _ => None,
        };
        let row = self.row(related, order)?;
        row.last = row.last.max(order);
        let key = row.key.clone();
        let Some(replacement) = replacement else { return Some(key) };
        let mut others = 0_u32;
        for (number, recipient) in event.recipients.iter().enumerate() {
            let target = address_key(&recipient.address);
            if target != key.as_ref() {
                others = others.saturating_add(1);
                link(&mut row.targets, order, u32::try_from(number).unwrap_or(u32::MAX), &target);
            }
        }
        // A summary of another system says that an address was replaced, and not by whom.
        let unlisted = event.detail.place.is_some() && event.recipients.is_empty();
        row.unlisted |= unlisted;
        // S19: the same address on both sides replaces nothing.
        if others > 0 || unlisted || replacement == Replacement::Expanded {
            let mark = Mark { order, event: index, recipient: 0, what: What::Replaced(replacement) };
            latest(&mut row.replaced, mark);
        }
        earliest(&mut row.processed, order);
        Some(key)
    }

    /// The row of an address, made if there is none; `None` if there are too many.
    fn row(&mut self, address: &str, order: Order) -> Option<&mut RowState> {
        let key = address_key(address);
        let found = match &self.by_key {
            Some(map) => map.get(key.as_ref()).copied(),
            None => self.rows.iter().position(|row| row.key.as_ref() == key.as_ref()),
        };
        let at = found.unwrap_or(self.rows.len());
        if found.is_none() {
            if at >= ROWS_MAX {
                self.cut = true;
                return None;
            }
            if let Some(map) = &mut self.by_key {
                map.insert(key.as_ref().into(), at);
            } else if self.rows.len() >= MAP_FROM_ROWS {
                let known = self.rows.iter().enumerate().map(|(place, row)| (row.key.clone(), place));
                let mut map: HashMap<Box<str>, usize> = known.collect();
                map.insert(key.as_ref().into(), at);
                self.by_key = Some(map);
            }
            self.rows.push(RowState::new(address, &key, order));
        }
        let row = self.rows.get_mut(at)?;
        // The spelling shown is the earliest one, whichever event came in first.
        if order < row.first {
            row.first = order;
            if row.address.as_ref() != address {
                row.address = address.into();
            }
        }
        Some(row)
    }
}

impl RowState {
    fn new(address: &str, key: &str, order: Order) -> RowState {
        RowState {
            address: address.into(),
            key: key.into(),
            received: None,
            received_last: None,
            processed: None,
            recalled: None,
            end: None,
            replaced: None,
            quarantine: None,
            failure: None,
            waiting: None,
            held: None,
            spam_verdict: None,
            attempts: None,
            deferrals: 0,
            hop: None,
            unlisted: false,
            first: order,
            last: order,
            targets: Vec::new(),
            parents: Vec::new(),
        }
    }

    /// Puts an event that names this recipient into its slots.
    fn absorb(&mut self, order: Order, index: u32, number: u32, event: &Event, status: &str) {
        self.last = self.last.max(order);
        self.attempts = self.attempts.max(event.detail.attempts);
        if event.event_id == EventId::Defer && event.detail.attempts.is_some() {
            self.deferrals = self.deferrals.saturating_add(1);
        }
        if matches!(event.event_id, EventId::Receive | EventId::Dsn) {
            earliest(&mut self.received, order);
            self.received_last = self.received_last.max(Some(order));
        }
        let tried = match event.event_id {
            EventId::Send | EventId::SendExternal => true,
            // The server of an attempt that came to nothing is that of the next hop too.
            EventId::Defer | EventId::Fail => event.detail.remote_host.is_some(),
            _ => false,
        };
        if let Some(ip) = event.server_ip.filter(|_| tried)
            && self.hop.is_none_or(|(known, _)| known < order)
        {
            self.hop = Some((order, ip));
        }
        if processes(event) {
            earliest(&mut self.processed, order);
        }
        let Some(what) = what(event, status) else { return };
        let mark = Mark { order, event: index, recipient: number, what };
        match what {
            What::Recalled => latest(&mut self.recalled, mark),
            What::Delivered | What::DuplicateDelivered | What::HandedOutside => {
                // The end nearest the mailbox decides, and of equal ones the first.
                let better =
                    self.end.is_none_or(|end| (nearness(what), order) < (nearness(end.what), end.order));
                if better {
                    self.end = Some(mark);
                }
            }
            What::Quarantined => latest(&mut self.quarantine, mark),
            What::Released => {
                latest(&mut self.quarantine, mark);
                latest(&mut self.waiting, Mark { what: What::Waiting(SubStatus::Released), ..mark });
            }
            What::Failed(_) => latest(&mut self.failure, mark),
            What::Waiting(_) | What::HandedUnread => {
                latest(&mut self.waiting, mark);
                if !matches!(what, What::Waiting(SubStatus::NotSeenThereYet) | What::HandedUnread) {
                    latest(&mut self.held, mark);
                }
            }
            What::SpamVerdict | What::SpamToQuarantine => latest(&mut self.spam_verdict, mark),
            What::Replaced(_) => {}
        }
    }
}

fn nearness(what: What) -> u8 {
    match what {
        What::Delivered => 0,
        What::DuplicateDelivered => 1,
        _ => 2,
    }
}

fn earliest(slot: &mut Option<Order>, order: Order) {
    if slot.is_none_or(|old| order < old) {
        *slot = Some(order);
    }
}

fn latest(slot: &mut Option<Mark>, mark: Mark) {
    if slot.is_none_or(|old| mark.order > old.order) {
        *slot = Some(mark);
    }
}

/// Adds a link by key, in the order of the events. Members come in order, so the usual case is an append;
/// one named twice is dropped when the row is shown, not here, where large groups would have to be searched.
fn link(links: &mut Vec<(Order, u32, Box<str>)>, order: Order, number: u32, key: &str) {
    let at = links.partition_point(|(other, place, _)| (*other, *place) <= (order, number));
    links.insert(at, (order, number, key.into()));
}

/// Events about shadow copies and submission never make rows.
fn makes_rows(id: EventId) -> bool {
    !matches!(
        id,
        EventId::HaDiscard
            | EventId::HaReceive
            | EventId::HaRedirect
            | EventId::HaRedirectFail
            | EventId::NotifyMapi
            | EventId::NotifyShadow
            | EventId::Load
            | EventId::ClientSubmission
            | EventId::Refused
    )
}

/// Order of the hops, for events with the same time.
fn rank(id: EventId) -> u8 {
    match id {
        EventId::NotifyMapi | EventId::ClientSubmission | EventId::HaRedirect | EventId::HaRedirectFail => 0,
        EventId::Receive | EventId::Dsn | EventId::Submit | EventId::HaReceive | EventId::Load => 1,
        EventId::AgentInfo | EventId::Process | EventId::ProcessMeetingMessage | EventId::Resubmit => 2,
        EventId::Resolve
        | EventId::Redirect
        | EventId::Expand
        | EventId::DuplicateExpand
        | EventId::DuplicateRedirect
        | EventId::InitMessageCreated
        | EventId::Quarantine => 3,
        EventId::Transfer | EventId::ModeratorApprove | EventId::Release => 4,
        EventId::Queued | EventId::PoisonMessage => 5,
        EventId::Defer
        | EventId::SubmitDefer
        | EventId::Throttle
        | EventId::Suppressed
        | EventId::DeliverFail
        | EventId::Send => 6,
        _ => 7,
    }
}

/// Whether the event shows that the categorizer has finished with its recipients.
fn processes(event: &Event) -> bool {
    match event.event_id {
        EventId::Resolve
        | EventId::Redirect
        | EventId::Expand
        | EventId::DuplicateExpand
        | EventId::DuplicateRedirect
        | EventId::Transfer
        | EventId::Queued
        | EventId::Send
        | EventId::SendExternal
        | EventId::Deliver
        | EventId::DuplicateDeliver
        | EventId::DeliverFail
        | EventId::Fail
        | EventId::Drop
        | EventId::BadMail
        | EventId::Quarantine
        | EventId::Release
        | EventId::ModeratorReject
        | EventId::ModerationExpire
        | EventId::ModeratorsAllNdr => true,
        EventId::Defer => !matches!(event.source, Source::Routing | Source::Resolver | Source::Agent),
        _ => false,
    }
}

/// What the event says of a recipient, by its status text where that matters.
fn what(event: &Event, status: &str) -> Option<What> {
    Some(match event.event_id {
        EventId::Deliver => What::Delivered,
        EventId::DuplicateDeliver => What::DuplicateDelivered,
        EventId::SendExternal | EventId::Send => hand_on(event),
        EventId::Quarantine => What::Quarantined,
        EventId::Release => What::Released,
        EventId::Recall if recall_succeeded(status) => What::Recalled,
        EventId::Fail
        | EventId::Drop
        | EventId::BadMail
        | EventId::SubmitFail
        | EventId::ModeratorReject
        | EventId::ModerationExpire
        | EventId::ModeratorsAllNdr => What::Failed(failure(event, status)),
        EventId::Queued => What::Waiting(SubStatus::Queued),
        EventId::Defer | EventId::SubmitDefer => What::Waiting(SubStatus::Deferred),
        EventId::Throttle => What::Waiting(SubStatus::Throttled),
        EventId::Suppressed => What::Waiting(SubStatus::Suppressed),
        EventId::PoisonMessage => What::Waiting(SubStatus::Poison),
        EventId::InitMessageCreated => What::Waiting(SubStatus::WaitingForModerator),
        EventId::ModeratorApprove => What::Waiting(SubStatus::Approved),
        EventId::AgentInfo => return spam_verdict(event),
        _ => return None,
    })
}

/// Precedence rule 2: a hand-on by SMTP is an end only where nobody nearer the mailbox is known.
fn hand_on(event: &Event) -> What {
    if event.detail.domain == Some(DomainKind::Authoritative) {
        return match event.detail.next_hop {
            Some(NextHop::Internal) => What::Waiting(SubStatus::InTransit),
            _ if intra_organization(event) => What::Waiting(SubStatus::InTransit),
            Some(NextHop::Place(_)) => What::Waiting(SubStatus::NotSeenThereYet),
            _ => What::HandedUnread,
        };
    }
    match &event.detail.next_hop {
        Some(NextHop::Place(_)) => What::Waiting(SubStatus::NotSeenThereYet),
        Some(NextHop::Internal) => What::Waiting(SubStatus::InTransit),
        Some(NextHop::Outside) => What::HandedOutside,
        None if event.event_id == EventId::Send && intra_organization(event) => {
            What::Waiting(SubStatus::InTransit)
        }
        None => What::HandedOutside,
    }
}

/// The connector name Exchange writes on hops between its own servers.
fn intra_organization(event: &Event) -> bool {
    event.connector_id.as_deref().is_some_and(|id| id.to_ascii_lowercase().contains("intra-organization"))
}

fn recall_succeeded(status: &str) -> bool {
    let status = status.trim_start();
    !(status.starts_with('4') || status.starts_with('5') || status.to_ascii_lowercase().starts_with("fail"))
}

fn failure(event: &Event, status: &str) -> Failure {
    match event.detail.reason {
        Some(Reason::Spam) => return Failure::Spam,
        None if event.source == Source::Agent => return Failure::AgentUnexplained,
        _ => {}
    }
    let expired = status.contains(" 4.4.7") || status.to_ascii_lowercase().contains("queue.expired");
    Failure::Other(match event.event_id {
        EventId::Drop => SubStatus::DroppedSilently,
        EventId::ModeratorReject | EventId::ModerationExpire | EventId::ModeratorsAllNdr => {
            SubStatus::Moderation
        }
        _ if event.source == Source::Admin => SubStatus::RemovedByAdministrator,
        _ if event.detail.reason == Some(Reason::RemovedByAdministrator) => SubStatus::RemovedByAdministrator,
        _ if event.detail.reason == Some(Reason::QueueExpired) => SubStatus::Expired,
        _ if event.detail.reason.is_none() && expired => SubStatus::Expired,
        _ => SubStatus::Rejected,
    })
}

/// What the spam filter's note says, where it holds the message to be spam.
fn spam_verdict(event: &Event) -> Option<What> {
    let note = agent_notes::spam(event).filter(|note| note.is_spam())?;
    // This server's own quarantine has an event of its own.
    let is_held = note.is_to_quarantine() && event.detail.place.is_some();
    Some(if is_held { What::SpamToQuarantine } else { What::SpamVerdict })
}
