//! Keeps the snapshot's indexes in step with its recipients and accepted domains.
//!
//! May touch: nothing (pure).

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::{DomainEntries, Snapshot};
use crate::domain_pattern::DomainPattern;
use crate::name::fold;
use crate::recipient::Recipient;

/// The keys under which a recipient's addresses are unique. Proxies of other kinds have their prefix before a colon,
/// which no SMTP key has outside quotes.
pub(crate) fn address_keys(recipient: &Recipient) -> impl Iterator<Item = Arc<str>> + '_ {
    recipient
        .addresses()
        .map(|address| Arc::from(address.key()))
        .chain(recipient.other_addresses.iter().map(|other| Arc::from(fold(other))))
}

impl Snapshot {
    /// Puts a recipient in, or replaces the one with its GUID, with every index entry. Uniqueness was checked before;
    /// a key that is taken all the same is returned.
    pub(crate) fn put_recipient(&mut self, recipient: Arc<Recipient>) -> Option<Arc<str>> {
        self.take_recipient(recipient.guid);
        if recipient.is_soft_deleted() {
            self.soft_deleted.insert(recipient.guid, recipient);
            return None;
        }
        let guid = recipient.guid;
        let mut taken = None;
        for key in address_keys(&recipient) {
            if self.by_address.insert(Arc::clone(&key), guid).is_some() {
                taken = Some(key);
            }
        }
        for (index, key) in
            [(&mut self.by_name, fold(&recipient.name)), (&mut self.by_alias, fold(&recipient.alias))]
        {
            let key: Arc<str> = Arc::from(key);
            if index.insert(Arc::clone(&key), guid).is_some() {
                taken = Some(key);
            }
        }
        if let Some(account) = &recipient.account {
            let key: Arc<str> = Arc::from(fold(&account.user_principal_name));
            if self.by_principal_name.insert(Arc::clone(&key), guid).is_some() {
                taken = Some(key);
            }
        }
        let display: Arc<str> = Arc::from(fold(&recipient.display_name));
        let mut same_name = self.by_display_name.get(&display).cloned().unwrap_or_default();
        same_name.push(guid);
        self.by_display_name.insert(display, same_name);
        for member in &recipient.members {
            let mut groups = self.groups_of.get(member).cloned().unwrap_or_default();
            groups.push(guid);
            self.groups_of.insert(*member, groups);
        }
        self.note_system_recipient(&recipient);
        self.recipients.insert(guid, recipient);
        taken
    }

    /// Takes a recipient out with every index entry.
    pub(crate) fn take_recipient(&mut self, guid: Uuid) -> Option<Arc<Recipient>> {
        if let Some(kept) = self.soft_deleted.remove(&guid) {
            return Some(kept);
        }
        let old = self.recipients.remove(&guid)?;
        for key in address_keys(&old) {
            self.by_address.remove(&key);
        }
        self.by_name.remove(fold(&old.name).as_str());
        self.by_alias.remove(fold(&old.alias).as_str());
        if let Some(account) = &old.account {
            self.by_principal_name.remove(fold(&account.user_principal_name).as_str());
        }
        let display: Arc<str> = Arc::from(fold(&old.display_name));
        remove_from(&mut self.by_display_name, display, guid);
        for member in &old.members {
            remove_from(&mut self.groups_of, *member, guid);
        }
        if self.system_recipient == Some(guid) {
            self.system_recipient = None;
        }
        Some(old)
    }

    /// Builds the index of accepted domains anew.
    pub(crate) fn index_domains(&mut self) {
        let mut by_domain: HashMap<String, DomainEntries> = HashMap::new();
        for domain in self.accepted_domains.values() {
            let entries = by_domain.entry(domain.domain().to_owned()).or_default();
            if matches!(domain.domain_name, DomainPattern::Exact(_)) {
                entries.exact = Some(Arc::clone(domain));
            }
            if domain.covers_subdomains() {
                // An explicit `*.x` beats MatchSubDomains of `x`.
                let explicit = matches!(domain.domain_name, DomainPattern::WithSubdomains(_));
                if explicit || entries.with_subdomains.is_none() {
                    entries.with_subdomains = Some(Arc::clone(domain));
                }
            }
        }
        self.by_domain = Arc::new(by_domain);
    }
}

fn remove_from<K: std::hash::Hash + Eq + Clone>(
    table: &mut crate::table::Table<K, Vec<Uuid>>,
    key: K,
    gone: Uuid,
) {
    let Some(mut list) = table.get(&key).cloned() else { return };
    list.retain(|guid| *guid != gone);
    if list.is_empty() {
        table.remove(&key);
    } else {
        table.insert(key, list);
    }
}
