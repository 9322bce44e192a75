//! Whether what the name servers say is what should stand there.
//! May touch: nothing (pure).
//! Standards: RFC 7208 §3.2 (one record), §5 (mechanisms); RFC 7489 §6.3 (tags), §6.6.3 (one record).

use std::net::IpAddr;

use trace::IpNetwork;
use world::DnsError;

use super::record::{Record, Rule};

/// How a published record compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Matches,
    Differs,
    Missing,
    NotNeeded,
    NotChecked,
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            State::Matches => "Matches",
            State::Differs => "Differs",
            State::Missing => "Missing",
            State::NotNeeded => "NotNeeded",
            State::NotChecked => "NotChecked",
        }
    }
}

/// What is said of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) state: State,
    /// What is published now.
    pub(super) found: Vec<String>,
    pub(super) reason: Option<String>,
    pub(super) fix: Option<String>,
}

impl Verdict {
    fn new(state: State, found: &[String]) -> Verdict {
        Verdict { state, found: found.to_vec(), reason: None, fix: None }
    }

    fn because(mut self, reason: impl Into<String>) -> Verdict {
        self.reason = Some(reason.into());
        self
    }

    fn fix(mut self, fix: impl Into<String>) -> Verdict {
        self.fix = Some(fix.into());
        self
    }
}

/// What is known beside the record itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The server's addresses.
    pub(super) own: &'a [IpAddr],
    /// The domain's exchangers as `preference host`; nothing where they could not be asked for.
    pub(super) exchangers: Option<&'a [String]>,
}

/// Where nobody was asked.
pub(super) fn unasked(record: &Record, why: &str) -> Verdict {
    match &record.rule {
        Rule::NotServed(reason) => Verdict::new(State::NotNeeded, &[]).because(*reason),
        _ => Verdict::new(State::NotChecked, &[]).because(why),
    }
}

/// The verdict on an answer: the records of that type under that name, as text.
pub(super) fn of(record: &Record, answer: Result<Vec<String>, DnsError>, known: Known<'_>) -> Verdict {
    let found = match answer {
        Ok(found) => found,
        Err(DnsError::Temporary(why)) => {
            return unasked(record, &format!("no answer: {why}"))
                .fix("Check [dns] servers in the configuration, and that they answer.");
        }
        Err(DnsError::NullMx) => vec!["0 .".to_owned()],
        Err(DnsError::NxDomain | DnsError::NoRecords) => Vec::new(),
    };
    match &record.rule {
        Rule::Exchanger(host) => exchanger(record, host, &found),
        Rule::Spf { server, domain } => spf(record, (server, domain), &found, known),
        Rule::Dmarc => dmarc(record, &found),
        Rule::Service(place) => {
            let place = format!(" {}", place.to_ascii_lowercase());
            let matches = found.iter().any(|one| one.to_ascii_lowercase().ends_with(&place));
            plain(record, &found, matches, "mail programs are led to another server")
        }
        Rule::Address => match found.as_slice() {
            [] => missing(record),
            found => Verdict::new(State::Matches, found).because(
                "the name leads to an address; whether it is this server's public one is not known here",
            ),
        },
        Rule::Reverse(server) => {
            let why = "receivers may take mail from an address with another name for junk";
            plain(record, &found, found.iter().any(|name| name.eq_ignore_ascii_case(server)), why)
        }
        Rule::NotServed(reason) => Verdict::new(State::NotNeeded, &found).because(*reason),
        Rule::Wildcard(reason) => Verdict::new(State::NotChecked, &found).because(*reason),
    }
}

fn missing(record: &Record) -> Verdict {
    let value = record.value.as_deref().or(record.note.as_deref()).unwrap_or_default();
    Verdict::new(State::Missing, &[])
        .because("there is no such record")
        .fix(format!("Publish {} {} with {value}.", record.record_type, record.name))
}

fn differs(record: &Record, found: &[String], why: impl Into<String>) -> Verdict {
    let value = record.value.as_deref().unwrap_or_default();
    Verdict::new(State::Differs, found).because(why).fix(format!(
        "Publish {} {} with {value}, unless it is so on purpose.",
        record.record_type, record.name
    ))
}

fn plain(record: &Record, found: &[String], matches: bool, why: &str) -> Verdict {
    match (found, matches) {
        ([], _) => missing(record),
        (found, true) => Verdict::new(State::Matches, found),
        (found, false) => differs(record, found, why),
    }
}

