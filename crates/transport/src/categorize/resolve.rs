//! Resolves each recipient to a mailbox, a next hop or an end, following proxies, contacts and forwards.
//!
//! May touch: nothing (pure; works on a directory snapshot).
//! Standards: RFC 5321 §3.9.

use std::collections::HashSet;
use std::sync::Arc;

use directory::{Forwarding as Target, Recipient, RecipientClass, Sender, Snapshot};
use events::Reason;
use mail::Address;
use spool::EntryNo;

use super::limits::{self, Parties};
use super::plan::{Candidate, DuplicateBy, Fork, Plan, Step};
use crate::domain::{self, DomainClass};
use crate::envelope::{Entry, Envelope, Notify, Stage, Trust};
use crate::failure::Failure;
use crate::queue::key::QueueKey;
use crate::restriction;
use crate::route::{self, Route};

/// Members one message may be expanded to; a group that would lead beyond that fails whole with 5.5.3.
pub const EXPANDED_RECIPIENTS_MAX: usize = 100_000;
/// The same in octets of what is kept of the members: all of it goes into one commit.
pub const EXPANDED_OCTETS_MAX: usize = 24 * 1024 * 1024;
/// Addresses one recipient may be led through (groups in groups, forwards, contacts).
pub const PATH_LENGTH_MAX: usize = 64;

/// How a candidate came to be one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Via {
    /// The sender named it.
    Sender,
    /// A member of this group.
    Group(Address),
    /// Somebody's forwarding address.
    Forward(Address),
    /// The target of a contact or mail user.
    Contact,
}

/// A candidate that waits to be looked at.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) candidate: Candidate,
    pub(super) via: Via,
    pub(super) fork: Fork,
    /// Mailboxes that only forward, from the first to the last.
    pub(super) forward_only: Vec<String>,
    /// Whether its mailbox still has to forward it.
    pub(super) forwarding: Forwarding,
}

/// Whether a mailbox that keeps a copy has passed the message on already: it does so once, however often the recipient
/// is categorized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forwarding {
    /// Not yet.
    Open,
    /// Before it was queued.
    Done,
}

impl Forwarding {
    /// A mailbox that forwarded and kept a copy stands last in the path of its own entry.
    fn of(entry: &Entry) -> Self {
        let done = entry.path.last().is_some_and(|last| last == entry.recipient.as_str());
        if done { Self::Done } else { Self::Open }
    }
}

/// The work on one message.
pub(super) struct Resolver<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) envelope: &'a Envelope,
    pub(super) parties: Parties<'a>,
    pub(super) plan: Plan,
    pub(super) work: Vec<Pending>,
    seen: HashSet<String>,
    /// Members so far.
    expanded: usize,
    /// Octets that are kept of them.
    expanded_octets: usize,
}

/// Decides what becomes of every recipient of a message.
#[must_use]
pub fn plan(snapshot: &Snapshot, envelope: &Envelope, entries: &[(EntryNo, Entry)]) -> Plan {
    let sender = sender_of(snapshot, envelope);
    let parties = Parties { sender, trust: envelope.origin.trust };
    let mut resolver = Resolver {
        snapshot,
        envelope,
        parties,
        plan: Plan::default(),
        work: Vec::new(),
        seen: HashSet::new(),
        expanded: 0,
        expanded_octets: 0,
    };
    let over = limits::recipient_count(entries.len(), parties, snapshot.transport_config());
    let pending = entries.iter().map(|(no, entry)| Pending {
        forwarding: Forwarding::of(entry),
        candidate: Candidate { stored: Some(*no), entry: entry.clone() },
        via: Via::Sender,
        fork: Fork::Original,
        forward_only: Vec::new(),
    });
    match over {
        Some(failure) if !envelope.kind.is_report() => {
            pending.for_each(|pending| resolver.fail(pending, failure.clone()));
        }
        // Pushed last to first: the list of work is a stack.
        _ => resolver.work.extend(pending.rev()),
    }
    // Depth first, so that a group's members stand behind their group in the trace.
    while let Some(pending) = resolver.work.pop() {
        resolver.step(pending);
    }
    resolver.plan
}

