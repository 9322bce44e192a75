//! Changes accepted domains and remote domains.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use mail::Address;
use uuid::Uuid;

use super::recipients::domain_fits;
use super::{Draft, existing, unique};
use crate::DirectoryError;
use crate::accepted_domain::{AcceptedDomain, AcceptedDomainType};
use crate::domain_pattern::DomainPattern;
use crate::recipient::{Recipient, RecipientClass};
use crate::remote_domain::RemoteDomain;
use crate::snapshot::{with, without};

/// Most accepted domains, and most remote domains.
pub const DOMAINS_MAX: usize = 10_000;

impl Draft {
    /// Adds or replaces an accepted domain. If it is marked as the default, the one that was is no longer.
    pub fn put_accepted_domain(
        &mut self,
        domain: AcceptedDomain,
    ) -> Result<Arc<AcceptedDomain>, DirectoryError> {
        domain.check()?;
        let few = &self.next.accepted_domains;
        unique(few, domain.guid, "Name", &domain.name, |other| other.name.clone())?;
        let pattern = domain.domain_name.to_string();
        unique(few, domain.guid, "DomainName", &pattern, |other| other.domain_name.to_string())?;
        let old = few.get(&domain.guid).cloned();
        if old.is_none() && few.len() >= DOMAINS_MAX {
            return Err(DirectoryError::refused(format!(
                "There are {DOMAINS_MAX} accepted domains, the most there can be."
            )));
        }
        if old.as_ref().is_some_and(|old| old.default) && !domain.default {
            return Err(DirectoryError::refused(format!(
                "\"{}\" is the default domain; make another domain the default instead.",
                domain.name
            )));
        }
        if domain.default {
            self.demote_others(domain.guid);
        }
        let domain = Arc::new(domain);
        self.touch::<AcceptedDomain>(domain.guid);
        self.next.accepted_domains = with(&self.next.accepted_domains, domain.guid, Arc::clone(&domain));
        self.next.index_domains();
        let narrower = old.as_ref().is_some_and(|old| {
            old.domain_name != domain.domain_name || old.match_sub_domains != domain.match_sub_domains
        });
        if narrower || domain.domain_type == AcceptedDomainType::ExternalRelay {
            self.check_recipients_have_domains()?;
        }
        if domain.default {
            self.move_system_recipient(&domain)?;
        }
        Ok(domain)
    }

    /// Makes an accepted domain the default one.
    pub fn make_default_domain(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        let mut domain = AcceptedDomain::clone(&*existing(&self.next.accepted_domains, guid)?);
        domain.default = true;
        self.put_accepted_domain(domain).map(|_| ())
    }

    /// Removes an accepted domain that is neither the default nor in use by a primary address.
    pub fn remove_accepted_domain(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        let domain = existing(&self.next.accepted_domains, guid)?;
        if domain.default {
            return Err(DirectoryError::refused(format!(
                "\"{}\" is the default domain and cannot be removed; make another domain the default first.",
                domain.name
            )));
        }
        self.touch::<AcceptedDomain>(guid);
        self.next.accepted_domains = without(&self.next.accepted_domains, guid);
        self.next.index_domains();
        self.check_recipients_have_domains()
    }

    fn demote_others(&mut self, keep: Uuid) {
        let others: Vec<Arc<AcceptedDomain>> = self
            .next
            .accepted_domains()
            .filter(|other| other.default && other.guid != keep)
            .cloned()
            .collect();
        for other in others {
            let mut demoted = AcceptedDomain::clone(&other);
            demoted.default = false;
            self.touch::<AcceptedDomain>(other.guid);
            self.next.accepted_domains = with(&self.next.accepted_domains, other.guid, Arc::new(demoted));
        }
    }

    /// The system's own sender writes from the default domain; its old address stays as a proxy.
    fn move_system_recipient(&mut self, domain: &AcceptedDomain) -> Result<(), DirectoryError> {
        let Some(system) = self.next.system_recipient().cloned() else { return Ok(()) };
        if system.primary_smtp_address.domain_key() == domain.domain() {
            return Ok(());
        }
        let text = format!("{}@{}", system.primary_smtp_address.local(), domain.domain());
        let address = Address::parse(&text)
            .map_err(|error| DirectoryError::invalid("DomainName", format!("{text}: {error}.")))?;
        let mut moved = Recipient::clone(&system);
        moved.set_primary(address);
        self.put_recipient(moved).map(|_| ())
    }

    /// After a domain went or changed: every recipient here still has its primary address in a domain that fits.
    fn check_recipients_have_domains(&self) -> Result<(), DirectoryError> {
        let mut stranded: Vec<&Arc<Recipient>> = self
            .next
            .recipients()
            .filter(|recipient| recipient.kind.class() != RecipientClass::External)
            .filter(|recipient| domain_fits(&self.next, &recipient.primary_smtp_address).is_err())
            .collect();
        stranded.sort_by(|one, other| one.name.cmp(&other.name));
        let Some(first) = stranded.first() else { return Ok(()) };
        let more = match stranded.len() - 1 {
            0 => String::new(),
            1 => " and 1 more recipient".to_owned(),
            count => format!(" and {count} more recipients"),
        };
        Err(DirectoryError::refused(format!(
            "The primary address {} of the {} \"{}\"{more} would no longer be in an accepted domain with recipients here; give them other primary addresses first.",
            first.primary_smtp_address,
            first.kind.words(),
            first.display_name,
        )))
    }

    /// Adds or replaces a remote domain.
    pub fn put_remote_domain(&mut self, domain: RemoteDomain) -> Result<Arc<RemoteDomain>, DirectoryError> {
        domain.check()?;
        let few = &self.next.remote_domains;
        unique(few, domain.guid, "Name", &domain.name, |other| other.name.clone())?;
        let pattern = domain.domain_name.to_string();
        unique(few, domain.guid, "DomainName", &pattern, |other| other.domain_name.to_string())?;
        match few.get(&domain.guid) {
            Some(old) if old.domain_name != domain.domain_name => {
                return Err(DirectoryError::invalid(
                    "DomainName",
                    "it cannot be changed; make a new remote domain.",
                ));
            }
            None if few.len() >= DOMAINS_MAX => {
                return Err(DirectoryError::refused(format!(
                    "There are {DOMAINS_MAX} remote domains, the most there can be."
                )));
            }
            _ => {}
        }
        let domain = Arc::new(domain);
        self.touch::<RemoteDomain>(domain.guid);
        self.next.remote_domains = with(&self.next.remote_domains, domain.guid, Arc::clone(&domain));
        Ok(domain)
    }

    /// Removes a remote domain; the one for `*` stays.
    pub fn remove_remote_domain(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        let domain = existing(&self.next.remote_domains, guid)?;
        if domain.domain_name == DomainPattern::Any {
            return Err(DirectoryError::refused(format!(
                "The remote domain \"{}\" is for all domains without an entry of their own and cannot be removed; change its settings instead.",
                domain.name
            )));
        }
        self.touch::<RemoteDomain>(guid);
        self.next.remote_domains = without(&self.next.remote_domains, guid);
        Ok(())
    }
}
