//! What a trial says of conversations with a scripted host.

use directory::{SmartHostAuthMechanism, SmartHostCredential};
use events::EventId;
use futures::future::{Either, join, select};
use spool::EventSeq;
use tokio::io::AsyncWriteExt as _;
use world::World;
use world::sim::{PowerCut, SimWorld};

use super::*;
use crate::protocol_log::{ProtocolLog, Side};
use crate::send::hosts::Host;
use crate::send::scripted_host::serve;
use crate::send::worker::tests::open;

/// Plays the scripts, one for each connection; gives the steps as `name result reply or detail`.
fn play(change: impl FnOnce(&mut SendConnector), scripts: &[&str]) -> Vec<String> {
    let shown = |step: &Step| {
        let what = step.reply.clone().or(step.detail.clone()).unwrap_or_default();
        format!("{} {:?} {what}", step.name, step.result)
    };
    played(change, scripts).0.iter().map(shown).collect()
}

/// The steps themselves, and what the protocol log has.
fn played(change: impl FnOnce(&mut SendConnector), scripts: &[&str]) -> (Vec<Step>, String) {
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
    drop(log);
    sim.run_until_stalled();
    let files = world.disk.read_dir(folder).unwrap();
    let files = files.iter().map(|file| world.disk.read(&folder.join(&file.name)).unwrap());
    let logged = files.map(|file| String::from_utf8(file.to_vec()).unwrap()).collect();
    (steps::of(&transcript.lines()), logged)
}

async fn converse(
    world: &World,
    log: &ProtocolLog,
    connector: SendConnector,
    transcript: &Arc<Transcript>,
    host: &Host,
) {
    let terms = Terms::new(&Snapshot::default(), Arc::new(connector), None, world);
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
fn credentials_are_neither_in_the_steps_nor_in_the_protocol_log() {
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
        connector.protocol_logging_level = directory::ProtocolLoggingLevel::Verbose;
        connector.smart_host_auth_mechanism = SmartHostAuthMechanism::BasicAuth;
        connector.authentication_credential = Some(SmartHostCredential {
            user_name: "kim".to_owned(),
            password: directory::Secret::new(password),
        });
    };
    let (steps, logged) = played(change, &[script]);
    let last = steps.last().unwrap();
    assert_eq!(
        (last.name, last.result, last.reply.as_deref()),
        ("AUTH", StepResult::Failure, Some("535 5.7.8 no"))
    );
    assert_eq!(last.sent.as_deref(), Some("AUTH *****"));
    assert!(logged.contains(",>,AUTH PLAIN *****,") && logged.contains("535 5.7.8 no"), "{logged}");
    for secret in ["AGtpbQBk", "do-not-tell", "ZG8tbm90LXRlbGw"] {
        for step in &steps {
            assert!(!format!("{step:?}").contains(secret), "{step:?}");
        }
        assert!(!logged.contains(secret), "{logged}");
    }
}

#[test]
fn what_is_no_smtp_reply_is_not_quoted() {
    let steps = play(|_| {}, &["S: -ERR the secret of the house"]);
    let all = steps.concat();
    assert!(all.contains(steps::NO_REPLY) && !all.contains("secret"), "{steps:?}");
    assert!(steps.last().unwrap().contains("Failure"), "{steps:?}");
    for (line, is_one) in [
        ("220 hello", true),
        ("250-SIZE", true),
        ("250", true),
        ("HTTP/1.1 400", false),
        ("2200 x", false),
        ("25", false),
        ("é50 x", false),
    ] {
        assert_eq!(steps::is_reply(line), is_one, "{line}");
    }
}

fn trial(smart_host: &str) -> Trial {
    let mut connector = SendConnector::new(uuid::Uuid::nil(), "Secret <plan>", Vec::new());
    connector.smart_hosts = vec![smart_host.parse().unwrap()];
    Trial {
        connector,
        from: ReversePath::Null,
        author: Address::parse("postmaster@contoso.example").unwrap(),
        to: Address::parse("kj@fabrikam.example").unwrap(),
        asked_by: "admin".to_owned(),
        may_reach_this_machine: false,
    }
}

/// The ends in the record, as `FAIL reason`; nothing may be left in the spool.
fn ends(sim: &SimWorld, shared: &Shared) -> Vec<String> {
    assert!(shared.spool.messages().next().is_none(), "a message was left");
    let stored = sim.run(shared.spool.events_after(EventSeq(0), 100)).unwrap();
    let events = stored.iter().map(|event| events::decode(&event.bytes).unwrap());
    events
        .filter(|event| event.event_id != EventId::Receive)
        .map(|event| format!("{:?} {:?}", event.event_id, event.detail.reason.unwrap()))
        .collect()
}

