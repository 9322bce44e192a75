//! Who may open a mailbox, send as it, send on behalf of it, and write to it.
//!
//! May touch: nothing (pure).
//! Decisions only; they are enforced where mail is submitted and where recipients are resolved.

use std::collections::HashSet;

use uuid::Uuid;

use crate::recipient::{Recipient, RecipientClass, RecipientKind};
use crate::snapshot::Snapshot;

/// Most groups one recipient is looked up in, nested ones included: a bound on a walk over loops and deep nesting.
pub const GROUPS_OF_ONE_MAX: usize = 10_000;

/// Which groups a membership walk goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// Security groups only: what counts for permissions.
    SecurityGroups,
    /// Every group: what counts for accept and reject lists.
    AllGroups,
}

/// By which right somebody may send from an address of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendRight {
    /// It is their own address.
    Own,
    /// Send As: `From` is the mailbox, nothing shows the delegate.
    SendAs,
    /// Send on Behalf: `From` is the mailbox, `Sender` the delegate.
    OnBehalf,
    /// None.
    Refused(SendRefusal),
}

/// Why somebody may not send from an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendRefusal {
    /// Neither Send As nor Send on Behalf was granted.
    NotGranted,
    /// The recipient is hidden from address lists, and then nobody else sends as it.
    Hidden,
    /// There is no such recipient or user.
    Unknown,
}

/// Who sends, as far as a recipient's restrictions care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender {
    /// The recipient the sender's address belongs to, if any. An unauthenticated sender counts as that recipient only
    /// where it is a contact or another person outside, because inside addresses are easily forged.
    pub recipient: Option<Uuid>,
    /// Whether the session was authenticated or counts as internal.
    pub authenticated: bool,
    /// Whether it is the system itself ([`Snapshot::is_system_sender`]).
    pub system: bool,
}

/// What a recipient's restrictions say to a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SenderDecision {
    /// Whether the mail goes on.
    pub action: SenderAction,
    /// Why.
    pub reason: SenderReason,
}

/// Whether the mail goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SenderAction {
    /// It does.
    Accept,
    /// It does not.
    Refuse,
}

/// Why a sender may or may not write to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SenderReason {
    /// No restriction applies.
    Unrestricted,
    /// The system's own mail passes every restriction.
    System,
    /// The accept list names the sender, or a group of the sender.
    OnAcceptList,
    /// RequireSenderAuthenticationEnabled, and the sender is outside (5.7.1; 5.7.133, .134, .136 by kind).
    AuthenticationRequired,
    /// The reject list names the sender, or a group of the sender; it wins over the accept list.
    OnRejectList,
    /// There is an accept list and the sender is not on it (5.7.124 for groups).
    NotOnAcceptList,
}

impl Snapshot {
    /// Every group the recipient is in, directly or through others; loops end.
    pub fn groups_of(&self, recipient: Uuid, through: Through) -> HashSet<Uuid> {
        let mut found = HashSet::new();
        let mut pending = vec![recipient];
        while let Some(next) = pending.pop() {
            for group in self.groups_of.get(&next).map_or(&[][..], Vec::as_slice) {
                let counts = through == Through::AllGroups
                    || self
                        .recipient(*group)
                        .is_some_and(|group| group.kind == RecipientKind::MailUniversalSecurityGroup);
                if counts && found.len() < GROUPS_OF_ONE_MAX && found.insert(*group) {
                    pending.push(*group);
                }
            }
        }
        found
    }

    /// By which right `principal` may send from an address of `target`; Send As wins over Send on Behalf.
    pub fn send_right(&self, principal: Uuid, target: Uuid) -> SendRight {
        let (Some(_), Some(target)) = (self.recipient(principal), self.recipient(target)) else {
            return SendRight::Refused(SendRefusal::Unknown);
        };
        if principal == target.guid {
            return SendRight::Own;
        }
        if target.send_as.is_empty() && target.grant_send_on_behalf_to.is_empty() {
            return SendRight::Refused(SendRefusal::NotGranted);
        }
        let groups = self.groups_of(principal, Through::SecurityGroups);
        let right = if names(&target.send_as, principal, &groups) {
            SendRight::SendAs
        } else if names(&target.grant_send_on_behalf_to, principal, &groups) {
            SendRight::OnBehalf
        } else {
            return SendRight::Refused(SendRefusal::NotGranted);
        };
        if target.hidden_from_address_lists_enabled {
            return SendRight::Refused(SendRefusal::Hidden);
        }
        right
    }

