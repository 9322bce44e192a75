//! Conditions of a search that Exchange's cmdlets have no parameter for: the rest of what a message can be asked.
//! May touch: nothing (pure).
//! Standards: RFC 8601 §2.7 (words of SPF, DKIM and DMARC results).

use directory::{AcceptedDomainType, DomainPattern, Snapshot};
use events::{Directionality, EventId};
use trace::search::{Refused, SubjectFilter, SubjectFilterType};
use trace::{AddressPattern, Facet, FacetFilter, IpNetwork, Query};

use super::conditions;
use crate::arguments::{Arguments, usage};
use crate::error::CmdletError;
use crate::parameter::{Kind, Parameter};
use crate::value::Limit;

/// The words of a check's result; `BestGuessPass` is Exchange Online's.
const RESULTS: &[&str] =
    &["Pass", "Fail", "SoftFail", "Neutral", "None", "Policy", "TempError", "PermError", "BestGuessPass"];
/// The word for a message that no hop took by TLS.
const NO_TLS: &str = "None";
/// Letters of a word's stem that say anything of an action.
const STEM_LENGTH_MIN: usize = 3;
/// The words of -Direction; the last three are those of the tracking log.
const DIRECTIONS: &[&str] =
    &["All", "Inbound", "Outbound", "Internal", "Incoming", "Originating", "Undefined"];
/// Every event of the tracking log.
pub(crate) const EVENT_IDS: &[&str] = &[
    "RECEIVE",
    "SUBMIT",
    "RESOLVE",
    "REDIRECT",
    "EXPAND",
    "DUPLICATEEXPAND",
    "DUPLICATEREDIRECT",
    "TRANSFER",
    "AGENTINFO",
    "QUEUED",
    "DEFER",
    "SEND",
    "SENDEXTERNAL",
    "DELIVER",
    "DUPLICATEDELIVER",
    "DELIVERFAIL",
    "FAIL",
    "DROP",
    "DSN",
    "BADMAIL",
    "POISONMESSAGE",
    "REFUSED",
    "QUARANTINE",
    "RELEASE",
    "RECALL",
    "CLIENTSUBMISSION",
    "HADISCARD",
    "HARECEIVE",
    "HAREDIRECT",
    "HAREDIRECTFAIL",
    "LOAD",
    "NOTIFYMAPI",
    "NOTIFYSHADOW",
    "PROCESS",
    "PROCESSMEETINGMESSAGE",
    "RESUBMIT",
    "RESUBMITDEFER",
    "RESUBMITFAIL",
    "SUBMITDEFER",
    "SUBMITFAIL",
    "THROTTLE",
    "SUPPRESSED",
    "INITMESSAGECREATED",
    "MODERATORAPPROVE",
    "MODERATORREJECT",
    "MODERATIONEXPIRE",
    "MODERATORSALLNDR",
];

