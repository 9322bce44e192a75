//! Get-DnsRecordToPublish: lists the DNS records of the organization's domains, and asks what stands there now.
//! May touch: directory (read), DNS, clock.

use std::net::IpAddr;
use std::time::Duration;

use directory::{AcceptedDomain, Snapshot};
use futures::StreamExt;
use serde_json::json;
use world::{DnsError, World, reverse_name};

use super::judge::{self, Known, State, Verdict};
use super::record::{self, Record, Rule};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

/// Domains of one answer.
const DOMAINS_MAX: usize = 200;
/// Questions asked at once.
const QUESTIONS_AT_ONCE: usize = 32;
/// Addresses of the server whose reverse names are asked for.
const ADDRESSES_MAX: usize = 8;
/// How long one answer is awaited.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(5);
/// What is said where nobody answered within it.
const SILENT: &str = "the name servers did not answer in time";

const OWN: &[Parameter] = &[
    Parameter::new("Domain", Kind::Identity, "Only this accepted domain, by name, domain or GUID.")
        .positional(),
    Parameter::new("SkipCheck", Kind::Switch, "Lists the records and asks no name server."),
];

const PURPOSES: &[(&str, &str)] = &[
    ("Mail", "Mail to the domain"),
    ("MailOfSubdomains", "Mail to its subdomains"),
    ("SenderPolicy", "SPF: who may send"),
    ("SigningKey", "DKIM: signing key"),
    ("Policy", "DMARC: what to do with the rest"),
    ("Submission", "Mail programs: sending"),
    ("Autodiscover", "Mail programs: Autodiscover"),
    ("ServerAddress", "Address of the server"),
    ("ReverseName", "Name of the address"),
];

const STATES: &[(&str, &str)] = &[
    ("Matches", "Matches"),
    ("Differs", "Differs"),
    ("Missing", "Missing"),
    ("NotNeeded", "Not needed"),
    ("NotChecked", "Not checked"),
];

const OUTPUT: OutputType = OutputType {
    name: "DnsRecordToPublish",
    properties: &[
        Property::text("Domain"),
        Property::words("Purpose", PURPOSES),
        Property::text("RecordType"),
        Property::text("Name"),
        Property::text("Value"),
        Property::text("Note"),
        Property::words("State", STATES),
        Property::text("Found"),
        Property::text("Reason"),
        Property::text("Fix"),
        Property::time("Checked"),
    ],
    settings: None,
    table: &["RecordType", "Name", "Value", "State", "Found"],
};

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-DnsRecordToPublish",
    synopsis: "Lists the DNS records to publish for the accepted domains, and whether they stand there.",
    description: "The records follow from the accepted domains, the server's name, its connectors and what this \
                  version can do. Each is compared with what the configured name servers answer now; an answer may be \
                  as old as its time to live. Matches: as it should be. Differs: something else is published, which \
                  may be on purpose. NotNeeded: this server has no use for it. NotChecked: the reason says why. \
                  Postroom changes no DNS.",
    examples: &[
        Example { command: "Get-DnsRecordToPublish", sentence: "Checks every accepted domain." },
        Example {
            command: "Get-DnsRecordToPublish contoso.example -SkipCheck -Format list",
            sentence: "Lists what to publish for one domain.",
        },
    ],
    roles: &[Role::RemoteAndAcceptedDomains, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let domains = domains(&snapshot, arguments)?;
    let more = domains.len().saturating_sub(DOMAINS_MAX);
    let skipped = arguments.is_on("SkipCheck");
    let world = &context.world;
    // Where nobody answers the first question, the others would only wait as long.
    let first = if skipped { Ok(Vec::new()) } else { own_addresses(world, &snapshot).await };
    let is_silent = matches!(&first, Err(DnsError::Temporary(why)) if why == SILENT);
    let own = first.unwrap_or_default();
    let mut records = vec![record::of_server(&snapshot)];
    records.extend(own.iter().map(|ip| record::of_address(&snapshot, reverse_name(*ip))).take(ADDRESSES_MAX));
    for domain in domains.iter().take(DOMAINS_MAX) {
        records.extend(record::of_domain(&snapshot, domain));
    }
    let rows: Vec<Row> = futures::stream::iter(records.into_iter().map(|record| {
        let own = own.as_slice();
        async move {
            let verdict = match (skipped, is_silent) {
                (true, _) => judge::unasked(&record, "nobody was asked"),
                (false, true) => judge::of(&record, Err(silent()), Known { own, exchangers: None }),
                (false, false) => look(world, &record, own).await,
            };
            row(&record, verdict, (!skipped).then(|| world.clock.now().to_string()))
        }
    }))
    .buffered(QUESTIONS_AT_ONCE)
    .collect()
    .await;
    let mut output = Output::list(rows);
    if more > 0 {
        output.warnings.push(format!("{more} more domains are left out; name one with -Domain"));
    }
    Ok(output)
}

