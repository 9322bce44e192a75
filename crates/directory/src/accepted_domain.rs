//! The domains this organization accepts mail for.
//!
//! May touch: nothing (pure).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain_pattern::DomainPattern;
use crate::object::{Object, ObjectKind};
use crate::text_enum::text_enum;
use crate::{DirectoryError, name};

text_enum! {
    /// What becomes of a recipient in the domain who is not known here.
    pub enum AcceptedDomainType "DomainType" {
        /// All recipients are here: an unknown one is refused.
        Authoritative = "Authoritative",
        /// Some recipients are elsewhere: an unknown one goes out by a Send connector.
        InternalRelay = "InternalRelay",
        /// No recipient is here: all go out by a Send connector.
        ExternalRelay = "ExternalRelay",
    }
}

/// An accepted domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedDomain {
    /// Identity for life.
    pub guid: Uuid,
    /// Name of the entry, unique, at most 64 characters.
    pub name: String,
    /// The domain; `*.x` stands for `x` with all its subdomains.
    pub domain_name: DomainPattern,
    /// What becomes of unknown recipients.
    pub domain_type: AcceptedDomainType,
    /// Whether this is the one domain used for postmaster@ and new addresses.
    pub default: bool,
    /// Whether subdomains are accepted as well.
    #[serde(default)]
    pub match_sub_domains: bool,
    /// Whether unknown recipients are refused at RCPT (Recipient Lookup).
    #[serde(default)]
    pub address_book_enabled: bool,
}

impl AcceptedDomain {
    /// A new entry with Exchange's defaults: not the default domain, Recipient Lookup in authoritative domains only.
    pub fn new(
        guid: Uuid,
        name: &str,
        domain_name: DomainPattern,
        domain_type: AcceptedDomainType,
    ) -> AcceptedDomain {
        AcceptedDomain {
            guid,
            name: name.to_owned(),
            domain_name,
            domain_type,
            default: false,
            match_sub_domains: false,
            address_book_enabled: domain_type == AcceptedDomainType::Authoritative,
        }
    }

    /// The name of the domain without a wildcard, lower case, A-labels.
    pub fn domain(&self) -> &str {
        match &self.domain_name {
            DomainPattern::Any => "",
            DomainPattern::Exact(name) | DomainPattern::WithSubdomains(name) => name,
        }
    }

    /// Whether subdomains are accepted, by wildcard or by MatchSubDomains.
    pub fn covers_subdomains(&self) -> bool {
        self.match_sub_domains || matches!(self.domain_name, DomainPattern::WithSubdomains(_))
    }

    /// What the entry must satisfy by itself.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        name::check_name("Name", &self.name)?;
        if self.domain_name == DomainPattern::Any {
            return Err(DirectoryError::invalid(
                "DomainName",
                "\"*\" would accept mail for every domain; name a domain such as contoso.example.",
            ));
        }
        if self.default && self.domain_type == AcceptedDomainType::ExternalRelay {
            return Err(DirectoryError::invalid(
                "DomainType",
                format!(
                    "the default domain \"{}\" cannot be ExternalRelay, because this organization's own reports come from it; make another domain the default first.",
                    self.name
                ),
            ));
        }
        if self.default && matches!(self.domain_name, DomainPattern::WithSubdomains(_)) {
            return Err(DirectoryError::invalid(
                "MakeDefault",
                format!("\"{}\" is a wildcard and cannot be the default domain.", self.domain_name),
            ));
        }
        Ok(())
    }
}

impl Object for AcceptedDomain {
    const KIND: ObjectKind = ObjectKind::AcceptedDomain;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}
