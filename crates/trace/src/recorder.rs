//! The recorder: the only writer of events into a spool batch, with one function per final status.
//!
//! May touch: the clock, and the batch it is handed; the stage commits.
//! A function that ends a recipient adds the event and removes the entry together, so that neither can be
//! forgotten. Facts that never change stand on RECEIVE alone; the trace fills them in for later events.

use std::net::IpAddr;
use std::sync::Arc;

use events::{Detail, DomainKind, Event, EventId, EventRecipient, MessageFacts, NextHop, Reason, Source};
use jiff::Timestamp;
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use spool::{Batch, EntryNo, MessageNo};
use world::Clock;

/// Which message an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Its number in the spool: the InternalMessageId.
    pub no: MessageNo,
    /// Its network message id.
    pub network_message_id: NetworkMessageId,
    /// The time of its RECEIVE: picks the day file. Must be the same on every event of the message.
    pub received: Timestamp,
}

/// A recipient that reaches its end, and the entry that ends with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The entry to remove.
    pub entry: EntryNo,
    /// The address.
    pub recipient: String,
    /// recipient-status: `250 2.1.5 …`, `550 5.1.10 …`; may be empty.
    pub status: String,
}

/// What RECEIVE says of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Who received it: SMTP, STOREDRIVER, MAILBOXRULE, AGENT, …
    pub source: Source,
    /// The recipients accepted, with `To` or nothing as status.
    pub recipients: Vec<EventRecipient>,
    /// Message-ID header.
    pub message_id: Option<MessageId>,
    /// Subject, sender, size and the rest that never changes.
    pub facts: MessageFacts,
    /// The peer.
    pub client_ip: Option<IpAddr>,
    /// The name the peer gave.
    pub client_hostname: Option<String>,
    /// Our address of the connection.
    pub server_ip: Option<IpAddr>,
    /// Receive connector.
    pub connector_id: Option<String>,
    /// `<session id>;<time>;<n>`.
    pub source_context: Option<String>,
    /// The parent's Message-ID or internal id, for rule forwards and journal reports.
    pub reference: Vec<String>,
    /// TLS version and cipher.
    pub tls: Option<String>,
    /// More pairs for custom-data.
    pub custom_data: Vec<(String, String)>,
}

/// A delivery into a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// The folder.
    pub folder: Option<String>,
    /// The item made.
    pub item_id: Option<i64>,
    /// When the mailbox stored it, if that was before now (a delivery applied again after a crash).
    pub at: Option<Timestamp>,
    /// More pairs for custom-data.
    pub custom_data: Vec<(String, String)>,
}

/// A hand-on by SMTP.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HandOn {
    /// Where the next hop is.
    pub next_hop: Option<NextHop>,
    /// Whose the recipients' domain is.
    pub domain: Option<DomainKind>,
    /// The reply to the message, verbatim.
    pub remote_reply: Option<String>,
    /// The host.
    pub remote_host: Option<String>,
    /// Its address.
    pub remote_ip: Option<IpAddr>,
    /// Its own id of the message.
    pub remote_queue_id: Option<String>,
    /// Send connector.
    pub connector_id: Option<String>,
    /// TLS version and cipher.
    pub tls: Option<String>,
    /// `<session>;<remote reply>;…`.
    pub source_context: Option<String>,
    /// The queue it came from.
    pub queue: Option<String>,
    /// Attempts made, this one included.
    pub attempts: Option<u32>,
}

/// Why a recipient failed, or waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Which component found it: ROUTING, SMTP, DNS, QUEUE, STOREDRIVER, AGENT, ADMIN.
    pub source: Source,
    /// The cause as data.
    pub reason: Option<Reason>,
    /// The remote server's reply, verbatim.
    pub remote_reply: Option<String>,
    /// The remote server.
    pub remote_host: Option<String>,
    /// Its address.
    pub remote_ip: Option<IpAddr>,
    /// Connector of the attempt.
    pub connector_id: Option<String>,
    /// More of the cause: session id, the agent's or the administrator's name.
    pub source_context: Option<String>,
    /// FAIL: the Message-ID of the report it causes.
    pub reference: Vec<String>,
    /// The queue.
    pub queue: Option<String>,
    /// Attempts made.
    pub attempts: Option<u32>,
}

