//! The protocol logs of both directions: every SMTP conversation, one CSV line a step, rotated and bounded.
//!
//! May touch: disk (its own folder), clock, a writer thread.
//! Standards: none; the `#Fields` format of Exchange's protocol logs (RECV and SEND files).

mod read;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;
use world::{Clock, Disk, DiskFile, Executor, OpenMode, Writer};

pub use self::read::{FoundLines, LoggedLine, READ_OCTETS_MAX, Wanted};

/// Octets of one file before the next is begun.
pub const FILE_OCTETS_MAX: u64 = 10 * 1024 * 1024;
/// Octets of all files of one direction; the oldest goes first.
pub const FOLDER_OCTETS_MAX: u64 = 250 * 1024 * 1024;
/// Days a file is kept.
pub const AGE_DAYS_MAX: i64 = 30;
/// Lines waiting for the writer; beyond that lines are dropped and counted, mail is not held up.
pub const BACKLOG_LINES_MAX: usize = 50_000;
/// Octets of one logged command or reply.
const DATA_OCTETS_MAX: usize = 1_024;

/// Which side of the conversation this server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Receive connectors.
    Receive,
    /// Send connectors.
    Send,
}

impl Side {
    fn prefix(self) -> &'static str {
        match self {
            Self::Receive => "RECV",
            Self::Send => "SEND",
        }
    }

    fn log_type(self) -> &'static str {
        match self {
            Self::Receive => "SMTP Receive Protocol Log",
            Self::Send => "SMTP Send Protocol Log",
        }
    }
}

/// The event column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// `+`
    Connect,
    /// `-`
    Disconnect,
    /// `>`
    Send,
    /// `<`
    Receive,
    /// `*`
    Information,
}

impl Mark {
    fn sign(self) -> char {
        match self {
            Self::Connect => '+',
            Self::Disconnect => '-',
            Self::Send => '>',
            Self::Receive => '<',
            Self::Information => '*',
        }
    }

    fn of_sign(sign: &str) -> Option<Self> {
        let all = [Self::Connect, Self::Disconnect, Self::Send, Self::Receive, Self::Information];
        all.into_iter().find(|mark| sign.chars().eq([mark.sign()]))
    }
}

/// One protocol log: a direction and its folder.
#[derive(Clone)]
pub struct ProtocolLog {
    side: Side,
    folder: Arc<Path>,
    writer: Writer<String>,
    clock: Clock,
    dropped: Arc<AtomicU64>,
}

impl ProtocolLog {
    /// Starts the writer of the log in `folder`.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(
        disk: &Disk,
        clock: &Clock,
        executor: &Executor,
        folder: &Path,
        side: Side,
    ) -> std::io::Result<Self> {
        disk.create_dir_all(folder)?;
        let mut files =
            Files { disk: disk.clone(), clock: clock.clone(), folder: folder.to_owned(), side, open: None };
        let writer = executor.writer(
            "protocol-log",
            move |lines: Vec<String>| {
                if let Err(error) = files.append(&lines) {
                    tracing::warn!(%error, "the protocol log cannot be written");
                    files.open = None;
                }
            },
            1_024,
        );
        Ok(Self { side, folder: folder.into(), writer, clock: clock.clone(), dropped: Arc::default() })
    }

    /// Begins the log of one session.
    #[must_use]
    pub fn session(&self, connector: &str, id: Uuid, local: SocketAddr, remote: SocketAddr) -> SessionLog {
        let mut session = self.attempt(connector, id, Some(remote));
        session.connected(local, remote);
        session
    }

    /// Begins the log of a session that has no connection yet; without `remote` it is not known where to.
    #[must_use]
    pub fn attempt(&self, connector: &str, id: Uuid, remote: Option<SocketAddr>) -> SessionLog {
        SessionLog {
            log: self.clone(),
            head: format!("{},{id}", quoted(connector)),
            ends: format!(",{}", remote.map(|remote| remote.to_string()).unwrap_or_default()),
            number: 0,
        }
    }

    /// Lines that were dropped because the writer could not keep up.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn send(&self, line: String) {
        if self.writer.queued() >= BACKLOG_LINES_MAX || self.writer.send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The log of one SMTP session.
pub struct SessionLog {
    log: ProtocolLog,
    head: String,
    ends: String,
    number: u32,
}

impl SessionLog {
    /// There is a connection: the lines from now on have both its ends.
    pub fn connected(&mut self, local: SocketAddr, remote: SocketAddr) {
        self.ends = format!("{local},{remote}");
    }

    /// Writes one line. `data` is a command or reply as it stood on the wire; credentials must be blanked before.
    pub fn line(&mut self, mark: Mark, data: &str, context: &str) {
        let line = format!(
            "{},{},{},{},{},{},{}\r\n",
            stamp(self.log.clock.now()),
            self.head,
            self.number,
            self.ends,
            mark.sign(),
            quoted(data),
            quoted(context)
        );
        self.number = self.number.saturating_add(1);
        self.log.send(line);
    }
}

