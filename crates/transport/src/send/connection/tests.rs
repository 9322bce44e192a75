//! Conversations with a scripted host, by simulated time: what is said, what comes of it, what the log shows.

use std::path::Path;

use bytes::Bytes;
use directory::{SmartHostCredential, TlsAuthLevel};
use futures::future::join;
use mail::{Address, ReversePath};
use smtp::client::{Connection as After, OutcomeClass, Recipient};
use world::sim::SimWorld;

use super::*;
use crate::protocol_log::{LoggedLine, Side};
use crate::send::scripted_host::serve;
use crate::send::unreached::reason_of;

const LOG: &str = "/data/logs/send";

struct Scene {
    sim: SimWorld,
    world: World,
    log: ProtocolLog,
    connector: SendConnector,
}

/// What came of opening a connection and sending one message.
type Came = Result<Outcome, Unreached>;

impl Scene {
    fn new(change: impl FnOnce(&mut SendConnector)) -> Self {
        let sim = SimWorld::new(1);
        let world = sim.world();
        let log =
            ProtocolLog::open(&world.disk, &world.clock, &world.exec, Path::new(LOG), Side::Send).unwrap();
        let mut connector = SendConnector::new(Uuid::nil(), "Internet", Vec::new());
        connector.fqdn = Some("mx1.contoso.example".to_owned());
        connector.protocol_logging_level = ProtocolLoggingLevel::Verbose;
        change(&mut connector);
        Self { sim, world, log, connector }
    }

    /// Plays one script per connection; the client sends one message and quits.
    fn play(&self, scripts: &[&str]) -> Came {
        let host = Host { name: "mx.fabrikam.example".to_owned(), address: "192.0.2.1:25".parse().unwrap() };
        let snapshot = Snapshot::default();
        let terms = Terms::new(&snapshot, Arc::new(self.connector.clone()), None, &self.world);
        let terms = Arc::new(terms);
        self.sim.run(async {
            let listener = self.world.net.listen(host.address).await.unwrap();
            let client = async {
                let mut connection = open(&self.world, &self.log, &terms, &host).await?;
                let outcome = connection.send(message(), "sending message").await.unwrap();
                connection.quit().await;
                Ok(outcome)
            };
            let (came, ()) = join(client, serve(&listener, scripts, &self.world)).await;
            came
        })
    }

    fn log_lines(&self) -> String {
        self.sim.run_until_stalled();
        let files = self.world.disk.read_dir(Path::new(LOG)).unwrap();
        let read = |name: &std::ffi::OsString| self.world.disk.read(&Path::new(LOG).join(name)).unwrap();
        files.iter().map(|file| String::from_utf8(read(&file.name).to_vec()).unwrap()).collect()
    }
}

impl Scene {
    /// The lines of the log, the oldest first.
    fn lines(&self) -> Vec<LoggedLine> {
        let text = self.log_lines();
        text.lines().filter(|line| !line.starts_with('#')).map(|line| LoggedLine::of(line).unwrap()).collect()
    }
}

fn message() -> Transaction {
    let recipient =
        |address| Recipient { address: Address::parse(address).unwrap(), notify: None, orcpt: None };
    Transaction {
        from: ReversePath::Null,
        recipients: vec![recipient("kj@fabrikam.example"), recipient("no@fabrikam.example")],
        body_type: smtp::Body::SevenBit,
        smtputf8: false,
        ret: None,
        envid: None,
        auth: None,
        body: Bytes::from_static(b"Subject: x\r\n\r\n.dot\r\n"),
    }
}

const MESSAGE: &str = "
    C: MAIL FROM:<>
    S: 250 2.1.0 Ok
    C: RCPT TO:<kj@fabrikam.example>
    S: 250 2.1.5 Ok
    C: RCPT TO:<no@fabrikam.example>
    S: 550 5.1.1 User unknown
    C: DATA
    S: 354 go
    C: Subject: x
    C:
    C: ..dot
    C: .
    S: 250 2.0.0 Ok: queued as 4711
    C: QUIT
    S: 221 bye
";

fn classes(came: &Came) -> Vec<OutcomeClass> {
    came.as_ref().unwrap().recipients.iter().map(|one| one.class).collect()
}