impl Cause {
    /// A cause with nothing remote to it.
    pub fn new(source: Source, reason: Option<Reason>) -> Cause {
        Cause {
            source,
            reason,
            remote_reply: None,
            remote_host: None,
            remote_ip: None,
            connector_id: None,
            source_context: None,
            reference: Vec::new(),
            queue: None,
            attempts: None,
        }
    }
}

/// A delivery put off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferral {
    /// Why.
    pub cause: Cause,
    /// When it is tried again.
    pub next_retry: Option<Timestamp>,
    /// When the message expires.
    pub expires: Option<Timestamp>,
}

/// Writes events into batches. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder {
    clock: Clock,
    server: Arc<str>,
}

impl Recorder {
    /// `server` is this server's name, server-hostname of its own events.
    pub fn new(clock: Clock, server: &str) -> Recorder {
        Recorder { clock, server: server.into() }
    }

    // --- The final statuses: one function each. Each adds the event and removes the entries. ---

    /// DELIVER: stored in a mailbox.
    pub fn delivered(&self, batch: &mut Batch, about: &About, ended: &[Ended], delivery: Delivery) {
        let event = self.delivery(EventId::Deliver, about, delivery);
        end(batch, about, event, ended);
    }

    /// DUPLICATEDELIVER: the mailbox already had it; the second copy was dropped.
    pub fn duplicate_delivered(&self, batch: &mut Batch, about: &About, ended: &[Ended], delivery: Delivery) {
        let event = self.delivery(EventId::DuplicateDeliver, about, delivery);
        end(batch, about, event, ended);
    }

    /// SENDEXTERNAL: accepted by a host outside the organization.
    pub fn sent_external(&self, batch: &mut Batch, about: &About, ended: &[Ended], hand_on: HandOn) {
        let next_hop = hand_on.next_hop.clone().or(Some(NextHop::Outside));
        let event = self.hand_on(EventId::SendExternal, about, HandOn { next_hop, ..hand_on });
        end(batch, about, event, ended);
    }

    /// SEND: accepted by a host of the organization. Ends our entries, but not the recipients' way.
    pub fn sent_internal(&self, batch: &mut Batch, about: &About, ended: &[Ended], hand_on: HandOn) {
        let next_hop = hand_on.next_hop.clone().or(Some(NextHop::Internal));
        let event = self.hand_on(EventId::Send, about, HandOn { next_hop, ..hand_on });
        close(batch, about, event, ended, false);
    }

    /// FAIL: not delivered, for good.
    pub fn failed(&self, batch: &mut Batch, about: &About, ended: &[Ended], cause: Cause) {
        let event = self.caused(EventId::Fail, about, cause);
        end(batch, about, event, ended);
    }

    /// DROP: gone without a report.
    pub fn dropped(&self, batch: &mut Batch, about: &About, ended: &[Ended], cause: Cause) {
        let event = self.caused(EventId::Drop, about, cause);
        end(batch, about, event, ended);
    }

    // --- What happens on the way. ---

    /// RECEIVE: the message is ours. `about.received` is its time.
    pub fn received(&self, batch: &mut Batch, about: &About, received: Received) {
        let event = self.entered(EventId::Receive, about, received);
        add(batch, &event);
    }

    /// DSN: a report was made; the event belongs to the report, `reference` names the message reported on.
    pub fn report_made(&self, batch: &mut Batch, about: &About, report: Received) {
        let event = self.entered(EventId::Dsn, about, report);
        add(batch, &event);
    }

    /// RESOLVE: the address was changed to the recipient's primary one.
    pub fn resolved(&self, batch: &mut Batch, about: &About, from: &str, to: &str) {
        self.replaced(batch, about, EventId::Resolve, from, Vec::from([plain(to)]));
    }

    /// REDIRECT: the recipient is replaced by, or copied to, its forwarding addresses.
    pub fn redirected(&self, batch: &mut Batch, about: &About, from: &str, to: &[&str]) {
        self.replaced(
            batch,
            about,
            EventId::Redirect,
            from,
            to.iter().map(|address| plain(address)).collect(),
        );
    }

