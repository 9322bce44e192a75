//! Sessions in text: what the server answers, what the client says, what comes of it.

use super::*;
use crate::command::{Body, Notify, OriginalRecipient, Ret};
use mail::{Address, ReversePath};

/// A server that answers from a script: whenever the client reads, it gets the next text.
struct Peer {
    session: ClientSession,
    script: VecDeque<&'static str>,
    said: String,
}

/// What a run ended with.
#[derive(Debug)]
enum End {
    Ready,
    Done(Outcome),
    Failed(RecipientOutcome),
    Tls,
    Closed,
}

impl Peer {
    fn new(params: ClientParams, script: &[&'static str]) -> Peer {
        let session = ClientSession::new(params);
        Peer { session, script: script.iter().copied().collect(), said: String::new() }
    }

    fn ready(keywords: &'static str, script: &[&'static str]) -> Peer {
        let mut peer = Peer::new(params(), &["220 mx.example ESMTP\r\n", keywords]);
        assert!(matches!(peer.run(), End::Ready));
        assert_eq!(peer.take_said(), "EHLO mx1.contoso.example\r\n");
        peer.script.extend(script);
        peer
    }

    fn run(&mut self) -> End {
        loop {
            match self.session.step() {
                Step::Write(bytes, _) => self.said.push_str(std::str::from_utf8(&bytes).unwrap()),
                Step::Read => match self.script.pop_front() {
                    Some(text) => self.session.received(text.as_bytes()),
                    None => self.session.connection_lost(Cause::ConnectionLost),
                },
                Step::UpgradeTls => return End::Tls,
                Step::Ready => return End::Ready,
                Step::Done(outcome) => return End::Done(outcome),
                Step::Failed(failure) => return End::Failed(failure),
                Step::Closed => return End::Closed,
            }
        }
    }

