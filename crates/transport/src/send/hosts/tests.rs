//! Which hosts are tried, in which order, from tables of DNS records.

use super::*;
use uuid::Uuid;
use world::sim::SimWorld;

fn snapshot() -> Snapshot {
    Snapshot::default()
}

fn hosts(domain: &str, change: impl FnOnce(&mut SendConnector)) -> Hosts {
    let mut connector = SendConnector::new(Uuid::nil(), "Internet", Vec::new());
    connector.fqdn = Some("MX1.Contoso.Example".to_owned());
    change(&mut connector);
    let delivery_type = if connector.smart_hosts.is_empty() {
        DeliveryType::DnsConnectorDelivery
    } else {
        DeliveryType::SmartHostConnectorDelivery
    };
    let key = QueueKey { delivery_type, next_hop_domain: domain.to_owned(), connector: Uuid::nil() };
    Hosts::new(&snapshot(), &connector, &key)
}

fn smart(names: &[&str]) -> Hosts {
    hosts("", |connector| {
        connector.smart_hosts = names.iter().map(|name| name.parse().unwrap()).collect();
        connector.port = 2525;
    })
}

/// All hosts in order, as `name ip:port`, and how it ended.
fn all(sim: &SimWorld, mut hosts: Hosts) -> Result<Vec<String>, NoHost> {
    let world = sim.world();
    sim.run(async move {
        let mut found = Vec::new();
        while let Some(host) = hosts.next(&world).await? {
            found.push(format!("{} {}", host.name, host.address));
        }
        Ok(found)
    })
}

fn sim() -> SimWorld {
    let sim = SimWorld::new(1);
    let dns = sim.dns();
    for (host, ip) in [
        ("mx1.fabrikam.example", "192.0.2.1"),
        ("mx2.fabrikam.example", "192.0.2.2"),
        ("mx2.fabrikam.example", "2001:db8::2"),
        ("mx3.fabrikam.example", "192.0.2.3"),
        ("only-a.example", "192.0.2.4"),
        ("relay.contoso.example", "192.0.2.5"),
    ] {
        dns.add_ip(host, ip.parse().unwrap());
    }
    for (domain, preference, host) in [
        ("fabrikam.example", 20, "mx2.fabrikam.example"),
        ("fabrikam.example", 10, "mx1.fabrikam.example"),
        ("dead-first.example", 10, "gone.example"),
        ("dead-first.example", 20, "mx1.fabrikam.example"),
        ("dead.example", 10, "gone.example"),
        ("backup.example", 10, "mx1.fabrikam.example"),
        ("backup.example", 20, "mx1.contoso.example"),
        ("backup.example", 20, "mx2.fabrikam.example"),
        ("backup.example", 30, "mx3.fabrikam.example"),
        ("self.example", 10, "mx1.contoso.example"),
        ("self.example", 20, "mx1.fabrikam.example"),
        ("half.example", 10, "slow.example"),
        ("half.example", 20, "mx1.fabrikam.example"),
        ("slow-mx.example", 10, "slow.example"),
        ("cluster.contoso.example", 10, "mx3.fabrikam.example"),
        ("cluster.contoso.example", 5, "mx1.fabrikam.example"),
    ] {
        dns.add_mx(domain, preference, host);
    }
    dns.add_null_mx("null.example");
    dns.add_txt("text.example", "no mail");
    dns.fail("slow.example", "no server answered");
    sim
}

#[test]
fn a_domain_and_its_hosts() {
    let (mx1, mx2) = ("mx1.fabrikam.example 192.0.2.1:25", "mx2.fabrikam.example 192.0.2.2:25");
    let mx2_v6 = "mx2.fabrikam.example [2001:db8::2]:25";
    for (domain, expected) in [
        ("fabrikam.example", &[mx1, mx2, mx2_v6][..]),
        ("Fabrikam.Example", &[mx1, mx2, mx2_v6]),
        ("only-a.example", &["only-a.example 192.0.2.4:25"]),
        ("dead-first.example", &[mx1]),
        ("half.example", &[mx1]),
        // Only what is better than ourselves: mx2 and mx3 are not.
        ("backup.example", &[mx1]),
        ("[192.0.2.9]", &["192.0.2.9 192.0.2.9:25"]),
        ("[ipv6:2001:db8::9]", &["2001:db8::9 [2001:db8::9]:25"]),
    ] {
        let found = all(&sim(), hosts(domain, |_| ()));
        assert_eq!(
            found.as_deref(),
            Ok(&expected.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>()[..]),
            "{domain}"
        );
    }
}

