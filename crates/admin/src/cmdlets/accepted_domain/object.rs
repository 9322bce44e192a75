//! An accepted domain as cmdlets show and change it.
//! May touch: nothing (pure).

use directory::{AcceptedDomain, AcceptedDomainType};
use serde_json::json;

use crate::arguments::Arguments;
use crate::cmdlets::recipient::groups::set_bool;
use crate::cmdlets::recipient::rows;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

pub(super) const OUTPUT: OutputType = OutputType {
    name: "AcceptedDomain",
    properties: &[
        Property::text("Identity"),
        Property::text("Name"),
        Property::text("DomainName"),
        Property::text("DomainType"),
        Property::text("Default"),
        Property::text("MatchSubDomains"),
        Property::text("AddressBookEnabled"),
        Property::text("Guid"),
    ],
    settings: None,
    table: &["Name", "DomainName", "DomainType", "Default"],
};

pub(super) const IDENTITY: Parameter =
    Parameter::new("Identity", Kind::Identity, "The accepted domain, by name, domain or GUID.")
        .required()
        .positional();

/// What New- and Set- share.
pub(super) const SETTINGS: &[Parameter] = &[
    Parameter::new(
        "DomainType",
        Kind::Enum(&["Authoritative", "InternalRelay", "ExternalRelay"]),
        "What becomes of recipients not known here: refused, or sent on by a Send connector.",
    ),
    Parameter::new("MatchSubDomains", Kind::Bool, "Whether mail for subdomains is accepted too."),
    Parameter::new(
        "AddressBookEnabled",
        Kind::Bool,
        "Whether unknown recipients are refused in the session (Recipient Lookup).",
    ),
    Parameter::new("MakeDefault", Kind::Bool, "Makes it the default domain, of which there is one."),
];

pub(super) fn apply(domain: &mut AcceptedDomain, arguments: &Arguments) -> Result<(), CmdletError> {
    if let Some(word) = arguments.text("DomainType") {
        domain.domain_type = word.parse::<AcceptedDomainType>()?;
    }
    set_bool(&mut domain.match_sub_domains, arguments, "MatchSubDomains");
    set_bool(&mut domain.address_book_enabled, arguments, "AddressBookEnabled");
    set_bool(&mut domain.default, arguments, "MakeDefault");
    Ok(())
}

pub(super) fn row(domain: &AcceptedDomain) -> Row {
    rows::row_of(json!({
        "Identity": domain.name,
        "Name": domain.name,
        "DomainName": domain.domain_name.to_string(),
        "DomainType": domain.domain_type.as_str(),
        "Default": domain.default,
        "MatchSubDomains": domain.match_sub_domains,
        "AddressBookEnabled": domain.address_book_enabled,
        "Guid": domain.guid.to_string(),
    }))
}
