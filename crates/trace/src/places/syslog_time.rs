//! Times of log lines: with a zone or without, with a year or without.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3164 §4.1.2 (no year, no zone), RFC 3339 §5.6.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

/// A line may be this much newer than the time the log is read at: clocks differ.
const FUTURE_SECS: i64 = 86_400;
/// Hosts with a clock of their own; the others share one.
const HOSTS_MAX: usize = 1_024;
/// A line this much older than the one before it is still of the same pass through a repeated hour.
const DISORDER_SECS: i64 = 300;

/// The clocks of a log that several hosts write: one that is wrong moves no other.
#[derive(Debug, Clone)]
pub(crate) struct LogClocks {
    /// Of lines that name no host, and of hosts beyond the bound.
    shared: LogClock,
    hosts: HashMap<String, LogClock>,
}

impl LogClocks {
    pub(crate) fn new(zone: TimeZone, first_year: Option<i16>, as_of: Timestamp) -> LogClocks {
        LogClocks { shared: LogClock::new(zone, first_year, as_of), hosts: HashMap::new() }
    }

    /// The next file of the same log, written to at the latest at this time.
    pub(crate) fn next_file(&mut self, as_of: Timestamp) {
        self.shared.as_of = as_of;
        self.hosts.values_mut().for_each(|clock| clock.as_of = as_of);
    }

    /// The clock of a host as its lines name it, which may be nothing.
    pub(crate) fn of(&mut self, host: &str) -> &mut LogClock {
        if host.is_empty() || (self.hosts.len() >= HOSTS_MAX && !self.hosts.contains_key(host)) {
            return &mut self.shared;
        }
        if !self.hosts.contains_key(host) {
            let LogClock { zone, first_year, as_of, .. } = self.shared.clone();
            let mut clock = LogClock::new(zone, first_year, as_of);
            if first_year.is_some() {
                // The year was given for the first line of the log, and this one stands further on.
                clock.last = self.hosts.values().filter_map(|other| other.last).max();
            }
            self.hosts.insert(host.to_owned(), clock);
        }
        self.hosts.get_mut(host).unwrap_or(&mut self.shared)
    }
}

/// Reads times without a year or a zone, remembering where in time the log is.
#[derive(Debug, Clone)]
pub(crate) struct LogClock {
    zone: TimeZone,
    /// The year of the first line, if it was given.
    first_year: Option<i16>,
    /// No line is newer than this.
    as_of: Timestamp,
    last: Option<Timestamp>,
    known: Known,
}

/// The second read last: most lines share it.
#[derive(Debug, Clone, Default)]
struct Known {
    text: String,
    at: Option<Timestamp>,
}

impl LogClock {
    pub(crate) fn new(zone: TimeZone, first_year: Option<i16>, as_of: Timestamp) -> LogClock {
        LogClock { zone, first_year, as_of, last: None, known: Known::default() }
    }

    /// `Nov 22 03:57:31` in the zone of the log.
    pub(crate) fn bsd(&mut self, text: &str) -> Option<Timestamp> {
        if self.known.text == text {
            return self.known.at;
        }
        let month = month(text.get(..3)?)?;
        let day: i8 = text.get(4..6)?.trim_start().parse().ok()?;
        let time = clock_time(text.get(7..15)?)?;
        let at = self.in_a_year(month, day, time)?;
        self.remember(text, at);
        Some(at)
    }

    /// A date with its year and a time without a zone: `2026-11-22 03:57:31`, a fraction allowed.
    pub(crate) fn local(&mut self, date: &str, time: &str) -> Option<Timestamp> {
        let civil: DateTime = format!("{date}T{time}").parse().ok()?;
        let at = self.instant(civil)?;
        self.reached(at);
        Some(at)
    }

    /// A time with its zone.
    pub(crate) fn zoned(&mut self, text: &str) -> Option<Timestamp> {
        if self.known.text == text {
            return self.known.at;
        }
        let at: Timestamp = text.parse().ok()?;
        self.remember(text, at);
        Some(at)
    }

