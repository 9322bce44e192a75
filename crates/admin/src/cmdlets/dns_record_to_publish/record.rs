//! Which records each accepted domain and the server should have, from the configuration as it is.
//! May touch: nothing (pure).
//! Standards: RFC 5321 §5.1 (MX), RFC 7208 §3 (SPF), RFC 7489 §6.1 (DMARC), RFC 6186 §3.1, RFC 8314 §5.1 (SRV).

use directory::{AcceptedDomain, DomainPattern, Snapshot};

/// The port of submission that begins with TLS, RFC 8314 §3.3.
const SUBMISSIONS_PORT: u16 = 465;
/// The port of submission, RFC 6409 §3.1.
const SUBMISSION_PORT: u16 = 587;

/// A record to publish, and how one that is found is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The accepted domain, or the server's name.
    pub(super) domain: String,
    /// What it is for: a word.
    pub(super) purpose: &'static str,
    pub(super) record_type: &'static str,
    pub(super) name: String,
    /// What to publish; nothing where nothing need be, or only the administrator knows.
    pub(super) value: Option<String>,
    /// What else is to be thought of.
    pub(super) note: Option<String>,
    pub(super) rule: Rule,
}

/// What makes a record right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// An exchanger is this host.
    Exchanger(String),
    /// There is one policy of RFC 7208, and it lets this server send.
    Spf {
        /// The server's name.
        server: String,
        /// The domain itself, whose MX and A the words `mx` and `a` mean.
        domain: String,
    },
    /// There is one policy of RFC 7489.
    Dmarc,
    /// The service is at this host and port.
    Service(String),
    /// The host has an address.
    Address,
    /// The address leads back to this name.
    Reverse(String),
    /// This server has no such service: what is published, if anything, is another's.
    NotServed(&'static str),
    /// A name with a wildcard: no one name to ask for.
    Wildcard(&'static str),
}

/// The records of the server itself; those of its addresses come with the addresses.
pub(super) fn of_server(snapshot: &Snapshot) -> Record {
    let server = snapshot.organization().server_fqdn.clone();
    Record {
        domain: server.clone(),
        purpose: "ServerAddress",
        record_type: "A",
        name: server,
        value: None,
        note: Some("the public address of this server, AAAA for IPv6".to_owned()),
        rule: Rule::Address,
    }
}

/// The record that leads from an address back to the server.
pub(super) fn of_address(snapshot: &Snapshot, reverse_name: String) -> Record {
    let server = snapshot.organization().server_fqdn.clone();
    Record {
        domain: server.clone(),
        purpose: "ReverseName",
        record_type: "PTR",
        name: reverse_name,
        value: Some(server.clone()),
        note: Some("who gave you the address publishes it".to_owned()),
        rule: Rule::Reverse(server),
    }
}

/// The records of an accepted domain.
pub(super) fn of_domain(snapshot: &Snapshot, domain: &AcceptedDomain) -> Vec<Record> {
    let server = snapshot.organization().server_fqdn.as_str();
    let exact = match &domain.domain_name {
        DomainPattern::Exact(name) => name.clone(),
        DomainPattern::WithSubdomains(name) => return vec![wildcard(server, name), exchanger(server, name)],
        DomainPattern::Any => return Vec::new(),
    };
    let mut records = vec![exchanger(server, &exact)];
    if domain.match_sub_domains {
        records.push(wildcard(server, &exact));
    }
    records.extend([spf(snapshot, server, &exact), dkim(&exact), dmarc(&exact)]);
    for (port, label) in [(SUBMISSIONS_PORT, "_submissions"), (SUBMISSION_PORT, "_submission")] {
        if listens_on(snapshot, port) {
            records.push(service(server, &exact, label, port));
        }
    }
    records.push(Record {
        purpose: "Autodiscover",
        record_type: "CNAME",
        rule: Rule::NotServed("this server answers no Autodiscover requests: publish nothing"),
        ..blank(&exact, format!("autodiscover.{exact}"))
    });
    records
}

fn blank(domain: &str, name: String) -> Record {
    Record {
        domain: domain.to_owned(),
        purpose: "",
        record_type: "TXT",
        name,
        value: None,
        note: None,
        rule: Rule::Dmarc,
    }
}

fn exchanger(server: &str, domain: &str) -> Record {
    Record {
        purpose: "Mail",
        record_type: "MX",
        value: Some(format!("10 {server}")),
        rule: Rule::Exchanger(server.to_owned()),
        ..blank(domain, domain.to_owned())
    }
}

fn wildcard(server: &str, domain: &str) -> Record {
    Record {
        purpose: "MailOfSubdomains",
        record_type: "MX",
        value: Some(format!("10 {server}")),
        rule: Rule::Wildcard("a record for every subdomain cannot be asked for by one name"),
        ..blank(domain, format!("*.{domain}"))
    }
}

fn spf(snapshot: &Snapshot, server: &str, domain: &str) -> Record {
    let by_others: Vec<String> = snapshot
        .send_connectors()
        .filter(|connector| connector.enabled && !connector.dns_routing_enabled())
        .map(|connector| connector.smart_hosts_string())
        .collect();
    let note = (!by_others.is_empty()).then(|| {
        format!(
            "mail also leaves through {}: add what their operators tell you, such as include:",
            by_others.join(" and ")
        )
    });
    let by_us = snapshot.send_connectors().any(|one| one.enabled && one.dns_routing_enabled());
    // Where all mail leaves through others, a policy that names this server alone would have it rejected.
    let rest = if by_others.is_empty() || by_us { "-all" } else { "~all" };
    let note = note.filter(|_| by_us).or_else(|| {
        (!by_others.is_empty()).then(|| {
            format!(
                "mail leaves only through {}: add what their operators tell you, such as include:, and end with -all when it is there",
                by_others.join(" and ")
            )
        })
    });
    Record {
        purpose: "SenderPolicy",
        value: Some(format!("v=spf1 mx a:{server} {rest}")),
        note,
        rule: Rule::Spf { server: server.to_owned(), domain: domain.to_owned() },
        ..blank(domain, domain.to_owned())
    }
}

fn dkim(domain: &str) -> Record {
    Record {
        purpose: "SigningKey",
        rule: Rule::NotServed(
            "this server does not sign mail with DKIM, which large receivers ask of senders: let a smart host sign, and publish the record that its operator names; for this server there is none",
        ),
        ..blank(domain, format!("<selector>._domainkey.{domain}"))
    }
}

fn dmarc(domain: &str) -> Record {
    Record {
        purpose: "Policy",
        value: Some(format!("v=DMARC1; p=none; rua=mailto:postmaster@{domain}")),
        note: Some(
            "p=none only asks for reports; go on to quarantine or reject when the reports are clean"
                .to_owned(),
        ),
        rule: Rule::Dmarc,
        ..blank(domain, format!("_dmarc.{domain}"))
    }
}

fn service(server: &str, domain: &str, label: &str, port: u16) -> Record {
    Record {
        purpose: "Submission",
        record_type: "SRV",
        value: Some(format!("0 1 {port} {server}")),
        note: Some("mail programs find the server for sending by it".to_owned()),
        rule: Rule::Service(format!("{port} {server}")),
        ..blank(domain, format!("{label}._tcp.{domain}"))
    }
}

fn listens_on(snapshot: &Snapshot, port: u16) -> bool {
    snapshot
        .receive_connectors()
        .any(|connector| connector.enabled && connector.bindings.iter().any(|binding| binding.port() == port))
}
