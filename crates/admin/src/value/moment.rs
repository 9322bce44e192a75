//! Points in time as administrators write them: ISO 8601, or month first as in the United States.
//! May touch: nothing (pure).

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, fmt::strtime};

use super::windows_zones;

/// A point in time that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The time itself.
    pub at: Timestamp,
    /// How it was understood, where that may surprise.
    pub note: Option<String>,
    /// The second time the clock shows it, where it does so twice; `at` is the first.
    pub again: Option<Again>,
}

/// A time of the hour that the end of daylight saving repeats, the second time.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    /// The time itself.
    pub at: Timestamp,
    /// How it was understood.
    pub note: String,
}

/// How exactly a time is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// To the second.
    Seconds,
    /// To the millisecond.
    Milliseconds,
    /// As far as it goes, to the microsecond: read again it is the same time.
    Whole,
}

/// A time in a zone: `2026-11-20 14:30:00`, and with the offset in the hour that the end of daylight saving repeats.
pub fn write_local(at: Timestamp, zone: &TimeZone, precision: Precision) -> String {
    let zoned = at.to_zoned(zone.clone());
    let format = match precision {
        Precision::Seconds => "%Y-%m-%d %H:%M:%S",
        Precision::Milliseconds => "%Y-%m-%d %H:%M:%S.%3f",
        Precision::Whole => match at.as_microsecond() {
            at if at % 1_000_000 == 0 => "%Y-%m-%d %H:%M:%S",
            at if at % 1_000 == 0 => "%Y-%m-%d %H:%M:%S.%3f",
            _ => "%Y-%m-%d %H:%M:%S.%6f",
        },
    };
    let text = zoned.strftime(format).to_string();
    let is_twice = matches!(zone.to_ambiguous_zoned(zoned.datetime()).offset(), AmbiguousOffset::Fold { .. });
    if is_twice { format!("{text} {}", zoned.strftime("%:z")) } else { text }
}

/// What stands before a time in our own sentences, which are written before anybody's zone is known.
const LEADS: &[&str] =
    &[", next attempt ", " removed it from the queue at ", "Held by an administrator since "];

/// A sentence of ours with its time in the zone. What other servers said stands behind it and stays as it is.
pub(crate) fn in_sentence(text: &str, zone: &TimeZone) -> String {
    let found = LEADS.iter().filter_map(|lead| Some(text.find(lead)?.saturating_add(lead.len()))).min();
    let Some((head, rest)) = found.and_then(|at| text.split_at_checked(at)) else { return text.to_owned() };
    let end = rest.find('Z').map_or(0, |end| end.saturating_add(1));
    match rest.split_at_checked(end).map(|(time, tail)| (time.parse::<Timestamp>(), tail)) {
        Some((Ok(at), tail)) => format!("{head}{}{tail}", write_local(at, zone, Precision::Seconds)),
        _ => text.to_owned(),
    }
}

const MONTH_FIRST: &[&str] =
    &["%m/%d/%Y %I:%M:%S%.f %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S%.f", "%m/%d/%Y %H:%M"];

impl Moment {
    /// Reads a time; without an offset it is in `zone`.
    ///
    /// # Errors
    /// One sentence that says what is expected.
    pub fn read(text: &str, zone: &TimeZone) -> Result<Moment, String> {
        if text.contains('/') {
            return Moment::read_month_first(text, zone);
        }
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Moment { at, note: None, again: None });
        }
        match text.parse::<DateTime>() {
            Ok(local) => in_zone(local, zone),
            Err(_) => Err(format!(
                "takes a time such as 2026-11-20, 2026-11-20 14:30 or 2026-11-20T13:30:00Z, not \"{text}\""
            )),
        }
    }

    fn read_month_first(text: &str, zone: &TimeZone) -> Result<Moment, String> {
        let whole = if text.contains(':') { text.to_owned() } else { format!("{text} 00:00") };
        let local = MONTH_FIRST
            .iter()
            .find_map(|format| strtime::parse(format, &whole).ok()?.to_datetime().ok())
            .ok_or_else(|| {
                format!("takes dates with slashes month first, such as 11/20/2026; for \"{text}\" write 2026-11-20")
            })?;
        let day = local.strftime("%-d %B %Y");
        let note = format!("\"{text}\" was read month first: {day}");
        let mut moment = in_zone(local, zone)?;
        let with = |other: String| format!("{note}; {other}");
        moment.note = Some(moment.note.map_or(note.clone(), with));
        moment.again = moment.again.map(|again| Again { note: format!("{note}; {}", again.note), ..again });
        Ok(moment)
    }
}

