//! What a trial says of conversations with a scripted host.

use directory::{SmartHostAuthMechanism, SmartHostCredential};
use futures::future::join;
use world::World;
use world::sim::SimWorld;

use super::*;
use crate::protocol_log::{ProtocolLog, Side};
use crate::send::hosts::Host;
use crate::send::scripted_host::serve;

/// Plays the scripts, one for each connection; gives the steps as `name result reply or detail`.
fn play(change: impl FnOnce(&mut SendConnector), scripts: &[&str]) -> Vec<String> {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let folder = std::path::Path::new("/data/logs/send");
    let log = ProtocolLog::open(&world.disk, &world.clock, &world.exec, folder, Side::Send).unwrap();
    let mut connector = SendConnector::new(uuid::Uuid::nil(), "Internet", Vec::new());
    connector.fqdn = Some("mx1.contoso.example".to_owned());
    change(&mut connector);
    let transcript = Arc::new(Transcript::new(&world.clock));
    sim.run(async {
        let host = Host { name: "mx.fabrikam.example".to_owned(), address: "192.0.2.1:25".parse().unwrap() };
        let listener = world.net.listen(host.address).await.unwrap();
        let talk = converse(&world, &log, connector, &transcript, &host);
        join(talk, serve(&listener, scripts, &world)).await
    });
    let steps = steps::of(&transcript.lines());
    let shown = |step: &Step| {
        let what = step.reply.clone().or(step.detail.clone()).unwrap_or_default();
        format!("{} {:?} {what}", step.name, step.result)
    };
    steps.iter().map(shown).collect()
}

async fn converse(
    world: &World,
    log: &ProtocolLog,
    connector: SendConnector,
    transcript: &Arc<Transcript>,
    host: &Host,
) {
    let terms = Terms::new(&Snapshot::default(), Arc::new(connector), None, &world.clock);
    let terms = Arc::new(terms.noted(Arc::clone(transcript)));
    let Ok(mut connection) = connection::open(world, log, &terms, host).await else { return };
    let to = Address::parse("kj@fabrikam.example").unwrap();
    let transaction = smtp::client::Transaction {
        from: ReversePath::Null,
        recipients: vec![smtp::client::Recipient { address: to, notify: None, orcpt: None }],
        body_type: smtp::Body::SevenBit,
        smtputf8: false,
        ret: None,
        envid: None,
        auth: None,
        body: Bytes::from_static(b"Subject: x\r\n\r\nx\r\n"),
    };
    let outcome = connection.send(transaction, "").await;
    let connector = Arc::clone(&terms.connector);
    drop(read(outcome.as_ref(), &connection, &connector, transcript));
    connection.quit().await;
}

#[test]
fn every_step_has_its_own_reply_though_the_host_offers_pipelining() {
    let steps = play(
        |_| {},
        &["S: 220 mx.fabrikam.example ESMTP
        C: EHLO mx1.contoso.example
        S: 250-mx.fabrikam.example
        S: 250-STARTTLS
        S: 250 PIPELINING
        C: STARTTLS
        S: 220 go ahead
        TLS
        C: EHLO mx1.contoso.example
        S: 250-mx.fabrikam.example
        S: 250 PIPELINING
        C: MAIL FROM:<>
        S: 250 2.1.0 ok
        C: RCPT TO:<kj@fabrikam.example>
        S: 250 2.1.5 ok
        C: DATA
        S: 354 go on
        C: Subject: x
        C:
        C: x
        C: .
        S: 250 2.0.0 Ok: queued as 4ZQ1Xk2Lz
        C: QUIT
        S: 221 bye"],
    );
    let tls = &steps[4];
    assert!(tls.starts_with("TLS Success TLS1.3 "), "{tls}");
    assert!(
        tls.contains("certificate of mx.fabrikam.example, issued by itself, valid until ")
            && tls.ends_with("were not checked: the connector asks for encryption only"),
        "{tls}"
    );
    let others: Vec<&str> =
        steps.iter().filter(|step| !step.starts_with("TLS ")).map(String::as_str).collect();
    let local = others[0];
    assert!(local.starts_with("Connect Success from "), "{local}");
    assert_eq!(
        others[1..],
        [
            "Banner Success 220 mx.fabrikam.example ESMTP",
            "EHLO Success 250-mx.fabrikam.example\n250-STARTTLS\n250 PIPELINING",
            "STARTTLS Success 220 go ahead",
            "EHLO Success 250-mx.fabrikam.example\n250 PIPELINING",
            "MAIL FROM Success 250 2.1.0 ok",
            "RCPT TO Success 250 2.1.5 ok",
            "DATA Success 354 go on",
            "Message Success 250 2.0.0 Ok: queued as 4ZQ1Xk2Lz",
        ]
    );
}

#[test]
fn the_step_that_failed_says_why() {
    let hello = "S: 220 hello
        C: EHLO mx1.contoso.example
        S: 250 mx.fabrikam.example";
    let refused = format!(
        "{hello}
        C: MAIL FROM:<>
        S: 250 ok
        C: RCPT TO:<kj@fabrikam.example>
        S: 550 5.7.1 relaying denied
        C: QUIT
        S: 221 bye"
    );
    let steps = play(|_| {}, &[&refused]);
    assert_eq!(steps.last().unwrap(), "RCPT TO Failure 550 5.7.1 relaying denied");

    let none = format!("{hello}\nC: QUIT\nS: 221 bye");
    let steps = play(|connector| connector.require_tls = true, &[&none]);
    let last = steps.last().unwrap();
    assert!(last.starts_with("STARTTLS Failure ") && last.contains("does not offer STARTTLS"), "{last}");

    let steps = play(|_| {}, &["S: 421 4.3.2 too busy"]);
    assert_eq!(steps.last().unwrap(), "Banner Failure 421 4.3.2 too busy");
}

#[test]
fn credentials_are_not_in_the_steps() {
    let password = "do-not-tell";
    let script = "S: 220 hello
        C: EHLO mx1.contoso.example
        S: 250-mx.fabrikam.example
        S: 250 AUTH PLAIN
        C: AUTH PLAIN AGtpbQBkby1ub3QtdGVsbA==
        S: 535 5.7.8 no
        C: QUIT
        S: 221 bye";
    let change = |connector: &mut SendConnector| {
        connector.smart_host_auth_mechanism = SmartHostAuthMechanism::BasicAuth;
        connector.authentication_credential = Some(SmartHostCredential {
            user_name: "kim".to_owned(),
            password: directory::Secret::new(password),
        });
    };
    let steps = play(change, &[script]);
    assert_eq!(steps.last().unwrap(), "AUTH Failure 535 5.7.8 no");
    assert!(!steps.concat().contains("AGtpbQBk"), "{steps:?}");
}

#[test]
fn what_would_be_tried_again_ends_here_with_its_reason() {
    let host = Host { name: "mx.fabrikam.example".to_owned(), address: "192.0.2.1:25".parse().unwrap() };
    let unreached = Unreached::connecting(&host, Reason::ConnectionRefused, "refused");
    let End::Failed(failure) = at_once(End::Later(unreached.into())) else { panic!("it waits") };
    assert_eq!((failure.reason, failure.remote), (Reason::ConnectionRefused, None));
    assert!(failure.reply.contains("Failed to connect: refused"), "{}", failure.reply);
}
