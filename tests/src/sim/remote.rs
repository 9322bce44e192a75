//! A mail server outside that accepts everything, unless the scenario tells it to refuse.
//!
//! May touch: listeners and connections of the simulated network.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use jiff::Span;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use world::{BoxedIo, CertStore, Certificate, TlsAcceptor, World};

use super::Fault;

/// Keywords of EHLO, unless the scenario takes some away or adds some.
const KEYWORDS: [&str; 5] = ["PIPELINING", "SIZE 37748736", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN"];
/// Instead of a reply: the connection is closed.
const HANG_UP: &str = "hang up";

/// A message that arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Got {
    /// MAIL FROM, `<>` if null.
    pub from: String,
    /// The parameters of MAIL.
    pub parameters: String,
    /// RCPT TO of the accepted recipients.
    pub to: Vec<String>,
    /// The octets, dots unstuffed.
    pub octets: Vec<u8>,
}

/// What it was told to say.
struct Told {
    verb: String,
    needle: String,
    reply: String,
}

#[derive(Default)]
struct State {
    keywords: BTreeSet<String>,
    told: Vec<Told>,
    got: Vec<Got>,
    sessions: u64,
    certificates: CertStore,
}

/// The server. Its memory outlives a power cut of ours.
#[derive(Clone)]
pub struct Remote {
    name: String,
    /// Its address.
    pub ip: IpAddr,
    state: Arc<Mutex<State>>,
}

impl Remote {
    /// A server that is not listening yet. `words` are keywords to add, or to take away with `no-` before them.
    pub fn new(name: &str, ip: IpAddr, words: &[&str]) -> Remote {
        let mut keywords: BTreeSet<String> = KEYWORDS.iter().map(|keyword| (*keyword).to_owned()).collect();
        for word in words {
            match word.strip_prefix("no-") {
                Some(without) => keywords.retain(|keyword| !keyword.starts_with(without)),
                None => {
                    keywords.insert((*word).to_owned());
                }
            }
        }
        let state = State { keywords, ..State::default() };
        Remote { name: name.to_owned(), ip, state: Arc::new(Mutex::new(state)) }
    }

    /// Listens on port 25 from now on.
    pub async fn listen(&self, world: &World) -> Result<(), Fault> {
        let now = world.clock.now();
        let until = now.checked_add(Span::new().hours(24 * 365)).map_err(|error| error.to_string())?;
        let (certificate, key) = world::self_signed(std::slice::from_ref(&self.name), now, until)
            .map_err(|error| error.to_string())?;
        let certificate = Certificate::from_pem(&certificate, &key).map_err(|error| error.to_string())?;
        self.state.lock().certificates.replace(vec![certificate], None);
        let listener =
            world.net.listen(SocketAddr::new(self.ip, 25)).await.map_err(|error| error.to_string())?;
        let (own, inner) = (self.clone(), world.clone());
        world.exec.spawn("remote", async move {
            while let Ok(conn) = listener.accept().await {
                let session = Session {
                    remote: own.clone(),
                    world: inner.clone(),
                    io: Some(conn.io),
                    input: Vec::new(),
                };
                inner.exec.spawn("remote session", session.run());
            }
        });
        Ok(())
    }

    /// Answers `verb` with `reply` from now on, where the command line holds `needle`.
    pub fn tell(&self, verb: &str, needle: &str, reply: &str) {
        let told = Told { verb: verb.to_owned(), needle: needle.to_owned(), reply: reply.to_owned() };
        self.state.lock().told.insert(0, told);
    }

    /// Accepts everything again.
    pub fn accept_all(&self) {
        self.state.lock().told.clear();
    }

    /// The messages that arrived, in order.
    pub fn got(&self) -> Vec<Got> {
        self.state.lock().got.clone()
    }

    /// Sessions so far.
    pub fn sessions(&self) -> u64 {
        self.state.lock().sessions
    }

    fn reply(&self, verb: &str, line: &str, usual: &str) -> String {
        let state = self.state.lock();
        let told = state
            .told
            .iter()
            .find(|told| told.verb.eq_ignore_ascii_case(verb) && line.contains(&told.needle));
        told.map_or_else(|| usual.to_owned(), |told| told.reply.clone())
    }
}

struct Session {
    remote: Remote,
    world: World,
    io: Option<BoxedIo>,
    input: Vec<u8>,
}

impl Session {
    async fn run(mut self) {
        // A connection that breaks off ends the session, nothing else.
        let _ = self.converse().await;
    }

