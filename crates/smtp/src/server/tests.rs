//! Sessions in text: what the client sends, what it gets, what the driver is asked.

use super::*;

/// A driver that accepts everything but `nobody@…`, `refused@…` and the password `wrong`.
struct Talk {
    session: ServerSession,
    input: BytesMut,
    /// The requests, one short word each.
    asked: Vec<String>,
    bodies: Vec<Vec<u8>>,
}

fn params() -> Params {
    Params {
        hostname: "mx1.contoso.example".to_owned(),
        banner: default_banner("mx1.contoso.example", "Mon, 20 Jul 2026 10:00:00 +0000"),
        client: Some([192, 0, 2, 7].into()),
        default_domain: Some("contoso.example".to_owned()),
        security: Security::Plaintext,
        limits: Limits { message_bytes_max: 1_000, recipients_max: 2, ..Limits::default() },
        capabilities: Capabilities::default(),
    }
}

impl Talk {
    fn new(params: Params) -> Talk {
        let session = ServerSession::new(params);
        Talk { session, input: BytesMut::new(), asked: Vec::new(), bodies: Vec::new() }
    }

    /// After EHLO.
    fn greeted(params: Params) -> Talk {
        let mut talk = Talk::new(params);
        talk.send("EHLO client.example\r\n");
        talk.asked.clear();
        talk
    }

    fn send(&mut self, text: &str) -> String {
        self.send_octets(text.as_bytes())
    }

    fn send_octets(&mut self, octets: &[u8]) -> String {
        self.input.extend_from_slice(octets);
        while let Some(request) = self.session.feed(&mut self.input) {
            self.answer(request);
        }
        String::from_utf8(self.session.take_output().to_vec()).unwrap()
    }

    fn answer(&mut self, request: Request) {
        let (word, reply) = match request {
            Request::Ehlo { domain } => (format!("EHLO {domain}"), None),
            Request::Helo { domain } => (format!("HELO {domain}"), None),
            Request::StartTls { discarded } => (format!("STARTTLS {discarded}"), None),
            Request::Auth(credentials) => {
                let reply = (credentials.password == "wrong").then_some(replies::AUTHENTICATION_UNSUCCESSFUL);
                let Credentials { mechanism, user, password, .. } = credentials;
                (format!("AUTH {mechanism} {user} {password}"), reply)
            }
            Request::Mail(mail) => {
                let from = mail.from.as_trace().to_owned();
                let reply = from.starts_with("refused@").then_some(replies::NOT_AUTHENTICATED);
                (format!("MAIL {from}"), reply)
            }
            Request::Rcpt(rcpt) => {
                let to = rcpt.to.as_str().to_owned();
                let reply = to.starts_with("nobody@").then_some(replies::RECIPIENT_NOT_FOUND);
                (format!("RCPT {to}"), reply)
            }
            Request::DataStart => ("DATA".to_owned(), None),
            Request::BdatChunk { octets } => (format!("BDAT {octets}"), None),
            Request::Message(message) => {
                let word = format!("{:?} {}", message.sent_by, message.body.len());
                self.bodies.push(message.body.to_vec());
                (word, Some(replies::queued("<a@b>", 7, "mx1")))
            }
            Request::Refused(refusal) => (format!("refused {:?}", refusal.cause), None),
            Request::Vrfy { argument } => (format!("VRFY {argument}"), None),
            other => (format!("{other:?}"), None),
        };
        self.asked.push(word);
        match reply {
            Some(reply) => self.session.reply(reply),
            None => self.session.reply_default(),
        }
    }
}

const QUEUED: &str = "250 2.6.0 <a@b> [InternalId=7, Hostname=mx1] Queued mail for delivery\r\n";

