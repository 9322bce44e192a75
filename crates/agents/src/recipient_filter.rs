//! Refuses at RCPT what is known to fail later, for senders outside: no backscatter.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §3.3 (550 for a recipient), §6.2 (refuse rather than report); RFC 3463 §3.2, §3.8.
//!
//! Each recipient is refused alone; the message goes on to the others. Signed-in users and sessions that count as
//! internal are let through: they get a report, which helps them more.

use directory::{
    AcceptedDomainType, Lookup, Recipient, RecipientClass, RecipientKind, Sender, SenderAction, SenderReason,
};
use events::Reason;
use mail::ReversePath;
use mail::codes;
use smtp::{EnhancedCode, Reply};

use crate::action::{Action, Rejection};
use crate::agent::Agent;
use crate::context::Context;
use crate::point::Point;

const fn refused(subject: u16, detail: u16, text: &'static str) -> Reply {
    Reply::fixed(550, Some(EnhancedCode::new(5, subject, detail)), text)
}

/// Nobody has the address.
const RECIPIENT_NOT_FOUND: Reply =
    refused(1, 10, "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup");
/// RequireSenderAuthenticationEnabled, by kind of recipient.
const AUTHENTICATION_GROUP: Reply = refused(7, 133, codes::AUTH_REQUIRED_GROUP.text);
const AUTHENTICATION_MAILBOX: Reply = refused(7, 134, codes::AUTH_REQUIRED_MAILBOX.text);
const AUTHENTICATION_PUBLIC_FOLDER: Reply = refused(
    7,
    135,
    "RESOLVER.RST.SenderNotAuthenticatedForPublicFolder; authentication required; Delivery restriction check failed \
     because the sender was not authenticated when sending to this public folder",
);
const AUTHENTICATION_MAIL_USER: Reply = refused(7, 136, codes::AUTH_REQUIRED_MAIL_USER.text);
/// Kept out by a list, by kind of recipient.
const NOT_ALLOWED_GROUP: Reply =
    refused(7, 124, "RESOLVER.RST.NotAuthorized; not authorized; Sender not in allowed-senders list");
const NOT_ALLOWED: Reply = refused(7, 1, "RESOLVER.RST.NotAuthorized; not authorized");

/// The Recipient Filter Agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecipientFilter;

impl Agent for RecipientFilter {
    fn name(&self) -> &'static str {
        "Recipient Filter Agent"
    }

    fn points(&self) -> &'static [Point] {
        &[Point::RcptToCommand]
    }

    fn on(&self, _: Point, context: &Context<'_>) -> Vec<Action> {
        check(context).map(Action::Reject).into_iter().collect()
    }
}

fn check(context: &Context<'_>) -> Option<Rejection> {
    let address = context.recipient?;
    if context.session.is_internal() {
        return None;
    }
    match context.directory.lookup(address) {
        // Recipient Lookup turned off: accepted, and reported later.
        Lookup::Unknown(domain)
            if domain.domain_type == AcceptedDomainType::Authoritative && domain.address_book_enabled =>
        {
            Some(Rejection {
                reply: RECIPIENT_NOT_FOUND,
                reason: Reason::RecipientNotFound,
                detail: format!("no recipient has the address {address}"),
            })
        }
        Lookup::Unknown(_) | Lookup::Outside => None,
        Lookup::Recipient(recipient) => check_restrictions(context, &recipient),
    }
}

fn check_restrictions(context: &Context<'_>, recipient: &Recipient) -> Option<Rejection> {
    let sender = match &context.envelope.reverse_path {
        Some(ReversePath::Address(address)) => context.directory.recipient_by_address(address),
        Some(ReversePath::Null) | None => None,
    };
    // An outside session is never the system, whatever address it writes in MAIL FROM.
    let sender = Sender { recipient: sender.map(|found| found.guid), authenticated: false, system: false };
    let decision = context.directory.check_sender(recipient, sender);
    if decision.action == SenderAction::Accept {
        return None;
    }
    let (reply, reason) = refusal(recipient.kind, decision.reason);
    let detail = match decision.reason {
        SenderReason::AuthenticationRequired => "RequireSenderAuthenticationEnabled",
        SenderReason::OnRejectList => "RejectMessagesFrom",
        _ => "AcceptMessagesOnlyFrom",
    };
    Some(Rejection { reply, reason, detail: format!("{detail} of {}", recipient.name) })
}

fn refusal(kind: RecipientKind, reason: SenderReason) -> (Reply, Reason) {
    // A Microsoft 365 group holds a mailbox and is a group to those who write to it.
    let is_group = kind == RecipientKind::GroupMailbox
        || matches!(kind.class(), RecipientClass::Group | RecipientClass::DynamicGroup);
    if reason != SenderReason::AuthenticationRequired {
        return (if is_group { NOT_ALLOWED_GROUP } else { NOT_ALLOWED }, Reason::SenderNotAllowed);
    }
    if is_group {
        return (AUTHENTICATION_GROUP, Reason::AuthRequiredGroup);
    }
    let reply = match kind.class() {
        RecipientClass::External => AUTHENTICATION_MAIL_USER,
        RecipientClass::PublicFolder => AUTHENTICATION_PUBLIC_FOLDER,
        _ => AUTHENTICATION_MAILBOX,
    };
    (reply, Reason::AuthRequiredRecipient)
}

#[cfg(test)]
mod tests;
