//! Makes steps of a transcript: what was done, what came back, how long it took.
//!
//! May touch: nothing (pure).

use std::time::Duration;

use smtp::client::SendStep;
use world::TlsInfo;

use super::transcript::{Line, Said};

/// What is shown in place of a line that is none of SMTP.
pub(super) const NO_REPLY: &str = "(a line that is no SMTP reply)";

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepResult {
    /// As it should.
    Success,
    /// It did not, and what comes after it depends on what the connector asks for.
    Failure,
}

/// One step of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `Resolve`, `Connect`, `Banner`, `EHLO`, `STARTTLS`, `TLS`, `AUTH`, `MAIL FROM`, `RCPT TO`, `DATA`, `Message`.
    pub name: &'static str,
    /// The host it was done with, where there was one yet.
    pub server: Option<String>,
    /// How it went.
    pub result: StepResult,
    /// What was said; credentials are left out.
    pub sent: Option<String>,
    /// What came back, verbatim, lines parted by LF; a line that is no SMTP reply is only said to have come.
    pub reply: Option<String>,
    /// What else is known of it.
    pub detail: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// The steps of a transcript. The last one that failed is why the trial did.
pub(super) fn of(lines: &[Line]) -> Vec<Step> {
    let mut fold = Fold::default();
    for line in lines {
        fold.take_in(line);
    }
    fold.steps
}

#[derive(Default)]
struct Fold {
    steps: Vec<Step>,
    server: Option<String>,
    /// When the last line was; a step begins where the one before it ended.
    began: Duration,
    /// Whether the last step has its whole reply.
    is_over: bool,
}

impl Fold {
    fn take_in(&mut self, line: &Line) {
        match &line.said {
            Said::Looking | Said::Handshake => self.began = line.at,
            Said::Found(Ok(host)) => {
                self.begin("Resolve", line.at);
                self.with(|step| step.detail = Some(format!("{host}, port {}", host.address.port())));
            }
            Said::Found(Err(why)) => {
                self.begin("Resolve", line.at);
                self.fail(why);
            }
            Said::Connecting(host) => {
                self.server = Some(host.to_string());
                self.begin("Connect", line.at);
                self.with(|step| step.detail = Some(host.address.to_string()));
            }
            Said::Connected(local) => {
                self.end(line.at);
                self.with(|step| step.detail = Some(format!("from {local}")));
                self.begin("Banner", line.at);
                self.is_over = false;
            }
            Said::NotConnected(why) => {
                self.end(line.at);
                self.fail(why);
            }
            Said::Sent(command) => self.command(command, line.at),
            Said::Credentials => self.credentials(line.at),
            Said::Content(octets) => self.content(*octets, line.at),
            Said::Received(text) => self.reply(text, line.at),
            Said::Secured(info) => {
                self.began_at("TLS", line.at);
                self.with(|step| step.detail = Some(agreed(info)));
            }
            Said::NotSecured(why) => {
                self.began_at("TLS", line.at);
                self.fail(why);
            }
            Said::Failed { step, why } => self.failed(*step, why, line.at),
        }
    }

    /// A step that began when the last line was.
    fn began_at(&mut self, name: &'static str, at: Duration) {
        let began = self.began;
        self.begin(name, at);
        self.began = began;
        self.end(at);
    }

    fn begin(&mut self, name: &'static str, at: Duration) {
        let took = if name == "Resolve" { at.saturating_sub(self.began) } else { Duration::ZERO };
        self.steps.push(Step {
            name,
            server: self.server.clone(),
            result: StepResult::Success,
            sent: None,
            reply: None,
            detail: None,
            took,
        });
        self.began = at;
        self.is_over = true;
    }

    fn end(&mut self, at: Duration) {
        let took = at.saturating_sub(self.began);
        self.with(|step| step.took = took);
    }

    fn with(&mut self, change: impl FnOnce(&mut Step)) {
        if let Some(step) = self.steps.last_mut() {
            change(step);
        }
    }

    fn fail(&mut self, why: &str) {
        self.with(|step| {
            step.result = StepResult::Failure;
            step.detail = Some(why.to_owned());
        });
    }