#[test]
fn a_session_typed_by_hand() {
    let mut talk = Talk::new(params());
    talk.session.greet();
    let banner =
        "220 mx1.contoso.example Microsoft ESMTP MAIL service ready at Mon, 20 Jul 2026 10:00:00 +0000\r\n";
    assert_eq!(talk.send(""), banner);
    assert_eq!(
        talk.send("EHLO movetocloud.example\r\n"),
        "250-mx1.contoso.example Hello [192.0.2.7]\r\n250-SIZE 1000\r\n250-PIPELINING\r\n250-DSN\r\n\
         250-ENHANCEDSTATUSCODES\r\n250-STARTTLS\r\n250-8BITMIME\r\n250-BINARYMIME\r\n250-CHUNKING\r\n\
         250 SMTPUTF8\r\n"
    );
    assert_eq!(talk.send("MAIL FROM: mimi@movetocloud.example\r\n"), "250 2.1.0 Sender OK\r\n");
    assert_eq!(talk.send("RCPT TO: kj@contoso.example\r\n"), "250 2.1.5 Recipient OK\r\n");
    assert_eq!(talk.send("DATA\r\n"), "354 Start mail input; end with <CRLF>.<CRLF>\r\n");
    assert_eq!(talk.send("Subject: Test mail flow\r\n"), "");
    assert_eq!(talk.send("\r\nThis is a test.\r\n"), "");
    assert_eq!(talk.send(".\r\n"), QUEUED);
    assert_eq!(talk.send("QUIT\r\n"), "221 2.0.0 Service closing transmission channel\r\n");
    assert!(talk.session.is_closed());
    assert_eq!(talk.session.close_cause(), Some(CloseCause::Quit));
    assert_eq!(talk.bodies, [b"Subject: Test mail flow\r\n\r\nThis is a test.\r\n"]);
    assert_eq!(talk.session.last_line(), "QUIT");
}

#[test]
fn a_pipelined_group_is_answered_in_order() {
    let mut talk = Talk::greeted(params());
    let output = talk.send(
        "MAIL FROM:<a@b.example>\r\nRCPT TO:<nobody@contoso.example>\r\nRCPT TO:<postmaster>\r\nDATA\r\n\
         \r\n..x\r\n.\r\nMAIL FROM:<>\r\nNOOP\r\n",
    );
    assert_eq!(
        output,
        format!(
            "250 2.1.0 Sender OK\r\n\
             550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup\r\n\
             250 2.1.5 Recipient OK\r\n354 Start mail input; end with <CRLF>.<CRLF>\r\n{QUEUED}\
             250 2.1.0 Sender OK\r\n250 2.0.0 OK\r\n"
        )
    );
    assert_eq!(talk.asked[2], "RCPT postmaster@contoso.example");
    assert_eq!(talk.bodies, [b"\r\n.x\r\n"]);
}

#[test]
fn order_of_commands() {
    for (commands, reply, cause) in [
        ("MAIL FROM:<a@b.example>\r\n", "503 5.5.2 Send hello first\r\n", RefusalCause::Sequence),
        ("STARTTLS\r\n", "503 5.5.2 Send hello first\r\n", RefusalCause::Sequence),
    ] {
        let mut talk = Talk::new(params());
        assert_eq!(talk.send(commands), reply);
        assert_eq!(talk.asked, [format!("refused {cause:?}")]);
    }
    for (commands, reply, cause) in [
        ("RCPT TO:<a@b.example>\r\n", "503 5.5.2 Need mail command\r\n", "Sequence"),
        ("DATA\r\n", "503 5.5.2 Need mail command\r\n", "Sequence"),
        ("MAIL FROM:<>\r\nDATA\r\n", "503 5.5.2 Need rcpt command\r\n", "Sequence"),
        ("MAIL FROM:<>\r\nMAIL FROM:<>\r\n", "503 5.5.2 Sender already specified\r\n", "Sequence"),
        (
            "MAIL FROM:<refused@b.example>\r\nRCPT TO:<a@b.example>\r\n",
            "503 5.5.2 Need mail command\r\n",
            "Consequence",
        ),
        (
            "MAIL FROM:<>\r\nRCPT TO:<nobody@b.example>\r\nDATA\r\n",
            "503 5.5.2 Need rcpt command\r\n",
            "Consequence",
        ),
        ("MAIL FROM:<>\r\nRSET\r\nDATA\r\n", "503 5.5.2 Need mail command\r\n", "Sequence"),
        ("MAIL FROM:<>\r\nEHLO x\r\nDATA\r\n", "503 5.5.2 Need mail command\r\n", "Sequence"),
        (
            "MAIL FROM:<> SIZE=1001\r\n",
            "552 5.3.4 Message size exceeds fixed maximum message size\r\n",
            "DeclaredSize",
        ),
        (
            "MAIL FROM:<ü@b.example>\r\n",
            "553 5.6.7 Non-ASCII address needs SMTPUTF8\r\n",
            "Command(NonAscii)",
        ),
        (
            "MAIL FROM:<>\r\nRCPT TO:<ü@b.example>\r\n",
            "553 5.6.7 Non-ASCII address needs SMTPUTF8\r\n",
            "NonAscii",
        ),
        ("MAIL FROM:<x>\r\n", "550 5.1.7 Invalid address\r\n", "Command(ReversePath)"),
        ("EHLO a b\r\n", "501 5.5.4 Invalid domain name\r\n", "Command(Domain)"),
        ("XYZZY\r\n", "500 5.3.3 Unrecognized command\r\n", "Command(Unrecognized)"),
        ("NOOP\n", "500 5.5.2 Lines must end with CRLF (bare LF or CR)\r\n", "Command(BareNewline)"),
        (
            "MAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<a@b.example>\r\nDATA\r\n",
            "503 5.5.1 DATA may not be used with BDAT or BODY=BINARYMIME\r\n",
            "Sequence",
        ),
        (
            "AUTH PLAIN AGEAYg==\r\n",
            "538 5.7.11 Encryption required for requested authentication mechanism\r\n",
            "EncryptionRequired",
        ),
        ("AUTH CRAM-MD5\r\n", "504 5.7.4 Unrecognized authentication type\r\n", "Mechanism"),
    ] {
        let mut talk = Talk::greeted(params());
        let output = talk.send(commands);
        assert!(output.ends_with(reply), "{commands}: {output}");
        assert_eq!(talk.asked.last(), Some(&format!("refused {cause}")), "{commands}");
    }
}

