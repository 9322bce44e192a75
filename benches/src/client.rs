//! A blocking SMTP client without frills: what it sends goes out in one write a step.
//!
//! May touch: sockets on loopback.

use std::io::{BufRead as _, BufReader, Error, ErrorKind, Result, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A server that says nothing for so long has failed the measurement.
const READ_WAIT_MAX: Duration = Duration::from_secs(60);

/// A session.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    line: String,
}

impl Client {
    /// Connects and says hello.
    pub(crate) fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(READ_WAIT_MAX))?;
        let mut client = Self { stream: BufReader::new(stream), line: String::new() };
        client.expect()?;
        client.say(b"EHLO load.test\r\n")?;
        Ok(client)
    }

    /// Sends one message, which ends in `\r\n.\r\n`, a step at a time as most senders do.
    pub(crate) fn send(&mut self, from: &str, to: &str, message: &[u8]) -> Result<()> {
        self.say(format!("MAIL FROM:<{from}>\r\n").as_bytes())?;
        self.say(format!("RCPT TO:<{to}>\r\n").as_bytes())?;
        self.say(b"DATA\r\n")?;
        self.say(message)
    }

    /// Says goodbye.
    pub(crate) fn quit(mut self) -> Result<()> {
        self.say(b"QUIT\r\n")
    }

    fn say(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.get_mut().write_all(bytes)?;
        self.expect()
    }

    /// Reads a reply to its end; one of 4xx or 5xx is an error.
    fn expect(&mut self) -> Result<()> {
        loop {
            self.line.clear();
            if self.stream.read_line(&mut self.line)? == 0 {
                return Err(Error::new(ErrorKind::UnexpectedEof, "the server has closed"));
            }
            if self.line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
        if self.line.starts_with(['2', '3']) {
            Ok(())
        } else {
            Err(Error::other(self.line.trim_end().to_owned()))
        }
    }
}

/// A message of about `size` bytes that no other equals.
pub(crate) fn message(from: &str, to: &str, id: &str, size: usize) -> Vec<u8> {
    let mut text = format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: {id}\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\
         Message-ID: <{id}@load.test>\r\n\r\n"
    )
    .into_bytes();
    let line: Vec<u8> = (b'0'..=b'z').cycle().take(76).chain(*b"\r\n").collect();
    while text.len() < size {
        text.extend_from_slice(&line);
    }
    text.extend_from_slice(b".\r\n");
    text
}
