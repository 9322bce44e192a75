//! What an answer says of its own completeness: the places asked, and what could hide a row of them.
//!
//! May touch: the states of trace sources and of the feed, in memory; the clock.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::Trace;
use crate::feeder::Lag;
use crate::places::{LOST, Meanwhile, Outage, SourceSpec, SourceState, SourceWord, is_same_place};
use crate::search::{Facet, FacetFilter, Gap, SourceAsked, is_wild_match};

/// A source is behind when its newest record is older than this: logs are quiet for minutes, seldom longer.
pub const BEHIND_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// The own feed is behind when its oldest event waits longer than this; under load it gathers for a fraction of a second.
pub(crate) const FEED_BEHIND_AFTER: Duration = Duration::from_secs(5);

/// How the cause of a gap begins that is of what is too old.
const KEPT: &str = "records are kept for";

/// How it begins that is of what an import does not cover.
const NOT_IMPORTED: &str = "nothing of this time was imported from";

/// Times at which this server did not run that are told one by one.
const OUTAGES_TOLD: usize = 3;

/// From this time on, if bounded, and before that.
pub(crate) type Interval = (Option<Timestamp>, Option<Timestamp>);

impl Trace {
    /// The sources that could have a record of this time or later, and what could hide one; `None` is any time, of
    /// which nothing was found.
    pub fn completeness(&self, start: Option<Timestamp>) -> (Vec<SourceAsked>, Vec<Gap>) {
        let mut sources = Vec::from([SourceAsked::server(&self.0.config.server, 0)]);
        let mut gaps = Vec::new();
        let now = self.0.clock.now();
        self.tell_completeness(((start, None), now), start.is_none(), &[], &mut sources, &mut gaps);
        (sources, gaps)
    }

    /// Adds the trace sources to what was asked, and what could hide a record of the interval to the gaps.
    /// `since` is when the answer was begun, `is_empty` whether nothing was found; `facets` may ask for some places alone.
    pub(crate) fn tell_completeness(
        &self,
        (interval, since): (Interval, Timestamp),
        is_empty: bool,
        facets: &[FacetFilter],
        sources: &mut Vec<SourceAsked>,
        gaps: &mut Vec<Gap>,
    ) {
        let server = self.0.config.server.as_str();
        let now = self.0.clock.now();
        gaps.extend(retention_gap(server, self.0.config.retention_days, interval, is_empty, now));
        let lag = self.0.feed.get().map(crate::Feed::lag);
        gaps.extend(lag.and_then(|lag| feed_gap(server, &lag, interval.1, now)));
        let known = self.sources().map(|sources| sources.list()).unwrap_or_default();
        for (spec, state) in known {
            gaps.extend(source_gap(&spec, &state, interval.1, now));
            sources.push(SourceAsked::of_source(&spec, &state, now));
        }
        let asked = |places: &[String]| {
            places.iter().any(|place| facets.iter().all(|filter| is_asked(filter, place)))
        };
        let outages = self.sources().map(|sources| sources.outages()).unwrap_or_default();
        let outages = outages.into_iter().filter(|(_, places)| asked(places)).map(|(outage, _)| outage);
        gaps.extend(outage_gaps(server, outages.collect(), interval));
        let oldest = crate::feeder::oldest_day(now, self.0.config.retention_days);
        let kept_from = Timestamp::from_microsecond(oldest.midnight()).unwrap_or(Timestamp::UNIX_EPOCH);
        for (place, newest, cause) in self.places().no_longer_read(kept_from) {
            let is_read = sources
                .iter()
                .any(|known| known.place.as_deref().is_some_and(|known| is_same_place(known, &place)));
            let is_before = interval.1.zip(newest).is_some_and(|(end, newest)| end <= newest);
            if !is_read && newest.is_none() {
                sources.push(SourceAsked::unread(&place));
            }
            if !is_read && !is_before {
                gaps.push(Gap { source: place, start: newest, end: None, count: None, cause });
            }
        }
        for imported in self.places().imported(kept_from) {
            // One that is read all the time is named already.
            let name = imported.place.as_deref().unwrap_or_default();
            if !sources
                .iter()
                .any(|known| known.place.as_deref().is_some_and(|known| is_same_place(known, name)))
            {
                sources.push(imported);
            }
        }
        self.tell_meanwhile(interval, since, sources, gaps);
        if is_empty {
            let coverage = self.places().coverage();
            let only_imported = sources.iter().filter(|source| source.state == SourceWord::Imported);
            let covered = only_imported.filter_map(|source| coverage.get_key_value(source.place.as_deref()?));
            // What is said of a place already need not be said twice.
            let untold = covered.filter(|(place, _)| gaps.iter().all(|gap| gap.source != **place));
            let untold = untold.filter(|(place, _)| facets.iter().all(|filter| is_asked(filter, place)));
            let told: Vec<Gap> =
                untold.flat_map(|(place, of)| uncovered(place, *of, interval, now)).collect();
            gaps.extend(told);
        }
    }
}

