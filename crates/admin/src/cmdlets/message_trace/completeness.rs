//! Which sources answered and which gaps could hide a row: in JSON as fields, for people a note and a warning.
//! May touch: nothing (pure).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use trace::places::SourceWord;
use trace::search::{Gap, SourceAsked};

use super::interval::local;
use crate::output::{Output, SourceState, grouped};

/// Says it in an answer. `what` may be missing: rows, events, messages.
pub(crate) fn tell(output: &mut Output, sources: &[SourceAsked], gaps: &[Gap], what: &str, zone: &TimeZone) {
    if sources.len() > 1 {
        let asked: Vec<String> = sources.iter().map(|source| source_in_words(source, zone)).collect();
        output.notes.push(format!("Searched: {}", asked.join("; ")));
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
    format!("{what} may be missing: {cause}{}", span(gap.start, gap.end, zone))
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