    fn remember(&mut self, text: &str, at: Timestamp) {
        self.known.text.clear();
        self.known.text.push_str(text);
        self.known.at = Some(at);
        self.reached(at);
    }

    /// A line of a time that cannot be does not say where the log is.
    fn reached(&mut self, at: Timestamp) {
        if at.as_second() <= self.newest() {
            self.last = Some(at);
        }
    }

    /// The second up to which a line may be.
    fn newest(&self) -> i64 {
        self.as_of.as_second().saturating_add(FUTURE_SECS)
    }

    /// The year that puts the line nearest to the one before it; of the first line the latest that is not ahead.
    fn in_a_year(&self, month: i8, day: i8, time: Time) -> Option<Timestamp> {
        let at = |year: i16| self.instant(Date::new(year, month, day).ok()?.to_datetime(time));
        if let Some(last) = self.last {
            let year = last.to_zoned(self.zone.clone()).year();
            let candidates = [year.checked_sub(1), Some(year), year.checked_add(1)];
            // The time of the file may be wrong: then the nearest has to do.
            let distance = |found: &Timestamp| {
                (found.as_second() > self.newest(), found.as_second().abs_diff(last.as_second()))
            };
            return candidates.into_iter().flatten().filter_map(at).min_by_key(distance);
        }
        if let Some(found) = self.first_year.and_then(at) {
            return Some(found);
        }
        let newest = self.newest();
        let year = self.as_of.to_zoned(self.zone.clone()).year();
        // Eight years back, for the lines of a 29 February.
        let years = (0..=8).filter_map(|back| year.checked_add(1)?.checked_sub(back));
        years.filter_map(at).find(|found| found.as_second() <= newest)
    }

    /// The instant of a local time. In the hour that comes twice: the earlier one, unless the log is past that.
    fn instant(&self, civil: DateTime) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(civil);
        if let AmbiguousOffset::Fold { .. } = ambiguous.offset() {
            let earlier = ambiguous.earlier().ok()?;
            let is_past = self
                .last
                .is_some_and(|last| last.as_second() > earlier.as_second().saturating_add(DISORDER_SECS));
            return if is_past { ambiguous.later().ok() } else { Some(earlier) };
        }
        ambiguous.compatible().ok()
    }
}

fn month(name: &str) -> Option<i8> {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let at = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
    i8::try_from(at.checked_add(1)?).ok()
}