/// What rows and events alike can be asked of their message.
pub(crate) const OF_MESSAGES: &[Parameter] = &[
    Parameter::new(
        "FromAddress",
        Kind::List(&Kind::Text),
        "The header From: alone: addresses, `*@domain` or other text with `*`.",
    ),
    Parameter::new(
        "ReturnPath",
        Kind::List(&Kind::Text),
        "The envelope sender (MAIL FROM) alone, in the same forms; `<>` is the null sender.",
    ),
    Parameter::new(
        "NotSenderAddress",
        Kind::List(&Kind::Text),
        "Leaves out messages with one of these as envelope sender or header From:.",
    ),
    Parameter::new(
        "NotRecipientAddress",
        Kind::List(&Kind::Text),
        "Leaves out what is about one of these recipients.",
    ),
    Parameter::new(
        "NotSubject",
        Kind::Text,
        "Leaves out messages with this text in the subject; case does not count.",
    ),
    Parameter::new(
        "Direction",
        Kind::Enum(DIRECTIONS),
        "Inbound (from outside), Outbound (from inside to outside), Internal (from inside to an accepted domain) or All; Originating is all from inside.",
    ),
    Parameter::new(
        "FromIP",
        Kind::List(&Kind::Text),
        "The client the message came from: addresses, or networks such as 192.0.2.0/24 and 2001:db8::/32.",
    ),
    Parameter::new(
        "ConnectorId",
        Kind::List(&Kind::Text),
        "Connectors the message came or went by, for any of its recipients, as their names stand in the log; `*` for any text.",
    ),
    Parameter::new(
        "TransportRule",
        Kind::List(&Kind::Text),
        "Mail flow rules that acted on it, by name or identity; a gateway's final rule too; `*` for any text.",
    ),
    Parameter::new("MinimumSize", Kind::Size, "Only messages of at least this size, such as 10MB."),
    Parameter::new("MaximumSize", Kind::Size, "Only messages of at most this size."),
    Parameter::new(
        "Tls",
        Kind::List(&Kind::Text),
        "TLS of one of its hops: a version such as TLS1.3, a cipher, other text with `*`, or None for no TLS at all.",
    ),
    Parameter::new(
        "Spf",
        Kind::List(&Kind::Enum(RESULTS)),
        "The result of SPF, where a record of it says so.",
    ),
    Parameter::new(
        "Dkim",
        Kind::List(&Kind::Enum(RESULTS)),
        "The result of DKIM, where a record of it says so.",
    ),
    Parameter::new(
        "Dmarc",
        Kind::List(&Kind::Enum(RESULTS)),
        "The result of DMARC, where a record of it says so.",
    ),
    Parameter::new(
        "FinalAction",
        Kind::List(&Kind::Text),
        "What a gateway did in the end, such as discard, quarantine or continue; both of the first find `Quarantined; Discarded`; `*` for any text.",
    ),
];

/// What only rows are asked this way: events have parameters of their own for it.
pub(crate) const OF_ROWS: &[Parameter] = &[
    Parameter::new(
        "ToIP",
        Kind::List(&Kind::Text),
        "The host the row was handed to: addresses, or networks such as 203.0.113.0/24 and 2001:db8::/32.",
    ),
    Parameter::new(
        "Server",
        Kind::List(&Kind::Text),
        "Servers that wrote one of its events; `*` for any text.",
    ),
    Parameter::new(
        "Place",
        Kind::List(&Kind::Text),
        "Only messages that a record of one of these places names, this server or an imported place; `*` for any text.",
    ),
    Parameter::new(
        "EventId",
        Kind::List(&Kind::Enum(EVENT_IDS)),
        "Only messages with one of these events, such as DEFER or EXPAND; of them every row is shown, also of recipients that had no part in it.",
    ),
];

/// Adds the conditions of [`OF_MESSAGES`] to a query.
///
/// # Errors
/// `Usage`, naming the parameter and what it takes.
pub(crate) fn of_messages(
    arguments: &Arguments,
    snapshot: &Snapshot,
    query: &mut Query,
) -> Result<(), CmdletError> {
    query.from_addresses = conditions::patterns(arguments, "FromAddress")?;
    query.return_paths = conditions::patterns(arguments, "ReturnPath")?;
    query.not_senders = conditions::patterns(arguments, "NotSenderAddress")?;
    query.not_recipients = conditions::patterns(arguments, "NotRecipientAddress")?;
    let not_subject = arguments.text("NotSubject").filter(|text| !text.is_empty());
    query.not_subject =
        not_subject.map(|text| SubjectFilter { kind: SubjectFilterType::Contains, text: text.to_owned() });
    clients(arguments, query)?;
    sizes(arguments, query)?;
    direction(arguments.text("Direction"), snapshot, query);
    for (name, facet) in [
        ("ConnectorId", Facet::Connector),
        ("TransportRule", Facet::Rule),
        ("Spf", Facet::Spf),
        ("Dkim", Facet::Dkim),
        ("Dmarc", Facet::Dmarc),
    ] {
        facets(arguments, name, facet, query)?;
    }
    final_action(arguments, query)?;
    tls(arguments, query)
}