impl Trace {
    /// What may be in an answer in part, because it was imported or removed meanwhile, or such work never came to its end.
    pub(crate) fn meanwhile(&self, interval: Interval, since: Timestamp) -> Vec<Meanwhile> {
        let oldest = crate::feeder::oldest_day(self.0.clock.now(), self.0.config.retention_days);
        let kept_from = Timestamp::from_microsecond(oldest.midnight()).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut found = self.places().meanwhile(since, kept_from);
        found.retain(|one| one.concerns(interval));
        found
    }

    fn tell_meanwhile(
        &self,
        interval: Interval,
        since: Timestamp,
        sources: &mut Vec<SourceAsked>,
        gaps: &mut Vec<Gap>,
    ) {
        for one in self.meanwhile(interval, since) {
            gaps.push(one.gap());
            let is_named = sources
                .iter()
                .any(|known| known.place.as_deref().is_some_and(|known| is_same_place(known, &one.place)));
            if !is_named && one.is_of_import() {
                sources.push(SourceAsked::unread(&one.place));
            }
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
        // The beginning of time is none.
        start: start.filter(|start| *start > Timestamp::UNIX_EPOCH),
        end: Some(kept_from),
        count: None,
        cause: format!("{KEPT} {days} days; older ones are gone"),
    })
}

/// Whether a gap is of what is too old to be kept.
pub(crate) fn is_of_retention(gap: &Gap) -> bool {
    gap.cause.starts_with(KEPT)
}

/// Whether a gap is of what an import does not cover.
pub(crate) fn is_of_import(gap: &Gap) -> bool {
    gap.cause.starts_with(NOT_IMPORTED)
}

/// Whether nothing of what this server recorded is missing in the trace.
pub(crate) fn is_current(lag: &Lag) -> bool {
    lag.failure.is_none() && lag.unreadable == 0 && lag.age <= FEED_BEHIND_AFTER
}

/// What is in the spool and not yet in the trace, or never came into it.
fn feed_gap(server: &str, lag: &Lag, end: Option<Timestamp>, now: Timestamp) -> Option<Gap> {
    let age = SignedDuration::try_from(lag.age).unwrap_or_default();
    let since = now.checked_sub(age).ok();
    let is_after = end.zip(since).is_some_and(|(end, since)| end <= since);
    let (start, count, cause) = match &lag.failure {
        Some(why) if !is_after => (since, lag.events, format!("the trace is not being written: {why}")),
        None if lag.age > FEED_BEHIND_AFTER && !is_after => {
            (since, lag.events, "the trace is behind what the server has recorded".to_owned())
        }
        _ if lag.unreadable > 0 => {
            (None, lag.unreadable, "events could not be read since the start and were passed over".to_owned())
        }
        _ => return None,
    };
    Some(Gap { source: server.to_owned(), start, end: None, count: Some(count), cause })
}

/// What was sent to this server while it did not run; of more than a few times the first are told as one.
fn outage_gaps(server: &str, mut outages: Vec<Outage>, (start, end): Interval) -> Vec<Gap> {
    outages.retain(|outage| {
        start.is_none_or(|start| start < outage.to) && end.is_none_or(|end| outage.from < end)
    });
    let (first, last) = outages.split_at(outages.len().saturating_sub(OUTAGES_TOLD));
    let cause = |how: &str, outages: &[Outage]| {
        let mut names: Vec<&str> =
            outages.iter().flat_map(|outage| &outage.sources).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        format!("{how}; what was sent to {} meanwhile may be missing", names.join(", "))
    };
    let gap = |how: &str, outages: &[Outage]| {
        let (from, to) = (outages.first()?.from, outages.last()?.to);
        let cause = cause(how, outages);
        Some(Gap { source: server.to_owned(), start: Some(from), end: Some(to), count: None, cause })
    };
    let times = format!("this server did not run at {} times", first.len());
    let last = last.iter().filter_map(|one| gap("this server did not run", std::slice::from_ref(one)));
    gap(if first.len() == 1 { "this server did not run" } else { &times }, first)
        .into_iter()
        .chain(last)
        .collect()
}

/// Whether a filter on places lets this one in.
fn is_asked(filter: &FacetFilter, place: &str) -> bool {
    filter.facet != Facet::Place
        || filter.not
            != filter.values.iter().any(|value| is_wild_match(&value.to_lowercase(), &place.to_lowercase()))
}