fn in_zone(local: DateTime, zone: &TimeZone) -> Result<Moment, String> {
    let ambiguous = zone.to_ambiguous_zoned(local);
    let is_twice = matches!(ambiguous.offset(), AmbiguousOffset::Fold { .. });
    let out_of_range = |error: jiff::Error| format!("is out of range: {error}");
    // An hour that daylight saving skips is resolved as RFC 5545 §3.3.5 does.
    let first = ambiguous.clone().compatible().map_err(out_of_range)?;
    if !is_twice {
        return Ok(Moment { at: first.timestamp(), note: None, again: None });
    }
    let second = ambiguous.later().map_err(out_of_range)?;
    let note = |which: &str, read: &jiff::Zoned| {
        format!(
            "{} is twice that day: read as the {which}, {}",
            local.strftime("%H:%M:%S"),
            read.strftime("%:z")
        )
    };
    let again = Again { at: second.timestamp(), note: note("later", &second) };
    Ok(Moment { at: first.timestamp(), note: Some(note("earlier", &first)), again: Some(again) })
}

/// Reads the name of a zone: `Europe/Berlin`, Windows's `W. Europe Standard Time`, `UTC`, `Z` or an offset such as `+02:00`.
///
/// # Errors
/// One sentence that says what is expected.
pub fn read_zone(name: &str) -> Result<TimeZone, String> {
    if name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("z") {
        return Ok(TimeZone::UTC);
    }
    if let Some(offset) = read_offset(name) {
        return Ok(TimeZone::fixed(offset));
    }
    let known = windows_zones::iana(name).unwrap_or(name);
    TimeZone::get(known).map_err(|_| {
        if jiff::tz::db().is_definitively_empty() {
            return format!(
                "cannot be \"{name}\" on this machine, which has no time zone database: install the package tzdata, or give an offset such as +02:00"
            );
        }
        format!(
            "takes a zone such as Europe/Berlin, 'W. Europe Standard Time', UTC or +02:00, not \"{name}\""
        )
    })
}