struct Files {
    disk: Disk,
    clock: Clock,
    folder: PathBuf,
    side: Side,
    open: Option<OpenFile>,
}

struct OpenFile {
    file: DiskFile,
    day: String,
    length: u64,
}

impl Files {
    fn append(&mut self, lines: &[String]) -> std::io::Result<()> {
        let text = lines.concat();
        let day = day_of(self.clock.now());
        let fits = |open: &OpenFile| {
            open.day == day && open.length.saturating_add(text.len() as u64) <= FILE_OCTETS_MAX
        };
        if !self.open.as_ref().is_some_and(fits) {
            self.open = Some(self.next_file(day)?);
            self.prune()?;
        }
        if let Some(open) = &mut self.open {
            open.file.write_all_at(text.as_bytes(), open.length)?;
            open.length = open.length.saturating_add(text.len() as u64);
        }
        Ok(())
    }

    fn next_file(&self, day: String) -> std::io::Result<OpenFile> {
        let mine = |name: &String| name.starts_with(&format!("{}{day}-", self.side.prefix()));
        let taken = names_of(&self.disk, &self.folder, self.side)?
            .into_iter()
            .filter(mine)
            .filter_map(|name| number_of(&name))
            .max();
        let name = format!("{}{day}-{}.log", self.side.prefix(), taken.unwrap_or(0).saturating_add(1));
        let file = self.disk.open(&self.folder.join(name), OpenMode::CreateNew)?;
        let head = format!(
            "#Software: Postroom\r\n#Version: {}\r\n#Log-Type: {}\r\n#Date: {}\r\n#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\r\n",
            env!("CARGO_PKG_VERSION"),
            self.side.log_type(),
            stamp(self.clock.now())
        );
        file.write_all_at(head.as_bytes(), 0)?;
        Ok(OpenFile { file, day, length: head.len() as u64 })
    }

    /// The day a file is of, as its name says.
    fn day_in(name: &str) -> Option<&str> {
        name.get(4..12)
    }

    fn prune(&self) -> std::io::Result<()> {
        let oldest = self
            .clock
            .now()
            .checked_sub(jiff::SignedDuration::from_hours(24 * AGE_DAYS_MAX))
            .map(day_of)
            .unwrap_or_default();
        let names = names_of(&self.disk, &self.folder, self.side)?;
        let mut total: u64 = names
            .iter()
            .filter_map(|name| self.disk.metadata(&self.folder.join(name)).ok().map(|found| found.len))
            .sum();
        for name in names.iter().take(names.len().saturating_sub(1)) {
            let aged = Self::day_in(name).is_some_and(|day| day < oldest.as_str());
            if !aged && total <= FOLDER_OCTETS_MAX {
                continue;
            }
            let path = self.folder.join(name);
            total = total.saturating_sub(self.disk.metadata(&path).map_or(0, |found| found.len));
            self.disk.remove_file(&path)?;
        }
        Ok(())
    }
}

/// The files of a log, the oldest first.
fn names_of(disk: &Disk, folder: &Path, side: Side) -> std::io::Result<Vec<String>> {
    let mut names: Vec<String> = disk
        .read_dir(folder)?
        .into_iter()
        .map(|entry| entry.name.to_string_lossy().into_owned())
        .filter(|name| name.starts_with(side.prefix()) && name.ends_with(".log"))
        .collect();
    names.sort_by_key(|name| (name.get(..12).map(str::to_owned), number_of(name)));
    Ok(names)
}

fn number_of(name: &str) -> Option<u32> {
    name.strip_suffix(".log")?.rsplit('-').next()?.parse().ok()
}

fn day_of(now: Timestamp) -> String {
    now.to_zoned(TimeZone::UTC).strftime("%Y%m%d").to_string()
}

/// By hand: every line has one, and `strftime` costs more than the rest of the line.
fn stamp(now: Timestamp) -> String {
    let at = TimeZone::UTC.to_datetime(now);
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute, second, milli) = (at.hour(), at.minute(), at.second(), at.millisecond());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

fn quoted(data: &str) -> String {
    let mut cut = data.len().min(DATA_OCTETS_MAX);
    while !data.is_char_boundary(cut) {
        cut = cut.saturating_sub(1);
    }
    let data = data.get(..cut).unwrap_or_default().trim_end().replace(['\r', '\n'], " ");
    if data.contains([',', '"']) { format!("\"{}\"", data.replace('"', "\"\"")) } else { data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_time_is_that_of_strftime() {
        for at in ["2026-11-20T09:03:10.007Z", "2026-01-02T00:00:00Z", "1999-12-31T23:59:59.999999Z"] {
            let at: Timestamp = at.parse().unwrap();
            let expected = at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
            assert_eq!(stamp(at), expected);
        }
    }
}