/// The whole conversation of a message over a connection that begins so.
fn plain(start: &str) -> String {
    format!("{start}{MESSAGE}")
}

#[test]
fn a_message_goes_out_and_the_log_shows_it() {
    let scene = Scene::new(|_| ());
    let came = scene.play(&[&plain("S: 220 mx ESMTP\nC: EHLO mx1.contoso.example\nS: 250 mx\n")]);
    assert_eq!(classes(&came), [OutcomeClass::Success, OutcomeClass::Permanent]);
    let outcome = came.unwrap();
    assert_eq!(outcome.connection, After::Reusable);
    assert_eq!(outcome.remote_id.unwrap().id, "4711");
    let log = scene.log_lines();
    for line in [",>,EHLO mx1.contoso.example,", ",<,550 5.1.1 User unknown,", ",*,,sending message", ",-,,"]
    {
        assert!(log.contains(line), "{line} is not in\n{log}");
    }
    assert!(!log.contains("dot"), "the message itself is not logged:\n{log}");
}

#[test]
fn a_failed_handshake_goes_on_in_plaintext_on_a_new_connection() {
    let offer =
        "S: 220 mx\nC: EHLO mx1.contoso.example\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nBAD TLS";
    let second = plain("S: 220 mx\nC: EHLO mx1.contoso.example\nS: 250-mx\nS: 250 STARTTLS\n");
    let scene = Scene::new(|_| ());
    let came = scene.play(&[offer, &second]);
    assert_eq!(classes(&came), [OutcomeClass::Success, OutcomeClass::Permanent]);
    let attempts = |scene: &Scene| {
        let lines = scene.lines().into_iter().map(|line| line.context);
        lines.filter(|said| said.starts_with("attempting to connect to ")).count()
    };
    assert_eq!(attempts(&scene), 2);
    // Where TLS is required there is no second connection.
    let scene = Scene::new(|connector| connector.require_tls = true);
    let unreached = scene.play(&[offer]).unwrap_err();
    assert_eq!((unreached.reason, attempts(&scene)), (Reason::TlsFailed, 1));
    let lines = scene.lines();
    let failed = lines.iter().find(|line| line.context == unreached.error).expect("the queue's words");
    assert_eq!((failed.mark, failed.remote.as_str()), (Mark::Information, "192.0.2.1:25"));
    assert!(!failed.local.is_empty());
}

#[test]
fn tls_where_it_is_offered() {
    let start = "S: 220 mx\nC: EHLO mx1.contoso.example\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS\nC: EHLO mx1.contoso.example\nS: 250 mx\n";
    let scene = Scene::new(|_| ());
    assert_eq!(classes(&scene.play(&[&plain(start)])), [OutcomeClass::Success, OutcomeClass::Permanent]);
    assert!(scene.log_lines().contains(",*,TLS1.3 TLS_"), "{}", scene.log_lines());
    // The certificate is self-signed: enough for encryption, not for validation.
    let scene = Scene::new(|connector| {
        connector.require_tls = true;
        connector.tls_auth_level = Some(TlsAuthLevel::CertificateValidation);
    });
    let unreached = scene.play(&[start]).unwrap_err();
    assert_eq!((unreached.reason, unreached.reply), (Reason::TlsFailed, None));
}

#[test]
fn a_certificate_of_the_organizations_own_authority_is_trusted_where_that_is() {
    let mut scene = Scene::new(|connector| {
        connector.require_tls = true;
        connector.tls_auth_level = Some(TlsAuthLevel::CertificateValidation);
    });
    let now = scene.world.clock.now();
    let day = jiff::SignedDuration::from_hours(24);
    let names = ["mx.fabrikam.example".to_owned()];
    let (pem, key) = world::self_signed(&names, now - day, now + day).unwrap();
    scene.world.disk.write_atomic(Path::new("/host.pem"), pem.as_bytes()).unwrap();
    scene.world.disk.write_atomic(Path::new("/host.key"), key.as_bytes()).unwrap();
    let start = "S: 220 mx\nC: EHLO mx1.contoso.example\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS OF DISK\n";
    assert_eq!(scene.play(&[start]).unwrap_err().reason, Reason::TlsFailed);
    scene.world.roots = world::Roots::system_and(&pem).unwrap();
    let goes_on = format!("{start}C: EHLO mx1.contoso.example\nS: 250 mx\n");
    assert_eq!(classes(&scene.play(&[&plain(&goes_on)])), [OutcomeClass::Success, OutcomeClass::Permanent]);
}