fn domains(
    snapshot: &Snapshot,
    arguments: &Arguments,
) -> Result<Vec<std::sync::Arc<AcceptedDomain>>, CmdletError> {
    if let Some(identity) = arguments.text("Domain") {
        return Ok(vec![snapshot.resolve_accepted_domain(identity)?]);
    }
    let mut found: Vec<_> = snapshot.accepted_domains().cloned().collect();
    // The default domain is what people look for first.
    found.sort_by_cached_key(|one| (!one.default, one.domain_name.to_string()));
    Ok(found)
}

async fn own_addresses(world: &World, snapshot: &Snapshot) -> Result<Vec<IpAddr>, DnsError> {
    let asked =
        world.clock.timeout(ANSWER_WAIT_MAX, world.dns.ips(&snapshot.organization().server_fqdn)).await;
    asked.unwrap_or_else(|_| Err(silent()))
}

fn silent() -> DnsError {
    DnsError::Temporary(SILENT.to_owned())
}

/// Asks what stands there, and compares it.
async fn look(world: &World, record: &Record, own: &[IpAddr]) -> Verdict {
    let exchangers = match &record.rule {
        // What its word mx means.
        Rule::Spf { domain, .. } => match in_time(world, exchangers(world, domain)).await {
            Ok(found) => Some(found),
            Err(DnsError::NxDomain | DnsError::NoRecords | DnsError::NullMx) => Some(Vec::new()),
            Err(DnsError::Temporary(_)) => None,
        },
        _ => None,
    };
    judge::of(record, ask(world, record, own).await, Known { own, exchangers: exchangers.as_deref() })
}

async fn exchangers(world: &World, name: &str) -> Result<Vec<String>, DnsError> {
    let found = world.dns.mx(name).await?.into_iter();
    Ok(found.map(|mx| format!("{} {}", mx.preference, mx.host)).collect())
}

async fn in_time<T>(world: &World, asking: impl Future<Output = Result<T, DnsError>>) -> Result<T, DnsError> {
    let asked = world.clock.timeout(ANSWER_WAIT_MAX, asking).await;
    asked.unwrap_or_else(|_| Err(silent()))
}

/// The records of that type and name, as text.
async fn ask(world: &World, record: &Record, own: &[IpAddr]) -> Result<Vec<String>, DnsError> {
    let dns = &world.dns;
    let name = record.name.as_str();
    let asking = async {
        match record.record_type {
            "MX" if name.starts_with('*') => Ok(Vec::new()),
            "MX" => exchangers(world, name).await,
            "SRV" => {
                let found = dns.srv(name).await?.into_iter();
                let text =
                    |srv: world::Srv| format!("{} {} {} {}", srv.priority, srv.weight, srv.port, srv.target);
                Ok(found.map(text).collect())
            }
            "PTR" => match own.iter().copied().find(|ip| reverse_name(*ip) == name) {
                Some(ip) => dns.ptr(ip).await,
                None => Err(DnsError::NoRecords),
            },
            // Where a name leads, by whatever record.
            "A" | "CNAME" => Ok(dns.ips(name).await?.iter().map(IpAddr::to_string).collect()),
            // A name with a selector nobody knows.
            _ if name.starts_with('<') => Err(DnsError::NoRecords),
            _ => dns.txt(name).await,
        }
    };
    in_time(world, asking).await
}

fn row(record: &Record, verdict: Verdict, checked: Option<String>) -> Row {
    rows::row_of(json!({
        "Domain": record.domain,
        "Purpose": record.purpose,
        "RecordType": record.record_type,
        "Name": record.name,
        "Value": record.value,
        "Note": record.note,
        "State": verdict.state.as_str(),
        "Found": verdict.found,
        "Reason": verdict.reason,
        "Fix": verdict.fix,
        "Checked": checked.filter(|_| verdict.state != State::NotChecked),
    }))
}
