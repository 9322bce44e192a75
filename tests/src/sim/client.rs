//! An SMTP client that does what a scenario says, octet by octet, and keeps the transcript.
//!
//! May touch: one connection of the simulated network, the simulated clock.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use world::{BoxedIo, TlsConnector, Verification, World};

use super::Fault;
use super::house::SERVER;

/// How long a reply is waited for: longer than every timeout of the server.
const REPLY_WAIT_MAX: Duration = Duration::from_secs(1_200);
/// Octets shown of a long line in a transcript.
const SHOWN_CHARS_MAX: usize = 120;
/// Lines kept of a transcript.
const TRANSCRIPT_LINES_MAX: usize = 200;

/// An open session.
pub struct Client {
    world: World,
    io: Option<BoxedIo>,
    input: Vec<u8>,
    transcript: Vec<String>,
    /// When something was last sent.
    sent: Duration,
}

/// A whole reply, or the end of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The lines, joined by line feeds, and how long it took.
    Reply(String, Duration),
    /// The server closed the connection.
    Closed,
    /// Nothing came.
    Silence,
}

impl Client {
    /// Connects from `from`.
    pub async fn connect(world: &World, from: IpAddr, to: SocketAddr) -> Result<Client, Fault> {
        let sent = world.clock.elapsed();
        let conn = world
            .net
            .connect(to, Some(from))
            .await
            .map_err(|error| format!("cannot connect to {to}: {error}"))?;
        let transcript = vec![format!("(connected from {from} to {to})")];
        Ok(Client { world: world.clone(), io: Some(conn.io), input: Vec::new(), transcript, sent })
    }

    /// Sends octets. A server that has closed is noticed when its reply is read.
    pub async fn send(&mut self, octets: &[u8]) {
        for line in String::from_utf8_lossy(octets).split("\r\n").filter(|line| !line.is_empty()) {
            self.note("C", line);
        }
        self.sent = self.world.clock.elapsed();
        if let Some(io) = self.io.as_mut() {
            let _ = self.world.clock.timeout(REPLY_WAIT_MAX, io.write_all(octets)).await;
        }
    }

    /// Sends one line.
    pub async fn line(&mut self, line: &str) {
        self.send(format!("{line}\r\n").as_bytes()).await;
    }

    /// Reads one reply.
    pub async fn hear(&mut self) -> Heard {
        let mut lines: Vec<String> = Vec::new();
        let mut buffer = [0; 4_096];
        loop {
            while let Some(end) = self.input.windows(2).position(|two| two == b"\r\n") {
                let line: Vec<u8> = self.input.drain(..end + 2).collect();
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                self.note("S", &line);
                let more = line.as_bytes().get(3) == Some(&b'-');
                lines.push(line);
                if !more {
                    let took = self.world.clock.elapsed().saturating_sub(self.sent);
                    return Heard::Reply(lines.join("\n"), took);
                }
            }
            let Some(io) = self.io.as_mut() else { return Heard::Closed };
            match self.world.clock.timeout(REPLY_WAIT_MAX, io.read(&mut buffer)).await {
                Ok(Ok(0) | Err(_)) => {
                    self.note("S", "(closed)");
                    self.io = None;
                    return Heard::Closed;
                }
                Ok(Ok(count)) => self.input.extend(buffer.iter().take(count)),
                Err(_) => return Heard::Silence,
            }
        }
    }

    /// Sends a line and wants a reply that begins with `code`.
    pub async fn ask(&mut self, line: &str, code: &str) -> Result<String, Fault> {
        self.line(line).await;
        self.want(code).await.map_err(|heard| format!("after \"{line}\": {heard}"))
    }

    /// Wants a reply that begins with `code`.
    pub async fn want(&mut self, code: &str) -> Result<String, Fault> {
        match self.hear().await {
            Heard::Reply(reply, _) if reply.starts_with(code) => Ok(reply),
            Heard::Reply(reply, _) => Err(format!("expected {code}, got {reply}")),
            Heard::Closed => Err(format!("expected {code}, the server closed the connection")),
            Heard::Silence => Err(format!("expected {code}, nothing came")),
        }
    }

    /// The handshake after `220` to STARTTLS.
    pub async fn start_tls(&mut self) -> Result<(), Fault> {
        let io = self.io.take().ok_or("the connection is closed")?;
        let connector = TlsConnector::new(&Verification::Opportunistic, &self.world.clock)
            .map_err(|error| error.to_string())?;
        let (io, info) = connector.connect(io, SERVER).await.map_err(|error| error.to_string())?;
        self.io = Some(io);
        self.note("", &format!("({} {})", info.version, info.cipher));
        Ok(())
    }

    /// Greets, starts TLS and signs in.
    pub async fn sign_in(&mut self, user: &str, password: &str) -> Result<(), Fault> {
        self.want("220").await?;
        self.ask("EHLO client.contoso.example", "250").await?;
        self.ask("STARTTLS", "220").await?;
        self.start_tls().await?;
        self.ask("EHLO client.contoso.example", "250").await?;
        let secret = STANDARD.encode(format!("\0{user}\0{password}"));
        self.ask(&format!("AUTH PLAIN {secret}"), "235").await?;
        Ok(())
    }

    /// Sends a whole message over a session that has been greeted; returns the `250` that takes it over.
    pub async fn submit(
        &mut self,
        sender: &str,
        recipients: &[&str],
        message: &[u8],
    ) -> Result<String, Fault> {
        let path = if sender == "<>" { "<>".to_owned() } else { format!("<{sender}>") };
        self.ask(&format!("MAIL FROM:{path}"), "250").await?;
        for to in recipients {
            self.ask(&format!("RCPT TO:<{to}>"), "250").await?;
        }
        self.ask("DATA", "354").await?;
        self.send(message).await;
        self.ask(".", "250").await
    }

    /// Hangs up.
    pub fn hang_up(&mut self) {
        self.io = None;
        self.note("", "(hung up)");
    }

    /// What was said.
    pub fn transcript(&self) -> String {
        self.transcript.join("\n")
    }

    fn note(&mut self, who: &str, line: &str) {
        let mut shown: String = line.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect();
        if line.chars().nth(SHOWN_CHARS_MAX).is_some() {
            shown.push('…');
        }
        if self.transcript.len() < TRANSCRIPT_LINES_MAX {
            self.transcript.push(format!("    {who}: {shown}"));
        }
    }
}