fn sender_of<'a>(snapshot: &'a Snapshot, envelope: &Envelope) -> Option<&'a Recipient> {
    if envelope.origin.trust == Trust::Anonymous {
        return None;
    }
    let signed_in = envelope.origin.authenticated_as.and_then(|guid| snapshot.recipient(guid));
    let named = || envelope.return_path.address().and_then(|address| snapshot.recipient_by_address(address));
    signed_in.or_else(named).map(std::convert::AsRef::as_ref)
}

impl Resolver<'_> {
    fn step(&mut self, pending: Pending) {
        if pending.candidate.entry.path.len() > PATH_LENGTH_MAX {
            self.fail(pending, Failure::recipient_limit());
            return;
        }
        let snapshot = self.snapshot;
        match snapshot.recipient_by_address(&pending.candidate.entry.recipient) {
            Some(recipient) => self.step_known(pending, recipient),
            None => self.step_unknown(pending),
        }
    }

    /// Counts the members of a group in. Returns false, and counts nothing, where they are too many.
    pub(super) fn has_room_for(&mut self, parent: &Entry, members: &[Arc<Recipient>]) -> bool {
        let led_here: usize = parent.path.iter().map(String::len).sum();
        let kept = led_here.saturating_add(parent.original.address.as_str().len());
        // The address stands in the entry, in the list of members and in the events of copy and queue.
        let octets = members.iter().fold(0_usize, |sum, member| {
            let address = member.primary_smtp_address.as_str().len().saturating_mul(4);
            sum.saturating_add(kept).saturating_add(address)
        });
        let expanded = self.expanded.saturating_add(members.len());
        let octets = self.expanded_octets.saturating_add(octets);
        let fits = expanded <= EXPANDED_RECIPIENTS_MAX && octets <= EXPANDED_OCTETS_MAX;
        if fits {
            (self.expanded, self.expanded_octets) = (expanded, octets);
        }
        fits
    }

    fn step_known(&mut self, mut pending: Pending, recipient: &Recipient) {
        let primary = recipient.primary_smtp_address.clone();
        if pending.candidate.entry.recipient != primary {
            let from = std::mem::replace(&mut pending.candidate.entry.recipient, primary.clone());
            pending.candidate.entry.path.push(from.as_str().to_owned());
            self.plan.steps.push(Step::Resolve { from, to: primary.clone() });
        }
        if pending.forward_only.iter().any(|key| key == primary.key()) {
            // Everybody in the circle only forwards: nobody will ever get it.
            self.fail(pending, Failure::forwarding_loop());
            return;
        }
        if !self.first_time(&pending, &primary) {
            return;
        }
        if let Some(failure) = self.refusal(recipient) {
            self.fail(pending, failure);
            return;
        }
        match recipient.kind.class() {
            RecipientClass::Mailbox => self.mailbox(pending, recipient),
            RecipientClass::External => self.contact(pending, recipient),
            RecipientClass::Group | RecipientClass::DynamicGroup => self.expand(pending, recipient),
            RecipientClass::PublicFolder | RecipientClass::System => {
                self.fail(pending, Failure::recipient_not_found());
            }
        }
    }

    fn step_unknown(&mut self, pending: Pending) {
        let address = pending.candidate.entry.recipient.clone();
        if !self.first_time(&pending, &address) {
            return;
        }
        if domain::class_of(self.snapshot, address.domain_key()) == DomainClass::Authoritative {
            self.fail(pending, Failure::recipient_not_found());
            return;
        }
        if let Via::Forward(_) = pending.via {
            let remote = self.snapshot.remote_domain(address.domain());
            let outside = domain::class_of(self.snapshot, address.domain_key()) == DomainClass::Outside;
            if outside && !remote.is_some_and(|remote| remote.auto_forward_enabled) {
                let candidate = Box::new(pending.candidate);
                self.plan.steps.push(Step::Drop { candidate, reason: Reason::AutoForwardBlocked });
                return;
            }
        }
        if let Some(failure) =
            limits::to_outside(self.envelope, self.parties, self.snapshot.transport_config())
        {
            self.fail(pending, failure);
            return;
        }
        match route::to_domain(self.snapshot, address.domain_key(), self.envelope) {
            Route::Queue(key) => self.queue(pending, key),
            Route::TooLarge => self.fail(pending, Failure::size_connector()),
        }
    }

    /// Notes the address; false, with the duplicate recorded, when the message goes there already.
    fn first_time(&mut self, pending: &Pending, address: &Address) -> bool {
        if self.seen.insert(address.key().to_owned()) {
            return true;
        }
        let recipient = address.clone();
        match pending.via.clone() {
            // Named twice by the sender: RESOLVE has said all there is to say.
            Via::Sender | Via::Contact => {}
            Via::Group(from) => {
                self.plan.steps.push(Step::Duplicate { recipient, from, by: DuplicateBy::Expansion });
            }
            Via::Forward(from) => {
                self.plan.steps.push(Step::Duplicate { recipient, from, by: DuplicateBy::Redirection });
            }
        }
        self.report_both(address, pending.candidate.entry.notify);
        self.plan.replaced.extend(pending.candidate.stored);
        false
    }

    /// Of two ways to one recipient one is left, and the reports that were asked for on either.
    fn report_both(&mut self, address: &Address, notify: Notify) {
        let same = |entry: &Entry| entry.recipient == *address;
        let queued = self.plan.steps.iter_mut().filter_map(|step| match step {
            Step::Queue { candidate, .. } => Some(&mut candidate.entry),
            _ => None,
        });
        let waiting = self.work.iter_mut().map(|pending| &mut pending.candidate.entry);
        if let Some(first) = queued.chain(waiting).find(|entry| same(entry)) {
            first.notify = first.notify.or(notify);
        }
    }

    fn refusal(&self, recipient: &Recipient) -> Option<Failure> {
        if self.envelope.kind.is_report() {
            return None;
        }
        let sender = Sender {
            recipient: self.parties.sender.map(|sender| sender.guid),
            authenticated: self.parties.trust == Trust::Internal,
            system: false,
        };
        match restriction::refusal(self.snapshot, recipient, sender) {
            Some(Reason::SenderNotAllowed) => return Some(Failure::sender_not_allowed()),
            Some(reason) => return Some(Failure::authentication_required(reason)),
            None => {}
        }
        limits::to_recipient(self.envelope, self.parties, recipient, self.snapshot.transport_config())
    }

    fn mailbox(&mut self, mut pending: Pending, mailbox: &Recipient) {
        let key = QueueKey::mailbox(&route::database(self.snapshot));
        let target = match pending.forwarding {
            Forwarding::Open => self.forwarding_target(mailbox),
            Forwarding::Done => None,
        };
        let Some(target) = target else {
            self.queue(pending, key);
            return;
        };
        let from = mailbox.primary_smtp_address.clone();
        self.plan.steps.push(Step::Redirect { from: from.clone(), to: target.clone() });
        let mut forward = pending.clone();
        forward.candidate.stored = None;
        forward.candidate.entry.recipient = target;
        forward.candidate.entry.path.push(from.as_str().to_owned());
        forward.via = Via::Forward(from.clone());
        if mailbox.deliver_to_mailbox_and_forward {
            // The sender asked about the recipient it named, and that one's own copy answers.
            forward.candidate.entry.notify = without_success(forward.candidate.entry.notify);
            forward.forward_only.clear();
            // Says to the next time this recipient is categorized that it has been forwarded; see Forwarding::of.
            pending.candidate.entry.path.push(from.as_str().to_owned());
            self.queue(pending, key);
        } else {
            forward.forward_only.push(mailbox.primary_smtp_address.key().to_owned());
            self.plan.replaced.extend(pending.candidate.stored);
        }
        self.work.push(forward);
    }

    /// Where a mailbox forwards: a recipient of ours, or any address; the recipient wins.
    fn forwarding_target(&self, mailbox: &Recipient) -> Option<Address> {
        match mailbox.forwarding()? {
            Target::Recipient(guid) => {
                self.snapshot.recipient(guid).map(|target| target.primary_smtp_address.clone())
            }
            Target::Smtp(address) => Some(address.clone()),
        }
    }

    fn contact(&mut self, mut pending: Pending, contact: &Recipient) {
        let Some(target) = contact.external_email_address.clone() else {
            self.fail(pending, Failure::recipient_not_found());
            return;
        };
        let from = contact.primary_smtp_address.clone();
        if from == target {
            // The contact's own address is the outside address: nothing is replaced.
            self.seen.remove(from.key());
            self.step_unknown(pending);
            return;
        }
        self.plan.steps.push(Step::Resolve { from: from.clone(), to: target.clone() });
        pending.candidate.entry.path.push(from.as_str().to_owned());
        pending.candidate.entry.recipient = target;
        if !matches!(pending.via, Via::Forward(_)) {
            pending.via = Via::Contact;
        }
        self.work.push(pending);
    }

    fn queue(&mut self, pending: Pending, key: QueueKey) {
        let mut candidate = pending.candidate;
        candidate.entry.stage = Stage::Queued(key.clone());
        self.plan.steps.push(Step::Queue { candidate: Box::new(candidate), key, fork: pending.fork });
    }

    pub(super) fn fail(&mut self, pending: Pending, failure: Failure) {
        let Pending { candidate, fork, .. } = pending;
        self.plan.steps.push(Step::Fail { candidate: Box::new(candidate), failure, fork });
    }
}

