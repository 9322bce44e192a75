//! The whole directory in memory at one moment, with the indexes that answer every RCPT.
//!
//! May touch: nothing (pure).
//! A snapshot never changes: a change makes a new one that shares what stayed the same.

mod identity;
mod index;

pub(crate) use index::address_keys;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;

use mail::Address;
use uuid::Uuid;

use crate::accepted_domain::AcceptedDomain;
use crate::administrator::Administrator;
use crate::certificate::Certificate;
use crate::domain_pattern::key_of;
use crate::name::fold;
use crate::object::Few;
use crate::receive_connector::ReceiveConnector;
use crate::recipient::{PasswordHash, Recipient, RecipientKind};
use crate::remote_domain::RemoteDomain;
use crate::role_group::RoleGroup;
use crate::send_connector::SendConnector;
use crate::table::Table;
use crate::trace_query::{MessageTraceAlert, MessageTraceQuery};
use crate::transport::{Organization, TransportConfig, TransportService};

/// Local addresses the server's listeners really have, by connector; they replace the stored Bindings.
pub type BoundAddresses = HashMap<Uuid, Vec<SocketAddr>>;

/// What an address is to this organization.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// One of our recipients, by primary address or proxy. May be a contact in a domain outside.
    Recipient(Arc<Recipient>),
    /// Nobody, but the domain is one we accept mail for.
    Unknown(Arc<AcceptedDomain>),
    /// Nobody, in a domain that is not ours.
    Outside,
}

/// The directory at one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub(crate) change: u64,
    pub(crate) recipients: Table<Uuid, Arc<Recipient>>,
    pub(crate) soft_deleted: Table<Uuid, Arc<Recipient>>,
    pub(crate) by_address: Table<Arc<str>, Uuid>,
    pub(crate) by_name: Table<Arc<str>, Uuid>,
    pub(crate) by_alias: Table<Arc<str>, Uuid>,
    pub(crate) by_principal_name: Table<Arc<str>, Uuid>,
    pub(crate) by_display_name: Table<Arc<str>, Vec<Uuid>>,
    /// The groups that list the key as a member.
    pub(crate) groups_of: Table<Uuid, Vec<Uuid>>,
    pub(crate) system_recipient: Option<Uuid>,
    pub(crate) accepted_domains: Few<AcceptedDomain>,
    /// By name without wildcard; at most one exact entry and one that covers subdomains each.
    pub(crate) by_domain: Arc<HashMap<String, DomainEntries>>,
    pub(crate) remote_domains: Few<RemoteDomain>,
    pub(crate) receive_connectors: Few<ReceiveConnector>,
    pub(crate) send_connectors: Few<SendConnector>,
    pub(crate) certificates: Few<Certificate>,
    pub(crate) administrators: Few<Administrator>,
    pub(crate) message_trace_queries: Few<MessageTraceQuery>,
    pub(crate) message_trace_alerts: Few<MessageTraceAlert>,
    pub(crate) role_groups: Few<RoleGroup>,
    pub(crate) transport_config: Arc<TransportConfig>,
    pub(crate) transport_service: Arc<TransportService>,
    pub(crate) organization: Arc<Organization>,
    pub(crate) bound: Arc<BoundAddresses>,
}

/// The accepted domains of one name: `x` itself and `*.x`.
#[derive(Debug, Clone, Default)]
pub(crate) struct DomainEntries {
    pub(crate) exact: Option<Arc<AcceptedDomain>>,
    pub(crate) with_subdomains: Option<Arc<AcceptedDomain>>,
}

impl Snapshot {
    /// The number of the change that made this snapshot; rises with each.
    pub fn change_number(&self) -> u64 {
        self.change
    }

    /// What the address is to this organization: asked at every RCPT.
    pub fn lookup(&self, address: &Address) -> Lookup {
        if let Some(recipient) = self.recipient_by_address(address) {
            return Lookup::Recipient(Arc::clone(recipient));
        }
        match self.accepted_domain(address.domain_key()) {
            Some(domain) => Lookup::Unknown(Arc::clone(domain)),
            None => Lookup::Outside,
        }
    }

    /// The recipient with this primary address or proxy.
    pub fn recipient_by_address(&self, address: &Address) -> Option<&Arc<Recipient>> {
        self.recipients.get(self.by_address.get(address.key())?)
    }

