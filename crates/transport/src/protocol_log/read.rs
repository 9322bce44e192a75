//! Reads the protocol logs back: lines that match, the newest first, within a bound of octets.
//!
//! May touch: disk (the folders of the logs, reading).

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use events::csv::split_line;
use jiff::{SignedDuration, Timestamp};
use world::{Disk, OpenMode};

use super::{Files, Mark, ProtocolLog, Side, day_of, names_of};
use crate::Transport;

/// Octets read of each direction for one question; the answer says when there was more.
pub const READ_OCTETS_MAX: u64 = 64 * 1024 * 1024;

/// Octets of a file's head in which its first line stands.
const HEAD_OCTETS: usize = 8 * 1024;
/// How much later than the first line of a file an older one may stand in it: lines of several sessions are given their
/// time before they wait for their turn to be written.
const OUT_OF_ORDER_MAX: SignedDuration = SignedDuration::from_secs(10);

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
    read_within(disk, logs, wanted, READ_OCTETS_MAX)
}

/// Reads at most so many octets of each log.
fn read_within(
    disk: &Disk,
    logs: &[(Side, PathBuf)],
    wanted: &Wanted,
    octets_max: u64,
) -> std::io::Result<FoundLines> {
    let mut found = FoundLines::default();
    for (side, folder) in logs {
        if wanted.side.is_none_or(|only| only == *side) {
            let more = read_side(disk, (*side, folder), wanted, octets_max)?;
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

fn read_side(
    disk: &Disk,
    (side, folder): (Side, &Path),
    wanted: &Wanted,
    octets_max: u64,
) -> std::io::Result<FoundLines> {
    let mut found = FoundLines::default();
    let (first, last) = (wanted.start.map(day_of), wanted.end.map(|end| day_of(later(end, DAY))));
    let mut octets = 0_u64;
    let mut oldest = None;
    for name in names_of(disk, folder, side)?.into_iter().rev() {
        let Some(day) = Files::day_in(&name) else { continue };
        if last.as_deref().is_some_and(|last| day > last) || first.as_deref().is_some_and(|first| day < first)
        {
            continue;
        }
        let path = folder.join(&name);
        if let Some(end) = wanted.end
            && begins(disk, side, &path)?.is_some_and(|begins| begins > later(end, OUT_OF_ORDER_MAX))
        {
            continue;
        }
        let Some(file) = unless_gone(disk.metadata(&path))? else { continue };
        if octets.saturating_add(file.len) > octets_max {
            found.read_back_to = oldest;
            break;
        }
        let Some(bytes) = unless_gone(disk.read(&path))? else { continue };
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
        // The files before this one are older still.
        if oldest.zip(wanted.start).is_some_and(|(oldest, start)| later(oldest, OUT_OF_ORDER_MAX) < start) {
            break;
        }
    }
    Ok(found)
}

/// A day: lines that waited to be written at midnight stand in a file of the next one.
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// When a file begins: with its first line, or where that is not whole, when the file was made; nothing for a file that
/// says neither, or is gone.
fn begins(disk: &Disk, side: Side, path: &Path) -> std::io::Result<Option<Timestamp>> {
    let Some(file) = unless_gone(disk.open(path, OpenMode::Read))? else { return Ok(None) };
    let mut head = vec![0; HEAD_OCTETS];
    let length = file.read_at(&mut head, 0)?;
    head.truncate(length);
    let text = String::from_utf8_lossy(&head);
    let mut whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::trim_end);
    let made = |line: &str| line.strip_prefix("#Date:")?.trim().parse::<Timestamp>().ok();
    let made = whole.clone().find_map(made);
    Ok(whole.find_map(|line| Some(parse(side, line)?.at)).or(made))
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

    impl LoggedLine {
        /// A line of the log of Send connectors.
        pub(crate) fn of(line: &str) -> Option<LoggedLine> {
            parse(Side::Send, line)
        }
    }

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

    /// Octets of the files of these tests.
    const FILE_OCTETS: usize = 20 * 1024;

    /// Files of one direction by name, each of one line at a time and then filling.
    fn full(files: &[(&str, &str)]) -> (SimWorld, Disk, Vec<(Side, PathBuf)>) {
        let sim = SimWorld::new(5);
        let disk = sim.world().disk;
        let folder = PathBuf::from("/data/logs/smtp-receive");
        disk.create_dir_all(&folder).unwrap();
        for (name, at) in files {
            let head = format!(
                "#Software: Postroom\r\n#Date: 2026-11-23T00:00:30.000Z\r\n{at},Default,s,0,a,b,+,,\r\n"
            );
            let filling = format!("#{}\r\n", "x".repeat(FILE_OCTETS - head.len() - 3));
            disk.write_atomic(&folder.join(name), [head, filling].concat().as_bytes()).unwrap();
        }
        (sim, disk, vec![(Side::Receive, folder)])
    }

    #[test]
    fn what_is_later_than_asked_for_uses_up_no_bound() {
        let names: Vec<String> = (1..=9).map(|number| format!("RECV20261122-{number}.log")).collect();
        let times: Vec<String> = (1..=9).map(|hour| format!("2026-11-22T{hour:02}:00:00.000Z")).collect();
        let files: Vec<(&str, &str)> =
            names.iter().map(String::as_str).zip(times.iter().map(String::as_str)).collect();
        let (_sim, disk, places) = full(&files);
        let found = |start: Option<&str>, end: Option<&str>| {
            let at = |text: &str| text.parse().unwrap();
            let wanted = Wanted { start: start.map(at), end: end.map(at), most: 100, ..Wanted::default() };
            let octets_max = 6 * u64::try_from(FILE_OCTETS).unwrap();
            let found = read_within(&disk, &places, &wanted, octets_max).unwrap();
            (found.lines.len(), found.read_back_to.map(|at| at.to_string()))
        };
        assert_eq!(found(None, Some("2026-11-22T01:00:00Z")), (1, None));
        assert_eq!(found(None, Some("2026-11-22T05:00:00Z")), (5, None));
        assert_eq!(found(None, None), (6, Some("2026-11-22T04:00:00Z".to_owned())));
        assert_eq!(
            found(Some("2026-11-22T08:00:00Z"), None),
            (2, None),
            "no warning of what nobody asked for"
        );
    }

    #[test]
    fn lines_of_midnight_are_found_in_the_file_of_the_next_day() {
        let files = [
            ("RECV20261122-1.log", "2026-11-22T23:00:00.000Z"),
            ("RECV20261123-1.log", "2026-11-22T23:59:59.990Z"),
            ("RECV20261124-1.log", "2026-11-24T00:00:00.000Z"),
        ];
        let (_sim, disk, places) = full(&files);
        let end = Some("2026-11-22T23:59:59.999Z".parse().unwrap());
        let found = read(&disk, &places, &Wanted { end, most: 100, ..Wanted::default() }).unwrap();
        let times: Vec<String> = found.lines.iter().map(|line| line.at.to_string()).collect();
        assert_eq!(times, ["2026-11-22T23:59:59.99Z", "2026-11-22T23:00:00Z"]);
    }

    #[test]
    fn a_line_that_was_cut_off_is_left_out() {
        for line in ["2026-11-22T09:00:00.000Z,Internet,", "\"2026", "x,a,b,1,l,r,+,,"] {
            assert_eq!(parse(Side::Send, line), None, "{line}");
        }
    }
}
