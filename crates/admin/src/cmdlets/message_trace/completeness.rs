//! Which sources answered and which gaps could hide a row: in JSON as fields, for people a note and a warning.
//! May touch: nothing (pure).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use trace::places::SourceWord;
use trace::search::{Gap, SourceAsked};

use super::interval::local;
use crate::output::{Output, SourceState, grouped};

/// What the note of the sources begins with; they follow, separated by [`BETWEEN`].
pub(crate) const SEARCHED: &str = "Searched: ";
/// What stands between two sources.
pub(crate) const BETWEEN: &str = "; ";
/// What stands in every warning of a gap.
pub(crate) const MAY_BE_MISSING: &str = " may be missing: ";

/// Says it in an answer. `what` may be missing: rows, events, messages.
pub(crate) fn tell(output: &mut Output, sources: &[SourceAsked], gaps: &[Gap], what: &str, zone: &TimeZone) {
    if sources.len() > 1 {
        let listed = SourceAsked::listed(sources, gaps).into_iter();
        let asked: Vec<String> = listed.map(|source| source_in_words(source, zone)).collect();
        output.notes.push(format!("{SEARCHED}{}", asked.join(BETWEEN)));
    }
    for gap in gaps {
        let warning = warning(gap, what, zone);
        if !output.warnings.contains(&warning) {
            output.warnings.push(warning);
        }
        output.gaps.push(serde_json::to_value(gap).unwrap_or(Value::Null));
    }
    let sources = sources.iter().map(|source| serde_json::to_value(source).unwrap_or(Value::Null));
    output.sources = sources.map(SourceState).collect();
}

/// How many refused attempts match and are not among the rows.
pub(crate) fn refused(attempts: Option<u64>) -> Option<String> {
    let attempts = attempts.filter(|attempts| *attempts > 0)?;
    let noun = if attempts == 1 { "attempt" } else { "attempts" };
    Some(format!("{} refused {noun} not shown; -IncludeRefused shows them", grouped(attempts)))
}

/// `rows may be missing: …`, with the times in the reader's zone.
pub(crate) fn warning(gap: &Gap, what: &str, zone: &TimeZone) -> String {
    // Causes quote file names and other systems' replies.
    let cause: String = gap.cause.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
    format!("{what}{MAY_BE_MISSING}{cause}{}", span(gap.start, gap.end, zone))
}

fn span(start: Option<Timestamp>, end: Option<Timestamp>, zone: &TimeZone) -> String {
    match (start, end) {
        (Some(start), Some(end)) => format!(" (from {} to {})", local(start, zone), local(end, zone)),
        (Some(start), None) => format!(" (since {})", local(start, zone)),
        (None, Some(end)) => format!(" (before {})", local(end, zone)),
        (None, None) => String::new(),
    }
}

/// `gateway (newest record 2026-11-20 08:00:01, 0:01:12 ago)`.
fn source_in_words(source: &SourceAsked, zone: &TimeZone) -> String {
    match (source.days, source.last_record) {
        (Some(_), _) => source.name.clone(),
        (None, None) => format!("{} (no record yet)", source.name),
        (None, Some(at)) if source.state == SourceWord::Imported => {
            format!("{} (imported, newest record {})", source.name, local(at, zone))
        }
        (None, Some(at)) => {
            let lag = source.lag_secs.map(|secs| format!(", {} ago", clock(secs))).unwrap_or_default();
            format!("{} (newest record {}{lag})", source.name, local(at, zone))
        }
    }
}

/// Seconds as `h:mm:ss`.
pub(crate) fn clock(secs: i64) -> String {
    format!("{}:{:02}:{:02}", secs / 3_600, secs / 60 % 60, secs % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::read_zone;

    #[test]
    fn many_sources_begin_with_those_that_may_lack_something() {
        let source = |number: i64| SourceAsked {
            name: format!("gw{number}"),
            kind: "Syslog",
            days: None,
            place: Some(format!("place{number}")),
            state: SourceWord::Reading,
            last_record: None,
            lag_secs: (number % 2 == 0).then_some(number),
        };
        let gap = Gap { source: "gw7".into(), start: None, end: None, count: None, cause: "not read".into() };
        let names = |number: i64| {
            let sources: Vec<SourceAsked> = (1..=number).map(source).collect();
            let gaps = std::slice::from_ref(&gap);
            let mut output = Output::list(Vec::new());
            tell(&mut output, &sources, gaps, "rows", &TimeZone::UTC);
            let told: Vec<String> = output.sources.iter().map(|one| one.0["Name"].to_string()).collect();
            assert_eq!(told.first().map(String::as_str), Some("\"gw1\""), "fields keep their order");
            output.notes.concat().replace(" (no record yet)", "")
        };
        assert_eq!(names(3), "Searched: gw1; gw2; gw3");
        assert_eq!(names(8), "Searched: gw7; gw8; gw6; gw4; gw2; gw1; gw3; gw5");
    }

    #[test]
    fn a_gap_is_said_in_the_zone_of_the_reader() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let gap = |start, end| Gap {
            source: "gw".into(),
            start,
            end,
            count: None,
            cause: "the trace source gw is not read:\nno".into(),
        };
        let zone = read_zone("+01:00").unwrap();
        let (start, end) = (at("2026-11-20T07:00:01Z"), at("2026-11-20T08:00:00Z"));
        assert_eq!(
            warning(&gap(start, None), "rows", &zone),
            "rows may be missing: the trace source gw is not read: no (since 2026-11-20 08:00:01)"
        );
        assert!(
            warning(&gap(start, end), "rows", &zone)
                .ends_with(" (from 2026-11-20 08:00:01 to 2026-11-20 09:00:00)")
        );
        assert!(warning(&gap(None, end), "rows", &TimeZone::UTC).ends_with(" (before 2026-11-20 08:00:00)"));
        assert_eq!(clock(3_672), "1:01:12");
    }
}
