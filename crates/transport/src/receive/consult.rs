//! Asks the agents at the points of an SMTP session and turns what they want into decisions of the session.
//!
//! May touch: agents, clock, directory snapshot.

use std::borrow::Cow;

use agents::{Action, Context, Envelope, Point, Session};
use directory::Snapshot;
use events::Reason;
use mail::Address;

use super::policy::{Peer, Refused};
use super::transaction::Transaction;
use crate::Shared;
use crate::agent_notes::{Component, Notes, add_spent};
use crate::envelope::Entry;

/// What agents made of a message.
pub(crate) struct Consulted<'a> {
    /// The message with their header edits.
    pub(crate) message: Cow<'a, [u8]>,
    /// What the agents noted, and the time they took.
    pub(crate) notes: Notes,
}

impl Shared {
    /// OnConnect, OnMailCommand, OnRcptToCommand, OnDataCommand: whether an agent refuses.
    pub(crate) fn consult(
        &self,
        point: Point,
        snapshot: &Snapshot,
        peer: &Peer,
        transaction: Option<&Transaction>,
        recipient: Option<&Address>,
    ) -> Result<(), Refused> {
        if !self.agents.has_agents(point) {
            return Ok(());
        }
        let session = session(peer);
        let envelope = transaction.map(envelope).unwrap_or_default();
        let mut context = Context::new(&session, &envelope, snapshot);
        if let Some(recipient) = recipient {
            context = context.with_recipient(recipient);
        }
        let dispatch = self.agents.dispatch(point, &context, &self.world.clock);
        match dispatch.rejection() {
            Some((_, rejection)) => Err(Refused::new(rejection.reason, rejection.reply.clone())),
            None => Ok(()),
        }
    }

    /// OnEndOfHeaders, then OnEndOfData: header edits, further recipients, refusals.
    pub(crate) fn consult_message<'a>(
        &self,
        snapshot: &Snapshot,
        peer: &Peer,
        transaction: &mut Transaction,
        message: &'a [u8],
    ) -> Result<Consulted<'a>, Refused> {
        let session = session(peer);
        let mut consulted = Consulted { message: Cow::Borrowed(message), notes: Notes::new() };
        let mut spent = Vec::new();
        for point in [Point::EndOfHeaders, Point::EndOfData] {
            if !self.agents.has_agents(point) {
                continue;
            }
            let envelope = envelope(transaction);
            let dispatch = {
                let message = &consulted.message;
                let header = mail::header::HeaderBlock::scan(message).bytes();
                let context = Context::new(&session, &envelope, snapshot).with_header(header);
                let context = if point == Point::EndOfData { context.with_message(message) } else { context };
                self.agents.dispatch(point, &context, &self.world.clock)
            };
            spent.extend(dispatch.spent);
            for wanted in dispatch.wanted {
                perform(transaction, &mut consulted, wanted.agent, wanted.action)?;
            }
        }
        add_spent(&mut consulted.notes, Component::Reception, &spent);
        Ok(consulted)
    }
}

fn perform(
    transaction: &mut Transaction,
    consulted: &mut Consulted<'_>,
    agent: &'static str,
    action: Action,
) -> Result<(), Refused> {
    match action {
        Action::Reject(rejection) => Err(Refused::new(rejection.reason, rejection.reply)),
        Action::Edit(edit) => {
            if let Cow::Owned(edited) = edit.apply(&consulted.message) {
                consulted.message = Cow::Owned(edited);
            }
            Ok(())
        }
        Action::AddRecipient(address) => {
            transaction.add(address, smtp::command::RcptParams::default());
            Ok(())
        }
        Action::Redirect(targets) => {
            let notify = transaction.entries.first().map(|entry| entry.notify);
            if let Some(notify) = notify {
                transaction.entries =
                    targets.into_iter().map(|to| Entry::submitted(to, None, notify)).collect();
            }
            Ok(())
        }
        Action::Note(pairs) => {
            consulted.notes.push((agent, pairs));
            Ok(())
        }
        // Before the 250 nothing has been taken over: what an agent wants to vanish is refused instead, and a new
        // message has nothing yet to refer to.
        Action::Drop { reason, .. } => Err(vanish(reason)),
        Action::Submit(_) => {
            tracing::warn!(agent, "a new message can be submitted from the Routing points only");
            Ok(())
        }
    }
}

fn vanish(reason: Reason) -> Refused {
    let reply = smtp::Reply::fixed(
        550,
        Some(smtp::EnhancedCode::new(5, 7, 1)),
        "Delivery not authorized, message refused",
    );
    Refused::new(reason, reply)
}

/// Who is at the other end, as agents are told.
pub(crate) fn session(peer: &Peer) -> Session {
    Session {
        client_ip: Some(peer.ip),
        client_hostname: None,
        principal: peer.user.as_ref().map(|user| user.guid),
        permissions: peer.permissions(),
        connector: peer.connector.name.clone(),
        tls: peer.tls.is_some(),
    }
}

fn envelope(transaction: &Transaction) -> Envelope {
    Envelope {
        network_message_id: Some(transaction.id),
        reverse_path: Some(transaction.from.clone()),
        recipients: transaction.recipients(),
        size: transaction.params.size,
    }
}
