//! A remote domain as cmdlets show and change it.
//! May touch: nothing (pure).

use directory::{AllowedOofType, ContentType, RemoteDomain};
use serde_json::json;

use crate::arguments::{Arguments, usage};
use crate::cmdlets::recipient::groups::{set_bool, set_text};
use crate::cmdlets::recipient::rows;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

pub(super) const OUTPUT: OutputType = OutputType {
    name: "RemoteDomain",
    properties: &[
        Property::text("Identity"),
        Property::text("Name"),
        Property::text("DomainName"),
        Property::text("AllowedOOFType"),
        Property::text("AutoReplyEnabled"),
        Property::text("AutoForwardEnabled"),
        Property::text("NDREnabled"),
        Property::text("DeliveryReportEnabled"),
        Property::text("NDRDiagnosticInfoEnabled"),
        Property::text("MeetingForwardNotificationEnabled"),
        Property::text("IsInternal"),
        Property::text("TNEFEnabled"),
        Property::text("ContentType"),
        Property::text("LineWrapSize"),
        Property::text("CharacterSet"),
        Property::text("Guid"),
    ],
    settings: None,
    table: &["Name", "DomainName", "AllowedOOFType", "AutoReplyEnabled", "AutoForwardEnabled"],
};

pub(super) const IDENTITY: Parameter =
    Parameter::new("Identity", Kind::Identity, "The remote domain, by name, domain or GUID.")
        .required()
        .positional();

/// What Set- changes.
pub(super) const SETTINGS: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The unique name of the entry."),
    Parameter::new(
        "AllowedOOFType",
        Kind::Enum(&["External", "ExternalLegacy", "InternalLegacy", "None"]),
        "Which Out of Office texts go there.",
    ),
    Parameter::new("AutoReplyEnabled", Kind::Bool, "Whether automatic replies go there."),
    Parameter::new("AutoForwardEnabled", Kind::Bool, "Whether automatic forwards go there."),
    Parameter::new("NDREnabled", Kind::Bool, "Whether non-delivery reports go there."),
    Parameter::new("DeliveryReportEnabled", Kind::Bool, "Whether delivery reports go there."),
    Parameter::new(
        "NDRDiagnosticInfoEnabled",
        Kind::Bool,
        "Whether non-delivery reports there have the section for administrators.",
    ),
    Parameter::new(
        "MeetingForwardNotificationEnabled",
        Kind::Bool,
        "Whether notices of forwarded meetings go there.",
    ),
    Parameter::new("IsInternal", Kind::Bool, "Whether it counts as ours for Out of Office texts."),
    Parameter::new(
        "TNEFEnabled",
        Kind::Text,
        "Whether TNEF is sent: $true, $false, or $null as the sender decided.",
    ),
    Parameter::new("ContentType", Kind::Enum(&["MimeHtml", "MimeHtmlText", "MimeText"]), "The body format."),
    Parameter::new("LineWrapSize", Kind::Count, "The column after which plain text is wrapped, 0 to 132."),
    Parameter::new("CharacterSet", Kind::Text, "The character set of messages that name none."),
];

pub(super) fn apply(domain: &mut RemoteDomain, arguments: &Arguments) -> Result<(), CmdletError> {
    if let Some(name) = arguments.text("Name") {
        domain.name = name.to_owned();
    }
    if let Some(word) = arguments.text("AllowedOOFType") {
        domain.allowed_oof_type = word.parse::<AllowedOofType>()?;
    }
    if let Some(word) = arguments.text("ContentType") {
        domain.content_type = word.parse::<ContentType>()?;
    }
    for (name, field) in [
        ("AutoReplyEnabled", &mut domain.auto_reply_enabled),
        ("AutoForwardEnabled", &mut domain.auto_forward_enabled),
        ("NDREnabled", &mut domain.ndr_enabled),
        ("DeliveryReportEnabled", &mut domain.delivery_report_enabled),
        ("NDRDiagnosticInfoEnabled", &mut domain.ndr_diagnostic_info_enabled),
        ("MeetingForwardNotificationEnabled", &mut domain.meeting_forward_notification_enabled),
        ("IsInternal", &mut domain.is_internal),
    ] {
        set_bool(field, arguments, name);
    }
    if let Some(text) = arguments.text_or_null("TNEFEnabled") {
        domain.tnef_enabled =
            match text.map(|text| text.trim_start_matches('$').to_ascii_lowercase()).as_deref() {
                None => None,
                Some("true") => Some(true),
                Some("false") => Some(false),
                Some(other) => {
                    let why = format!("takes $true, $false or $null, not \"{other}\"");
                    return Err(usage(arguments.cmdlet(), "TNEFEnabled", &why));
                }
            };
    }
    if let Some(limit) = arguments.limit("LineWrapSize") {
        let column = limit.number().map(u32::try_from).transpose();
        domain.line_wrap_size =
            column.map_err(|_| usage(arguments.cmdlet(), "LineWrapSize", "is too large"))?;
    }
    set_text(&mut domain.character_set, arguments, "CharacterSet");
    Ok(())
}

pub(super) fn row(domain: &RemoteDomain) -> Row {
    rows::row_of(json!({
        "Identity": domain.name,
        "Name": domain.name,
        "DomainName": domain.domain_name.to_string(),
        "AllowedOOFType": domain.allowed_oof_type.as_str(),
        "AutoReplyEnabled": domain.auto_reply_enabled,
        "AutoForwardEnabled": domain.auto_forward_enabled,
        "NDREnabled": domain.ndr_enabled,
        "DeliveryReportEnabled": domain.delivery_report_enabled,
        "NDRDiagnosticInfoEnabled": domain.ndr_diagnostic_info_enabled,
        "MeetingForwardNotificationEnabled": domain.meeting_forward_notification_enabled,
        "IsInternal": domain.is_internal,
        "TNEFEnabled": domain.tnef_enabled,
        "ContentType": domain.content_type.as_str(),
        "LineWrapSize": domain.line_wrap_size.map_or_else(|| json!("Unlimited"), |columns| json!(columns)),
        "CharacterSet": domain.character_set,
        "Guid": domain.guid.to_string(),
    }))
}
