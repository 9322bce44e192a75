//! The hops of a message in the order of its hand-over, and by how much the clock of each is off.
//!
//! May touch: nothing (pure).
//! Nobody has a message before the one who handed it on had it, and nobody receives it after having said that it has it:
//! where the times say otherwise, the clocks differ.

use super::joins::{Basis, Edge, Hop, directed, names};
use super::passed::Seen;
use crate::status::{REPLY_MICROS, time_left_open};

/// A hop, and the one that handed the message to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came<'a> {
    pub(super) seen: &'a Seen,
    /// By its number among all.
    pub(super) from: Option<(usize, Edge)>,
}

/// The numbers of the hops, each after the one it came from, and the clock of each less that of this server, or else of
/// the first place, in microseconds.
pub(super) fn by_hand_over(came: &[Came<'_>]) -> Vec<(usize, i64)> {
    let mut placed: Vec<(usize, i64)> = Vec::with_capacity(came.len());
    let mut open: Vec<usize> = (0..came.len()).collect();
    let mut ready: Vec<(usize, i64)> = Vec::new();
    let at = |number: usize| came.get(number).map_or(0, |one| one.seen.hop.came());
    while placed.len() < came.len() {
        open.retain(|number| {
            let clock = came.get(*number).and_then(|one| clock_if_known(came, &placed, *one));
            ready.extend(clock.map(|clock| (*number, clock)));
            clock.is_none()
        });
        let first = ready.iter().min_by_key(|(number, clock)| (at(*number).saturating_sub(*clock), *number));
        // Where some hand on in a circle, the clocks decide.
        let first =
            first.copied().or_else(|| Some((open.iter().copied().min_by_key(|number| at(*number))?, 0)));
        let Some((next, clock)) = first else { break };
        ready.retain(|(number, _)| *number != next);
        open.retain(|number| *number != next);
        placed.push((next, clock));
    }
    let is_own = |(number, _): &&(usize, i64)| came.get(*number).is_some_and(|one| one.seen.hop.is_own);
    let own = placed.iter().find(is_own).map_or(0, |(_, clock)| *clock);
    placed.into_iter().map(|(number, clock)| (number, clock.saturating_sub(own))).collect()
}

/// The clock of a hop of which that of the one before it is known, or which has none before it.
fn clock_if_known(came: &[Came<'_>], placed: &[(usize, i64)], one: Came<'_>) -> Option<i64> {
    let Some((from, edge)) = one.from else { return Some(0) };
    let (_, there) = placed.iter().find(|(number, _)| *number == from)?;
    let clock = clock(came.get(from)?.seen, *there, one.seen, edge, &known(came, placed, one.seen));
    Some(clock)
}

/// The clocks already known of a place.
fn known(came: &[Came<'_>], placed: &[(usize, i64)], seen: &Seen) -> Vec<i64> {
    let same = |number: usize| came.get(number).is_some_and(|other| other.seen.hop.place == seen.hop.place);
    placed.iter().filter(|(number, _)| same(*number)).map(|(_, clock)| *clock).collect()
}

/// The clock of a hop: the likeliest of those known, unless the hand-over shows another.
fn clock(from: &Seen, there: i64, to: &Seen, edge: Edge, known: &[i64]) -> i64 {
    let Some(skew) = edge.skew.filter(|_| !is_same_machine(&from.hop, &to.hop)) else { return there };
    let gap = |clock: i64| skew.saturating_sub(clock.saturating_sub(there));
    let candidates = [0, there].into_iter().chain(known.iter().copied());
    let likely = candidates.min_by_key(|clock| gap(*clock).unsigned_abs()).unwrap_or(0);
    let gap = gap(likely);
    let handed_on = to.hop.came().saturating_sub(skew);
    let is_named = directed(&from.hop, &to.hop).is_some_and(|(basis, _)| basis == Basis::Certain);
    let was_before = || {
        from.hop.received.is_some_and(|had| {
            let lead = had.saturating_sub(there).saturating_sub(to.hop.came().saturating_sub(likely));
            lead > time_left_open(to.hop.came())
        })
    };
    let acted_before = || {
        is_named
            && to.acted.is_some_and(|acted| {
                let lead = handed_on.saturating_sub(there).saturating_sub(acted.saturating_sub(likely));
                lead > REPLY_MICROS
            })
    };
    let is_behind = gap < 0 && (was_before() || acted_before());
    // Without its name there may be a server between them.
    let is_ahead = gap > time_left_open(handed_on) && (is_named || names(&from.hop, &to.hop));
    if is_behind || is_ahead { likely.saturating_add(gap) } else { likely }
}

/// A place may be several servers.
fn is_same_machine(a: &Hop, b: &Hop) -> bool {
    a.place == b.place && a.server.as_ref().zip(b.server.as_ref()).is_none_or(|(one, other)| one == other)
}