#[test]
fn surplus_recipients_are_refused_one_by_one() {
    let mut talk = Talk::greeted(params());
    talk.send("MAIL FROM:<>\r\n");
    let output = talk.send(&"RCPT TO:<a@b.example>\r\n".repeat(4));
    assert_eq!(output.matches("250 2.1.5").count(), 2);
    assert_eq!(output.matches("452 4.5.3 Too many recipients").count(), 2);
    assert_eq!(talk.session.recipients(), 2);
    assert!(talk.send("DATA\r\n").starts_with("354"));
}

#[test]
fn five_protocol_errors_close_the_session() {
    let mut talk = Talk::greeted(params());
    let bad_addresses = "MAIL FROM:<x>\r\n".repeat(9);
    talk.send(&bad_addresses);
    assert!(!talk.session.is_closed());
    let output = talk.send(&"XYZZY\r\n".repeat(9));
    assert_eq!(output.matches("500 5.3.3").count(), 5);
    assert!(
        output.ends_with("421 4.7.0 Too many errors on this connection, closing transmission channel\r\n")
    );
    assert_eq!(talk.session.close_cause(), Some(CloseCause::ProtocolErrors));
    assert_eq!(talk.send("NOOP\r\n"), "");
}

#[test]
fn plaintext_behind_starttls_is_discarded() {
    let mut talk = Talk::greeted(params());
    talk.send("MAIL FROM:<a@b.example>\r\n");
    let output = talk.send("STARTTLS\r\nRSET\r\nMAIL FROM:<evil@b.example>\r\n");
    assert_eq!(output, "220 2.0.0 SMTP server ready\r\n");
    assert!(talk.session.wants_tls());
    // What is read before the handshake is plaintext as well.
    assert_eq!(talk.send("NOOP\r\n"), "");
    talk.input.extend_from_slice(b"NOOP\r\n");
    talk.session.tls_started(&mut talk.input);
    assert_eq!(talk.send(""), "");
    assert_eq!(talk.asked, ["MAIL a@b.example", "STARTTLS 34"]);
    assert_eq!(talk.send("RCPT TO:<a@b.example>\r\n"), "503 5.5.2 Send hello first\r\n");
    let output = talk.send("EHLO client.example\r\n");
    assert!(output.contains("AUTH PLAIN LOGIN") && !output.contains("STARTTLS"), "{output}");
    assert_eq!(talk.send("STARTTLS\r\n"), "503 5.5.1 TLS is already active\r\n");
}

