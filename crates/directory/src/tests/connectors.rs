//! Rules of connectors and certificates, and how they are chosen.
//!
//! May touch: a temporary directory.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};

use super::*;
use crate::certificate::tests::certificate;
use AuthMechanism as A;
use PermissionGroup as G;

fn receive(house: &House, name: &str, binding: &str, ranges: &[&str]) -> Result<Uuid, DirectoryError> {
    house.change(|draft| {
        let mut new = ReceiveConnector::new(draft.new_guid(), name, ConnectorUsage::Internet);
        new.bindings = vec![binding.parse().unwrap()];
        new.remote_ip_ranges = ranges.iter().map(|range| range.parse()).collect::<Result<_, _>>()?;
        draft.put_receive_connector(new).map(|made| made.guid)
    })
}

fn send(house: &House, name: &str, spaces: &[&str]) -> Result<Uuid, DirectoryError> {
    house.change(|draft| {
        let spaces = spaces.iter().map(|space| space.parse()).collect::<Result<_, _>>()?;
        let new = SendConnector::new(draft.new_guid(), name, spaces);
        draft.put_send_connector(new).map(|made| made.guid)
    })
}

fn edit_receive(
    house: &House,
    name: &str,
    edit: impl FnOnce(&mut ReceiveConnector),
) -> Result<(), DirectoryError> {
    house.change(|draft| {
        let mut changed = ReceiveConnector::clone(&*draft.snapshot().resolve_receive_connector(name)?);
        edit(&mut changed);
        draft.put_receive_connector(changed).map(|_| ())
    })
}

fn edit_send(house: &House, name: &str, edit: impl FnOnce(&mut SendConnector)) -> Result<(), DirectoryError> {
    house.change(|draft| {
        let mut changed = SendConnector::clone(&*draft.snapshot().resolve_send_connector(name)?);
        edit(&mut changed);
        draft.put_send_connector(changed).map(|_| ())
    })
}

fn chosen(house: &House, local: &str, peer: &str) -> Option<String> {
    let local: SocketAddr = local.parse().unwrap();
    let peer: IpAddr = peer.parse().unwrap();
    house.now().select_receive_connector(local, peer).map(|connector| connector.name.clone())
}

/// As Exchange does it.
#[test]
fn the_most_specific_range_wins() {
    let house = House::empty();
    receive(&house, "all", "0.0.0.0:2525", &["0.0.0.0-255.255.255.255"]).unwrap();
    receive(&house, "net", "0.0.0.0:2525", &["192.168.1.0/24", "10.1.0.0/16"]).unwrap();
    receive(&house, "one", "0.0.0.0:2525", &["192.168.1.75"]).unwrap();
    receive(&house, "bound", "127.0.0.1:2525", &["0.0.0.0/0"]).unwrap();
    for (local, peer, expected) in [
        ("10.0.0.1:2525", "192.168.1.75", Some("one")),
        ("10.0.0.1:2525", "::ffff:192.168.1.75", Some("one")),
        ("10.0.0.1:2525", "192.168.1.100", Some("net")),
        ("10.0.0.1:2525", "10.0.0.9", Some("all")),
        ("10.0.0.1:2525", "10.1.0.9", Some("net")),
        ("127.0.0.1:2525", "192.168.1.75", Some("bound")),
        ("10.0.0.1:25", "10.0.0.9", None),
        ("10.0.0.1:2525", "2001:db8::1", None),
    ] {
        assert_eq!(chosen(&house, local, peer).as_deref(), expected, "{local} {peer}");
    }
    edit_receive(&house, "one", |one| one.enabled = false).unwrap();
    assert_eq!(chosen(&house, "10.0.0.1:2525", "192.168.1.75").as_deref(), Some("net"));
}