    /// DUPLICATEREDIRECT: forwarding met a recipient the message already had.
    pub fn duplicate_redirected(&self, batch: &mut Batch, about: &About, from: &str, to: &str) {
        self.replaced(batch, about, EventId::DuplicateRedirect, from, Vec::from([plain(to)]));
    }

    /// EXPAND: a group was expanded; `members` is the snapshot, empty for an empty group.
    pub fn expanded(&self, batch: &mut Batch, about: &About, group: &str, members: Vec<EventRecipient>) {
        self.replaced(batch, about, EventId::Expand, group, members);
    }

    /// DUPLICATEEXPAND: expansion met recipients the message already had.
    pub fn duplicate_expanded(&self, batch: &mut Batch, about: &About, group: &str, members: &[&str]) {
        let members = members.iter().map(|address| plain(address)).collect();
        self.replaced(batch, about, EventId::DuplicateExpand, group, members);
    }

    /// TRANSFER: recipients moved to a forked copy; `about` is the fork, `from` the message it was forked from.
    pub fn transferred(
        &self,
        batch: &mut Batch,
        about: &About,
        recipients: Vec<EventRecipient>,
        from: MessageNo,
    ) {
        let mut event = self.event(EventId::Transfer, Source::Routing, about);
        event.recipients = recipients;
        event.reference = Vec::from([from.0.to_string()]);
        add(batch, &event);
    }

    /// QUEUED: the recipients were given a queue.
    pub fn queued(
        &self,
        batch: &mut Batch,
        about: &About,
        recipients: Vec<EventRecipient>,
        queue: &str,
        expires: Option<Timestamp>,
    ) {
        let mut event = self.event(EventId::Queued, Source::Queue, about);
        event.recipients = recipients;
        event.detail = Detail { queue: Some(queue.to_owned()), expires, ..Detail::default() };
        add(batch, &event);
    }

    /// DEFER: delivery was put off; the entries stay.
    pub fn deferred(
        &self,
        batch: &mut Batch,
        about: &About,
        recipients: Vec<EventRecipient>,
        deferral: Deferral,
    ) {
        let mut event = self.caused(EventId::Defer, about, deferral.cause);
        event.recipients = recipients;
        event.detail.next_retry = deferral.next_retry;
        event.detail.expires = deferral.expires;
        add(batch, &event);
    }

    /// DELIVERFAIL: the mailbox did not take it this way; another attempt follows at once.
    pub fn delivery_failed(
        &self,
        batch: &mut Batch,
        about: &About,
        recipients: Vec<EventRecipient>,
        cause: Cause,
    ) {
        let mut event = self.caused(EventId::DeliverFail, about, cause);
        event.recipients = recipients;
        add(batch, &event);
    }

    /// RESUBMIT: recipients that waited in a queue go through the categorizer again. `source` says who wanted it,
    /// `context` why. Changes no status: they waited, and still do.
    pub fn resubmitted(
        &self,
        batch: &mut Batch,
        about: &About,
        recipients: Vec<EventRecipient>,
        source: Source,
        context: &str,
    ) {
        let mut event = self.event(EventId::Resubmit, source, about);
        event.recipients = recipients;
        event.source_context = Some(context.to_owned());
        add(batch, &event);
    }

    /// AGENTINFO: an agent's note, as custom-data pairs such as `S:TRA`.
    pub fn agent_info(
        &self,
        batch: &mut Batch,
        about: &About,
        recipients: Vec<EventRecipient>,
        agent: &str,
        custom_data: Vec<(String, String)>,
    ) {
        let mut event = self.event(EventId::AgentInfo, Source::Agent, about);
        event.recipients = recipients;
        event.source_context = Some(agent.to_owned());
        event.custom_data = custom_data;
        add(batch, &event);
    }