#[test]
fn authentication() {
    let offered = || {
        let mut params = params();
        params.capabilities.auth = AuthOffer::Always;
        Talk::greeted(params)
    };
    let accepted = "235 2.7.0 Authentication successful\r\n";
    // "\0kim\0secret", "kim\0kim\0secret", "kim", "secret"
    for lines in [
        &[("AUTH PLAIN AGtpbQBzZWNyZXQ=", accepted)][..],
        &[("auth plain", "334 \r\n"), ("AGtpbQBzZWNyZXQ=", accepted)],
        &[("AUTH PLAIN a2ltAGtpbQBzZWNyZXQ=", accepted)],
        &[("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n"), ("a2lt", "334 UGFzc3dvcmQ6\r\n"), ("c2VjcmV0", accepted)],
        &[("AUTH LOGIN a2lt", "334 UGFzc3dvcmQ6\r\n"), ("c2VjcmV0", accepted)],
    ] {
        let mut talk = offered();
        for (line, reply) in lines {
            assert_eq!(talk.send(&format!("{line}\r\n")), *reply, "{line}");
            assert!(
                !talk.session.last_line().contains("c2VjcmV0") && !talk.session.last_line().contains("AGtp")
            );
        }
        assert!(talk.asked[0].ends_with(" kim secret"), "{:?}", talk.asked);
        assert!(talk.session.is_authenticated());
        assert_eq!(talk.send("AUTH LOGIN\r\n"), "503 5.5.1 Already authenticated\r\n");
    }
    for (lines, reply) in [
        ("AUTH LOGIN\r\n*\r\n", "501 5.7.0 Authentication cancelled\r\n"),
        ("AUTH PLAIN !!!\r\n", "501 5.5.2 Cannot decode response\r\n"),
        ("AUTH PLAIN =\r\n", "501 5.5.2 Cannot decode response\r\n"),
        ("AUTH PLAIN a2lt\r\n", "501 5.5.2 Cannot decode response\r\n"),
        ("AUTH LOGIN\r\na2lt\n", "501 5.5.2 Cannot decode response\r\n"),
        ("MAIL FROM:<>\r\nAUTH LOGIN\r\n", "503 5.5.1 Bad sequence of commands\r\n"),
    ] {
        let mut talk = offered();
        assert!(talk.send(lines).ends_with(reply), "{lines}");
        assert!(!talk.session.is_authenticated());
    }
    // "\0kim\0wrong"
    let mut talk = offered();
    let output = talk.send(&"AUTH PLAIN AGtpbQB3cm9uZw==\r\n".repeat(4));
    assert_eq!(output.matches("535 5.7.3 Authentication unsuccessful\r\n").count(), 3);
    assert_eq!(talk.session.close_cause(), Some(CloseCause::LogonFailures));
}

#[test]
fn secrets_stay_out_of_the_log() {
    let mut talk = Talk::greeted(params());
    for (line, shown) in [
        ("AUTH PLAIN secret", "AUTH PLAIN <credentials>"),
        (" AUTH\tPLAIN\tsecret", "AUTH PLAIN <credentials>"),
        ("auth  plain  secret", "auth plain <credentials>"),
        ("RSET", "RSET"),
    ] {
        talk.send(&format!("{line}\r\n"));
        assert_eq!(talk.session.last_line(), shown);
    }
    let credentials = Credentials {
        mechanism: Mechanism::Plain,
        act_as: None,
        user: "kim".to_owned(),
        password: "secret".to_owned(),
    };
    assert!(!format!("{credentials:?}").contains("secret"));
}

#[test]
fn what_a_client_sends_behind_a_refused_auth_stays_out_of_the_log() {
    // Not offered without TLS; the client does not wait for the reply.
    let mut lenient = params();
    lenient.limits.protocol_errors_max = 0;
    for refused in ["AUTH LOGIN", "AUTH LOGIN a2lt", "AUTH", "auth nonsense"] {
        let mut talk = Talk::greeted(lenient.clone());
        let shown = |talk: &Talk| talk.session.last_line().into_owned();
        talk.send(&format!("{refused}\r\n"));
        for secret in ["a2lt", "c2VjcmV0"] {
            assert!(talk.send(&format!("{secret}\r\n")).starts_with('5'));
            assert_eq!(shown(&talk), "<not shown>", "{refused}");
        }
        talk.send("c2VjcmV0\n");
        assert_eq!(shown(&talk), "<not shown>", "a line that ends wrongly");
        talk.send(&format!("{}\r\n", "c2VjcmV0".repeat(COMMAND_LINE_BYTES_MAX)));
        assert_eq!(shown(&talk), "<not shown>", "a line that is too long");
        // A known verb: from here on what is said is no answer to AUTH.
        talk.send("NOOP\r\n");
        assert_eq!(shown(&talk), "NOOP");
        talk.send("WHAT is this\r\n");
        assert_eq!(shown(&talk), "WHAT is this");
    }
    // Nor behind one that the driver, or the exchange, refuses.
    lenient.capabilities.auth = AuthOffer::Always;
    for lines in ["AUTH LOGIN\r\n*\r\n", "AUTH PLAIN AGtpbQB3cm9uZw==\r\n"] {
        let mut talk = Talk::greeted(lenient.clone());
        talk.send(lines);
        assert!(!talk.session.is_authenticated());
        talk.send("c2VjcmV0\r\n");
        assert_eq!(talk.session.last_line(), "<not shown>", "{lines}");
    }
}