/// Adds the conditions of [`OF_ROWS`].
///
/// # Errors
/// `Usage`, naming the parameter.
pub(crate) fn of_rows(
    arguments: &Arguments,
    snapshot: &Snapshot,
    query: &mut Query,
) -> Result<(), CmdletError> {
    next_hosts(arguments, query)?;
    facets(arguments, "Server", Facet::Server, query)?;
    facets(arguments, "Place", Facet::Place, query)?;
    // This server goes by its name and by the full one that its replies give.
    let organization = snapshot.organization();
    let own = [&organization.server_name, &organization.server_fqdn];
    for filter in query.facets.iter_mut().filter(|one| matches!(one.facet, Facet::Server | Facet::Place)) {
        // A dot behind a host's name ends it.
        for value in filter.values.iter_mut().filter(|value| value.ends_with('.') && !value.contains('*')) {
            value.truncate(value.trim_end_matches('.').len());
        }
        if filter.values.iter().any(|value| own.iter().any(|name| name.eq_ignore_ascii_case(value))) {
            filter.values.extend(own.iter().map(|name| (*name).clone()));
        }
    }
    let ids = arguments.texts("EventId").unwrap_or_default();
    let ids: Vec<EventId> = ids.into_iter().flat_map(str::parse).collect();
    if ids.contains(&EventId::Refused) {
        query.refused = Refused::Include;
    }
    query.event_ids.extend(ids);
    Ok(())
}

/// Texts that are not empty; an empty one would match nothing and look like an answer.
fn filled<'a>(arguments: &'a Arguments, name: &str) -> Result<Vec<&'a str>, CmdletError> {
    let texts: Vec<&str> = arguments.texts(name).unwrap_or_default().into_iter().map(str::trim).collect();
    match texts.iter().any(|text| text.is_empty()) {
        true => Err(usage(arguments.cmdlet(), name, "has an empty value; give a text, or * for any")),
        false => Ok(texts),
    }
}

fn facets(arguments: &Arguments, name: &str, facet: Facet, query: &mut Query) -> Result<(), CmdletError> {
    let values = filled(arguments, name)?;
    if !values.is_empty() {
        query.facets.push(FacetFilter::any(facet, values));
    }
    Ok(())
}

/// A gateway may say two things at once: `Quarantined; Discarded` is found by either word, as in the gateway's own search.
fn final_action(arguments: &Arguments, query: &mut Query) -> Result<(), CmdletError> {
    let values = filled(arguments, "FinalAction")?;
    let each: Vec<String> = values.into_iter().flat_map(forms).collect();
    if !each.is_empty() {
        query.facets.push(FacetFilter::any(Facet::FinalAction, each));
    }
    Ok(())
}

/// What an action may be called where it is asked for by `value`: `discard` asks for `discarded` and the other way round.
/// Of a short word nothing is left that says anything, so it is taken as it is.
fn forms(value: &str) -> Vec<String> {
    let stem = value.strip_suffix("ed").unwrap_or(value);
    let stem = stem.strip_suffix('e').unwrap_or(stem);
    if value.contains('*') || stem.chars().count() < STEM_LENGTH_MIN {
        return Vec::from([value.to_owned()]);
    }
    Vec::from([value.to_owned(), format!("{stem}*"), format!("*; {stem}*")])
}

fn tls(arguments: &Arguments, query: &mut Query) -> Result<(), CmdletError> {
    let values = filled(arguments, "Tls")?;
    let is_none = |value: &&str| value.eq_ignore_ascii_case(NO_TLS);
    if values.iter().any(is_none) {
        if !values.iter().all(is_none) {
            return Err(usage(arguments.cmdlet(), "Tls", "takes None alone, or versions and ciphers"));
        }
        query.facets.push(FacetFilter { not: true, ..FacetFilter::any(Facet::Tls, ["*"]) });
    } else if !values.is_empty() {
        // The record holds version and cipher, separated by a blank: either may be named alone.
        let each = values.into_iter().flat_map(|value| match value.contains('*') {
            true => Vec::from([value.to_owned()]),
            false => Vec::from([value.to_owned(), format!("{value} *"), format!("* {value}")]),
        });
        query.facets.push(FacetFilter::any(Facet::Tls, each));
    }
    Ok(())
}

