//! Entry points for fuzzers and property tests: octets in, a broken promise out.
//!
//! May touch: nothing (pure).
//!
//! Every function is total: a panic is a finding, and so is an `Err`, which says what was promised.

use std::fmt::Write;

use bytes::{Bytes, BytesMut};
use mail::{Address, ReversePath};

use crate::client::{
    Cause, ClientParams, ClientSession, DotStuffer, Logon, Pipelining, Recipient, ReplyReader, StartTls,
    Step, Transaction,
};
use crate::command::{self, Body, Command, ForwardPath};
use crate::limits::{Limits, OUTPUT_BYTES_MAX};
use crate::reply::Reply;
use crate::security::Security;
use crate::server::{AuthOffer, Capabilities, Content, Framing, Params, Request, ServerSession};

/// Reads one command line; what it takes for a path never holds what could end a line.
///
/// # Errors
/// An address with a control character.
pub fn command_line(line: &[u8]) -> Result<(), String> {
    let address = match command::parse(line) {
        Ok(Command::Mail(ReversePath::Address(address), _)) => address,
        Ok(Command::Rcpt(ForwardPath::Address(address), _)) => address,
        _ => return Ok(()),
    };
    if address.as_str().bytes().any(|byte| byte.is_ascii_control()) {
        return Err(format!("control character in {address:?}"));
    }
    Ok(())
}

/// Runs a server session that says yes to everything over the pieces; gives all requests and replies as text.
///
/// The text must not depend on where the octets were cut. STARTTLS is off, as it discards what is buffered.
///
/// # Errors
/// A request while the session is closed, or output that grows without a flush being asked for.
pub fn server_session(pieces: &[&[u8]]) -> Result<String, String> {
    let mut session = ServerSession::new(Params {
        hostname: "mx1.contoso.example".to_owned(),
        banner: "mx1.contoso.example".to_owned(),
        client: None,
        default_domain: None,
        security: Security::Plaintext,
        limits: Limits {
            message_bytes_max: 4_096,
            header_bytes_max: 512,
            data_line_bytes_max: 128,
            ..Limits::default()
        },
        capabilities: Capabilities { starttls: false, auth: AuthOffer::Always, ..Capabilities::default() },
    });
    let mut input = BytesMut::new();
    let mut transcript = String::new();
    let mut replies = String::new();
    for piece in pieces {
        input.extend_from_slice(piece);
        while let Some(request) = session.feed(&mut input) {
            if session.is_closed() {
                return Err("a request from a closed session".to_owned());
            }
            // Writing to a String cannot fail.
            let _ = writeln!(transcript, "{request:?}");
            match request {
                Request::Message(_) => session.reply(Reply::fixed(250, None, "queued")),
                _ => session.reply_default(),
            }
            if session.must_flush() {
                replies.push_str(&String::from_utf8_lossy(&session.take_output()));
            }
        }
        let output = session.take_output();
        if output.len() > 2 * OUTPUT_BYTES_MAX {
            return Err(format!("{} octets of output at once", output.len()));
        }
        replies.push_str(&String::from_utf8_lossy(&output));
    }
    let _ = write!(transcript, "{replies}{:?} {}", session.close_cause(), session.held_bytes());
    Ok(transcript)
}

/// Sends one message through a client session whose server says `pieces` and is then gone.
///
/// # Errors
/// A session that does not end, or ends without a result for each recipient.
pub fn client_session(pieces: &[&[u8]]) -> Result<(), String> {
    let Ok(address) = Address::parse("kim@contoso.example") else { return Err("no address".to_owned()) };
    let recipient = Recipient { address: address.clone(), notify: None, orcpt: None };
    let transaction = Transaction {
        from: ReversePath::Address(address),
        recipients: vec![recipient.clone(), recipient],
        body_type: Body::EightBitMime,
        smtputf8: false,
        ret: None,
        envid: None,
        auth: None,
        body: Bytes::from_static(b"Subject: x\r\n\r\n.x\r\n"),
    };
    let mut session = ClientSession::new(ClientParams {
        ehlo_name: "mx1.contoso.example".to_owned(),
        security: Security::Plaintext,
        starttls: StartTls::Opportunistic,
        logon: None::<Logon>,
        pipelining: Pipelining::WhereOffered,
    });
    let mut pieces = pieces.iter();
    // Each piece read can make a few steps; a session that makes more goes round in circles.
    let steps_max = 64 + 16 * pieces.len() + pieces.clone().map(|piece| piece.len()).sum::<usize>();
    for _ in 0..steps_max {
        match session.step() {
            Step::Write(..) => {}
            Step::Read => match pieces.next() {
                Some(piece) => session.received(piece),
                None => session.connection_lost(Cause::ConnectionLost),
            },
            Step::UpgradeTls => session.tls_started(),
            Step::Ready => {
                if session.begin(transaction.clone()).is_err() {
                    return Err("ready, and yet not".to_owned());
                }
            }
            Step::Done(outcome) if outcome.recipients.len() != 2 => {
                return Err(format!("{} results for two recipients", outcome.recipients.len()));
            }
            Step::Done(_) => session.quit(),
            Step::Failed(_) => {}
            Step::Closed => return Ok(()),
        }
    }
    Err("the session does not end".to_owned())
}

/// Reads replies; each must print to what reads as the same reply.
///
/// # Errors
/// A reply that does not.
pub fn reply(pieces: &[&[u8]]) -> Result<Vec<Reply>, String> {
    let mut reader = ReplyReader::default();
    let mut input = BytesMut::new();
    let mut replies = Vec::new();
    for piece in pieces {
        input.extend_from_slice(piece);
        while let Ok(Some(reply)) = reader.read(&mut input) {
            let mut printed = BytesMut::new();
            reply.write_to(&mut printed);
            // A line over the bound of RFC 5321 §4.5.3.1.5 is continued, so it reads as two.
            let short = reply.lines().all(|line| line.len() < 490);
            if short && ReplyReader::default().read(&mut printed).ok().flatten().as_ref() != Some(&reply) {
                return Err(format!("{reply:?} prints to another reply"));
            }
            replies.push(reply);
        }
    }
    Ok(replies)
}

/// Stuffs a message for DATA in pieces and takes it out again in others.
///
/// # Errors
/// A message of sound lines that comes out changed, or an end found too early or too late.
pub fn data(body: &[u8], sent: usize, received: usize) -> Result<(), String> {
    let mut wire = BytesMut::new();
    let mut stuffer = DotStuffer::default();
    for piece in body.chunks(sent.max(1)) {
        stuffer.push(piece, &mut wire);
    }
    stuffer.finish(&mut wire);
    wire.extend_from_slice(b"QUIT\r\n");
    let mut content =
        Content::new(Framing::Dots, Limits { header_bytes_max: u64::MAX, ..Limits::default() }, None);
    let mut taken = 0_usize;
    for piece in wire.chunks(received.max(1)) {
        let step = content.push(piece);
        taken = taken.saturating_add(step.octets);
        if step.finished {
            break;
        }
    }
    if taken != wire.len().saturating_sub(6) {
        return Err(format!("the end was found at {taken} of {}", wire.len()));
    }
    match content.finish() {
        Ok(out) if out.strip_suffix(b"\r\n") == Some(body) || out == body => Ok(()),
        Ok(_) => Err("the message was changed".to_owned()),
        // A body with bare CR, bare LF, NUL or endless lines is refused, which is right.
        Err(_) => Ok(()),
    }
}