#[test]
fn over_long_lines_are_skipped() {
    let mut talk = Talk::greeted(params());
    let fits = format!("NOOP {}\r\n", "x".repeat(COMMAND_LINE_BYTES_MAX - 7));
    assert_eq!(talk.send(&fits), "250 2.0.0 OK\r\n");
    let over = format!("NOOP {}\r\nNOOP\r\n", "x".repeat(COMMAND_LINE_BYTES_MAX - 6));
    assert_eq!(talk.send(&over), "500 5.5.2 Line too long\r\n250 2.0.0 OK\r\n");
    for piece in over.as_bytes().chunks(100) {
        talk.send_octets(piece);
    }
    assert_eq!(talk.asked[talk.asked.len() - 2..], ["refused LineTooLong", "Noop"]);
    let long = "x".repeat(SKIPPED_LINE_BYTES_MAX + 2);
    assert_eq!(talk.send(&long), "421 4.7.0 Too much input, closing transmission channel\r\n");
    assert_eq!(talk.session.close_cause(), Some(CloseCause::Flood));
}

#[test]
fn chunks() {
    let open = "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\n";
    let chunk = |octets: u64| format!("250 2.6.0 CHUNK received OK, {octets} octets\r\n");
    let too_large = "552 5.3.4 Message size exceeds fixed maximum message size\r\n";
    let after_failure = "503 5.5.1 BDAT failed before; send RSET\r\n";
    let (ok, noop) = ("250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n", "250 2.0.0 OK\r\n");
    for (commands, output) in [
        ("BDAT 4 LAST\r\n\r\nx\nNOOP\r\n", format!("550 5.6.11 Invalid characters (bare LF)\r\n{noop}")),
        ("BDAT 5 LAST\r\n\r\nx\r\nNOOP\r\n", format!("{QUEUED}{noop}")),
        ("BDAT 4\r\n\r\nx\rBDAT 1 LAST\r\n\nNOOP\r\n", format!("{}{QUEUED}{noop}", chunk(4))),
        ("BDAT 3\r\n\r\nxBDAT 0 LAST\r\nNOOP\r\n", format!("{}{QUEUED}{noop}", chunk(3))),
        // Content that looks like commands stays content.
        ("BDAT 6\r\nQUIT\r\nBDAT 0 LAST\r\n", format!("{}{QUEUED}", chunk(6))),
        // DATA and BDAT do not mix, RFC 3030 §2.
        (
            "BDAT 3\r\n\r\nxDATA\r\n",
            format!("{}503 5.5.1 DATA may not be used with BDAT or BODY=BINARYMIME\r\n", chunk(3)),
        ),
        (
            "BDAT 3\r\n\r\nxRCPT TO:<c@b.example>\r\n",
            format!("{}503 5.5.1 Bad sequence of commands\r\n", chunk(3)),
        ),
        // A failed chunk fails all that follow, each in step.
        (
            "BDAT 3\r\n\0\r\nBDAT 6 LAST\r\nQUIT\r\nRSET\r\nNOOP\r\n",
            format!("550 5.6.11 Invalid characters (NUL)\r\n{after_failure}250 2.0.0 Resetting\r\n{noop}"),
        ),
        ("BDAT x\r\nQUIT\r\n", "501 5.5.4 Invalid chunk size, closing transmission channel\r\n".to_owned()),
        (
            "BDAT 99999999999999999999\r\n",
            "421 4.7.0 Too much input, closing transmission channel\r\n".to_owned(),
        ),
    ] {
        let mut talk = Talk::greeted(params());
        assert_eq!(talk.send(&format!("{open}{commands}")), format!("{ok}{output}"), "{commands}");
    }
    let mut talk = Talk::greeted(params());
    let filler = "x\r\n".repeat(300);
    let text = format!("{open}BDAT 900\r\n{filler}BDAT 900\r\n{filler}BDAT 3 LAST\r\nx\r\nNOOP\r\n");
    assert_eq!(talk.send(&text), format!("{ok}{}{too_large}{after_failure}{noop}", chunk(900)));
    let mut talk = Talk::greeted(params());
    assert_eq!(
        talk.send("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"),
        format!("503 5.5.2 Need mail command\r\n{noop}")
    );
}

