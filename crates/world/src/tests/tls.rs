//! Tests of TLS over simulated connections, by simulated time.
//!
//! May touch: nothing but the simulation.

use futures::future::join;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use crate::sim::{SIM_START, SimWorld};
use crate::{
    BoxedIo, CertStore, Certificate, CertificateInfo, Clock, Roots, TlsAcceptor, TlsConnector, TlsError,
    TlsInfo, Verification, self_signed,
};

fn day(number: i64) -> Timestamp {
    SIM_START + SignedDuration::from_hours(24 * number)
}

fn make(names: &[&str], last_day: i64) -> (Certificate, String) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let (certificate, key) = self_signed(&names, day(-1), day(last_day)).unwrap();
    (Certificate::from_pem(&certificate, &key).unwrap(), certificate)
}

type Side = Result<(BoxedIo, TlsInfo), TlsError>;

async fn shake(acceptor: &TlsAcceptor, connector: &TlsConnector, name: &str) -> (Side, Side) {
    let (near, far) = duplex(16 * 1024);
    join(connector.connect(Box::new(near), name), acceptor.accept(Box::new(far))).await
}

fn opportunistic(clock: &Clock) -> TlsConnector {
    TlsConnector::new(&Verification::Opportunistic, clock).unwrap()
}

/// The subject a client sees that asks for `name`.
async fn subject(acceptor: &TlsAcceptor, clock: &Clock, name: &str) -> String {
    let (client, server) = shake(acceptor, &opportunistic(clock), name).await;
    let (client, server) = (client.unwrap().1, server.unwrap().1);
    assert_eq!(client.sni, server.sni);
    assert_eq!((client.version.as_str(), &client.cipher), ("TLS1.3", &server.cipher));
    assert!(client.cipher.starts_with("TLS_"), "{}", client.cipher);
    assert!(!client.verified && server.peer.is_none());
    client.peer_subject().unwrap().to_owned()
}

#[test]
fn certificate_facts() {
    let (certificate, pem) = make(&["mx1.contoso.example", "*.contoso.example", "192.0.2.1"], 30);
    let info = certificate.info();
    assert_eq!(*info, CertificateInfo::from_pem(&pem).unwrap());
    assert_eq!(info.subject, "CN=mx1.contoso.example");
    assert_eq!(info.names, ["mx1.contoso.example", "*.contoso.example", "192.0.2.1"]);
    assert_eq!((info.not_before, info.not_after), (day(-1), day(30)));
    assert!(info.self_signed);
    assert_eq!((info.thumbprint.len(), info.sha256.len()), (40, 64));
    let (other, _) = make(&["mx1.contoso.example"], 30);
    assert_ne!(other.info().thumbprint, info.thumbprint);
}

#[test]
fn bad_pem_is_told_apart() {
    let names = ["a.example".to_owned()];
    let (certificate, key) = self_signed(&names, day(-1), day(1)).unwrap();
    let (_, other_key) = self_signed(&names, day(-1), day(1)).unwrap();
    let why = |certificate: &str, key: &str| Certificate::from_pem(certificate, key).unwrap_err().to_string();
    assert!(why("", &key).contains("no certificate"), "{}", why("", &key));
    assert!(why(&certificate, "").contains("private key"));
    assert!(why(&certificate, &other_key).contains("do not go together"));
    assert!(self_signed(&[], day(0), day(1)).is_err());
    assert!(TlsConnector::new(&Verification::Verify(Roots::Pem(String::new())), &Clock::real()).is_err());
    TlsConnector::new(&Verification::Verify(Roots::System), &Clock::real()).unwrap();
}

