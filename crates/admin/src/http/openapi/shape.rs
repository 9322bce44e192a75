//! What the values of output properties look like in JSON, as schemas.
//! May touch: nothing (pure).
//! Standards: OpenAPI 3.1, JSON Schema 2020-12.
//!
//! A property declares how people see it; numbers, times and words have their shape from that, settings from their
//! parameter. The others are text unless they stand in a table here. A test holds each answer against its schema.

use serde_json::{Map, Value, json};

use super::parts;
use crate::output::{OutputType, Property, Show};
use crate::parameter::Kind;

/// Properties that are true or false.
const FLAGS: &[&str] = &[
    "AccountDisabled",
    "AddressBookEnabled",
    "AutoForwardEnabled",
    "AutoMapping",
    "AutoReplyEnabled",
    "BccBlocked",
    "BuiltIn",
    "Default",
    "DeliverToMailboxAndForward",
    "DeliveryReportEnabled",
    "Deny",
    "DNSRoutingEnabled",
    "DomainSecureEnabled",
    "EmailAddressPolicyEnabled",
    "Enabled",
    "FrontendProxyEnabled",
    "HasPrivateKey",
    "HasSecret",
    "HiddenFromAddressListsEnabled",
    "HiddenGroupMembershipEnabled",
    "IgnoreSTARTTLS",
    "IsCurrent",
    "IsInherited",
    "IsInternal",
    "IsRaised",
    "IsRead",
    "IsResource",
    "IsScopedConnector",
    "IsSelfSigned",
    "IsShared",
    "LitigationHoldEnabled",
    "MatchSubDomains",
    "MeetingForwardNotificationEnabled",
    "MessageCopyForSendOnBehalfEnabled",
    "MessageCopyForSentAsEnabled",
    "ModerationEnabled",
    "NDRDiagnosticInfoEnabled",
    "NDREnabled",
    "ReportToManagerEnabled",
    "ReportToOriginatorEnabled",
    "RequireSenderAuthenticationEnabled",
    "RequireTls",
    "RequireTLS",
    "SendOofMessageToOriginatorEnabled",
    "SingleItemRecoveryEnabled",
    "Succeeded",
    "TNEFEnabled",
    "UseDatabaseQuotaDefaults",
    "UseExternalDNSServersEnabled",
];
/// Properties that are lists of text.
const TEXTS: &[&str] = &[
    "AcceptMessagesOnlyFrom",
    "AcceptMessagesOnlyFromDLMembers",
    "AccessRights",
    "AddressSpaces",
    "AuthMechanism",
    "Bindings",
    "CertificateDomains",
    "Cmdlets",
    "Details",
    "Domains",
    "EmailAddresses",
    "ErrorPolicies",
    "ExtendedRights",
    "Files",
    "GrantSendOnBehalfTo",
    "ManagedBy",
    "Members",
    "ModeratedBy",
    "NextHopServers",
    "Notify",
    "NotifyAddress",
    "OtherPrograms",
    "PermissionGroups",
    "Reasons",
    "RecipientAddresses",
    "RecipientDisplayNames",
    "RecipientDomainScope",
    "Recipients",
    "RecipientStatus",
    "RecognisedBy",
    "RejectMessagesFrom",
    "RejectMessagesFromDLMembers",
    "RemoteIPRanges",
    "RoleGroups",
    "Roles",
    "Services",
    "Silences",
    "SmartHosts",
    "SourceTransportServers",
    "UnknownLines",
];
/// Properties that are numbers and shown without marks between thousands.
const NUMBERS: &[&str] = &["InternalMessageId", "MemberCount", "Port", "ResourceCapacity"];
/// Properties that are numbers, or the word Unlimited.
const COUNTS: &[&str] = &["RecipientLimits", "LineWrapSize"];
/// Properties of some outputs whose name means something else in others: the output, the property, its schema.
const OF_ONE: &[(&str, &str, &str)] = &[
    ("MessageRoute", "Path", "Texts"),
    ("DnsRecordToPublish", "Found", "Texts"),
    ("HistoricalSearch", "Sources", "Texts"),
    ("HistoricalSearch", "Gaps", "Texts"),
    ("HistoricalSearch", "Conditions", "Record"),
    ("MessageTraceQuery", "Parameters", "Record"),
    ("AdminAuditLogEvent", "CmdletParameters", "Record"),
    ("AdminAuditLogEvent", "Before", "Record"),
    ("AdminAuditLogEvent", "After", "Record"),
    ("AdminAuditLogEvent", "Identity", "Number"),
    ("MessageTrackingEvent", "EventData", "Record"),
    ("MessageTrackingEvent", "Reference", "Texts"),
    ("TraceSource", "Refused", "Texts"),
    ("MessageTraceTree", "Counts", "Numbers"),
    ("MessageTraceTree", "Nodes", "TreeNodes"),
    ("MessageTraceTree", "Linked", "TreeLinks"),
    ("MessageTrackingReport", "RecipientTrackingEvents", "TrackingReportEvents"),
    ("Recipient", "CustomAttributes", "Record"),
    ("Mailbox", "CustomAttributes", "Record"),
    ("MailUser", "CustomAttributes", "Record"),
    ("MailContact", "CustomAttributes", "Record"),
    ("DistributionGroup", "CustomAttributes", "Record"),
    ("DistributionGroupMember", "CustomAttributes", "Record"),
    ("MessageTraceDetail", "StageBar", "StageBar"),
    ("MessageTraceDetail", "TimeBudget", "TimeBudget"),
    ("MessageTraceDetail", "RulesMatched", "Rules"),
    ("MessageTraceDetail", "RulesEvaluated", "Rules"),
    ("MessageTraceDetail", "Groups", "ExpandedGroups"),
    ("MessageTraceDetail", "Forwards", "Forwards"),
    ("MessageTraceDetail", "SentBy", "SentBy"),
    ("MessageTraceDetail", "Hops", "Hops"),
    ("MessageTrace", "Hops", "Hops"),
    ("MailFlowStatus", "LastHour", "MailFlowCounts"),
    ("MailFlowStatus", "LastDay", "MailFlowCounts"),
    ("MailFlowStatus", "Latency", "Latency"),
    ("MailFlowStatus", "LatencyPerFiveMinutes", "LatencyBins"),
    ("MailFlowStatus", "Attention", "Attention"),
];

