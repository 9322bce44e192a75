//! Reads the protocol logs back: lines that match, the newest first, within a bound of octets.
//!
//! May touch: disk (the folders of the logs, reading).

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use events::csv::split_line;
use jiff::Timestamp;
use world::Disk;

use super::{FILE_OCTETS_MAX, Files, Mark, ProtocolLog, Side, day_of, names_of};
use crate::Transport;

/// Octets read of each direction for one question; the answer says when there was more.
pub const READ_OCTETS_MAX: u64 = 64 * 1024 * 1024;

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only this direction.
    pub side: Option<Side>,
    /// Only this connector, whatever its case.
    pub connector: Option<String>,
    /// Only conversations with this address.
    pub remote_ip: Option<IpAddr>,
    /// Only this session.
    pub session: Option<String>,
    /// Not before.
    pub start: Option<Timestamp>,
    /// Not after.
    pub end: Option<Timestamp>,
    /// Only lines whose data or context holds this, whatever its case.
    pub text: Option<String>,
    /// Lines given back.
    pub most: usize,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedLine {
    /// Which log.
    pub side: Side,
    /// When.
    pub at: Timestamp,
    /// The connector's name at that time.
    pub connector: String,
    /// The session.
    pub session: String,
    /// The line's number within the session, from 0.
    pub number: u32,
    /// Our end, `address:port`.
    pub local: String,
    /// The other end.
    pub remote: String,
    /// What happened.
    pub mark: Mark,
    /// The command or reply; credentials never were in it.
    pub data: String,
    /// What we say of it.
    pub context: String,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundLines {
    /// The lines, the newest first.
    pub lines: Vec<LoggedLine>,
    /// Whether more lines match than were asked for.
    pub has_more: bool,
    /// Where reading stopped before it had seen everything: nothing older than this was looked at.
    pub read_back_to: Option<Timestamp>,
}

impl Transport {
    /// Lines of the protocol logs, the newest first.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub async fn protocol_log(&self, wanted: Wanted) -> std::io::Result<FoundLines> {
        let shared = &self.shared;
        let logs = [&shared.receive_log, &shared.send_log].map(ProtocolLog::place);
        let disk = shared.world.disk.clone();
        shared.world.exec.blocking(move || read(&disk, &logs, &wanted)).await
    }
}

impl ProtocolLog {
    fn place(&self) -> (Side, PathBuf) {
        (self.side, self.folder.to_path_buf())
    }
}

fn read(disk: &Disk, logs: &[(Side, PathBuf)], wanted: &Wanted) -> std::io::Result<FoundLines> {
    let mut found = FoundLines::default();
    for (side, folder) in logs {
        if wanted.side.is_none_or(|only| only == *side) {
            let more = read_side(disk, *side, folder, wanted)?;
            found.lines.extend(more.lines);
            found.has_more |= more.has_more;
            found.read_back_to = found.read_back_to.max(more.read_back_to);
        }
    }
    // What one log was not read far enough for must not seem to be missing from the other.
    if let Some(stopped) = found.read_back_to {
        found.lines.retain(|line| line.at >= stopped);
    }
    found.lines.sort_by(|one, other| {
        other.at.cmp(&one.at).then(other.session.cmp(&one.session)).then(other.number.cmp(&one.number))
    });
    found.has_more |= found.lines.len() > wanted.most;
    found.lines.truncate(wanted.most);
    Ok(found)
}

fn read_side(disk: &Disk, side: Side, folder: &Path, wanted: &Wanted) -> std::io::Result<FoundLines> {
    let mut found = FoundLines::default();
    let (first, last) = (wanted.start.map(day_of), wanted.end.map(day_of));
    let mut octets = 0_u64;
    let mut oldest = None;
    for name in names_of(disk, folder, side)?.into_iter().rev() {
        let Some(day) = Files::day_in(&name) else { continue };
        if last.as_deref().is_some_and(|last| day > last) || first.as_deref().is_some_and(|first| day < first)
        {
            continue;
        }
        if octets.saturating_add(FILE_OCTETS_MAX) > READ_OCTETS_MAX {
            found.read_back_to = oldest;
            break;
        }
        let Some(bytes) = unless_gone(disk.read(&folder.join(&name)))? else { continue };
        octets = octets.saturating_add(bytes.len() as u64);
        let text = String::from_utf8_lossy(&bytes);
        oldest = text.lines().find_map(|line| Some(parse(side, line)?.at)).or(oldest);
        for line in text.lines().rev().filter(|line| !line.starts_with('#')) {
            let Some(line) = parse(side, line) else { continue };
            if !matches(&line, wanted) {
                continue;
            }
            if found.lines.len() >= wanted.most {
                found.has_more = true;
                return Ok(found);
            }
            found.lines.push(line);
        }
    }
    Ok(found)
}