#[test]
fn the_certificate_follows_the_name_asked_for_and_a_swap_needs_no_restart() {
    let sim = SimWorld::new(1);
    let clock = sim.world().clock;
    let store = CertStore::new();
    let acceptor = TlsAcceptor::new(&store, None, &[], &clock).unwrap();
    sim.run(async {
        let (client, server) = shake(&acceptor, &opportunistic(&clock), "mx1.contoso.example").await;
        assert!(client.is_err() && server.is_err(), "no certificate, no TLS");

        let (exact, wild) = (make(&["mx1.contoso.example"], 30).0, make(&["*.contoso.example"], 30).0);
        let default = make(&["default.example"], 30).0;
        let thumbprint = default.info().thumbprint.to_lowercase();
        store.replace(vec![exact.clone(), wild.clone(), default.clone()], Some(&thumbprint));
        assert_eq!(subject(&acceptor, &clock, "MX1.contoso.example").await, "CN=mx1.contoso.example");
        assert_eq!(subject(&acceptor, &clock, "mx2.contoso.example.").await, "CN=*.contoso.example");
        assert_eq!(subject(&acceptor, &clock, "a.b.contoso.example").await, "CN=default.example");
        assert_eq!(subject(&acceptor, &clock, "contoso.example").await, "CN=default.example");
        assert_eq!(subject(&acceptor, &clock, "192.0.2.7").await, "CN=default.example");
        let named = TlsAcceptor::new(&store, Some("mx1.contoso.example"), &[], &clock).unwrap();
        assert_eq!(subject(&named, &clock, "mx2.contoso.example").await, "CN=mx1.contoso.example");
        store.replace(vec![exact, wild, default.clone()], None);
        for name in [thumbprint, "<I>CN=default.example<S>CN=default.example".to_owned()] {
            let called = TlsAcceptor::new(&store, Some(&name), &[], &clock).unwrap();
            assert_eq!(subject(&called, &clock, "mx1.contoso.example").await, "CN=default.example", "{name}");
        }

        let (old, new) =
            (make(&["mx1.contoso.example"], 5).0, make(&["mx1.contoso.example", "new.example"], 60).0);
        store.replace(vec![old, new.clone()], None);
        let (client, _) = shake(&acceptor, &opportunistic(&clock), "mx1.contoso.example").await;
        let seen = client.unwrap().1.peer.unwrap();
        assert_eq!(seen.thumbprint, new.info().thumbprint, "of two for a name the one valid longer");
        assert_eq!(store.list().len(), 2);
    });
}

#[test]
fn bytes_go_both_ways_and_the_end_is_seen() {
    let sim = SimWorld::new(1);
    let clock = sim.world().clock;
    let store = CertStore::new();
    store.replace(vec![make(&["mx1.contoso.example"], 30).0], None);
    let acceptor = TlsAcceptor::new(&store, None, &[], &clock).unwrap();
    sim.run(async {
        let (client, server) = shake(&acceptor, &opportunistic(&clock), "mx1.contoso.example").await;
        let (mut client, mut server) = (client.unwrap().0, server.unwrap().0);
        let sent = vec![7; 300_000];
        let mut received = Vec::new();
        let send = async {
            client.write_all(&sent).await.unwrap();
            client.shutdown().await.unwrap();
        };
        join(send, server.read_to_end(&mut received)).await.1.unwrap();
        assert!(received == sent);
    });
}

#[test]
fn verification_checks_root_name_and_time() {
    let sim = SimWorld::new(1);
    let clock = sim.world().clock;
    let (certificate, pem) = make(&["mx1.contoso.example"], 10);
    let store = CertStore::new();
    store.replace(vec![certificate], None);
    let acceptor = TlsAcceptor::new(&store, None, &[], &clock).unwrap();
    let both = Verification::Verify(Roots::system_and(&pem).unwrap());
    assert!(
        sim.run(shake(&acceptor, &TlsConnector::new(&both, &clock).unwrap(), "mx1.contoso.example"))
            .0
            .is_ok()
    );
    for no_root in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(Roots::system_and(no_root).is_err(), "{no_root}");
    }
    let trusting = TlsConnector::new(&Verification::Verify(Roots::Pem(pem)), &clock).unwrap();
    let public = TlsConnector::new(&Verification::Verify(Roots::System), &clock).unwrap();
    let untrusted = |connector: &TlsConnector, name: &str| {
        let (client, server) = sim.run(shake(&acceptor, connector, name));
        assert!(server.is_err());
        matches!(client, Err(TlsError::Untrusted(_)))
    };
    let (client, _) = sim.run(shake(&acceptor, &trusting, "mx1.contoso.example"));
    assert!(client.unwrap().1.verified);
    assert!(untrusted(&trusting, "mx2.contoso.example"), "another name");
    assert!(untrusted(&public, "mx1.contoso.example"), "another root");
    sim.advance(std::time::Duration::from_secs(11 * 24 * 3600));
    assert!(untrusted(&trusting, "mx1.contoso.example"), "expired by simulated time");
    assert!(sim.run(shake(&acceptor, &opportunistic(&clock), "mx1.contoso.example")).0.is_ok());
}

#[test]
fn errors_are_told_apart() {
    let sim = SimWorld::new(1);
    let connector = opportunistic(&sim.world().clock);
    sim.run(async {
        let (near, far) = duplex(1024);
        let bad_name = connector.connect(Box::new(near), "not a name").await;
        assert!(matches!(bad_name, Err(TlsError::Name(name)) if name == "not a name"));
        drop(far);
        let (near, far) = duplex(1024);
        drop(far);
        let closed = connector.connect(Box::new(near), "a.example").await;
        assert!(matches!(closed, Err(TlsError::Io(_))));
        let (near, mut far) = duplex(1024);
        far.write_all(b"220 mx1.contoso.example ESMTP\r\n").await.unwrap();
        let plain = connector.connect(Box::new(near), "a.example").await;
        assert!(matches!(plain, Err(TlsError::Handshake(_))));
    });
}