fn exchanger(record: &Record, host: &str, found: &[String]) -> Verdict {
    if found.is_empty() || is_exchanger(host, found) {
        return plain(record, found, true, "");
    }
    let why = if hosts(found).all(|one| one == ".") {
        "the domain says that it takes no mail"
    } else {
        "mail from outside goes to other servers first; right where a gateway passes it on to this one"
    };
    differs(record, found, why)
}

/// The hosts of records `preference host`.
fn hosts(exchangers: &[String]) -> impl Iterator<Item = &str> {
    exchangers.iter().filter_map(|mx| mx.split_once(' ')).map(|(_, host)| host)
}

fn is_exchanger(host: &str, exchangers: &[String]) -> bool {
    hosts(exchangers).any(|one| one.eq_ignore_ascii_case(host))
}

fn spf(record: &Record, (server, domain): (&str, &str), found: &[String], known: Known<'_>) -> Verdict {
    let is_policy = |text: &&String| {
        let text = text.to_ascii_lowercase();
        text == "v=spf1" || text.starts_with("v=spf1 ")
    };
    let policies: Vec<String> = found.iter().filter(is_policy).cloned().collect();
    let policy = match policies.as_slice() {
        [] => return missing(record),
        [policy] => policy.to_ascii_lowercase(),
        _ => return differs(record, &policies, "there are several policies, which receivers take for none"),
    };
    let (server, domain) = (server.to_ascii_lowercase(), domain.to_ascii_lowercase());
    let terms = || policy.split_whitespace().map(|term| term.strip_prefix('+').unwrap_or(term));
    let is_by_mx = terms().any(|term| term == "mx" || term == format!("mx:{domain}"));
    let lets_in = terms().any(|term| {
        let network = term.strip_prefix("ip4:").or_else(|| term.strip_prefix("ip6:"));
        let network = network.and_then(|text| text.parse::<IpNetwork>().ok());
        term == format!("a:{server}")
            || (term == "a" && server == domain)
            || term == "all"
            || network.is_some_and(|network| known.own.iter().any(|one| network.contains(*one)))
    });
    let lets_in = match known.exchangers {
        Some(exchangers) => lets_in || (is_by_mx && is_exchanger(&server, exchangers)),
        None if is_by_mx && !lets_in => {
            let why = "it lets the domain's MX hosts send, and which those are could not be asked for";
            return Verdict::new(State::NotChecked, &policies).because(why);
        }
        None => lets_in,
    };
    let others = policy.contains("include:") || policy.contains("redirect=") || policy.contains("ip4:");
    match (lets_in, others) {
        (true, _) => Verdict::new(State::Matches, &policies),
        (false, true) => differs(
            record,
            &policies,
            "it does not name this server itself; right where the mail leaves only through those it includes",
        ),
        (false, false) if is_by_mx => differs(
            record,
            &policies,
            "its mx does not mean this server, which is no MX host of the domain, and nothing else in it does",
        ),
        (false, false) => differs(record, &policies, "it does not let this server send mail of the domain"),
    }
}

fn dmarc(record: &Record, found: &[String]) -> Verdict {
    let tags = |text: &str| text.split(';').map(|tag| tag.trim().to_ascii_lowercase()).collect::<Vec<_>>();
    let is_policy =
        |text: &&String| tags(text).first().is_some_and(|first| first.replace(' ', "") == "v=dmarc1");
    let policies: Vec<String> = found.iter().filter(is_policy).cloned().collect();
    match policies.as_slice() {
        [] => missing(record),
        [policy] => {
            let word = tags(policy).iter().find_map(|tag| {
                let (name, word) = tag.split_once('=')?;
                (name.trim() == "p").then(|| word.trim().to_owned())
            });
            match word.as_deref() {
                Some("none" | "quarantine" | "reject") => Verdict::new(State::Matches, &policies),
                _ => differs(record, &policies, "it has no p= of none, quarantine or reject"),
            }
        }
        _ => differs(record, &policies, "there are several policies, which receivers take for none"),
    }
}

#[cfg(test)]
mod tests {
    use directory::{AcceptedDomain, AcceptedDomainType, DomainPattern, Snapshot};
    use uuid::Uuid;

    use super::super::record;
    use super::*;

    const SERVER: &str = "mx1.contoso.example";