/// The schemas of all outputs and of the parts of their values, by name.
pub(super) fn components<'a>(outputs: impl Iterator<Item = &'a OutputType>) -> Map<String, Value> {
    let mut found = parts::all();
    for output in outputs.filter(|output| output.name != OutputType::NONE.name) {
        found.insert(output.name.to_owned(), object_of(output));
    }
    found
}

/// An object of a cmdlet's output. A property may be missing where the reader may not see it.
pub(super) fn object_of(output: &OutputType) -> Value {
    let properties: Map<String, Value> =
        output.all().map(|one| (one.name.to_owned(), property(output, one))).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn property(output: &OutputType, property: &Property) -> Value {
    let name = property.name;
    let of_one = OF_ONE.iter().find(|(of, one, _)| *of == output.name && *one == name);
    if let Some((_, _, schema)) = of_one {
        return named(schema);
    }
    let setting = output.settings.and_then(|settings| {
        settings().parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.kind)
    });
    match (setting, property.show) {
        (Some(Kind::Bool), _) => json!({ "type": ["boolean", "null"] }),
        (Some(Kind::Change(_)), _) => named("Texts"),
        (Some(Kind::Count), _) => named("Limit"),
        (_, Show::Number) => named("Number"),
        (_, Show::Time | Show::Instant) => json!({ "type": ["string", "null"], "format": "date-time" }),
        (_, Show::Words(words)) => words_of(words.iter().map(|(word, _)| *word)),
        _ if FLAGS.contains(&name) => json!({ "type": ["boolean", "null"] }),
        _ if NUMBERS.contains(&name) => named("Number"),
        _ if TEXTS.contains(&name) => named("Texts"),
        _ if COUNTS.contains(&name) => named("Limit"),
        _ => text(),
    }
}

/// The schema of that name: short ones are written out, so that types read well.
fn named(name: &str) -> Value {
    match name {
        "Number" => json!({ "type": ["number", "null"] }),
        "Limit" => json!({ "type": ["number", "string", "null"] }),
        "Texts" => json!({ "type": ["array", "null"], "items": { "type": ["string", "null"] } }),
        "Record" => json!({ "type": ["object", "null"], "additionalProperties": true }),
        "Numbers" => json!({ "type": ["object", "null"], "additionalProperties": { "type": "number" } }),
        "StageBar" => list("StageBarStep"),
        "Rules" => list("RuleRecord"),
        "ExpandedGroups" => list("ExpandedGroup"),
        "Forwards" => list("Forward"),
        "Hops" => list("Hop"),
        "LatencyBins" => list("LatencyBin"),
        "Attention" => list("AttentionEntry"),
        "TreeNodes" => list("TreeNode"),
        "TreeLinks" => list("TreeLink"),
        "TrackingReportEvents" => list("TrackingReportEvent"),
        other => json!({ "anyOf": [reference(other), { "type": "null" }] }),
    }
}

fn list(of: &str) -> Value {
    json!({ "type": ["array", "null"], "items": reference(of) })
}

/// A reference to one of the components.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

pub(super) fn text() -> Value {
    json!({ "type": ["string", "null"] })
}

pub(super) fn words_of<'a>(words: impl Iterator<Item = &'a str>) -> Value {
    let words: Vec<Value> = words.map(Value::from).chain([Value::Null]).collect();
    json!({ "type": ["string", "null"], "enum": words })
}

/// An object with all of its properties, as the trace writes its parts.
pub(super) fn whole(properties: Value) -> Value {
    let names: Vec<String> =
        properties.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    json!({ "type": "object", "properties": properties, "required": names, "additionalProperties": false })
}