    fn command(&mut self, command: &str, at: Duration) {
        let verb = command.split(' ').next().unwrap_or_default();
        let name = match verb {
            "EHLO" | "HELO" => "EHLO",
            "STARTTLS" => "STARTTLS",
            "AUTH" => "AUTH",
            "MAIL" => "MAIL FROM",
            "RCPT" => "RCPT TO",
            "DATA" => "DATA",
            "BDAT" => "Message",
            // What ends the conversation decides nothing.
            _ => return self.is_over = true,
        };
        self.begin(name, at);
        self.is_over = false;
        self.with(|step| step.sent = Some(command.to_owned()));
    }

    fn credentials(&mut self, at: Duration) {
        if self.steps.last().is_none_or(|step| step.name != "AUTH") {
            self.begin("AUTH", at);
        }
        self.is_over = false;
        self.with(|step| step.sent = Some("AUTH *****".to_owned()));
    }

    fn content(&mut self, octets: usize, at: Duration) {
        if self.steps.last().is_none_or(|step| step.name != "Message") {
            self.begin("Message", at);
        }
        self.is_over = false;
        let before =
            self.steps.last().and_then(|step| step.sent.as_deref()?.strip_suffix(" octets")?.parse().ok());
        let octets = octets.saturating_add(before.unwrap_or(0));
        self.with(|step| step.sent = Some(format!("{octets} octets")));
    }

    fn reply(&mut self, text: &str, at: Duration) {
        if self.is_over {
            return;
        }
        self.end(at);
        let goes_on = text.as_bytes().get(3) == Some(&b'-');
        let refused = matches!(text.as_bytes().first(), Some(b'4' | b'5')) || !is_reply(text);
        self.with(|step| {
            let reply = step.reply.get_or_insert_default();
            if !reply.is_empty() {
                reply.push('\n');
            }
            reply.push_str(if is_reply(text) { text } else { NO_REPLY });
            if refused {
                step.result = StepResult::Failure;
            }
        });
        self.is_over = !goes_on;
    }

    fn failed(&mut self, step: SendStep, why: &str, at: Duration) {
        let name = match step {
            SendStep::Greeting => "Banner",
            SendStep::Hello => "EHLO",
            SendStep::StartTls => "STARTTLS",
            SendStep::Auth => "AUTH",
            SendStep::Mail => "MAIL FROM",
            SendStep::Rcpt => "RCPT TO",
            SendStep::Data => "DATA",
            SendStep::EndOfData => "Message",
        };
        let last = self.steps.last();
        // A reply, or a handshake, has said it already.
        if last.is_some_and(|last| last.result == StepResult::Failure) {
            return;
        }
        let is_it = last.is_some_and(|last| last.name == name) && !self.is_over;
        if !is_it {
            self.begin(name, at);
        } else {
            self.end(at);
        }
        self.fail(why);
        self.is_over = true;
    }
}

/// Whether a line is one of an SMTP reply. What else listens somewhere is not quoted.
pub(super) fn is_reply(line: &str) -> bool {
    let (code, rest) = line.split_at_checked(3).unwrap_or((line, ""));
    code.len() == 3
        && code.bytes().all(|octet| octet.is_ascii_digit())
        && (rest.is_empty() || rest.starts_with([' ', '-']))
}

/// What TLS came to, as one sentence: protocol, whose certificate, and whether anybody checked it.
fn agreed(info: &TlsInfo) -> String {
    let certificate = match &info.peer {
        None => "no certificate that can be read".to_owned(),
        Some(peer) => format!(
            "certificate of {}, issued by {}, valid until {}",
            if peer.names.is_empty() { peer.subject.clone() } else { peer.names.join(", ") },
            if peer.self_signed { "itself" } else { peer.issuer.as_str() },
            peer.not_after.strftime("%Y-%m-%d")
        ),
    };
    let trust = if info.verified {
        "it leads to a trusted root and has the name asked for"
    } else {
        "its issuer and name were not checked: the connector asks for encryption only"
    };
    format!("{} {}; {certificate}; {trust}", info.version, info.cipher)
}