    /// The recipient with this GUID, if it was not removed.
    pub fn recipient(&self, guid: Uuid) -> Option<&Arc<Recipient>> {
        self.recipients.get(&guid)
    }

    /// The recipient whose account has this user principal name.
    pub fn recipient_by_principal_name(&self, user_principal_name: &str) -> Option<&Arc<Recipient>> {
        self.recipients.get(self.by_principal_name.get(fold(user_principal_name).as_str())?)
    }

    /// Every recipient that was not removed, in no order.
    pub fn recipients(&self) -> impl Iterator<Item = &Arc<Recipient>> {
        self.recipients.values()
    }

    /// The number of recipients.
    pub fn recipient_count(&self) -> usize {
        self.recipients.len()
    }

    /// Removed mailboxes that are still kept, in no order.
    pub fn soft_deleted(&self) -> impl Iterator<Item = &Arc<Recipient>> {
        self.soft_deleted.values()
    }

    /// A removed mailbox that is still kept.
    pub fn soft_deleted_mailbox(&self, guid: Uuid) -> Option<&Arc<Recipient>> {
        self.soft_deleted.get(&guid)
    }

    /// Removed mailboxes whose time is over at `now`: delete their files, then purge them.
    pub fn due_for_purge(&self, now: jiff::Timestamp) -> Vec<Arc<Recipient>> {
        let kept = jiff::SignedDuration::from_hours(24 * crate::recipient::MAILBOX_RETENTION_DAYS);
        let is_due = |mailbox: &&Arc<Recipient>| {
            mailbox.when_soft_deleted.is_some_and(|removed| now.duration_since(removed) >= kept)
        };
        let mut due: Vec<_> = self.soft_deleted.values().filter(is_due).cloned().collect();
        due.sort_by_key(|mailbox| (mailbox.when_soft_deleted, mailbox.guid));
        due
    }

    /// The Microsoft Exchange recipient: sender of the system's own mail to people inside.
    pub fn system_recipient(&self) -> Option<&Arc<Recipient>> {
        self.recipients.get(&self.system_recipient?)
    }

    /// The accepted domain the domain falls into; the closest entry wins.
    pub fn accepted_domain(&self, domain: &str) -> Option<&Arc<AcceptedDomain>> {
        let domain = key_of(domain);
        if let Some(entries) = self.by_domain.get(&*domain)
            && let Some(found) = entries.exact.as_ref().or(entries.with_subdomains.as_ref())
        {
            return Some(found);
        }
        let mut rest = &*domain;
        while let Some((_, parent)) = rest.split_once('.') {
            if let Some(found) =
                self.by_domain.get(parent).and_then(|entries| entries.with_subdomains.as_ref())
            {
                return Some(found);
            }
            rest = parent;
        }
        None
    }

    /// Every accepted domain.
    pub fn accepted_domains(&self) -> impl Iterator<Item = &Arc<AcceptedDomain>> {
        self.accepted_domains.values()
    }

    /// The default accepted domain; there is one in every seeded directory.
    pub fn default_domain(&self) -> Option<&Arc<AcceptedDomain>> {
        self.accepted_domains.values().find(|domain| domain.default)
    }

    /// The remote domain for a domain outside; the closest entry wins, `*` is last.
    pub fn remote_domain(&self, domain: &str) -> Option<&Arc<RemoteDomain>> {
        let domain = key_of(domain);
        let ranked = self
            .remote_domains
            .values()
            .filter_map(|entry| entry.domain_name.closeness(&domain).map(|closeness| (closeness, entry)));
        ranked.max_by_key(|(closeness, _)| *closeness).map(|(_, entry)| entry)
    }

    /// Every remote domain.
    pub fn remote_domains(&self) -> impl Iterator<Item = &Arc<RemoteDomain>> {
        self.remote_domains.values()
    }

    /// Every Receive connector.
    pub fn receive_connectors(&self) -> impl Iterator<Item = &Arc<ReceiveConnector>> {
        self.receive_connectors.values()
    }

    /// Every Send connector.
    pub fn send_connectors(&self) -> impl Iterator<Item = &Arc<SendConnector>> {
        self.send_connectors.values()
    }