#[test]
fn required_tls_that_is_not_offered() {
    let scene = Scene::new(|connector| connector.require_tls = true);
    let script = "S: 220 mx\nC: EHLO mx1.contoso.example\nS: 250 mx\nC: QUIT\nS: 221 bye";
    assert_eq!(scene.play(&[script]).unwrap_err().reason, Reason::TlsFailed);
}

fn with_credentials(connector: &mut SendConnector, auth: SmartHostAuthMechanism) {
    let password = directory::Secret::new("hunter2");
    connector.smart_host_auth_mechanism = auth;
    connector.authentication_credential =
        Some(SmartHostCredential { user_name: "relay".to_owned(), password });
}

#[test]
fn credentials_are_sent_and_not_logged() {
    for (offer, said) in [
        ("AUTH PLAIN LOGIN", "C: AUTH PLAIN AHJlbGF5AGh1bnRlcjI=\nS: 235 ok\n"),
        (
            "AUTH LOGIN",
            "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: cmVsYXk=\nS: 334 UGFzc3dvcmQ6\nC: aHVudGVyMg==\nS: 235 ok\n",
        ),
    ] {
        let scene = Scene::new(|connector| with_credentials(connector, SmartHostAuthMechanism::BasicAuth));
        let start = format!("S: 220 mx\nC: EHLO mx1.contoso.example\nS: 250-mx\nS: 250 {offer}\n{said}");
        assert_eq!(classes(&scene.play(&[&plain(&start)])), [OutcomeClass::Success, OutcomeClass::Permanent]);
        let log = scene.log_lines();
        assert!(log.contains("*****"), "{log}");
        for secret in ["AHJlbGF5AGh1bnRlcjI", "aHVudGVyMg", "cmVsYXk"] {
            assert!(!log.contains(secret), "{secret} is in\n{log}");
        }
    }
}

#[test]
fn credentials_that_need_tls_are_never_sent_without_it() {
    let scene =
        Scene::new(|connector| with_credentials(connector, SmartHostAuthMechanism::BasicAuthRequireTls));
    let script = "S: 220 mx\nC: EHLO mx1.contoso.example\nS: 250-mx\nS: 250 AUTH PLAIN\nC: QUIT\nS: 221 bye";
    assert_eq!(scene.play(&[script]).unwrap_err().reason, Reason::TlsFailed);
}

#[test]
fn a_host_that_refuses_or_says_nothing() {
    let busy = Scene::new(|_| ()).play(&["S: 421 4.3.2 too many connections"]).unwrap_err();
    assert_eq!(
        (busy.reason, busy.reply.as_deref()),
        (Reason::RemoteTransient, Some("421 4.3.2 too many connections"))
    );
    assert!(
        busy.error.contains("\"421 4.3.2 too many connections\". Last endpoint attempted was 192.0.2.1:25")
    );
    let closed = Scene::new(|_| ()).play(&["S: 554 no mail here\nC: QUIT"]).unwrap_err();
    assert_eq!(closed.reason, Reason::RemotePermanent);
    let scene = Scene::new(|_| ());
    let before = scene.sim.elapsed();
    assert_eq!(scene.play(&["SILENCE"]).unwrap_err().reason, Reason::ConnectionTimedOut);
    // RFC 5321 §4.5.3.2.1: five minutes for the greeting.
    assert_eq!(scene.sim.elapsed() - before, Duration::from_secs(300));
    let scene =
        Scene::new(|connector| connector.limits.connection_inactivity_timeout = Duration::from_secs(20));
    let before = scene.sim.elapsed();
    assert_eq!(scene.play(&["SILENCE"]).unwrap_err().reason, Reason::ConnectionTimedOut);
    assert_eq!(scene.sim.elapsed() - before, Duration::from_secs(20));
}