/// The same wishes without SUCCESS.
pub(super) fn without_success(notify: Notify) -> Notify {
    if notify.success() { Notify::given(false, notify.failure(), notify.delay()) } else { notify }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::set::tests::item;
    use directory::RecipientKind;

    fn resolver<'a>(snapshot: &'a Snapshot, envelope: &'a Envelope) -> Resolver<'a> {
        Resolver {
            snapshot,
            envelope,
            parties: Parties { sender: None, trust: envelope.origin.trust },
            plan: Plan::default(),
            work: Vec::new(),
            seen: HashSet::new(),
            expanded: 0,
            expanded_octets: 0,
        }
    }

    #[test]
    fn a_group_beyond_either_bound_is_not_begun_and_leaves_room_for_a_smaller_one() {
        let (snapshot, item) = (Snapshot::default(), item(7, &[0]));
        let parent = &item.entries[0].1;
        let member = |address: &str| {
            let address = Address::parse(address).unwrap();
            let kind = RecipientKind::UserMailbox;
            Arc::new(Recipient::new(uuid::Uuid::nil(), kind, "m", "m", address, jiff::Timestamp::UNIX_EPOCH))
        };
        let (short, long) = (member("m@x.example"), member(&format!("{}@x.example", "m".repeat(60))));
        let of = |one: &Arc<Recipient>, count| vec![Arc::clone(one); count];

        let mut work = resolver(&snapshot, &item.envelope);
        assert!(work.has_room_for(parent, &of(&short, EXPANDED_RECIPIENTS_MAX - 1)));
        assert!(!work.has_room_for(parent, &of(&short, 2)));
        assert!(work.has_room_for(parent, &of(&short, 1)));

        let mut work = resolver(&snapshot, &item.envelope);
        assert!(!work.has_room_for(parent, &of(&long, EXPANDED_RECIPIENTS_MAX)), "too many octets");
        assert!(work.has_room_for(parent, &of(&long, EXPANDED_RECIPIENTS_MAX / 2)));
    }
}