#[test]
fn ranges_that_cannot_be_told_apart_are_refused() {
    let house = House::empty();
    receive(&house, "a", "0.0.0.0:25", &["10.0.0.0/24"]).unwrap();
    for (binding, range, fits) in [
        ("0.0.0.0:25", "10.0.0.0/24", false),
        ("0.0.0.0:25", "10.0.0.0-10.0.0.255", false),
        ("0.0.0.0:25", "10.0.0.128-10.0.1.5", false),
        ("0.0.0.0:25", "10.0.0.7", true),
        ("0.0.0.0:26", "10.0.0.0/24", true),
        ("127.0.0.1:25", "10.0.0.0/24", true),
        ("0.0.0.0:0", "10.0.0.0/24", true),
    ] {
        let made = receive(&house, &format!("{binding} {range}"), binding, &[range]);
        assert_eq!(made.is_ok(), fits, "{binding} {range}");
        if let Err(error) = made {
            assert!(error.to_string().contains("of the Receive connector \"a\""), "{error}");
        }
    }
    // Any free port is not the same port twice.
    receive(&house, "free", "0.0.0.0:0", &["10.0.0.0/24"]).unwrap();
    // The port that port 0 became is a binding as any other.
    let free = house.now().resolve_receive_connector("free").unwrap().guid;
    house.directory.set_bound(HashMap::from([(free, vec!["0.0.0.0:40026".parse().unwrap()])]));
    let error = receive(&house, "taken", "0.0.0.0:40026", &["10.0.0.0/24"]).unwrap_err().to_string();
    assert!(error.contains("of the Receive connector \"free\""), "{error}");
    receive(&house, "within", "0.0.0.0:40026", &["10.0.0.7"]).unwrap();
}

#[test]
fn listeners_say_where_connectors_really_are() {
    let house = House::seeded();
    let id = |name: &str| house.now().resolve_receive_connector(name).unwrap().guid;
    let (frontend, loopback) = (id("Default Frontend mx1"), id("mx1\\Loopback mx1"));
    let bound: SocketAddr = "127.0.0.1:40025".parse().unwrap();
    house.directory.set_bound(HashMap::from([(frontend, vec![bound]), (loopback, vec![bound])]));
    assert_eq!(chosen(&house, "127.0.0.1:40025", "127.0.0.1").as_deref(), Some("Loopback mx1"));
    assert_eq!(chosen(&house, "127.0.0.1:40025", "10.0.0.1").as_deref(), Some("Default Frontend mx1"));
    assert_eq!(chosen(&house, "127.0.0.1:25", "127.0.0.1"), None);
    let of = house.now().select_receive_connector_of(&[frontend], "127.0.0.1".parse().unwrap());
    assert_eq!(of.unwrap().guid, frontend);
    // The file's address counts for overlaps as well, and a change keeps what the listeners said.
    let error = receive(&house, "mine", "127.0.0.1:40025", &["127.0.0.0/8"]).unwrap_err().to_string();
    assert!(error.contains("Loopback mx1"), "{error}");
    receive(&house, "mine", "127.0.0.1:40025", &["127.0.0.1"]).unwrap();
    assert_eq!(chosen(&house, "127.0.0.1:40025", "127.0.0.1").as_deref(), Some("mine"));
    assert_eq!(chosen(&house, "127.0.0.1:40025", "127.0.0.2").as_deref(), Some("Loopback mx1"));
}

#[test]
fn nobody_relays_through_the_seeded_connectors_without_signing_in() {
    let house = House::seeded();
    for connector in house.now().receive_connectors() {
        let anonymous = connector.permissions(SessionIdentity::Anonymous);
        assert!(!anonymous.has(Permission::AcceptAnyRecipient), "{}", connector.name);
        let may_submit = connector.name != "Client Frontend mx1";
        assert_eq!(anonymous.has(Permission::Submit), may_submit, "{}", connector.name);
    }
    let now = house.now();
    let loopback = now.resolve_receive_connector("Loopback mx1").unwrap();
    assert!(loopback.permissions(SessionIdentity::User).has(Permission::AcceptAnyRecipient));
    assert!(loopback.offers_basic_auth(false, "127.0.0.1".parse().unwrap()));
    assert!(!loopback.offers_basic_auth(false, "10.0.0.1".parse().unwrap()));
    assert_eq!(loopback.limits.max_inbound_connection_per_source, None);
    assert!(loopback.limits.tarpit_interval.is_zero());
    let client = now.resolve_receive_connector("Client Frontend mx1").unwrap();
    assert_eq!(client.limits.message_rate_limit, Some(5));
    assert_eq!(client.limits.message_rate_source, MessageRateSource::User);
}