fn clients(arguments: &Arguments, query: &mut Query) -> Result<(), CmdletError> {
    let networks = networks(arguments, "FromIP")?;
    match networks.as_slice() {
        [one] if one.first() == one.last() => query.from_ip = Some(one.first()),
        _ => query.from_networks = networks,
    }
    Ok(())
}

fn next_hosts(arguments: &Arguments, query: &mut Query) -> Result<(), CmdletError> {
    let networks = networks(arguments, "ToIP")?;
    match networks.as_slice() {
        [one] if one.first() == one.last() => query.to_ip = Some(one.first()),
        _ => query.to_networks = networks,
    }
    Ok(())
}

/// Addresses and networks, with or without brackets.
fn networks(arguments: &Arguments, name: &str) -> Result<Vec<IpNetwork>, CmdletError> {
    let texts = arguments.texts(name).unwrap_or_default();
    let read = texts.into_iter().map(|text| {
        let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpNetwork>().map_err(|_| {
            let why = format!(
                "takes an IP address such as 192.0.2.10 or a network such as 192.0.2.0/24, not \"{text}\""
            );
            usage(arguments.cmdlet(), name, &why)
        })
    });
    read.collect()
}

fn sizes(arguments: &Arguments, query: &mut Query) -> Result<(), CmdletError> {
    let size = |name: &str| match arguments.limit(name) {
        Some(Limit::Of(octets)) => Some(octets),
        // What has no limit is no condition.
        Some(Limit::Unlimited) | None => None,
    };
    (query.size_min, query.size_max) = (size("MinimumSize"), size("MaximumSize"));
    match (query.size_min, query.size_max) {
        (Some(min), Some(max)) if min > max => {
            Err(usage(arguments.cmdlet(), "MinimumSize", "is above -MaximumSize; exchange them"))
        }
        _ => Ok(()),
    }
}

/// Where it came from, and for mail from inside whether it stays there.
fn direction(word: Option<&str>, snapshot: &Snapshot, query: &mut Query) {
    match word {
        Some("Inbound" | "Incoming") => query.directions.push(Directionality::Incoming),
        Some("Originating") => query.directions.push(Directionality::Originating),
        Some("Undefined") => query.directions.push(Directionality::Undefined),
        Some("Internal") => {
            query.directions.push(Directionality::Originating);
            query.also_recipients = inside(snapshot);
        }
        Some("Outbound") => {
            query.directions.push(Directionality::Originating);
            query.not_recipients.extend(inside(snapshot));
        }
        _ => {}
    }
}

/// The addresses of the organization: of its accepted domains, but for those whose recipients are all elsewhere.
pub(crate) fn inside(snapshot: &Snapshot) -> Vec<AddressPattern> {
    let accepted = snapshot.accepted_domains();
    let own = accepted.filter(|domain| domain.domain_type != AcceptedDomainType::ExternalRelay);
    own.flat_map(|domain| {
        let (name, is_with_subdomains) = match &domain.domain_name {
            DomainPattern::Any => return Vec::from([AddressPattern::Wild("*".to_owned())]),
            DomainPattern::Exact(name) => (name, domain.match_sub_domains),
            DomainPattern::WithSubdomains(name) => (name, true),
        };
        let below = is_with_subdomains.then(|| AddressPattern::Wild(format!("*@*.{name}")));
        [Some(AddressPattern::Domain(name.clone())), below].into_iter().flatten().collect()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_asked_for_by_its_stem_and_never_by_nothing() {
        for (value, expected) in [
            ("discarded", &["discarded", "discard*", "*; discard*"][..]),
            ("quarantine", &["quarantine", "quarantin*", "*; quarantin*"]),
            ("heeded", &["heeded", "heed*", "*; heed*"]),
            ("ed", &["ed"]),
            ("e", &["e"]),
            ("eded", &["eded"]),
            ("used", &["used"]),
            ("disc*", &["disc*"]),
        ] {
            assert_eq!(forms(value), expected, "{value}");
        }
    }

    #[test]
    fn every_event_can_be_asked_for() {
        let known: Vec<&str> = EventId::ALL.iter().map(|id| id.as_str()).collect();
        assert_eq!(EVENT_IDS, known);
    }
}
