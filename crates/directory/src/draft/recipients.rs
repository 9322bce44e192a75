//! Changes recipients: their uniqueness, their domains, their removal and return.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use mail::Address;
use uuid::Uuid;

use super::Draft;
use crate::DirectoryError;
use crate::accepted_domain::AcceptedDomainType;
use crate::name::fold;
use crate::object::ObjectKind;
use crate::recipient::{Recipient, RecipientClass, RecipientKind};
use crate::snapshot::Snapshot;

impl Draft {
    /// Adds a recipient, or replaces the one with its GUID.
    pub fn put_recipient(&mut self, recipient: Recipient) -> Result<Arc<Recipient>, DirectoryError> {
        if recipient.is_soft_deleted() || self.next.soft_deleted_mailbox(recipient.guid).is_some() {
            return Err(DirectoryError::refused(format!(
                "The mailbox \"{}\" was removed; restore it first.",
                recipient.name
            )));
        }
        let old = self.next.recipient(recipient.guid).cloned();
        if let Some(old) = &old {
            check_transition(old, &recipient)?;
        }
        recipient.check()?;
        self.check_unique(&recipient)?;
        self.check_domains(&recipient, old.as_deref())?;
        self.check_references(&recipient, old.as_deref())?;
        Ok(self.store_recipient(recipient))
    }

    /// Removes a recipient. A mailbox is kept for 30 days without its addresses; anything else is gone at once. Groups,
    /// grants and forwards that name it forget it.
    pub fn remove_recipient(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        let recipient = self.live_recipient(guid)?;
        if recipient.kind == RecipientKind::MicrosoftExchange {
            return Err(DirectoryError::refused(
                "The Microsoft Exchange recipient sends the system's own mail and cannot be removed.",
            ));
        }
        self.touched.push((ObjectKind::Recipient, guid));
        self.next.take_recipient(guid);
        self.forget_everywhere(guid);
        if recipient.kind.is_mailbox() {
            let mut kept = Recipient::clone(&recipient);
            kept.when_soft_deleted = Some(self.now);
            if let Some(account) = &mut kept.account {
                account.enabled = false;
            }
            self.next.put_recipient(Arc::new(kept));
        }
        Ok(())
    }

    /// Brings a removed mailbox back with its addresses; those that somebody else has by now are left out, the
    /// primary one must be free. The account comes back disabled.
    pub fn restore_mailbox(&mut self, guid: Uuid) -> Result<Arc<Recipient>, DirectoryError> {
        let Some(kept) = self.next.soft_deleted_mailbox(guid).cloned() else {
            return Err(DirectoryError::NotFound { kind: ObjectKind::Recipient, identity: guid.to_string() });
        };
        let mut back = Recipient::clone(&kept);
        back.when_soft_deleted = None;
        back.email_addresses.retain(|address| self.next.recipient_by_address(address).is_none());
        back.other_addresses.retain(|other| self.next.by_address.get(fold(other).as_str()).is_none());
        let gone: Vec<Uuid> =
            back.references().filter(|named| self.next.recipient(*named).is_none()).collect();
        for named in gone {
            back.forget(named);
        }
        back.check()?;
        self.check_unique(&back)?;
        self.check_domains(&back, None)?;
        Ok(self.store_recipient(back))
    }

    /// Forgets a removed mailbox for good. Delete its files first.
    pub fn purge_mailbox(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        if self.next.soft_deleted_mailbox(guid).is_none() {
            return Err(DirectoryError::NotFound { kind: ObjectKind::Recipient, identity: guid.to_string() });
        }
        self.touched.push((ObjectKind::Recipient, guid));
        self.next.take_recipient(guid);
        Ok(())
    }

    /// The recipient, or an error that says there is none.
    pub(super) fn live_recipient(&self, guid: Uuid) -> Result<Arc<Recipient>, DirectoryError> {
        self.next.recipient(guid).cloned().ok_or_else(|| DirectoryError::NotFound {
            kind: ObjectKind::Recipient,
            identity: guid.to_string(),
        })
    }

    pub(super) fn store_recipient(&mut self, recipient: Recipient) -> Arc<Recipient> {
        let recipient = Arc::new(recipient);
        self.touched.push((ObjectKind::Recipient, recipient.guid));
        self.next.put_recipient(Arc::clone(&recipient));
        recipient
    }

    fn forget_everywhere(&mut self, gone: Uuid) {
        let naming: Vec<Arc<Recipient>> = self
            .next
            .recipients()
            .chain(self.next.soft_deleted())
            .filter(|other| other.references().any(|named| named == gone))
            .cloned()
            .collect();
        for other in naming {
            let mut changed = Recipient::clone(&other);
            changed.forget(gone);
            self.store_recipient(changed);
        }
        self.forget_in_role_groups(gone);
    }