#[test]
fn relay_without_signing_in_is_for_named_hosts() {
    let house = House::seeded();
    receive(&house, "Printers", "0.0.0.0:2526", &["10.0.0.7"]).unwrap();
    let grant = ExtendedRight { user: Trustee::AnonymousLogon, right: Permission::AcceptAnyRecipient };
    edit_receive(&house, "Printers", |printers| {
        printers.extended_rights.insert(grant);
    })
    .unwrap();
    let printers = house.now().resolve_receive_connector("Printers").unwrap();
    let anonymous = printers.permissions(SessionIdentity::Anonymous);
    assert!(anonymous.has(Permission::AcceptAnyRecipient) && !anonymous.has(Permission::BypassAntiSpam));
    for range in ["0.0.0.0/0", "0.0.0.0/1", "::/0"] {
        let error = edit_receive(&house, "Printers", |it| it.remote_ip_ranges = vec![range.parse().unwrap()]);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("strangers could relay"), "{error}");
    }
    let error = edit_receive(&house, "Default Frontend mx1", |it| {
        it.extended_rights.insert(grant);
    });
    assert!(error.is_err());
    // Externally secured: the network vouches, so every client is trusted.
    edit_receive(&house, "Printers", |it| {
        it.extended_rights.clear();
        it.auth_mechanism = BTreeSet::from([A::Tls, A::ExternalAuthoritative]);
        it.permission_groups = BTreeSet::from([G::ExchangeServers]);
    })
    .unwrap();
    let printers = house.now().resolve_receive_connector("Printers").unwrap();
    let secured = printers.permissions(SessionIdentity::Anonymous);
    assert!(
        secured.has(Permission::AcceptAuthenticationFlag) && secured.has(Permission::BypassMessageSizeLimit)
    );
    assert!(!secured.has(Permission::AcceptHeadersOrganization));
}

#[test]
fn a_receive_connector_keeps_its_rules() {
    let house = House::empty();
    receive(&house, "c", "0.0.0.0:2527", &["10.0.0.0/8"]).unwrap();
    type Edit = fn(&mut ReceiveConnector);
    let table: &[(&str, Edit)] = &[
        ("AuthMechanism:", |c| c.auth_mechanism = BTreeSet::from([A::BasicAuthRequireTls, A::Tls])),
        ("AuthMechanism:", |c| c.auth_mechanism = BTreeSet::from([A::BasicAuthRequireTls, A::BasicAuth])),
        ("AuthMechanism:", |c| {
            c.auth_mechanism = BTreeSet::from([A::ExternalAuthoritative, A::BasicAuth]);
            c.permission_groups = BTreeSet::from([G::ExchangeServers]);
        }),
        ("AuthMechanism:", |c| c.auth_mechanism = BTreeSet::from([A::ExternalAuthoritative])),
        ("RequireTLS:", |c| {
            c.auth_mechanism.clear();
            c.limits.require_tls = true;
        }),
        ("Banner:", |c| c.banner = Some("221 hello".to_owned())),
        ("Banner:", |c| c.banner = Some("2201".to_owned())),
        ("Banner:", |c| c.banner = Some("220 a\r\n250 b".to_owned())),
        ("Banner:", |c| c.banner = Some(format!("220 {}", "x".repeat(510)))),
        ("Fqdn:", |c| c.fqdn = Some("not a host".to_owned())),
        ("Bindings:", |c| c.bindings.clear()),
        ("RemoteIPRanges:", |c| c.remote_ip_ranges.clear()),
        ("RemoteIPRanges:", |c| c.remote_ip_ranges.push("10.0.0.0/8".parse().unwrap())),
        ("ConnectionInactivityTimeout:", |c| {
            c.limits.connection_inactivity_timeout = c.limits.connection_timeout;
        }),
        ("BinaryMimeEnabled:", |c| c.limits.chunking_enabled = false),
        ("MaxHopCount:", |c| c.limits.max_hop_count = 501),
        ("MaxInboundConnectionPercentagePerSource:", |c| {
            c.limits.max_inbound_connection_percentage_per_source = 0;
        }),
        ("TlsCertificateName:", |c| c.tls_certificate_name = Some("ABC".to_owned())),
    ];
    for (expected, edit) in table {
        let error = edit_receive(&house, "c", edit).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error} should begin with {expected}");
    }
    edit_receive(&house, "c", |c| c.banner = Some("220 mail.contoso.example ESMTP".to_owned())).unwrap();
    assert!(matches!(
        receive(&house, "C", "0.0.0.0:2528", &["10.0.0.0/8"]),
        Err(DirectoryError::NameInUse { .. })
    ));
}