    fn send(&mut self, transaction: Transaction) -> Outcome {
        self.session.begin(transaction).unwrap();
        match self.run() {
            End::Done(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    }

    fn take_said(&mut self) -> String {
        std::mem::take(&mut self.said)
    }
}

fn params() -> ClientParams {
    ClientParams {
        ehlo_name: "mx1.contoso.example".to_owned(),
        security: Security::Plaintext,
        starttls: StartTls::Opportunistic,
        logon: None,
        pipelining: Pipelining::WhereOffered,
    }
}

fn message(recipients: &[&str], body: &str) -> Transaction {
    let recipient =
        |address: &&str| Recipient { address: Address::parse(address).unwrap(), notify: None, orcpt: None };
    Transaction {
        from: ReversePath::Address(Address::parse("kim@contoso.example").unwrap()),
        recipients: recipients.iter().map(recipient).collect(),
        body_type: Body::SevenBit,
        smtputf8: false,
        ret: None,
        envid: None,
        auth: None,
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn shown(outcome: &Outcome) -> Vec<String> {
    outcome.recipients.iter().map(|one| format!("{:?} {:?} {one}", one.class, one.step)).collect()
}

const PIPELINING: &str = "250-mx.example\r\n250-SIZE 1000\r\n250 PIPELINING\r\n";
const PLAIN: &str = "250 mx.example\r\n";

#[test]
fn a_pipelined_transaction_and_another() {
    let mut peer = Peer::ready(
        PIPELINING,
        &[
            "250 2.1.0 OK\r\n250 2.1.5 OK\r\n550 5.1.1 no such user\r\n354 go\r\n",
            "250 2.0.0 Ok: queued as 4ZQ1\r\n",
            "250 2.1.0 OK\r\n250 2.1.5 OK\r\n354 go\r\n250 2.0.0 Ok\r\n",
            "221 bye\r\n",
        ],
    );
    let outcome = peer.send(message(&["a@b.example", "c@b.example"], "\r\n.x\r\n"));
    assert_eq!(
        shown(&outcome),
        ["Success EndOfData 250 2.0.0 Ok: queued as 4ZQ1", "Permanent Rcpt 550 5.1.1 no such user"]
    );
    assert_eq!(outcome.remote_id.unwrap().id, "4ZQ1");
    assert_eq!((outcome.connection, outcome.stale), (Connection::Reusable, false));
    assert_eq!(
        peer.take_said(),
        "MAIL FROM:<kim@contoso.example> SIZE=6\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@b.example>\r\nDATA\r\n\
         \r\n..x\r\n.\r\n"
    );
    assert!(matches!(peer.run(), End::Ready));
    let outcome = peer.send(message(&["a@b.example"], "x"));
    assert_eq!(outcome.recipients[0].class, OutcomeClass::Success);
    assert!(peer.take_said().ends_with("DATA\r\nx\r\n.\r\n"));
    assert!(matches!(peer.run(), End::Ready));
    peer.session.quit();
    assert!(matches!(peer.run(), End::Closed));
    assert_eq!(peer.take_said(), "QUIT\r\n");
}

#[test]
fn all_recipients_refused_and_data_accepted() {
    let mut peer = Peer::ready(
        PIPELINING,
        &["250 OK\r\n550 no\r\n354 go\r\n", "250 empty\r\n", "250 OK\r\n250 OK\r\n354 go\r\n", "250 OK\r\n"],
    );
    let outcome = peer.send(message(&["a@b.example"], "x\r\n"));
    assert_eq!(shown(&outcome), ["Permanent Rcpt 550 no"]);
    assert!(peer.take_said().ends_with("DATA\r\n.\r\n"));
    peer.run();
    assert_eq!(peer.send(message(&["a@b.example"], "x\r\n")).recipients[0].class, OutcomeClass::Success);
    assert!(peer.take_said().starts_with("MAIL"));
}

#[test]
fn all_recipients_refused_and_data_refused_then_reset() {
    let mut peer = Peer::ready(
        PIPELINING,
        &[
            "250 OK\r\n450 later\r\n503 no recipients\r\n",
            "250 reset\r\n250 OK\r\n250 OK\r\n354 go\r\n",
            "250 OK\r\n",
        ],
    );
    assert_eq!(shown(&peer.send(message(&["a@b.example"], "x\r\n"))), ["Transient Rcpt 450 later"]);
    peer.take_said();
    peer.run();
    assert_eq!(peer.send(message(&["a@b.example"], "x\r\n")).recipients[0].class, OutcomeClass::Success);
    assert!(peer.take_said().starts_with("RSET\r\nMAIL"));
}

#[test]
fn lock_step_where_pipelining_is_not_offered() {
    let mut peer = Peer::ready(
        PLAIN,
        &["250 OK\r\n", "550 no\r\n", "550 no\r\n", "250 reset\r\n", "451 4.3.0 wait\r\n"],
    );
    let outcome = peer.send(message(&["a@b.example", "c@b.example"], "x\r\n"));
    assert_eq!(shown(&outcome), ["Permanent Rcpt 550 no", "Permanent Rcpt 550 no"]);
    assert_eq!(
        peer.take_said(),
        "MAIL FROM:<kim@contoso.example>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@b.example>\r\n"
    );
    peer.run();
    let outcome = peer.send(message(&["a@b.example"], "x\r\n"));
    assert_eq!(shown(&outcome), ["Transient Mail 451 4.3.0 wait"]);
    assert_eq!(peer.take_said(), "RSET\r\nMAIL FROM:<kim@contoso.example>\r\n");
}

#[test]
fn mail_data_and_end_of_data_refused() {
    for (replies, result) in [
        ("550 5.7.1 no\r\n503 x\r\n503 x\r\n", "Permanent Mail 550 5.7.1 no"),
        ("451 4.7.1 greylisted\r\n503 x\r\n503 x\r\n", "Transient Mail 451 4.7.1 greylisted"),
        ("250 OK\r\n250 OK\r\n451 4.3.1 full\r\n", "Transient Data 451 4.3.1 full"),
        ("250 OK\r\n250 OK\r\n354 go\r\n552 5.3.4 big\r\n", "Permanent EndOfData 552 5.3.4 big"),
        ("250 OK\r\n250 OK\r\n354 go\r\n354 odd\r\n", "Transient EndOfData 354 odd"),
        ("250 OK\r\n250 OK\r\n250 odd\r\n", "Transient Data 451 4.5.0 the remote server broke the protocol"),
        ("250 OK\r\n552 too many\r\n503 x\r\n", "Transient Rcpt 552 too many"),
        // A refused MAIL decides, whatever follows.
        ("550 no\r\n250 OK\r\n354 go\r\n250 OK\r\n", "Permanent Mail 550 no"),
    ] {
        let mut peer = Peer::ready(PIPELINING, &[]);
        peer.script.push_back(replies);
        assert_eq!(shown(&peer.send(message(&["a@b.example"], "x\r\n"))), [result], "{replies}");
    }
}

#[test]
fn the_connection_ends() {
    for (script, result) in [
        (&[][..], "Transient Mail 451 4.4.2 Connection dropped"),
        (&["250 OK\r\n"], "Transient Rcpt 451 4.4.2 Connection dropped"),
        (&["250 OK\r\n250 OK\r\n"], "Transient Data 451 4.4.2 Connection dropped"),
        (&["250 OK\r\n250 OK\r\n354 go\r\n"], "Transient EndOfData 451 4.4.2 Connection dropped"),
        (&["421 4.3.2 bye\r\n"], "Transient Mail 421 4.3.2 bye"),
        (&["250 OK\r\n421 4.3.2 bye\r\n"], "Transient Rcpt 421 4.3.2 bye"),
        (&["250 OK\r\n250 OK\r\n354 go\r\n421 4.3.2 bye\r\n"], "Transient EndOfData 421 4.3.2 bye"),
        (&["rubbish\r\n"], "Transient Mail 451 4.5.0 the remote server broke the protocol"),
    ] {
        let mut peer = Peer::ready(PIPELINING, script);
        let outcome = peer.send(message(&["a@b.example"], "x\r\n"));
        assert_eq!(shown(&outcome), [result], "{script:?}");
        assert_eq!((outcome.connection, outcome.stale), (Connection::Closed, false));
        assert!(matches!(peer.run(), End::Closed));
    }
}

#[test]
fn a_reused_connection_that_is_gone_is_no_attempt() {
    for last in [&[][..], &["421 idle too long\r\n"]] {
        let mut peer = Peer::ready(PIPELINING, &["250 OK\r\n250 OK\r\n354 go\r\n250 OK\r\n"]);
        assert!(!peer.send(message(&["a@b.example"], "x\r\n")).stale);
        peer.run();
        peer.script.extend(last);
        assert!(peer.send(message(&["a@b.example"], "x\r\n")).stale);
    }
}

#[test]
fn a_reply_read_before_the_connection_ended_counts() {
    let mut peer = Peer::ready(PIPELINING, &["250 OK\r\n250 OK\r\n354 go\r\n"]);
    let body = "x\r\n".repeat(100_000);
    let mut transaction = message(&["a@b.example"], "");
    transaction.body = Bytes::from(body);
    peer.session.features.size = None;
    peer.session.begin(transaction).unwrap();
    let outcome = loop {
        match peer.session.step() {
            Step::Read => peer.session.received(peer.script.pop_front().unwrap().as_bytes()),
            Step::Write(_, Written::Content) => {
                peer.session.received(b"552 5.3.4 too big\r\n");
                peer.session.connection_lost(Cause::ConnectionLost);
            }
            Step::Done(outcome) => break outcome,
            _ => {}
        }
    };
    assert_eq!(shown(&outcome), ["Permanent EndOfData 552 5.3.4 too big"]);
}

#[test]
fn what_the_server_does_not_offer() {
    let full =
        "250-mx.example\r\n250-8BITMIME\r\n250-BINARYMIME\r\n250-CHUNKING\r\n250-SMTPUTF8\r\n250 DSN\r\n";
    let with = |change: fn(&mut Transaction)| {
        let mut transaction = message(&["a@b.example"], "Subject: ü\r\n\r\nx\r\n");
        transaction.recipients[0].notify = Some(Notify::Never);
        change(&mut transaction);
        transaction
    };
    for (change, without, mail) in [
        ((|t| t.body_type = Body::EightBitMime) as fn(&mut Transaction), None, " BODY=8BITMIME"),
        (|t| t.body_type = Body::BinaryMime, Some("Permanent Mail 550 5.6.1"), " BODY=BINARYMIME"),
        (|t| t.smtputf8 = true, Some("Permanent Mail 550 5.6.7"), " SMTPUTF8"),
        (
            |t| t.from = ReversePath::Address(Address::parse("ü@b.example").unwrap()),
            Some("Permanent Mail 550 5.6.7"),
            " SMTPUTF8",
        ),
        (|t| t.ret = Some(Ret::Headers), None, " RET=HDRS"),
        (|t| t.envid = Some("a b".to_owned()), None, " ENVID=a+20b"),
        (|t| t.auth = Some(ReversePath::Null), None, ""),
    ] {
        let mut peer = Peer::ready(PLAIN, &["250 OK\r\n", "250 OK\r\n", "354 go\r\n", "250 OK\r\n"]);
        let outcome = peer.send(with(change));
        match without {
            Some(start) => {
                assert!(shown(&outcome)[0].starts_with(start), "{outcome:?}");
                assert_eq!((peer.take_said().as_str(), outcome.connection), ("", Connection::Reusable));
            }
            None => {
                assert_eq!(outcome.recipients[0].class, OutcomeClass::Success);
                let said = peer.take_said();
                assert!(
                    said.starts_with("MAIL FROM:<kim@contoso.example>\r\nRCPT TO:<a@b.example>\r\n"),
                    "{said}"
                );
            }
        }
        let mut peer = Peer::ready(full, &["250 OK\r\n", "250 OK\r\n", "354 go\r\n", "250 OK\r\n"]);
        peer.send(with(change));
        let said = peer.take_said();
        let line = said.lines().next().unwrap();
        assert!(line.ends_with(&format!("example>{mail}")), "{line}");
        assert!(said.contains("RCPT TO:<a@b.example> NOTIFY=NEVER\r\n"));
    }
    let mut peer = Peer::ready(PIPELINING, &[]);
    let outcome = peer.send(message(&["a@b.example"], &"x\r\n".repeat(400)));
    assert!(shown(&outcome)[0].starts_with("Permanent Mail 550 5.3.4"));
}

#[test]
fn a_non_ascii_recipient_fails_alone() {
    let mut peer = Peer::ready(PLAIN, &["250 OK\r\n", "250 OK\r\n", "354 go\r\n", "250 OK\r\n"]);
    let outcome = peer.send(message(&["ü@b.example", "a@b.example"], "x\r\n"));
    assert_eq!(outcome.recipients[0].cause, Cause::NeedsSmtpUtf8);
    assert_eq!(outcome.recipients[1].class, OutcomeClass::Success);
    assert!(!peer.take_said().contains('ü'));
}

#[test]
fn binary_goes_by_bdat_once_a_recipient_is_sure() {
    let keywords = "250-mx.example\r\n250-PIPELINING\r\n250-BINARYMIME\r\n250 CHUNKING\r\n";
    let mut transaction = message(&["a@b.example", "c@b.example"], "a:b\r\n\r\n.\n");
    transaction.body_type = Body::BinaryMime;
    let mut peer = Peer::ready(keywords, &["250 OK\r\n250 OK\r\n550 no\r\n", "250 OK\r\n"]);
    let outcome = peer.send(transaction.clone());
    assert_eq!(shown(&outcome), ["Success EndOfData 250 OK", "Permanent Rcpt 550 no"]);
    assert!(peer.take_said().ends_with("RCPT TO:<c@b.example>\r\nBDAT 9 LAST\r\na:b\r\n\r\n.\n"));
    let mut peer = Peer::ready(keywords, &["250 OK\r\n550 no\r\n550 no\r\n"]);
    peer.send(transaction);
    assert!(!peer.take_said().contains("BDAT"));
}

#[test]
fn dsn_parameters_of_a_recipient() {
    let mut transaction = message(&["a@b.example"], "x\r\n");
    transaction.recipients[0].notify = Some(Notify::On { success: true, failure: true, delay: false });
    transaction.recipients[0].orcpt =
        Some(OriginalRecipient { address_type: "rfc822".to_owned(), address: "a+x@old.example".to_owned() });
    let mut peer =
        Peer::ready("250-mx\r\n250 DSN\r\n", &["250 OK\r\n", "250 OK\r\n", "354 go\r\n", "250 OK\r\n"]);
    peer.send(transaction);
    let line = "RCPT TO:<a@b.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bx@old.example\r\n";
    assert!(peer.take_said().contains(line));
}

#[test]
fn many_recipients_go_in_bounded_groups() {
    let addresses: Vec<String> = (0..250).map(|number| format!("u{number}@b.example")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let mut peer = Peer::ready(PIPELINING, &[]);
    peer.session.begin(message(&addresses, "x\r\n")).unwrap();
    let mut groups = Vec::new();
    let outcome = loop {
        match peer.session.step() {
            Step::Write(bytes, Written::Commands) => {
                let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
                groups.push(lines);
                let data = bytes.ends_with(b"DATA\r\n");
                let replies =
                    "250 OK\r\n".repeat(lines - usize::from(data)) + if data { "354 go\r\n" } else { "" };
                peer.session.received(replies.as_bytes());
            }
            Step::Write(..) => peer.session.received(b"250 OK\r\n"),
            Step::Done(outcome) => break outcome,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(groups, [100, 100, 52]);
    assert!(outcome.recipients.iter().all(|one| one.class == OutcomeClass::Success));
}

#[test]
fn helo_where_ehlo_is_unknown() {
    let mut peer = Peer::new(params(), &["220 old\r\n", "502 what?\r\n", "250 old\r\n"]);
    assert!(matches!(peer.run(), End::Ready));
    assert_eq!(peer.said, "EHLO mx1.contoso.example\r\nHELO mx1.contoso.example\r\n");
}

#[test]
fn sessions_that_fail() {
    for (script, result) in [
        (&["554 5.7.1 go away\r\n", "221 bye\r\n"][..], "Permanent Greeting 554 5.7.1 go away"),
        (&["421 4.3.2 busy\r\n"], "Transient Greeting 421 4.3.2 busy"),
        (&[], "Transient Greeting 451 4.4.2 Connection dropped"),
        (&["SSH-2.0-x\r\n"], "Transient Greeting 451 4.5.0 the remote server broke the protocol"),
        (&["220 x\r\n", "450 4.7.1 who?\r\n"], "Transient Hello 450 4.7.1 who?"),
        (&["220 x\r\n", "502 x\r\n", "550 5.7.1 no\r\n"], "Permanent Hello 550 5.7.1 no"),
    ] {
        let mut peer = Peer::new(params(), script);
        let End::Failed(failure) = peer.run() else { panic!("{script:?}") };
        assert_eq!(format!("{:?} {:?} {failure}", failure.class, failure.step), result);
        assert!(matches!(peer.run(), End::Closed));
    }
}

#[test]
fn starttls() {
    let offer = "250-mx\r\n250 STARTTLS\r\n";
    let mut peer =
        Peer::new(params(), &["220 x\r\n", offer, "220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n", PLAIN]);
    assert!(matches!(peer.run(), End::Tls));
    peer.session.tls_started();
    assert!(matches!(peer.run(), End::Ready));
    assert_eq!(peer.session.security(), Security::Tls);
    assert!(!peer.session.features().auth_plain);
    assert_eq!(peer.said, "EHLO mx1.contoso.example\r\nSTARTTLS\r\nEHLO mx1.contoso.example\r\n");

    let mut peer = Peer::new(params(), &["220 x\r\n", offer, "454 no\r\n"]);
    assert!(matches!(peer.run(), End::Ready));

    let mut peer = Peer::new(params(), &["220 x\r\n", offer, "220 go\r\n"]);
    peer.run();
    peer.session.tls_failed();
    assert!(matches!(peer.run(), End::Failed(failure) if failure.cause == Cause::TlsHandshake));

    let required = ClientParams { starttls: StartTls::Required, ..params() };
    let mut peer = Peer::new(required.clone(), &["220 x\r\n", PLAIN]);
    assert!(matches!(peer.run(), End::Failed(failure) if failure.cause == Cause::TlsNotOffered));
    let mut peer = Peer::new(required, &["220 x\r\n", offer, "454 no\r\n"]);
    assert!(matches!(peer.run(), End::Failed(failure) if failure.step == SendStep::StartTls));

    let never = ClientParams { starttls: StartTls::Never, ..params() };
    assert!(matches!(Peer::new(never, &["220 x\r\n", offer]).run(), End::Ready));
}

#[test]
fn authentication() {
    let with = |needs| ClientParams {
        logon: Some(Logon { user: "kim".to_owned(), password: "secret".to_owned(), needs }),
        ..params()
    };
    let plain = "250-mx\r\n250 AUTH LOGIN PLAIN\r\n";
    let mut peer = Peer::new(with(Security::Plaintext), &["220 x\r\n", plain, "235 ok\r\n"]);
    assert!(matches!(peer.run(), End::Ready));
    assert!(peer.session.is_authenticated());
    assert!(peer.said.ends_with("AUTH PLAIN AGtpbQBzZWNyZXQ=\r\n"));

    let login = "250-mx\r\n250 AUTH LOGIN\r\n";
    let script = ["220 x\r\n", login, "334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n", "235 ok\r\n"];
    let mut peer = Peer::new(with(Security::Plaintext), &script);
    assert!(matches!(peer.run(), End::Ready));
    assert!(peer.said.ends_with("AUTH LOGIN\r\na2lt\r\nc2VjcmV0\r\n"));

    for (needs, script, cause) in [
        (Security::Tls, &["220 x\r\n", plain][..], Cause::AuthNeedsTls),
        (Security::Plaintext, &["220 x\r\n", PLAIN], Cause::AuthNotOffered),
        (Security::Plaintext, &["220 x\r\n", plain, "535 5.7.8 no\r\n"], Cause::Reply),
        (Security::Plaintext, &["220 x\r\n", plain, "334 more\r\n"], Cause::ProtocolViolation),
    ] {
        let mut peer = Peer::new(with(needs), script);
        assert!(matches!(peer.run(), End::Failed(failure) if failure.cause == cause), "{script:?}");
    }
    assert!(!format!("{:?}", with(Security::Tls)).contains("secret"));
}

#[test]
fn times_to_wait() {
    let mut peer = Peer::ready(PLAIN, &["250 OK\r\n", "250 OK\r\n"]);
    assert_eq!(peer.session.reply_timeout(), Duration::from_secs(300));
    peer.session.begin(message(&["a@b.example"], "x\r\n")).unwrap();
    let mut waited = Vec::new();
    loop {
        match peer.session.step() {
            Step::Read => {
                waited.push(peer.session.reply_timeout().as_secs() / 60);
                match waited.len() {
                    1 | 2 | 4 => peer.session.received(b"250 OK\r\n"),
                    _ => peer.session.received(b"354 go\r\n"),
                }
            }
            Step::Done(_) => break,
            _ => {}
        }
    }
    assert_eq!(waited, [5, 5, 2, 10]);
    assert!(peer.session.begin(message(&["a@b.example"], "x")).is_ok());
    assert!(peer.session.begin(message(&["a@b.example"], "x")).is_err());
}