    /// Whether `principal` may send as `target`: it is the same, or Send As was granted.
    pub fn may_send_as(&self, principal: Uuid, target: Uuid) -> bool {
        matches!(self.send_right(principal, target), SendRight::Own | SendRight::SendAs)
    }

    /// Whether `principal` may send on behalf of `target` (who may send as it need not).
    pub fn may_send_on_behalf(&self, principal: Uuid, target: Uuid) -> bool {
        self.send_right(principal, target) == SendRight::OnBehalf
    }

    /// Whether `principal` may open the whole mailbox: its owner, or by Full Access.
    pub fn has_full_access(&self, principal: Uuid, mailbox: Uuid) -> bool {
        let (Some(user), Some(mailbox)) = (self.recipient(principal), self.recipient(mailbox)) else {
            return false;
        };
        if !mailbox.kind.is_mailbox() {
            return false;
        }
        if user.guid == mailbox.guid {
            return true;
        }
        if mailbox.full_access.is_empty() || mailbox.hidden_from_address_lists_enabled {
            return false;
        }
        let groups = self.groups_of(principal, Through::SecurityGroups);
        mailbox.full_access.iter().any(|grant| grant.user == principal || groups.contains(&grant.user))
    }

    /// What the recipient's own restrictions say to the sender. Every recipient on the way is asked: the group as
    /// well as its member.
    pub fn check_sender(&self, recipient: &Recipient, sender: Sender) -> SenderDecision {
        let accept = |reason| SenderDecision { action: SenderAction::Accept, reason };
        let refuse = |reason| SenderDecision { action: SenderAction::Refuse, reason };
        if sender.system {
            return accept(SenderReason::System);
        }
        if recipient.require_sender_authentication_enabled && !sender.authenticated {
            return refuse(SenderReason::AuthenticationRequired);
        }
        let accepts = (&recipient.accept_messages_only_from, &recipient.accept_messages_only_from_dl_members);
        let rejects = (&recipient.reject_messages_from, &recipient.reject_messages_from_dl_members);
        let has_accept_list = !(accepts.0.is_empty() && accepts.1.is_empty());
        if !has_accept_list && rejects.0.is_empty() && rejects.1.is_empty() {
            return accept(SenderReason::Unrestricted);
        }
        let who = sender.recipient.filter(|guid| sender.authenticated || self.is_outside_person(*guid));
        if let Some(who) = who {
            // Pass 1 individual senders, pass 2 groups; reject wins within each and over accept.
            let groups = if rejects.1.is_empty() && accepts.1.is_empty() {
                HashSet::new()
            } else {
                self.groups_of(who, Through::AllGroups)
            };
            if rejects.0.contains(&who) || rejects.1.iter().any(|group| groups.contains(group)) {
                return refuse(SenderReason::OnRejectList);
            }
            if accepts.0.contains(&who) || accepts.1.iter().any(|group| groups.contains(group)) {
                return accept(SenderReason::OnAcceptList);
            }
        }
        if has_accept_list {
            return refuse(SenderReason::NotOnAcceptList);
        }
        accept(SenderReason::Unrestricted)
    }

    fn is_outside_person(&self, guid: Uuid) -> bool {
        self.recipient(guid).is_some_and(|found| found.kind.class() == RecipientClass::External)
    }
}

fn names(list: &[Uuid], principal: Uuid, groups: &HashSet<Uuid>) -> bool {
    list.iter().any(|guid| *guid == principal || groups.contains(guid))
}