/// As Exchange does it.
#[test]
fn the_send_connector_is_chosen_by_space_cost_and_name() {
    let house = House::seeded();
    let selected = |domain: &str, size: u64| match house.now().select_send_connector(domain, size) {
        Selection::Connector { connector, .. } => connector.name.clone(),
        Selection::NoMatch => "no match".to_owned(),
        Selection::AllTooSmall { largest } => format!("at most {largest}"),
    };
    send(&house, "exact", &["SMTP:marketing.contoso.example;50"]).unwrap();
    assert_eq!(selected("fabrikam.example", 1), "no match");
    send(&house, "all", &["*"]).unwrap();
    send(&house, "sub", &["smtp:*.contoso.example;20"]).unwrap();
    for (name, expected) in [
        ("marketing.contoso.example", "exact"),
        ("MARKETING.Contoso.example", "exact"),
        ("a.marketing.contoso.example", "sub"),
        ("contoso.example", "sub"),
        ("fabrikam.example", "all"),
        ("[192.0.2.1]", "all"),
    ] {
        assert_eq!(selected(name, 1), expected, "{name}");
    }
    for (disabled, falls_to) in [("exact", "sub"), ("sub", "all"), ("all", "no match")] {
        edit_send(&house, disabled, |connector| connector.enabled = false).unwrap();
        assert_eq!(selected("marketing.contoso.example", 1), falls_to);
    }
    // Equal spaces: cost, then name; too small ones drop out first.
    send(&house, "b", &["x.example;10"]).unwrap();
    send(&house, "A", &["x.example;10", "y.example;1"]).unwrap();
    send(&house, "0-dear", &["x.example;20"]).unwrap();
    assert_eq!(selected("x.example", 1), "A");
    edit_send(&house, "A", |connector| connector.limits.max_message_size = Some(100_000)).unwrap();
    assert_eq!(selected("x.example", 100_000), "A");
    assert_eq!(selected("x.example", 100_001), "b");
    for name in ["b", "0-dear"] {
        edit_send(&house, name, |connector| connector.limits.max_message_size = Some(200_000)).unwrap();
    }
    assert_eq!(selected("x.example", 200_001), "at most 200000");
    edit_send(&house, "0-dear", |connector| connector.limits.max_message_size = None).unwrap();
    assert_eq!(selected("x.example", u64::MAX), "0-dear");
}

