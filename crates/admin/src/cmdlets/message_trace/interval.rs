//! The interval of a search in words, as it was understood.
//! May touch: nothing (pure).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::value::{Precision, write_local};

/// `From 2026-11-20 00:00:00 to 2026-11-21 00:00:00 (Europe/Berlin), the end not included`.
pub(crate) fn in_words(start: Option<Timestamp>, end: Option<Timestamp>, zone: &TimeZone) -> String {
    let name = name(zone);
    match (start, end) {
        (Some(start), Some(end)) => {
            format!("From {} to {} ({name}), the end not included", local(start, zone), whole(end, zone))
        }
        (Some(start), None) => format!("From {} ({name}) until now", local(start, zone)),
        (None, Some(end)) => format!("Everything before {} ({name})", whole(end, zone)),
        (None, None) => "Everything that is kept".to_owned(),
    }
}

/// A time in the zone, to the second.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> String {
    write_local(at, zone, Precision::Seconds)
}

/// An end in the zone, so that it can be given again.
fn whole(at: Timestamp, zone: &TimeZone) -> String {
    write_local(at, zone, Precision::Whole)
}

/// The same to the millisecond.
pub(crate) fn local_instant(at: Timestamp, zone: &TimeZone) -> String {
    write_local(at, zone, Precision::Milliseconds)
}

fn name(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => offset.to_string(),
        (None, Err(_)) => "local time".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::read_zone;

    #[test]
    fn intervals_are_said_in_the_zone_of_the_reader() {
        let zone = read_zone("+02:00").unwrap();
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let (start, end) = (at("2026-11-19T22:00:00Z"), at("2026-11-20T22:00:00Z"));
        assert_eq!(
            in_words(start, end, &zone),
            "From 2026-11-20 00:00:00 to 2026-11-21 00:00:00 (+02), the end not included"
        );
        assert_eq!(in_words(start, None, &TimeZone::UTC), "From 2026-11-19 22:00:00 (UTC) until now");
        assert_eq!(in_words(None, end, &zone), "Everything before 2026-11-21 00:00:00 (+02)");
        let exact = at("2026-11-23T07:24:00.583Z");
        assert_eq!(in_words(None, exact, &zone), "Everything before 2026-11-23 09:24:00.583 (+02)");
        let exact = at("2026-11-23T07:24:00.583404Z");
        assert!(in_words(start, exact, &zone).contains(" to 2026-11-23 09:24:00.583404 (+02)"));
    }
}