/// `03:57:31`.
fn clock_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| part.parse::<i8>().ok());
    let time = Time::new(parts.next()??, parts.next()??, parts.next()??.min(59), 0).ok()?;
    parts.next().is_none().then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str, as_of: &str) -> LogClock {
        LogClock::new(TimeZone::get(zone).unwrap(), None, as_of.parse().unwrap())
    }

    fn read(clock: &mut LogClock, lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| clock.bsd(line).unwrap().to_string()).collect()
    }

    #[test]
    fn the_year_is_that_which_fits_and_turns_with_the_log() {
        let mut turn = clock("UTC", "2026-01-02T00:00:00Z");
        let lines = ["Dec 30 10:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 31 23:59:59"];
        let years =
            ["2025-12-30T10:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z", "2025-12-31T23:59:59Z"];
        assert_eq!(read(&mut turn, &lines), years);
        let mut same = clock("UTC", "2026-11-22T04:00:00Z");
        assert_eq!(read(&mut same, &["Nov 22 03:57:31"]), ["2026-11-22T03:57:31Z"]);
        // A clock that is a little ahead is not last year's.
        assert_eq!(
            read(&mut clock("UTC", "2026-11-22T04:00:00Z"), &["Nov 22 05:00:00"]),
            ["2026-11-22T05:00:00Z"]
        );
        assert_eq!(
            read(&mut clock("UTC", "2026-11-22T04:00:00Z"), &["Nov 25 05:00:00"]),
            ["2025-11-25T05:00:00Z"]
        );
        assert_eq!(
            read(&mut clock("UTC", "2027-05-01T00:00:00Z"), &["Feb 29 12:00:00"]),
            ["2024-02-29T12:00:00Z"]
        );
        let mut given = LogClock::new(TimeZone::UTC, Some(2019), "2026-01-02T00:00:00Z".parse().unwrap());
        assert_eq!(
            read(&mut given, &["Dec 31 23:59:59", "Jan  1 00:00:00"]),
            ["2019-12-31T23:59:59Z", "2020-01-01T00:00:00Z"]
        );
    }

    #[test]
    fn the_hour_that_comes_twice_and_the_one_that_never_comes() {
        let mut autumn = clock("Europe/Berlin", "2026-10-26T00:00:00Z");
        let lines = [
            "Oct 25 01:59:00",
            "Oct 25 02:30:00",
            "Oct 25 02:59:59",
            "Oct 25 02:00:01",
            "Oct 25 02:30:00",
            "Oct 25 03:00:00",
        ];
        let times = [
            "2026-10-24T23:59:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T00:59:59Z",
            "2026-10-25T01:00:01Z",
            "2026-10-25T01:30:00Z",
            "2026-10-25T02:00:00Z",
        ];
        assert_eq!(read(&mut autumn, &lines), times);
        let mut spring = clock("Europe/Berlin", "2026-03-30T00:00:00Z");
        assert_eq!(
            read(&mut spring, &["Mar 29 01:59:59", "Mar 29 02:30:00", "Mar 29 03:00:01"]),
            ["2026-03-29T00:59:59Z", "2026-03-29T01:30:00Z", "2026-03-29T01:00:01Z"]
        );
    }

    #[test]
    fn a_host_whose_clock_is_wrong_moves_no_other_and_not_its_own_later_lines() {
        let mut clocks = LogClocks::new(TimeZone::UTC, None, "2026-11-22T04:00:00Z".parse().unwrap());
        let right = "2026-11-22T03:57:31Z".parse::<Timestamp>().unwrap();
        for wrong in ["2099-05-01T00:00:00Z", "2001-05-01T00:00:00Z"] {
            assert!(clocks.of("late").zoned(wrong).is_some());
            for host in ["mx1", ""] {
                assert_eq!(clocks.of(host).bsd("Nov 22 03:57:31"), Some(right), "{wrong} {host}");
            }
            clocks = LogClocks::new(TimeZone::UTC, None, "2026-11-22T04:00:00Z".parse().unwrap());
        }
        assert!(clocks.of("mx1").zoned("2099-05-01T00:00:00Z").is_some());
        assert_eq!(clocks.of("mx1").bsd("Nov 22 03:57:31"), Some(right));
        // With a year given for the first line, a host that comes later begins where the log is.
        let mut given = LogClocks::new(TimeZone::UTC, Some(2019), "2026-01-02T00:00:00Z".parse().unwrap());
        given.of("mx1").bsd("Dec 31 23:59:59");
        given.of("mx1").bsd("Jan  1 00:00:00");
        let at = given.of("mx2").bsd("Jan  1 00:00:01").unwrap();
        assert_eq!(at.to_string(), "2020-01-01T00:00:01Z");
        for host in 0..2_000 {
            given.of(&host.to_string());
        }
        assert_eq!(given.hosts.len(), HOSTS_MAX);
    }

    #[test]
    fn nonsense_is_no_time() {
        let mut clock = clock("UTC", "2026-01-02T00:00:00Z");
        for text in
            ["", "Foo 12 00:00:00", "Nov 32 00:00:00", "Nov 12 25:00:00", "Nov 12 0:0:0", "Növ 12 00:00:00"]
        {
            assert_eq!(clock.bsd(text), None, "{text}");
        }
        assert_eq!(clock.zoned("2026-11-22T03:57:31"), None);
    }
}