/// Nothing where the file was pruned meanwhile.
fn unless_gone<T>(read: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match read {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A line as it was written; nothing for one that was cut off.
fn parse(side: Side, line: &str) -> Option<LoggedLine> {
    let fields: [String; 9] = split_line(line)?.try_into().ok()?;
    let [at, connector, session, number, local, remote, sign, data, context] = fields;
    Some(LoggedLine {
        side,
        at: at.parse().ok()?,
        connector,
        session,
        number: number.parse().ok()?,
        local,
        remote,
        mark: Mark::of_sign(&sign)?,
        data,
        context,
    })
}

fn matches(line: &LoggedLine, wanted: &Wanted) -> bool {
    let holds = |text: &str| {
        let text = text.to_lowercase();
        line.data.to_lowercase().contains(&text) || line.context.to_lowercase().contains(&text)
    };
    let remote = || line.remote.parse::<SocketAddr>().ok().map(|remote| remote.ip().to_canonical());
    wanted.start.is_none_or(|start| line.at >= start)
        && wanted.end.is_none_or(|end| line.at <= end)
        && wanted.connector.as_deref().is_none_or(|name| name.to_lowercase() == line.connector.to_lowercase())
        && wanted.session.as_deref().is_none_or(|session| line.session.eq_ignore_ascii_case(session))
        && wanted.remote_ip.is_none_or(|ip| remote() == Some(ip.to_canonical()))
        && wanted.text.as_deref().is_none_or(holds)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use world::sim::SimWorld;

    use super::*;

    /// Two sessions, one of each direction, a second apart.
    fn written() -> (SimWorld, Disk, Vec<(Side, PathBuf)>) {
        let sim = SimWorld::new(3);
        let world = sim.world();
        let places = vec![
            (Side::Receive, PathBuf::from("/data/logs/smtp-receive")),
            (Side::Send, PathBuf::from("/data/logs/smtp-send")),
        ];
        let logs: Vec<ProtocolLog> = places
            .iter()
            .map(|(side, folder)| {
                ProtocolLog::open(&world.disk, &world.clock, &world.exec, folder, *side).unwrap()
            })
            .collect();
        let (local, remote) = ("192.0.2.1:25".parse().unwrap(), "192.0.2.7:40000".parse().unwrap());
        sim.run(async {
            let mut first = logs[0].session("Default, first", Uuid::from_u128(1), local, remote);
            first.line(Mark::Connect, "", "");
            first.line(Mark::Receive, "MAIL FROM:<kim@fabrikam.example>", "");
            world.clock.sleep(std::time::Duration::from_secs(1)).await;
            let remote = "[2001:db8::9]:25".parse().unwrap();
            let mut second = logs[1].session("Internet", Uuid::from_u128(2), local, remote);
            second.line(Mark::Send, "RCPT TO:<ann@contoso.example>", "the \"last\" one");
        });
        sim.run_until_stalled();
        (sim, world.disk.clone(), places)
    }

    #[test]
    fn lines_come_back_the_newest_first_as_they_were_written() {
        let (_sim, disk, places) = written();
        let all = read(&disk, &places, &Wanted { most: 10, ..Wanted::default() }).unwrap();
        let shown: Vec<_> = all.lines.iter().map(|line| (line.connector.as_str(), line.number)).collect();
        assert_eq!(shown, [("Internet", 0), ("Default, first", 1), ("Default, first", 0)]);
        let last = &all.lines[0];
        assert_eq!(
            (last.mark, last.context.as_str(), last.side),
            (Mark::Send, "the \"last\" one", Side::Send)
        );
        assert_eq!((all.has_more, all.read_back_to), (false, None));
        let one = read(&disk, &places, &Wanted { most: 1, ..Wanted::default() }).unwrap();
        assert_eq!((one.lines.as_slice(), one.has_more), (&all.lines[..1], true));
    }

    #[test]
    fn each_condition_chooses() {
        let (_sim, disk, places) = written();
        let count =
            |wanted: Wanted| read(&disk, &places, &Wanted { most: 10, ..wanted }).unwrap().lines.len();
        let at = read(&disk, &places, &Wanted { most: 1, ..Wanted::default() }).unwrap().lines[0].at;
        let text = |text: &str| Wanted { text: Some(text.to_owned()), ..Wanted::default() };
        let ip = |ip: &str| Wanted { remote_ip: Some(ip.parse().unwrap()), ..Wanted::default() };
        for (wanted, expected) in [
            (Wanted { side: Some(Side::Receive), ..Wanted::default() }, 2),
            (Wanted { connector: Some("default, FIRST".to_owned()), ..Wanted::default() }, 2),
            (Wanted { session: Some(Uuid::from_u128(2).to_string()), ..Wanted::default() }, 1),
            (Wanted { start: Some(at), ..Wanted::default() }, 1),
            (
                Wanted {
                    end: at.checked_sub(jiff::SignedDuration::from_millis(1)).ok(),
                    ..Wanted::default()
                },
                2,
            ),
            (ip("192.0.2.7"), 2),
            (ip("2001:db8::9"), 1),
            (ip("192.0.2.8"), 0),
            (text("mail from"), 1),
            (text("LAST"), 1),
        ] {
            assert_eq!(count(wanted.clone()), expected, "{wanted:?}");
        }
    }

    #[test]
    fn a_line_that_was_cut_off_is_left_out() {
        for line in ["2026-11-22T09:00:00.000Z,Internet,", "\"2026", "x,a,b,1,l,r,+,,"] {
            assert_eq!(parse(Side::Send, line), None, "{line}");
        }
    }
}