    fn check_unique(&self, recipient: &Recipient) -> Result<(), DirectoryError> {
        let next = &self.next;
        let other = |found: Option<&Uuid>| {
            found.filter(|guid| **guid != recipient.guid).and_then(|guid| next.recipient(*guid))
        };
        for (position, address) in recipient.addresses().enumerate() {
            let prefix = if position == 0 { "SMTP" } else { "smtp" };
            let holder = other(next.by_address.get(address.key()))
                .or_else(|| other(next.by_principal_name.get(address.key())));
            if let Some(holder) = holder {
                return Err(address_in_use(format!("{prefix}:{address}"), holder));
            }
        }
        for proxy in &recipient.other_addresses {
            if let Some(holder) = other(next.by_address.get(fold(proxy).as_str())) {
                return Err(address_in_use(proxy.clone(), holder));
            }
        }
        let mut names = vec![
            ("Name", &recipient.name, other(next.by_name.get(fold(&recipient.name).as_str()))),
            ("Alias", &recipient.alias, other(next.by_alias.get(fold(&recipient.alias).as_str()))),
        ];
        if let Some(account) = &recipient.account {
            let wanted = &account.user_principal_name;
            let key = fold(wanted);
            let holder = other(next.by_principal_name.get(key.as_str()))
                .or_else(|| other(next.by_address.get(key.as_str())));
            names.push(("UserPrincipalName", wanted, holder));
        }
        let sign_in = recipient.account.as_ref().map(|account| account.user_principal_name.as_str());
        for name in sign_in.into_iter().chain(recipient.addresses().map(Address::as_str)) {
            if let Some(user) = next.administrator(name) {
                return Err(DirectoryError::NameInUse {
                    property: "UserPrincipalName",
                    value: name.to_owned(),
                    holder_kind: ObjectKind::Administrator.words(),
                    holder: user.user_name.clone(),
                });
            }
        }
        for (property, value, holder) in names {
            if let Some(holder) = holder {
                return Err(DirectoryError::NameInUse {
                    property,
                    value: value.clone(),
                    holder_kind: holder.kind.words(),
                    holder: holder.display_name.clone(),
                });
            }
        }
        if recipient.kind == RecipientKind::MicrosoftExchange
            && next.system_recipient().is_some_and(|system| system.guid != recipient.guid)
        {
            return Err(DirectoryError::refused("There is one Microsoft Exchange recipient already."));
        }
        Ok(())
    }

    /// New addresses of recipients here must be in domains we accept mail for.
    fn check_domains(&self, recipient: &Recipient, old: Option<&Recipient>) -> Result<(), DirectoryError> {
        if recipient.kind.class() == RecipientClass::External {
            return Ok(());
        }
        let known: Vec<&Address> = match old.filter(|old| old.kind.class() == recipient.kind.class()) {
            Some(old) => old.addresses().collect(),
            None => Vec::new(),
        };
        let property = |position| if position == 0 { "PrimarySmtpAddress" } else { "EmailAddresses" };
        for (position, address) in recipient.addresses().enumerate() {
            if position > 0 && known.contains(&address) {
                continue;
            }
            if let Err(message) = domain_fits(&self.next, address) {
                return Err(DirectoryError::invalid(property(position), message));
            }
        }
        Ok(())
    }
}

/// Whether a recipient here can have the address; the error says what to do.
pub(super) fn domain_fits(snapshot: &Snapshot, address: &Address) -> Result<(), String> {
    match snapshot.accepted_domain(address.domain_key()) {
        None => Err(format!(
            "the domain of \"{address}\" is not an accepted domain; add it with New-AcceptedDomain or choose another address."
        )),
        Some(domain) if domain.domain_type == AcceptedDomainType::ExternalRelay => Err(format!(
            "\"{address}\" is in the external relay domain \"{}\", whose recipients are all elsewhere; choose another address or make the domain InternalRelay.",
            domain.domain_name
        )),
        Some(_) => Ok(()),
    }
}

fn address_in_use(address: String, holder: &Recipient) -> DirectoryError {
    DirectoryError::AddressInUse {
        address,
        holder_kind: holder.kind.words(),
        holder: holder.display_name.clone(),
    }
}

/// What may not be changed once it is so.
fn check_transition(old: &Recipient, new: &Recipient) -> Result<(), DirectoryError> {
    let (from, to) = (old.kind.class(), new.kind.class());
    let person = |kind: RecipientKind| kind.may_have_account();
    if from != to && !(person(old.kind) && person(new.kind)) {
        return Err(DirectoryError::refused(format!(
            "A {} cannot become a {}; remove it and make a new one.",
            old.kind.words(),
            new.kind.words()
        )));
    }
    if !old.managed_by.is_empty() && new.managed_by.is_empty() {
        return Err(DirectoryError::invalid(
            "ManagedBy",
            "a group keeps at least one owner; add another before removing the last.",
        ));
    }
    if old.group.hidden_group_membership_enabled && !new.group.hidden_group_membership_enabled {
        return Err(DirectoryError::invalid(
            "HiddenGroupMembershipEnabled",
            "a group whose members were hidden stays so; make a new group.",
        ));
    }
    if old.when_created != new.when_created {
        return Err(DirectoryError::invalid("WhenCreated", "it cannot be changed."));
    }
    Ok(())
}