#[test]
fn address_spaces_and_smart_hosts_are_read() {
    for (text, shown) in [
        ("*", "SMTP:*;1"),
        ("SMTP:*;100", "SMTP:*;100"),
        ("smtp: Contoso.example ;7", "SMTP:contoso.example;7"),
        ("*.contoso.example", "SMTP:*.contoso.example;1"),
    ] {
        assert_eq!(text.parse::<AddressSpace>().unwrap().to_string(), shown);
    }
    for bad in ["", "*contoso.example", "a;0", "a;101", "a;x", "FAX:*;1", "--", "a b"] {
        assert!(bad.parse::<AddressSpace>().is_err(), "{bad}");
    }
    for (text, shown) in [
        ("192.0.2.1", "[192.0.2.1]"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("2001:db8::1", "[2001:db8::1]"),
        ("Relay.contoso.example", "relay.contoso.example"),
    ] {
        assert_eq!(text.parse::<SmartHost>().unwrap().to_string(), shown);
    }
    for bad in ["", "relay:25", "a b", "[relay]"] {
        assert!(bad.parse::<SmartHost>().is_err(), "{bad}");
    }
}

#[test]
fn a_send_connector_keeps_its_rules() {
    let house = House::empty();
    send(&house, "c", &["*"]).unwrap();
    let credential =
        || Some(SmartHostCredential { user_name: "us".to_owned(), password: Secret::new("s3cret") });
    type Edit = Box<dyn Fn(&mut SendConnector)>;
    let host = || vec!["relay.example".parse().unwrap()];
    let table: Vec<(&str, Edit)> = vec![
        ("AddressSpaces:", Box::new(|c| c.address_spaces.clear())),
        ("AddressSpaces:", Box::new(|c| c.address_spaces.push("*;5".parse().unwrap()))),
        ("Port:", Box::new(|c| c.port = 0)),
        ("TlsAuthLevel:", Box::new(|c| c.tls_auth_level = Some(TlsAuthLevel::EncryptionOnly))),
        (
            "IgnoreSTARTTLS:",
            Box::new(|c| {
                c.require_tls = true;
                c.ignore_starttls = true;
            }),
        ),
        (
            "TlsDomain:",
            Box::new(move |c| {
                c.smart_hosts = host();
                c.require_tls = true;
                c.tls_auth_level = Some(TlsAuthLevel::DomainValidation);
            }),
        ),
        ("TlsDomain:", Box::new(|c| c.tls_domain = Some("relay.example".to_owned()))),
        (
            "DomainSecureEnabled:",
            Box::new(move |c| {
                c.smart_hosts = host();
                c.domain_secure_enabled = true;
            }),
        ),
        (
            "SmartHostAuthMechanism:",
            Box::new(move |c| {
                c.smart_host_auth_mechanism = SmartHostAuthMechanism::BasicAuth;
                c.authentication_credential = credential();
            }),
        ),
        (
            "AuthenticationCredential:",
            Box::new(move |c| {
                c.smart_hosts = host();
                c.smart_host_auth_mechanism = SmartHostAuthMechanism::BasicAuth;
            }),
        ),
        ("AuthenticationCredential:", Box::new(move |c| c.authentication_credential = credential())),
        ("MaxMessageSize:", Box::new(|c| c.limits.max_message_size = Some(1))),
    ];
    for (expected, edit) in table {
        let error = edit_send(&house, "c", edit).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error} should begin with {expected}");
    }
    edit_send(&house, "c", move |c| {
        c.smart_hosts = host();
        c.smart_host_auth_mechanism = SmartHostAuthMechanism::BasicAuthRequireTls;
        c.authentication_credential = credential();
    })
    .unwrap();
    let made = house.now().resolve_send_connector("c").unwrap();
    assert!(made.needs_tls() && !made.dns_routing_enabled());
    assert!(!format!("{made:?}").contains("s3cret"));
}

