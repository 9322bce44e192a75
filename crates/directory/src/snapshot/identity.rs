//! Finds the one object an administrator means by `-Identity`.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use mail::Address;
use uuid::Uuid;

use super::Snapshot;
use crate::DirectoryError;
use crate::accepted_domain::AcceptedDomain;
use crate::administrator::Administrator;
use crate::certificate::Certificate;
use crate::name::fold;
use crate::object::{Few, Object, ObjectKind};
use crate::receive_connector::ReceiveConnector;
use crate::recipient::Recipient;
use crate::remote_domain::RemoteDomain;
use crate::role_group::RoleGroup;
use crate::send_connector::SendConnector;
use crate::trace_query::{MessageTraceAlert, MessageTraceQuery};

impl Snapshot {
    /// The recipient meant by a GUID, alias, name, user principal name, address (with or without `smtp:`) or display
    /// name. Several different matches are an error that names them; a display name counts only if nothing else fits.
    pub fn resolve_recipient(&self, identity: &str) -> Result<Arc<Recipient>, DirectoryError> {
        let matches = self.matching_recipients(identity);
        match matches.as_slice() {
            [one] => Ok(Arc::clone(one)),
            [] => {
                Err(DirectoryError::NotFound { kind: ObjectKind::Recipient, identity: identity.to_owned() })
            }
            several => Err(DirectoryError::Ambiguous {
                identity: identity.to_owned(),
                matches: several
                    .iter()
                    .map(|found| format!("{} <{}>", found.name, found.primary_smtp_address))
                    .collect(),
            }),
        }
    }

