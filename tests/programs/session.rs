//! A small SMTP client that says one thing at a time, for what no program can be made to do.
//!
//! May touch: sockets on loopback.

use std::io::{BufRead as _, BufReader, Error, ErrorKind, Result, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A server that says nothing for so long is a failure.
const READ_WAIT_MAX: Duration = Duration::from_secs(60);

/// An SMTP session.
pub(crate) struct Session {
    stream: BufReader<TcpStream>,
}

impl Session {
    /// Connects, reads the banner and says hello.
    pub(crate) fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(READ_WAIT_MAX))?;
        stream.set_nodelay(true)?;
        let mut session = Self { stream: BufReader::new(stream) };
        session.read_ok()?;
        session.ok("EHLO load.test")?;
        Ok(session)
    }

    /// Reads one whole reply: its code and text.
    pub(crate) fn read(&mut self) -> Result<(u16, String)> {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(Error::new(ErrorKind::UnexpectedEof, "closed without a reply"));
            }
            text.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                let code = line.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
                return Ok((code, text));
            }
        }
    }

    fn read_ok(&mut self) -> Result<String> {
        match self.read()? {
            (200..=399, text) => Ok(text),
            (_, text) => Err(Error::other(text)),
        }
    }

    /// Says a command.
    pub(crate) fn say(&mut self, command: &str) -> Result<(u16, String)> {
        write!(self.stream.get_mut(), "{command}\r\n")?;
        self.read()
    }

    fn ok(&mut self, command: &str) -> Result<String> {
        write!(self.stream.get_mut(), "{command}\r\n")?;
        self.read_ok()
    }

    /// Sends one message; `Ok` means the server has said `250` to all of it.
    pub(crate) fn send(&mut self, from: &str, to: &str, message: &[u8]) -> Result<()> {
        self.ok(&format!("MAIL FROM:<{from}>"))?;
        self.ok(&format!("RCPT TO:<{to}>"))?;
        self.data(message)
    }

    /// Sends DATA and the content; `Ok` means `250`.
    pub(crate) fn data(&mut self, message: &[u8]) -> Result<()> {
        self.ok("DATA")?;
        self.content(message)?;
        self.read_ok().map(drop)
    }

    /// Sends the content after DATA, up to the dot.
    pub(crate) fn content(&mut self, message: &[u8]) -> Result<()> {
        let mut data = Vec::with_capacity(message.len() + 64);
        for line in message.split_inclusive(|byte| *byte == b'\n') {
            if line.first() == Some(&b'.') {
                data.push(b'.');
            }
            data.extend_from_slice(line);
        }
        data.extend_from_slice(b".\r\n");
        self.stream.get_mut().write_all(&data)
    }
}
