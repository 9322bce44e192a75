//! Points in time as administrators write them: ISO 8601, or month first as in the United States.
//! May touch: nothing (pure).

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, fmt::strtime};

use super::windows_zones;

/// A point in time that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The time itself.
    pub at: Timestamp,
    /// How it was understood, where that may surprise.
    pub note: Option<String>,
}

const MONTH_FIRST: &[&str] =
    &["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M"];

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
            return Ok(Moment { at, note: None });
        }
        match text.parse::<DateTime>() {
            Ok(local) => Ok(Moment { at: in_zone(local, zone)?, note: None }),
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
        Ok(Moment {
            at: in_zone(local, zone)?,
            note: Some(format!("\"{text}\" was read month first: {day}")),
        })
    }
}

fn in_zone(local: DateTime, zone: &TimeZone) -> Result<Timestamp, String> {
    // An hour that daylight saving skips or repeats is resolved as RFC 5545 §3.3.5 does.
    let zoned = local.to_zoned(zone.clone()).map_err(|error| format!("is out of range: {error}"))?;
    Ok(zoned.timestamp())
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
}