    fn matching_recipients(&self, identity: &str) -> Vec<Arc<Recipient>> {
        let mut found: Vec<Uuid> = Vec::new();
        if let Ok(guid) = Uuid::try_parse(identity) {
            found.push(guid);
        }
        let folded = fold(identity);
        found.extend(self.by_alias.get(folded.as_str()));
        found.extend(self.by_name.get(folded.as_str()));
        found.extend(self.by_principal_name.get(folded.as_str()));
        found.extend(self.by_address.get(folded.as_str()));
        let bare = match identity.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("smtp") => rest,
            _ => identity,
        };
        if let Ok(address) = Address::parse(bare) {
            found.extend(self.by_address.get(address.key()));
        }
        let mut matches = self.distinct(&found);
        if matches.is_empty() {
            matches = self.distinct(self.by_display_name.get(folded.as_str()).map_or(&[], Vec::as_slice));
        }
        matches
    }

    fn distinct(&self, guids: &[Uuid]) -> Vec<Arc<Recipient>> {
        let mut matches: Vec<Arc<Recipient>> =
            guids.iter().filter_map(|guid| self.recipients.get(guid).cloned()).collect();
        matches.sort_by(|one, other| (&one.name, one.guid).cmp(&(&other.name, other.guid)));
        matches.dedup_by_key(|found| found.guid);
        matches
    }

    /// A removed mailbox meant by a GUID, name, alias or one of its former addresses.
    pub fn resolve_soft_deleted(&self, identity: &str) -> Result<Arc<Recipient>, DirectoryError> {
        let folded = fold(identity);
        let guid = Uuid::try_parse(identity).ok();
        let mut matches: Vec<&Arc<Recipient>> = self
            .soft_deleted
            .values()
            .filter(|mailbox| {
                Some(mailbox.guid) == guid
                    || fold(&mailbox.name) == folded
                    || fold(&mailbox.alias) == folded
                    || mailbox.addresses().any(|address| address.key() == folded)
            })
            .collect();
        matches.sort_by_key(|mailbox| mailbox.when_soft_deleted);
        match matches.as_slice() {
            [one] => Ok(Arc::clone(one)),
            [] => {
                Err(DirectoryError::NotFound { kind: ObjectKind::Recipient, identity: identity.to_owned() })
            }
            several => Err(DirectoryError::Ambiguous {
                identity: identity.to_owned(),
                matches: several
                    .iter()
                    .map(|found| {
                        format!("{} (removed {:.0})", found.guid, found.when_soft_deleted.unwrap_or_default())
                    })
                    .collect(),
            }),
        }
    }

    /// The accepted domain meant by a GUID, name or domain.
    pub fn resolve_accepted_domain(&self, identity: &str) -> Result<Arc<AcceptedDomain>, DirectoryError> {
        let folded = fold(identity);
        resolve(&self.accepted_domains, identity, |domain| domain.domain_name.to_string() == folded)
    }

    /// The remote domain meant by a GUID, name or domain.
    pub fn resolve_remote_domain(&self, identity: &str) -> Result<Arc<RemoteDomain>, DirectoryError> {
        let folded = fold(identity);
        resolve(&self.remote_domains, identity, |domain| domain.domain_name.to_string() == folded)
    }

    /// The Receive connector meant by a GUID, name or `Server\name`.
    pub fn resolve_receive_connector(&self, identity: &str) -> Result<Arc<ReceiveConnector>, DirectoryError> {
        resolve(&self.receive_connectors, self.without_server(identity), |_| false)
    }

    /// The Send connector meant by a GUID or name.
    pub fn resolve_send_connector(&self, identity: &str) -> Result<Arc<SendConnector>, DirectoryError> {
        resolve(&self.send_connectors, identity, |_| false)
    }

    /// The certificate meant by a GUID, thumbprint or `<I>issuer<S>subject`.
    pub fn resolve_certificate(&self, identity: &str) -> Result<Arc<Certificate>, DirectoryError> {
        resolve(&self.certificates, identity, |certificate| certificate.is_named(identity))
    }

    /// The administrator meant by a GUID or user name.
    pub fn resolve_administrator(&self, identity: &str) -> Result<Arc<Administrator>, DirectoryError> {
        resolve(&self.administrators, identity, |_| false)
    }

    /// The saved search meant by a GUID or name.
    pub fn resolve_message_trace_query(
        &self,
        identity: &str,
    ) -> Result<Arc<MessageTraceQuery>, DirectoryError> {
        resolve(&self.message_trace_queries, identity, |_| false)
    }

    /// The alert meant by a GUID or name.
    pub fn resolve_message_trace_alert(
        &self,
        identity: &str,
    ) -> Result<Arc<MessageTraceAlert>, DirectoryError> {
        resolve(&self.message_trace_alerts, identity, |_| false)
    }

    /// The role group meant by a GUID or name.
    pub fn resolve_role_group(&self, identity: &str) -> Result<Arc<RoleGroup>, DirectoryError> {
        resolve(&self.role_groups, identity, |_| false)
    }

    /// The person meant: a user without a mailbox by user name or GUID, else a recipient as
    /// [`Snapshot::resolve_recipient`] reads it. Both is an error that names them.
    pub fn resolve_person(&self, identity: &str) -> Result<Uuid, DirectoryError> {
        match (self.resolve_administrator(identity), self.resolve_recipient(identity)) {
            (Ok(user), Err(_)) => Ok(user.guid),
            (Err(_), Ok(recipient)) => Ok(recipient.guid),
            (Ok(user), Ok(recipient)) => Err(DirectoryError::Ambiguous {
                identity: identity.to_owned(),
                matches: vec![
                    format!("{} (user without a mailbox, {})", user.user_name, user.guid),
                    format!("{} <{}>", recipient.name, recipient.primary_smtp_address),
                ],
            }),
            (Err(_), Err(error @ DirectoryError::Ambiguous { .. })) => Err(error),
            (Err(error), Err(_)) => Err(error),
        }
    }

    fn without_server<'a>(&self, identity: &'a str) -> &'a str {
        match identity.split_once('\\') {
            Some((server, name)) if server.eq_ignore_ascii_case(&self.organization.server_name) => name,
            _ => identity,
        }
    }
}

/// By GUID, else by unique name, else by what `also` says.
fn resolve<T: Object>(
    few: &Few<T>,
    identity: &str,
    also: impl Fn(&T) -> bool,
) -> Result<Arc<T>, DirectoryError> {
    let guid = Uuid::try_parse(identity).ok();
    let folded = fold(identity);
    let by_guid = guid.and_then(|guid| few.get(&guid));
    let by_name = || few.values().find(|object| fold(&object.name()) == folded);
    let by_other = || few.values().find(|object| also(object));
    by_guid
        .or_else(by_name)
        .or_else(by_other)
        .cloned()
        .ok_or_else(|| DirectoryError::NotFound { kind: T::KIND, identity: identity.to_owned() })
}