#[test]
fn certificates_are_chosen_by_name_and_kept_while_in_use() {
    let house = House::seeded();
    let now = "2026-11-20T00:00:00Z".parse().unwrap();
    for new in [
        certificate('A', &["mail.contoso.example"], "2027-01-01T00:00:00Z"),
        certificate('B', &["mail.contoso.example"], "2028-01-01T00:00:00Z"),
        certificate('C', &["*.fabrikam.example"], "2027-06-01T00:00:00Z"),
        certificate('D', &["old.contoso.example"], "2026-02-01T00:00:00Z"),
    ] {
        house.change(|draft| draft.put_certificate(new)).unwrap();
    }
    let smtp = CertificateService::Smtp;
    let chosen = |named: Option<&str>, host: Option<&str>| {
        Certificate::clone(&house.now().select_certificate(named, smtp, host, now).unwrap())
            .thumbprint
            .remove(0)
            .to_string()
    };
    assert_eq!(chosen(None, Some("mail.contoso.example")), "B");
    assert_eq!(chosen(None, Some("a.fabrikam.example")), "C");
    assert_eq!(chosen(None, Some("old.contoso.example")), "B", "an expired one is the last resort");
    assert_eq!(chosen(Some(&"A".repeat(40)), Some("a.fabrikam.example")), "A");
    assert!(house.now().select_certificate(None, CertificateService::Imap, None, now).is_none());
    edit_receive(&house, "Default Frontend mx1", |c| c.tls_certificate_name = Some("A".repeat(40))).unwrap();
    let first = house.now().resolve_certificate(&"a".repeat(40)).unwrap().guid;
    let error = house.change(|draft| draft.remove_certificate(first)).unwrap_err().to_string();
    assert!(error.contains("Default Frontend mx1"), "{error}");
    edit_receive(&house, "Default Frontend mx1", |c| c.tls_certificate_name = None).unwrap();
    let mut web = certificate('E', &["admin.contoso.example"], "2028-01-01T00:00:00Z");
    web.services = [CertificateService::Iis].into();
    house.change(|draft| draft.put_certificate(web)).unwrap();
    let named =
        edit_receive(&house, "Default Frontend mx1", |c| c.tls_certificate_name = Some("E".repeat(40)));
    let error = named.unwrap_err().to_string();
    assert!(error.contains("not enabled for SMTP; run Enable-ExchangeCertificate EEE"), "{error}");
    house.change(|draft| draft.remove_certificate(first)).unwrap();
}

#[test]
fn settings_are_bounded_and_set_by_name() {
    let house = House::seeded();
    let mut service = TransportService::clone(house.now().transport_service());
    service.set("messageretryinterval", "00:00:01").unwrap();
    service.set("MaxOutboundConnections", "Unlimited").unwrap();
    for (name, text) in [
        ("PoisonThreshold", "0"),
        ("PoisonThreshold", "11"),
        ("QueueGlitchRetryCount", "16"),
        ("MessageRetryInterval", "1.00:00:01"),
        ("MessageRetryInterval", "5"),
        ("NoSuchSetting", "1"),
    ] {
        assert!(service.set(name, text).is_err(), "{name} {text}");
    }
    house.change(|draft| draft.set_transport_service(service)).unwrap();
    let rows = house.now().transport_service().rows();
    let shown = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    assert_eq!(shown("MessageRetryInterval").value, "00:00:01");
    assert_eq!(shown("MessageRetryInterval").default, "00:15:00");
    assert_eq!(shown("MaxOutboundConnections").value, "Unlimited");
    assert_eq!(shown("PoisonThreshold").value, "2");
    let mut config = TransportConfig::clone(house.now().transport_config());
    assert_eq!(config.max_receive_size, Some(10 * 1024 * 1024));
    config.set("MaxSendSize", "50MB").unwrap();
    config.set("ExternalPostmasterAddress", "pm@contoso.example").unwrap();
    config.set("GenerateCopyOfDSNFor", "5.4.6, 5.1.1").unwrap();
    house.change(|draft| draft.set_transport_config(config.clone())).unwrap();
    assert_eq!(house.now().external_postmaster().unwrap().as_str(), "pm@contoso.example");
    config.set("GenerateCopyOfDSNFor", "5.4").unwrap();
    assert!(house.change(|draft| draft.set_transport_config(config)).is_err());
}