    fn rule(rule: Rule) -> Record {
        let server = Snapshot::default();
        Record { value: Some("the value".to_owned()), rule, ..record::of_server(&server) }
    }

    fn known(exchangers: Option<&[String]>) -> Known<'_> {
        const OWN: &[IpAddr] = &[IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1))];
        Known { own: OWN, exchangers }
    }

    fn state(one: Rule, found: &[&str]) -> State {
        let found: Vec<String> = found.iter().map(|text| (*text).to_owned()).collect();
        of(&rule(one), Ok(found), known(Some(&["10 mx1.contoso.example".to_owned()]))).state
    }

    #[test]
    fn what_is_found_is_compared_by_meaning() {
        use State::{Differs, Matches, Missing};
        let mx = || Rule::Exchanger(SERVER.to_owned());
        let spf = || Rule::Spf { server: SERVER.to_owned(), domain: "contoso.example".to_owned() };
        let srv = || Rule::Service(format!("587 {SERVER}"));
        for (rule, found, expected) in [
            (mx(), &["5 mx0.contoso.example", "10 mx1.contoso.example"][..], Matches),
            (mx(), &["10 gateway.fabrikam.example"], Differs),
            (mx(), &["0 ."], Differs),
            (mx(), &[], Missing),
            (spf(), &["v=spf1 mx -all"], Matches),
            (spf(), &["V=SPF1 +a:MX1.contoso.example ~all", "google-site-verification=x"], Matches),
            (spf(), &["v=spf1 ip4:192.0.2.1 -all"], Matches),
            (spf(), &["v=spf1 ip4:192.0.2.2 -all"], Differs),
            (spf(), &["v=spf1 ip4:192.0.2.0/24 -all"], Matches),
            (spf(), &["v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all"], Differs),
            (spf(), &["v=spf1 ip4:192.0.2.0/99 -all"], Differs),
            (spf(), &["v=spf1 -ip4:192.0.2.0/24 -all"], Differs),
            (spf(), &["v=spf1 -mx -all"], Differs),
            (spf(), &["v=spf1 include:_spf.fabrikam.example -all"], Differs),
            (spf(), &["v=spf1 mx -all", "v=spf1 a -all"], Differs),
            (spf(), &["v=spf10 mx -all"], Missing),
            (Rule::Dmarc, &["v=DMARC1; p=reject; pct=50"], Matches),
            (Rule::Dmarc, &["v = DMARC1 ;p = none"], Matches),
            (Rule::Dmarc, &["v=DMARC1; p=perhaps"], Differs),
            (Rule::Dmarc, &["v=DMARC1; p=none", "v=DMARC1; p=reject"], Differs),
            (Rule::Dmarc, &["something else"], Missing),
            (srv(), &["0 1 587 mx1.contoso.example"], Matches),
            (srv(), &["0 1 587 other.contoso.example"], Differs),
            (Rule::Reverse(SERVER.to_owned()), &[SERVER], Matches),
            (Rule::Reverse(SERVER.to_owned()), &["dsl-7.fabrikam.example"], Differs),
            (Rule::NotServed("no"), &["x"], State::NotNeeded),
        ] {
            assert_eq!(state(rule.clone(), found), expected, "{rule:?} {found:?}");
        }
    }

    #[test]
    fn mx_in_a_policy_means_the_exchangers_there_are() {
        let spf = Rule::Spf { server: SERVER.to_owned(), domain: "contoso.example".to_owned() };
        let gateway = ["10 gateway.fabrikam.example".to_owned()];
        let both = ["5 gateway.fabrikam.example".to_owned(), "10 mx1.contoso.example".to_owned()];
        for (policy, exchangers, expected) in [
            ("v=spf1 mx -all", Some(&gateway[..]), State::Differs),
            ("v=spf1 mx:contoso.example -all", Some(&gateway), State::Differs),
            ("v=spf1 mx -all", Some(&[]), State::Differs),
            ("v=spf1 mx -all", Some(&both), State::Matches),
            ("v=spf1 mx ip4:192.0.2.1 -all", Some(&gateway), State::Matches),
            ("v=spf1 mx -all", None, State::NotChecked),
            ("v=spf1 mx a:mx1.contoso.example -all", None, State::Matches),
        ] {
            let verdict = of(&rule(spf.clone()), Ok(vec![policy.to_owned()]), known(exchangers));
            assert_eq!(verdict.state, expected, "{policy} {exchangers:?}: {verdict:?}");
            assert_eq!(verdict.reason.is_some(), expected != State::Matches, "{verdict:?}");
        }
    }

    #[test]
    fn the_servers_name_is_the_same_in_whatever_case() {
        const NAME: &str = "MX1.Contoso.example";
        let spf = Rule::Spf { server: NAME.to_owned(), domain: "Contoso.example".to_owned() };
        for (rule, found) in [
            (Rule::Exchanger(NAME.to_owned()), "10 mx1.contoso.example"),
            (spf.clone(), "v=spf1 a:mx1.contoso.example -all"),
            (spf, "v=spf1 mx:contoso.example -all"),
            (Rule::Service(format!("587 {NAME}")), "0 1 587 mx1.contoso.example"),
            (Rule::Reverse(NAME.to_owned()), "mx1.contoso.example"),
        ] {
            assert_eq!(state(rule.clone(), &[found]), State::Matches, "{rule:?}");
        }
    }

    #[test]
    fn without_an_answer_nothing_is_claimed() {
        let failed = || Err(DnsError::Temporary("timed out".to_owned()));
        let verdict = of(&rule(Rule::Dmarc), failed(), known(None));
        assert_eq!(
            (verdict.state, verdict.reason.as_deref()),
            (State::NotChecked, Some("no answer: timed out"))
        );
        assert!(verdict.fix.is_some());
        assert_eq!(of(&rule(Rule::NotServed("no")), failed(), known(None)).state, State::NotNeeded);
        assert_eq!(of(&rule(Rule::Dmarc), Err(DnsError::NxDomain), known(None)).state, State::Missing);
    }

    /// Everything leaves through a smart host: a policy of this server alone would have all of it rejected.
    #[test]
    fn the_policy_of_a_server_that_sends_through_others_does_not_reject_its_own_mail() {
        let policy = |hosts: Vec<directory::SmartHost>| {
            let path = std::path::Path::new("/directory.sqlite");
            let world = world::sim::SimWorld::new(1).world();
            let directory =
                directory::Directory::open(&world.disk, path, &world.clock, &world.chance).unwrap();
            directory
                .change("test", |draft| {
                    let space = "SMTP:*;1".parse().unwrap();
                    let mut connector =
                        directory::SendConnector::new(Uuid::from_u128(1), "Internet", vec![space]);
                    connector.smart_hosts = hosts;
                    draft.put_send_connector(connector)
                })
                .unwrap();
            let pattern = DomainPattern::Exact("contoso.example".to_owned());
            let domain = AcceptedDomain::new(Uuid::nil(), "x", pattern, AcceptedDomainType::Authoritative);
            let records = record::of_domain(&directory.snapshot(), &domain);
            let found = records.into_iter().find(|record| record.purpose == "SenderPolicy").unwrap();
            (found.value.unwrap(), found.note)
        };
        let (value, note) = policy(vec!["relay.fabrikam.example".parse().unwrap()]);
        assert!(
            value.ends_with(" ~all") && note.unwrap().contains("only through relay.fabrikam.example"),
            "{value}"
        );
        assert!(policy(Vec::new()).0.ends_with(" -all"));
    }

    #[test]
    fn the_records_of_a_domain() {
        let snapshot = Snapshot::default();
        let types = |pattern: DomainPattern, sub: bool| {
            let kind = AcceptedDomainType::Authoritative;
            let mut domain = AcceptedDomain::new(Uuid::nil(), "x", pattern, kind);
            domain.match_sub_domains = sub;
            let records = record::of_domain(&snapshot, &domain);
            records.iter().map(|record| format!("{} {}", record.record_type, record.name)).collect::<Vec<_>>()
        };
        let exact = DomainPattern::Exact("contoso.example".to_owned());
        let all = [
            "MX contoso.example",
            "MX *.contoso.example",
            "TXT contoso.example",
            "TXT <selector>._domainkey.contoso.example",
            "TXT _dmarc.contoso.example",
            "CNAME autodiscover.contoso.example",
        ];
        assert_eq!(types(exact, true), all);
        let wide = DomainPattern::WithSubdomains("contoso.example".to_owned());
        assert_eq!(types(wide, false), ["MX *.contoso.example", "MX contoso.example"]);
    }
}