#[test]
fn a_host_that_is_not_there() {
    let scene = Scene::new(|_| ());
    let host = Host { name: "mx.fabrikam.example".to_owned(), address: "192.0.2.9:25".parse().unwrap() };
    let terms = Terms::new(&Snapshot::default(), Arc::new(scene.connector.clone()), None, &scene.world);
    let terms = Arc::new(terms);
    let try_it =
        || scene.sim.run(async { open(&scene.world, &scene.log, &terms, &host).await.err().unwrap() });
    let refused = try_it();
    assert_eq!((refused.reason, refused.reply.clone()), (Reason::ConnectionRefused, None));
    assert!(
        refused.error.starts_with("441 4.4.1 ") && refused.error.ends_with("192.0.2.9:25"),
        "{}",
        refused.error
    );
    scene.sim.net().make_silent(host.address.ip());
    let silent = try_it();
    assert_eq!(silent.reason, Reason::ConnectionTimedOut);
    // Each attempt is a session of the protocol log, that says where to and why not.
    let lines = scene.lines();
    let shown: Vec<_> = lines.iter().map(|line| (line.number, line.mark, line.context.as_str())).collect();
    let attempt = "attempting to connect to mx.fabrikam.example [192.0.2.9]:25";
    assert_eq!(
        shown,
        [
            (0, Mark::Information, attempt),
            (1, Mark::Information, refused.error.as_str()),
            (0, Mark::Information, attempt),
            (1, Mark::Information, silent.error.as_str()),
        ]
    );
    assert!(lines.iter().all(|line| line.connector == "Internet" && line.remote == "192.0.2.9:25"));
    assert!(lines.iter().all(|line| line.local.is_empty()), "there was no connection");
    let sessions: Vec<&str> = lines.iter().map(|line| line.session.as_str()).collect();
    assert!(sessions[0] == sessions[1] && sessions[2] == sessions[3] && sessions[0] != sessions[2]);
}

#[test]
fn a_connector_without_a_protocol_log_logs_no_attempt() {
    let scene = Scene::new(|connector| connector.protocol_logging_level = ProtocolLoggingLevel::None);
    let host = Host { name: "mx.fabrikam.example".to_owned(), address: "192.0.2.9:25".parse().unwrap() };
    let connector = Arc::new(scene.connector.clone());
    let terms = Arc::new(Terms::new(&Snapshot::default(), connector, None, &scene.world));
    scene.sim.run(async {
        assert!(open(&scene.world, &scene.log, &terms, &host).await.is_err());
        terms.log_no_host(&scene.world, &scene.log, "451 4.4.0 DNS query failed");
    });
    assert!(scene.lines().is_empty());
}

#[tokio::test]
async fn a_port_of_this_machine_that_refuses_is_in_the_log() {
    let scene = Scene::new(|_| ());
    // The network is the machine's, the log that of the simulated one.
    let world = World { net: world::Net::real(), clock: Clock::real(), ..scene.world.clone() };
    let listener = world.net.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let host = Host { name: "127.0.0.1".to_owned(), address };
    let connector = Arc::new(scene.connector.clone());
    let terms = Arc::new(Terms::new(&Snapshot::default(), connector, None, &world));
    let refused = open(&world, &scene.log, &terms, &host).await.err().unwrap();
    assert_eq!(refused.reason, Reason::ConnectionRefused);
    let lines = scene.lines();
    let said: Vec<&str> = lines.iter().map(|line| line.context.as_str()).collect();
    assert_eq!(said, [format!("attempting to connect to [127.0.0.1]:{}", address.port()), refused.error]);
    assert!(lines.iter().all(|line| line.remote == address.to_string()));
}

#[test]
fn a_connection_that_breaks_in_the_middle() {
    let start = "S: 220 mx\nC: EHLO mx1.contoso.example\nS: 250 mx\nC: MAIL FROM:<>\nS: 250 Ok\n";
    let came = Scene::new(|_| ()).play(&[start]);
    let outcome = came.unwrap();
    assert_eq!(outcome.connection, After::Closed);
    assert!(outcome.recipients.iter().all(|one| one.cause == Cause::ConnectionLost));
    assert_eq!(reason_of(&outcome.recipients[0]), Reason::ConnectionDropped);
}