fn read_offset(name: &str) -> Option<Offset> {
    let (sign, rest) = match name.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
    let hours: i32 = hours.parse().ok().filter(|hours| (0..=14).contains(hours))?;
    let minutes: i32 = minutes.parse().ok().filter(|minutes| (0..60).contains(minutes))?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, zone: &str) -> String {
        Moment::read(text, &read_zone(zone).unwrap()).unwrap().at.to_string()
    }

    #[test]
    fn times_without_an_offset_are_in_the_zone() {
        let table: &[(&str, &str, &str)] = &[
            ("2026-11-20", "UTC", "2026-11-20T00:00:00Z"),
            ("2026-11-20 14:30", "+02:00", "2026-11-20T12:30:00Z"),
            ("11/22/2026 10:38:14.500 AM", "UTC", "2026-11-22T10:38:14.5Z"),
            ("11/22/2026 10:38:14 PM", "UTC", "2026-11-22T22:38:14Z"),
            ("11/22/2026 22:38:14.25", "UTC", "2026-11-22T22:38:14.25Z"),
            ("2026-07-01T14:30:15", "Europe/Berlin", "2026-07-01T12:30:15Z"),
            ("2026-11-20T14:30:00Z", "Europe/Berlin", "2026-11-20T14:30:00Z"),
            ("2026-11-20T14:30:00+05:30", "UTC", "2026-11-20T09:00:00Z"),
            ("07/13/2023 12:00:00 PM", "UTC", "2023-07-13T12:00:00Z"),
            ("07/13/2023 12:00:00 AM", "UTC", "2023-07-13T00:00:00Z"),
            ("7/8/2023", "UTC", "2023-07-08T00:00:00Z"),
            ("2026-07-01T14:30:15", "w. europe standard TIME", "2026-07-01T12:30:15Z"),
            ("07/08/2023 17:05", "Pacific Standard Time", "2023-07-09T00:05:00Z"),
            ("07/08/2023 17:05", "-08:00", "2023-07-09T01:05:00Z"),
        ];
        for (text, zone, expected) in table {
            assert_eq!(read(text, zone), *expected, "{text} in {zone}");
        }
    }

    #[test]
    fn month_first_is_said() {
        let moment = Moment::read("07/08/2023", &TimeZone::UTC).unwrap();
        assert_eq!(moment.note.unwrap(), "\"07/08/2023\" was read month first: 8 July 2023");
        assert!(Moment::read("2023-07-08", &TimeZone::UTC).unwrap().note.is_none());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "yesterday", "13/07/2023", "2026-13-01", "07/08/23 99:00"] {
            assert!(Moment::read(text, &TimeZone::UTC).is_err(), "{text}");
        }
        for zone in ["", "Nowhere/Town", "+25:00", "+1:99"] {
            assert!(read_zone(zone).is_err(), "{zone}");
        }
    }

    #[test]
    fn an_hour_that_comes_twice_is_asked_about_whole_and_told_apart() {
        let zone = read_zone("Europe/Berlin").unwrap();
        let moment = Moment::read("2026-10-25 02:30", &zone).unwrap();
        assert_eq!(moment.at.to_string(), "2026-10-25T00:30:00Z");
        assert_eq!(moment.note.unwrap(), "02:30:00 is twice that day: read as the earlier, +02:00");
        let again = moment.again.unwrap();
        assert_eq!(again.at.to_string(), "2026-10-25T01:30:00Z");
        assert_eq!(again.note, "02:30:00 is twice that day: read as the later, +01:00");
        let slashes = Moment::read("10/25/2026 02:30", &zone).unwrap();
        assert!(
            slashes
                .note
                .unwrap()
                .starts_with("\"10/25/2026 02:30\" was read month first: 25 October 2026; 02:30:00")
        );
        assert!(Moment::read("2026-10-25T02:30:00+01:00", &zone).unwrap().again.is_none());
        // The hour that spring leaves out, and any other one, are there once.
        for text in ["2026-03-29 02:30", "2026-10-25 03:30", "2026-10-25 01:30"] {
            assert_eq!(Moment::read(text, &zone).unwrap().again, None, "{text}");
        }
        let shown = |text: &str| write_local(text.parse().unwrap(), &zone, Precision::Milliseconds);
        assert_eq!(shown("2026-10-25T00:40:00.5Z"), "2026-10-25 02:40:00.500 +02:00");
        assert_eq!(shown("2026-10-25T01:40:00.1234Z"), "2026-10-25 02:40:00.123 +01:00");
        assert_eq!(shown("2026-10-25T02:40:00Z"), "2026-10-25 03:40:00.000");
    }

    #[test]
    fn our_own_sentences_have_their_time_in_the_zone() {
        let zone = read_zone("Europe/Berlin").unwrap();
        let own = "Deferred in queue q after 2 attempts, next attempt 2026-11-22T10:53:12Z: 451 again at 2026-11-22T10:00:00Z";
        assert_eq!(
            in_sentence(own, &zone),
            "Deferred in queue q after 2 attempts, next attempt 2026-11-22 11:53:12: 451 again at 2026-11-22T10:00:00Z"
        );
        let theirs = "451 4.7.1 again at 2026-11-22T10:00:00Z";
        assert_eq!(in_sentence(theirs, &zone), theirs);
        let held = "The message for x is held. Held by an administrator since 2026-11-22T10:53:12Z (kim): queue q is suspended";
        assert!(in_sentence(held, &zone).contains("since 2026-11-22 11:53:12 (kim)"));
        let other = "Deferred, next attempt soon";
        assert_eq!(in_sentence(other, &zone), other);
    }
}