    async fn converse(&mut self) -> Option<()> {
        self.remote.state.lock().sessions += 1;
        let banner = format!("220 {} ready", self.remote.name);
        if !self.say("connect", "", &banner).await? {
            self.quit_only().await?;
            return Some(());
        }
        let mut open: Option<Got> = None;
        loop {
            let line = self.line().await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let usual = self.keywords();
                    self.say("EHLO", &line, &usual).await?;
                }
                "HELO" => {
                    self.say("HELO", &line, "250 hello").await?;
                }
                "STARTTLS" => self.start_tls(&line).await?,
                "MAIL" => {
                    if self.say("MAIL", &line, "250 2.1.0 sender ok").await? {
                        open =
                            Some(Got { from: path(&line), parameters: parameters(&line), ..Got::default() });
                    }
                }
                "RCPT" => {
                    let usual = if open.is_some() { "250 2.1.5 recipient ok" } else { "503 5.5.1 no sender" };
                    let accepted = self.say("RCPT", &line, usual).await?;
                    if let Some(got) = open.as_mut().filter(|_| accepted) {
                        got.to.push(path(&line));
                    }
                }
                "DATA" => self.data(&line, &mut open).await?,
                "BDAT" => self.chunk(&line, &mut open).await?,
                "RSET" => {
                    open = None;
                    self.say("RSET", &line, "250 2.0.0 reset").await?;
                }
                "QUIT" => {
                    self.say("QUIT", &line, "221 2.0.0 bye").await?;
                    return Some(());
                }
                _ => {
                    self.say(&verb, &line, "500 5.5.1 unrecognized").await?;
                }
            }
        }
    }

    /// After a refused greeting nothing but QUIT is answered well, RFC 5321 §3.1.
    async fn quit_only(&mut self) -> Option<()> {
        loop {
            let line = self.line().await?;
            if line.eq_ignore_ascii_case("QUIT") {
                self.say("QUIT", &line, "221 2.0.0 bye").await?;
                return Some(());
            }
            self.say("", &line, "503 5.5.1 no service").await?;
        }
    }

    async fn data(&mut self, line: &str, open: &mut Option<Got>) -> Option<()> {
        let none = open.as_ref().is_none_or(|got| got.to.is_empty());
        let usual = if none { "503 5.5.1 no recipients" } else { "354 go on" };
        if !self.say("DATA", line, usual).await? {
            return Some(());
        }
        let mut octets = Vec::new();
        loop {
            let mut line = self.raw_line().await?;
            if line == b".\r\n" {
                break;
            }
            if line.starts_with(b".") {
                line.remove(0);
            }
            octets.extend(line);
        }
        self.take(open, octets).await
    }

    async fn chunk(&mut self, line: &str, open: &mut Option<Got>) -> Option<()> {
        let mut words = line.split_whitespace().skip(1);
        let size: usize = words.next()?.parse().ok()?;
        let is_last = words.next().is_some_and(|word| word.eq_ignore_ascii_case("LAST"));
        while self.input.len() < size {
            self.fill().await?;
        }
        let chunk: Vec<u8> = self.input.drain(..size).collect();
        let got = open.get_or_insert_default();
        got.octets.extend(chunk);
        if is_last {
            let octets = std::mem::take(&mut got.octets);
            return self.take(open, octets).await;
        }
        self.say("BDAT", line, "250 2.0.0 chunk").await.map(drop)
    }

    async fn take(&mut self, open: &mut Option<Got>, octets: Vec<u8>) -> Option<()> {
        let mut got = open.take().unwrap_or_default();
        got.octets = octets;
        let number = self.remote.got().len() + 1;
        let reply =
            self.remote.reply("message", &got.to.join(" "), &format!("250 2.0.0 queued as R{number}"));
        // A server that takes the message and breaks off before its reply has it all the same.
        if reply == HANG_UP || reply.starts_with('2') {
            self.remote.state.lock().got.push(got);
        }
        self.speak(&reply).await
    }

    async fn start_tls(&mut self, line: &str) -> Option<()> {
        let offered = self.remote.state.lock().keywords.contains("STARTTLS");
        if !self.say("STARTTLS", line, if offered { "220 2.0.0 go on" } else { "502 5.5.1 no" }).await? {
            return Some(());
        }
        let certificates = self.remote.state.lock().certificates.clone();
        let acceptor = TlsAcceptor::new(&certificates, None, &[], &self.world.clock).ok()?;
        let (io, _) = acceptor.accept(self.io.take()?).await.ok()?;
        self.input.clear();
        self.io = Some(io);
        Some(())
    }

    fn keywords(&self) -> String {
        let state = self.remote.state.lock();
        let mut lines = vec![self.remote.name.clone()];
        lines.extend(state.keywords.iter().cloned());
        let last = lines.len() - 1;
        let shown = lines
            .iter()
            .enumerate()
            .map(|(at, line)| format!("250{}{line}", if at == last { ' ' } else { '-' }));
        shown.collect::<Vec<_>>().join("\r\n")
    }

    /// Says what it was told to, else the usual; whether that accepts.
    async fn say(&mut self, verb: &str, line: &str, usual: &str) -> Option<bool> {
        let reply = self.remote.reply(verb, line, usual);
        self.speak(&reply).await?;
        Some(reply.starts_with('2') || reply.starts_with('3'))
    }

    async fn speak(&mut self, reply: &str) -> Option<()> {
        if reply == HANG_UP {
            return None;
        }
        self.io.as_mut()?.write_all(format!("{reply}\r\n").as_bytes()).await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let line = self.raw_line().await?;
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    async fn raw_line(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = self.input.windows(2).position(|two| two == b"\r\n") {
                return Some(self.input.drain(..end + 2).collect());
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Option<()> {
        let mut buffer = vec![0; 16_384];
        let count = self.io.as_mut()?.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        self.input.extend(buffer.iter().take(count));
        Some(())
    }
}

/// The address between `<` and `>`; `<>` if there is none.
fn path(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path);
    if inside.is_empty() { "<>".to_owned() } else { inside.to_owned() }
}

fn parameters(line: &str) -> String {
    line.split_once('>').map_or("", |(_, rest)| rest).trim().to_owned()
}