    /// Every certificate.
    pub fn certificates(&self) -> impl Iterator<Item = &Arc<Certificate>> {
        self.certificates.values()
    }

    /// Every administrator.
    pub fn administrators(&self) -> impl Iterator<Item = &Arc<Administrator>> {
        self.administrators.values()
    }

    /// The administrator with this user name, compared without case.
    pub fn administrator(&self, user_name: &str) -> Option<&Arc<Administrator>> {
        let wanted = fold(user_name);
        self.administrators.values().find(|administrator| fold(&administrator.user_name) == wanted)
    }

    /// Every saved search of the message trace.
    pub fn message_trace_queries(&self) -> impl Iterator<Item = &Arc<MessageTraceQuery>> {
        self.message_trace_queries.values()
    }

    /// Every alert on a search.
    pub fn message_trace_alerts(&self) -> impl Iterator<Item = &Arc<MessageTraceAlert>> {
        self.message_trace_alerts.values()
    }

    /// Every role group.
    pub fn role_groups(&self) -> impl Iterator<Item = &Arc<RoleGroup>> {
        self.role_groups.values()
    }

    /// The role groups somebody is a member of.
    pub fn role_groups_of(&self, person: Uuid) -> impl Iterator<Item = &Arc<RoleGroup>> {
        self.role_groups.values().filter(move |group| group.members.contains(&person))
    }

    /// Whether somebody exists, has a password and is enabled.
    pub fn may_sign_in(&self, person: Uuid) -> bool {
        if let Some(administrator) = self.administrators.get(&person) {
            return administrator.enabled;
        }
        let account = self.recipient(person).and_then(|recipient| recipient.account.as_ref());
        account.is_some_and(|account| account.enabled && account.password_hash.is_some())
    }

    /// The hash of the password somebody signs in with; `None` for whoever may not sign in.
    pub fn password_hash(&self, person: Uuid) -> Option<&PasswordHash> {
        if !self.may_sign_in(person) {
            return None;
        }
        if let Some(administrator) = self.administrators.get(&person) {
            return Some(&administrator.password_hash);
        }
        self.recipient(person)?.account.as_ref()?.password_hash.as_ref()
    }

    /// Limits and report settings of the organization.
    pub fn transport_config(&self) -> &Arc<TransportConfig> {
        &self.transport_config
    }

    /// Timers and limits of this server.
    pub fn transport_service(&self) -> &Arc<TransportService> {
        &self.transport_service
    }

    /// The organization and this server's name.
    pub fn organization(&self) -> &Arc<Organization> {
        &self.organization
    }

    /// Whether the organization was made (`init`).
    pub fn is_seeded(&self) -> bool {
        !self.organization.organization_guid.is_nil()
    }

    /// The sender of reports to people outside: ExternalPostmasterAddress, else postmaster@ the default domain.
    pub fn external_postmaster(&self) -> Option<Address> {
        if let Some(address) = &self.transport_config.external_postmaster_address {
            return Some(address.clone());
        }
        Address::parse(&format!("postmaster@{}", self.default_domain()?.domain())).ok()
    }

    /// Whether the address is one the system itself writes from: the Microsoft Exchange recipient or the external
    /// postmaster. Mail from these passes every accept and reject list.
    pub fn is_system_sender(&self, address: &Address) -> bool {
        self.system_recipient().is_some_and(|system| system.addresses().any(|own| own == address))
            || self.external_postmaster().is_some_and(|postmaster| postmaster == *address)
    }

    pub(crate) fn note_system_recipient(&mut self, recipient: &Recipient) {
        if recipient.kind == RecipientKind::MicrosoftExchange {
            self.system_recipient = Some(recipient.guid);
        }
    }
}

/// A map of few objects as the snapshot holds it, with one put in or replaced.
pub(crate) fn with<T>(few: &Few<T>, guid: Uuid, object: Arc<T>) -> Few<T> {
    let mut map: BTreeMap<Uuid, Arc<T>> = BTreeMap::clone(few);
    map.insert(guid, object);
    Arc::new(map)
}

/// The same with one taken out.
pub(crate) fn without<T>(few: &Few<T>, guid: Uuid) -> Few<T> {
    let mut map: BTreeMap<Uuid, Arc<T>> = BTreeMap::clone(few);
    map.remove(&guid);
    Arc::new(map)
}
