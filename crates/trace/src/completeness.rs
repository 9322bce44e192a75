//! What an answer says of its own completeness: the places asked, and what could hide a row of them.
//!
//! May touch: the states of trace sources, in memory; the clock.

use jiff::{SignedDuration, Timestamp};

use crate::Trace;
use crate::places::{SourceSpec, SourceState, SourceWord};
use crate::search::{Gap, SourceAsked};

/// A source is behind when its newest record is older than this: logs are quiet for minutes, seldom longer.
pub const BEHIND_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// From this time on, if bounded, and before that.
pub(crate) type Interval = (Option<Timestamp>, Option<Timestamp>);

impl Trace {
    /// Adds the trace sources to what was asked, and what could hide a record of the interval to the gaps.
    /// `is_empty` is whether nothing was found.
    pub(crate) fn tell_completeness(
        &self,
        interval: Interval,
        is_empty: bool,
        sources: &mut Vec<SourceAsked>,
        gaps: &mut Vec<Gap>,
    ) {
        let server = self.0.config.server.as_str();
        let now = self.0.clock.now();
        gaps.extend(retention_gap(server, self.0.config.retention_days, interval, is_empty, now));
        let known = self.sources().map(|sources| sources.list()).unwrap_or_default();
        for (spec, state) in known {
            gaps.extend(source_gap(&spec, &state, interval.1, now));
            sources.push(SourceAsked::of_source(&spec, &state, now));
        }
    }
}

/// Asked for a time before the oldest day that is kept; or for everything, and nothing was found.
fn retention_gap(
    server: &str,
    days: u32,
    (start, _): Interval,
    is_empty: bool,
    now: Timestamp,
) -> Option<Gap> {
    let oldest = crate::feeder::oldest_day(now, days);
    let kept_from = Timestamp::from_microsecond(oldest.midnight()).ok()?;
    let is_beyond = match start {
        Some(start) => start < kept_from,
        None => is_empty,
    };
    is_beyond.then(|| Gap {
        source: server.to_owned(),
        start,
        end: Some(kept_from),
        count: None,
        cause: format!("records are kept for {days} days; older ones are gone"),
    })
}

/// Why records of a source may not be here yet; only where the interval reaches behind its newest record.
fn source_gap(spec: &SourceSpec, state: &SourceState, end: Option<Timestamp>, now: Timestamp) -> Option<Gap> {
    let newest = state.last_record;
    if end.zip(newest).is_some_and(|(end, newest)| end <= newest) {
        return None;
    }
    let name = &spec.name;
    let cause = match state.word(spec) {
        SourceWord::Disabled => format!("the trace source {name} is disabled"),
        SourceWord::Failed => {
            let why = state.error.as_deref().unwrap_or("it cannot be read");
            format!("the trace source {name} is not read: {why}")
        }
        SourceWord::Waiting if newest.is_none() => {
            format!("nothing has come from the trace source {name} yet")
        }
        _ if state.lag(now).is_some_and(|lag| lag > BEHIND_AFTER) => {
            format!("the trace source {name} is behind, or its system is quiet")
        }
        _ => return None,
    };
    Some(Gap { source: name.clone(), start: newest, end: None, count: None, cause })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::SourceKind;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn retention_hides_what_is_older() {
        let now = at("2026-11-22T12:00:00Z");
        let gap = |start: Option<&str>, is_empty| {
            retention_gap("mx1", 90, (start.map(at), None), is_empty, now).map(|gap| gap.end.unwrap())
        };
        assert_eq!(gap(Some("2026-08-24T00:00:00Z"), true), None);
        assert_eq!(gap(Some("2026-08-23T23:59:59Z"), false), Some(at("2026-08-24T00:00:00Z")));
        assert_eq!((gap(None, false), gap(None, true)), (None, Some(at("2026-08-24T00:00:00Z"))));
    }

    #[test]
    fn a_source_hides_rows_behind_its_newest_record() {
        let now = at("2026-11-22T12:00:00Z");
        let spec = |enabled| SourceSpec {
            name: "gw".into(),
            place: "gw".into(),
            kind: SourceKind::Folder { path: "/var/log".into() },
            format: None,
            zone: "UTC".into(),
            enabled,
        };
        let state = |newest: Option<&str>, error: Option<&str>| SourceState {
            last_record: newest.map(at),
            last_read: newest.map(at),
            error: error.map(str::to_owned),
            ..SourceState::default()
        };
        let cause = |enabled, state: &SourceState, end: Option<&str>| {
            source_gap(&spec(enabled), state, end.map(at), now).map(|gap| gap.cause)
        };
        let fresh = state(Some("2026-11-22T11:50:00Z"), None);
        let old = state(Some("2026-11-22T11:40:00Z"), None);
        let failed = state(Some("2026-11-22T11:50:00Z"), Some("no such folder"));
        assert_eq!(cause(true, &fresh, None), None);
        assert!(cause(true, &old, None).unwrap().contains("behind"));
        assert_eq!(cause(true, &old, Some("2026-11-22T11:40:00Z")), None);
        assert!(cause(true, &failed, None).unwrap().ends_with("no such folder"));
        assert_eq!(cause(true, &failed, Some("2026-11-22T11:00:00Z")), None);
        assert!(cause(false, &fresh, None).unwrap().ends_with("disabled"));
        assert!(cause(true, &state(None, None), None).unwrap().contains("nothing has come"));
    }
}
