//! A change in the making: a copy of the snapshot that is edited, checked, and then becomes the next one.
//!
//! May touch: clock and chance (the time of the change, new GUIDs).
//! Every `put_…` checks its object against the others at once; `finish` checks what only the whole can satisfy.

mod connectors;
mod domains;
mod recipients;
mod references;
mod role_groups;
mod trace_queries;

pub use connectors::{CERTIFICATES_MAX, CONNECTORS_MAX};
pub use domains::DOMAINS_MAX;

use std::sync::Arc;

use jiff::Timestamp;
use mail::Address;
use uuid::Uuid;
use world::Chance;

use crate::DirectoryError;
use crate::name::fold;
use crate::object::{Few, Object, ObjectKind};
use crate::snapshot::Snapshot;
use crate::transport::{Organization, TransportConfig, TransportService};

/// Most objects one change may touch: a bound on one transaction.
pub const OBJECTS_PER_CHANGE_MAX: usize = 200_000;

/// A change in the making.
#[derive(Debug)]
pub struct Draft {
    before: Arc<Snapshot>,
    next: Snapshot,
    touched: Vec<(ObjectKind, Uuid)>,
    now: Timestamp,
    chance: Chance,
}

/// A checked change: the next snapshot and the objects in which it differs.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) next: Snapshot,
    pub(crate) touched: Vec<(ObjectKind, Uuid)>,
}

impl Draft {
    pub(crate) fn new(before: Arc<Snapshot>, now: Timestamp, chance: Chance) -> Draft {
        let next = Snapshot::clone(&before);
        Draft { before, next, touched: Vec::new(), now, chance }
    }

    /// The directory as it is with the changes made so far.
    pub fn snapshot(&self) -> &Snapshot {
        &self.next
    }

    /// The directory as it was before the change.
    pub fn before(&self) -> &Arc<Snapshot> {
        &self.before
    }

    /// The objects that may differ from before, some of them several times.
    pub fn touched(&self) -> &[(ObjectKind, Uuid)] {
        &self.touched
    }

    /// The time of the change.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A GUID for a new object.
    pub fn new_guid(&self) -> Uuid {
        self.chance.uuid_v4()
    }

    /// Sets limits and report settings of the organization.
    pub fn set_transport_config(&mut self, config: TransportConfig) -> Result<(), DirectoryError> {
        config.check()?;
        self.touch::<TransportConfig>(Uuid::nil());
        self.next.transport_config = Arc::new(config);
        Ok(())
    }

    /// Sets timers and limits of this server.
    pub fn set_transport_service(&mut self, service: TransportService) -> Result<(), DirectoryError> {
        service.check()?;
        self.touch::<TransportService>(Uuid::nil());
        self.next.transport_service = Arc::new(service);
        Ok(())
    }

    /// Sets the organization's identity and this server's name.
    pub fn set_organization(&mut self, organization: Organization) -> Result<(), DirectoryError> {
        organization.check()?;
        self.touch::<Organization>(Uuid::nil());
        self.next.organization = Arc::new(organization);
        Ok(())
    }

    /// Notes that the object may differ afterwards.
    fn touch<T: Object>(&mut self, guid: Uuid) {
        self.touched.push((T::KIND, guid));
    }

    /// Checks what only the whole can satisfy, and gives the next snapshot.
    pub(crate) fn finish(mut self) -> Result<Finished, DirectoryError> {
        self.touched.sort_unstable();
        self.touched.dedup();
        if self.touched.len() > OBJECTS_PER_CHANGE_MAX {
            return Err(DirectoryError::refused(format!(
                "The change touches {} objects; make it in parts of at most {OBJECTS_PER_CHANGE_MAX}.",
                self.touched.len()
            )));
        }
        if self.next.is_seeded() {
            self.check_default_domain()?;
            self.check_organization_management()?;
            self.check_postmaster()?;
        }
        if !self.touched.is_empty() {
            self.next.change = self.before.change + 1;
        }
        Ok(Finished { next: self.next, touched: self.touched })
    }

    fn check_default_domain(&self) -> Result<(), DirectoryError> {
        let defaults = self.next.accepted_domains().filter(|domain| domain.default).count();
        if defaults == 1 {
            return Ok(());
        }
        Err(DirectoryError::refused(format!(
            "There must be exactly one default accepted domain, not {defaults}; make one the default with Set-AcceptedDomain -MakeDefault true."
        )))
    }

    /// RFC 5321 §4.5.1: postmaster@ must be taken in every domain mail is accepted for; once it is somebody's in the
    /// default domain, it stays somebody's.
    fn check_postmaster(&self) -> Result<(), DirectoryError> {
        let Some(domain) = self.next.default_domain() else { return Ok(()) };
        let Ok(postmaster) = Address::parse(&format!("postmaster@{}", domain.domain())) else {
            return Ok(());
        };
        let was = self.before.recipient_by_address(&postmaster);
        if let (Some(holder), None) = (was, self.next.recipient_by_address(&postmaster)) {
            return Err(DirectoryError::refused(format!(
                "\"{}\" has the address {postmaster}, which somebody must have (RFC 5321); give it to another recipient in the same change or first.",
                holder.display_name
            )));
        }
        Ok(())
    }
}

/// The object, or an error that says there is none.
fn existing<T: Object>(few: &Few<T>, guid: Uuid) -> Result<Arc<T>, DirectoryError> {
    few.get(&guid)
        .cloned()
        .ok_or_else(|| DirectoryError::NotFound { kind: T::KIND, identity: guid.to_string() })
}

/// Refuses a value another object of the kind has, compared without case.
fn unique<T: Object>(
    few: &Few<T>,
    guid: Uuid,
    property: &'static str,
    value: &str,
    value_of: impl Fn(&T) -> String,
) -> Result<(), DirectoryError> {
    let wanted = fold(value);
    match few.values().find(|other| other.guid() != guid && fold(&value_of(other)) == wanted) {
        Some(other) => Err(DirectoryError::NameInUse {
            property,
            value: value.to_owned(),
            holder_kind: T::KIND.words(),
            holder: other.name(),
        }),
        None => Ok(()),
    }
}
