//! Tests of name resolution: the same questions to the real resolver and to the simulated table.
//!
//! May touch: loopback sockets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::sim::SimWorld;
use crate::testdns::TestDns;
use crate::{Dns, DnsError, Mx, RealConfig, Srv};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 25));
const V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x25));

fn srv(priority: u16, weight: u16) -> Srv {
    Srv { priority, weight, port: 443, target: format!("p{priority}w{weight}.contoso.example") }
}

fn long_text() -> String {
    "v=DKIM1; p=".to_owned() + &"A".repeat(1500)
}

fn real(server: SocketAddr) -> Dns {
    let config = RealConfig {
        dns_servers: vec![server],
        dns_timeout: Duration::from_secs(20),
        ..RealConfig::default()
    };
    Dns::real(&config).unwrap()
}

/// What both have been filled with is found by both.
async fn finds_every_type(dns: &Dns) {
    let mx = |preference, host: &str| Mx { preference, host: host.to_owned() };
    let expected =
        vec![mx(10, "mx1.contoso.example"), mx(10, "mx2.contoso.example"), mx(20, "mx0.contoso.example")];
    assert_eq!(dns.mx("Contoso.Example").await, Ok(expected.clone()));
    assert_eq!(dns.mx("contoso.example.").await, Ok(expected.clone()));
    assert_eq!(dns.mx("alias.example").await, Ok(expected), "a CNAME is followed");
    assert_eq!(dns.mx("nomail.example").await, Err(DnsError::NullMx));
    assert_eq!(dns.mx("mx1.contoso.example").await, Err(DnsError::NoRecords));
    assert_eq!(dns.mx("none.example").await, Err(DnsError::NxDomain));
    assert_eq!(dns.mx(&"a".repeat(70)).await, Err(DnsError::NxDomain), "no domain name at all");

    assert_eq!(dns.ips("mx1.contoso.example").await, Ok(vec![V4, V6]));
    assert_eq!(dns.ips("mx2.contoso.example").await, Ok(vec![V6]));
    assert_eq!(dns.ips("contoso.example").await, Err(DnsError::NoRecords));
    assert_eq!(dns.ips("none.example").await, Err(DnsError::NxDomain));
    assert_eq!(dns.ips("192.0.2.25").await, Ok(vec![V4]));
    assert_eq!(dns.ips("2001:db8::25").await, Ok(vec![V6]));

    let mut texts = dns.txt("contoso.example").await.unwrap();
    texts.sort();
    assert_eq!(texts, [long_text(), "v=spf1 mx -all".to_owned()]);
    assert_eq!(
        dns.srv("_autodiscover._tcp.contoso.example").await,
        Ok(vec![srv(1, 9), srv(1, 2), srv(5, 5)])
    );
    assert_eq!(dns.ptr(V4).await, Ok(vec!["mx1.contoso.example".to_owned()]));
    assert_eq!(dns.ptr(V6).await, Ok(vec!["mx2.contoso.example".to_owned()]));
    assert_eq!(dns.ptr(Ipv4Addr::new(192, 0, 2, 99).into()).await, Err(DnsError::NxDomain));
}

async fn filled_server() -> TestDns {
    let server = TestDns::start().await.unwrap();
    for (preference, host) in [(20, "mx0"), (10, "mx2"), (10, "mx1")] {
        server.add_mx("contoso.example", preference, &format!("{host}.contoso.example")).await.unwrap();
    }
    server.add_mx("nomail.example", 0, ".").await.unwrap();
    server.add_ip("mx1.contoso.example", V4).await.unwrap();
    server.add_ip("mx1.contoso.example", V6).await.unwrap();
    server.add_ip("mx2.contoso.example", V6).await.unwrap();
    server.add_cname("alias.example", "contoso.example").await.unwrap();
    server.add_txt("contoso.example", "v=spf1 mx -all").await.unwrap();
    server.add_txt("contoso.example", &long_text()).await.unwrap();
    for place in [srv(5, 5), srv(1, 2), srv(1, 9)] {
        server.add_srv("_autodiscover._tcp.contoso.example", &place).await.unwrap();
    }
    server.add_ptr(V4, "mx1.contoso.example").await.unwrap();
    server.add_ptr(V6, "mx2.contoso.example").await.unwrap();
    server
}

#[tokio::test]
async fn the_real_resolver_reads_every_type() {
    let server = filled_server().await;
    finds_every_type(&real(server.address())).await;
}

#[test]
fn the_simulated_table_answers_alike() {
    let sim = SimWorld::new(1);
    let table = sim.dns();
    for (preference, host) in [(20, "mx0"), (10, "mx2"), (10, "mx1")] {
        table.add_mx("contoso.example", preference, &format!("{host}.contoso.example"));
    }
    table.add_null_mx("nomail.example");
    table.add_ip("mx1.contoso.example", V4);
    table.add_ip("mx1.contoso.example", V6);
    table.add_ip("mx2.contoso.example", V6);
    table.add_cname("alias.example", "contoso.example");
    table.add_txt("contoso.example", "v=spf1 mx -all");
    table.add_txt("contoso.example", &long_text());
    for place in [srv(5, 5), srv(1, 2), srv(1, 9)] {
        table.add_srv("_autodiscover._tcp.contoso.example", place);
    }
    table.add_ptr(V4, "mx1.contoso.example");
    table.add_ptr(V6, "mx2.contoso.example");
    let dns = sim.world().dns;
    sim.run(finds_every_type(&dns));
    assert_eq!(table.asked("contoso.example"), 5);

    table.fail("contoso.example", "server failure");
    let failed = Err(DnsError::Temporary("server failure".to_owned()));
    assert_eq!(sim.run(dns.mx("alias.example")), failed);
    table.heal("contoso.example");
    assert!(sim.run(dns.mx("alias.example")).is_ok());
    table.add_cname("loop.example", "loop.example");
    assert!(matches!(sim.run(dns.mx("loop.example")), Err(DnsError::Temporary(_))));
    table.remove("contoso.example");
    assert_eq!(sim.run(dns.mx("contoso.example")), Err(DnsError::NoRecords), "names below it still exist");
}

#[tokio::test]
async fn answers_are_cached() {
    let server = filled_server().await;
    let dns = real(server.address());
    dns.txt("contoso.example").await.unwrap();
    server.remove("contoso.example").await.unwrap();
    assert!(dns.txt("contoso.example").await.is_ok());
    assert_eq!(real(server.address()).txt("contoso.example").await, Err(DnsError::NoRecords));
}

#[tokio::test]
async fn no_server_is_a_temporary_failure() {
    let unused = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let config = RealConfig {
        dns_servers: vec![unused],
        dns_timeout: Duration::from_millis(50),
        ..RealConfig::default()
    };
    let dns = Dns::real(&config).unwrap();
    assert!(matches!(dns.mx("contoso.example").await, Err(DnsError::Temporary(_))));
    assert!(matches!(dns.ips("contoso.example").await, Err(DnsError::Temporary(_))));
}