#[test]
fn a_domain_without_a_host() {
    let never = |domain: &str| match all(&sim(), hosts(domain, |_| ())) {
        Err(NoHost::Never(failure)) => (failure.reason, failure.status),
        other => panic!("{domain}: {other:?}"),
    };
    for (domain, reason, status) in [
        ("nowhere.example", Reason::DnsNxDomain, "5.4.4"),
        ("null.example", Reason::NullMx, "5.1.10"),
        ("text.example", Reason::DnsNoRecords, "5.4.4"),
        ("dead.example", Reason::DnsNoRecords, "5.4.4"),
        ("self.example", Reason::RoutesToSelf, "5.4.6"),
        ("mx1.contoso.example", Reason::DnsNxDomain, "5.4.4"),
    ] {
        assert_eq!(never(domain), (reason, status.to_owned()), "{domain}");
    }
    for domain in ["slow.example", "slow-mx.example"] {
        let found = all(&sim(), hosts(domain, |_| ()));
        assert!(
            matches!(&found, Err(NoHost::Later { reason: Reason::DnsTemporary, error }) if error.contains("no server answered")),
            "{domain}: {found:?}"
        );
    }
}

#[test]
fn our_own_name_without_mx_leads_to_ourselves() {
    let sim = sim();
    sim.dns().add_ip("mx1.contoso.example", "192.0.2.7".parse().unwrap());
    let found = all(&sim, hosts("mx1.contoso.example", |_| ()));
    assert!(matches!(found, Err(NoHost::Never(Failure { reason: Reason::RoutesToSelf, .. }))), "{found:?}");
}

#[test]
fn permanent_dns_failures_can_be_downgraded() {
    let downgrade =
        |connector: &mut SendConnector| connector.error_policies = vec![ErrorPolicy::DowngradeDnsFailures];
    for (domain, expected) in [
        ("nowhere.example", Reason::DnsNxDomain),
        ("null.example", Reason::NullMx),
        ("dead.example", Reason::DnsNoRecords),
        ("self.example", Reason::RoutesToSelf),
    ] {
        let found = all(&sim(), hosts(domain, downgrade));
        assert!(
            matches!(&found, Err(NoHost::Later { reason, .. }) if *reason == expected),
            "{domain}: {found:?}"
        );
    }
}

#[test]
fn smart_hosts_in_their_order() {
    let found = all(&sim(), smart(&["cluster.contoso.example", "[192.0.2.9]", "relay.contoso.example"]));
    let expected = [
        "mx1.fabrikam.example 192.0.2.1:2525",
        "mx3.fabrikam.example 192.0.2.3:2525",
        "192.0.2.9 192.0.2.9:2525",
        "relay.contoso.example 192.0.2.5:2525",
    ];
    assert_eq!(found.unwrap(), expected);
    // A smart host that DNS does not know is the administrator's mistake, no recipient's.
    for (name, expected) in [
        ("nowhere.example", Reason::DnsNoRecords),
        ("slow.example", Reason::DnsTemporary),
        ("self.example", Reason::RoutesToSelf),
    ] {
        let found = all(&sim(), smart(&[name]));
        assert!(
            matches!(&found, Err(NoHost::Later { reason, .. }) if *reason == expected),
            "{name}: {found:?}"
        );
        assert_eq!(all(&sim(), smart(&[name, "192.0.2.9"])).unwrap(), ["192.0.2.9 192.0.2.9:2525"]);
    }
}

#[test]
fn only_addresses_of_the_source_family_are_tried() {
    let from_v4 =
        |connector: &mut SendConnector| connector.source_ip_address = Some("192.0.2.200".parse().unwrap());
    let found = all(&sim(), hosts("fabrikam.example", from_v4)).unwrap();
    assert_eq!(found, ["mx1.fabrikam.example 192.0.2.1:25", "mx2.fabrikam.example 192.0.2.2:25"]);
    let found = all(&sim(), hosts("[IPv6:2001:db8::9]", from_v4));
    assert!(matches!(found, Err(NoHost::Later { .. })), "{found:?}");
}

#[test]
fn the_number_of_addresses_is_bounded() {
    let sim = SimWorld::new(1);
    for number in 1..=40_u8 {
        sim.dns().add_ip("many.example", IpAddr::from([192, 0, 2, number]));
    }
    assert_eq!(all(&sim, hosts("many.example", |_| ())).unwrap().len(), ADDRESSES_TRIED_MAX);
}

#[test]
fn equal_exchangers_share_the_load() {
    let found = || {
        [(10, "a"), (10, "b"), (5, "first"), (20, "last")]
            .map(|(preference, host)| Mx { preference, host: host.to_owned() })
            .to_vec()
    };
    let mut rising = 0_u64;
    let order = in_order(found(), || {
        rising += 1;
        rising
    });
    assert_eq!(order, ["first", "a", "b", "last"]);
    let mut falling = u64::MAX;
    let order = in_order(found(), || {
        falling -= 1;
        falling
    });
    assert_eq!(order, ["first", "b", "a", "last"]);
}