#[test]
fn a_host_that_trickles_does_not_hold_a_trial_for_ever() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let shared = sim.run(Box::pin(open(world.clone())));
    let tried = sim.run(async {
        let listener = world.net.listen("192.0.2.1:25".parse().unwrap()).await.unwrap();
        let trickle = std::pin::pin!(async {
            let mut io = listener.accept().await.unwrap().io;
            // Always within the patience for one reply, and never a whole one.
            while io.write_all(b"220-still here\r\n").await.is_ok() {
                world.clock.sleep(PATIENCE_MAX / 2).await;
            }
            std::future::pending::<()>().await;
        });
        match select(std::pin::pin!(shared.try_send_connector(trial("192.0.2.1"))), trickle).await {
            Either::Left((tried, _)) => tried.unwrap(),
            Either::Right(((), _)) => unreachable!(),
        }
    });
    assert_eq!(tried.why.unwrap().name, "ConnectionTimedOut");
    assert_eq!(ends(&sim, &shared), ["Fail ConnectionTimedOut"]);
}

#[test]
fn so_many_trials_run_at_once_and_no_more() {
    let sim = SimWorld::new(1);
    let shared = sim.run(Box::pin(open(sim.world())));
    let places: Vec<_> = (0..TRIALS_MAX).map(|_| shared.trials.try_acquire().unwrap()).collect();
    let refused = sim.run(shared.try_send_connector(trial("192.0.2.1"))).unwrap_err();
    assert!(matches!(refused, TrialError::Busy) && refused.to_string().starts_with("4 tests"), "{refused}");
    assert!(ends(&sim, &shared).is_empty());
    drop(places);
    for _ in 0..=TRIALS_MAX {
        sim.run(shared.try_send_connector(trial("192.0.2.1"))).unwrap();
    }
}

#[test]
fn what_a_crash_broke_off_is_ended_and_not_sent_again() {
    let sim = SimWorld::new(1);
    let shared = sim.run(Box::pin(open(sim.world())));
    let message = message(&shared, &shared.directory.snapshot(), &trial("192.0.2.1"));
    assert!(is_trial(&message.envelope));
    let mut batch = Batch::new();
    shared.add_message(&mut batch, message).unwrap();
    sim.run(shared.spool.commit(batch)).unwrap();
    drop(shared);
    sim.crash(PowerCut::LoseAll);
    let shared = sim.run(Box::pin(open(sim.world())));
    assert_eq!(shared.submission.len(), 0);
    assert_eq!(ends(&sim, &shared), ["Fail ConnectionDropped"]);
}

#[test]
fn hosts_of_this_machine_are_not_for_whoever_names_them() {
    let sim = SimWorld::new(1);
    sim.dns().add_ip("inside.fabrikam.example", "127.0.0.1".parse().unwrap());
    let shared = sim.run(Box::pin(open(sim.world())));
    for host in ["127.0.0.1", "169.254.169.254", "0.0.0.0", "inside.fabrikam.example"] {
        let tried = sim.run(shared.try_send_connector(trial(host))).unwrap();
        let names: Vec<_> = tried.steps.iter().map(|step| (step.name, step.result)).collect();
        assert_eq!(names, [("Resolve", StepResult::Failure)], "{host}");
        let why = tried.steps[0].detail.as_deref().unwrap();
        assert!(why.contains("own machine or link"), "{why}");
    }
    let own = Trial { may_reach_this_machine: true, ..trial("127.0.0.1") };
    let tried = sim.run(shared.try_send_connector(own)).unwrap();
    assert_eq!(tried.steps[1].name, "Connect");
    for address in ["::1", "::", "fe80::1", "::ffff:127.0.0.1", "224.0.0.1"] {
        assert!(is_near(address.parse().unwrap()), "{address}");
    }
    for address in ["192.0.2.1", "10.1.2.3", "192.168.1.5", "fd00::1", "2001:db8::1"] {
        assert!(!is_near(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn only_the_name_of_a_stored_connector_is_in_the_subject() {
    let mut connector = trial("192.0.2.1").connector;
    assert_eq!(subject(&connector), "Test of a Send connector");
    connector.guid = uuid::Uuid::from_u128(7);
    assert_eq!(subject(&connector), "Test of the Send connector Secret <plan>");
}

#[test]
fn what_would_be_tried_again_ends_here_with_its_reason() {
    let host = Host { name: "mx.fabrikam.example".to_owned(), address: "192.0.2.1:25".parse().unwrap() };
    let unreached = Unreached::connecting(&host, Reason::ConnectionRefused, "refused");
    let End::Failed(failure) = at_once(End::Later(unreached.into())) else { panic!("it waits") };
    assert_eq!((failure.reason, failure.remote), (Reason::ConnectionRefused, None));
    assert!(failure.reply.contains("Failed to connect: refused"), "{}", failure.reply);
}