#[test]
fn binary_content_comes_whole() {
    let mut talk = Talk::greeted(params());
    talk.send("MAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<a@b.example>\r\n");
    assert_eq!(talk.send("BDAT 9 LAST\r\na:b\r\n\r\n\0\nNOOP\r\n"), format!("{QUEUED}250 2.0.0 OK\r\n"));
    assert_eq!(talk.bodies, [b"a:b\r\n\r\n\0\n"]);
}

#[test]
fn refused_content_keeps_step() {
    let open = "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n";
    let long = "x".repeat(5_000);
    for (data, reply) in [
        ("\r\nx\n.\r\n\r\n.\r\n".to_owned(), "550 5.6.11 Invalid characters (bare LF)\r\n"),
        ("\r\nx\r.\r\n.\r\n".to_owned(), "550 5.6.11 Invalid characters (bare CR)\r\n"),
        ("\r\nx\0\r\n.\r\n".to_owned(), "550 5.6.11 Invalid characters (NUL)\r\n"),
        (format!("\r\n{long}\r\n.\r\n"), "550 5.6.0 Message line longer than 4096 octets\r\n"),
        ("x\r\n".repeat(2_001) + ".\r\n", "552 5.3.4 Message size exceeds fixed maximum message size\r\n"),
    ] {
        let mut params = params();
        params.limits.message_bytes_max = 6_000;
        let mut talk = Talk::greeted(params);
        let output = talk.send(&format!("{open}{data}NOOP\r\n"));
        assert!(output.ends_with(&format!("{reply}250 2.0.0 OK\r\n")), "{output}");
        assert!(!talk.session.in_transaction() && talk.bodies.is_empty());
    }
}

#[test]
fn a_header_over_its_bound_closes() {
    let mut params = params();
    params.limits.header_bytes_max = 10;
    let mut talk = Talk::greeted(params);
    let output =
        talk.send("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\na: 1234567\r\n\r\n.\r\nNOOP\r\n");
    assert!(output.ends_with("552 5.3.4 Header size exceeds fixed maximum size\r\n"), "{output}");
    assert_eq!(talk.session.close_cause(), Some(CloseCause::HeaderSize));
}

#[test]
fn the_driver_can_give_a_message_up_and_close() {
    let mut talk = Talk::greeted(params());
    talk.send("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nSubject: x\r\n");
    assert!(talk.session.is_receiving() && talk.session.held_bytes() == 12);
    talk.session.abandon_message(replies::INSUFFICIENT_RESOURCES);
    assert_eq!(talk.session.held_bytes(), 0);
    assert_eq!(talk.send("\r\n.\r\n"), "452 4.3.1 Insufficient system resources\r\n");
    assert_eq!(talk.asked.last().unwrap(), "refused Abandoned");
    assert!(!talk.session.is_receiving());
    talk.session.reply(replies::NOT_AVAILABLE);
    assert_eq!(talk.send("NOOP\r\n"), "421 4.3.2 Service not available\r\n");
    assert!(talk.session.is_closed());
}

#[test]
fn extensions_that_are_off() {
    let mut params = params();
    params.capabilities = Capabilities {
        size: SizeKeyword::EnabledWithoutValue,
        dsn: false,
        starttls: false,
        binary_mime: true,
        chunking: false,
        smtputf8: false,
        auth: AuthOffer::Never,
        ..Capabilities::default()
    };
    let mut talk = Talk::new(params);
    assert_eq!(
        talk.send("EHLO x\r\n"),
        "250-mx1.contoso.example Hello [192.0.2.7]\r\n250-SIZE\r\n250-PIPELINING\r\n\
         250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n"
    );
    let unrecognized = "555 5.5.4 Unrecognized parameter\r\n";
    assert_eq!(talk.send("MAIL FROM:<> RET=FULL\r\n"), unrecognized);
    assert_eq!(talk.send("MAIL FROM:<> SMTPUTF8\r\n"), unrecognized);
    assert_eq!(talk.send("MAIL FROM:<> BODY=BINARYMIME\r\n"), unrecognized);
    assert_eq!(talk.send("STARTTLS\r\n"), "500 5.3.3 Unrecognized command\r\n");
    assert!(!talk.session.is_closed());
    assert!(talk.send("AUTH LOGIN\r\n").starts_with("500 5.3.3 Unrecognized command\r\n421 4.7.0 "));
}