    /// POISONMESSAGE: put into the poison queue, or taken out of it, as `context` says.
    pub fn poison(&self, batch: &mut Batch, about: &About, recipients: Vec<EventRecipient>, context: &str) {
        let mut event = self.event(EventId::PoisonMessage, Source::PoisonMessage, about);
        event.recipients = recipients;
        event.source_context = Some(context.to_owned());
        event.detail.reason = Some(Reason::Poison);
        add(batch, &event);
    }

    fn event(&self, id: EventId, source: Source, about: &About) -> Event {
        let mut event = Event::new(self.clock.now(), id, source, about.network_message_id);
        event.received = about.received;
        event.internal_message_id = Some(InternalMessageId(about.no.0));
        event
    }

    fn entered(&self, id: EventId, about: &About, received: Received) -> Event {
        let mut event = self.event(id, received.source, about);
        event.at = about.received;
        event.recipients = received.recipients;
        event.message_id = received.message_id;
        event.message = Some(received.facts);
        event.client_ip = received.client_ip;
        event.client_hostname = received.client_hostname;
        event.server_ip = received.server_ip;
        event.server_hostname = Some(self.server.to_string());
        event.connector_id = received.connector_id;
        event.source_context = received.source_context;
        event.reference = received.reference;
        event.custom_data = received.custom_data;
        event.detail.tls = received.tls;
        event
    }

    fn replaced(&self, batch: &mut Batch, about: &About, id: EventId, from: &str, to: Vec<EventRecipient>) {
        let mut event = self.event(id, Source::Routing, about);
        event.related_recipient_address = Some(from.to_owned());
        event.recipients = to;
        add(batch, &event);
    }

    fn delivery(&self, id: EventId, about: &About, delivery: Delivery) -> Event {
        let mut event = self.event(id, Source::StoreDriver, about);
        if let Some(at) = delivery.at {
            event.at = at;
        }
        event.custom_data = delivery.custom_data;
        event.detail.folder = delivery.folder;
        event.detail.item_id = delivery.item_id;
        event
    }

    fn hand_on(&self, id: EventId, about: &About, hand_on: HandOn) -> Event {
        let mut event = self.event(id, Source::Smtp, about);
        event.server_ip = hand_on.remote_ip;
        event.server_hostname.clone_from(&hand_on.remote_host);
        event.connector_id = hand_on.connector_id;
        event.source_context = hand_on.source_context;
        event.detail = Detail {
            next_hop: hand_on.next_hop,
            domain: hand_on.domain,
            remote_reply: hand_on.remote_reply,
            remote_host: hand_on.remote_host,
            remote_queue_id: hand_on.remote_queue_id,
            tls: hand_on.tls,
            queue: hand_on.queue,
            attempts: hand_on.attempts,
            ..Detail::default()
        };
        event
    }

    fn caused(&self, id: EventId, about: &About, cause: Cause) -> Event {
        let mut event = self.event(id, cause.source, about);
        event.server_ip = cause.remote_ip;
        event.server_hostname.clone_from(&cause.remote_host);
        event.connector_id = cause.connector_id;
        event.source_context = cause.source_context;
        event.reference = cause.reference;
        event.detail = Detail {
            reason: cause.reason,
            remote_reply: cause.remote_reply,
            remote_host: cause.remote_host,
            queue: cause.queue,
            attempts: cause.attempts,
            ..Detail::default()
        };
        event
    }
}

/// An address without a status.
fn plain(address: &str) -> EventRecipient {
    EventRecipient { address: address.to_owned(), status: String::new() }
}

fn add(batch: &mut Batch, event: &Event) {
    batch.event(event.event_id.code(), false, None, events::encode(event));
}

fn end(batch: &mut Batch, about: &About, event: Event, ended: &[Ended]) {
    close(batch, about, event, ended, true);
}

fn close(batch: &mut Batch, about: &About, mut event: Event, ended: &[Ended], is_final: bool) {
    event.recipients = ended
        .iter()
        .map(|end| EventRecipient { address: end.recipient.clone(), status: end.status.clone() })
        .collect();
    let first = ended.first().map(|end| (about.no, end.entry));
    batch.event(event.event_id.code(), is_final, first, events::encode(&event));
    for end in ended {
        batch.remove_entry(about.no, end.entry);
    }
}