/// What of the interval is before the first record that was imported of a place, and after its newest.
fn uncovered(
    place: &str,
    (first, newest): (Option<Timestamp>, Timestamp),
    (start, end): Interval,
    now: Timestamp,
) -> Vec<Gap> {
    let gap = |start, end| Gap {
        source: place.to_owned(),
        start,
        end,
        count: None,
        cause: format!("{NOT_IMPORTED} {place}"),
    };
    let mut gaps = Vec::new();
    let end = end.unwrap_or(now).min(now);
    // Of a time that has not come nothing can be missing.
    if start.is_some_and(|start| start >= end) {
        return gaps;
    }
    if newest.checked_add(BEHIND_AFTER).is_ok_and(|covered| covered < end) {
        gaps.push(gap(start.max(Some(newest)), Some(end)));
    }
    if let (Some(start), Some(first)) = (start, first)
        && start.checked_add(BEHIND_AFTER).is_ok_and(|start| start < first)
    {
        gaps.push(gap(Some(start), Some(first.min(end))));
    }
    gaps
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
            match why.starts_with(LOST) {
                true => format!("of the trace source {name} {why}"),
                false => format!("the trace source {name} is not read: {why}"),
            }
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
    fn the_own_feed_hides_what_it_has_not_applied() {
        let now = at("2026-11-22T12:00:00Z");
        let lag = |seconds, failure: Option<&str>, unreadable| Lag {
            events: 7,
            age: Duration::from_secs(seconds),
            unreadable,
            failure: failure.map(str::to_owned),
        };
        let gap = |lag: Lag, end: Option<&str>| {
            feed_gap("mx1", &lag, end.map(at), now).map(|gap| (gap.start, gap.count.unwrap(), gap.cause))
        };
        assert_eq!(gap(lag(5, None, 0), None), None);
        let (start, count, cause) = gap(lag(6, None, 0), None).unwrap();
        assert_eq!((start, count), (Some(at("2026-11-22T11:59:54Z")), 7));
        assert!(cause.contains("behind"), "{cause}");
        assert_eq!(gap(lag(6, None, 0), Some("2026-11-22T11:59:54Z")), None);
        assert!(gap(lag(0, Some("disk full"), 0), None).unwrap().2.ends_with("disk full"));
        assert_eq!(gap(lag(0, None, 3), Some("2026-11-01T00:00:00Z")).unwrap().1, 3);
    }

    #[test]
    fn an_imported_place_hides_what_its_records_do_not_cover() {
        let now = at("2026-11-22T12:00:00Z");
        let (first, newest) = (at("2026-11-22T08:00:00Z"), at("2026-11-22T09:00:00Z"));
        let gaps = |start: &str, end: Option<&str>| {
            let gaps = uncovered("exim", (Some(first), newest), (Some(at(start)), end.map(at)), now);
            gaps.into_iter().map(|gap| (gap.start.unwrap(), gap.end.unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(gaps("2026-11-22T08:10:00Z", Some("2026-11-22T09:00:00Z")), []);
        // Logs are quiet for minutes.
        assert_eq!(gaps("2026-11-22T07:50:00Z", Some("2026-11-22T09:14:00Z")), []);
        assert_eq!(gaps("2026-11-22T08:10:00Z", None), [(newest, now)]);
        assert_eq!(gaps("2026-11-22T11:00:00Z", None), [(at("2026-11-22T11:00:00Z"), now)]);
        let before = (at("2026-11-22T06:00:00Z"), first);
        assert_eq!(gaps("2026-11-22T06:00:00Z", Some("2026-11-22T09:00:00Z")), [before]);
        assert_eq!(gaps("2026-11-22T06:00:00Z", None), [(newest, now), before]);
        let end = at("2026-11-22T07:00:00Z");
        assert_eq!(gaps("2026-11-22T06:00:00Z", Some("2026-11-22T07:00:00Z")), [(before.0, end)]);
    }

    #[test]
    fn outages_are_told_where_the_interval_touches_them() {
        let outage = |hour: u8, name: &str| Outage {
            from: at(&format!("2026-11-22T{hour:02}:00:00Z")),
            to: at(&format!("2026-11-22T{hour:02}:30:00Z")),
            sources: vec![name.to_owned()],
        };
        let gaps = |outages: &[Outage], start: &str, end: Option<&str>| {
            outage_gaps("mx1", outages.to_vec(), (Some(at(start)), end.map(at)))
        };
        let one = [outage(8, "edge")];
        let gap = gaps(&one, "2026-11-22T08:29:00Z", None).remove(0);
        assert_eq!((gap.start, gap.end), (Some(one[0].from), Some(one[0].to)));
        assert_eq!(gap.cause, "this server did not run; what was sent to edge meanwhile may be missing");
        assert_eq!(gaps(&one, "2026-11-22T08:30:00Z", None), []);
        assert_eq!(gaps(&one, "2026-11-22T07:00:00Z", Some("2026-11-22T08:00:00Z")), []);
        let many: Vec<Outage> = (1..6).map(|hour| outage(hour, if hour == 2 { "b" } else { "a" })).collect();
        let told = gaps(&many, "2026-11-22T00:00:00Z", None);
        assert_eq!((told.len(), told[0].start, told[0].end), (4, Some(many[0].from), Some(many[1].to)));
        assert!(told[0].cause.starts_with("this server did not run at 2 times; what was sent to a, b "));
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
        let lossy = state(Some("2026-11-22T11:50:00Z"), Some("records were lost: no frame"));
        assert_eq!(cause(true, &lossy, None).unwrap(), "of the trace source gw records were lost: no frame");
        assert!(cause(false, &fresh, None).unwrap().ends_with("disabled"));
        assert!(cause(true, &state(None, None), None).unwrap().contains("nothing has come"));
    }
}
