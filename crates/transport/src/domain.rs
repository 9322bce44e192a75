//! Whose a recipient domain is.
//!
//! May touch: nothing (pure; works on a directory snapshot).

use directory::{AcceptedDomainType, Snapshot};
use events::DomainKind;

/// Whose a domain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainClass {
    /// All its recipients are ours.
    Authoritative,
    /// We accept its mail; recipients we do not know are elsewhere.
    Relay,
    /// Not ours.
    Outside,
}

/// Looks a domain up.
#[must_use]
pub(crate) fn class_of(snapshot: &Snapshot, domain: &str) -> DomainClass {
    match snapshot.accepted_domain(domain).map(|domain| domain.domain_type) {
        Some(AcceptedDomainType::Authoritative) => DomainClass::Authoritative,
        Some(AcceptedDomainType::InternalRelay | AcceptedDomainType::ExternalRelay) => DomainClass::Relay,
        None => DomainClass::Outside,
    }
}

impl From<DomainClass> for DomainKind {
    fn from(class: DomainClass) -> Self {
        match class {
            DomainClass::Authoritative => Self::Authoritative,
            DomainClass::Relay => Self::Relay,
            DomainClass::Outside => Self::Outside,
        }
    }
}
